"""HGNC ids, earlier symbols and aliases of genes; cytogenetic bands."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import zstandard

from service.domain.assembly import CHROMOSOMES
from service.domain.sequence import ChromosomeBands
from service.errors import KnowledgeError

_NAMES, _BANDS = "gene_names.tsv.zst", "bands.tsv"


@dataclass(frozen=True, slots=True)
class GeneNames:
    """`hgnc` ids by symbol; `previous` and `alias` give the current symbol where it is the only one meant."""

    hgnc: dict[str, str]
    previous: dict[str, str]
    alias: dict[str, str]

    def current(self, symbol: str) -> str:
        """The symbol in use, for one that is or was in use."""
        return symbol if symbol in self.hgnc else self.previous.get(symbol, symbol)


def read_gene_names(folder: Path) -> GeneNames:
    """The names of `folder`."""
    text = zstandard.decompress((folder / _NAMES).read_bytes()).decode()
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    hgnc = {symbol: number for symbol, number, _, _ in rows}
    previous = _unambiguous([(old, symbol) for symbol, _, cell, _ in rows for old in cell.split(",")], hgnc)
    alias = _unambiguous([(other, symbol) for symbol, _, _, cell in rows for other in cell.split(",")], hgnc)
    return GeneNames(hgnc, previous, {a: s for a, s in alias.items() if a not in previous})


def _unambiguous(pairs: list[tuple[str, str]], current: dict[str, str]) -> dict[str, str]:
    """Name -> symbol, where the name is no symbol in use and stands for one gene alone."""
    meanings = Counter(name for name, _ in pairs)
    return {name: symbol for name, symbol in pairs if name and meanings[name] == 1 and name not in current}


def read_bands(folder: Path) -> dict[str, ChromosomeBands]:
    """Bands by chromosome.

    Raises:
        KnowledgeError: they leave a gap or name no chromosome.
    """
    found: dict[str, ChromosomeBands] = {}
    for line in (folder / _BANDS).read_text("utf-8").splitlines()[1:]:
        chrom, start, end, band = line.split("\t")
        bands = found.setdefault(chrom, ChromosomeBands([], []))
        if chrom not in CHROMOSOMES or int(start) != (bands.ends[-1] if bands.ends else 0):
            raise KnowledgeError(f"band {chrom}{band} does not follow the one before", where=_BANDS)
        bands.ends.append(int(end))
        bands.names.append(band)
    return found

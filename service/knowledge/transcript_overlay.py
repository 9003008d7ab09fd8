"""Imports over the shipped transcripts: MANE's models, its exons' bases where none were, other alignments."""

import shutil
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from service.domain.assembly import CHROMOSOMES
from service.domain.transcript import EARLIER, MANE_PLUS_CLINICAL, MANE_SELECT
from service.knowledge.tables import read_table
from service.knowledge.two_bit import Bytes, codes_of, packed_codes

_GENE, _HGNC, _KIND, _LRG = 3, 4, 5, 10  # columns of a model line
Spans = dict[str, list[tuple[int, int, int]]]


def overlay_models(shipped: str, imported: str) -> list[str]:
    """Model lines: the imported ones, and of the shipped those with another accession.

    What was MANE and is not any more stays as an earlier version, so older notation is still read.
    """
    fresh = [line.split("\t") for line in imported.split("\n")]
    accessions = {cells[0] for cells in fresh}
    lrg = {}
    kept = []
    for line in shipped.split("\n"):
        cells = line.split("\t")
        lrg[cells[0]] = cells[_LRG]
        if cells[0] in accessions:
            continue
        if cells[_KIND] in (MANE_SELECT, MANE_PLUS_CLINICAL):
            cells[_KIND] = EARLIER
        kept.append("\t".join(cells))
    for cells in fresh:
        cells[_LRG] = lrg.get(cells[0], "")
    return ["\t".join(cells) for cells in fresh] + kept


def other_models(known: list[str], imported: Iterable[str]) -> list[str]:
    """Imported model lines in order of their bytes; genes get the known symbol of their HGNC id."""
    cells_known = (line.split("\t", _KIND) for line in known)
    symbols = {cells[_HGNC]: cells[_GENE] for cells in cells_known if cells[_HGNC]}
    lines = {}
    for text in imported:
        for line in text.splitlines():
            cells = line.split("\t")
            cells[_GENE] = symbols.get(cells[_HGNC], cells[_GENE])
            lines[cells[0]] = "\t".join(cells)
    return sorted(lines.values(), key=str.encode)


def overlay_regions(shipped: Path, imported: Path, out: Path) -> int:
    """Write `regions.tsv` and `regions.2bit`: shipped regions whole, imported exons where they have none."""
    content = np.fromfile(shipped / "regions.2bit", np.uint8)
    regions = _spans(line.split("\t") for line in (shipped / "regions.tsv").read_text("utf-8").splitlines())
    if not (imported / "exons.2bit").is_file():
        for name in ("regions.tsv", "regions.2bit"):
            shutil.copyfile(shipped / name, out / name)
        return sum(map(len, regions.values()))
    fresh = np.fromfile(imported / "exons.2bit", np.uint8)
    exons = _spans((r["chrom"], r["start"], r["end"]) for r in read_table(imported / "exons.tsv"))
    index: list[str] = []
    with (out / "regions.2bit").open("wb") as handle:
        for chrom in CHROMOSOMES:
            pieces: list[tuple[int, int, Bytes]] = [
                (start, end, content[offset : offset - (start - end) // 4])
                for start, end, offset in regions.get(chrom, [])
            ]
            pieces += (
                (start, end, packed_codes(codes_of(fresh, offset, start - first, end - first)))
                for start, end, first, offset in _new(exons.get(chrom, []), regions.get(chrom, []))
            )
            for start, end, bases in sorted(pieces, key=lambda piece: piece[0]):
                index.append(f"{chrom}\t{start}\t{end}\n")
                handle.write(bases.tobytes())
    (out / "regions.tsv").write_text("".join(index), "utf-8")
    return len(index)


def _spans(rows: "Iterator[list[str]] | Iterator[tuple[str, str, str]]") -> Spans:
    """Start, end and byte offset of intervals that follow one another in a file, by chromosome."""
    found: Spans = defaultdict(list)
    offset = 0
    for chrom, low, high in rows:
        start, end = int(low), int(high)
        found[chrom].append((start, end, offset))
        offset += -(-(end - start) // 4)
    return found


def _new(
    exons: list[tuple[int, int, int]], regions: list[tuple[int, int, int]]
) -> Iterator[tuple[int, int, int, int]]:
    """Disjoint pieces of exons outside the regions: start, end, start of their exon, its byte offset."""
    starts, ends = [start for start, _, _ in regions], [end for _, end, _ in regions]
    covered = 0
    for first, last, offset in sorted(exons):
        at = max(first, covered)
        covered = max(covered, last)
        number = bisect_right(starts, at)
        if number and ends[number - 1] > at:
            at = ends[number - 1]
        while at < last:
            stop = min(last, starts[number]) if number < len(starts) else last
            if at < stop:
                yield at, stop, first, offset
            at = max(stop, ends[number]) if number < len(ends) else last
            number += 1

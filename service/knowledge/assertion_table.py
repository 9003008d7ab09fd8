"""Writing assertions: rows in any order become sorted columns with dictionaries for what repeats.

Places are kept twice: `start`, `ref`, `alt` as upstream writes them, and `place`, the chromosome and the
first base that changes once shared bases are trimmed from the right and then from the left. That form is the
same for a left-aligned VCF record and for the fully justified SPDI of a variant: either finds the other.
"""

import re
import tempfile
from array import array
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias

import numpy as np

from service.domain.assembly import CHROMOSOMES
from service.errors import KnowledgeError
from service.knowledge.columns import ColumnFile

# ClinVar's gold stars by review status. Source: https://www.ncbi.nlm.nih.gov/clinvar/docs/review_status/
STARS = {
    "practice guideline": 4,
    "reviewed by expert panel": 3,
    "criteria provided, multiple submitters, no conflicts": 2,
    "criteria provided, multiple submitters": 2,
    "criteria provided, conflicting classifications": 1,
    "criteria provided, conflicting interpretations": 1,
    "criteria provided, single submitter": 1,
    "no assertion criteria provided": 0,
    "no assertion provided": 0,
    "no classification provided": 0,
    "no classification for the single variant": 0,
    "no interpretation for the single variant": 0,
    "no classifications from unflagged records": 0,
    # Not ClinVar's words: early extracts and curated founder tables carry no review status, so no star.
    "review status not in this extract": 0,
    "curated founder variant, not a ClinVar record": 0,
}
# The source of rows that are no ClinVar records.
FOUNDERS = "founder variant table"
# Texts that repeat over rows: each is a dictionary and a column of codes.
DICTIONARIES = ("alleles", "genes", "classification", "review", "conditions", "condition_ids",
                "conflict", "release", "source", "symbol")  # fmt: skip
AMINO_ACIDS = ("Ala", "Arg", "Asn", "Asp", "Cys", "Gln", "Glu", "Gly", "His", "Ile", "Leu", "Lys", "Met",
               "Phe", "Pro", "Pyl", "Sec", "Ser", "Ter", "Thr", "Trp", "Tyr", "Val", "Xaa")  # fmt: skip
_ONE = "|".join(AMINO_ACIDS)
MISSENSE = re.compile(rf"({_ONE})(\d+)({_ONE})")
NO_PLACE = -1
KINDS = {"place": "q", "start": "i", "variation": "i", "rs": "q", "evaluated": "i", "residue": "i",
          "before": "B", "after": "B", "missense": "B"} | dict.fromkeys(DICTIONARIES, "i")  # fmt: skip
CHROMOSOME_CODES = {name: code for code, name in enumerate(CHROMOSOMES)}

Numbers: TypeAlias = "np.ndarray[Any, Any]"


class Changes(Protocol):
    """Amino-acid changes of substitutions."""

    def of(self, gene: str, starts: Numbers, refs: list[str], alts: list[str]) -> list[str | None]:
        """Such as `Arg175His`, or None where coding sequence is not at hand or the change is no missense."""


def trimmed(start: int, ref: str, alt: str) -> tuple[int, str, str]:
    """A variant without shared bases, the right ones taken off first.

    >>> trimmed(99, "CAA", "CA"), trimmed(100, "AA", "A"), trimmed(5, "G", "T")
    ((100, 'A', ''), (100, 'A', ''), (5, 'G', 'T'))
    """
    right = 0
    while right < min(len(ref), len(alt)) and ref[-1 - right] == alt[-1 - right]:
        right += 1
    if right:
        ref, alt = ref[:-right], alt[:-right]
    left = 0
    while left < min(len(ref), len(alt)) and ref[left] == alt[left]:
        left += 1
    return start + left, ref[left:], alt[left:]


def place_of(chrom: str, start: int) -> int:
    """Chromosome and interbase position as one number that sorts by both."""
    return CHROMOSOME_CODES[chrom] << 32 | start


class AssertionWriter:
    """Collects rows on disk, chunk by chunk, and writes sorted columns; holds dictionaries and one chunk."""

    def __init__(self, out: Path) -> None:
        out.parent.mkdir(parents=True, exist_ok=True)
        self._out = out
        self._workspace = tempfile.TemporaryDirectory(prefix=".assertions-", dir=out.parent)
        self._folder = Path(self._workspace.name)
        self._handles = {name: (self._folder / name).open("wb") for name in KINDS}
        self._codes: dict[str, dict[str, int]] = {name: {} for name in DICTIONARIES}
        self._further_rs: list[tuple[int, int]] = []
        self.chunk = {name: array(kind) for name, kind in KINDS.items()}
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handle in self._handles.values():
            handle.close()
        self._workspace.cleanup()

    def code(self, name: str, text: str) -> int:
        """The code of a text in a dictionary; a new one where it has none yet."""
        codes = self._codes[name]
        return codes.setdefault(text, len(codes))

    def add(self, row: dict[str, str], where: str) -> None:
        """One row of our schema. Raises KnowledgeError where class, known review status or release lack."""
        if not row["classification"] or row["review"] not in STARS or not row["release"]:
            raise KnowledgeError(
                "an assertion needs a class, a known review status and a release", where=where
            )
        chrom, start, ref, alt = _placed(row)
        gene, _, change = row.get("protein", "").rpartition(":")
        missense = MISSENSE.fullmatch(change)
        identifiers = [int(number) for number in re.findall(r"\d+", row["rs"])]
        for other in identifiers[1:]:
            self._further_rs.append((other, self.count))
        place = place_of(chrom, trimmed(start, ref, alt)[0]) if start != NO_PLACE else NO_PLACE
        chunk = self.chunk
        conditions = row["conditions"]
        if not row["condition_ids"]:  # ids stand beside the conditions one by one
            conditions = "|".join(dict.fromkeys(conditions.split("|")))
        chunk["conditions"].append(self.code("conditions", conditions))
        for name in ("genes", "classification", "review", "condition_ids", "conflict", "release"):
            chunk[name].append(self.code(name, row[name]))
        chunk["source"].append(self.code("source", row.get("source") or "ClinVar"))
        chunk["alleles"].append(self.code("alleles", f"{ref}>{alt}"))
        chunk["symbol"].append(self.code("symbol", gene))
        chunk["place"].append(place)
        chunk["start"].append(start)
        chunk["variation"].append(int(row["variation"] or 0))
        chunk["rs"].append(identifiers[0] if identifiers else 0)
        chunk["evaluated"].append(int(row.get("evaluated") or 0))
        chunk["residue"].append(int(missense[2]) if missense else 0)
        chunk["before"].append(AMINO_ACIDS.index(missense[1]) if missense else 0)
        chunk["after"].append(AMINO_ACIDS.index(missense[3]) if missense else 0)
        chunk["missense"].append(0)
        self.count += 1
        if len(chunk["place"]) >= 1 << 16:
            self.flush()

    def add_columns(
        self, count: int, columns: dict[str, list[int]], further_rs: list[tuple[int, int]]
    ) -> None:
        """`count` rows at once as codes and numbers; a column that is not given is 0, or the empty text.

        `further_rs` pairs a second dbSNP number with the index, within these rows, of the record that has it.
        """
        self.flush()
        for name, handle in self._handles.items():
            if name in columns:
                values = np.array(columns[name], dtype=np.dtype(KINDS[name]))
            else:
                default = self.code(name, "") if name in DICTIONARIES else 0
                values = np.full(count, default, dtype=np.dtype(KINDS[name]))
            values.tofile(handle)
        self._further_rs += [(rs, self.count + index) for rs, index in further_rs]
        self.count += count

    def flush(self) -> None:
        """Put the collected rows on disk."""
        for name, values in self.chunk.items():
            values.tofile(self._handles[name])
            del values[:]

    def finish(self, facts: dict[str, str], changes: Changes | None = None) -> dict[str, int]:
        """Sort and write the columns; row counts. `changes` names those of rows marked as missense."""
        self.flush()
        for handle in self._handles.values():
            handle.close()
        order = np.lexsort((self._read("variation"), self._read("place")))
        named = {}
        if changes is not None:
            named["missense"] = self._name_changes(np.flatnonzero(self._read("missense")), changes)
        with ColumnFile(self._out, facts) as file:
            self._write(file, order)
        return {"assertions": self.count} | named

    def _read(self, name: str) -> Numbers:
        return np.fromfile(self._folder / name, dtype=np.dtype(KINDS[name]))

    def _write(self, file: ColumnFile, order: Numbers) -> None:
        for name, kind in KINDS.items():
            if name != "missense":
                file.numbers(name, kind, self._read(name)[order])
        for name in DICTIONARIES:
            file.texts(name, self._codes[name])
        inverse = np.empty_like(order)
        inverse[order] = np.arange(len(order))
        variation = self._read("variation")[order]
        rows = np.flatnonzero(variation)
        write_index(file, "by_variation", variation[rows], rows)
        rs = self._read("rs")[order]
        rows = np.flatnonzero(rs)
        keys = rs[rows]
        if self._further_rs:
            keys = np.concatenate([keys, np.array([key for key, _ in self._further_rs], dtype=np.int64)])
            rows = np.concatenate([rows, inverse[[row for _, row in self._further_rs]]])
        write_index(file, "by_rs", keys, rows)
        write_residues(file, self._read("residue")[order], self._read("symbol")[order])

    def _name_changes(self, rows: Numbers, changes: Changes) -> int:
        """Amino-acid changes of the rows where the sequence of their gene is at hand; how many were named."""
        genes, start, alleles = (
            self._read("genes")[rows],
            self._read("start")[rows],
            self._read("alleles")[rows],
        )
        spelled, genes_spelled = list(self._codes["alleles"]), list(self._codes["genes"])
        columns = {name: self._read(name) for name in ("residue", "before", "after", "symbol")}
        named = 0
        order = np.argsort(genes, kind="stable")
        borders = np.flatnonzero(np.diff(genes[order])) + 1
        for group in np.split(order, borders) if len(order) else ():
            left = group
            for gene in genes_spelled[genes[group[0]]].split("|"):
                pairs = [spelled[code].split(">") for code in alleles[left].tolist()]
                found = changes.of(gene, start[left], [p[0] for p in pairs], [p[1] for p in pairs])
                for index, change in zip(left.tolist(), found, strict=True):
                    if change is not None:
                        before, residue, after = change[:3], int(change[3:-3]), change[-3:]
                        row = rows[index]
                        columns["residue"][row] = residue
                        columns["before"][row] = AMINO_ACIDS.index(before)
                        columns["after"][row] = AMINO_ACIDS.index(after)
                        columns["symbol"][row] = self.code("symbol", gene)
                        named += 1
                left = left[np.array([change is None for change in found], dtype=bool)]
                if not len(left):
                    break
        for name, values in columns.items():
            values.tofile(self._folder / name)
        return named


def write_residues(file: ColumnFile, residue: Numbers, symbol: Numbers) -> None:
    """The index of missense rows by gene and residue."""
    rows = np.flatnonzero(residue)
    write_index(file, "by_residue", (symbol[rows].astype(np.int64) << 32) | residue[rows], rows)


def write_index(file: ColumnFile, name: str, keys: Numbers, rows: Numbers) -> None:
    """An index: keys ascending, and the row of each."""
    order = np.argsort(keys, kind="stable")
    file.numbers(f"{name}.keys", "q", keys[order])
    file.numbers(f"{name}.rows", "i", rows[order])


def _placed(row: dict[str, str]) -> tuple[str, int, str, str]:
    """Chromosome, interbase start and alleles: as given, else out of the SPDI; NO_PLACE where neither is."""
    chrom = {"M": "MT"}.get(row["chrom"], row["chrom"])
    if row["start"]:
        return chrom, int(row["start"]), row["ref"], row["alt"]
    parts = row.get("spdi", "").split(":")
    if len(parts) != 4 or chrom not in CHROMOSOME_CODES or parts[2].isdigit():
        return chrom, NO_PLACE, "", ""
    return chrom, int(parts[1]), parts[2], parts[3]


def write_rows(rows: Iterable[dict[str, str]], out: Path, facts: dict[str, str]) -> int:
    """Compile rows of our schema into the new folder `out`; their number."""
    with AssertionWriter(out) as writer:
        for row in rows:
            writer.add(row, f"ClinVar variation {row['variation'] or row.get('rs', '')}")
        return writer.finish(facts)["assertions"]

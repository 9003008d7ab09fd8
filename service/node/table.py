"""The allele counts that a node serves, in columns, sorted by place."""

import hashlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from sys import intern

from service.domain.assembly import CHROMOSOMES
from service.frequency.allele_counts import (
    AlleleCounts,
    ListedAllele,
    UncountedAllele,
    WhyUncounted,
    trim,
)
from service.frequency.count_files import read_counts
from service.frequency.repeats import Repeats

_UNKNOWN = -1
_WIDTH = 9  # ac (below 0: WhyUncounted), an, homozygotes, heterozygotes, hemizygotes, ac_f, an_f, ac_m, an_m


@dataclass(frozen=True, slots=True)
class _Chromosome:
    starts: "array[int]"
    alleles: list[tuple[str, str]]
    counts: "array[int]"
    longest: int


class CountTable:
    """Allele counts by place. Rows keep their VCF anchor base; `start` is interbase."""

    def __init__(self, rows: Iterable[ListedAllele]) -> None:
        self.repeats = Repeats()
        by_chrom: dict[str, list[ListedAllele]] = {}
        for row in rows:
            by_chrom.setdefault(row.chrom, []).append(row)
        self._chromosomes = {
            chrom: _columns(by_chrom.pop(chrom), self.repeats) for chrom in CHROMOSOMES if chrom in by_chrom
        }

    def __len__(self) -> int:
        return sum(len(columns.starts) for columns in self._chromosomes.values())

    @property
    def chromosomes(self) -> tuple[str, ...]:
        """Chromosomes with at least one row, in genome order."""
        return tuple(self._chromosomes)

    def starting_between(self, chrom: str, low: int, high: int) -> Iterator[ListedAllele]:
        """Rows whose first reference base lies in low..high (interbase, high excluded), by place."""
        columns = self._chromosomes.get(chrom)
        if columns is None:
            return
        for index in range(bisect_left(columns.starts, low), bisect_left(columns.starts, high)):
            yield _row(chrom, columns, index)

    def overlapping(self, chrom: str, start: int, end: int) -> Iterator[ListedAllele]:
        """Rows whose reference bases overlap start..end, partly or wholly."""
        columns = self._chromosomes.get(chrom)
        if columns is None:
            return
        first = bisect_right(columns.starts, start - columns.longest)
        for index in range(first, bisect_left(columns.starts, end)):
            if columns.starts[index] + len(columns.alleles[index][0]) > start:
                yield _row(chrom, columns, index)

    def exact(self, chrom: str, start: int, ref: str, alt: str) -> ListedAllele | None:
        """The row of one change, however it is padded; None when it is not listed."""
        columns = self._chromosomes.get(chrom)
        if columns is None:
            return None
        wanted = trim(start, ref, alt)
        starts = columns.starts
        # A row's first base is the change itself or the anchor base before it.
        index = bisect_left(starts, wanted[0] - 1)
        while index < len(starts) and starts[index] <= wanted[0]:
            if trim(starts[index], *columns.alleles[index]) == wanted:
                return _row(chrom, columns, index)
            index += 1
        return None

    def reference_base(self, chrom: str, start: int) -> str | None:
        """The reference base at a place where some row begins; None where none does."""
        return next((row.ref[0] for row in self.starting_between(chrom, start, start + 1)), None)


def _columns(rows: list[ListedAllele], repeats: Repeats) -> _Chromosome:
    named = [(*_anchored(row.start, row.ref, row.alt), row) for row in rows]
    named.sort(key=lambda entry: entry[:3])
    spelled: list[tuple[int, str, str, ListedAllele]] = []
    for entry in named:
        if spelled and spelled[-1][:3] == entry[:3]:
            entry = (*entry[:3], repeats.merge(spelled.pop()[3], entry[3]))
        spelled.append(entry)
    counts = array("i")
    for *_, row in spelled:
        if isinstance(row, UncountedAllele):
            counts.extend((-row.why, 0, *[_UNKNOWN] * (_WIDTH - 2)))
            continue
        (ac_f, an_f), (ac_m, an_m) = row.by_sex or ((_UNKNOWN, _UNKNOWN), (_UNKNOWN, _UNKNOWN))
        people = (
            _UNKNOWN if count is None else count
            for count in (row.homozygotes, row.heterozygotes, row.hemizygotes)
        )
        counts.extend((row.allele_count, row.allele_number, *people, ac_f, an_f, ac_m, an_m))
    return _Chromosome(
        array("i", (entry[0] for entry in spelled)),
        [(intern(ref), intern(alt)) for _, ref, alt, _ in spelled],
        counts,
        max(len(entry[1]) for entry in spelled),
    )


def _anchored(start: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Shared bases removed at both ends, but never the last one of an allele."""
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        start, ref, alt = start + 1, ref[1:], alt[1:]
    return start, ref, alt


def _row(chrom: str, columns: _Chromosome, index: int) -> ListedAllele:
    ref, alt = columns.alleles[index]
    ac, an, *people, ac_f, an_f, ac_m, an_m = columns.counts[index * _WIDTH : (index + 1) * _WIDTH]
    if ac < 0:
        return UncountedAllele(chrom, columns.starts[index], ref, alt, WhyUncounted(-ac))
    hom, het, hemi = (None if count == _UNKNOWN else count for count in people)
    by_sex = None if an_f == _UNKNOWN else ((ac_f, an_f), (ac_m, an_m))
    return AlleleCounts(chrom, columns.starts[index], ref, alt, ac, an, hom, het, hemi, by_sex)


@dataclass(frozen=True, slots=True)
class CountDataset:
    """A table with the names that answers carry: the version is a digest of the file's bytes."""

    table: CountTable
    dataset_id: str
    version: str
    updated: str


def load_dataset(path: Path, country: str, version: str | None = None) -> CountDataset:
    """Read a counts file (TSV, VCF or BCF) into memory."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    updated = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
    table = CountTable(read_counts(path, country))
    table.repeats.tell(path.name)
    return CountDataset(table, f"genomeward-{country}", version or digest.hexdigest()[:16], updated)

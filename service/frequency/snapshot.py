"""Counts on this machine: a snapshot of a national cohort, or the hospital's own."""

import hashlib
import threading
from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cachetools import LRUCache

from service.domain.frequency import SourceAnswer
from service.domain.frequency_sources import NodeEntry
from service.domain.variant import Variant
from service.frequency.allele_counts import ListedAllele, trim
from service.frequency.count_files import read_counts
from service.frequency.counted_answer import answer_from_counts, unlisted_answer
from service.frequency.equivalence import Allele
from service.frequency.indel_spelling import ReferenceBases
from service.frequency.listed_elsewhere import listed_elsewhere
from service.frequency.other_build import third_alleles, turned_answer
from service.frequency.repeats import Repeats
from service.frequency.source import MOST_ANSWERS, Liftover, in_build

Key = tuple[str, int, str, str]


class SnapshotSource:
    """Counts of a file, read whole on first use. Fit for up to some hundred thousand alleles."""

    def __init__(
        self, entry: NodeEntry, liftover: Liftover | None = None, reference: ReferenceBases | None = None
    ) -> None:
        assert entry.snapshot is not None
        self._entry = entry
        self._path = Path(entry.snapshot)
        self._assembly = entry.snapshot_assembly
        self._liftover = liftover
        self._reference = reference
        self._rows: dict[Key, ListedAllele] | None = None
        self._ordered: dict[str, list[ListedAllele]] = {}
        self._answers: LRUCache[Key, SourceAnswer] = LRUCache(MOST_ANSWERS)
        self._one_at_a_time = threading.Lock()
        self._version = ""
        self._taken_at = ""

    def look_up(self, variants: Sequence[Variant]) -> Sequence[SourceAnswer | None]:
        """One answer per variant; None where the snapshot does not list it.

        Raises:
            InvalidInput: the file cannot be read.
        """
        with self._one_at_a_time:
            rows = self._loaded()
            return [self._answer(rows, variant) for variant in variants]

    def unlisted(self, variant: Variant) -> SourceAnswer:
        """A miss of this file, or that its build has no such place."""
        placed = in_build(variant, self._assembly, self._liftover) is not None
        elsewhere = None if placed else self._assembly
        return unlisted_answer(self._entry, self._path.name, self._version, self._taken_at, elsewhere)

    def _loaded(self) -> dict[Key, ListedAllele]:
        if self._rows is None:
            changed = self._path.stat().st_mtime if self._path.exists() else 0.0
            self._taken_at = datetime.fromtimestamp(changed, UTC).isoformat(timespec="seconds")
            self._version = content_version(self._path)
            rows: dict[Key, ListedAllele] = {}
            repeats = Repeats()
            for row in read_counts(self._path, self._entry.country):
                before = rows.get(row.key)
                rows[row.key] = row if before is None else repeats.merge(before, row)
            repeats.tell(self._path.name)
            self._rows = rows
        return self._rows

    def _answer(self, rows: dict[Key, ListedAllele], variant: Variant) -> SourceAnswer | None:
        local = in_build(variant, self._assembly, self._liftover)
        if local is None:
            return None
        key = (local.chrom, *trim(local.start, local.ref, local.alt))
        kept = self._answers.get(key)
        if kept is not None:
            return kept
        row = rows.get(key)
        swapped = False
        if row is None and local.assembly is not variant.assembly:
            row = rows.get((local.chrom, *trim(local.start, local.alt, local.ref)))
            swapped = row is not None
        if row is None and (same := listed_elsewhere(local, self._between, self._reference)) is not None:
            row = rows.get((same.chrom, *trim(same.start, same.ref, same.alt)))
        if row is None:
            return None
        answer = self._stated(row)
        if swapped:
            thirds = [
                None if other is None else self._stated(other)
                for v in third_alleles(local)
                for other in (rows.get((v.chrom, v.start, v.ref, v.alt)),)
            ]
            answer = turned_answer(answer, self._assembly.value, thirds or None)
        self._answers[key] = answer
        return answer

    def _between(self, chrom: str, low: int, high: int) -> list[Allele]:
        """The listed alleles that begin in low..high."""
        if not self._ordered:
            for row in sorted((self._rows or {}).values(), key=_start_of):
                self._ordered.setdefault(row.chrom, []).append(row)
        rows = self._ordered.get(chrom, [])
        first, end = (bisect_left(rows, place, key=_start_of) for place in (low, high + 1))
        return [(row.start, row.ref, row.alt) for row in rows[first:end]]

    def _stated(self, row: ListedAllele) -> SourceAnswer:
        return answer_from_counts(self._entry, row, self._path.name, self._version, self._taken_at)


def _start_of(row: ListedAllele) -> int:
    return row.start


def content_version(path: Path) -> str:
    """The version of a file that states none: what it holds, not when it was copied. Empty without a file."""
    try:
        with path.open("rb") as stream:
            return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()[:12]}"
    except OSError:
        return ""  # said by the reader of the rows

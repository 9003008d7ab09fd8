"""Counts on this machine: a snapshot of a national cohort, or the hospital's own."""

import hashlib
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from service.domain.assembly import Assembly
from service.domain.frequency import Outcome, SourceAnswer
from service.domain.frequency_sources import NodeEntry
from service.domain.variant import Variant
from service.frequency.allele_counts import AlleleCounts, trim
from service.frequency.count_files import read_counts
from service.frequency.other_build import third_alleles, turned_answer
from service.frequency.source import Liftover, LocalSource

STORE_MAGIC = b"GWCOLS02"
Key = tuple[str, int, str, str]


class SnapshotSource:
    """Counts of a file, read whole on first use. Fit for up to some hundred thousand alleles."""

    def __init__(self, entry: NodeEntry, liftover: Liftover | None = None) -> None:
        assert entry.snapshot is not None
        self._entry = entry
        self._path = Path(entry.snapshot)
        self._assembly = entry.snapshot_assembly
        self._liftover = liftover
        self._rows: dict[Key, AlleleCounts] | None = None
        self._answers: dict[Key, SourceAnswer] = {}
        self._reading = threading.Lock()
        self._version = ""
        self._taken_at = ""

    def look_up(self, variants: Sequence[Variant]) -> Sequence[SourceAnswer | None]:
        """One answer per variant; None where the snapshot does not list it.

        Raises:
            InvalidInput: the file cannot be read.
        """
        rows = self._loaded()
        return [self._answer(rows, variant) for variant in variants]

    def _loaded(self) -> dict[Key, AlleleCounts]:
        with self._reading:
            if self._rows is None:
                changed = self._path.stat().st_mtime if self._path.exists() else 0.0
                self._taken_at = datetime.fromtimestamp(changed, UTC).isoformat(timespec="seconds")
                self._version = content_version(self._path)
                self._rows = {row.key: row for row in read_counts(self._path, self._entry.country)}
            return self._rows

    def _answer(self, rows: dict[Key, AlleleCounts], variant: Variant) -> SourceAnswer | None:
        local = in_build(variant, self._assembly, self._liftover)
        if local is None:
            return None
        key = (local.chrom, *trim(local.start, local.ref, local.alt))
        kept = self._answers.get(key)
        if kept is not None:
            return kept
        row = rows.get(key)
        swapped = row is None and local.assembly is not variant.assembly
        if swapped:
            row = rows.get((local.chrom, *trim(local.start, local.alt, local.ref)))
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

    def _stated(self, row: AlleleCounts) -> SourceAnswer:
        return answer_from_counts(self._entry, row, self._path.name, self._version, self._taken_at)


def local_counts(entry: NodeEntry, liftover: Liftover | None = None) -> LocalSource:
    """The reader of an entry's snapshot: a column store by its first octets, else a file of counts."""
    assert entry.snapshot is not None
    try:
        with Path(entry.snapshot).open("rb") as stream:
            magic = stream.read(len(STORE_MAGIC))
    except OSError:
        magic = b""  # said with the first look-up
    if not magic.startswith(STORE_MAGIC[:6]):
        return SnapshotSource(entry, liftover)
    from service.frequency.column_store.source import ColumnStoreSource

    return ColumnStoreSource(entry, liftover)


def content_version(path: Path) -> str:
    """The version of a file that states none: what it holds, not when it was copied. Empty without a file."""
    try:
        with path.open("rb") as stream:
            return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()[:12]}"
    except OSError:
        return ""  # said by the reader of the rows


def in_build(variant: Variant, assembly: Assembly, liftover: Liftover | None) -> Variant | None:
    """The variant on a build; None where it has no checked counterpart."""
    if variant.assembly is assembly:
        return variant
    return liftover(variant, assembly) if liftover is not None else None


def answer_from_counts(
    entry: NodeEntry, row: AlleleCounts, dataset: str, version: str, taken_at: str
) -> SourceAnswer:
    """The answer that a row of counts is."""
    outcome = Outcome.OBSERVED if row.allele_count else Outcome.CALLED_ABSENT
    covered = row.allele_number > 0
    return SourceAnswer(
        entry.id,
        entry.country or None,
        outcome if covered else Outcome.NOT_COVERED,
        row.frequency() if covered else None,
        row.groups() if covered else (),
        None,
        dataset,
        version,
        None if covered else "nobody was genotyped there",
        taken_at,
        entry.bottlenecked,
        entry.overlaps_with,
    )

"""Fetching gene ranges from a node: paged, checked for completeness, one dataset version throughout."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from service.domain.assembly import CHROMOSOMES
from service.domain.frequency import SourceAnswer
from service.domain.frequency_sources import Dialect, GeneRange
from service.domain.variant import Variant
from service.errors import SourceUnavailable
from service.frequency.allele_counts import trim
from service.frequency.beacon import BeaconSource, answer_of
from service.frequency.beacon_answer import BeaconDocument, Record, parse_document, place_of, read_variant
from service.frequency.canary import NAMED_CHROMOSOMES
from service.frequency.dataset_version import fetch_version
from service.frequency.dialect import range_question
from service.frequency.source import Question, now
from service.frequency.sync_store import SyncStore
from service.frequency.synced import write_synced
from service.frequency.synced_lines import Key
from service.frequency.wire import LARGEST_PAGE, HttpRefusal

_MOST_PAGES = 10_000
# The canary is looked for after every so many genes: what came since then counts only if it is still found.
_GENES_A_ROUND = 25
# A node that fails for so many genes one after another is left until the next sync.
_MOST_FAILURES_IN_A_ROW = 5
_PATIENT_TRIES, _LONGEST_WAIT_S = 3, 120.0

Progress = Callable[[int, int], None]
# Dataset, chromosome, start and alleles of a record.
Identity = tuple[str | None, str | None, int | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync brought home: genes held completely, how many of them anew, and why others are not."""

    node: str
    version: str | None
    variants: int
    genes: tuple[str, ...]
    failures: tuple[tuple[str, str], ...]
    fetched: int = 0


class VersionChanged(SourceUnavailable):
    """The node's dataset changed while its pages were read."""


async def sync_ranges(
    source: BeaconSource,
    genes: Sequence[GeneRange],
    root: Path,
    *,
    again: bool = False,
    progress: Progress | None = None,
) -> SyncReport:
    """Fetch ranges and store those that are complete. Nothing asked depends on a patient.

    Genes that are held of the node's present version are not fetched anew, unless `again`.

    Raises:
        SourceUnavailable: the node does not answer, takes no range queries, or no range was complete.
    """
    await source.prepare()
    dialect = source.dialect
    if dialect is None or not dialect.range_queries or "snv" not in source.watch.known:
        raise SourceUnavailable("the node takes no range queries in a form that we know", where=source.name)
    wanted = [gene for gene in genes if gene.assembly is dialect.assembly]
    if not wanted:
        raise SourceUnavailable(
            f"no gene has a place on {dialect.assembly}, the node's build", where=source.name
        )
    for _ in range(2):  # when the dataset changes on the way, once from the beginning
        source.version = await fetch_version(source.wire, source.entry) or source.version
        try:
            return await _sync_once(source, dialect, wanted, root, again, progress or (lambda *_: None))
        except VersionChanged:
            continue
    raise SourceUnavailable("the node's dataset keeps changing while it is read", where=source.name)


async def _sync_once(
    source: BeaconSource,
    dialect: Dialect,
    wanted: Sequence[GeneRange],
    root: Path,
    again: bool,
    progress: Progress,
) -> SyncReport:
    store = SyncStore(root, source.name, dialect.assembly.value, source.version or "", source.wire.url)
    if again:
        store.finish()
    else:
        store.resume()
    missing = [gene for gene in wanted if not store.has(gene)]
    failures: list[tuple[str, str]] = []
    reader = RangeReader(source, dialect)
    done = len(wanted) - len(missing)
    fetched = 0
    in_a_row = 0
    progress(done, len(wanted))
    for first in range(0, len(missing), _GENES_A_ROUND):
        found = []
        for gene in missing[first : first + _GENES_A_ROUND]:
            try:
                found.append((gene, await reader.read(gene)))
                in_a_row = 0
            except VersionChanged:
                raise
            except SourceUnavailable as unavailable:
                failures.append((gene.gene, unavailable.message))
                in_a_row += 1
                if in_a_row >= _MOST_FAILURES_IN_A_ROW:
                    break
            done += 1
            progress(done, len(wanted))
        await reader.vouch()
        if store.version == "" and reader.version:
            store.version = reader.version
        for gene, rows in found:
            store.add(gene, rows)
        fetched += len(found)
        if in_a_row >= _MOST_FAILURES_IN_A_ROW:
            break
    await _check_version(source, store.version)
    failures += _without_any_variant(store)
    if not store.genes:
        raise SourceUnavailable(f"no gene could be fetched: {failures[0][1]}", where=source.name)
    written = write_synced(root, store.manifest(now()), store.lines())
    store.finish()
    names = tuple(gene.gene for gene in wanted if store.has(gene))
    return SyncReport(source.name, store.version or None, written.variants, names, tuple(failures), fetched)


def _without_any_variant(store: SyncStore) -> list[tuple[str, str]]:
    """Drop genes of X, Y and MT where the node lists nothing at all there: it may not know the name."""
    unproven = [row for row in store.genes if row[1] in NAMED_CHROMOSOMES and row[1] not in store.chromosomes]
    for row in unproven:
        del store.genes[row]
    return [(gene, f"nothing is listed on all of {chrom}: the name may not be understood")
            for gene, chrom, _, _ in unproven]  # fmt: skip


async def _check_version(source: BeaconSource, version: str) -> None:
    stated = await fetch_version(source.wire, source.entry)
    if stated is not None and source.version is not None and stated != source.version and version != stated:
        raise VersionChanged("the dataset version changed during the sync", where=source.name)


@dataclass(slots=True)
class RangeReader:
    """Reads ranges of one node, all of one dataset version: that of the records, which is not always spelled
    like the one in the node's list of datasets.
    """

    source: BeaconSource
    dialect: Dialect
    version: str | None = None

    async def read(self, gene: GeneRange) -> dict[Key, SourceAnswer]:
        """Every variant that the node lists in one range.

        Raises:
            VersionChanged: a page is of another version than the one before.
            SourceUnavailable: a page failed, or the node does not page as it should.
        """
        rows = await self._read_as(gene, "M")
        # Nodes call mitochondria M or MT: nothing under one name may be a name that is not understood.
        return await self._read_as(gene, "MT") if gene.chrom == "MT" and not rows else rows

    async def _read_as(self, gene: GeneRange, mitochondrion: str) -> dict[Key, SourceAnswer]:
        rows: dict[Key, SourceAnswer] = {}
        seen: set[Identity] = set()
        skip, counts_records = 0, False
        for page in range(_MOST_PAGES):
            document = await self._page(gene, skip, mitochondrion)
            rows |= self._rows(gene, document)
            identities = [_identity(record, self.dialect) for record in document.records]
            fresh = set(identities) - seen
            if not page and not identities and document.exists:
                raise SourceUnavailable(
                    "the node lists variants there and gives no records", where=self.source.name
                )
            if not fresh:
                if page and identities and not await self._has_everything(gene, seen, mitochondrion):
                    raise SourceUnavailable(
                        "the node repeats its pages: it does not page", where=self.source.name
                    )
                return rows
            # Pages that overlap show that this node's `skip` counts records, not pages.
            counts_records |= len(fresh) < len(set(identities)) and page > 0
            seen |= fresh
            skip = len(seen) if counts_records else page + 1
        raise SourceUnavailable("the range does not end", where=self.source.name)

    async def _has_everything(self, gene: GeneRange, seen: set[Identity], mitochondrion: str) -> bool:
        """Whether a node that repeats its first page has given everything there: parts bring nothing new.

        What nodes state as the total may be the page's, or the whole dataset's: it proves nothing.
        """
        starts = sorted(start for _, _, start, _, _ in seen if start is not None)
        if not starts:
            return False
        middle = max(starts[len(starts) // 2], gene.start + 1)
        for low, high in ((gene.start, middle), (middle, gene.end), (starts[-1], gene.end)):
            if low < high:
                part = await self._page(replace(gene, start=low, end=high), 0, mitochondrion)
                if not {_identity(record, self.dialect) for record in part.records} <= seen:
                    return False
        return True

    async def _page(self, gene: GeneRange, skip: int, mitochondrion: str = "M") -> BeaconDocument:
        question = range_question(self.dialect, gene.chrom, gene.start, gene.end, skip, mitochondrion)
        for attempt in range(_PATIENT_TRIES):
            if self.source.entry.budget_per_minute is not None:
                await asyncio.sleep(60 / self.source.entry.budget_per_minute)
            self.source.audit.note(Question(self.source.name, "range", 1, now(), (_spelled(gene),)))
            try:
                return parse_document(await self.source.wire.ask(question, LARGEST_PAGE))
            except HttpRefusal as refusal:
                wait_s = refusal.retry_after_s
                if refusal.status != 429 or wait_s is None or wait_s > _LONGEST_WAIT_S:
                    raise
                if attempt == _PATIENT_TRIES - 1:
                    raise
                await asyncio.sleep(wait_s + 0.05)
        raise AssertionError("the last try returns or raises")

    async def vouch(self) -> None:
        """Raises SourceUnavailable unless a range query still finds the canary."""
        canary = self.source.watch.known["snv"].on(self.dialect.assembly)
        gene = GeneRange("canary", self.dialect.assembly, canary.chrom, canary.start, canary.end)
        document = await self._page(gene, 0)
        self._versions(document)
        if not read_variant(document, canary, self.source.entry, self.dialect).matched:
            raise SourceUnavailable(
                "a range query does not find the canary any more: what came before it does not count",
                where=self.source.name,
            )

    def _versions(self, document: BeaconDocument) -> None:
        stated = {record.version for record in document.records if record.version}
        if len(stated) > 1:
            raise VersionChanged("one page has two dataset versions", where=self.source.name)
        version = next(iter(stated), None)
        if version is not None and self.version is not None and version != self.version:
            raise VersionChanged("the dataset version changed between pages", where=self.source.name)
        self.version = version or self.version

    def _rows(self, gene: GeneRange, document: BeaconDocument) -> dict[Key, SourceAnswer]:
        self._versions(document)
        same: dict[Key, list[Record]] = {}
        for record in document.records:
            key = _key_of(record, gene, self.dialect)
            if key is not None:
                same.setdefault(key, []).append(record)
        return dict(self._answers(same, document))

    def _answers(
        self, same: dict[Key, list[Record]], document: BeaconDocument
    ) -> Iterator[tuple[Key, SourceAnswer]]:
        for key, records in same.items():
            place = place_of(records[0].content, self.dialect.answered_origin)
            assert place.start is not None
            assert place.ref is not None
            assert place.alt is not None
            variant = Variant(self.dialect.assembly, key[0], place.start, place.ref, place.alt)
            alone = replace(document, records=tuple(records))
            reading = read_variant(alone, variant, self.source.entry, self.dialect)
            yield key, answer_of(self.source.entry, reading, self.source.version)


def _spelled(gene: GeneRange) -> str:
    return f"{gene.assembly}:{gene.chrom}:{gene.start + 1}-{gene.end}"


def _identity(record: Record, dialect: Dialect) -> Identity:
    """What tells records apart; the content itself where a record names no place."""
    place = place_of(record.content, dialect.answered_origin)
    if place.start is None or place.alt is None:
        return repr(record.content), None, None, None, None
    return record.dataset, place.chrom, place.start, place.ref, place.alt


def _says_none(record: Record) -> bool:
    """Whether a record says by `-` that it replaces no base."""
    variation = record.content.get("variation")
    return isinstance(variation, dict) and variation.get("referenceBases") == "-"


def _key_of(record: Record, gene: GeneRange, dialect: Dialect) -> Key | None:
    """Chromosome and trimmed alleles of a record; None for symbolic or unreadable ones."""
    place = place_of(record.content, dialect.answered_origin)
    chrom = place.chrom or gene.chrom
    if place.start is None or place.ref is None or place.alt is None or chrom not in CHROMOSOMES:
        return None
    if not place.ref and place.end not in (None, place.start) and not _says_none(record):
        return None  # no insertion: the reference bases are left out
    if place.ref == place.alt or not set(place.ref + place.alt) <= set("ACGTN"):
        return None
    return (chrom, *trim(place.start, place.ref, place.alt))

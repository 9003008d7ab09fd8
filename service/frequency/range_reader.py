"""Reading a range of a node to its end: every page, all of one dataset version, every record or none."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace

from service.domain.assembly import CHROMOSOMES
from service.domain.frequency_sources import Dialect, GeneRange, NodeEntry
from service.domain.variant import Variant
from service.errors import SourceUnavailable
from service.frequency.allele_counts import trim
from service.frequency.beacon_answer import read_variant
from service.frequency.beacon_document import BeaconDocument, Record, parse_document
from service.frequency.dialect import range_question
from service.frequency.http_refusal import HttpRefusal
from service.frequency.reading import Reading
from service.frequency.record_place import place_of
from service.frequency.synced_lines import Key
from service.frequency.wire import LARGEST_PAGE, NodeWire

_MOST_PAGES = 10_000
_PATIENT_TRIES, _LONGEST_WAIT_S = 3, 120.0
_BASES = frozenset("ACGTN")
# Nodes that count from 1, or take the end to be within, give records of the next base.
_BESIDE = 1

# Dataset, chromosome, start and alleles of a record.
Identity = tuple[str | None, str | None, int | None, str | None, str | None]
# Called before each question with what it asks for.
Noted = Callable[[GeneRange], Awaitable[None]]


class VersionChanged(SourceUnavailable):
    """The node's dataset changed while its pages were read."""


@dataclass(slots=True)
class RangeReader:
    """Reads ranges of one node, all of one dataset version: that of the records, which is not always spelled
    like the one in the node's list of datasets.
    """

    wire: NodeWire
    entry: NodeEntry
    dialect: Dialect
    noted: Noted
    longest_wait_s: float = _LONGEST_WAIT_S
    version: str | None = None

    async def read(self, gene: GeneRange) -> dict[Key, Reading]:
        """Every variant that the node lists in one range.

        Keys are trimmed alleles. Where a record does not spell what it replaces, it is as many N.

        Raises:
            VersionChanged: a page is of another version than the one before.
            SourceUnavailable: a page failed, the node does not page as it should, or a record lies elsewhere
                or does not say what it replaces.
        """
        rows = await self._read_as(gene, "M")
        # Nodes call mitochondria M or MT: nothing under one name may be a name that is not understood.
        return await self._read_as(gene, "MT") if gene.chrom == "MT" and not rows else rows

    async def lists(self, variant: Variant) -> bool:
        """Whether a range query around a variant returns it. Raises SourceUnavailable."""
        gene = GeneRange("canary", self.dialect.assembly, variant.chrom, variant.start, variant.end)
        document = await self._page(gene, 0)
        self._versions(document)
        return read_variant(document, variant, self.entry, self.dialect).matched

    async def _read_as(self, gene: GeneRange, mitochondrion: str) -> dict[Key, Reading]:
        rows: dict[Key, Reading] = {}
        seen: set[Identity] = set()
        skip, counts_records = 0, False
        for page in range(_MOST_PAGES):
            document = await self._page(gene, skip, mitochondrion)
            rows |= self._rows(gene, document)
            identities = [_identity(record, self.dialect) for record in document.records]
            fresh = set(identities) - seen
            if not page and not identities and document.exists:
                raise SourceUnavailable(
                    "the node lists variants there and gives no records", where=self.entry.id
                )
            if not fresh:
                if page and identities and not await self._has_everything(gene, seen, mitochondrion):
                    raise SourceUnavailable(
                        "the node repeats its pages: it does not page", where=self.entry.id
                    )
                return rows
            # Pages that overlap show that this node's `skip` counts records, not pages.
            counts_records |= len(fresh) < len(set(identities)) and page > 0
            seen |= fresh
            skip = len(seen) if counts_records else page + 1
        raise SourceUnavailable("the range does not end", where=self.entry.id)

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
            await self.noted(gene)
            try:
                return parse_document(await self.wire.ask(question, LARGEST_PAGE))
            except HttpRefusal as refusal:
                wait_s = refusal.retry_after_s
                if refusal.status != 429 or wait_s is None or wait_s > self.longest_wait_s:
                    raise
                if attempt == _PATIENT_TRIES - 1:
                    raise
                await asyncio.sleep(wait_s + 0.05)
        raise AssertionError("the last try returns or raises")

    def _versions(self, document: BeaconDocument) -> None:
        stated = {record.version for record in document.records if record.version}
        if len(stated) > 1:
            raise VersionChanged("one page has two dataset versions", where=self.entry.id)
        version = next(iter(stated), None)
        if version is not None and self.version is not None and version != self.version:
            raise VersionChanged("the dataset version changed between pages", where=self.entry.id)
        self.version = version or self.version

    def _rows(self, gene: GeneRange, document: BeaconDocument) -> dict[Key, Reading]:
        self._versions(document)
        same: dict[Key, tuple[Variant, list[Record]]] = {}
        for record in document.records:
            variant = self._variant_of(record, gene)
            if variant is not None:
                self._check_place(variant, gene)
                key = (variant.chrom, *trim(variant.start, variant.ref, variant.alt))
                same.setdefault(key, (variant, []))[1].append(record)
        return dict(self._readings(same, document))

    def _readings(
        self, same: dict[Key, tuple[Variant, list[Record]]], document: BeaconDocument
    ) -> Iterator[tuple[Key, Reading]]:
        for key, (variant, records) in same.items():
            alone = replace(document, records=tuple(records))
            yield key, read_variant(alone, variant, self.entry, self.dialect)

    def _check_place(self, variant: Variant, gene: GeneRange) -> None:
        """Raises SourceUnavailable for a record that lies elsewhere: then the range was not understood."""
        beside = variant.end < gene.start - _BESIDE or variant.start > gene.end + _BESIDE
        if variant.chrom != gene.chrom or beside:
            raise SourceUnavailable(
                "answered with variants of other places: the range was not understood", where=self.entry.id
            )

    def _variant_of(self, record: Record, gene: GeneRange) -> Variant | None:
        """The change that a record is about; None for symbolic ones, and where nothing is changed.

        Raises SourceUnavailable where it brings bases, and cannot be placed: any miss may be this one.
        """
        place = place_of(record.content, self.dialect.answered_origin)
        chrom, ref = place.chrom or gene.chrom, place.ref
        if place.alt is None or not _BASES.issuperset(place.alt) or chrom not in CHROMOSOMES:
            return None
        if ref is not None and not _BASES.issuperset(ref):
            return None
        start, replaced = (
            place.start,
            None if place.end is None or place.start is None else place.end - place.start,
        )
        if not ref and replaced and not _says_none(record):
            ref = "N" * replaced  # no insertion: the reference bases are left out
        if start is None or ref is None or start < 0:
            raise SourceUnavailable("a record does not say what it replaces", where=self.entry.id)
        return None if ref == place.alt else Variant(self.dialect.assembly, chrom, start, ref, place.alt)


def _identity(record: Record, dialect: Dialect) -> Identity:
    """What tells records apart; the content itself where a record names no place."""
    place = place_of(record.content, dialect.answered_origin)
    if place.start is None or place.alt is None:
        return repr(record.content), None, None, None, None
    replaced = f"to {place.end}" if place.ref is None else place.ref
    return record.dataset, place.chrom, place.start, replaced, place.alt


def _says_none(record: Record) -> bool:
    """Whether a record says by `-` that it replaces no base."""
    variation = record.content.get("variation")
    return isinstance(variation, dict) and variation.get("referenceBases") == "-"

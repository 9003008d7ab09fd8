"""Fetching gene ranges from a node: paged, checked for completeness, one dataset version throughout."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from service.domain.assembly import CHROMOSOMES
from service.domain.frequency import SourceAnswer
from service.domain.frequency_sources import Dialect
from service.domain.variant import Variant
from service.errors import SourceUnavailable
from service.frequency.allele_counts import trim
from service.frequency.beacon import BeaconSource, answer_of
from service.frequency.beacon_answer import BeaconDocument, Record, parse_document, place_of, read_variant
from service.frequency.dialect import range_question
from service.frequency.source import Question, now
from service.frequency.synced import GeneRange, Key, SyncedManifest, write_synced
from service.frequency.wire import LARGEST_PAGE

_MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync brought home: genes fetched completely, and why others were not."""

    node: str
    version: str | None
    variants: int
    genes: tuple[str, ...]
    failures: tuple[tuple[str, str], ...]


class VersionChanged(SourceUnavailable):
    """The node's dataset changed while its pages were read."""


async def sync_ranges(source: BeaconSource, genes: Sequence[GeneRange], root: Path) -> SyncReport:
    """Fetch ranges and store those that are complete. Nothing asked depends on a patient.

    Raises:
        SourceUnavailable: the node does not answer, takes no range queries, or no range was complete.
    """
    await source.prepare()
    dialect = source.dialect
    if dialect is None or not dialect.range_queries:
        raise SourceUnavailable("the node takes no range queries in a form that we know", where=source.name)
    wanted = [gene for gene in genes if gene.assembly is dialect.assembly]
    if not wanted:
        raise SourceUnavailable(
            f"no gene has a place on {dialect.assembly}, the node's build", where=source.name
        )
    rows, fetched, failures = await _fetch_all(source, dialect, wanted)
    if not fetched:
        raise SourceUnavailable(f"no gene could be fetched: {failures[0][1]}", where=source.name)
    manifest = SyncedManifest(
        source.name,
        dialect.assembly.value,
        source.version or "",
        now(),
        tuple((gene.gene, gene.chrom, gene.start, gene.end) for gene in fetched),
        len(rows),
    )
    write_synced(root, manifest, rows.items())
    return SyncReport(
        source.name, source.version, len(rows), tuple(gene.gene for gene in fetched), tuple(failures)
    )


async def _fetch_all(
    source: BeaconSource, dialect: Dialect, genes: Sequence[GeneRange]
) -> tuple[dict[Key, SourceAnswer], list[GeneRange], list[tuple[str, str]]]:
    """All genes of one dataset version: when it changes on the way, once from the beginning."""
    for attempt in (1, 2):
        rows: dict[Key, SourceAnswer] = {}
        fetched: list[GeneRange] = []
        failures: list[tuple[str, str]] = []
        version: str | None = None
        changed = False
        for gene in genes:
            try:
                found, version = await fetch_range(source, dialect, gene, version)
            except VersionChanged as unavailable:
                changed = True
                failures.append((gene.gene, unavailable.message))
                break
            except SourceUnavailable as unavailable:
                failures.append((gene.gene, unavailable.message))
                continue
            rows |= found
            fetched.append(gene)
        if not changed:
            return rows, fetched, failures
        if attempt == 2:
            break
    raise SourceUnavailable("the node's dataset keeps changing while it is read", where=source.name)


async def fetch_range(
    source: BeaconSource, dialect: Dialect, gene: GeneRange, version: str | None
) -> tuple[dict[Key, SourceAnswer], str | None]:
    """Every variant that a node lists in one range, and the version they came from.

    Raises:
        VersionChanged: a page is of another version than the one before.
        SourceUnavailable: a page failed, or the node does not page as it should.
    """
    rows: dict[Key, SourceAnswer] = {}
    for page in range(_MOST_PAGES):
        if source.audit is not None:
            source.audit(Question(source.name, "range", 1, now()))
        question = range_question(dialect, gene.chrom, gene.start, gene.end, page)
        document = parse_document(await source.wire.ask(question, LARGEST_PAGE))
        found, stated = _rows_of(source, dialect, gene, document)
        if stated is not None and version is not None and stated != version:
            raise VersionChanged("the dataset version changed between pages", where=source.name)
        version = stated or version
        fresh = found.keys() - rows.keys()
        if page and document.records and not fresh:
            raise SourceUnavailable("the node repeats its first page: it does not page", where=source.name)
        rows |= found
        # A node that ignores the limit has given everything at once; a short page is the last one.
        if len(document.records) != dialect.page_limit:
            if not page and not document.records and document.exists:
                raise SourceUnavailable(
                    "the node lists variants there and gives no records", where=source.name
                )
            return rows, version
    raise SourceUnavailable("the range does not end", where=source.name)


def _rows_of(
    source: BeaconSource, dialect: Dialect, gene: GeneRange, document: BeaconDocument
) -> tuple[dict[Key, SourceAnswer], str | None]:
    same: dict[Key, list[Record]] = {}
    for record in document.records:
        key = _key_of(record, gene)
        if key is not None:
            same.setdefault(key, []).append(record)
    rows: dict[Key, SourceAnswer] = {}
    versions = set()
    for key, records in same.items():
        place = place_of(records[0].content)
        assert place.start is not None
        assert place.ref is not None
        assert place.alt is not None
        variant = Variant(dialect.assembly, key[0], place.start, place.ref, place.alt)
        reading = read_variant(replace(document, records=tuple(records)), variant, source.entry, dialect)
        if reading.version is not None:
            versions.add(reading.version)
        rows[key] = answer_of(source.entry, reading, source.version)
    if len(versions) > 1:
        raise VersionChanged("one page has two dataset versions", where=source.name)
    return rows, next(iter(versions), None)


def _key_of(record: Record, gene: GeneRange) -> Key | None:
    """Chromosome and trimmed alleles of a record; None for symbolic or unreadable ones."""
    place = place_of(record.content)
    chrom = place.chrom or gene.chrom
    if place.start is None or not place.ref or not place.alt or chrom not in CHROMOSOMES:
        return None
    if place.ref == place.alt or not set(place.ref + place.alt) <= set("ACGTN"):
        return None
    return (chrom, *trim(place.start, place.ref, place.alt))

"""Fetching gene ranges from a node: paged, checked for completeness, one dataset version throughout."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.domain.frequency import SourceAnswer
from service.domain.frequency_sources import Dialect, GeneRange
from service.errors import SourceUnavailable
from service.frequency.beacon import BeaconSource
from service.frequency.canary import NAMED_CHROMOSOMES
from service.frequency.dataset_version import fetch_version
from service.frequency.node_answer import answer_of
from service.frequency.range_reader import RangeReader, VersionChanged
from service.frequency.reading import Reading
from service.frequency.source import Progress, Question, now, spelled_range
from service.frequency.sync_store import SyncStore
from service.frequency.synced_lines import Key
from service.frequency.synced_store import write_synced

# The canary is looked for after every so many genes: what came since then counts only if it is still found.
_GENES_A_ROUND = 25
# A node that fails for so many genes one after another is left until the next sync.
_MOST_FAILURES_IN_A_ROW = 5


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync brought home: genes held completely, how many of them anew, and why others are not."""

    node: str
    version: str | None
    variants: int
    genes: tuple[str, ...]
    failures: tuple[tuple[str, str], ...]
    fetched: int = 0


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

    async def noted(gene: GeneRange) -> None:
        if source.entry.budget_per_minute is not None:
            await asyncio.sleep(60 / source.entry.budget_per_minute)
        source.audit.note(Question(source.name, "range", 1, now(), (spelled_range(gene),)))

    reader = RangeReader(source.wire, source.entry, dialect, noted)
    done = len(wanted) - len(missing)
    fetched = 0
    in_a_row = 0
    progress(done, len(wanted))
    for first in range(0, len(missing), _GENES_A_ROUND):
        asked = missing[first : first + _GENES_A_ROUND]
        found: list[tuple[GeneRange, dict[Key, SourceAnswer]]] = []
        for gene, listed in zip(asked, await _read_round(source, reader, asked), strict=True):
            if isinstance(listed, SourceUnavailable):
                failures.append((gene.gene, listed.message))
                in_a_row += 1
                if in_a_row >= _MOST_FAILURES_IN_A_ROW:
                    break
            else:
                answers = {key: answer_of(source.entry, r, source.version) for key, r in listed.items()}
                found.append((gene, answers))
                in_a_row = 0
        done += len(asked)
        progress(done, len(wanted))
        await _vouch(source, reader)
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


async def _read_round(
    source: BeaconSource, reader: RangeReader, genes: Sequence[GeneRange]
) -> list[dict[Key, Reading] | SourceUnavailable]:
    """What each gene's range lists, or why that is not known; as many at once as the node's entry allows.

    Raises VersionChanged; what was still open then is given up.
    """
    slots = asyncio.Semaphore(source.entry.concurrency if source.entry.budget_per_minute is None else 1)

    async def read(gene: GeneRange) -> dict[Key, Reading] | SourceUnavailable:
        async with slots:
            try:
                return await reader.read(gene)
            except VersionChanged:
                raise
            except SourceUnavailable as unavailable:
                return unavailable

    tasks = [asyncio.create_task(read(gene)) for gene in genes]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _vouch(source: BeaconSource, reader: RangeReader) -> None:
    """Raises SourceUnavailable unless a range query still finds the canary."""
    if not await reader.lists(source.watch.known["snv"].on(reader.dialect.assembly)):
        raise SourceUnavailable(
            "a range query does not find the canary any more: what came before it does not count",
            where=source.name,
        )


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

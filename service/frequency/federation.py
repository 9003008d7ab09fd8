"""All sources at once under one deadline. A slow or dead source costs its own answer, never the request.

Order for every variant and node: snapshot, then what was synced by gene range, then an exact question, and
that only where the node's entry allows it: by default nothing that depends on the patient leaves the house.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from typing import TYPE_CHECKING

from service.domain.assessment import FrequencyAssessment
from service.domain.frequency import Outcome, SourceAnswer
from service.domain.frequency_sources import GeneRange, NodeEntry
from service.domain.variant import Variant
from service.errors import ConfigurationError, GenomewardError, SourceUnavailable
from service.frequency.assess import Assessor
from service.frequency.audit_trail import AuditTrail
from service.frequency.background import BackgroundLoop
from service.frequency.cache import AnswerCache, SharedAnswers
from service.frequency.federation_config import FederationConfig
from service.frequency.indel_spelling import ReferenceBases
from service.frequency.local_counts import local_counts
from service.frequency.member import Member, answer_locally, issues_of, status_of
from service.frequency.source import Audit, Liftover, LocalSource, Progress
from service.frequency.synced import SyncedSource

if TYPE_CHECKING:
    from service.frequency.beacon import BeaconSource
    from service.frequency.range_sync import SyncReport

# Turns of the event loop by which one node is asked before the next. All at once, their questions would leave
# together at the end and their answers come together: a fifth more time.
_HEAD_START = 3


class Federation:
    """The configured sources as one. Safe to use from several threads; `close` ends its own thread."""

    def __init__(
        self,
        config: FederationConfig,
        *,
        liftover: Liftover | None = None,
        reference: ReferenceBases | None = None,
        audit: Audit | None = None,
        write_audit: Callable[[], None] | None = None,
        shared_answers: SharedAnswers | None = None,
        stores: dict[str, LocalSource] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`stores` replaces the snapshot reader of the nodes that it names, for large snapshots.

        `audit` takes questions for the record, `write_audit` returns when all of them are on disk. `clock`
        tells (in seconds) when canaries are due again.
        """
        trail = AuditTrail(audit, write_audit)
        self._config = config
        self._clock = clock
        self._reference = reference
        self._cache = AnswerCache(shared=shared_answers)
        self._loop = BackgroundLoop("frequency-federation")
        self._assessor = Assessor(
            replace(config.criteria, exceptions=config.ba1_exceptions or config.criteria.exceptions)
        )
        self._beacons: dict[str, BeaconSource] = {}
        self._members = [self._member(entry, liftover, trail, stores or {}) for entry in config.nodes]
        if config.gnomad is not None:
            from service.frequency.gnomad import GnomadSource

            source = GnomadSource(config.gnomad, config.http, self._cache, liftover, trail)
            self._members.append(Member("gnomad", None, "gnomad", (), source, config.gnomad.exact))

    def _member(
        self,
        entry: NodeEntry,
        liftover: Liftover | None,
        audit: AuditTrail,
        stores: dict[str, LocalSource],
    ) -> Member:
        local: list[LocalSource] = []
        if entry.id in stores:
            local.append(stores[entry.id])
        elif entry.snapshot is not None:
            local.append(local_counts(entry, liftover, self._reference))
        if self._config.synced is not None and entry.url:
            local.append(SyncedSource(self._config.synced, entry, liftover, self._reference))
        beacon = None
        if entry.url:
            from service.frequency.beacon import BeaconSource  # with HTTP, which local counts never need

            beacon = BeaconSource(
                entry,
                self._config.canaries,
                self._config.http,
                cache=self._cache,
                liftover=liftover,
                reference=self._reference,
                audit=audit,
                canary_interval_s=self._config.canary_interval_s,
                clock=self._clock,
            )
            self._beacons[entry.id] = beacon
        kind = entry.kind if entry.url or entry.kind != "beacon" else "snapshot"
        return Member(
            entry.id,
            entry.country or None,
            kind,
            tuple(local),
            beacon,
            entry.exact,
            entry.bottlenecked,
            entry.overlaps_with,
        )

    def ask(self, variants: Sequence[Variant]) -> FrequencyAssessment:
        """One answer per variant and source, in order; see `pipeline.PopulationFrequencies`.

        Returns at the deadline at the latest: what is missing then is FAILED.
        """
        deadline = time.monotonic() + self._config.deadline_s
        table: list[list[SourceAnswer | None]] = []
        open_questions: list[tuple[int, list[int]]] = []
        for number, member in enumerate(self._members):
            answers, remaining = answer_locally(member, variants)
            table.append(answers)
            if remaining:
                open_questions.append((number, remaining))
        if open_questions:
            self._ask_remote(variants, open_questions, table, deadline)
        return self._assessed(variants, table)

    def _assessed(
        self, variants: Sequence[Variant], table: Sequence[Sequence[SourceAnswer | None]]
    ) -> FrequencyAssessment:
        complete = [
            [answer or member.silent(Outcome.FAILED, self._late()) for answer in answers]
            for member, answers in zip(self._members, table, strict=True)
        ]
        statuses = tuple(
            status_of(member, answers) for member, answers in zip(self._members, complete, strict=True)
        )
        return FrequencyAssessment(
            self._assessor.assess(variants, complete),
            statuses,
            tuple(issues_of(self._members, complete)),
        )

    def _late(self) -> str:
        return f"no answer within {self._config.deadline_s:g} s"

    def _ask_remote(
        self,
        variants: Sequence[Variant],
        open_questions: Sequence[tuple[int, list[int]]],
        table: list[list[SourceAnswer | None]],
        deadline: float,
    ) -> None:
        async def ask_all() -> None:
            tasks = {}
            for number, remaining in open_questions:
                asking = asyncio.create_task(self._ask_member(number, remaining, variants, table))
                tasks[asking] = (number, remaining)
                for _ in range(_HEAD_START):
                    await asyncio.sleep(0)
            _, late = await asyncio.wait(tasks, timeout=max(0.0, deadline - time.monotonic()))
            for task in late:
                task.cancel()
                number, remaining = tasks[task]
                remote = self._members[number].remote
                if remote is not None and not any(table[number][index] for index in remaining):
                    remote.rest(self._late())

        try:
            self._loop.submit(ask_all()).result(timeout=max(0.0, deadline - time.monotonic()) + 0.08)
        except (TimeoutError, CancelledError):
            return  # what was not answered is said to be late

    async def _ask_member(
        self,
        number: int,
        remaining: Sequence[int],
        variants: Sequence[Variant],
        table: list[list[SourceAnswer | None]],
    ) -> None:
        remote = self._members[number].remote
        assert remote is not None
        answers = table[number]

        def collect(index: int, answer: SourceAnswer) -> None:
            answers[remaining[index]] = answer

        try:
            await remote.ask([variants[index] for index in remaining], collect)
        except GenomewardError as error:
            # Such as an audit record that cannot be kept: then nothing is asked.
            failed = self._members[number].silent(Outcome.FAILED, error.message)
            for index in remaining:
                answers[index] = answers[index] or failed

    def prepare(self, timeout_s: float) -> None:
        """Find dialects and see canaries of all nodes that may be asked exactly, for at most `timeout_s`.

        Failures show in the answers; nothing depends on a patient.
        """
        beacons = [beacon for beacon in self._beacons.values() if beacon.entry.exact]
        if not beacons:
            return

        async def prepare_all() -> None:
            tasks = {asyncio.create_task(_prepared(beacon)): beacon for beacon in beacons}
            _, late = await asyncio.wait(tasks, timeout=timeout_s)
            for task in late:
                task.cancel()
                tasks[task].give_up_waiting(timeout_s)

        self._loop.run(prepare_all())

    def watch(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Ask the canaries now, and again when due, until closed; `pause` waits so many seconds."""

        beacons = [beacon for beacon in self._beacons.values() if beacon.entry.exact]
        if not beacons:
            return

        async def forever() -> None:
            while True:
                await asyncio.gather(*(_prepared(beacon) for beacon in beacons))
                await pause(self._config.canary_interval_s)

        self._loop.submit(forever())

    def sync(
        self,
        node: str,
        genes: Sequence[GeneRange],
        *,
        again: bool = False,
        progress: Progress | None = None,
    ) -> "SyncReport":
        """Fetch gene ranges of one node into the synced folder; what is held of its version is kept.

        Raises:
            ConfigurationError: no such node, or no folder is configured.
            SourceUnavailable: the node could not be read.
        """
        return self.start_sync(node, genes, again=again, progress=progress).result()

    def start_sync(
        self,
        node: str,
        genes: Sequence[GeneRange],
        *,
        again: bool = False,
        progress: Progress | None = None,
    ) -> "Future[SyncReport]":
        """`sync` without waiting for its end, for several nodes side by side.

        Raises ConfigurationError; what `sync` raises else comes from the future.
        """
        beacon = self._beacons.get(node)
        if beacon is None:
            raise ConfigurationError(f"no node {node!r} with a url is configured")
        if self._config.synced is None:
            raise ConfigurationError("no folder for synced gene ranges is configured")
        from service.frequency.range_sync import sync_ranges

        work = sync_ranges(beacon, genes, self._config.synced, again=again, progress=progress)
        return self._loop.submit(work)

    @property
    def networked(self) -> tuple[str, ...]:
        """Ids of the nodes that have an address."""
        return tuple(self._beacons)

    def close(self) -> None:
        """Close connections and end the thread. The federation cannot be used afterwards."""
        if self._loop.started:
            self._loop.run(self._close_all())
        self._loop.stop()

    async def _close_all(self) -> None:
        for member in self._members:
            if member.remote is not None:
                await member.remote.close()

    def __enter__(self) -> "Federation":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


async def _prepared(beacon: "BeaconSource") -> None:
    try:
        await beacon.prepare()
    except SourceUnavailable:
        return  # said again, with the reason, by whoever asks

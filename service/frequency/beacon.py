"""A Beacon v2 node as a frequency source: asked in its dialect and build, believed as far as canaries go."""

import asyncio
import time
from collections.abc import Callable, Sequence

from service.domain.frequency import Outcome, SourceAnswer
from service.domain.frequency_sources import Canary, Dialect, NodeEntry
from service.domain.variant import Variant
from service.errors import GenomewardError, SourceUnavailable
from service.frequency.audit_trail import AuditTrail
from service.frequency.cache import AnswerCache, Key, key_of
from service.frequency.canary import CANARY_INTERVAL_S, CanaryWatch
from service.frequency.canary_rounds import CanaryRounds, find_spelling
from service.frequency.dataset_version import fetch_version
from service.frequency.http_settings import HttpSettings
from service.frequency.indel_spelling import ReferenceBases
from service.frequency.node_answer import silent
from service.frequency.node_reader import NodeReader
from service.frequency.own_canaries import configured_canaries
from service.frequency.probe import Prober
from service.frequency.question_wave import QuestionWave
from service.frequency.source import Collect, Liftover
from service.frequency.wire import NodeWire

# Finding a dialect again and again would cost a node hundreds of questions each time.
_UNPROVEN_REST_S = 600.0


class BeaconSource:
    """One node. Lives on one event loop; `ask` may run many times at once."""

    def __init__(
        self,
        entry: NodeEntry,
        canaries: Sequence[Canary],
        settings: HttpSettings,
        *,
        cache: AnswerCache,
        liftover: Liftover | None = None,
        reference: ReferenceBases | None = None,
        audit: AuditTrail | None = None,
        canary_interval_s: float = CANARY_INTERVAL_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.entry = entry
        self.wire = NodeWire(entry.url, entry.access, settings, may_retry=entry.budget_per_minute is None)
        self.dialect = entry.dialect
        self.audit = audit or AuditTrail()
        self._canaries = (*configured_canaries(entry), *canaries)
        self.reader = NodeReader(entry, self.wire, CanaryWatch(self._canaries), self.audit, reference)
        self._rounds = CanaryRounds(self.reader)
        self._cache = cache
        self._liftover = liftover
        self._clock = clock
        self._interval_s = canary_interval_s
        self._checked_at = -float("inf")
        self._unproven: str | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(entry.concurrency)
        self._late: str | None = None

    @property
    def name(self) -> str:
        """The configured id."""
        return self.entry.id

    @property
    def country(self) -> str | None:
        """Country of the cohort."""
        return self.entry.country

    @property
    def watch(self) -> CanaryWatch:
        """Which canaries the node has shown."""
        return self.reader.watch

    @property
    def version(self) -> str | None:
        """The dataset version that the node last stated."""
        return self.reader.version

    @version.setter
    def version(self, stated: str | None) -> None:
        self.reader.version = stated

    async def prepare(self) -> None:
        """Find the dialect and see the canaries, unless that is recent. Survives the caller's deadline.

        Raises SourceUnavailable when the node does not answer.
        """
        if self._clock() - self._checked_at < self._interval_s:
            return
        if self._preparing is None or self._preparing.done():
            self._preparing = asyncio.create_task(self._prepare())
            # Whoever waits sees the failure; nobody may be waiting any more.
            self._preparing.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.shield(self._preparing)

    def rest(self, reason: str) -> None:
        """Leave the node alone for a while: it answered nothing of a whole wave."""
        self.wire.breaker.failed(reason, self.wire.breaker.rest_s)

    def give_up_waiting(self, waited_s: float) -> None:
        """Until the canaries are answered after all, questions fail at once instead of waiting again."""
        self._late = f"the canaries were not answered within {waited_s:g} s"

    async def _prepare(self) -> None:
        if self.dialect is None:
            await self._probe()
        else:
            await self._see_canaries(self.dialect)
        if self.version is None:
            self.version = await fetch_version(self.wire, self.entry)

    async def _see_canaries(self, dialect: Dialect) -> None:
        self.reader.note_canaries(len(self.watch.kinds()))
        for kind in self.watch.kinds():
            await self.watch.check(kind, dialect, self.reader.read)
        unfound = "indel" not in self.watch.known and "indel" in self.watch.problem
        if unfound and self.entry.budget_per_minute is None:
            self.dialect = await find_spelling(self.reader, dialect) or dialect
        self.watch.forgive_chromosomes()
        self._checked_at = self._clock()

    async def _probe(self) -> None:
        prober = Prober(self.wire, self.entry, self._canaries)
        try:
            finding = await prober.find()
        except SourceUnavailable as unavailable:
            if not prober.answered:
                raise
            # The node speaks, and shows no canary: a record is still a record, a miss proves nothing.
            self._unproven = str(unavailable)
            self._checked_at = self._clock() - self._interval_s + _UNPROVEN_REST_S
            return
        finally:
            self.reader.note_canaries(prober.questions)
        self._unproven = None
        self.dialect = finding.dialect
        self.reader.watch = prober.watch(finding, self._canaries)
        self.version = finding.version or self.version
        self._checked_at = self._clock()

    async def ask(self, variants: Sequence[Variant], collect: Collect) -> None:
        """See `FrequencySource.ask`. Nothing is sent unless exact questions are allowed."""
        if not self.entry.exact:
            unasked = silent(self.entry, Outcome.NOT_ASKED, "exact questions are forbidden for this node")
            for index in range(len(variants)):
                collect(index, unasked)
            return
        wanted = self._answered_from_cache(list(enumerate(variants)), collect)
        if not wanted:
            return
        try:
            if self._late is not None and self._preparing is not None and not self._preparing.done():
                raise SourceUnavailable(self._late)
            self._late = None
            await self.prepare()
        except SourceUnavailable as unavailable:
            for index, _ in wanted:
                collect(index, silent(self.entry, Outcome.FAILED, unavailable.message))
            return
        if self._shares:
            await asyncio.to_thread(self._cache.fill, [self._key(variant) for _, variant in wanted])
            wanted = self._answered_from_cache(wanted, collect)
        if wanted:
            await self._ask_wave(wanted, collect)

    @property
    def _shares(self) -> bool:
        """Whether answers are shared with other processes: only where the node states a dataset version."""
        return self._cache.shared is not None and self.version is not None and self.dialect is not None

    def _answered_from_cache(
        self, variants: Sequence[tuple[int, Variant]], collect: Collect
    ) -> list[tuple[int, Variant]]:
        wanted = []
        stale = []
        for index, variant in variants:
            kept = self._cache.get(self._key(variant)) if self.dialect is not None else None
            if kept is None:
                wanted.append((index, variant))
                continue
            collect(index, kept.answer)
            if kept.stale:
                stale.append((index, variant))
        if stale:
            task = asyncio.create_task(self._refresh(stale))
            self._background.add(task)
            task.add_done_callback(self._background.discard)
        return wanted

    async def _refresh(self, stale: Sequence[tuple[int, Variant]]) -> None:
        try:
            await self.prepare()
            await self._ask_wave(stale, lambda _index, _answer: None)
        except GenomewardError:
            return  # the stale answer stays; the breaker knows, or the audit record cannot be kept

    def _key(self, variant: Variant) -> Key:
        return key_of(f"{self.name} {self.wire.url}", self.version, repr(self.dialect), variant)

    async def _ask_wave(self, wanted: Sequence[tuple[int, Variant]], collect: Collect) -> None:
        kept: list[Key] = []

        def keep(variant: Variant, answer: SourceAnswer) -> None:
            kept.append(self._key(variant))
            self._cache.put(kept[-1], answer)

        wave = QuestionWave(
            self.reader, self._rounds, self.dialect or Dialect(), self._slots, self._in_build, keep, collect,
            self._unproven,
        )  # fmt: skip
        await wave.ask(wanted, self._background)
        if self._shares and kept:
            await asyncio.to_thread(self._cache.spread, kept)

    def _in_build(self, variant: Variant, dialect: Dialect) -> Variant | None:
        if variant.assembly is dialect.assembly:
            return variant
        return self._liftover(variant, dialect.assembly) if self._liftover is not None else None

    async def close(self) -> None:
        """Stop background work and close connections."""
        for task in (*self._background, *filter(None, (self._preparing,))):
            task.cancel()
        await asyncio.gather(*self._background, *filter(None, (self._preparing,)), return_exceptions=True)
        await self.wire.close()

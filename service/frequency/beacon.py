"""A Beacon v2 node as a frequency source: asked in its dialect and build, believed as far as canaries go."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from service.domain.frequency import Outcome, SourceAnswer
from service.domain.frequency_sources import Canary, Dialect, NodeEntry
from service.domain.variant import Variant
from service.errors import SourceUnavailable
from service.frequency.beacon_answer import Reading, parse_document, read_variant
from service.frequency.cache import AnswerCache, Key, key_of
from service.frequency.canary import CanaryWatch, kind_of
from service.frequency.dataset_version import fetch_version
from service.frequency.dialect import sequence_question, unproven_forms
from service.frequency.probe import Prober
from service.frequency.source import Audit, Collect, Liftover, Question, now, without_answer
from service.frequency.wire import HttpSettings, NodeWire

CANARY_INTERVAL_S = 600.0
_UNPROVEN_REST_S = 60.0
_MINUTE_S = 60.0
_CANARY_LAG_S = 0.02


@dataclass(slots=True)
class _Wave:
    """One call of `ask`: what is sent, and the misses that wait for the canary."""

    collect: Collect
    misses: list[tuple[int, str, SourceAnswer, Key]] = field(default_factory=list)
    kept: list[Key] = field(default_factory=list)


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
        audit: Audit | None = None,
        canary_interval_s: float = CANARY_INTERVAL_S,
    ) -> None:
        self.entry = entry
        self.wire = NodeWire(entry.url, entry.access, settings, may_retry=entry.budget_per_minute is None)
        self.watch = CanaryWatch(canaries)
        self.dialect = entry.dialect
        self.version: str | None = None
        self._canaries = canaries
        self._cache = cache
        self._liftover = liftover
        self.audit = audit
        self._interval_s = canary_interval_s
        self._checked_at = -float("inf")
        self._unproven: str | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(entry.concurrency)
        self._spent: deque[float] = deque()

    @property
    def name(self) -> str:
        """The configured id."""
        return self.entry.id

    @property
    def country(self) -> str | None:
        """Country of the cohort."""
        return self.entry.country

    async def prepare(self) -> None:
        """Find the dialect and see the canaries, unless that is recent. Survives the caller's deadline.

        Raises SourceUnavailable when the node does not answer.
        """
        if time.monotonic() - self._checked_at < self._interval_s:
            return
        if self._preparing is None or self._preparing.done():
            self._preparing = asyncio.create_task(self._prepare())
            # Whoever waits sees the failure; nobody may be waiting any more.
            self._preparing.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.shield(self._preparing)

    async def _prepare(self) -> None:
        if self.dialect is None:
            await self._probe()
        else:
            self._ask_of("canary", len(self.watch.kinds()))
            for kind in self.watch.kinds():
                await self.watch.check(kind, self.dialect, self._read)
            self._checked_at = time.monotonic()
        if self.version is None:
            self.version = await fetch_version(self.wire, self.entry)

    async def _probe(self) -> None:
        prober = Prober(self.wire, self.entry, self._canaries)
        try:
            finding = await prober.find()
        except SourceUnavailable as unavailable:
            if not prober.answered:
                raise
            # The node speaks, and shows no canary: a record is still a record, a miss proves nothing.
            self._unproven = str(unavailable)
            self._checked_at = time.monotonic() - self._interval_s + _UNPROVEN_REST_S
            return
        finally:
            self._ask_of("canary", prober.questions)
        self._unproven = None
        self.dialect = finding.dialect
        self.watch = prober.watch(finding, self._canaries)
        self._checked_at = time.monotonic()

    def _ask_of(self, form: str, variants: int) -> None:
        if self.audit is not None and variants:
            self.audit(Question(self.name, form, variants, now()))

    async def _read(self, dialect: Dialect, variant: Variant) -> Reading:
        """One question and what its answer says. Raises SourceUnavailable."""
        spellings = (
            ("M", "MT") if variant.chrom == "MT" and dialect.reference_names != "accession" else ("M",)
        )
        reading = None
        for spelling in spellings:
            async with self._slots:
                body = await self.wire.ask(sequence_question(dialect, variant, spelling))
            reading = read_variant(parse_document(body), variant, self.entry, dialect)
            if reading.matched:
                break
        assert reading is not None
        if reading.version is not None and reading.version != self.version:
            self.version = reading.version
        return reading

    async def ask(self, variants: Sequence[Variant], collect: Collect) -> None:
        """See `FrequencySource.ask`. Nothing is sent unless exact questions are allowed."""
        if not self.entry.exact:
            for index in range(len(variants)):
                collect(index, self._silent(Outcome.NOT_ASKED, "exact questions are forbidden for this node"))
            return
        wanted = self._answered_from_cache(variants, collect)
        if not wanted:
            return
        try:
            await self.prepare()
        except SourceUnavailable as unavailable:
            for index, _ in wanted:
                collect(index, self._silent(Outcome.FAILED, unavailable.message))
            return
        await self._ask_wave(wanted, collect)

    def _answered_from_cache(
        self, variants: Sequence[Variant], collect: Collect
    ) -> list[tuple[int, Variant]]:
        wanted = []
        stale = []
        for index, variant in enumerate(variants):
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
        except SourceUnavailable:
            return  # the stale answer stays; the breaker knows

    def _key(self, variant: Variant) -> Key:
        return key_of(self.name, self.version, repr(self.dialect), variant)

    async def _ask_wave(self, wanted: Sequence[tuple[int, Variant]], collect: Collect) -> None:
        dialect = self.dialect or Dialect()
        wave = _Wave(collect)
        self._ask_of("exact", len(wanted))
        questions = [self._ask_one(index, variant, dialect, wave) for index, variant in wanted]
        # Canaries go out behind the questions, of this node and of the others: a node that breaks on the
        # way is caught, and an answer that needs no canary does not wait for one.
        canaries = {
            kind: asyncio.create_task(self._recheck(kind, dialect))
            for kind in dict.fromkeys(kind_of(variant) for _, variant in wanted)
            if self._canary_is_due(kind)
        }
        # They finish by themselves: cancelling would close connections that the next questions need.
        self._background |= set(canaries.values())
        for task in canaries.values():
            task.add_done_callback(self._background.discard)
        await asyncio.gather(*questions)
        for kind in {kind for _, kind, _, _ in wave.misses} & canaries.keys():
            await asyncio.shield(canaries[kind])
        for index, kind, answer, key in wave.misses:
            problem = self._unproven or self.watch.problem.get(kind)
            if problem is not None:
                reason = f"a miss does not count: {problem}"
                collect(index, replace(answer, outcome=Outcome.FAILED, reason=reason))
            else:
                self._cache.put(key, answer)
                wave.kept.append(key)
                collect(index, answer)
        if self._cache.shared is not None and wave.kept:
            await asyncio.to_thread(self._cache.spread, wave.kept)

    def _canary_is_due(self, kind: str) -> bool:
        return (
            self._unproven is None
            and self.entry.budget_per_minute is None
            and (kind in self.watch.known or kind not in self.watch.problem)
        )

    async def _recheck(self, kind: str, dialect: Dialect) -> None:
        await asyncio.sleep(_CANARY_LAG_S)
        self._ask_of("canary", 1)
        try:
            await self.watch.check(kind, dialect, self._read)
        except SourceUnavailable as unavailable:
            self.watch.problem[kind] = f"the canary was not answered: {unavailable.message}"

    async def _ask_one(self, index: int, variant: Variant, dialect: Dialect, wave: _Wave) -> None:
        local = self._in_build(variant, dialect)
        if local is None:
            reason = f"no checked counterpart on {dialect.assembly}, the node's build"
            wave.collect(index, self._silent(Outcome.NOT_ASKED, reason))
            return
        if not self._within_budget():
            reason = f"our budget of {self.entry.budget_per_minute} questions a minute is spent"
            wave.collect(index, self._silent(Outcome.NOT_ASKED, reason))
            return
        try:
            if self._unproven is None:
                reading = await self._read(dialect, local)
            else:
                reading = await self._read_in_any_form(variant)
        except SourceUnavailable as unavailable:
            wave.collect(index, self._silent(Outcome.FAILED, unavailable.message))
            return
        answer = answer_of(self.entry, reading, self.version)
        key = self._key(variant)
        if answer.outcome is Outcome.NOT_LISTED and not reading.matched:
            wave.misses.append((index, kind_of(variant), answer, key))
            return
        self._cache.put(key, answer)
        wave.kept.append(key)
        wave.collect(index, answer)

    async def _read_in_any_form(self, variant: Variant) -> Reading:
        """A node that showed no canary: ask in each usual form until a record is the variant."""
        reading, problem = None, None
        for form in unproven_forms(variant):
            local = self._in_build(variant, form)
            if local is None:
                continue
            try:
                reading = await self._read(form, local)
            except SourceUnavailable as unavailable:
                problem = unavailable
                if self.wire.breaker.refuses():
                    break
                continue
            if reading.matched:
                return reading
        if reading is None:
            raise problem or SourceUnavailable("no form of question fits the variant")
        return reading

    def _in_build(self, variant: Variant, dialect: Dialect) -> Variant | None:
        if variant.assembly is dialect.assembly:
            return variant
        return self._liftover(variant, dialect.assembly) if self._liftover is not None else None

    def _within_budget(self) -> bool:
        limit = self.entry.budget_per_minute
        if limit is None:
            return True
        moment = time.monotonic()
        while self._spent and self._spent[0] <= moment - _MINUTE_S:
            self._spent.popleft()
        if len(self._spent) >= limit:
            return False
        self._spent.append(moment)
        return True

    def _silent(self, outcome: Outcome, reason: str) -> SourceAnswer:
        asked = outcome is not Outcome.NOT_ASKED
        answer = without_answer(self.name, self.country, outcome, reason, asked=asked)
        return replace(answer, bottlenecked=self.entry.bottlenecked, overlaps_with=self.entry.overlaps_with)

    async def close(self) -> None:
        """Stop background work and close connections."""
        for task in (*self._background, *filter(None, (self._preparing,))):
            task.cancel()
        await asyncio.gather(*self._background, *filter(None, (self._preparing,)), return_exceptions=True)
        await self.wire.close()


def answer_of(entry: NodeEntry, reading: Reading, version: str | None) -> SourceAnswer:
    """A reading as an answer of this node."""
    outcome, frequency, reasons = reading.outcome, reading.frequency, reading.reasons
    overlaps = entry.overlaps_with
    if reading.external:
        overlaps = (*overlaps, "gnomad", entry.id)  # shares people with itself: never pooled
    if outcome is Outcome.NOT_LISTED and not reading.matched and entry.cohort_alleles:
        reasons = (*reasons, f"the node declares to list what it observed in {entry.cohort_alleles} alleles")
    return SourceAnswer(
        entry.id,
        entry.country,
        outcome,
        frequency,
        reading.groups,
        reading.reported,
        reading.dataset,
        reading.version or version,
        "; ".join(reasons) or None,
        now(),
        entry.bottlenecked,
        overlaps,
        reading.suppressed_below,
        reading.suppressed_allele_number,
    )

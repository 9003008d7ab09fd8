"""A Beacon v2 node as a frequency source: asked in its dialect and build, believed as far as canaries go."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from service.domain.frequency import Outcome, SourceAnswer
from service.domain.frequency_sources import Canary, Dialect, NodeEntry
from service.domain.variant import Variant
from service.errors import GenomewardError, SourceUnavailable
from service.frequency.audit_trail import AuditTrail
from service.frequency.beacon_answer import Reading
from service.frequency.cache import AnswerCache, Key, key_of
from service.frequency.canary import NAMED_CHROMOSOMES, CanaryWatch, is_shown, kinds_of
from service.frequency.dataset_version import fetch_version
from service.frequency.dialect import unproven_forms
from service.frequency.exact import ask_exact, ask_swapped, refuses_reference
from service.frequency.indel_spelling import ReferenceBases, canary_forms, forms_of
from service.frequency.other_build import third_alleles, turned_answer
from service.frequency.own_canaries import ask_listed, configured_canaries
from service.frequency.probe import Prober
from service.frequency.source import Collect, Liftover, Question, now, spelled, without_answer
from service.frequency.wire import HttpRefusal, HttpSettings, NodeWire

CANARY_INTERVAL_S = 600.0
# Finding a dialect again and again would cost a node hundreds of questions each time.
_UNPROVEN_REST_S = 600.0
_MINUTE_S = 60.0
_CANARY_LAG_S = 0.02
# A canary that was answered vouches for misses that came up to this much later.
_VOUCHES_FOR_S = 0.05
# An insertion that no cohort has.
_NOWHERE = "GATTACACATTAG"


@dataclass(slots=True)
class _Miss:
    """A miss that counts only while the canary of its kind is found."""

    index: int
    kinds: tuple[str, ...]
    answer: SourceAnswer
    key: Key
    came_at: float


@dataclass(slots=True)
class _Wave:
    """One call of `ask`: what is sent, and the misses that wait for the canary."""

    collect: Collect
    unsent: int
    all_sent: asyncio.Event = field(default_factory=asyncio.Event)
    misses: list[_Miss] = field(default_factory=list)
    kept: list[Key] = field(default_factory=list)

    def one_sent(self) -> None:
        """A question goes out, or will never go."""
        self.unsent -= 1
        if self.unsent <= 0:
            self.all_sent.set()


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
    ) -> None:
        self.entry = entry
        self.wire = NodeWire(entry.url, entry.access, settings, may_retry=entry.budget_per_minute is None)
        canaries = (*configured_canaries(entry), *canaries)
        self.watch = CanaryWatch(canaries)
        self.dialect = entry.dialect
        self.version: str | None = None
        self._canaries = canaries
        self._cache = cache
        self._liftover = liftover
        self._reference = reference
        self.audit = audit or AuditTrail()
        self._interval_s = canary_interval_s
        self._checked_at = -float("inf")
        self._unproven: str | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(entry.concurrency)
        self._spent: deque[float] = deque()
        self._vouched_at: dict[str, float] = {}
        self._late: str | None = None
        self._claims: bool | None = None

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
            self._ask_canaries(len(self.watch.kinds()))
            for kind in self.watch.kinds():
                await self.watch.check(kind, self.dialect, self._read)
            unfound = "indel" not in self.watch.known and "indel" in self.watch.problem
            if unfound and self.entry.budget_per_minute is None:
                await self._find_spelling(self.dialect)
            self.watch.forgive_chromosomes()
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
            self._ask_canaries(prober.questions)
        self._unproven = None
        self.dialect = finding.dialect
        self.watch = prober.watch(finding, self._canaries)
        self.version = finding.version or self.version
        self._checked_at = time.monotonic()

    async def _keep_exact(self, variants: Sequence[Variant]) -> None:
        """On record before they are sent. Raises StorageUnavailable."""
        named = tuple(map(spelled, variants))
        await self.audit.keep(Question(self.name, "exact", len(named), now(), named))

    def _ask_canaries(self, questions: int) -> None:
        self.audit.note(Question(self.name, "canary", questions, now()))

    async def _read(self, dialect: Dialect, variant: Variant) -> Reading:
        """One question and what its answer says. Raises SourceUnavailable."""
        reading = await ask_exact(self.wire, self.entry, dialect, variant)
        if reading.claimed and await self._claims_everything(dialect):
            said = "not listed: no record, from a node that says yes to whatever it is asked"
            reading = replace(reading, outcome=Outcome.NOT_LISTED, reasons=(said,))
        if reading.version is not None and reading.version != self.version:
            self.version = reading.version
        return reading

    async def _read_spelled(self, dialect: Dialect, variant: Variant) -> Reading:
        """The same in every spelling in which the node may keep the variant. A miss of all is a miss."""
        asked = forms_of(variant, dialect, self.watch.known.get("indel"), self._reference)
        reading = None
        for form in asked.forms:
            if form != variant:
                await self._keep_exact([form])
            if reading is not None and not self._within_budget():
                said = "a miss does not count: our budget does not reach for its other spellings"
                return replace(reading, outcome=Outcome.FAILED, reasons=(said,))
            reading = await self._read(dialect, form)
            if reading.matched or reading.outcome is not Outcome.NOT_LISTED:
                return reading
        assert reading is not None
        if asked.doubt is not None:
            return replace(reading, outcome=Outcome.FAILED, reasons=(asked.doubt,))
        return reading

    async def _find_spelling(self, dialect: Dialect) -> None:
        """Indel canaries that are not found as the profile has them may be kept in another spelling."""
        for canary in self._canaries:
            for style, form in canary_forms(canary, dialect):
                self._ask_canaries(1)
                try:
                    reading = await self._read(replace(dialect, indels=style), form)
                except HttpRefusal:
                    continue  # it does not take such alleles
                if is_shown(reading):
                    self.dialect = replace(dialect, indels=style)
                    self.watch.found(canary)
                    return

    async def _claims_everything(self, dialect: Dialect) -> bool:
        """Whether the node says, without a record, that it lists a variant that cannot exist."""
        if self._claims is None:
            canary = next(iter(self.watch.known.values()), None)
            if canary is None:
                return False
            place = canary.on(dialect.assembly)
            self._ask_canaries(1)
            control = await ask_exact(self.wire, self.entry, dialect, replace(place, alt=_NOWHERE))
            self._claims = control.claimed
        return self._claims

    async def _read_lifted(self, dialect: Dialect, variant: Variant) -> tuple[Reading, bool]:
        """The same for a variant of the other build; whether it was found the other way round there."""
        try:
            reading = await self._read_spelled(dialect, variant)
        except SourceUnavailable as unavailable:
            if not refuses_reference(unavailable):
                raise
            swapped = await self._ask_swapped(dialect, variant)
            if swapped is None:
                raise
            return swapped, True
        if reading.matched or reading.outcome is not Outcome.NOT_LISTED:
            return reading, False
        swapped = await self._ask_swapped(dialect, variant)
        return (reading, False) if swapped is None else (swapped, True)

    async def _ask_swapped(self, dialect: Dialect, variant: Variant) -> Reading | None:
        await self._keep_exact([replace(variant, ref=variant.alt, alt=variant.ref)])
        return await ask_swapped(self.wire, self.entry, dialect, variant)

    async def _thirds(self, dialect: Dialect, variant: Variant) -> list[SourceAnswer | None] | None:
        """What else the node lists where its reference is the variant's alternate allele; None: not to say.

        Raises SourceUnavailable, also where a node shows neither a record nor a miss.
        """
        others = third_alleles(variant)
        await self._keep_exact(others)
        found: list[SourceAnswer | None] = []
        for other in others:
            reading = await self._read(dialect, other)
            if not reading.matched and reading.outcome is not Outcome.NOT_LISTED:
                raise SourceUnavailable(
                    "; ".join(reading.reasons) or "another allele of the site is not told"
                )
            found.append(answer_of(self.entry, reading, self.version) if reading.matched else None)
        return found or None

    async def ask(self, variants: Sequence[Variant], collect: Collect) -> None:
        """See `FrequencySource.ask`. Nothing is sent unless exact questions are allowed."""
        if not self.entry.exact:
            for index in range(len(variants)):
                collect(index, self._silent(Outcome.NOT_ASKED, "exact questions are forbidden for this node"))
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
                collect(index, self._silent(Outcome.FAILED, unavailable.message))
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
        dialect = self.dialect or Dialect()
        planned = list(self._planned(wanted, dialect, collect))
        if not planned:
            return
        wave = _Wave(collect, len(planned))
        await self._keep_exact([local for _, _, local in planned])
        # The canary of a kind goes out behind the last question of the wave: a node that breaks on the way
        # is caught, and an answer that needs no canary does not wait for one.
        canaries = {
            kind: asyncio.create_task(self._recheck(kind, dialect, wave.all_sent))
            for kind in dict.fromkeys(kind for _, variant, _ in planned for kind in kinds_of(variant))
            if self._canary_is_due(kind)
        }
        # They finish by themselves: cancelling would close connections that the next questions need.
        self._background |= set(canaries.values())
        for task in canaries.values():
            task.add_done_callback(self._background.discard)
        await asyncio.gather(
            *(self._ask_one(index, variant, local, dialect, wave) for index, variant, local in planned)
        )
        for kind in {kind for miss in wave.misses for kind in miss.kinds} & canaries.keys():
            await asyncio.shield(canaries[kind])
            last = max(miss.came_at for miss in wave.misses if kind in miss.kinds)
            if last > self._vouched_at.get(kind, 0.0) + _VOUCHES_FOR_S:
                await self._recheck(kind, dialect)
        for miss in wave.misses:
            self._decide(miss, wave)
        if self._shares and wave.kept:
            await asyncio.to_thread(self._cache.spread, wave.kept)

    def _planned(
        self, wanted: Sequence[tuple[int, Variant]], dialect: Dialect, collect: Collect
    ) -> Iterator[tuple[int, Variant, Variant]]:
        """What will be asked: index, variant, and the variant in the node's build."""
        for index, variant in wanted:
            local = self._in_build(variant, dialect)
            if local is None:
                reason = f"no checked counterpart on {dialect.assembly}, the node's build"
                collect(index, self._silent(Outcome.NOT_ASKED, reason))
            elif not local.ref or not local.alt:
                reason = "the base before the change is not known here, and nodes want alleles as in VCF"
                collect(index, self._silent(Outcome.NOT_ASKED, reason))
            elif not self._within_budget():
                reason = f"our budget of {self.entry.budget_per_minute} questions a minute is spent"
                collect(index, self._silent(Outcome.NOT_ASKED, reason))
            else:
                yield index, variant, local

    def _decide(self, miss: _Miss, wave: _Wave) -> None:
        """A miss as the answer that it is worth."""
        problem = self._unproven or self.watch.doubts(miss.kinds)
        if problem is not None:
            reason = f"a miss does not count: {problem}"
            wave.collect(miss.index, replace(miss.answer, outcome=Outcome.FAILED, reason=reason))
            return
        self._cache.put(miss.key, miss.answer)
        wave.kept.append(miss.key)
        wave.collect(miss.index, miss.answer)

    def _canary_is_due(self, kind: str) -> bool:
        if self._unproven is not None:
            return False
        new = kind not in self.watch.known and kind not in self.watch.problem
        if self.entry.budget_per_minute is not None:
            return new and kind in NAMED_CHROMOSOMES  # asked once; the others are, when the node is prepared
        return new or kind in self.watch.known

    async def _recheck(self, kind: str, dialect: Dialect, after: asyncio.Event | None = None) -> None:
        if after is not None:
            await after.wait()
            await asyncio.sleep(_CANARY_LAG_S)
        self._ask_canaries(1)
        try:
            if not await self.watch.check(kind, dialect, self._read) and kind in NAMED_CHROMOSOMES:
                await self._own_canary_of(kind, dialect)
        except SourceUnavailable as unavailable:
            self.watch.problem[kind] = f"the canary was not answered: {unavailable.message}"
        self._vouched_at[kind] = time.monotonic()

    async def _own_canary_of(self, chrom: str, dialect: Dialect) -> None:
        """Where no shipped variant of a chromosome is found, what the node lists there vouches for it."""
        if not dialect.range_queries or chrom in self.watch.known:
            return
        for listed in await ask_listed(self.wire, self.entry, dialect, chrom):
            if listed is None:
                continue
            own = replace(listed, kind=chrom)
            if (await self._read(dialect, own.on(dialect.assembly))).matched:
                self.watch.found(own)
                return

    async def _ask_one(
        self, index: int, variant: Variant, local: Variant, dialect: Dialect, wave: _Wave
    ) -> None:
        swapped = False
        try:
            async with self._slots:
                wave.one_sent()
                if self._unproven is not None:
                    reading = await self._read_in_any_form(variant)
                elif local.assembly is not variant.assembly:
                    reading, swapped = await self._read_lifted(dialect, local)
                else:
                    reading = await self._read_spelled(dialect, local)
        except SourceUnavailable as unavailable:
            wave.collect(index, self._silent(Outcome.FAILED, unavailable.message))
            return
        answer = answer_of(self.entry, reading, self.version)
        if swapped:
            try:
                async with self._slots:
                    thirds = await self._thirds(dialect, local)
            except SourceUnavailable as unavailable:
                wave.collect(index, self._silent(Outcome.FAILED, unavailable.message))
                return
            answer = turned_answer(answer, dialect.assembly.value, thirds)
        key = self._key(variant)
        if answer.outcome is Outcome.NOT_LISTED and not reading.matched:
            wave.misses.append(_Miss(index, kinds_of(variant), answer, key, time.monotonic()))
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
        reading = replace(reading, suppressed_below=1, suppressed_allele_number=entry.cohort_alleles)
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

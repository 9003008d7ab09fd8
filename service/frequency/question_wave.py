"""Questions that go to a node together, and the misses among them, which wait for the canaries behind."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from service.domain.frequency import Outcome, SourceAnswer
from service.domain.frequency_sources import Dialect
from service.domain.variant import Variant
from service.errors import SourceUnavailable
from service.frequency.canary import RANGES, kinds_of
from service.frequency.canary_rounds import CanaryRounds
from service.frequency.node_answer import answer_of, silent
from service.frequency.node_reader import Found, NodeReader
from service.frequency.other_build import turned_answer
from service.frequency.source import Collect


@dataclass(slots=True)
class _Miss:
    """A miss that counts only while the canaries of its kinds are found."""

    index: int
    kinds: tuple[str, ...]
    variant: Variant
    answer: SourceAnswer
    came_at: float


@dataclass(slots=True)
class QuestionWave:
    """One call of `BeaconSource.ask`. `keep` is told what may be kept, `collect` every answer.

    `unproven` is why no miss of this node counts; None where canaries were found.
    """

    reader: NodeReader
    rounds: CanaryRounds
    dialect: Dialect
    slots: asyncio.Semaphore
    in_build: Callable[[Variant, Dialect], Variant | None]
    keep: Callable[[Variant, SourceAnswer], None]
    collect: Collect
    unproven: str | None
    _unsent: int = 0
    _all_sent: asyncio.Event = field(default_factory=asyncio.Event)
    _misses: list[_Miss] = field(default_factory=list)

    async def ask(self, wanted: Sequence[tuple[int, Variant]], background: set[asyncio.Task[None]]) -> None:
        """Every variant with its index is asked for, or said not to be. Canaries join `background`."""
        planned = list(self._planned(wanted))
        if not planned:
            return
        self._unsent = len(planned)
        await self.reader.keep([local for _, _, local in planned])
        # The canary of a kind goes out behind the last question of the wave: a node that breaks on the way
        # is caught, and an answer that needs no canary does not wait for one.
        canaries = {
            kind: asyncio.create_task(self.rounds.check(kind, self.dialect, self._all_sent))
            for kind in dict.fromkeys(kind for _, variant, _ in planned for kind in kinds_of(variant))
            if self.unproven is None and self.rounds.is_due(kind)
        }
        # They finish by themselves: cancelling would close connections that the next questions need.
        background |= set(canaries.values())
        for task in canaries.values():
            task.add_done_callback(background.discard)
        await asyncio.gather(*(self._ask_one(index, variant, local) for index, variant, local in planned))
        await self._wait_for_canaries(canaries)
        for miss in self._misses:
            self._decide(miss)

    def _planned(self, wanted: Sequence[tuple[int, Variant]]) -> Iterator[tuple[int, Variant, Variant]]:
        """What will be asked: index, variant, and the variant in the node's build."""
        budget = self.reader.budget
        for index, variant in wanted:
            local = self.in_build(variant, self.dialect)
            if local is None:
                reason = f"no checked counterpart on {self.dialect.assembly}, the node's build"
            elif not local.ref or not local.alt:
                reason = "the base before the change is not known here, and nodes want alleles as in VCF"
            elif not budget.take():
                reason = f"our budget of {budget.per_minute} questions a minute is spent"
            else:
                yield index, variant, local
                continue
            self.collect(index, silent(self.reader.entry, Outcome.NOT_ASKED, reason))

    async def _ask_one(self, index: int, variant: Variant, local: Variant) -> None:
        try:
            async with self.slots:
                self._one_sent()
                if self.unproven is not None:
                    found = Found(await self.reader.read_in_any_form(variant, self.in_build))
                elif local.assembly is not variant.assembly:
                    found = await self.reader.read_lifted(self.dialect, local)
                else:
                    found = await self.reader.read_spelled(self.dialect, local)
            answer = answer_of(self.reader.entry, found.reading, self.reader.version)
            if found.swapped:
                answer = await self._turned(answer, local)
        except SourceUnavailable as unavailable:
            self.collect(index, silent(self.reader.entry, Outcome.FAILED, unavailable.message))
            return
        if answer.outcome is Outcome.NOT_LISTED and not found.reading.matched:
            kinds = (*kinds_of(variant), RANGES) if found.unvouched else kinds_of(variant)
            self._misses.append(_Miss(index, kinds, variant, answer, time.monotonic()))
            return
        self.keep(variant, answer)
        self.collect(index, answer)

    def _one_sent(self) -> None:
        """A question goes out, or will never go."""
        self._unsent -= 1
        if self._unsent <= 0:
            self._all_sent.set()

    async def _turned(self, answer: SourceAnswer, local: Variant) -> SourceAnswer:
        """The answer from that about the change the other way round. Raises SourceUnavailable."""
        async with self.slots:
            thirds = await self.reader.read_thirds(self.dialect, local)
        stated = [
            None if third is None else answer_of(self.reader.entry, third, self.reader.version)
            for third in thirds or ()
        ]
        return turned_answer(answer, self.dialect.assembly.value, stated or None)

    async def _wait_for_canaries(self, canaries: Mapping[str, asyncio.Task[None]]) -> None:
        """Returns when every canary that a miss rests on was asked for behind it."""
        for kind in {kind for miss in self._misses for kind in miss.kinds}:
            if kind in canaries:
                await asyncio.shield(canaries[kind])
            elif kind != RANGES or not self.rounds.is_due(kind):
                continue
            if not self.rounds.reaches(kind, max(m.came_at for m in self._misses if kind in m.kinds)):
                await self.rounds.check(kind, self.dialect)

    def _decide(self, miss: _Miss) -> None:
        """A miss as the answer that it is worth."""
        problem = self.unproven or self.reader.watch.doubts(miss.kinds)
        if problem is not None:
            reason = f"a miss does not count: {problem}"
            self.collect(miss.index, replace(miss.answer, outcome=Outcome.FAILED, reason=reason))
            return
        self.keep(miss.variant, miss.answer)
        self.collect(miss.index, miss.answer)

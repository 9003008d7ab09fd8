"""When canaries are asked: behind the questions of a wave, to catch a node that breaks on the way."""

import asyncio
import time
from dataclasses import dataclass, field, replace

from service.domain.frequency_sources import Dialect, GeneRange
from service.errors import SourceUnavailable
from service.frequency.canary import NAMED_CHROMOSOMES, RANGES, is_shown
from service.frequency.http_refusal import HttpRefusal
from service.frequency.indel_spelling import canary_as, canary_forms
from service.frequency.node_reader import NodeReader
from service.frequency.own_canaries import ask_listed
from service.frequency.range_reader import RangeReader

_LAG_S = 0.02
# A canary that was answered vouches for misses that came up to this much later.
_VOUCHES_FOR_S = 0.05


@dataclass(slots=True)
class CanaryRounds:
    """The canaries of one node; `vouched_at` is when each kind was last seen (or seen to be missing)."""

    reader: NodeReader
    vouched_at: dict[str, float] = field(default_factory=dict)

    def is_due(self, kind: str) -> bool:
        """Whether a wave with questions of this kind asks its canary. A node with a budget is asked once."""
        watch = self.reader.watch
        new = kind not in watch.known and kind not in watch.problem
        if self.reader.budget.per_minute is not None:
            return new and kind in (*NAMED_CHROMOSOMES, RANGES)  # the others are, when the node is prepared
        return new or kind in watch.known

    def reaches(self, kind: str, came_at: float) -> bool:
        """Whether the last check of a kind vouches for a miss that came then."""
        return came_at <= self.vouched_at.get(kind, 0.0) + _VOUCHES_FOR_S

    async def check(self, kind: str, dialect: Dialect, after: asyncio.Event | None = None) -> None:
        """Ask for the canary of a kind, and note what that is worth; never raises SourceUnavailable."""
        if after is not None:
            await after.wait()
            await asyncio.sleep(_LAG_S)
        self.reader.note_canaries(1)
        watch = self.reader.watch
        try:
            if kind == RANGES:
                await self._check_ranges(dialect)
            elif not await watch.check(kind, dialect, self.reader.read) and kind in NAMED_CHROMOSOMES:
                await self._find_on(kind, dialect)
        except SourceUnavailable as unavailable:
            watch.problem[kind] = f"the canary was not answered: {unavailable.message}"
        self.vouched_at[kind] = time.monotonic()

    async def _check_ranges(self, dialect: Dialect) -> None:
        """Whether a range question finds a canary that an exact question finds."""
        watch = self.reader.watch
        shown = next((watch.known[kind] for kind in ("snv", "indel") if kind in watch.known), None)

        async def noted(_around: GeneRange) -> None:
            return

        ranges = RangeReader(self.reader.wire, self.reader.entry, dialect, noted)
        if shown is not None and await ranges.lists(canary_as(shown, dialect)):
            watch.known[RANGES] = replace(shown, kind=RANGES)
            watch.problem.pop(RANGES, None)
        else:
            watch.problem[RANGES] = "a range question does not find the canary"

    async def _find_on(self, chrom: str, dialect: Dialect) -> None:
        """Where no shipped variant of a chromosome is found, what the node lists there vouches for it."""
        watch = self.reader.watch
        if not dialect.range_queries or chrom in watch.known:
            return
        for listed in await ask_listed(self.reader.wire, self.reader.entry, dialect, chrom):
            if listed is None:
                continue
            own = replace(listed, kind=chrom)
            if (await self.reader.read(dialect, own.on(dialect.assembly))).matched:
                watch.found(own)
                return


async def find_spelling(reader: NodeReader, dialect: Dialect) -> Dialect | None:
    """The dialect that finds an indel canary which the profile's does not find; None where none does."""
    for canary in reader.watch.canaries:
        for style, form in canary_forms(canary, dialect):
            reader.note_canaries(1)
            spelled = replace(dialect, indels=style)
            try:
                reading = await reader.read(spelled, form)
            except HttpRefusal:
                continue  # it does not take such alleles
            if is_shown(reading):
                reader.watch.found(canary)
                return spelled
    return None

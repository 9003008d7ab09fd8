"""Canaries: variants that a node is known to list. A miss counts only while they are found."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from service.domain.frequency import Outcome
from service.domain.frequency_sources import Canary, Dialect
from service.domain.variant import Variant
from service.frequency.indel_spelling import canary_as
from service.frequency.reading import Reading

Asker = Callable[[Dialect, Variant], Awaitable[Reading]]

SHAPES = ("snv", "indel")
# Chromosomes whose names nodes spell apart from the numbered ones: 23, M, MT, or not at all.
NAMED_CHROMOSOMES = ("X", "Y", "MT")
# What vouches for a range in which nothing is listed.
RANGES = "range"
# How often they are asked again, besides behind every wave of questions.
CANARY_INTERVAL_S = 600.0


def kind_of(variant: Variant) -> str:
    """Which canary vouches for the shape of a variant: `snv` for equal lengths, else `indel`."""
    return "snv" if len(variant.ref) == len(variant.alt) else "indel"


def kinds_of(variant: Variant) -> tuple[str, ...]:
    """Which canaries vouch together for a miss of a variant: its shape, and the name of its chromosome.

    >>> from service.domain.assembly import Assembly
    >>> kinds_of(Variant(Assembly.GRCH38, "X", 5, "A", "C"))
    ('snv', 'X')
    """
    shape = kind_of(variant)
    return (shape, variant.chrom) if variant.chrom in NAMED_CHROMOSOMES else (shape,)


def is_shown(reading: Reading) -> bool:
    """Whether a node shows a canary. Listed with nobody carrying it, a common variant is a template's."""
    return reading.matched and reading.outcome not in (Outcome.CALLED_ABSENT, Outcome.NOT_COVERED)


@dataclass(slots=True)
class CanaryWatch:
    """Which canary of each kind a node has shown, and whether it still does.

    `known` holds the canary last found; a kind that is missing there was never found. `problem` says why
    misses of a kind do not count.
    """

    canaries: Sequence[Canary]
    known: dict[str, Canary] = field(default_factory=dict)
    problem: dict[str, str] = field(default_factory=dict)

    def kinds(self) -> tuple[str, ...]:
        """Kinds that are asked whatever the question is: shapes with canaries, and what was found before."""
        have = dict.fromkeys(canary.kind for canary in self.canaries)
        return tuple(kind for kind in have if kind in SHAPES or kind in self.known)

    def doubt(self, kind: str) -> str | None:
        """Why a miss of a kind does not count now; None where a canary of the kind vouches for it."""
        if kind in self.problem or kind in self.known:
            return self.problem.get(kind)
        return f"no canary of kind {kind} was asked for"

    def doubts(self, kinds: Sequence[str]) -> str | None:
        """The first doubt about any of the kinds that a miss rests on."""
        return next((doubt for kind in kinds if (doubt := self.doubt(kind)) is not None), None)

    def forgive_chromosomes(self) -> None:
        """Chromosomes of which no variant was found, and ranges that found none, are asked for again with the
        next question about them.
        """
        for name in (*NAMED_CHROMOSOMES, RANGES):
            if name not in self.known:
                self.problem.pop(name, None)

    def found(self, canary: Canary) -> None:
        """A node listed this canary, and by it the name of its chromosome."""
        kinds = (canary.kind, *(name for name in NAMED_CHROMOSOMES if name == canary.grch38.chrom))
        for kind in kinds:
            self.known[kind] = replace(canary, kind=kind)
            self.problem.pop(kind, None)

    async def check(self, kind: str, dialect: Dialect, ask: Asker) -> bool:
        """Ask for the known canary of a kind, or for each until one is found; whether a miss counts now.

        Raises SourceUnavailable when the node does not answer.
        """
        known = self.known.get(kind)
        candidates = [known] if known is not None else [c for c in self.canaries if c.kind == kind]
        for canary in candidates:
            reading = await ask(dialect, canary_as(canary, dialect))
            if is_shown(reading):
                self.found(canary)
                return True
        if known is not None:
            self.problem[kind] = f"the canary {known.name}, found before, is not found now"
        else:
            name = f"chromosome {kind}" if kind in NAMED_CHROMOSOMES else kind
            self.problem[kind] = f"none of {len(candidates)} common {name} variants is found there"
        return False

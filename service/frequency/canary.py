"""Canaries: variants that a node is known to list. A miss counts only while they are found."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from service.domain.frequency_sources import Canary, Dialect
from service.domain.variant import Variant
from service.frequency.beacon_answer import Reading

Asker = Callable[[Dialect, Variant], Awaitable[Reading]]


def kind_of(variant: Variant) -> str:
    """Which canary vouches for misses of a variant: `snv` for equal lengths, else `indel`."""
    return "snv" if len(variant.ref) == len(variant.alt) else "indel"


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
        """Kinds that have canaries."""
        return tuple(dict.fromkeys(canary.kind for canary in self.canaries))

    def doubt(self, kind: str) -> str | None:
        """Why a miss of a kind does not count now; None where a canary of the kind vouches for it."""
        if kind in self.problem or kind in self.known:
            return self.problem.get(kind)
        return f"no canary of kind {kind} was asked for"

    def found(self, canary: Canary) -> None:
        """A node listed this canary."""
        self.known[canary.kind] = canary
        self.problem.pop(canary.kind, None)

    async def check(self, kind: str, dialect: Dialect, ask: Asker) -> bool:
        """Ask for the known canary of a kind, or for each until one is found; whether a miss counts now.

        Raises SourceUnavailable when the node does not answer.
        """
        known = self.known.get(kind)
        candidates = [known] if known is not None else [c for c in self.canaries if c.kind == kind]
        for canary in candidates:
            reading = await ask(dialect, canary.on(dialect.assembly))
            if reading.matched:
                self.found(canary)
                return True
        if known is not None:
            self.problem[kind] = f"the canary {known.name}, found before, is not found now"
        else:
            self.problem[kind] = f"none of {len(candidates)} common {kind} variants is found there"
        return False

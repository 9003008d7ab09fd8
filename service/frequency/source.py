"""The port of every frequency source that is asked over a network, and what all sources share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from service.domain.assembly import Assembly
from service.domain.frequency import Outcome, SourceAnswer
from service.domain.frequency_sources import GeneRange
from service.domain.variant import Variant


class FrequencySource(Protocol):
    """A cohort that can be asked for allele counts."""

    @property
    def name(self) -> str:
        """The configured id: what answers and Issues name."""

    @property
    def country(self) -> str | None:
        """Country of the cohort; None for a reference database that is never pooled."""

    async def ask(self, variants: Sequence[Variant], collect: "Collect") -> None:
        """Hand one answer per variant to `collect(index, answer)` as it arrives.

        Raises nothing for a source that fails: that is FAILED with a reason. What is not collected when
        the deadline cancels this is FAILED too.
        """

    def rest(self, reason: str) -> None:
        """It answered nothing within a whole deadline: leave it alone for a while."""

    async def close(self) -> None:
        """Release connections."""


class LocalSource(Protocol):
    """Counts on this machine: answered without a network, in the caller's thread."""

    def look_up(self, variants: Sequence[Variant]) -> Sequence[SourceAnswer | None]:
        """One answer per variant; None where this store cannot say anything about it."""

    def unlisted(self, variant: Variant) -> SourceAnswer | None:
        """What it means that `look_up` found nothing; None where that is not for this store to say."""


class Liftover(Protocol):
    """Moves a variant to the other build with its reference allele checked."""

    def __call__(self, variant: Variant, assembly: Assembly) -> Variant | None:
        """The variant on `assembly`; None where there is no checked counterpart."""


# Answers that a local store keeps made, for the patients to come: some 10 MB.
MOST_ANSWERS = 10_000


def in_build(variant: Variant, assembly: Assembly, liftover: Liftover | None) -> Variant | None:
    """The variant on a build; None where it has no checked counterpart."""
    if variant.assembly is assembly:
        return variant
    return liftover(variant, assembly) if liftover is not None else None


# Ranges that are done, of how many.
Progress = Callable[[int, int], None]
Collect = Callable[[int, SourceAnswer], None]


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked of whom, for the audit record: never a genotype, nor whose variant it is.

    `form` is `canary` or `range` (the same for every patient), or `exact`. `named` are the variants that an
    exact question told the source about, in the source's build.
    """

    source: str
    form: str
    variants: int
    asked_at: str
    named: tuple[str, ...] = ()


def spelled(variant: Variant) -> str:
    """A variant as the audit names it: build, chromosome, 1-based place, alleles; never a genotype."""
    return f"{variant.assembly}:{variant.chrom}-{variant.start + 1}-{variant.ref}-{variant.alt}"


def spelled_range(gene: GeneRange) -> str:
    """A range as the audit names it: build, chromosome, first and last base counted from 1."""
    return f"{gene.assembly}:{gene.chrom}:{gene.start + 1}-{gene.end}"


Audit = Callable[[Question], None]


def now() -> str:
    """This moment, ISO 8601 with zone."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def without_answer(
    source: str, country: str | None, outcome: Outcome, reason: str, *, asked: bool = True
) -> SourceAnswer:
    """An answer that carries no counts, and why."""
    return SourceAnswer(source, country, outcome, reason=reason, asked_at=now() if asked else None)

"""Allele counts, and the seven ways in which a frequency source can answer."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a source's answer about one variant is. Only the first two enter a pool."""

    OBSERVED = "OBSERVED"  # AC > 0
    CALLED_ABSENT = "CALLED_ABSENT"  # AC = 0 with AN > 0 stated
    NOT_LISTED = (
        "NOT_LISTED"  # answered without the variant: reference, filtered, suppressed or not understood
    )
    NOT_COVERED = "NOT_COVERED"  # AN = 0 stated
    SUPPRESSED = "SUPPRESSED"  # a low count is declared to be withheld
    FAILED = "FAILED"  # asked; no usable answer
    NOT_ASKED = "NOT_ASKED"  # configuration, privacy or build kept the question at home


@dataclass(frozen=True, slots=True)
class AlleleFrequency:
    """Allele counts of one cohort, or of one group of it. Frequencies are fractions 0..1.

    `homozygotes` and `hemizygotes` count people; None when the source does not say, or its unit is unknown.
    `ci95` is the two-sided Clopper-Pearson interval, `faf95` the filtering allele frequency.
    """

    allele_count: int
    allele_number: int
    homozygotes: int | None = None
    hemizygotes: int | None = None
    ci95: tuple[float, float] | None = None
    faf95: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.allele_count <= self.allele_number:
            raise ValueError("allele count must lie within 0..allele number")

    @property
    def value(self) -> float | None:
        """AC / AN; None when nobody was genotyped."""
        return self.allele_count / self.allele_number if self.allele_number else None


@dataclass(frozen=True, slots=True)
class GroupFrequency:
    """Counts of one genetic-ancestry group or sex within a source's answer."""

    group: str
    frequency: AlleleFrequency


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What one source said about one variant.

    `frequency` is set for OBSERVED and CALLED_ABSENT only. `reported_frequency` is a bare AF from a source
    that gives no counts: shown, never pooled. `asked_at` is ISO 8601 with zone, None when not asked.
    """

    source: str
    country: str | None
    outcome: Outcome
    frequency: AlleleFrequency | None = None
    groups: tuple[GroupFrequency, ...] = ()
    reported_frequency: float | None = None
    dataset: str | None = None
    version: str | None = None
    reason: str | None = None
    asked_at: str | None = None
    bottlenecked: bool = False
    overlaps_with: tuple[str, ...] = ()
    # Where a low count is withheld: it lies in 1..suppressed_below-1, of this many alleles. NOT_LISTED has 1:
    # the node declares that it lists whatever it observed, in this many alleles.
    suppressed_below: int | None = None
    suppressed_allele_number: int | None = None


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Whether the cohorts agree. `q` is Pearson's Q with `df` degrees of freedom, `i2` a fraction 0..1."""

    q: float
    df: int
    p_value: float
    i2: float
    method: str
    heterogeneous: bool
    range: tuple[float, float]
    random_effects: tuple[float, float, float] | None = None  # estimate, low, high


@dataclass(frozen=True, slots=True)
class PooledFrequency:
    """Sum over disjoint cohorts, with the names of those that entered and of those that did not answer."""

    frequency: AlleleFrequency | None
    sources: tuple[str, ...]
    silent: tuple[str, ...]
    heterogeneity: Heterogeneity | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class FrequencyCriterion:
    """A frequency criterion's precondition: `met`, `not met` or `not assessed`, and why."""

    code: str
    strength: str | None
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class VariantFrequencies:
    """All answers for one variant, one per configured source, in configuration order."""

    answers: tuple[SourceAnswer, ...] = ()
    pooled: PooledFrequency | None = None
    # Highest FAF95 over groups that are not bottlenecked, and where it was seen.
    grpmax_faf95: float | None = None
    grpmax_group: str | None = None
    criteria: tuple[FrequencyCriterion, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A configured source in one interpretation: `answered`, `partial`, `failed` or `not asked`."""

    name: str
    kind: str
    version: str | None
    outcome: str
    reason: str | None = None
    country: str | None = None

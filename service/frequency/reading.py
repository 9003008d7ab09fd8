"""What one answer of a node says about one variant."""

from dataclasses import dataclass, field

from service.domain.frequency import AlleleFrequency, GroupFrequency, Outcome


@dataclass(frozen=True, slots=True)
class Reading:
    """`matched` is whether a record is the variant asked for.

    `claimed` marks an answer that says yes and shows nothing: some nodes say so to every question.
    """

    outcome: Outcome
    matched: bool = False
    frequency: AlleleFrequency | None = None
    groups: tuple[GroupFrequency, ...] = ()
    reported: float | None = None
    dataset: str | None = None
    version: str | None = None
    reasons: tuple[str, ...] = ()
    external: bool = False
    suppressed_below: int | None = None
    suppressed_allele_number: int | None = None
    claimed: bool = False
    keys: frozenset[str] = field(default_factory=frozenset)

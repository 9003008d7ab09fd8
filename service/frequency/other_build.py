"""An allele of one build that is the reference in the other: counted from its counterpart.

Some places have another reference base in GRCh37 (factor V Leiden is the best known). A cohort of that build
lists the change there the other way round.
"""

from dataclasses import replace

from service.domain.frequency import AlleleFrequency, GroupFrequency, Outcome, SourceAnswer

SWAPPED = "the allele is the reference of {}, the cohort's build: counted as AN minus the other allele's AC"


def turned(frequency: AlleleFrequency) -> AlleleFrequency:
    """Counts of the other allele of two; who is homozygous for it is not known.

    >>> turned(AlleleFrequency(195, 198)).allele_count
    3
    """
    return AlleleFrequency(frequency.allele_number - frequency.allele_count, frequency.allele_number)


def turned_answer(listed: SourceAnswer, build: str) -> SourceAnswer:
    """The answer about the reference allele, from the one about the alternate allele."""
    reason = "; ".join(filter(None, (listed.reason, SWAPPED.format(build))))
    if listed.frequency is None:
        return replace(listed, outcome=Outcome.FAILED, reported_frequency=None, reason=reason)
    counts = turned(listed.frequency)
    return replace(
        listed,
        outcome=Outcome.OBSERVED if counts.allele_count else Outcome.CALLED_ABSENT,
        frequency=counts,
        groups=tuple(GroupFrequency(g.group, turned(g.frequency)) for g in listed.groups),
        reason=reason,
    )

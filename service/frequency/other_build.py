"""An allele of one build that is the reference in the other: counted from its counterpart.

Some places have another reference base in GRCh37 (factor V Leiden is the best known). A cohort of that build
lists the change there the other way round.
"""

from collections.abc import Sequence
from dataclasses import replace

from service.domain.frequency import AlleleFrequency, GroupFrequency, Outcome, SourceAnswer
from service.domain.variant import Variant

SWAPPED = "the allele is the reference of {}, the cohort's build: counted as AN minus the AC of {}"
_UNCOUNTED = "what else is at the site cannot be told apart"


def third_alleles(variant: Variant) -> tuple[Variant, ...]:
    """Substitutions that a cohort may list beside the swapped one: of a variant in the cohort's build, whose
    reference there is our alternate allele. Empty where it is no substitution of one base.

    >>> from service.domain.assembly import Assembly
    >>> [(v.ref, v.alt) for v in third_alleles(Variant(Assembly.GRCH37, "1", 169519048, "C", "T"))]
    [('T', 'A'), ('T', 'G')]
    """
    if len(variant.ref) != 1 or len(variant.alt) != 1:
        return ()
    return tuple(
        replace(variant, ref=variant.alt, alt=base)
        for base in "ACGT"
        if base not in (variant.ref, variant.alt)
    )


def turned(frequency: AlleleFrequency, others: int = 0) -> AlleleFrequency:
    """Counts of what is left of AN; who is homozygous for it is not known.

    >>> turned(AlleleFrequency(195, 198)).allele_count, turned(AlleleFrequency(190, 198), 5).allele_count
    (3, 3)
    """
    left = frequency.allele_number - frequency.allele_count - others
    return AlleleFrequency(left, frequency.allele_number)


def turned_answer(
    listed: SourceAnswer, build: str, thirds: Sequence[SourceAnswer | None] | None
) -> SourceAnswer:
    """The answer about the reference allele, from the one about the alternate allele.

    `thirds` are the answers about the other substitutions there, None for one that is not listed; without
    them (a longer change) a count above 0 may be that of another allele, and is refused.
    """
    if listed.frequency is None or any(a is not None and a.frequency is None for a in thirds or ()):
        return _refused(listed, build, "an allele there has no counts")
    others = [a.frequency.allele_count for a in thirds or () if a is not None and a.frequency is not None]
    if listed.frequency.allele_count + sum(others) > listed.frequency.allele_number:
        return _refused(listed, build, "the counts of its alleles contradict each other")
    counts = turned(listed.frequency, sum(others))
    if thirds is None and counts.allele_count:
        return _refused(listed, build, _UNCOUNTED)
    what = "the other allele" if not any(others) else f"the other {1 + sum(map(bool, others))} alleles"
    return replace(
        listed,
        outcome=Outcome.OBSERVED if counts.allele_count else Outcome.CALLED_ABSENT,
        frequency=counts,
        # Of the others' groups nothing is known that fits every source.
        groups=()
        if any(others)
        else tuple(GroupFrequency(g.group, turned(g.frequency)) for g in listed.groups),
        reason="; ".join(filter(None, (listed.reason, SWAPPED.format(build, what)))),
    )


def _refused(listed: SourceAnswer, build: str, why: str) -> SourceAnswer:
    reason = f"the allele is the reference of {build}, the cohort's build, and {why}"
    return replace(
        listed, outcome=Outcome.FAILED, frequency=None, groups=(), reported_frequency=None, reason=reason
    )

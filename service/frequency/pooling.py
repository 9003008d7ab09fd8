"""Joining cohorts: who may be added up, what the pool says, and which group has the highest frequency."""

from collections.abc import Sequence

from service.domain.assembly import in_pseudoautosomal_region
from service.domain.frequency import (
    AlleleFrequency,
    GroupFrequency,
    Outcome,
    PooledFrequency,
    SourceAnswer,
)
from service.domain.variant import Variant
from service.frequency.statistics import (
    birge_interval,
    clopper_pearson,
    filtering_allele_frequency,
    heterogeneity,
    with_bounds,
)

COUNTED = (Outcome.OBSERVED, Outcome.CALLED_ABSENT)
ANSWERED = (*COUNTED, Outcome.SUPPRESSED, Outcome.NOT_LISTED, Outcome.NOT_COVERED)
# Kept out of the BA1/BS1 maximum, as gnomAD does in v4: bottlenecked, too small, or of mixed ancestry.
BOTTLENECKED_GROUPS = frozenset({"fin", "asj", "ami", "remaining", "oth", "mid"})
# Half of men's autosomal alleles are on X; above this share of them men were called diploid there.
_DIPLOID_MEN = 0.75
SEX_GROUPS = frozenset({"XX", "XY"})


def poolable(answer: SourceAnswer) -> bool:
    """Whether an answer's counts may enter a pool: counts given, and not those of a reference database."""
    return answer.outcome in COUNTED and answer.frequency is not None and bool(answer.frequency.allele_number)


def disjoint(answers: Sequence[SourceAnswer]) -> list[SourceAnswer]:
    """The poolable answers of cohorts that share nobody, largest AN first; ties in configuration order.

    A source that names another in `overlaps_with`, in either direction, keeps the smaller of the two out.
    gnomAD (or anything that says it overlaps with itself) never enters.
    """
    chosen: list[SourceAnswer] = []
    by_size = sorted(
        filter(poolable, answers), key=lambda a: -(a.frequency.allele_number if a.frequency else 0)
    )
    for answer in by_size:
        if answer.source in answer.overlaps_with or not answer.country:
            continue
        if not any(
            kept.source in answer.overlaps_with or answer.source in kept.overlaps_with for kept in chosen
        ):
            chosen.append(answer)
    order = {id(answer): index for index, answer in enumerate(answers)}
    return sorted(chosen, key=lambda answer: order[id(answer)])


def pool(answers: Sequence[SourceAnswer], *, birge: bool = False) -> PooledFrequency | None:
    """Counts summed over disjoint cohorts; None when no source was configured.

    Cohorts that differ are summed without bounds; `birge` gives an interval widened by the Birge ratio.
    Withheld low counts give a range in `note`.
    """
    if not answers:
        return None
    chosen = disjoint(answers)
    silent = tuple(a.source for a in answers if not poolable(a))
    notes = [f"{a.source} is not added: it shares people with another source" for a in answers
             if poolable(a) and a not in chosen and a.country]  # fmt: skip
    counts = tuple(_counts(a) for a in chosen)
    frequency, found = None, None
    if counts:
        total = AlleleFrequency(
            sum(ac for ac, _ in counts),
            sum(an for _, an in counts),
            _summed([a.frequency.homozygotes for a in chosen if a.frequency]),
            _summed([a.frequency.hemizygotes for a in chosen if a.frequency]),
        )
        found = heterogeneity(counts)
        # Bounds of a sum over cohorts that differ would claim a certainty that nobody has.
        frequency = total if found is not None and found.heterogeneous else with_bounds(total)
        if birge and found is not None:
            frequency = AlleleFrequency(
                total.allele_count, total.allele_number, total.homozygotes, total.hemizygotes,
                birge_interval(total.allele_count, total.allele_number, found), frequency.faf95,
            )  # fmt: skip
    if found is not None and found.heterogeneous:
        notes.append("the cohorts differ: read the range, not the pooled frequency")
    withheld = suppressed_range(chosen, answers)
    if withheld is not None:
        notes.append(withheld)
    assumed = with_assumed(chosen, answers)
    if assumed is not None:
        notes.append(assumed)
    return PooledFrequency(
        frequency, tuple(a.source for a in chosen), silent, found, "; ".join(notes) or None
    )


def _counts(answer: SourceAnswer) -> tuple[int, int]:
    assert answer.frequency is not None
    return answer.frequency.allele_count, answer.frequency.allele_number


def _summed(counts: Sequence[int | None]) -> int | None:
    stated = [count for count in counts if count is not None]
    return sum(stated) if len(stated) == len(counts) else None


def suppressed_range(chosen: Sequence[SourceAnswer], answers: Sequence[SourceAnswer]) -> str | None:
    """The pool with withheld counts at their least and at their most, in words; None where none is known.

    A withheld count lies in 1..k-1. FAF95 is that of the least, the upper bound that of the most.
    """
    hidden = [
        (a.suppressed_below - 1, a.suppressed_allele_number)
        for a in answers
        if a.outcome is Outcome.SUPPRESSED and a.suppressed_below and a.suppressed_allele_number
    ]
    if not hidden:
        return None
    counts = [_counts(a) for a in chosen]
    least = sum(ac for ac, _ in counts) + len(hidden)
    most = sum(ac for ac, _ in counts) + sum(count for count, _ in hidden)
    alleles = sum(an for _, an in (*counts, *hidden))
    faf, high = filtering_allele_frequency(least, alleles), clopper_pearson(most, alleles)[1]
    return (
        f"with the withheld counts of {len(hidden)} source(s) the allele count lies between {least} "
        f"and {most} of {alleles} (FAF95 at least {faf:.3g}, upper bound {high:.3g})"
    )


def with_assumed(chosen: Sequence[SourceAnswer], answers: Sequence[SourceAnswer]) -> str | None:
    """The second pool, with cohorts that list whatever they observed and do not list this; in words.

    It stands beside the pool of stated counts and enters no criterion.
    """
    silent = [
        (a.source, a.suppressed_allele_number)
        for a in answers
        if a.outcome is Outcome.NOT_LISTED
        and a.suppressed_allele_number
        and a.country
        and not any(c.source in a.overlaps_with or a.source in c.overlaps_with for c in chosen)
    ]
    if not silent:
        return None
    counts = [*map(_counts, chosen), *((0, alleles) for _, alleles in silent)]
    count, alleles = sum(ac for ac, _ in counts), sum(an for _, an in counts)
    high = clopper_pearson(count, alleles)[1]
    names = ", ".join(name for name, _ in silent)
    return f"with AN assumed for {names}, not listed there: {count} of {alleles} (upper bound {high:.3g})"


def grpmax(
    answers: Sequence[SourceAnswer], *, include_bottlenecked: bool = False
) -> tuple[float, str, int] | None:
    """The highest FAF95 over groups, the group, and its AN; bottlenecked groups are left out by default.

    It is the maximum of FAF95, not the FAF95 of the group with the highest frequency. Source: gnomAD faf.md.
    """
    candidates = [
        (
            filtering_allele_frequency(f.allele_count, f.allele_number) if f.faf95 is None else f.faf95,
            label,
            f.allele_number,
        )
        for label, f, bottlenecked in groups_of(answers)
        if f.allele_number and (include_bottlenecked or not bottlenecked)
    ]
    return max(candidates, key=lambda entry: entry[0], default=None)


def groups_of(answers: Sequence[SourceAnswer]) -> list[tuple[str, AlleleFrequency, bool]]:
    """Every genetic-ancestry group with counts: a source's own groups, or a national cohort as a whole.

    A reference database that states no groups is none of them: its whole would hide what one group has. An
    allele that it saw once at most has FAF 0 in whatever group, and stands for itself.
    """
    found = []
    for answer in filter(poolable, answers):
        assert answer.frequency is not None
        ancestral = [g for g in answer.groups if g.group not in SEX_GROUPS]
        if not ancestral and (answer.country or answer.frequency.allele_count < 2):
            found.append((answer.source, answer.frequency, answer.bottlenecked))
        found += [
            (f"{answer.source} {g.group}", g.frequency, answer.bottlenecked or g.group in BOTTLENECKED_GROUPS)
            for g in ancestral
        ]
    return found


def ungrouped(answers: Sequence[SourceAnswer]) -> list[str]:
    """Reference databases whose counts of the variant come without groups."""
    return [
        answer.source
        for answer in filter(poolable, answers)
        if not answer.country
        and answer.frequency is not None
        and answer.frequency.allele_count >= 2
        and not any(g.group not in SEX_GROUPS for g in answer.groups)
    ]


def ploidy_warning(variant: Variant, answer: SourceAnswer, men_on_autosomes: int | None = None) -> str | None:
    """A word where the allele numbers of men show another ploidy than the chromosome has; None where fine.

    In non-PAR X men carry one allele each: AN = 2 XX + XY. Cohorts with men called diploid there count
    hemizygotes twice; where the alleles of men on an autosome are known, that shows without a carrier. On Y
    nobody without a Y is counted, and MT counts people, not pairs.
    """
    sexes = {g.group: g.frequency for g in answer.groups if g.group in SEX_GROUPS}
    men, women = sexes.get("XY"), sexes.get("XX")
    if men is None or women is None or not men.allele_number:
        return None
    if variant.chrom == "Y" and women.allele_number:
        return "women are counted on the Y chromosome"
    if variant.chrom != "X" or in_pseudoautosomal_region(variant.assembly, "X", variant.start):
        return None
    if men_on_autosomes and men.allele_number > _DIPLOID_MEN * men_on_autosomes:
        return "men are counted with two alleles on the X chromosome"
    hemizygotes = answer.frequency.hemizygotes if answer.frequency else None
    if hemizygotes is not None and men.allele_count and hemizygotes * 2 == men.allele_count:
        return "men are counted with two alleles on the X chromosome"
    return None


def whole_cohort(groups: Sequence[GroupFrequency]) -> AlleleFrequency | None:
    """Women and men added up, where both are given; a sum over X is right as long as men count once."""
    sexes = {g.group: g.frequency for g in groups}
    if not sexes.keys() >= SEX_GROUPS:
        return None
    both = [sexes["XX"], sexes["XY"]]
    return AlleleFrequency(sum(f.allele_count for f in both), sum(f.allele_number for f in both))

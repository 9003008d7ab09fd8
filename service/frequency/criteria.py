"""Frequency criteria: BA1, BS1 and PM2 as preconditions, met only where the evidence allows to say so.

`frequency_criteria` never sets a criterion from a federation that is incomplete: absence needs every
configured source, presence needs one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from service.domain.assembly import Assembly
from service.domain.frequency import AlleleFrequency, FrequencyCriterion, SourceAnswer
from service.domain.frequency_sources import Ba1Exception
from service.domain.variant import Variant
from service.frequency.allele_counts import trim
from service.frequency.pooling import COUNTED, disjoint, groups_of, grpmax, ungrouped
from service.frequency.statistics import clopper_pearson, heterogeneity

# Ghosh 2018, PMID 30311383: above 5 % in a general continental population of at least 2,000 alleles.
BA1_FREQUENCY = 0.05
BA1_ALLELES = 2_000
# GN015 (McCormick 2020): mitochondrial BA1 above 1 %, PM2 below 1 in 50,000.
MT_BA1_FREQUENCY, MT_PM2_FREQUENCY = 0.01, 2e-5
# At zero observations the one-sided 95 % bound is 3/AN: 30,000 alleles are needed to say below 1e-4.
PM2_ALLELES = 30_000
PM2_FREQUENCY = 1e-4
# Name, counts, and whether the group is bottlenecked.
Group = tuple[str, AlleleFrequency, bool]
MET, NOT_MET, NOT_ASSESSED = "met", "not met", "not assessed"


@dataclass(frozen=True, slots=True)
class DiseaseParameters:
    """What makes a frequency too high for a disease. Fractions; `biallelic` for recessive inheritance."""

    prevalence: float
    allelic_heterogeneity: float
    genetic_heterogeneity: float
    penetrance: float
    biallelic: bool = False

    def __post_init__(self) -> None:
        values = (self.prevalence, self.allelic_heterogeneity, self.genetic_heterogeneity, self.penetrance)
        if not all(0 < value <= 1 for value in values):
            raise ValueError("disease parameters are fractions above 0 and up to 1")


@dataclass(frozen=True, slots=True)
class CriteriaOptions:
    """Thresholds and exceptions. A gene's expert panel may have lower ones."""

    ba1_frequency: float = BA1_FREQUENCY
    ba1_alleles: int = BA1_ALLELES
    pm2_alleles: int = PM2_ALLELES
    pm2_frequency: float = PM2_FREQUENCY
    include_bottlenecked: bool = False
    exceptions: tuple[Ba1Exception, ...] = ()
    disease: DiseaseParameters | None = None


def maximum_credible_frequency(disease: DiseaseParameters) -> float:
    """The highest allele frequency compatible with a disease.

    Dominant: prevalence x 1/2 x allelic x genetic / penetrance. Recessive: sqrt(prevalence) x allelic x
    sqrt(genetic) / sqrt(penetrance). Source: Whiffin 2017, doi:10.1038/gim.2017.26.

    >>> round(maximum_credible_frequency(DiseaseParameters(1 / 30000, 0.5, 1, 0.75, biallelic=True)), 6)
    0.003333
    """
    prevalence, penetrance = disease.prevalence, disease.penetrance
    allelic, genetic = disease.allelic_heterogeneity, disease.genetic_heterogeneity
    if disease.biallelic:
        return float(prevalence**0.5 * allelic * genetic**0.5 / penetrance**0.5)
    return prevalence * 0.5 * allelic * genetic / penetrance


def frequency_criteria(
    variant: Variant, answers: Sequence[SourceAnswer], options: CriteriaOptions | None = None
) -> tuple[FrequencyCriterion, ...]:
    """BA1, BS1 and PM2 for one variant, in this order."""
    options = options or CriteriaOptions()
    if variant.chrom == "MT":
        options = replace(options, ba1_frequency=MT_BA1_FREQUENCY, pm2_frequency=MT_PM2_FREQUENCY)
    groups = groups_of(answers)
    return (
        _ba1(variant, answers, groups, options),
        _bs1(answers, options),
        _pm2(answers, groups, options),
    )


def _criterion(code: str, verdict: str, reason: str, strength: str | None = None) -> FrequencyCriterion:
    return FrequencyCriterion(code, strength if verdict == MET else None, verdict, reason)


def _ba1(
    variant: Variant, answers: Sequence[SourceAnswer], all_groups: Sequence[Group], options: CriteriaOptions
) -> FrequencyCriterion:
    exception = exception_of(variant, options.exceptions)
    if exception is not None:
        return _criterion("BA1", NOT_MET, f"{exception.gene} {exception.hgvs} is on the exception list")
    threshold = options.ba1_frequency
    groups = [
        (f.allele_count / f.allele_number, label, f.allele_number)
        for label, f, bottlenecked in all_groups
        if f.allele_number and (options.include_bottlenecked or not bottlenecked)
    ]
    groups += _agreeing_pool(answers, options)
    large = [group for group in groups if group[2] >= options.ba1_alleles]
    if not large:
        seen = f"the largest has {max(g[2] for g in groups)}" if groups else "no cohort gave counts"
        return _criterion(
            "BA1",
            NOT_ASSESSED,
            f"no general population of at least {options.ba1_alleles} alleles: {seen}"
            + _unread_groups(answers),
        )
    # Cohorts are shown to differ more often than to agree: the rule reads the highest, never the pool.
    highest, label, alleles = max(large)
    reason = f"{label}: {highest:.4g} of {alleles} alleles, threshold above {threshold:g}"
    if highest > threshold:
        return _criterion("BA1", MET, reason, "Stand-alone")
    missing = _unread_groups(answers)
    return _criterion("BA1", NOT_ASSESSED if missing else NOT_MET, f"{reason}{missing}")


def _agreeing_pool(answers: Sequence[SourceAnswer], options: CriteriaOptions) -> list[tuple[float, str, int]]:
    """The pool of general national cohorts as one population, where they agree; else nothing."""
    cohorts = [
        a.frequency
        for a in disjoint(answers)
        if a.frequency and (options.include_bottlenecked or not a.bottlenecked)
    ]
    found = heterogeneity(tuple((f.allele_count, f.allele_number) for f in cohorts))
    alleles = sum(f.allele_number for f in cohorts)
    if len(cohorts) < 2 or not alleles or (found is not None and found.heterogeneous):
        return []
    return [(sum(f.allele_count for f in cohorts) / alleles, f"{len(cohorts)} pooled cohorts", alleles)]


def exception_of(variant: Variant, exceptions: Sequence[Ba1Exception]) -> Ba1Exception | None:
    """The entry of the exception list for this variant, by coordinate; None when it is not listed."""
    if not exceptions:
        return None
    listed = _by_place(tuple(exceptions), variant.assembly)
    return listed.get((variant.chrom, *trim(variant.start, variant.ref, variant.alt)))


@lru_cache(maxsize=8)
def _by_place(
    exceptions: tuple[Ba1Exception, ...], assembly: Assembly
) -> dict[tuple[str, int, str, str], Ba1Exception]:
    found = {}
    for entry in reversed(exceptions):
        listed = entry.grch38 if assembly is Assembly.GRCH38 else entry.grch37
        found[listed.chrom, *trim(listed.start, listed.ref, listed.alt)] = entry
    return found


def _bs1(answers: Sequence[SourceAnswer], options: CriteriaOptions) -> FrequencyCriterion:
    if options.disease is None:
        return _criterion("BS1", NOT_ASSESSED, "no prevalence and penetrance of a disease are given")
    limit = maximum_credible_frequency(options.disease)
    found = grpmax(answers, include_bottlenecked=options.include_bottlenecked)
    if found is None:
        return _criterion("BS1", NOT_ASSESSED, f"no general population gave counts{_unread_groups(answers)}")
    faf, label, alleles = found
    reason = f"highest FAF95 {faf:.4g} ({label}, {alleles} alleles), maximum credible frequency {limit:.4g}"
    if faf > limit:
        return _criterion("BS1", MET, reason, "Strong")
    missing = _unread_groups(answers)
    return _criterion("BS1", NOT_ASSESSED if missing else NOT_MET, f"{reason}{missing}")


def _pm2(
    answers: Sequence[SourceAnswer], groups: Sequence[Group], options: CriteriaOptions
) -> FrequencyCriterion:
    if not answers:
        return _criterion("PM2", NOT_ASSESSED, "no frequency source is configured")
    whole = [
        (a.source, a.frequency, False) for a in answers if a.frequency and a.source in ungrouped(answers)
    ]
    for label, f, _ in (*groups, *whole):
        low = _lower_bound(f)
        if low > options.pm2_frequency:
            return _criterion("PM2", NOT_MET, f"{label}: at least {low:.3g} with 95 % confidence")
    bare = [a for a in answers if (a.reported_frequency or 0.0) > options.pm2_frequency]
    if bare:
        return _criterion(
            "PM2", NOT_MET, f"{bare[0].source} reports a frequency of {bare[0].reported_frequency:.3g}"
        )
    missing = _without_counts(answers)
    if missing:
        return _criterion("PM2", NOT_ASSESSED, f"no counts from {', '.join(missing)}")
    national = disjoint(answers)
    cohorts = [a.frequency for a in answers if a.frequency is not None]
    pooled_alleles = sum(a.frequency.allele_number for a in national if a.frequency)
    alleles = max([pooled_alleles, *(f.allele_number for f in cohorts)])
    if alleles < options.pm2_alleles:
        return _criterion(
            "PM2",
            NOT_ASSESSED,
            f"{alleles} alleles are too few to say that a variant is rare: {options.pm2_alleles} are needed",
        )
    highest = max(
        (f.allele_count / f.allele_number for _, f, _ in (*groups, *whole) if f.allele_number), default=0.0
    )
    reason = f"all {len(answers)} sources gave counts; highest frequency {highest:.3g}, {alleles} alleles"
    if highest > options.pm2_frequency:
        return _criterion("PM2", NOT_MET, reason)
    return _criterion("PM2", MET, reason, "Supporting")


def _lower_bound(frequency: AlleleFrequency) -> float:
    if not frequency.allele_number:
        return 0.0
    known = frequency.ci95 or clopper_pearson(frequency.allele_count, frequency.allele_number)
    return known[0]


def _unread_groups(answers: Sequence[SourceAnswer]) -> str:
    """Why the maximum over groups may be higher than the one seen; empty where every group was seen."""
    missing, whole = _without_counts(answers), ungrouped(answers)
    words = [f"without counts from {', '.join(missing)}"] if missing else []
    words += [f"{', '.join(whole)} states no ancestry groups"] if whole else []
    return "".join(f"; {word}" for word in words)


def _without_counts(answers: Sequence[SourceAnswer]) -> list[str]:
    """Sources that gave no counts, named with how they answered, such as `GB (not listed)`."""
    return [
        f"{a.source} ({a.outcome.value.replace('_', ' ').lower()})"
        for a in answers
        if a.outcome not in COUNTED or a.frequency is None or not a.frequency.allele_number
    ]

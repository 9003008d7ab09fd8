"""Population frequencies: one component per cohort, an absent one with the reason."""

from functools import lru_cache

from service.domain.frequency import (
    AlleleFrequency,
    Outcome,
    PooledFrequency,
    SourceAnswer,
    VariantFrequencies,
)
from service.fhir.terminology import FREQUENCY_OUTCOME, LOINC, Json, absent, coded, quantity

# Genomics Reporting 3.0.0 has no slice for it: an open component with the code that its example uses.
POPULATION_ALLELE_FREQUENCY = "92821-8"

# What was not answered, and FHIR's word for it. Source: FHIR R4 data-absent-reason.
_ABSENT_REASONS = {
    Outcome.FAILED: ("error", "asked; no usable answer"),
    Outcome.NOT_ASKED: ("not-asked", "this source was not asked"),
    Outcome.NOT_COVERED: ("not-performed", "nobody was genotyped at this position"),
    Outcome.SUPPRESSED: ("masked", "low counts are withheld by the source"),
    Outcome.NOT_LISTED: ("unknown", "the source answered without this variant, which is not a count of zero"),
    Outcome.OBSERVED: ("unknown", "observed; the source gives neither counts nor a frequency"),
    Outcome.CALLED_ABSENT: ("unknown", "called absent; the source does not say in how many alleles"),
}


def frequency_components(frequencies: VariantFrequencies) -> list[Json]:
    """One component per configured source in configuration order, then the pooled one."""
    components = [_cohort(answer) for answer in frequencies.answers]
    if frequencies.pooled:
        components.append(_pooled(frequencies.pooled))
    return components


@lru_cache(maxsize=1024)
def _code(cohort: str) -> Json:
    return coded(LOINC, POPULATION_ALLELE_FREQUENCY, text=f"Population allele frequency in {cohort}")


def _cohort(answer: SourceAnswer) -> Json:
    country = f" ({answer.country})" if answer.country else ""
    release = " ".join(part for part in (answer.dataset, answer.version) if part)
    component: Json = {"code": _code(answer.source + country)}
    value = answer.frequency.value if answer.frequency else answer.reported_frequency
    if value is not None:
        component["valueQuantity"] = quantity(value)
    else:
        code, meaning = _ABSENT_REASONS[answer.outcome]
        component["dataAbsentReason"] = absent(
            code, f"{meaning}: {answer.reason}" if answer.reason else meaning
        )
    words = [counts(answer.frequency)] if answer.frequency else []
    if answer.frequency is None and answer.reported_frequency is not None:
        words.append("a frequency as reported, without counts; not pooled")
    if answer.bottlenecked:
        words.append("a bottlenecked population")
    if value is not None and answer.reason:
        words.append(answer.reason)
    if release:
        words.append(f"release {release}")
    component["interpretation"] = [
        coded(FREQUENCY_OUTCOME, answer.outcome.value, text="; ".join([answer.outcome.value, *words]))
    ]
    return component


def _pooled(pooled: PooledFrequency) -> Json:
    component: Json = {
        "code": _code(f"{', '.join(pooled.sources)} together" if pooled.sources else "all sources")
    }
    value = pooled.frequency.value if pooled.frequency else None
    words = [counts(pooled.frequency)] if pooled.frequency else []
    differ = pooled.heterogeneity if pooled.heterogeneity and pooled.heterogeneity.heterogeneous else None
    if differ is not None and differ.random_effects is not None:
        # A pooled number would stand for none of them.
        value, low, high = differ.random_effects
        words.insert(0, f"random-effects estimate {value:.4g} ({low:.4g} to {high:.4g})")
    if value is not None:
        component["valueQuantity"] = quantity(value)
    else:
        component["dataAbsentReason"] = absent("unknown", "no source gave counts")
    if pooled.silent:
        words.append(f"no counts from {', '.join(pooled.silent)}")
    if differ is not None:
        low, high = differ.range
        words.append(f"the cohorts disagree ({low:.4g} to {high:.4g})")
    if pooled.note:
        words.append(pooled.note)
    if words:
        component["interpretation"] = [{"text": "; ".join(words)}]
    return component


def counts(frequency: AlleleFrequency) -> str:
    """Counts and interval in words.

    >>> counts(AlleleFrequency(3, 20000, homozygotes=0, ci95=(0.000031, 0.000438)))
    '3 of 20000 alleles; homozygous people: 0; 95 % interval 3.1e-05 to 0.000438'
    """
    words = [f"{frequency.allele_count} of {frequency.allele_number} alleles"]
    if frequency.homozygotes is not None:
        words.append(f"homozygous people: {frequency.homozygotes}")
    if frequency.hemizygotes is not None:
        words.append(f"hemizygous people: {frequency.hemizygotes}")
    if frequency.ci95:
        words.append(f"95 % interval {frequency.ci95[0]:.4g} to {frequency.ci95[1]:.4g}")
    if frequency.faf95 is not None:
        words.append(f"filtering allele frequency {frequency.faf95:.4g}")
    return "; ".join(words)

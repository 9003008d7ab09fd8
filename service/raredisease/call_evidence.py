"""What a person's call brings to classification: predictor scores from INFO, and what frequency
sources said.
"""

from collections.abc import Iterator, Mapping

from service.domain.frequency import AlleleFrequency, Outcome, VariantFrequencies
from service.domain.variant import VariantCall
from service.raredisease.population import FrequencyRow, PopulationEvidence, is_bottlenecked
from service.raredisease.scores import parse_scores

# Annotators write these INFO keys among many others; only they are read.
_SCORE_WORDS = (
    "revel", "bayesdel", "vest4", "mutpred2", "cadd", "spliceai", "ds_ag", "ds_al", "ds_dg", "ds_dl",
)  # fmt: skip
NO_NAMES: Mapping[str, str] = {}


def scores_of(call: VariantCall, names: Mapping[str, str] = NO_NAMES) -> dict[str, float]:
    """Predictor scores in the INFO of the call's record; of SpliceAI those of this allele.

    `names` are a site's INFO keys, lower case, with their predictors; what they name comes before the rest.
    """
    stated = {names[key.lower()]: value for key, value in call.info if key.lower() in names}
    for key, value in call.info:
        if key.lower() not in names and any(word in key.lower() for word in _SCORE_WORDS):
            stated.setdefault(key, value)
    for key, value in stated.items():
        records = [r for r in value.split(",") if r.partition("|")[0] == call.variant.alt]
        if "|" in value and records:
            stated[key] = ",".join(records)
    return parse_scores(stated).values


def population_of(frequencies: VariantFrequencies) -> PopulationEvidence:
    """Counts that sources gave, by source and group. A silent source gives no row: that is no absence."""
    rows = [
        FrequencyRow(
            label,
            frequency.allele_count,
            frequency.allele_number,
            faf95=frequency.faf95,
            homozygotes=frequency.homozygotes,
            hemizygotes=frequency.hemizygotes,
            bottlenecked=bottlenecked or is_bottlenecked(label),
        )
        for label, frequency, bottlenecked in _counted(frequencies)
        if frequency.allele_number
    ]
    return PopulationEvidence(tuple(rows))


def _counted(frequencies: VariantFrequencies) -> Iterator[tuple[str, AlleleFrequency, bool]]:
    for answer in frequencies.answers:
        if answer.outcome not in (Outcome.OBSERVED, Outcome.CALLED_ABSENT) or answer.frequency is None:
            continue
        yield answer.source, answer.frequency, answer.bottlenecked
        for group in answer.groups:
            yield f"{answer.source} {group.group}", group.frequency, answer.bottlenecked

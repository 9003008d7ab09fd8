"""One variant's class: every one of the 28 criteria with a verdict, then one scheme over those that are met.

Published assertions take no part: they stand beside the class.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum

from service.domain.disease import Criterion, VariantClassification
from service.raredisease.codes import CODES, NOT_AUTOMATED, WITHDRAWN
from service.raredisease.combine import Scheme, conflicts_of, points_of
from service.raredisease.criteria.frequency import common, more_common_than_disease, rare
from service.raredisease.criteria.hints import hints
from service.raredisease.criteria.length import changed_length, repeat_region
from service.raredisease.criteria.null_variant import null_variant
from service.raredisease.criteria.phase import in_trans_dominant, in_trans_recessive
from service.raredisease.criteria.population_genotypes import healthy_carriers
from service.raredisease.criteria.predictors import predicted_benign, predicted_pathogenic
from service.raredisease.criteria.region import (
    constrained_gene,
    critical_region,
    missense_where_truncation_counts,
)
from service.raredisease.criteria.same_residue import same_change, same_residue
from service.raredisease.criteria.silent import silent
from service.raredisease.criteria.verdict import not_assessed, not_met
from service.raredisease.evidence import Evidence
from service.raredisease.exclusions import without_double_counting
from service.raredisease.supplied import in_order

# To add a criterion: a function in `criteria/` and its line here.
AUTOMATED: dict[str, Callable[[Evidence], Criterion]] = {
    "PVS1": null_variant,
    "PS1": same_change,
    "PM1": critical_region,
    "PM2": rare,
    "PM3": in_trans_recessive,
    "PM4": changed_length,
    "PM5": same_residue,
    "PP2": constrained_gene,
    "PP3": predicted_pathogenic,
    "BA1": common,
    "BS1": more_common_than_disease,
    "BS2": healthy_carriers,
    "BP1": missense_where_truncation_counts,
    "BP2": in_trans_dominant,
    "BP3": repeat_region,
    "BP4": predicted_benign,
    "BP7": silent,
}


class Mode(StrEnum):
    """What the class rests on: the supplied criteria alone, or automatic and supplied ones together."""

    ONLY = "only"
    ADD = "add"


def automatic(evidence: Evidence) -> dict[str, Criterion]:
    """The automatic verdict on each of the 28 criteria, before double counting is taken out."""
    found = {}
    for code in CODES:
        if code in WITHDRAWN:
            found[code] = not_met(code, WITHDRAWN[code])
        elif code in NOT_AUTOMATED:
            found[code] = not_assessed(code, NOT_AUTOMATED[code])
        else:
            found[code] = AUTOMATED[code](evidence)
    return found


def classify(
    evidence: Evidence, *, mode: Mode | None = None, scheme: Scheme | None = None
) -> VariantClassification:
    """The class of one variant, with all 28 criteria in the order of Richards 2015.

    Without supplied criteria the class rests on the automatic ones. With mode `only` it rests on the
    supplied ones alone and automatic verdicts that are met are `suggested`; with `add` a supplied code
    replaces the automatic verdict of the same code.

    >>> classify(Evidence(None)).classification.value
    'Uncertain significance'
    """
    scheme = scheme or Scheme()
    supplied = evidence.supplied
    if mode is None:
        mode = Mode.ADD
    ours = automatic(evidence)
    if mode is Mode.ONLY:
        criteria = _only(supplied)
        suggested = tuple(
            c
            for c in in_order(without_double_counting(ours))
            if c.verdict == "met" and not _same_as_supplied(c, supplied)
        )
    else:
        criteria = without_double_counting({**ours, **supplied})
        suggested = tuple(
            ours[code]
            for code in CODES
            if code in supplied
            and ours[code].verdict == "met"
            and not _same_as_supplied(ours[code], supplied)
        )
    ordered = in_order(criteria)
    return VariantClassification(
        classification=scheme.classify(ordered),
        points=points_of(ordered),
        scheme=scheme.label,
        criteria=ordered,
        suggested=(*suggested, *(c for c in hints(evidence) if c.code not in supplied)),
        conflicts=conflicts_of(ordered),
    )


def _only(supplied: Mapping[str, Criterion]) -> dict[str, Criterion]:
    """Supplied criteria, the others not assessed: nothing of ours enters the class."""
    found = {}
    for code in CODES:
        if code in supplied:
            found[code] = supplied[code]
        elif code in WITHDRAWN:
            found[code] = not_met(code, WITHDRAWN[code])
        else:
            found[code] = not_assessed(
                code, "not among the supplied criteria, on which alone the class rests"
            )
    return found


def _same_as_supplied(criterion: Criterion, supplied: Mapping[str, Criterion]) -> bool:
    given = supplied.get(criterion.code)
    return given is not None and (given.verdict, given.strength) == (criterion.verdict, criterion.strength)


def with_conflicts(found: VariantClassification, more: tuple[str, ...]) -> VariantClassification:
    """The same classification with further conflicts said."""
    return replace(found, conflicts=(*found.conflicts, *more)) if more else found

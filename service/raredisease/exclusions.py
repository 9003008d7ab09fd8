"""Evidence that must not count twice.

Each rule looks at criteria that are met and lowers or drops an automatic one; what a caller supplied gives
way only where it would repeat what an automatic null variant already counts.
"""

from collections.abc import Callable
from dataclasses import replace

from service.domain.disease import Criterion
from service.raredisease.strength import LADDER, POINTS, Strength

Criteria = dict[str, Criterion]
PEJAVER = "Pejaver 2022: region and predictor together at most strong"
# PM1 with PP3 together. Source: Pejaver 2022, doi:10.1016/j.ajhg.2022.10.013.
REGION_AND_PREDICTOR = 4


def without_double_counting(criteria: Criteria) -> Criteria:
    """The same criteria, each met one resting on evidence of its own."""
    found = dict(criteria)
    for rule in _RULES:
        rule(found)
    return found


def _met(criteria: Criteria, code: str) -> Criterion | None:
    criterion = criteria.get(code)
    return criterion if criterion is not None and criterion.verdict == "met" else None


def _drop(criteria: Criteria, code: str, reason: str) -> None:
    criterion = criteria[code]
    criteria[code] = replace(
        criterion, strength=None, verdict="not met", reason=f"{reason} (otherwise: {criterion.reason})"
    )


def _drop_automatic(criteria: Criteria, code: str, reason: str) -> None:
    found = _met(criteria, code)
    if found is not None and not found.supplied:
        _drop(criteria, code, reason)


def _null_variant(criteria: Criteria) -> None:
    """PVS1 already weighs the loss that PP3 and PM4 describe. Source: Abou Tayoun 2018."""
    null = _met(criteria, "PVS1")
    if null is None:
        return
    for code in ("PP3", "PM4"):
        found = _met(criteria, code)
        if found is not None and not (found.supplied and null.supplied):
            _drop(criteria, code, "counted in PVS1")


def _region_and_residue(criteria: Criteria) -> None:
    """PM1 and PM5 rest on the same pathogenic neighbours: the stronger is kept, at a tie that of the residue.

    Source: the panels' specifications, e.g. ClinGen GN002 v2.0.0 and GN021 v2.1.0.
    """
    region, residue = _met(criteria, "PM1"), _met(criteria, "PM5")
    if region is None or residue is None:
        return
    if _points(region) > _points(residue):
        _drop_automatic(criteria, "PM5", "counted in PM1")
    else:
        _drop_automatic(criteria, "PM1", "counted in PM5")


def _residue_twice(criteria: Criteria) -> None:
    if _met(criteria, "PS1") is not None:
        _drop_automatic(criteria, "PM5", "counted in PS1")


def _region_and_predictor(criteria: Criteria) -> None:
    """PM1 and PP3 together reach strong, not more: the weaker gives way, but never what was supplied."""
    region, predictor = _met(criteria, "PM1"), _met(criteria, "PP3")
    if region is None or predictor is None:
        return
    weaker, stronger = sorted((region, predictor), key=_points)
    if _points(weaker) + _points(stronger) <= REGION_AND_PREDICTOR:
        return
    for lowered, kept in ((weaker, stronger), (stronger, weaker)):
        if lowered.supplied:
            continue
        fitting = [s for s in LADDER if POINTS[s] <= REGION_AND_PREDICTOR - _points(kept)]
        if not fitting:
            _drop(criteria, lowered.code, PEJAVER)
        else:
            reason = f"{lowered.reason}; lowered ({PEJAVER})"
            criteria[lowered.code] = replace(lowered, strength=fitting[-1].value, reason=reason)
        return


def _points(criterion: Criterion) -> int:
    return POINTS[Strength(criterion.strength)] if criterion.strength else 0


def _frequency_twice(criteria: Criteria) -> None:
    """One frequency sets one criterion."""
    if _met(criteria, "BA1") is not None:
        _drop_automatic(criteria, "BS1", "counted in BA1")
    if _met(criteria, "BA1") is not None or _met(criteria, "BS1") is not None:
        _drop_automatic(criteria, "PM2", "too common by BA1 or BS1")


def _length_twice(criteria: Criteria) -> None:
    if _met(criteria, "PM4") is not None:
        _drop_automatic(criteria, "BP3", "PM4 applies")


def _predictor_both_ways(criteria: Criteria) -> None:
    """A caller's PP3 or BP4 replaces the automatic verdict of the other direction."""
    for supplied, automatic in (("PP3", "BP4"), ("BP4", "PP3")):
        found = _met(criteria, supplied)
        if found is not None and found.supplied:
            _drop_automatic(criteria, automatic, f"{supplied} is supplied")
    if _met(criteria, "PP3") is not None:
        _drop_automatic(criteria, "BP7", "an effect on splicing or protein is predicted (PP3)")


_RULES: tuple[Callable[[Criteria], None], ...] = (
    _null_variant,
    _residue_twice,
    _region_and_residue,
    _region_and_predictor,
    _frequency_twice,
    _length_twice,
    _predictor_both_ways,
)

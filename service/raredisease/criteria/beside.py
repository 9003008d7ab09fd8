"""Criteria that a panel asks to be met beside another one."""

import re
from collections.abc import Callable

from service.domain.disease import Criterion
from service.domain.gene import PanelRule
from service.raredisease.criteria.conditions import parts_of
from service.raredisease.criteria.frequency import rare
from service.raredisease.criteria.predictors import predicted_pathogenic
from service.raredisease.criteria.verdict import not_assessed, not_met
from service.raredisease.evidence import Evidence

_AUTOMATED: dict[str, Callable[[Evidence], Criterion]] = {"PM2": rare, "PP3": predicted_pathogenic}


def unmet(code: str, rule: PanelRule, evidence: Evidence) -> Criterion | None:
    """The verdict on `code` where a criterion that its rule needs is not met; None where all are.

    `with PM2` needs PM2 met, as supplied or else by ourselves; `with PP3 Supporting` needs that strength.
    """
    for part in parts_of(rule.rule):
        found = re.fullmatch(r"with ([A-Z]+\d)(?: (\w+))?", part)
        if found is None:
            continue
        needed, strength = found[1], found[2]
        other = evidence.supplied.get(needed) or _AUTOMATED[needed](evidence)
        if other.verdict == "met" and strength in (None, other.strength):
            continue
        state = other.verdict if other.verdict != "met" else f"met at {str(other.strength).lower()}"
        reason = f"the panel asks {needed}{f' at {strength.lower()}' if strength else ''} beside it ({state})"
        verdict = not_assessed if other.verdict == "not assessed" else not_met
        return verdict(code, reason, rule.specification)
    return None

"""PM4 and BP3: changes of the protein's length, in frame or by loss of the stop."""

from service.domain.disease import Criterion
from service.domain.gene import PanelRule
from service.raredisease.criteria.beside import unmet
from service.raredisease.criteria.comparator import counts
from service.raredisease.criteria.panel import (
    codon_spans,
    confirmed_rules,
    inapplicable,
    panel_statement,
)
from service.raredisease.criteria.verdict import met, not_assessed, not_met
from service.raredisease.effect import Effect, Kind
from service.raredisease.evidence import Evidence
from service.raredisease.strength import Strength, strength_or_none

RICHARDS = "Richards 2015, doi:10.1038/gim.2015.30"
# How many residues a change takes or brings, by the words of a rule: `below three residues=Supporting`.
_FEW = {"one residue": 1, "below three residues": 2}


def changed_length(evidence: Evidence) -> Criterion:
    """PM4: in-frame change outside repeats, or loss of the stop."""
    effect = evidence.effect
    if effect.kind in (Kind.CODING_UNKNOWN, Kind.OTHER):
        if evidence.variant is not None and len(evidence.variant.ref) == len(evidence.variant.alt):
            return not_met("PM4", "a substitution; whether it loses the stop is not known")
        return not_assessed("PM4", "the effect on the protein is not known")
    if effect.kind not in (Kind.IN_FRAME, Kind.STOP_LOST):
        return not_met("PM4", f"{effect.kind.value}, the length of the protein is not changed in frame")
    rule = inapplicable(evidence, "PM4")
    if rule is not None:
        return not_met("PM4", "the expert panel does not use PM4 in this gene", rule.specification)
    condition = panel_statement(evidence, "PM4", "condition")
    if condition is not None and (refused := unmet("PM4", condition, evidence)) is not None:
        return refused
    if effect.kind is Kind.STOP_LOST:
        return _stop_lost(evidence)
    if evidence.repeat:
        return not_met("PM4", "in-frame change within a repeat", RICHARDS)
    first, last = effect.residue, effect.last_residue or effect.residue
    if first is not None and last is not None:
        denied = panel_statement(evidence, "PM4", "deny")
        if denied is not None and any(first < high and last >= low for low, high in codon_spans(denied.rule)):
            return not_met(
                "PM4", "in-frame change in a stretch that the panel leaves out", denied.specification
            )
        found = next((r for r in confirmed_rules(evidence, "PM4") if r.holds(first, last)), None)
        if found is not None:
            return met("PM4", found.strength, f"in-frame change at residue {first}", found.specification)
    default = _region_default(evidence)
    if default == "not_met":
        return not_met("PM4", "in-frame change outside the panel's regions")
    content = panel_statement(evidence, "PM4", "content")
    if content is not None and _deletes(evidence):
        return _by_content(evidence, content)
    length = panel_statement(evidence, "PM4", "length")
    if length is not None:
        return _by_length(evidence, length)
    strength = Strength.SUPPORTING if default == "supporting" else Strength.MODERATE
    return met("PM4", strength, f"in-frame change at residue {effect.residue}", RICHARDS)


def _stop_lost(evidence: Evidence) -> Criterion:
    rule = panel_statement(evidence, "PM4", "stoploss")
    if rule is None:
        return met("PM4", Strength.MODERATE, "the stop codon is lost", RICHARDS)
    strength = strength_or_none(rule.rule.partition("=")[2])
    if strength is None:
        return not_met("PM4", "the panel does not count loss of the stop", rule.specification)
    return met("PM4", strength, "the stop codon is lost", rule.specification)


def _region_default(evidence: Evidence) -> str | None:
    rule = panel_statement(evidence, "PM4", "region_default")
    return rule.rule.partition("=")[2].strip() if rule is not None else None


def _deletes(evidence: Evidence) -> bool:
    variant = evidence.variant
    return variant is not None and len(variant.ref) > len(variant.alt)


def _by_content(evidence: Evidence, rule: PanelRule) -> Criterion:
    """What is known of the deleted residues: a pathogenic change, another asserted one, or none."""
    effect = evidence.effect
    if effect.residue is None or evidence.symbol is None:
        return not_assessed("PM4", "the deleted residues are not known", rule.specification)
    residues = range(effect.residue, (effect.last_residue or effect.residue) + 1)
    found = [v for r in residues for v in evidence.assertions.at_residue(evidence.symbol, r)]
    if any(counts(v, evidence.variant) for v in found):
        return met(
            "PM4", Strength.MODERATE, "a pathogenic change of a deleted residue is known", rule.specification
        )
    if found:
        return met(
            "PM4", Strength.SUPPORTING, "another change of a deleted residue is known", rule.specification
        )
    return not_met("PM4", "no change of a deleted residue is known", rule.specification)


def _by_length(evidence: Evidence, rule: PanelRule) -> Criterion:
    words, _, stated = rule.rule.partition("=")
    changed = _changed_residues(evidence.effect, evidence)
    reason = f"in-frame change of {changed} residue{'s' if changed > 1 else ''}"
    if changed > _FEW[words.strip()]:
        return met("PM4", Strength.MODERATE, reason, rule.specification)
    strength = strength_or_none(stated)
    if strength is None:
        return not_met("PM4", f"{reason}, which the panel does not count", rule.specification)
    return met("PM4", strength, reason, rule.specification)


def _changed_residues(effect: Effect, evidence: Evidence) -> int:
    """Residues that are taken or brought, at least one."""
    variant = evidence.variant
    if variant is not None:
        return max(abs(len(variant.ref) - len(variant.alt)) // 3, 1)
    return max((effect.last_residue or 1) - (effect.residue or 1) + 1, 1)


def repeat_region(evidence: Evidence) -> Criterion:
    """BP3: in-frame change in a repeat without a known function."""
    effect = evidence.effect
    if effect.kind is not Kind.IN_FRAME:
        return not_met("BP3", f"{effect.kind.value}, no in-frame change of length")
    rule = inapplicable(evidence, "BP3")
    if rule is not None:
        return not_met("BP3", "the expert panel does not use BP3 in this gene", rule.specification)
    if evidence.repeat is None:
        return not_assessed("BP3", "the neighbouring sequence is not known")
    if not evidence.repeat:
        return not_met("BP3", "not within a repeat", RICHARDS)
    return met("BP3", Strength.SUPPORTING, "in-frame change within a repeat", RICHARDS)

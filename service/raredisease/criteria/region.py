"""PM1, PM4, BP3, BP1 and PP2: where in the protein a change lies, and what kind it is."""

from service.domain.disease import Criterion
from service.domain.gene import Inheritance
from service.raredisease.criteria.panel import (
    CodonRule,
    confirmed_rules,
    inapplicable,
    panel_statement,
    unconfirmed,
)
from service.raredisease.criteria.verdict import met, not_assessed, not_met
from service.raredisease.effect import Kind
from service.raredisease.evidence import Evidence
from service.raredisease.strength import Strength

RICHARDS = "Richards 2015, doi:10.1038/gim.2015.30"
_SPLICE_BENIGN = 0.1


def critical_region(evidence: Evidence) -> Criterion:
    """PM1 in the codons that a panel lists; without a list it is not assessed."""
    effect = evidence.effect
    rule = inapplicable(evidence, "PM1")
    if rule is not None:
        return not_met("PM1", "the expert panel does not use PM1 in this gene", rule.specification)
    rules = confirmed_rules(evidence, "PM1")
    if not rules:
        reason = unconfirmed(evidence, "PM1") or "no critical region of the gene is given"
        return not_assessed("PM1", reason)
    if effect.residue is None:
        return not_met("PM1", f"{effect.kind.value}, outside the coding sequence")
    found = _holding(rules, effect.residue, effect.last_residue or effect.residue)
    if effect.kind in (Kind.CODING_UNKNOWN, Kind.OTHER):
        if found is None:
            return not_met(
                "PM1", f"residue {effect.residue} is in none of the panel's regions", rules[0].specification
            )
        return not_assessed("PM1", "in a critical region, but the amino acid change is not known")
    if effect.kind not in (Kind.MISSENSE, Kind.IN_FRAME):
        return not_met("PM1", f"{effect.kind.value}, no missense or in-frame change")
    if found is None:
        return not_met(
            "PM1", f"residue {effect.residue} is in none of the panel's regions", rules[0].specification
        )
    return met(
        "PM1", found.strength, f"residue {effect.residue} is in a critical region", found.specification
    )


def _holding(rules: list[CodonRule], first: int, last: int) -> CodonRule | None:
    return next((rule for rule in rules if rule.holds(first, last)), None)


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
    rules = confirmed_rules(evidence, "PM4")
    if effect.kind is Kind.STOP_LOST:
        return met("PM4", Strength.MODERATE, "the stop codon is lost", RICHARDS)
    if evidence.repeat:
        return not_met("PM4", "in-frame change within a repeat", RICHARDS)
    if rules and effect.residue is not None:
        found = _holding(rules, effect.residue, effect.last_residue or effect.residue)
        if found is not None:
            return met(
                "PM4", found.strength, f"in-frame change at residue {effect.residue}", found.specification
            )
    default = _region_default(evidence)
    if default == "not_met":
        return not_met("PM4", "in-frame change outside the panel's regions")
    strength = Strength.SUPPORTING if default == "supporting" else Strength.MODERATE
    return met("PM4", strength, f"in-frame change at residue {effect.residue}", RICHARDS)


def _region_default(evidence: Evidence) -> str | None:
    if evidence.gene is None:
        return None
    for rule in evidence.gene.rules:
        if rule.criterion == "PM4" and rule.status == "region_default" and rule.confirmed:
            return rule.rule.partition("=")[2].strip()
    return None


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


def missense_where_truncation_counts(evidence: Evidence) -> Criterion:
    """BP1, only where a panel's confirmed rule says so."""
    effect, gene = evidence.effect, evidence.gene
    rules = [r for r in gene.rules if r.criterion == "BP1" and r.confirmed] if gene is not None else []
    if not rules:
        return not_assessed("BP1", "no expert panel's rule for this gene")
    rule = rules[0]
    strength = Strength.STRONG if rule.status == "Strong" else Strength.SUPPORTING
    if rule.rule.startswith("truncating"):
        if effect.truncating or effect.kind is Kind.SPLICE_SITE:
            return met(
                "BP1", strength, "a null variant where only gain of function is known", rule.specification
            )
        return not_met("BP1", f"{effect.kind.value}, not truncating", rule.specification)
    broad = rule.status == "Strong"
    kinds = (Kind.MISSENSE, Kind.SYNONYMOUS, Kind.IN_FRAME) if broad else (Kind.MISSENSE,)
    if effect.kind not in kinds or effect.residue is None:
        if effect.kind in (Kind.CODING_UNKNOWN, Kind.OTHER):
            return not_assessed("BP1", "the amino acid change is not known", rule.specification)
        return not_met("BP1", f"{effect.kind.value}", rule.specification)
    listed = [r for r in confirmed_rules(evidence, "BP1") if r.spans]
    if listed and _holding(listed, effect.residue, effect.last_residue or effect.residue):
        return not_met("BP1", f"residue {effect.residue} is in a functional domain", rule.specification)
    if broad:
        delta = evidence.scores.get("SpliceAI")
        if delta is None:
            return not_assessed(
                "BP1", "outside the functional domains; no SpliceAI score was given", rule.specification
            )
        if delta > _SPLICE_BENIGN:
            return not_met("BP1", f"SpliceAI {delta:g}, above {_SPLICE_BENIGN}", rule.specification)
    return met("BP1", strength, f"{effect.kind.value} at residue {effect.residue}", rule.specification)


def constrained_gene(evidence: Evidence) -> Criterion:
    """PP2 where the gene's panel gives it to every missense change; nowhere by a constraint score alone."""
    kind = evidence.effect.kind
    rule = panel_statement(evidence, "PP2", "missense")
    if rule is None:
        refused = inapplicable(evidence, "PP2")
        if refused is not None:
            return not_met("PP2", "the expert panel does not use PP2 in this gene", refused.specification)
        return not_assessed("PP2", "no expert panel's confirmed rule for this gene")
    if kind in (Kind.CODING_UNKNOWN, Kind.OTHER):
        return not_assessed("PP2", "whether the change is missense is not known", rule.specification)
    if kind is not Kind.MISSENSE:
        return not_met("PP2", f"{kind.value}, no missense change", rule.specification)
    words = rule.rule.split("; ")
    if len(words) > 1 and Inheritance(words[1]) not in evidence.modes:
        return not_met("PP2", f"the panel gives it for {words[1]} disease alone", rule.specification)
    return met("PP2", Strength.SUPPORTING, f"the panel gives it to {words[0]}", rule.specification)

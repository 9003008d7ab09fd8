"""PM1, BP1 and PP2: where in the protein a change lies, and what kind it is."""

from service.domain.disease import Criterion
from service.domain.gene import Inheritance
from service.raredisease.criteria.beside import unmet
from service.raredisease.criteria.conditions import excepted, parts_of
from service.raredisease.criteria.panel import (
    CodonRule,
    confirmed_rules,
    inapplicable,
    panel_statement,
    unconfirmed,
)
from service.raredisease.criteria.verdict import met, not_assessed, not_met
from service.raredisease.effect import Effect, Kind
from service.raredisease.evidence import Evidence
from service.raredisease.strength import Strength

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
    rules = [rule for rule in rules if rule.status != "cys_creating" or _creates_cysteine(effect)]
    if not rules:
        return not_met("PM1", f"residue {effect.residue} is in none of the panel's regions")
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
    if excepted(found.rule, effect.change):
        return not_met("PM1", f"the panel leaves out {effect.change}", found.specification)
    if (refused := unmet("PM1", found.rule, evidence)) is not None:
        return refused
    return met(
        "PM1", found.strength, f"residue {effect.residue} is in a critical region", found.specification
    )


def _creates_cysteine(effect: Effect) -> bool:
    return effect.change is not None and effect.change.endswith("Cys")


def _holding(rules: list[CodonRule], first: int, last: int) -> CodonRule | None:
    return next((rule for rule in rules if rule.holds(first, last)), None)


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
    given, *more = parts_of(rule.rule)
    modes = {Inheritance(part) for part in more if part in list(Inheritance)}
    if modes and not modes & evidence.modes:
        return not_met("PP2", f"the panel gives it for {', '.join(modes)} disease alone", rule.specification)
    if (lacking := unmet("PP2", rule, evidence)) is not None:
        return lacking
    return met("PP2", Strength.SUPPORTING, f"the panel gives it to {given}", rule.specification)

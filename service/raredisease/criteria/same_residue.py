"""PS1 and PM5: what is known of other changes of the same amino acid or of the same splice site.

The variant itself never counts, however it is asserted.
"""

import re
from collections.abc import Sequence

from service.domain.disease import AssertedVariant, Criterion
from service.domain.gene import PanelRule
from service.domain.variant import Variant
from service.raredisease.criteria.beside import unmet
from service.raredisease.criteria.comparator import counts, is_sure, words
from service.raredisease.criteria.grantham import no_milder
from service.raredisease.criteria.null_variant import null_variant
from service.raredisease.criteria.panel import confirmed_rules, panel_statement
from service.raredisease.criteria.same_splice import same_splice_site
from service.raredisease.criteria.verdict import met, not_assessed, not_met
from service.raredisease.effect import Kind
from service.raredisease.evidence import Evidence
from service.raredisease.strength import Strength, strength_or_none

SVI = "Richards 2015, doi:10.1038/gim.2015.30; comparator levels as in the expert panels' specifications"
MITO = "ClinGen GN015 v1.0.0"
# At this delta score or above a missense comparison is unsafe: the change may act by splicing.
SPLICE = 0.2
CODON = 3
# What holds where no panel says otherwise.
_GENERAL = PanelRule("PM5", "comparators", "", "", SVI)


def same_change(evidence: Evidence) -> Criterion:
    """PS1: the same amino acid change, or the same splice site, by another pathogenic variant."""
    effect = evidence.effect
    if effect.kind is Kind.SPLICE_SITE or _acts_by_splicing(evidence):
        return same_splice_site(evidence, null_variant(evidence))
    if effect.kind in (Kind.CODING_UNKNOWN, Kind.OTHER):
        return not_assessed("PS1", "the amino acid change is not known")
    if effect.kind is not Kind.MISSENSE or effect.change is None:
        return not_met("PS1", f"{effect.kind.value}, no missense change")
    found = [v for v in _comparators(evidence) if v.protein_change == effect.change]
    if not found:
        return not_met("PS1", f"no other variant with {effect.change} is asserted pathogenic", SVI)
    strength = Strength.STRONG if any(map(is_sure, found)) else Strength.MODERATE
    return met("PS1", strength, f"{effect.change} by another base change is {words(found)}", SVI)


def same_residue(evidence: Evidence) -> Criterion:
    """PM5: another change of the residue is pathogenic; in some genes, truncation before a known boundary."""
    effect = evidence.effect
    if effect.truncating:
        return _truncating(evidence)
    if effect.kind is Kind.NON_CODING and evidence.variant is not None and evidence.variant.chrom == "MT":
        return _same_base(evidence, evidence.variant)
    if effect.kind in (Kind.CODING_UNKNOWN, Kind.OTHER):
        return not_assessed("PM5", "the amino acid change is not known")
    if effect.kind is not Kind.MISSENSE:
        return not_met("PM5", f"{effect.kind.value}, no missense change")
    truncations = panel_statement(evidence, "PM5", "missense not applicable")
    if truncations is not None:
        return not_met("PM5", "the panel keeps PM5 for truncations", truncations.specification)
    if _acts_by_splicing(evidence):
        return not_met("PM5", "the change may act by splicing (SpliceAI)")
    comparators = _comparators(evidence)
    if not comparators:
        return not_met("PM5", f"no other change of residue {effect.residue} is asserted pathogenic", SVI)
    if effect.change is None:
        return not_assessed("PM5", "the amino acid change is not known")
    found = [v for v in comparators if v.protein_change != effect.change]
    if not found:
        return not_met("PM5", f"no other change of residue {effect.residue} is asserted pathogenic", SVI)
    return _by_comparators(evidence, effect.change, found)


def _same_base(evidence: Evidence, own: Variant) -> Criterion:
    """In mitochondrial rRNA and tRNA: another pathogenic change of the same base."""
    asserted = evidence.assertions.within(own.chrom, own.start, own.start)
    found = [v for v in asserted if len(v.ref) == 1 == len(v.alt) and counts(v, own)]
    if not found:
        return not_met("PM5", "no other change of the base is asserted pathogenic", MITO)
    return met("PM5", Strength.SUPPORTING, f"{words(found)} at the same base", MITO)


def _by_comparators(evidence: Evidence, change: str, found: Sequence[AssertedVariant]) -> Criterion:
    """One pathogenic change: moderate; a likely or little reviewed one: supporting; panels may say more.

    A panel may ask that the new change is no milder than the known one, by Grantham's distance.
    """
    rule = panel_statement(evidence, "PM5", "comparators")
    if rule is None:
        rule = _GENERAL
    elif (refused := unmet("PM5", rule, evidence)) is not None:
        return refused
    stated = dict(re.findall(r"(\w+)=([A-Za-z/ ]+)", rule.rule))
    fit = [v for v in found if "milder" not in stated or no_milder(change, v.protein_change)]
    sure = {v.protein_change for v in fit if is_sure(v)}
    known = {v.protein_change for v in fit}
    steps = (
        (len(sure) > 1, stated.get("two_pathogenic")),
        (bool(sure), stated.get("pathogenic", Strength.MODERATE.value)),
        (len(known) > 1, stated.get("two_likely")),
        (bool(known), stated.get("likely", Strength.SUPPORTING.value)),
        (not known, stated.get("milder")),
    )
    given = [
        strength for word in (w for holds, w in steps if holds and w) if (strength := strength_or_none(word))
    ]
    if not given:
        reason = f"{words(found)} at the same residue: a harsher change, or one that the panel does not count"
        return not_met("PM5", reason, rule.specification)
    order = list(Strength)
    strength = max(given, key=order.index)
    milder = "" if known else ", a harsher change"
    return met("PM5", strength, f"{words(fit or found)} at the same residue{milder}", rule.specification)


def _truncating(evidence: Evidence) -> Criterion:
    """Panels of some genes give PM5 to truncations where another truncation is known to be pathogenic."""
    effect = evidence.effect
    at = effect.stop or effect.residue
    rules = [rule for rule in confirmed_rules(evidence, "PM5") if rule.status == "truncating"]
    if not rules or at is None:
        return not_met("PM5", f"{effect.kind.value}, no missense change")
    for rule in rules:
        if rule.holds(at, at) or (rule.decay and effect.decay):
            return met(
                "PM5",
                rule.strength,
                f"premature stop at codon {at}, where others are pathogenic",
                rule.specification,
            )
    return not_met("PM5", f"premature stop at codon {at}, outside the panel's ranges", rules[0].specification)


def _acts_by_splicing(evidence: Evidence) -> bool:
    return evidence.scores.get("SpliceAI", 0.0) >= SPLICE


def _comparators(evidence: Evidence) -> list[AssertedVariant]:
    """Pathogenic changes of the same codon: names on other transcripts may count residues otherwise."""
    effect, own = evidence.effect, evidence.variant
    if evidence.symbol is None or effect.residue is None or own is None:
        return []
    asserted = evidence.assertions.at_residue(evidence.symbol, effect.residue)
    split = effect.edge is not None and min(effect.edge) < CODON - 1
    return [
        v
        for v in asserted
        if counts(v, own)
        and (in_reach(v, own) or split)
        and (effect.change is None or v.protein_change is None or v.protein_change[:3] == effect.change[:3])
    ]


def in_reach(asserted: AssertedVariant, own: Variant) -> bool:
    """Whether two changes can lie in one codon that no intron splits."""
    return asserted.start is not None and abs(asserted.start - own.start) < CODON

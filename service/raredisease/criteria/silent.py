"""BP7: changes that leave the protein alone and are not predicted to change splicing."""

import re
from dataclasses import dataclass

from service.domain.disease import Criterion
from service.raredisease.criteria.panel import codon_spans, inapplicable, panel_statement
from service.raredisease.criteria.predictors import SPLICE_BENIGN, WALKER
from service.raredisease.criteria.verdict import met, not_assessed, not_met
from service.raredisease.effect import Effect, Kind
from service.raredisease.evidence import Evidence
from service.raredisease.strength import Strength, parse_strength

# Silent intronic changes lie at or beyond these offsets. Source: WALKER.
INTRON_DONOR, INTRON_ACCEPTOR = 7, -21
_EXON_EDGE_START, _EXON_EDGE_END = 1, 3


@dataclass(frozen=True, slots=True)
class Reach:
    """Which silent changes count: synonymous ones (in `codons` alone, where it is not empty), intronic ones
    from two offsets on (None: no intronic ones), and those of untranslated regions.
    """

    intron: tuple[int, int] | None = (INTRON_DONOR, INTRON_ACCEPTOR)
    codons: tuple[tuple[int, int], ...] = ()
    untranslated: bool = False
    strength: Strength = Strength.SUPPORTING
    source: str = WALKER


def silent(evidence: Evidence) -> Criterion:
    """BP7: synonymous or deep enough in an intron, as far as the panel says, and no effect on splicing."""
    refused = inapplicable(evidence, "BP7")
    if refused is not None:
        return not_met("BP7", "the expert panel does not use BP7 in this gene", refused.specification)
    reach = reach_of(evidence)
    place = _place(evidence.effect, reach)
    if isinstance(place, Criterion):
        return place
    supplied = evidence.supplied.get("BP4")
    if supplied is not None and supplied.verdict == "met":
        return met("BP7", reach.strength, f"{place}; BP4 is supplied", reach.source)
    delta = evidence.scores.get("SpliceAI")
    if delta is None:
        return not_assessed("BP7", f"{place}; no prediction of splicing was given", reach.source)
    if delta <= SPLICE_BENIGN:
        return met(
            "BP7", reach.strength, f"{place}; SpliceAI {delta:g}, at most {SPLICE_BENIGN}", reach.source
        )
    return not_met("BP7", f"{place}; SpliceAI {delta:g}", reach.source)


def reach_of(evidence: Evidence) -> Reach:
    """The panel's confirmed words, such as `synonymous=2-101; intron from +7 or -4`; else Walker's."""
    rule = panel_statement(evidence, "BP7", "silent")
    if rule is None:
        return Reach()
    intron = re.search(r"intron from \+(\d+) or (-\d+)", rule.rule)
    strength = re.search(r"strength=(\w+)", rule.rule)
    return Reach(
        (int(intron[1]), int(intron[2])) if intron else None,
        codon_spans(rule.rule),
        "untranslated" in rule.rule,
        parse_strength(strength[1]) if strength else Strength.SUPPORTING,
        rule.specification,
    )


def _place(effect: Effect, reach: Reach) -> str | Criterion:
    if effect.kind is Kind.SYNONYMOUS:
        return _synonymous(effect, reach)
    if effect.kind is Kind.INTRONIC:
        return _intronic(effect, reach)
    if effect.kind is Kind.UNTRANSLATED and reach.untranslated:
        return "untranslated"
    if effect.kind in (Kind.CODING_UNKNOWN, Kind.OTHER):
        return not_assessed("BP7", "whether the change is silent is not known")
    return not_met("BP7", f"{effect.kind.value}, not silent", reach.source)


def _synonymous(effect: Effect, reach: Reach) -> str | Criterion:
    before, after = effect.edge or (1_000_000, 1_000_000)
    if before < _EXON_EDGE_START or after < _EXON_EDGE_END:
        return not_met("BP7", "synonymous, but in the first or the last three bases of an exon", WALKER)
    at = effect.residue
    if reach.codons and (at is None or not any(low <= at < high for low, high in reach.codons)):
        return not_met("BP7", "synonymous, outside the codons for which the panel uses BP7", reach.source)
    return "synonymous"


def _intronic(effect: Effect, reach: Reach) -> str | Criterion:
    if reach.intron is None:
        return not_met("BP7", "intronic; the panel gives BP7 to synonymous changes alone", reach.source)
    offset = effect.intron_offset
    if offset is None:
        return not_assessed("BP7", "the place within the intron is not known")
    donor, acceptor = reach.intron
    if offset >= donor or offset <= acceptor:
        return f"intronic at {offset:+d}"
    return not_met("BP7", f"intronic at {offset:+d}, nearer than {donor:+d} or {acceptor:+d}", reach.source)

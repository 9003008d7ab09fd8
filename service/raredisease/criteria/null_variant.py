"""PVS1 by the decision tree of Abou Tayoun 2018, doi:10.1002/humu.23626, splicing after Walker 2023.

The tree's questions are asked in its order: is loss of function a mechanism, is decay expected, is the region
critical, how much of the protein is lost. A panel's own codon boundaries, where read in the registry, decide
instead of the last two.
"""

from service.domain.disease import Criterion
from service.raredisease.criteria.mechanism import mechanism_of
from service.raredisease.criteria.null_boundaries import Boundaries, panel_boundaries
from service.raredisease.criteria.verdict import met, not_assessed, not_met
from service.raredisease.effect import LOSS_OF_FUNCTION, Effect, Kind
from service.raredisease.evidence import Evidence
from service.raredisease.strength import Strength, one_level_down

TREE = "Abou Tayoun 2018, doi:10.1002/humu.23626"
MITO = "ClinGen GN015 v1.0.0"
# Exactly 10 % counts as more. Source: TREE.
LARGE_SHARE = 0.10


def null_variant(evidence: Evidence) -> Criterion:
    """PVS1 with the strength that the tree gives."""
    effect = evidence.effect
    if effect.kind in (Kind.OTHER, Kind.CODING_UNKNOWN):
        return not_assessed("PVS1", _unknown(effect))
    if effect.kind not in LOSS_OF_FUNCTION:
        return not_met("PVS1", f"{effect.kind.value}, no null variant")
    if evidence.variant is not None and evidence.variant.chrom == "MT":
        return _mitochondrial(effect)
    mechanism = mechanism_of(evidence)
    if mechanism.levels_down is None:
        return not_met("PVS1", mechanism.reason, TREE)
    strength, reason = _tree(evidence)
    if strength is None:
        return not_met("PVS1", reason, TREE)
    lowered = one_level_down(strength, mechanism.levels_down)
    if lowered is None:
        return not_met("PVS1", f"{reason}; {mechanism.reason}", TREE)
    return met("PVS1", lowered, f"{reason}; {mechanism.reason}", TREE)


def _mitochondrial(effect: Effect) -> Criterion:
    """Truncations of mitochondrial genes by the share lost, at most strong; there is no decay."""
    removed = effect.removed
    if not effect.truncating or removed is None:
        return not_met("PVS1", f"{effect.kind.value} in a mitochondrial gene", MITO)
    reason = f"{effect.kind.value} at codon {effect.residue}, {removed:.0%} of the protein lost"
    return met("PVS1", Strength.STRONG if removed >= LARGE_SHARE else Strength.MODERATE, reason, MITO)


def _unknown(effect: Effect) -> str:
    if effect.kind is Kind.CODING_UNKNOWN:
        return "a coding substitution whose amino acids are not known: the sequence is not configured"
    return "the effect on a transcript is not known"


def _tree(evidence: Evidence) -> tuple[Strength | None, str]:
    effect = evidence.effect
    if effect.kind is Kind.WHOLE_GENE:
        return Strength.VERY_STRONG, "the whole transcript is deleted"
    boundaries = panel_boundaries(evidence)
    if effect.kind is Kind.START_LOST:
        return _start_lost(evidence, boundaries)
    if effect.kind is Kind.SPLICE_SITE:
        return _splice(effect, boundaries)
    return _premature_stop(effect, boundaries)


def _premature_stop(effect: Effect, boundaries: Boundaries | None) -> tuple[Strength | None, str]:
    at = effect.stop or effect.residue
    where = f"{effect.kind.value} at codon {effect.residue}"
    if effect.kind is Kind.FRAMESHIFT:
        where += f", new stop at codon {effect.stop}" if effect.stop else ", new stop taken to be near"
    if boundaries is not None and at is not None:
        found = boundaries.strength_at(effect.residue or at, at, frameshift=effect.kind is Kind.FRAMESHIFT)
        if found is not None:
            return found[0], f"{where}, {found[1]} ({boundaries.specification})"
    if effect.decay is None:
        return Strength.STRONG, f"{where}; whether the transcript decays is not known"
    if effect.decay:
        return Strength.VERY_STRONG, f"{where}, decay expected"
    if boundaries is not None and boundaries.escape is not None:
        return boundaries.escape, f"{where}, no decay expected ({boundaries.specification})"
    removed = effect.removed
    if removed is None:
        return Strength.MODERATE, f"{where}, no decay expected, share of the protein not known"
    share = f"{where}, no decay expected, {removed:.0%} of the protein lost"
    return (Strength.STRONG if removed >= LARGE_SHARE else Strength.MODERATE), share


def _splice(effect: Effect, boundaries: Boundaries | None) -> tuple[Strength | None, str]:
    skip = effect.skip
    if skip is not None and boundaries is not None:
        donor = "splice_donor_variant" in effect.terms
        stated = boundaries.splice_strength(skip.exon, donor=donor)
        if stated is not None:
            side = "donor" if donor else "acceptor"
            return stated[0], f"canonical splice {side} of exon {skip.exon} ({boundaries.specification})"
    if skip is None:
        if effect.shape is None:
            return Strength.STRONG, "canonical splice site; the exon that it serves is not known"
        return None, "canonical splice site of an exon without coding bases"
    where = f"canonical splice site, exon {skip.exon} ({skip.coding_bases} coding bases)"
    if skip.start:
        return Strength.VERY_STRONG, f"{where} carries the start codon"
    if not skip.frame_kept and skip.decay:
        return Strength.VERY_STRONG, f"{where}: frame lost, decay expected"
    stated_for = "in-frame" if skip.frame_kept else "escape"
    known = dict(boundaries.splice) if boundaries is not None else {}
    if boundaries is not None and stated_for in known:
        words = "frame kept" if skip.frame_kept else "frame lost without decay"
        return known[stated_for], f"{where}: {words} ({boundaries.specification})"
    outcome = "frame kept" if skip.frame_kept else "frame lost without decay"
    share = f"{where}: {outcome}, {skip.lost:.0%} of the protein lost"
    return (Strength.STRONG if skip.lost >= LARGE_SHARE else Strength.MODERATE), share


def _start_lost(evidence: Evidence, boundaries: Boundaries | None) -> tuple[Strength | None, str]:
    if boundaries is not None and boundaries.start_lost_known:
        return boundaries.start_lost, f"start loss ({boundaries.specification})"
    known = evidence.upstream_of_next_start
    if known is None:
        return Strength.SUPPORTING, "start loss; pathogenic variants before the next methionine are not known"
    if known:
        return Strength.MODERATE, f"start loss; {known} pathogenic variants before the next methionine"
    return Strength.SUPPORTING, "start loss; no pathogenic variant before the next methionine"

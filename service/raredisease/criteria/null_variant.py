"""PVS1 by the decision tree of Abou Tayoun 2018, doi:10.1002/humu.23626, splicing after Walker 2023.

The tree's questions are asked in its order: is loss of function a mechanism, is decay expected, is the region
critical, how much of the protein is lost. A panel's own codon boundaries, where read in the registry, decide
instead of the last two.
"""

import re
from dataclasses import dataclass, replace

from service.domain.disease import Criterion
from service.domain.gene import RECESSIVE_DOSAGE, Inheritance, PanelRule
from service.raredisease.criteria.conditions import is_for
from service.raredisease.criteria.verdict import met, not_assessed, not_met
from service.raredisease.effect import LOSS_OF_FUNCTION, Effect, Kind
from service.raredisease.evidence import Evidence
from service.raredisease.strength import Strength, one_level_down

TREE = "Abou Tayoun 2018, doi:10.1002/humu.23626"
MITO = "ClinGen GN015 v1.0.0"
# Exactly 10 % counts as more. Source: TREE.
LARGE_SHARE = 0.10
# Loss-of-function variants that a gene needs among its pathogenic ones, and their share. Source: TREE,
# table 1.
FEWEST_LOF, LOF_SHARE = 3, 0.10
_STRENGTHS = {
    "verystrong": Strength.VERY_STRONG,
    "strong": Strength.STRONG,
    "moderate": Strength.MODERATE,
    "supporting": Strength.SUPPORTING,
}


@dataclass(frozen=True, slots=True)
class Mechanism:
    """How sure it is that losing the gene's function causes the disease: levels to go down, or None
    for no PVS1.
    """

    levels_down: int | None
    reason: str


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


def mechanism_of(evidence: Evidence) -> Mechanism:
    """Whether loss of function is a mechanism, from dosage, validity, the panel and known null variants."""
    gene = evidence.gene
    if gene is None:
        return Mechanism(None, "no knowledge of the gene says that loss of function causes disease")
    panel = _panel_rule(gene.rules, "PVS1")
    if panel is not None and _inapplicable(panel):
        hand = "" if panel.confirmed else ", by its list of criteria"
        return Mechanism(
            None, f"the expert panel does not use PVS1 in {gene.gene} ({panel.specification}{hand})"
        )
    established = any(d.validity in ("Definitive", "Strong") for d in gene.diseases)
    moderate = any(d.established for d in gene.diseases)
    if panel is not None:
        hand = "" if _read(panel) else ", whose tree is known at second hand and is not used"
        return Mechanism(
            0, f"loss of function is a mechanism by the expert panel ({panel.specification}{hand})"
        )
    if gene.haploinsufficiency == 3:
        return Mechanism(0, "haploinsufficiency has sufficient evidence (ClinGen 3)")
    curated = gene.haploinsufficiency == RECESSIVE_DOSAGE and _may_be_recessive(evidence)
    recessive = curated or evidence.modes == {Inheritance.RECESSIVE}
    if recessive and established:
        return Mechanism(0, "recessive disease of strong or definitive validity")
    if curated:
        return Mechanism(0, "the dosage curation names the gene for recessive disease (ClinGen 30)")
    counts = (
        f"{gene.null_pathogenic} of {gene.pathogenic} pathogenic variants of the shipped ClinVar are null"
        if gene.pathogenic
        else "its pathogenic variants by kind are not counted here"
    )
    enough = gene.pathogenic and gene.null_pathogenic > LOF_SHARE * gene.pathogenic
    if enough and gene.null_pathogenic >= FEWEST_LOF and (established or recessive):
        return Mechanism(0, counts)
    if moderate and (recessive or (enough and gene.null_pathogenic >= FEWEST_LOF - 1)):
        return Mechanism(1, f"{counts}, validity moderate")
    if gene.haploinsufficiency == 2:
        return Mechanism(1, "haploinsufficiency has emerging evidence (ClinGen 2)")
    if recessive and gene.diseases:
        return Mechanism(1, "recessive disease without a strong validity curation")
    if moderate and gene.loeuf is not None and gene.loeuf < gene.loeuf_limit:
        return Mechanism(
            2, f"constrained against loss of function (LOEUF {gene.loeuf:g} below {gene.loeuf_limit:g})"
        )
    return Mechanism(None, f"loss of function is not shown to be a mechanism in {gene.gene} ({counts})")


def _may_be_recessive(evidence: Evidence) -> bool:
    """Whether a recessive disease of the gene may be meant: none dominant was stated or stands alone."""
    if evidence.stated_modes:
        return Inheritance.DOMINANT not in evidence.stated_modes
    modes = {d.inheritance for d in evidence.gene.diseases} if evidence.gene else set()
    return Inheritance.RECESSIVE in modes or Inheritance.DOMINANT not in modes


def _panel_rule(rules: tuple[PanelRule, ...], criterion: str) -> PanelRule | None:
    return next((rule for rule in rules if rule.criterion == criterion), None)


def _inapplicable(rule: PanelRule) -> bool:
    return rule.status.replace("_", " ") == "not applicable"


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


def _premature_stop(effect: Effect, boundaries: "Boundaries | None") -> tuple[Strength | None, str]:
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


def _splice(effect: Effect, boundaries: "Boundaries | None") -> tuple[Strength | None, str]:
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


def _start_lost(evidence: Evidence, boundaries: "Boundaries | None") -> tuple[Strength | None, str]:
    if boundaries is not None and boundaries.start_lost_known:
        return boundaries.start_lost, f"start loss ({boundaries.specification})"
    known = evidence.upstream_of_next_start
    if known is None:
        return Strength.SUPPORTING, "start loss; pathogenic variants before the next methionine are not known"
    if known:
        return Strength.MODERATE, f"start loss; {known} pathogenic variants before the next methionine"
    return Strength.SUPPORTING, "start loss; no pathogenic variant before the next methionine"


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Codon ranges of a panel's tree with their strength (None: not applicable), as read in the registry."""

    specification: str
    stops: tuple[tuple[int, int, Strength | None], ...]
    frameshifts: tuple[tuple[int, int, Strength | None], ...]
    start_lost: Strength | None
    start_lost_known: bool
    # Exon, exon with a side (`3d` donor, `3a` acceptor), `default`, `in-frame` or `escape` (frame lost
    # without decay) -> strength.
    splice: tuple[tuple[str, Strength | None], ...] = ()
    # Strength of any premature stop without decay.
    escape: Strength | None = None

    def splice_strength(self, exon: int, *, donor: bool) -> tuple[Strength | None] | None:
        """Strength at a splice site of an exon; None where the panel leaves it to the general tree."""
        stated = dict(self.splice)
        for key in (f"{exon}{'d' if donor else 'a'}", str(exon), "default"):
            if key in stated:
                return (stated[key],)
        return None

    def strength_at(self, first: int, stop: int, *, frameshift: bool) -> tuple[Strength | None, str] | None:
        """Strength of a premature stop; None where no range holds it."""
        ranges, at, kind = self.stops, stop, "stop"
        if frameshift and self.frameshifts:
            ranges, at, kind = self.frameshifts, first, "frameshift"
        for low, high, strength in ranges:
            if low <= at <= high:
                return strength, f"the panel's {kind} range {low}-{high}"
        return None


_RANGE = re.compile(r"(\d+)-(\d+):(VeryStrong|Strong|Moderate|Supporting|N/A)")


def panel_boundaries(evidence: Evidence) -> Boundaries | None:
    """The panel's codon boundaries; None where there are none, or none that were read in the registry's text.

    A tree that is known only at second hand, or that counts another protein than the transcript's, is not
    used.
    """
    if evidence.gene is None:
        return None
    rules = [r for r in evidence.gene.rules if r.criterion == "PVS1" and _read(r) and is_for(r, evidence)]
    if not rules:
        return None
    # Each part is taken from the first rule that states it.
    joined = replace(rules[0], rule="; ".join(rule.rule for rule in rules))
    shape = evidence.effect.shape
    return _boundaries(joined, shape.residues if shape is not None else None)


def _read(rule: PanelRule) -> bool:
    return rule.confirmed or rule.confidence.startswith("boundaries seen")


def _boundaries(rule: PanelRule, residues: int | None) -> Boundaries | None:
    parts = [part.strip() for part in rule.rule.split(";")]
    stops = _ranges(next((part for part in parts if part.startswith("PTC codon")), ""))
    frameshifts = _ranges(next((part for part in parts if part.startswith("frameshift codon")), ""))
    whole = re.search(r" of (\d+)", rule.rule)
    length = int(whole[1]) if whole else max((high for _, high, _ in stops), default=0)
    if residues is not None and stops and abs(length - residues) > 1:
        return None
    start = next((part.partition(":")[2].strip() for part in parts if part.startswith("start-loss")), "")
    escape = next((part.partition(":")[2].strip() for part in parts if part.startswith("escape")), "")
    return Boundaries(
        rule.specification,
        stops,
        frameshifts,
        _STRENGTHS.get(start.lower()),
        start.lower() in _STRENGTHS or start == "N/A",
        _splice_exons(next((part for part in parts if part.startswith("splice exons")), "")),
        _STRENGTHS.get(escape.lower()),
    )


def _splice_exons(text: str) -> tuple[tuple[str, Strength | None], ...]:
    found = re.findall(
        r"(\d+[ad]?|default|in-frame|escape)=(VeryStrong|Strong|Moderate|Supporting|N/A)", text
    )
    return tuple((exon, _STRENGTHS.get(word.lower())) for exon, word in found)


def _ranges(text: str) -> tuple[tuple[int, int, Strength | None], ...]:
    return tuple(
        (int(low), int(high), _STRENGTHS.get(word.lower())) for low, high, word in _RANGE.findall(text)
    )

"""PS1 for splicing: other pathogenic substitutions of the same splice motif.

Source: Walker 2023, doi:10.1016/j.ajhg.2023.06.002, table 2. Comparators lie in the intron: an exonic one may
be pathogenic by its amino acid. One at a canonical site stands for a change outside only where that is
predicted as surely to act (a delta score from `SURE` on), since its event must be at least as strong.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from service.domain.disease import AssertedVariant, Criterion
from service.domain.transcript import Transcript
from service.raredisease.criteria.comparator import SURE_STARS, counts, is_sure, words
from service.raredisease.criteria.verdict import met, not_met
from service.raredisease.evidence import Evidence
from service.raredisease.strength import Strength

WALKER = "Walker 2023, doi:10.1016/j.ajhg.2023.06.002, table 2"
# Bases of the motifs of GT-AG introns, of exon and intron: donor, acceptor. Source: WALKER.
DONOR, ACCEPTOR = (3, 6), (1, 20)
SURE = 0.8
_S = Strength
# (place of the variant, of the comparator) -> strength by a pathogenic, by a likely pathogenic comparator.
_STRENGTHS: dict[tuple[str, str], tuple[Strength, Strength | None]] = {
    ("outside", "same nucleotide"): (_S.STRONG, _S.MODERATE),
    ("outside", "same motif"): (_S.MODERATE, _S.SUPPORTING),
    ("full PVS1", "same dinucleotide"): (_S.SUPPORTING, None),
    ("full PVS1", "same motif"): (_S.SUPPORTING, _S.SUPPORTING),
    ("lowered PVS1", "same dinucleotide"): (_S.STRONG, None),
    ("lowered PVS1", "same motif"): (_S.MODERATE, _S.SUPPORTING),
}


@dataclass(frozen=True, slots=True)
class Motif:
    """Interbase starts of a motif's bases: `low` to `high`, the canonical two, those in the intron."""

    low: int
    high: int
    canonical: frozenset[int]
    intronic: frozenset[int]


def motif_at(transcript: Transcript, position: int) -> Motif | None:
    """The splice motif that holds a base, by its interbase start; None outside every motif.

    >>> model = Transcript("N.1", None, None, "G", None, "", "1", 1, ((0, 100), (200, 300)), (0, 200))
    >>> motif = motif_at(model, 104)
    >>> motif.low, motif.high, sorted(motif.canonical)
    (97, 105, [100, 101])
    >>> motif_at(model, 150) is None
    True
    """
    for (_, low), (high, _) in zip(transcript.exons, transcript.exons[1:], strict=False):
        left, right = (DONOR, ACCEPTOR) if transcript.strand > 0 else (ACCEPTOR, DONOR)
        if low - left[0] <= position < low + left[1]:
            bases = range(low, low + left[1])
            return Motif(low - left[0], low + left[1] - 1, frozenset((low, low + 1)), frozenset(bases))
        if high - right[1] <= position < high + right[0]:
            bases = range(high - right[1], high)
            canonical = frozenset((high - 2, high - 1))
            return Motif(high - right[1], high + right[0] - 1, canonical, frozenset(bases))
    return None


def same_splice_site(evidence: Evidence, null: Criterion) -> Criterion:
    """PS1 at a canonical site beside PVS1 (`null`), or outside it where splicing is predicted to change."""
    variant, model = evidence.variant, evidence.effect.transcript
    if variant is None or len(variant.ref) != 1 or len(variant.alt) != 1 or model is None:
        return not_met("PS1", "may act by splicing, but is no substitution in a known transcript")
    motif = motif_at(model, variant.start)
    if motif is None:
        return not_met("PS1", "may act by splicing, outside the motifs of splice sites", WALKER)
    if variant.start not in motif.canonical:
        where = "outside"
    elif null.verdict == "met":
        where = "full PVS1" if null.strength == Strength.VERY_STRONG.value else "lowered PVS1"
    else:
        return not_met("PS1", "canonical splice site without PVS1", WALKER)
    found = list(_comparators(evidence, motif, where))
    if not found:
        return not_met("PS1", "no other variant of the splice motif is asserted pathogenic", WALKER)
    order = list(Strength)
    strength, place, asserted = max(found, key=lambda entry: order.index(entry[0]))
    return met("PS1", strength, f"{words([asserted])} at the {place}", WALKER)


def _comparators(
    evidence: Evidence, motif: Motif, where: str
) -> Iterator[tuple[Strength, str, AssertedVariant]]:
    own = evidence.variant
    if own is None:
        return
    delta = evidence.scores.get("SpliceAI", 0.0)
    for other in evidence.assertions.within(own.chrom, motif.low, motif.high):
        if not len(other.ref) == 1 == len(other.alt) or not counts(other, own):
            continue
        if other.assertion.stars < SURE_STARS:
            continue  # one submitter alone is no reason to take a neighbour for the same event
        if other.start is None or other.start not in motif.intronic:
            continue
        if where == "outside" and other.start in motif.canonical and delta < SURE:
            continue
        if where == "outside":
            place = "same nucleotide" if other.start == own.start else "same motif"
        else:
            place = "same dinucleotide" if other.start in motif.canonical else "same motif"
        pathogenic, likely = _STRENGTHS[where, place]
        strength = pathogenic if is_sure(other) else likely
        if strength is not None:
            yield strength, place, other

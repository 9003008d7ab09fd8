"""How much one variant speaks for being the cause of a rare disease: an ordered number with its reasons.

The numbers order variants; what they are worth is settled against all other genes of the same person (see
`gene_fit`). They follow ClinVar's review levels, PVS1 (Abou Tayoun 2018, doi:10.1002/humu.23626), the
calibration of REVEL (Pejaver 2022, doi:10.1016/j.ajhg.2022.10.013) and Exomiser's frequency limits by mode of
inheritance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.domain.disease import Assertion, assertion_terms, asserts_pathogenic
from service.domain.variant import MolecularDescription, VariantCall
from service.raredisease.place import Place

LOSS = "loss of function"
UNKNOWN = "coding, amino acids unknown"
# What a coding substitution is by chance when its amino acids are not known, and what that adds to its
# number: missense, a stop codon; else synonymous. Of the 549 substitutions of the 61 codons of the genetic
# code 392 are missense and 23 stop codons; of those that people carry fewer.
_READINGS = ((0.6, 0.0), (0.03, 3.0))
_KINDS: tuple[tuple[str, float, frozenset[str]], ...] = (
    (LOSS, 5.0, frozenset({"transcript_ablation", "stop_gained", "frameshift_variant",
                           "splice_acceptor_variant", "splice_donor_variant"})),
    ("start or stop codon lost", 4.0, frozenset({"start_lost", "stop_lost"})),
    ("in-frame change of length", 2.5, frozenset({"inframe_insertion", "inframe_deletion",
                                                  "protein_altering_variant"})),
    ("missense", 2.0, frozenset({"missense_variant"})),
    (UNKNOWN, 2.0, frozenset({"coding_sequence_variant"})),
    ("splice region", 0.7, frozenset({"splice_region_variant", "splice_donor_5th_base_variant",
                                      "splice_donor_region_variant"})),
    ("non-coding gene", 1.0, frozenset({"non_coding_transcript_exon_variant"})),
)  # fmt: skip
# (stars, number): asserted pathogenic or likely pathogenic; the last for assertions without criteria.
_ASSERTED = ((2, 8.0), (1, 7.25), (0, 5.5))
# Only what is asserted pathogenic with a star reaches this number.
ASSERTED_FROM = 6.75
_BENIGN = -6.0
# Synonymous, in an untranslated exon or in an intron: worth something only where it is in no catalogue.
_ELSEWHERE = -0.7
_ONLY_LIKELY = 0.5
# (at or above this frequency, taken away) for dominant and for recessive disease.
_DOMINANT = ((0.01, 9.0), (0.001, 4.0), (0.0001, 1.5))
_RECESSIVE = ((0.05, 9.0), (0.02, 4.0), (0.005, 1.5))
_RARE, _RARE_BONUS = 0.0001, 1.0
_PREDICTED = {"REVEL": ((0.773, 1.5), (0.644, 1.0), (0.29, 0.0), (0.0, -1.5)),
              "CADD": ((28.1, 1.0), (25.3, 0.5), (22.7, 0.0), (0.0, -1.0))}  # fmt: skip
_SPLICEAI = ((0.5, 3.0), (0.2, 1.5))
# LOEUF below which one lost copy is not tolerated, and above which it often is. Source: gnomAD v2.1.1.
_CONSTRAINED, _TOLERANT = 0.35, 1.0
_FILTERED = 2.0


@dataclass(frozen=True, slots=True)
class Weight:
    """What a variant is worth for a dominant and for a recessive disease, and why; 0 or less: nothing."""

    dominant: float
    recessive: float
    kind: str
    reasons: tuple[str, ...]

    def readings(self, number: float) -> tuple[tuple[float, float], ...]:
        """What the variant may be: chances and numbers, given its number for one mode."""
        if self.kind != UNKNOWN:
            return ((1.0, number),)
        return tuple((chance, number + more) for chance, more in _READINGS)


def weigh(
    call: VariantCall,
    names: MolecularDescription | None,
    place: Place,
    assertions: Sequence[Assertion],
    frequency: float | None,
    scores: Mapping[str, float],
    loeuf: float | None,
    *,
    unseen: bool = False,
) -> Weight:
    """The weight of one variant of one gene. An unknown frequency takes nothing away.

    `unseen` says that the file's annotation knows most other variants and not this one.
    """
    kind, number = _kind(names, place)
    reasons = [kind]
    if kind in ("missense", UNKNOWN):
        number += _predicted(scores, reasons)
    delta = next((worth for floor, worth in _SPLICEAI if scores.get("SpliceAI", 0.0) >= floor), 0.0)
    if delta > max(number, 0.0):
        number = delta
        reasons.append(f"SpliceAI {scores['SpliceAI']:.2f}")
    lost = 0.0
    if kind == LOSS:
        if names is not None and names.nmd is False:
            number -= 1.0
            reasons.append("the transcript may escape decay")
        lost = _haploinsufficiency(loeuf, reasons)
    asserted = _asserted(assertions, reasons)
    if asserted is not None:
        number = max(number, asserted) if asserted > 0 else asserted
    if not call.passed:
        number -= _FILTERED
        reasons.append("did not pass the file's filters")
    reviewed = asserted is not None and asserted >= _ASSERTED[0][1]
    if unseen and asserted is None:
        number += _RARE_BONUS
        reasons.append("in no catalogue that the file was annotated with")
    dominant = number + lost + (0.0 if reviewed else _rarity(frequency, _DOMINANT))
    recessive = number + (0.0 if reviewed else _rarity(frequency, _RECESSIVE))
    if frequency is not None:
        reasons.append(f"highest stated frequency {frequency:.2g}")
    return Weight(dominant, recessive, kind, tuple(reasons))


def _kind(names: MolecularDescription | None, place: Place) -> tuple[str, float]:
    if names is not None:
        terms = set(names.consequences)
        if "coding_sequence_variant" in terms and len(names.variant.ref) != len(names.variant.alt):
            in_frame = (len(names.variant.ref) - len(names.variant.alt)) % 3 == 0
            return ("in-frame change of length", 2.5) if in_frame else (LOSS, 5.0)
        found = next(((kind, worth) for kind, worth, of in _KINDS if of & terms), None)
        if found is not None:
            return found
        if names.variant.chrom == "MT" and names.consequence != "synonymous_variant":
            return "mitochondrial", 1.5
    if place is Place.SPLICE_REGION:
        return "splice region", 0.7
    return (names.consequence or place.value if names is not None else place.value), _ELSEWHERE


def _predicted(scores: Mapping[str, float], reasons: list[str]) -> float:
    for name, floors in _PREDICTED.items():
        if name in scores:
            reasons.append(f"{name} {scores[name]:.2f}")
            return next(worth for floor, worth in floors if scores[name] >= floor or floor == floors[-1][0])
    return 0.0


def _haploinsufficiency(loeuf: float | None, reasons: list[str]) -> float:
    if loeuf is None or _CONSTRAINED <= loeuf < _TOLERANT:
        return 0.0
    reasons.append(f"LOEUF {loeuf:.2f}")
    return 0.5 if loeuf < _CONSTRAINED else -1.0


def _asserted(assertions: Sequence[Assertion], reasons: list[str]) -> float | None:
    """The number of the strongest assertion; None where nobody asserted a class."""
    for assertion in sorted(assertions, key=lambda a: (-a.stars, a.accession)):
        terms = assertion_terms(assertion.classification)
        text = (
            f"{assertion.source} {assertion.accession}: {assertion.classification}, {assertion.stars} stars"
        )
        if asserts_pathogenic(assertion):
            reasons.append(text)
            number = next(worth for stars, worth in _ASSERTED if assertion.stars >= stars)
            return number - (_ONLY_LIKELY if "pathogenic" not in terms else 0.0)
        if {"benign", "likely benign"} & set(terms) and assertion.stars > 0:
            reasons.append(text)
            return _BENIGN
    return None


def _rarity(frequency: float | None, limits: Sequence[tuple[float, float]]) -> float:
    if frequency is None:
        return 0.0
    if frequency < _RARE:
        return _RARE_BONUS
    return -next((taken for floor, taken in limits if frequency >= floor), 0.0)

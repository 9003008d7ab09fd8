"""PS1 and PM5, and amino acids that neighbours tell."""

import pytest

from service.domain.assembly import Assembly
from service.domain.disease import AssertedVariant, Assertion
from service.domain.gene import PanelRule
from service.domain.variant import Variant
from service.raredisease.codon import inferred
from service.raredisease.criteria.same_residue import same_change, same_residue
from service.raredisease.effect import Effect, Kind
from service.raredisease.evidence import Evidence
from tests.raredisease import a_gene, an_effect

OWN = Variant(Assembly.GRCH38, "1", 250, "C", "T")


def asserted(
    change: str, classification: str, stars: int = 2, start: int = 251, alt: str = "T"
) -> AssertedVariant:
    assertion = Assertion("ClinVar", "VCV1", classification, "", stars, ())
    return AssertedVariant(assertion, "1", start, "C", alt, protein_change=change)


class Published:
    """Assertions of one residue, and of one place."""

    def __init__(self, *variants: AssertedVariant) -> None:
        self.variants = variants

    def at_residue(self, gene: str, position: int) -> tuple[AssertedVariant, ...]:
        return self.variants if gene == "GENE" else ()

    def within(self, chrom: str, start: int, end: int) -> tuple[AssertedVariant, ...]:
        return tuple(v for v in self.variants if v.start is not None and start <= v.start <= end)


def missense(*variants: AssertedVariant, rules: tuple[PanelRule, ...] = (), **more: object) -> Evidence:
    effect = an_effect(Kind.MISSENSE, 50, change="Arg50Cys")
    return Evidence(OWN, effect, a_gene(rules=rules), assertions=Published(*variants), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("classification", "stars", "ps1", "pm5"),
    [
        ("Pathogenic", 2, "Strong", "Moderate"),
        ("Pathogenic", 3, "Strong", "Moderate"),
        ("Pathogenic", 1, "Moderate", "Supporting"),
        ("Likely pathogenic", 2, "Moderate", "Supporting"),
        ("Pathogenic/Likely pathogenic", 2, "Moderate", "Supporting"),
        ("Pathogenic", 0, None, None),
        ("Uncertain significance", 3, None, None),
        ("Conflicting interpretations of pathogenicity", 1, None, None),
        ("Pathogenic, low penetrance", 2, None, None),
    ],
)
def test_how_far_a_comparator_is_trusted(
    classification: str, stars: int, ps1: str | None, pm5: str | None
) -> None:
    same = asserted("Arg50Cys", classification, stars)
    other = asserted("Arg50His", classification, stars)
    assert same_change(missense(same)).strength == ps1
    assert same_residue(missense(same)).strength is None
    assert same_residue(missense(other)).strength == pm5
    assert same_change(missense(other)).strength is None


def test_the_variant_itself_never_counts() -> None:
    itself = asserted("Arg50Cys", "Pathogenic", 4, start=250)
    assert same_change(missense(itself)).verdict == "not met"
    assert same_residue(missense(itself)).verdict == "not met"


def test_a_name_that_counts_residues_on_another_transcript_is_no_comparator() -> None:
    far = asserted("Arg50His", "Pathogenic", start=900)
    other_residue = asserted("Gly50Val", "Pathogenic")
    assert same_residue(missense(far, other_residue)).verdict == "not met"
    # A codon that an intron splits may lie far apart.
    split = an_effect(Kind.MISSENSE, 50, change="Arg50Cys", edge=(40, 1))
    given = Evidence(OWN, split, a_gene(), assertions=Published(far))
    assert same_residue(given).verdict == "met"


def test_a_change_that_may_act_by_splicing_is_not_compared() -> None:
    given = missense(asserted("Arg50His", "Pathogenic"), scores={"SpliceAI": 0.3})
    assert (same_change(given).verdict, same_residue(given).verdict) == ("not met", "not met")


def test_two_pathogenic_changes_are_strong_where_the_panel_says_so() -> None:
    two = (asserted("Arg50His", "Pathogenic"), asserted("Arg50Leu", "Pathogenic"))
    rule = PanelRule("PM5", "comparators", "two_pathogenic=Strong", "confirmed", "GN009")
    assert same_residue(missense(*two)).strength == "Moderate"
    assert same_residue(missense(*two, rules=(rule,))).strength == "Strong"
    assert same_residue(missense(two[0], rules=(rule,))).strength == "Moderate"


def test_two_likely_pathogenic_changes_are_moderate_where_the_panel_says_so() -> None:
    """F8 (GN071), F9 (GN080), VWF (GN081), ACADVL (GN021), MYOC (GN019), CYP1B1 (GN104)."""
    two = (asserted("Arg50His", "Likely pathogenic"), asserted("Arg50Leu", "Likely pathogenic"))
    rule = PanelRule("PM5", "comparators", "two_likely=Moderate", "confirmed", "GN071")
    assert same_residue(missense(*two)).strength == "Supporting"
    assert same_residue(missense(*two, rules=(rule,))).strength == "Moderate"
    assert same_residue(missense(two[0], rules=(rule,))).strength == "Supporting"


@pytest.mark.parametrize(("stop", "strength"), [(49, "Supporting"), (99, "Supporting"), (150, None)])
def test_truncations_count_where_a_panel_says_so(stop: int, strength: str | None) -> None:
    rule = PanelRule("PM5", "truncating", "stops=1-100; strength=Supporting", "confirmed", "GN020")
    effect = an_effect(Kind.NONSENSE, stop, stop=stop, decay=True)
    assert same_residue(Evidence(OWN, effect, a_gene(rules=(rule,)))).strength == strength
    assert same_residue(Evidence(OWN, effect, a_gene())).strength is None


def substitution(position: int, ref: str, alt: str) -> tuple[Effect, Variant]:
    effect = an_effect(Kind.CODING_UNKNOWN, (position + 2) // 3, coding_position=position)
    return effect, Variant(Assembly.GRCH38, "1", 250, ref, alt)


@pytest.mark.parametrize(
    ("position", "ref", "alt", "residue", "kind"),
    [
        (150, "T", "C", None, Kind.SYNONYMOUS),  # third base, T and C: silent in every codon
        (149, "A", "C", None, Kind.MISSENSE),  # second base to C: another amino acid in every codon
        (148, "C", "T", None, Kind.CODING_UNKNOWN),  # CGA to TGA, CGT to TGT, CTA to TTA
        (148, "C", "T", "Q", Kind.NONSENSE),  # CAA, CAG
        (149, "G", "A", "W", Kind.NONSENSE),  # TGG
        (148, "C", "T", "R", Kind.CODING_UNKNOWN),  # CGA to a stop, CGT to Cys
        (148, "C", "T", "H", Kind.MISSENSE),
        (688, "T", "C", None, Kind.STOP_LOST),  # codon 230 is the stop: TAA to CAA
        (690, "A", "G", None, Kind.CODING_UNKNOWN),  # TAA stays a stop, TGA becomes Trp
    ],
)
def test_what_a_substitution_can_be_without_sequence(
    position: int, ref: str, alt: str, residue: str | None, kind: Kind
) -> None:
    effect, own = substitution(position, ref, alt)
    assert inferred(effect, own, (), residue).kind is kind


def test_neighbours_tell_the_residue_and_further_bases() -> None:
    effect, own = substitution(148, "C", "T")
    # CGG>CAG: with G as the second base arginine is left, and its third base stays unknown.
    neighbour = asserted("Arg50Gln", "Pathogenic", start=251)
    assert inferred(effect, own, [neighbour]).kind is Kind.CODING_UNKNOWN
    third = AssertedVariant(neighbour.assertion, "1", 252, "G", "T", protein_change="Arg50Ser")
    known = inferred(effect, own, [third])
    assert (known.kind, known.change) == (Kind.MISSENSE, "Arg50Trp")

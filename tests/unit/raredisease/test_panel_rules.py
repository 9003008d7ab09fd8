"""Expert panels' own rules on the gene knowledge that is shipped, row by row of their texts."""

from dataclasses import replace

import pytest

from service.domain.assembly import Assembly
from service.domain.disease import Criterion
from service.domain.gene import DiseaseKnowledge, Inheritance, PanelRule
from service.domain.transcript import Transcript
from service.domain.variant import Variant
from service.raredisease.classify import AUTOMATED
from service.raredisease.criteria.grantham import distance
from service.raredisease.criteria.length import changed_length
from service.raredisease.criteria.null_variant import null_variant
from service.raredisease.criteria.region import critical_region
from service.raredisease.criteria.same_residue import same_residue
from service.raredisease.effect import Effect, Kind
from service.raredisease.evidence import Evidence
from service.raredisease.transcript_shape import shape_of
from tests.raredisease import a_gene, a_transcript, an_effect, truth
from tests.unit.raredisease.test_same_residue import OWN, Published, asserted

# Residues of the panels' proteins, where a rule counts from the end.
LENGTHS = {"VHL": 213, "PIK3R1": 724, "RUNX1": 480, "IL2RG": 369, "OTC": 354, "MLH1": 756, "GATM": 423}


def protein(residues: int) -> Transcript:
    """Two exons, the second of 60 coding bases."""
    coding = 3 * (residues + 1)
    blocks = ((0, coding - 60), (coding, coding + 60))
    return Transcript("NM_1.1", "NP_1.1", None, "G", None, "MANE Select", "1", 1, blocks, (0, coding))


def evidence_of(row: dict[str, str], diseases: DiseaseKnowledge) -> Evidence:
    detail = dict(part.split("=", 1) for part in row["detail"].split("; ") if part)
    kind, residue = Kind(row["kind"]), int(row["residue"])
    model = protein(LENGTHS.get(row["gene"], 3000))
    effect = Effect(
        kind, row["gene"], model, shape_of(model), residue or None, residue or None,
        change=detail.get("change"), stop=residue if kind is Kind.NONSENSE else None,
        decay=kind is Kind.NONSENSE and residue < model_end(model),
        intron_offset=int(detail["offset"]) if "offset" in detail else None,
    )  # fmt: skip
    variant = None
    if "bases" in detail:
        variant = Variant(Assembly.GRCH38, "1", 250, "A" * int(detail["bases"]), "")
    gene = diseases.gene(row["gene"])
    named: tuple[str, ...] = ()
    if gene is not None and "disease" in detail:
        named = tuple(d.disease for d in gene.diseases if d.mondo == detail["disease"])
        assert named
    supplied = {}
    if "met" in detail:
        supplied[detail["met"]] = Criterion(detail["met"], "Supporting", "met", "", supplied=True)
    mode = Inheritance(detail["mode"]) if "mode" in detail else None
    return Evidence(
        variant, effect, gene, supplied=supplied, disease_names=named, inheritance=mode, repeat=False
    )


def model_end(model: Transcript) -> int:
    return (model.exons[0][1] - 50) // 3


@pytest.mark.parametrize(
    "row",
    truth("acmg_panel_rules"),
    ids=lambda row: "-".join(row[key] for key in ("criterion", "gene", "kind", "residue", "detail")),
)
def test_what_a_panel_writes(row: dict[str, str], diseases: DiseaseKnowledge) -> None:
    found = AUTOMATED[row["criterion"]](evidence_of(row, diseases))
    assert (found.strength or "") == row["strength"], found.reason


def rule(criterion: str, status: str, text: str) -> PanelRule:
    return PanelRule(criterion, status, text, "confirmed", "GN000")


def test_a_condition_that_cannot_be_looked_at_is_not_assessed() -> None:
    region = rule("PM1", "Moderate", "codons=50; with PM2")
    given = Evidence(None, an_effect(Kind.MISSENSE, 50), a_gene(rules=(region,)))
    assert critical_region(given).verdict == "not assessed"
    absent = replace(given, supplied={"PM2": Criterion("PM2", None, "not met", "", supplied=True)})
    assert critical_region(absent).verdict == "not met"


def test_changes_that_a_region_leaves_out() -> None:
    region = rule("PM1", "Moderate", "codons=50; except Gly>Ala, Asn>Ser")
    for change, verdict in (("Gly50Ala", "not met"), ("Gly50Val", "met"), ("Asn50Ser", "not met")):
        effect = an_effect(Kind.MISSENSE, 50, change=change)
        assert critical_region(Evidence(None, effect, a_gene(rules=(region,)))).verdict == verdict


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Ser", "Arg", 110), ("Leu", "Ile", 5), ("Cys", "Trp", 215), ("Gly", "Arg", 125), ("Arg", "His", 29),
        ("Arg", "Cys", 180), ("Arg", "Gln", 43), ("Asp", "Glu", 45), ("Phe", "Leu", 22), ("Val", "Met", 21),
    ],
)  # fmt: skip
def test_distances_of_amino_acids(one: str, other: str, expected: int) -> None:
    """Grantham 1974, table 2, which the paper's rounded properties give to within 1."""
    found = distance(one, other)
    assert found is not None
    assert found == distance(other, one)
    assert abs(found - expected) <= 1


@pytest.mark.parametrize(
    ("text", "ours", "known", "strength"),
    [
        ("milder=N/A", "Arg50His", ("Arg50Cys",), None),  # 29 against 180
        ("milder=N/A", "Arg50Cys", ("Arg50His",), "Moderate"),
        ("milder=Supporting", "Arg50His", ("Arg50Cys",), "Supporting"),  # GN017, GN085, GN086
        ("two_pathogenic=Strong; milder=Supporting", "Arg50Cys", ("Arg50His", "Arg50Gln"), "Strong"),
        ("pathogenic=Supporting", "Arg50Cys", ("Arg50His",), "Supporting"),  # GN106
        ("with PP3 Supporting", "Arg50Cys", ("Arg50His",), None),  # GN115: no score is given
    ],
)
def test_comparators_by_a_panels_words(
    text: str, ours: str, known: tuple[str, ...], strength: str | None
) -> None:
    effect = an_effect(Kind.MISSENSE, 50, change=ours)
    published = Published(*(asserted(change, "Pathogenic") for change in known))
    gene = a_gene(rules=(rule("PM5", "comparators", text),))
    assert same_residue(Evidence(OWN, effect, gene, assertions=published)).strength == strength


def test_a_panel_that_keeps_pm5_for_truncations_compares_no_missense() -> None:
    """BRCA1, BRCA2, ATM, PALB2, CDH1."""
    gene = a_gene(rules=(rule("PM5", "missense not applicable", "not_applicable"),))
    effect = an_effect(Kind.MISSENSE, 50, change="Arg50Cys")
    published = Published(asserted("Arg50His", "Pathogenic"))
    assert same_residue(Evidence(OWN, effect, gene, assertions=published)).verdict == "not met"


def test_a_deletion_counts_by_what_is_known_of_its_residues() -> None:
    """The panel of severe combined immunodeficiency, e.g. GN114 v2.1.0."""
    gene = a_gene(rules=(rule("PM4", "content", "deleted residues"),))
    deletion = Variant(Assembly.GRCH38, "1", 250, "ACG", "")
    effect = an_effect(Kind.IN_FRAME, 50)
    for classification, strength in (
        ("Pathogenic", "Moderate"),
        ("Uncertain significance", "Supporting"),
    ):
        published = Published(asserted("Arg50His", classification))
        given = Evidence(deletion, effect, gene, assertions=published, repeat=False)
        assert changed_length(given).strength == strength
    assert changed_length(Evidence(deletion, effect, gene, repeat=False)).verdict == "not met"


def test_a_panels_words_for_stops_and_frames_without_decay() -> None:
    table = rule("PVS1", "tree", "escape:Strong; splice exons in-frame=Strong, escape=Moderate")
    gene = a_gene(rules=(table,))
    late = an_effect(Kind.NONSENSE, 228, stop=228, decay=False)
    assert null_variant(Evidence(None, late, gene)).strength == "Strong"
    assert null_variant(Evidence(None, late, a_gene(haploinsufficiency=3))).strength == "Moderate"
    for size, exons, strength in ((150, 40, "Strong"), (151, 40, "Very Strong")):
        shape = shape_of(a_transcript(exons, size))
        assert shape is not None
        effect = an_effect(Kind.SPLICE_SITE, skip=shape.skip(3), terms=("splice_donor_variant",))
        assert null_variant(Evidence(None, effect, gene)).strength == strength

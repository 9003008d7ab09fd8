"""PVS1 by its decision tree: Abou Tayoun 2018, doi:10.1002/humu.23626."""

import pytest

from service.domain.gene import GeneDisease, GeneKnowledge, Inheritance, PanelRule
from service.raredisease.criteria.null_variant import null_variant
from service.raredisease.effect import Kind
from service.raredisease.evidence import Evidence
from service.raredisease.transcript_shape import shape_of
from tests.raredisease import a_gene, a_transcript, an_effect

HAPLOINSUFFICIENT = a_gene(haploinsufficiency=3)


def strength_of(
    kind: Kind, residue: int = 50, gene: object = HAPLOINSUFFICIENT, **effect: object
) -> str | None:
    evidence = Evidence(None, an_effect(kind, residue, **effect), gene)  # type: ignore[arg-type]
    return null_variant(evidence).strength


@pytest.mark.parametrize(
    ("kind", "residue", "effect", "strength"),
    [
        # nonsense and frameshift: decay, then share of the protein (229 residues)
        (Kind.NONSENSE, 50, {"stop": 50, "decay": True}, "Very Strong"),
        (Kind.FRAMESHIFT, 50, {"stop": 60, "decay": True}, "Very Strong"),
        (Kind.NONSENSE, 200, {"stop": 200, "decay": False}, "Strong"),
        (Kind.NONSENSE, 220, {"stop": 220, "decay": False}, "Moderate"),
        (Kind.WHOLE_GENE, 1, {}, "Very Strong"),
        # start loss: pathogenic variants before the next methionine are not known
        (Kind.START_LOST, 1, {}, "Supporting"),
        # no null variant
        (Kind.MISSENSE, 50, {}, None),
        (Kind.SYNONYMOUS, 50, {}, None),
    ],
    ids=lambda value: getattr(value, "value", None) or str(value),
)
def test_the_tree(kind: Kind, residue: int, effect: dict[str, object], strength: str | None) -> None:
    assert strength_of(kind, residue, **effect) == strength


@pytest.mark.parametrize(
    ("size", "exon", "strength"),
    [
        (150, 3, "Strong"),  # 50 residues of 229, frame kept
        (151, 3, "Very Strong"),  # frame lost, decay
        (151, 4, "Strong"),  # frame lost in the last exon but one: the new stop lies in the last exon
        (151, 5, "Strong"),  # the last exon
        (151, 1, "Very Strong"),  # carries the start codon
    ],
)
def test_canonical_splice_sites_by_the_exon_that_is_skipped(size: int, exon: int, strength: str) -> None:
    shape = shape_of(a_transcript(size=size))
    assert shape is not None
    assert strength_of(Kind.SPLICE_SITE, skip=shape.skip(exon)) == strength


def test_a_small_exon_in_frame_is_moderate() -> None:
    shape = shape_of(a_transcript(exons=20, size=90))
    assert shape is not None
    assert strength_of(Kind.SPLICE_SITE, skip=shape.skip(5)) == "Moderate"


@pytest.mark.parametrize(("size", "exon", "strength"), [(91, 13, "Strong"), (90, 13, "Moderate")])
def test_a_lost_frame_loses_what_follows_the_exon_too(size: int, exon: int, strength: str) -> None:
    """The tree's share is that of the altered region: an exon of 7 % with a last exon of 6 % behind it."""
    shape = shape_of(a_transcript(exons=14, size=size))
    assert shape is not None
    assert strength_of(Kind.SPLICE_SITE, skip=shape.skip(exon)) == strength


@pytest.mark.parametrize(
    ("gene", "strength"),
    [
        (a_gene(haploinsufficiency=3), "Very Strong"),
        (a_gene(Inheritance.RECESSIVE), "Very Strong"),
        (a_gene(Inheritance.RECESSIVE, "Moderate"), "Strong"),
        (a_gene(Inheritance.RECESSIVE, None), "Strong"),
        (a_gene(Inheritance.RECESSIVE, None, haploinsufficiency=30), "Very Strong"),
        (a_gene(Inheritance.DOMINANT, None, haploinsufficiency=30), None),
        (a_gene(pathogenic=20, null_pathogenic=5), "Very Strong"),
        (a_gene(pathogenic=100, null_pathogenic=5), None),  # 5 % of them
        (a_gene(pathogenic=2, null_pathogenic=2), "Strong"),  # two are enough one level down
        (a_gene(validity="Limited", pathogenic=20, null_pathogenic=10), None),
        (a_gene(), None),
        (None, None),
    ],
    ids=str,
)
def test_the_mechanism_comes_first(gene: object, strength: str | None) -> None:
    assert strength_of(Kind.NONSENSE, gene=gene, stop=50, decay=True) == strength


@pytest.mark.parametrize(
    ("asked", "strength"),
    [
        ("Cystic fibrosis", "Very Strong"),
        ("cystic FIBROSIS", "Very Strong"),
        ("MONDO:0009061", "Very Strong"),
        ("mondo:0009061", "Very Strong"),
        ("Hereditary pancreatitis", None),
        ("another disease", "Very Strong"),
        (None, "Very Strong"),
    ],
)
def test_the_stated_disease_tells_the_mode(asked: str | None, strength: str | None) -> None:
    """CFTR: a recessive disease and a dominant one, neither with a validity curation; dosage 30."""
    gene = GeneKnowledge(
        "CFTR",
        diseases=(
            GeneDisease(
                "CFTR", "Cystic fibrosis", "MONDO:0009061", Inheritance.RECESSIVE, None, None, "test"
            ),
            GeneDisease("CFTR", "Hereditary pancreatitis", None, Inheritance.DOMINANT, None, None, "test"),
        ),
        haploinsufficiency=30,
    )
    effect = an_effect(Kind.NONSENSE, 50, stop=50, decay=True)
    criterion = null_variant(Evidence(None, effect, gene, disease=asked))
    assert criterion.strength == strength
    assert "0 of 0" not in criterion.reason


@pytest.mark.parametrize(
    ("mode", "validity", "strength"),
    [
        (None, "Definitive", "Very Strong"),
        (Inheritance.RECESSIVE, "Definitive", "Very Strong"),
        (Inheritance.DOMINANT, "Definitive", None),
        (None, "Limited", None),
    ],
)
def test_a_gene_of_two_modes_counts_by_its_recessive_disease_unless_the_other_is_stated(
    mode: Inheritance | None, validity: str, strength: str | None
) -> None:
    """GBA1: Gaucher disease, and dominant ones without curation; no dosage curation."""
    modes = ((Inheritance.RECESSIVE, validity), (Inheritance.DOMINANT, "Moderate"))
    diseases = tuple(GeneDisease("GBA1", f"{m} disease", None, m, v, None, "test") for m, v in modes)
    effect = an_effect(Kind.NONSENSE, 50, stop=50, decay=True)
    found = null_variant(Evidence(None, effect, GeneKnowledge("GBA1", diseases=diseases), inheritance=mode))
    assert found.strength == strength
    assert ("no dominant one is stated" in found.reason) == (mode is None and strength is not None)


def test_a_panel_that_does_not_use_it_decides() -> None:
    rule = PanelRule("PVS1", "not_applicable", "not_applicable", "registry-derived", "GN004")
    assert (
        strength_of(Kind.NONSENSE, gene=a_gene(haploinsufficiency=3, rules=(rule,)), stop=50, decay=True)
        is None
    )


@pytest.mark.parametrize(
    ("confidence", "residue", "strength"),
    [
        ("boundaries seen in CSpec PVS1 text", 195, "Very Strong"),
        ("boundaries seen in CSpec PVS1 text", 210, "Strong"),
        ("boundaries seen in CSpec PVS1 text", 225, None),
        ("HUVar reading of the panel flow chart", 195, "Strong"),  # second hand: the general tree
    ],
)
def test_a_panels_boundaries_count_when_read_in_the_registry(
    confidence: str, residue: int, strength: str | None
) -> None:
    ranges = "PTC codon 1-200:VeryStrong, 201-220:Strong, 221-229:N/A; start-loss:Strong"
    gene = a_gene(rules=(PanelRule("PVS1", "tree", ranges, confidence, "GN000"),))
    assert strength_of(Kind.NONSENSE, residue, gene, stop=residue, decay=False) == strength


def test_an_unknown_effect_is_not_assessed() -> None:
    for kind in (Kind.OTHER, Kind.CODING_UNKNOWN):
        assert null_variant(Evidence(None, an_effect(kind), HAPLOINSUFFICIENT)).verdict == "not assessed"


def test_a_panels_splice_table_counts_by_exon_and_side() -> None:
    table = PanelRule("PVS1", "tree", "splice exons 3=N/A, 4d=Moderate", "confirmed", "GN000")
    shape = shape_of(a_transcript(size=151))
    assert shape is not None
    gene = a_gene(rules=(table,))
    donor, acceptor = ("splice_donor_variant",), ("splice_acceptor_variant",)
    assert strength_of(Kind.SPLICE_SITE, gene=gene, skip=shape.skip(3), terms=donor) is None
    assert strength_of(Kind.SPLICE_SITE, gene=gene, skip=shape.skip(4), terms=donor) == "Moderate"
    assert strength_of(Kind.SPLICE_SITE, gene=gene, skip=shape.skip(4), terms=acceptor) == "Strong"


def test_a_panels_rules_complete_each_other() -> None:
    rules = (
        PanelRule("PVS1", "tree", "start-loss:Strong", "confirmed", "GN000"),
        PanelRule(
            "PVS1", "tree", "PTC codon 1-229:VeryStrong; start-loss:Moderate", "boundaries seen", "GN000"
        ),
    )
    assert strength_of(Kind.START_LOST, 1, a_gene(rules=rules)) == "Strong"
    assert strength_of(Kind.NONSENSE, 228, a_gene(rules=rules), stop=228, decay=False) == "Very Strong"

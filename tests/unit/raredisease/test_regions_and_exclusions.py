"""PM1, PM4, BP1 and BP3 by place; and evidence that must not count twice."""

import pytest

from service.domain.assembly import Assembly
from service.domain.disease import Criterion
from service.domain.gene import DiseaseKnowledge, Inheritance, PanelRule
from service.domain.variant import Variant, Zygosity
from service.raredisease.classify import classify
from service.raredisease.criteria.length import changed_length, repeat_region
from service.raredisease.criteria.phase import in_trans_dominant, in_trans_recessive
from service.raredisease.criteria.region import (
    constrained_gene,
    critical_region,
    missense_where_truncation_counts,
)
from service.raredisease.effect import Kind
from service.raredisease.evidence import Evidence, Partner
from service.raredisease.exclusions import without_double_counting
from tests.raredisease import a_gene, an_effect


def rule(criterion: str, status: str, text: str, confidence: str = "confirmed in CSpec text") -> PanelRule:
    return PanelRule(criterion, status, text, confidence, "GN000 v1")


def evidence(kind: Kind, residue: int, *rules: PanelRule, **more: object) -> Evidence:
    return Evidence(None, an_effect(kind, residue), a_gene(rules=rules), **more)  # type: ignore[arg-type]


REGIONS = (rule("PM1", "Moderate", "codon_ranges=40-60"), rule("PM1", "Strong", "codons=50,52"))


@pytest.mark.parametrize(
    ("kind", "residue", "strength"),
    [
        (Kind.MISSENSE, 40, "Moderate"),
        (Kind.MISSENSE, 60, "Moderate"),
        (Kind.MISSENSE, 61, None),
        (Kind.MISSENSE, 52, "Strong"),  # the stronger rule
        (Kind.SYNONYMOUS, 52, None),
        (Kind.FRAMESHIFT, 52, None),
    ],
)
def test_critical_regions_of_a_panel(kind: Kind, residue: int, strength: str | None) -> None:
    assert critical_region(evidence(kind, residue, *REGIONS)).strength == strength


def test_a_region_known_at_second_hand_is_shown_and_does_not_count() -> None:
    found = critical_region(
        evidence(Kind.MISSENSE, 50, rule("PM1", "Moderate", "codons=50", "HUVar only: verify"))
    )
    assert (found.verdict, "not confirmed" in found.reason) == ("not assessed", True)


def test_without_a_list_no_region_is_guessed() -> None:
    assert critical_region(evidence(Kind.MISSENSE, 50)).verdict == "not assessed"


@pytest.mark.parametrize(
    ("gene", "mode", "kind", "verdict"),
    [
        ("GCK", Inheritance.DOMINANT, Kind.MISSENSE, "met"),  # GN086 v3.1.0: all missense variants
        ("GCK", Inheritance.DOMINANT, Kind.NONSENSE, "not met"),
        ("GCK", Inheritance.DOMINANT, Kind.CODING_UNKNOWN, "not assessed"),
        ("ACTA1", Inheritance.DOMINANT, Kind.MISSENSE, "met"),  # GN147 v2.0.0: dominant inheritance
        ("ACTA1", Inheritance.RECESSIVE, Kind.MISSENSE, "not met"),
        ("BMPR2", Inheritance.DOMINANT, Kind.MISSENSE, "not assessed"),  # GN125 v2.0.0: conditional
        ("PAH", Inheritance.RECESSIVE, Kind.MISSENSE, "not met"),  # GN006 v2.0.0 does not use it
        ("COL1A1", Inheritance.DOMINANT, Kind.MISSENSE, "not assessed"),  # no panel's rule
    ],
)
def test_pp2_only_where_a_panel_gives_it(
    gene: str, mode: Inheritance, kind: Kind, verdict: str, diseases: DiseaseKnowledge
) -> None:
    found = constrained_gene(Evidence(None, an_effect(kind, 50), diseases.gene(gene), inheritance=mode))
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("kind", "repeat", "pm4", "bp3"),
    [
        (Kind.IN_FRAME, False, "met", "not met"),
        (Kind.IN_FRAME, True, "not met", "met"),
        (Kind.IN_FRAME, None, "met", "not assessed"),
        (Kind.STOP_LOST, None, "met", "not met"),
        (Kind.MISSENSE, None, "not met", "not met"),
    ],
)
def test_changes_of_length(kind: Kind, repeat: bool | None, pm4: str, bp3: str) -> None:
    given = evidence(kind, 50, repeat=repeat)
    assert (changed_length(given).verdict, repeat_region(given).verdict) == (pm4, bp3)


def test_a_panels_regions_for_changes_of_length() -> None:
    rules = (
        rule("PM4", "supporting", "supporting=40-60"),
        rule("PM4", "region_default", "region_default=not_met"),
    )
    assert changed_length(evidence(Kind.IN_FRAME, 50, *rules)).strength == "Supporting"
    assert changed_length(evidence(Kind.IN_FRAME, 70, *rules)).verdict == "not met"


@pytest.mark.parametrize(
    ("status", "text", "kind", "residue", "scores", "strength"),
    [
        ("Supporting", "all_missense", Kind.MISSENSE, 50, {}, "Supporting"),
        ("Supporting", "all_missense", Kind.NONSENSE, 50, {}, None),
        ("Supporting", "truncating", Kind.NONSENSE, 50, {}, "Supporting"),
        ("Supporting", "not_in=40-60", Kind.MISSENSE, 50, {}, None),
        ("Strong", "not_in=40-60", Kind.MISSENSE, 70, {"SpliceAI": 0.1}, "Strong"),
        ("Strong", "not_in=40-60", Kind.SYNONYMOUS, 70, {"SpliceAI": 0.11}, None),
        ("Strong", "not_in=40-60", Kind.MISSENSE, 70, {}, None),  # splicing is not known
    ],
)
def test_bp1_only_by_a_panels_rule(
    status: str, text: str, kind: Kind, residue: int, scores: dict[str, float], strength: str | None
) -> None:
    given = evidence(kind, residue, rule("BP1", status, text), scores=scores)
    assert missense_where_truncation_counts(given).strength == strength
    assert missense_where_truncation_counts(evidence(kind, residue)).verdict == "not assessed"


def met(code: str, strength: str, *, supplied: bool = False) -> Criterion:
    return Criterion(code, strength, "met", "because", supplied=supplied)


def left(*criteria: Criterion) -> dict[str, str | None]:
    found = without_double_counting({c.code: c for c in criteria})
    return {code: c.strength for code, c in found.items() if c.verdict == "met"}


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ((met("PVS1", "Strong"), met("PP3", "Supporting")), {"PVS1": "Strong"}),
        ((met("PVS1", "Strong"), met("PM4", "Moderate")), {"PVS1": "Strong"}),
        ((met("PM1", "Moderate"), met("PP3", "Strong")), {"PP3": "Strong"}),
        ((met("PM1", "Strong"), met("PP3", "Supporting")), {"PM1": "Strong"}),
        ((met("PM1", "Moderate"), met("PP3", "Supporting")), {"PM1": "Moderate", "PP3": "Supporting"}),
        ((met("PM1", "Moderate"), met("PM5", "Moderate")), {"PM5": "Moderate"}),
        ((met("PM1", "Strong"), met("PM5", "Moderate")), {"PM1": "Strong"}),
        ((met("PS1", "Strong"), met("PM5", "Moderate")), {"PS1": "Strong"}),
        ((met("BA1", "Stand Alone"), met("BS1", "Strong"), met("PM2", "Supporting")), {"BA1": "Stand Alone"}),
        ((met("PM4", "Moderate"), met("BP3", "Supporting")), {"PM4": "Moderate"}),
        ((met("PP3", "Supporting"), met("BP7", "Supporting")), {"PP3": "Supporting"}),
    ],
)
def test_one_fact_counts_once(criteria: tuple[Criterion, ...], expected: dict[str, str]) -> None:
    assert left(*criteria) == expected


def test_what_a_caller_supplied_gives_way_only_to_an_automatic_null_variant() -> None:
    predictor = met("PP3", "Supporting", supplied=True)
    assert left(met("PVS1", "Strong"), predictor) == {"PVS1": "Strong"}
    both = (met("PVS1", "Strong", supplied=True), predictor)
    assert left(*both) == {"PVS1": "Strong", "PP3": "Supporting"}
    assert left(met("PM1", "Strong", supplied=True), predictor) == {"PM1": "Strong", "PP3": "Supporting"}
    region = met("PM1", "Moderate", supplied=True)
    assert left(region, met("PP3", "Strong")) == {"PM1": "Moderate", "PP3": "Moderate"}
    assert left(met("BP4", "Supporting", supplied=True), met("PP3", "Strong")) == {"BP4": "Supporting"}


@pytest.mark.parametrize(
    ("partner", "strength"),
    [
        # ClinGen SVI, PM3 v1.0: points of one case
        (Partner("pathogenic", True), "Moderate"),
        (Partner("likely pathogenic", True), "Moderate"),
        (Partner("pathogenic", None), "Supporting"),
        (Partner("likely pathogenic", None), None),
        (Partner("uncertain", True), None),
        (Partner("pathogenic", False), None),
    ],
)
def test_a_second_variant_in_recessive_disease(partner: Partner, strength: str | None) -> None:
    rare = {"PM2": met("PM2", "Supporting", supplied=True)}
    given = Evidence(None, inheritance=Inheritance.RECESSIVE, partners=(partner,), supplied=rare)
    assert in_trans_recessive(given).strength == strength


def test_a_homozygote_is_half_a_case_and_needs_rarity() -> None:
    rare = {"PM2": met("PM2", "Supporting", supplied=True)}
    for supplied, strength in ((rare, "Supporting"), ({}, None)):
        given = Evidence(
            None, inheritance=Inheritance.RECESSIVE, zygosity=Zygosity.HOMOZYGOUS, supplied=supplied
        )
        assert in_trans_recessive(given).strength == strength


@pytest.mark.parametrize(
    ("mode", "partner", "verdict"),
    [
        (Inheritance.DOMINANT, Partner("pathogenic", True), "met"),
        (Inheritance.RECESSIVE, Partner("pathogenic", True), "not met"),
        (Inheritance.RECESSIVE, Partner("pathogenic", False), "met"),
        (Inheritance.DOMINANT, Partner("pathogenic", None), "not met"),
        (Inheritance.DOMINANT, Partner("uncertain", True), "not assessed"),
    ],
)
def test_bp2(mode: Inheritance, partner: Partner, verdict: str) -> None:
    assert in_trans_dominant(Evidence(None, inheritance=mode, partners=(partner,))).verdict == verdict


def test_mitochondrial_truncations_are_at_most_strong() -> None:
    place = Variant(Assembly.GRCH38, "MT", 4000, "C", "T")
    for residue, strength in ((50, "Strong"), (220, "Moderate")):
        found = classify(Evidence(place, an_effect(Kind.NONSENSE, residue, stop=residue)))
        assert {c.code: c.strength for c in found.criteria if c.verdict == "met"} == {"PVS1": strength}

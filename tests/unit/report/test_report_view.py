"""The view says what the Findings say: nothing more, in the right order."""

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from service.domain.case import Consent, Medication
from service.domain.disease import Classification, VariantClassification
from service.domain.findings import Findings
from service.domain.frequency import SourceAnswer
from service.domain.pgx import CallStatus, Diplotype, Dose, PharmacogeneCall
from service.report.view import LISTED, ClinicianView, clinician_view
from tests.findings_builder import (
    BRCA1_185DELAG,
    CYP2C19_POOR,
    HBOC,
    SHAPES,
    a_findings,
    a_scope,
    brca1_carrier,
    cyp2c19_poor_metabolizer_on_clopidogrel,
    secondary_finding_with_consent,
)
from tests.unit.report.everything import SERTRALINE, VITAMIN_D, a_recommendation, everything

# Fields whose words are the view's own: where a fact stands, how it is drawn, how many there are.
OWN = {
    "mark", "number", "state", "group", "kind", "step", "code", "verdict", "top",
    "other_variants_total", "ranges",
}  # fmt: skip
COUNTED = {"read", "positions", "assumed", "configured"}
OWN_WORDS = {"not", "answered", "stated", "rxnorm", "atc", "to"}
EVERY_SHAPE = {**SHAPES, "everything": everything}


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, object]]:
    """(field name, value) of everything inside dataclasses, tuples and mappings."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from leaves(getattr(value, field.name), field.name)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from leaves(item, name)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield name, key
            yield from leaves(item, name)
    elif value is not None:
        yield name, value


def words(value: object) -> set[str]:
    return {word.casefold().strip(".") for word in re.findall(r"[\w.*>]+", str(value))} - {""}


@pytest.mark.parametrize("shape", EVERY_SHAPE)
def test_every_fact_of_the_view_is_in_the_findings(shape: str) -> None:
    findings = EVERY_SHAPE[shape]()
    given = set().union(*(words(value) for _, value in leaves(findings))) | {str(True), str(False)}
    given |= {str(f"{d.change_percent[0]:+g}").lstrip("+-") for d in doses(findings) if d.change_percent}
    given |= {str(answer.frequency.value) for answer in answers(findings) if answer.frequency is not None}
    given |= {f"{d.maximum:g}" for d in doses(findings) if d.maximum is not None} | OWN_WORDS
    given |= {
        str(abs(c.points)) for v in findings.variants if v.classification for c in v.classification.criteria
    }
    for name, value in leaves(clinician_view(findings)):
        if name in OWN | COUNTED or isinstance(value, bool) or (name == "unanswered" and value == "CYP2D6"):
            continue
        if name == "points" and value == 0:  # of a criterion that nobody judged
            continue
        strange = words(value) - {word.casefold() for word in given}
        assert not strange, f"{name}: {strange}"


def doses(findings: Findings) -> list[Dose]:
    return [r.dose for r in findings.recommendations if r.dose is not None]


def answers(findings: Findings) -> list[SourceAnswer]:
    return [answer for variant in findings.variants for answer in variant.frequencies.answers]


def test_the_property_notices_an_invented_fact() -> None:
    view = clinician_view(everything())
    invented = replace(view, knowledge_release="1999.13")
    given = set().union(*(words(value) for _, value in leaves(everything())))
    assert any(words(value) - given for name, value in leaves(invented) if name == "knowledge_release")


def test_current_medicines_come_before_referral_and_one_place_is_kept_for_it() -> None:
    actions = clinician_view(everything()).actions
    assert [card.state for card in actions] == ["avoid", "change", "refer"]
    assert [card.medicine.drug for card in actions if card.medicine] == ["clopidogrel", "sertraline"]
    assert [card.diagnosis.gene for card in actions if card.diagnosis] == ["BRCA1"]


def test_what_does_not_fit_into_three_cards_is_named() -> None:
    drugs = ("amitriptyline", "citalopram", "escitalopram", "voriconazole")
    findings = replace(
        brca1_carrier(),
        recommendations=tuple(a_recommendation(d, "avoid", current_medication=True) for d in drugs),
        diagnoses=(HBOC, replace(HBOC, gene="TP53")),
    )
    view = clinician_view(findings)
    assert len(view.actions) == 3
    assert [row.drug for row in view.further_current] == ["escitalopram", "voriconazole"]
    assert [card.gene for card in view.further_diagnoses] == ["TP53"]


def test_medicines_taken_that_need_no_change_or_have_no_answer_are_said_on_the_first_page() -> None:
    taken = (
        a_recommendation("clopidogrel", "standard", current_medication=True),
        a_recommendation("codeine", "not-called", current_medication=True),
        a_recommendation("sertraline", "avoid", current_medication=True),
        a_recommendation("citalopram", "standard"),
    )
    view = clinician_view(a_findings(recommendations=taken))
    assert [card.medicine.drug for card in view.actions if card.medicine] == ["sertraline"]
    assert [(group.state, [row.drug for row in group.rows]) for group in view.settled] == [
        ("usual", ["clopidogrel"]),
        ("no-answer", ["codeine"]),
    ]


def test_every_statement_is_on_the_first_page_as_a_card_or_as_an_answer() -> None:
    kinds = ("negative", "not-assessed", "uncertain", "carrier", "positive")
    statements = tuple(replace(HBOC, gene=f"G{n}", statement=kind) for n, kind in enumerate(kinds))
    view = clinician_view(replace(brca1_carrier(), diagnoses=statements))
    assert [card.diagnosis.gene for card in view.actions if card.diagnosis] == ["G4"]
    assert [(answer.statement, answer.genes) for answer in view.answers] == [
        ("carrier", ("G3",)),
        ("uncertain", ("G2",)),
        ("negative", ("G0",)),
        ("not-assessed", ("G1",)),
    ]


def test_a_medicine_that_is_not_taken_makes_no_card() -> None:
    view = clinician_view(a_findings(recommendations=(a_recommendation("codeine", "avoid"),)))
    assert view.actions == ()
    assert [(group.state, group.rows[0].drug) for group in view.if_prescribed] == [("avoid", "codeine")]


def test_advice_that_no_gene_of_this_person_changes_is_not_in_the_summary() -> None:
    pair = Diplotype("Reference/Reference", ("Reference", "Reference"), None, "Uncertain Susceptibility")
    nothing_found = PharmacogeneCall("RYR1", CallStatus.CALLED, False, (pair,))
    basis = {"CACNA1S": "No Result", "RYR1": "Uncertain Susceptibility"}
    advice = a_recommendation("halothane", "monitor", genes=tuple(basis), basis=basis)
    view = clinician_view(a_findings(recommendations=(advice,), pharmacogenes=(nothing_found,)))
    assert view.if_prescribed == ()
    assert [row.drug for row in view.medicines[0].rows] == ["halothane"]
    found = replace(nothing_found, diplotypes=(replace(pair, alleles=("Reference", "c.7300G>A")),))
    view = clinician_view(a_findings(recommendations=(advice,), pharmacogenes=(found,)))
    assert [row.drug for group in view.if_prescribed for row in group.rows] == ["halothane"]


def test_an_ordinary_genome_asks_for_nothing() -> None:
    view = clinician_view(a_findings())
    assert view.actions == view.if_prescribed == ()
    assert view.unanswered == ("CYP2D6",)
    assert not view.anything_read()


def test_cyp2d6_without_an_answer_is_always_said() -> None:
    assert "CYP2D6" in clinician_view(cyp2c19_poor_metabolizer_on_clopidogrel()).unanswered
    called = replace(CYP2C19_POOR, gene="CYP2D6")
    assert clinician_view(a_findings(pharmacogenes=(called,))).unanswered == ()
    silent = PharmacogeneCall("CYP2D6", CallStatus.NOT_COVERED, phased=False)
    assert clinician_view(a_findings(pharmacogenes=(silent,))).unanswered == ("CYP2D6",)


def test_a_gene_that_guidance_needs_and_nobody_typed_is_said() -> None:
    needed = a_recommendation("carbamazepine", "not-called", genes=("HLA-A", "HLA-B"), basis={})
    assert clinician_view(a_findings(recommendations=(needed,))).unanswered == ("CYP2D6", "HLA-A", "HLA-B")


@pytest.mark.parametrize("consent", [Consent.NO, Consent.UNKNOWN])
def test_without_consent_no_secondary_finding_is_in_the_view(consent: Consent) -> None:
    found = secondary_finding_with_consent()
    withheld = replace(found, scope=replace(found.scope, consent_secondary=consent))
    plain = replace(withheld, variants=(), diagnoses=())
    assert clinician_view(withheld) == clinician_view(plain)


def test_with_consent_the_secondary_finding_is_an_action() -> None:
    view = clinician_view(secondary_finding_with_consent())
    assert [card.state for card in view.actions] == ["refer"]
    assert view.variants[0].secondary


def test_a_medicine_that_nobody_speaks_of_is_said_to_be_unanswered() -> None:
    scope = a_scope(medications=(VITAMIN_D, Medication(atc="A11CC05")))
    groups = clinician_view(a_findings(scope=scope)).medicines
    assert [(row.drug, row.state, row.current) for row in groups[0].rows] == [
        ("vitamin D", "no-answer", True),
        ("ATC A11CC05", "no-answer", True),
    ]


def test_a_medicine_is_current_when_its_code_is_on_the_list() -> None:
    row = clinician_view(everything()).medicines[1].rows[0]
    assert (row.drug, row.current, row.taken) == (
        "sertraline",
        True,
        f"{SERTRALINE.dose}, {SERTRALINE.route}",
    )


def test_an_exome_of_uncertain_variants_is_cut_and_the_total_kept() -> None:
    uncertain = VariantClassification(Classification.UNCERTAIN, 2, "points", ())
    many = tuple(
        replace(
            BRCA1_185DELAG,
            classification=uncertain,
            description=replace(BRCA1_185DELAG.description, spdi=f"NC_000017.11:{n}:C:T"),
        )
        for n in range(LISTED + 5)
    )
    view: ClinicianView = clinician_view(a_findings(variants=many))
    assert len(view.other_variants) == LISTED
    assert view.other_variants_total == LISTED + 5


def test_issues_stand_by_severity() -> None:
    severities = [issue.severity for issue in clinician_view(everything()).issues]
    assert severities == sorted(severities, key=["fatal", "error", "warning", "information"].index)


def test_the_absence_of_a_guideline_is_no_reference() -> None:
    silent = a_recommendation("paracetamol", "no-guideline", source="guidelines of this release")
    cited = a_recommendation("codeine", "avoid", source="CPIC opioids 2021")
    view = clinician_view(a_findings(recommendations=(silent, cited)))
    assert [reference.source for reference in view.references] == ["CPIC opioids 2021"]

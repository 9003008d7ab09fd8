"""Medicines by action: the most cautious statement decides, and figures of a withdrawn version are gone."""

from dataclasses import replace

import pytest

from service.domain.case import Medication
from service.domain.pgx import CallStatus, Diplotype, Dose, PharmacogeneCall, Recommendation
from service.report.medicines import MedicineGroup, medicine_groups, named_medications
from service.report.statements import dose_text
from tests.findings_builder import CLOPIDOGREL, a_findings, a_scope
from tests.unit.report.everything import a_recommendation


def groups_of(*recommendations: Recommendation) -> dict[str, MedicineGroup]:
    return {group.state: group for group in medicine_groups(a_findings(recommendations=recommendations))}


def test_a_medicine_named_with_its_strength_has_one_row() -> None:
    """The name "Clopidogrel 75 mg" is no second medicine, of which nothing is known."""
    listed = (Medication(name="Clopidogrel 75 mg"), Medication(name="vitamin D"))
    avoid = a_recommendation("clopidogrel", "avoid", current_medication=True, medications=(0,))
    findings = a_findings(recommendations=(avoid,), scope=a_scope(medications=listed))
    rows = [row for group in medicine_groups(findings) for row in group.rows]
    assert [(row.drug, row.state) for row in rows] == [("clopidogrel", "avoid"), ("vitamin D", "no-answer")]


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("avoid", "avoid"),
        ("use-alternative", "avoid"),
        ("reduce-dose", "change"),
        ("increase-dose", "change"),
        ("monitor", "change"),
        ("standard", "usual"),
        ("no-recommendation", "no-answer"),
        ("no-guideline", "no-answer"),
        ("not-called", "no-answer"),
        ("an action from the future", "no-answer"),
    ],
)
def test_every_action_has_a_state(action: str, state: str) -> None:
    assert list(groups_of(a_recommendation("codeine", action))) == [state]


@pytest.mark.parametrize(
    ("actions", "state"),
    [
        (("standard", "avoid"), "avoid"),
        (("standard", "reduce-dose"), "change"),
        (("reduce-dose", "use-alternative"), "avoid"),
        (("standard", "not-called"), "no-answer"),
        (("standard", "no-recommendation"), "usual"),
    ],
)
def test_a_medicine_stands_once_under_its_most_cautious_statement(
    actions: tuple[str, ...], state: str
) -> None:
    groups = groups_of(*(a_recommendation("codeine", action) for action in actions))
    assert list(groups) == [state]
    assert {s.action for s in groups[state].rows[0].statements} == set(actions)


def test_groups_stand_in_the_order_avoid_change_usual_no_answer() -> None:
    actions = ("not-called", "standard", "monitor", "avoid")
    assert list(groups_of(*(a_recommendation(action, action) for action in actions))) == [
        "avoid",
        "change",
        "usual",
        "no-answer",
    ]


def test_current_medicines_come_first_in_their_group() -> None:
    taken = a_recommendation("clopidogrel", "use-alternative", rxnorm=CLOPIDOGREL.rxnorm)
    findings = a_findings(
        recommendations=(a_recommendation("abacavir", "avoid"), taken),
        scope=a_scope(medications=(CLOPIDOGREL,)),
    )
    (group,) = medicine_groups(findings)
    assert [(row.drug, row.current) for row in group.rows] == [("clopidogrel", True), ("abacavir", False)]


def test_usual_doses_of_medicines_not_taken_share_a_row() -> None:
    usual = groups_of(
        *(a_recommendation(drug, "standard") for drug in ("warfarin", "Celecoxib", "ibuprofen"))
    )
    assert usual["usual"].rows == ()
    assert [row.drugs for row in usual["usual"].compact] == [("Celecoxib", "ibuprofen", "warfarin")]


@pytest.mark.parametrize(
    "changes",
    [
        {"current_medication": True},
        {"possible": "rests on one of two pairs of alleles"},
        {"warnings": ("A variant outside the definitions was read as reference.",)},
        {"newer_version": "2026"},
    ],
)
def test_a_usual_dose_with_a_reservation_is_never_compact(changes: dict[str, object]) -> None:
    usual = groups_of(a_recommendation("warfarin", "standard", **changes))["usual"]
    assert [row.drug for row in usual.rows] == ["warfarin"]
    assert usual.compact == ()


def test_guidance_that_is_only_possible_says_so() -> None:
    row = groups_of(a_recommendation("efavirenz", "reduce-dose", possible="one of two"))["change"].rows[0]
    assert row.statements[0].possible == "one of two"


def test_a_dose_figure_is_the_guidelines() -> None:
    assert dose_text(Dose(text="starting dose", change_percent=(-50, -50))) == "−50% (starting dose)"
    assert dose_text(Dose(text="10 mg daily", maximum=10, unit="mg/d")) == "10 mg daily"
    assert dose_text(Dose(change_percent=(-80.5, -33))) == "−80.5% to −33%"
    assert dose_text(Dose(change_percent=(50, 50))) == "+50%"
    assert dose_text(Dose(maximum=0.25, unit="mg/kg")) == "≤ 0.25 mg/kg"
    assert dose_text(Dose()) is None


@pytest.mark.parametrize(
    "figure", ["reduce to 30% of the dose", "give 10 mg", "at most 0.5 mg/kg", "20–50 %"]
)
def test_figures_of_a_replaced_recommendation_are_never_shown(figure: str) -> None:
    old = a_recommendation(
        "azathioprine", "reduce-dose", text=figure, dose=Dose(text=figure), newer_version="2026-02"
    )
    (statement,) = groups_of(old)["change"].rows[0].statements
    assert statement.text is None
    assert statement.dose is None
    assert statement.newer_version == "2026-02"


def test_a_replaced_recommendation_without_figures_keeps_its_words() -> None:
    old = a_recommendation("codeine", "avoid", text="Avoid codeine.", newer_version="2026-02")
    assert groups_of(old)["avoid"].rows[0].statements[0].text == "Avoid codeine."


def test_a_gene_that_matched_nothing_is_named_beside_the_basis() -> None:
    partial = a_recommendation(
        "carbamazepine", "not-called", genes=("HLA-A", "HLA-B"), basis={"HLA-B": "*15:02 negative"}
    )
    assert groups_of(partial)["no-answer"].compact[0].unmatched == ("HLA-A",)


def test_statements_of_a_medicine_stand_most_cautious_first() -> None:
    standard = a_recommendation("codeine", "standard")
    row = groups_of(standard, replace(standard, action="avoid"))["avoid"].rows[0]
    assert [statement.action for statement in row.statements] == ["avoid", "standard"]


def test_no_guideline_is_an_answer_and_names_none() -> None:
    silent = a_recommendation(
        "paracetamol", "no-guideline", guideline="none", strength="n/a", current_medication=True
    )
    (statement,) = groups_of(silent)["no-answer"].rows[0].statements
    assert (statement.action, statement.guideline, statement.strength) == ("no-guideline", "", "")


def test_medicines_of_which_the_same_is_said_share_a_row() -> None:
    first, second = (
        a_recommendation(drug, "avoid", text=f"Avoid {drug.capitalize()}.", source=f"row of {drug}")
        for drug in ("doxepin", "imipramine")
    )
    other = a_recommendation("amitriptyline", "avoid", text="Avoid amitriptyline.", strength="Moderate")
    rows = groups_of(first, second, other)["avoid"].rows
    assert {row.drug: [one.drug for one in row.alike] for row in rows} == {
        "doxepin": ["imipramine"],
        "amitriptyline": [],
    }
    (folded,) = [row for row in rows if row.drug == "doxepin"]
    assert [one.statements[0].sources for one in (folded, *folded.alike)] == [
        ("row of doxepin",),
        ("row of imipramine",),
    ]


def test_a_medicine_that_is_taken_keeps_a_row_of_its_own() -> None:
    first, second = (
        a_recommendation(drug, "avoid", text=f"Avoid {drug}.", current_medication=drug == "doxepin")
        for drug in ("doxepin", "imipramine")
    )
    assert [row.alike for row in groups_of(first, second)["avoid"].rows] == [(), ()]


def test_one_statement_for_several_populations_names_them_all() -> None:
    naive = a_recommendation("phenytoin", "avoid", population="PHT naive", source="row 1")
    row = groups_of(naive, replace(naive, population="PHT use >3mos", source="row 2"))["avoid"].rows[0]
    (statement,) = row.statements
    assert statement.populations == ("PHT naive", "PHT use >3mos")
    assert statement.sources == ("row 1", "row 2")


def test_populations_with_different_strength_keep_their_own_statement() -> None:
    strong = a_recommendation("clopidogrel", "avoid", population="CVI ACS PCI", strength="Strong")
    row = groups_of(strong, replace(strong, population="NVI", strength="Moderate"))["avoid"].rows[0]
    assert [(s.populations, s.strength) for s in row.statements] == [
        (("CVI ACS PCI",), "Strong"),
        (("NVI",), "Moderate"),
    ]


def test_an_activity_score_is_explained_by_its_phenotype() -> None:
    call = PharmacogeneCall(
        "CYP2D6",
        CallStatus.OUTSIDE_CALL,
        False,
        (Diplotype("*1/*4", ("*1", "*4"), "1.0", "Intermediate Metabolizer"),),
    )
    codeine = a_recommendation("codeine", "monitor", genes=("CYP2D6",), basis={"CYP2D6": "1.0"})
    (group,) = medicine_groups(a_findings(recommendations=(codeine,), pharmacogenes=(call,)))
    assert group.rows[0].statements[0].phenotypes == (("CYP2D6", "Intermediate Metabolizer"),)


def test_a_medicine_given_as_a_code_is_shown_by_name() -> None:
    by_code = replace(CLOPIDOGREL, name=None)
    findings = a_findings(
        recommendations=(a_recommendation("clopidogrel", "avoid", rxnorm=CLOPIDOGREL.rxnorm),),
        scope=a_scope(medications=(by_code,)),
    )
    assert [medication.name for medication in named_medications(findings)] == ["clopidogrel"]


def test_scores_that_share_an_answer_are_named_as_scores() -> None:
    pairs = (
        Diplotype("*1/*4", ("*1", "*4"), "1", "Intermediate Metabolizer"),
        Diplotype("*4/*10", ("*4", "*10"), "0.25", "Intermediate Metabolizer"),
    )
    call = PharmacogeneCall("CYP2D6", CallStatus.AMBIGUOUS, False, pairs)
    for key, phenotype in (("0.25 or 1.0", "Intermediate Metabolizer"), ("0.5 or 0.75", "")):
        codeine = a_recommendation("codeine", "monitor", genes=("CYP2D6",), basis={"CYP2D6": key})
        (group,) = medicine_groups(a_findings(recommendations=(codeine,), pharmacogenes=(call,)))
        assert group.rows[0].statements[0].phenotypes == (("CYP2D6", phenotype),)


@pytest.mark.parametrize(
    ("start", "end", "current"),
    [
        (None, None, True),
        ("2026-01-01", None, True),
        (None, "2026-01-31", False),
        ("2099-01-01", None, False),
    ],
)
def test_a_medicine_that_ended_or_has_not_begun_is_not_taken_now(
    start: str | None, end: str | None, current: bool
) -> None:
    findings = a_findings(
        recommendations=(a_recommendation("clopidogrel", "avoid", rxnorm=CLOPIDOGREL.rxnorm),),
        scope=a_scope(medications=(replace(CLOPIDOGREL, start=start, end=end),)),
    )
    (group,) = medicine_groups(findings)
    assert [row.current for row in group.rows] == [current]

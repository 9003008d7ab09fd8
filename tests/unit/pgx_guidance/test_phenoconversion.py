"""What co-medication changes, and what it never changes."""

from datetime import date

import pytest

from service.domain.case import Medication
from service.domain.guidance import Phenoconversion
from service.domain.pgx import CallStatus, PharmacogeneCall
from service.pgx.caveats import with_interactions
from service.pgx.phenoconversion import expected_with_medications, interactions
from tests.unit.pgx_guidance.conftest import TODAY, Patient, with_key
from tests.unit.pgx_guidance.test_recommend import truth

INHIBITOR = {"strong": "paroxetine", "moderate": "duloxetine"}


def expected(
    modulators: Phenoconversion, *medications: Medication, score: str = "2.0", today: date = TODAY
) -> PharmacogeneCall:
    (call,), _ = expected_with_medications([with_key("CYP2D6", score)], medications, modulators, today)
    return call


@pytest.mark.parametrize(
    "row", truth("guidance_phenoconversion.tsv"), ids=lambda row: "-".join(row.values())[:30]
)
def test_arithmetic(row: dict[str, str], modulators: Phenoconversion) -> None:
    call = expected(modulators, Medication(name=INHIBITOR[row["inhibitor"]]), score=row["score"])
    (entry,) = call.expected_with_medications
    assert entry.activity_score == (None if row["expected"] == "-" else row["expected"])
    assert entry.phenotype == row["phenotype"]
    assert entry.strength == row["inhibitor"]
    assert entry.source


def test_the_genotype_result_is_never_overwritten(modulators: Phenoconversion) -> None:
    before = with_key("CYP2D6", "2.0")
    call = expected(modulators, Medication(rxnorm="32937"))
    assert call.diplotypes == before.diplotypes
    (entry,) = call.expected_with_medications
    assert (entry.drug, entry.genotype_activity_score) == ("paroxetine", "2.0")


def test_a_weak_inhibitor_changes_nothing_and_is_said(modulators: Phenoconversion) -> None:
    calls, issues = expected_with_medications(
        [with_key("CYP2D6", "2.0")], [Medication(name="sertraline")], modulators, TODAY
    )
    assert calls[0].expected_with_medications == ()
    assert any("sertraline is a weak inhibitor of CYP2D6" in issue.text for issue in issues)


def test_the_strongest_of_several_inhibitors_is_used_and_the_others_are_said(
    modulators: Phenoconversion,
) -> None:
    medications = [Medication(name="duloxetine"), Medication(name="bupropion")]
    calls, issues = expected_with_medications([with_key("CYP2D6", "2.0")], medications, modulators, TODAY)
    general = [e for e in calls[0].expected_with_medications if not e.for_drugs]
    assert [(e.drug, e.activity_score) for e in general] == [("bupropion", "0.0")]
    assert any("not multiplied" in issue.text for issue in issues)


def test_two_moderate_inhibitors_are_not_multiplied(modulators: Phenoconversion) -> None:
    call = expected(modulators, Medication(name="duloxetine"), Medication(name="cinacalcet"))
    assert {e.activity_score for e in call.expected_with_medications} == {"1.0"}


@pytest.mark.parametrize(
    ("end", "counts"),
    [("2026-11-24", True), ("2026-11-01", True), ("2026-10-20", True), ("2026-10-19", False), ("2026", True)],
)
def test_fluoxetine_counts_for_35_days_after_its_end(
    modulators: Phenoconversion, end: str, counts: bool
) -> None:
    call = expected(modulators, Medication(rxnorm="4493", end=end))
    assert bool(call.expected_with_medications) is counts


def test_an_ended_inhibitor_inside_its_washout_says_so(modulators: Phenoconversion) -> None:
    (entry,) = expected(modulators, Medication(rxnorm="4493", end="2026-11-01")).expected_with_medications
    assert "ended 2026-11-01, still counted for 35 days" in entry.note
    assert entry.washout_days == 35


def test_a_medication_of_the_future_does_not_count_yet(modulators: Phenoconversion) -> None:
    assert not expected(modulators, Medication(rxnorm="4493", start="2026-12-01")).expected_with_medications


def test_an_unreadable_date_is_taken_as_current_and_said(modulators: Phenoconversion) -> None:
    calls, issues = expected_with_medications(
        [with_key("CYP2D6", "2.0")], [Medication(rxnorm="4493", end="last spring")], modulators, TODAY
    )
    assert calls[0].expected_with_medications
    assert any("not an ISO 8601 date" in issue.text for issue in issues)


@pytest.mark.parametrize(
    ("medication", "counts"),
    [
        (Medication(name="terbinafine", route="oral"), True),
        (Medication(name="terbinafine", route="topical"), False),
        (Medication(name="terbinafine", route="Cutaneous use"), False),
        (Medication(atc="D01AE15"), False),
        (Medication(atc="D01BA02"), True),
        (Medication(name="quinidine", route="transdermal"), True),
    ],
)
def test_preparations_without_systemic_exposure_do_not_count(
    modulators: Phenoconversion, medication: Medication, counts: bool
) -> None:
    calls, issues = expected_with_medications([with_key("CYP2D6", "2.0")], [medication], modulators, TODAY)
    assert bool(calls[0].expected_with_medications) is counts
    assert counts or any("by this route" in issue.text for issue in issues)


def test_an_atc_group_cannot_be_judged(modulators: Phenoconversion) -> None:
    calls, issues = expected_with_medications(
        [with_key("CYP2D6", "2.0")], [Medication(atc="N06AB")], modulators, TODAY
    )
    assert not calls[0].expected_with_medications
    assert any("group of drugs" in issue.text for issue in issues)


@pytest.mark.parametrize(
    ("drug", "enzyme"),
    [
        ("fluconazole", "CYP2C19"),
        ("amiodarone", "CYP2C9"),
        ("rifampicin", "CYP2B6"),
        ("clarithromycin", "CYP3A5"),
        ("gemfibrozil", "SLCO1B1"),
        ("ciclosporin", "ABCG2"),
    ],
)
def test_other_enzymes_warn_and_convert_nothing(modulators: Phenoconversion, drug: str, enzyme: str) -> None:
    call = with_key(enzyme, "Normal Metabolizer")
    calls, issues = expected_with_medications([call], [Medication(name=drug)], modulators, TODAY)
    assert calls == (call,)
    (issue,) = [issue for issue in issues if issue.where == enzyme]
    assert issue.severity == "warning"
    assert "not converted" in issue.text


def test_opioids_follow_the_converted_phenotype_and_show_both(patient: Patient) -> None:
    answers = patient.gene("CYP2D6", "2.0").takes(name="paroxetine").answers("codeine")
    main = [r for r in answers if r.possible is None]
    assert [(r.action, r.basis["CYP2D6"]) for r in main] == [("avoid", "0.0")]
    assert "the genotype gives as its score says (score 2.0)" in main[0].why
    (from_genotype,) = [r for r in answers if r.possible]
    assert from_genotype.action == "standard"
    assert from_genotype.possible is not None
    assert "once paroxetine is stopped" in from_genotype.possible


def test_a_converted_score_without_a_row_uses_its_band(patient: Patient) -> None:
    answers = patient.gene("CYP2D6", "1.25").takes(name="duloxetine").answers("tramadol")
    main = [r for r in answers if r.possible is None]
    assert [r.action for r in main] == ["monitor"]
    assert "score 0.625" in main[0].why


def test_other_drugs_keep_the_genotype_and_show_the_converted_as_possible(patient: Patient) -> None:
    answers = patient.gene("CYP2D6", "2.0").takes(name="fluoxetine").answers("nortriptyline")
    assert [(r.action, r.possible) for r in answers if r.possible is None] == [("standard", None)]
    (possible,) = [r for r in answers if r.possible]
    assert possible.action == "avoid"
    assert possible.possible is not None
    assert "fluoxetine (strong CYP2D6 inhibitor)" in possible.possible
    assert any("not part of its guideline" in warning for warning in possible.warnings)


def test_a_drug_never_converts_its_own_guidance(patient: Patient) -> None:
    answers = patient.gene("CYP2D6", "2.0").takes(name="paroxetine").answers("paroxetine")
    assert [(r.action, r.basis) for r in answers] == [("standard", {"CYP2D6": "2.0"})]


def test_another_inhibitor_does_convert_guidance_for_an_inhibitor(patient: Patient) -> None:
    patient.gene("CYP2D6", "2.0").takes(name="paroxetine").takes(name="duloxetine")
    answers = patient.answers("paroxetine")
    assert {(r.action, r.basis["CYP2D6"]) for r in answers if r.possible} == {("reduce-dose", "1.0")}


def test_a_strong_inhibitor_speaks_even_without_a_genotype(patient: Patient) -> None:
    patient.calls.append(PharmacogeneCall("CYP2D6", CallStatus.NOT_COVERED, False))
    answers = patient.takes(name="paroxetine").answers("codeine")
    assert {(r.action, bool(r.possible)) for r in answers} == {("not-called", False), ("avoid", True)}


def test_every_modulator_has_a_source_and_a_washout(modulators: Phenoconversion) -> None:
    assert len(modulators.modulators) == 235
    assert all(m.source and m.washout_days >= 7 for m in modulators.modulators)
    days = {m.drug.name: m.washout_days for m in modulators.modulators if m.enzyme == "CYP2D6"}
    assert (days["fluoxetine"], days["terbinafine"], days["amiodarone"]) == (35, 60, 180)
    strong_inducers = [m for m in modulators.modulators if (m.effect, m.strength) == ("inducer", "strong")]
    assert {m.washout_days for m in strong_inducers} == {21}


def test_a_score_without_a_row_says_whose_row_is_shown(patient: Patient) -> None:
    answers = patient.gene("CYP2D6", "1.25").takes(name="duloxetine").answers("tramadol")
    (main,) = [r for r in answers if r.possible is None]
    assert main.basis == {"CYP2D6": "0.25 or 0.5 or 0.75 or 1.0"}
    assert any("no row for the expected activity score 0.625" in warning for warning in main.warnings)


def test_a_score_with_a_row_says_nothing_of_bands(patient: Patient) -> None:
    answers = patient.gene("CYP2D6", "2.0").takes(name="duloxetine").answers("tramadol")
    assert not any("no row" in warning for r in answers for warning in r.warnings)


def test_results_that_share_an_expected_phenotype_are_both_named(modulators: Phenoconversion) -> None:
    call = with_key("CYP2D6", "1.0", "2.0")
    (converted,), _ = expected_with_medications([call], [Medication(name="paroxetine")], modulators, TODAY)
    (entry,) = converted.expected_with_medications
    assert entry.genotype_activity_score == "1.0 or 2.0"


def test_a_moderate_inhibitor_keeps_two_results_apart(modulators: Phenoconversion) -> None:
    call = with_key("CYP2D6", "1.0", "3.0")
    (converted,), _ = expected_with_medications([call], [Medication(name="duloxetine")], modulators, TODAY)
    assert [(e.activity_score, e.phenotype) for e in converted.expected_with_medications] == [
        ("0.5", "Intermediate Metabolizer"),
        ("1.5", "Normal Metabolizer"),
    ]


def test_tamoxifen_names_the_inhibitor_that_is_taken_beside_it(patient: Patient) -> None:
    patient.gene("CYP2D6", "3.0").takes(name="tamoxifen").takes(name="duloxetine")
    answer = patient.answer("tamoxifen")
    assert answer.action == "standard"
    assert any("duloxetine (moderate CYP2D6 inhibitor) is also taken" in w for w in answer.warnings)


def test_an_opioid_without_genotype_says_that_its_answer_is_derived(patient: Patient) -> None:
    patient.calls.append(PharmacogeneCall("CYP2D6", CallStatus.NOT_COVERED, False))
    (possible,) = [r for r in patient.takes(name="paroxetine").answers("codeine") if r.possible]
    assert any("derived" in warning for warning in possible.warnings)
    assert not any("common practice" in warning for warning in possible.warnings)


@pytest.mark.parametrize(
    ("medications", "enzymes"),
    [
        ((Medication(name="fluconazole"),), {"CYP2C9", "CYP2C19", "CYP3A4", "CYP3A5"}),
        ((Medication(name="fluconazole", end="2026-01-01"),), set()),
        ((Medication(name="ketoconazole", route="topical"),), set()),
        ((Medication(name="paroxetine"),), set()),
    ],
)
def test_interactions_are_those_of_drugs_at_work(
    modulators: Phenoconversion, medications: tuple[Medication, ...], enzymes: set[str]
) -> None:
    found = interactions(medications, modulators, TODAY)
    assert {e for e in found if e.startswith("CYP")} == enzymes


def test_a_current_medicine_names_what_acts_on_its_enzyme(
    patient: Patient, modulators: Phenoconversion
) -> None:
    patient.gene("CYP2C9", "2.0").takes(name="phenytoin").takes(name="fluconazole")
    found = interactions(patient.medications, modulators, TODAY)
    for answer in patient.answers("phenytoin"):
        warned = with_interactions(answer, found)
        assert warned.warnings[-1].startswith("CYP2C9: fluconazole (moderate inhibitor) is also taken")
        assert (warned.action, warned.basis) == (answer.action, answer.basis)
    (other,) = patient.answers("celecoxib")
    assert with_interactions(other, found) == other


def test_a_drug_does_not_warn_of_itself(patient: Patient, modulators: Phenoconversion) -> None:
    patient.gene("CYP2B6", "Normal Metabolizer").takes(name="efavirenz")
    found = interactions(patient.medications, modulators, TODAY)
    assert "CYP2B6" in found
    answer = patient.answer("efavirenz", "child >40kg_adult")
    assert with_interactions(answer, found) == answer


def test_each_of_two_results_is_converted_by_its_own_score(patient: Patient) -> None:
    answers = patient.gene("CYP2D6", "1.0", "3.0").takes(name="duloxetine").answers("codeine")
    converted = {r.basis["CYP2D6"]: r for r in answers if r.why.startswith("While duloxetine")}
    assert {key: r.action for key, r in converted.items()} == {"0.5": "monitor", "1.5": "standard"}
    assert "expected as Intermediate Metabolizer (score 0.5)" in converted["0.5"].why
    assert "(score 1.0)" in converted["0.5"].why
    assert "expected as Normal Metabolizer (score 1.5)" in converted["1.5"].why
    assert all("one of 2 answers" in (r.possible or "") for r in converted.values())
    assert not any("no row" in warning for r in converted.values() for warning in r.warnings)


def test_results_that_become_alike_are_converted_once(patient: Patient) -> None:
    """Score 1.0 becomes 0.5, score 2.0 becomes 1.0: both intermediate, so usual dosing no longer stands."""
    answers = patient.gene("CYP2D6", "1.0", "2.0").takes(name="duloxetine").answers("codeine")
    (converted,) = [r for r in answers if r.possible is None]
    assert (converted.action, converted.basis["CYP2D6"]) == ("monitor", "0.5 or 1.0")
    assert "(score 0.5 or 1.0)" in converted.why
    assert all("once duloxetine is stopped" in (r.possible or "") for r in answers if r is not converted)


def test_a_row_and_a_band_that_say_the_same_are_told_apart_in_words(patient: Patient) -> None:
    answers = patient.gene("CYP2D6", "1.0", "1.25").takes(name="duloxetine").answers("tramadol")
    (converted,) = [r for r in answers if r.possible is None]
    assert "(score 0.5 or 0.625)" in converted.why
    assert any("no row for the expected activity score 0.625" in warning for warning in converted.warnings)

"""Recommendations for patients, stated as clinical facts."""

from csv import DictReader
from pathlib import Path

import pytest

from service.domain.case import InterpretOptions
from service.domain.guidance import Guidance, Phenoconversion
from service.domain.pgx import CallStatus, Diplotype, GeneDefinition, PharmacogeneCall, SiteResult
from service.pgx.recommend import recommend
from tests.unit.pgx_guidance.conftest import Patient

TRUTH = Path(__file__).resolve().parents[2] / "truth"


def truth(name: str) -> list[dict[str, str]]:
    with (TRUTH / name).open(encoding="utf-8") as handle:
        return list(DictReader((line for line in handle if line[0] != "#"), delimiter="\t"))


@pytest.mark.parametrize("row", truth("guidance_cpic.tsv"), ids=lambda row: f"{row['drug']} {row['results']}")
def test_cpic_row(row: dict[str, str], guidance: Guidance, modulators: Phenoconversion) -> None:
    patient = Patient(guidance, modulators)
    for part in row["results"].split("; "):
        gene, _, key = part.partition("=")
        patient.gene(gene, key)
    found = [r for r in patient.answers(row["drug"]) if r.population == row["population"]]
    assert [(r.action, r.strength) for r in found] == [(row["action"], row["strength"])]
    assert found[0].guideline == "CPIC"
    assert row["source"].split()[1] in found[0].source


def test_clopidogrel_is_avoided_in_a_poor_metaboliser_with_an_acute_coronary_syndrome(
    patient: Patient,
) -> None:
    answer = patient.gene("CYP2C19", "Poor Metabolizer").answer("clopidogrel", "CVI ACS PCI")
    assert (answer.action, answer.strength) == ("avoid", "Strong")
    assert "prasugrel or ticagrelor" in answer.text
    assert answer.basis == {"CYP2C19": "Poor Metabolizer"}
    assert answer.rxnorm == "32968"
    assert "B01AC04" in answer.atc
    assert "35034351" in answer.pmids
    assert answer.guideline_url == "https://www.clinpgx.org/guidelineAnnotation/PA166104948"


def test_an_answer_says_which_entries_of_the_medication_list_it_is_about(patient: Patient) -> None:
    """By name with strength, as one half of a combination, by group, and unknown names: all find theirs."""
    patient.gene("CYP2C19", "Poor Metabolizer").gene("SLCO1B1", "Normal Function")
    patient.takes(name="Clopidogrel 75 mg").takes(name="codeine and paracetamol").takes(atc="C10AA")
    patient.takes(name="zzz").takes(rxnorm="32968", end="2020-01-01").takes(name="zzz")
    about = {r.drug: r.medications for r in patient.answers()}
    assert about["clopidogrel"] == (0, 4)
    assert about["codeine"] == (1,)
    assert about["simvastatin"] == about["pravastatin"] == (2,)
    assert about["zzz"] == (3, 5)
    assert about["voriconazole"] == ()
    assert {place for places in about.values() for place in places} == set(range(6))


def test_every_population_of_clopidogrel_has_its_own_answer(patient: Patient) -> None:
    answers = patient.gene("CYP2C19", "Intermediate Metabolizer").answers("clopidogrel")
    assert {(r.population, r.action) for r in answers} == {
        ("CVI ACS PCI", "avoid"),
        ("CVI non-ACS non-PCI", "no-recommendation"),
        ("NVI", "use-alternative"),
    }


def test_simvastatin_with_decreased_function_stays_below_20_mg(patient: Patient) -> None:
    answer = patient.gene("SLCO1B1", "Decreased Function").answer("simvastatin")
    assert answer.action == "use-alternative"
    assert answer.dose is not None
    assert (answer.dose.maximum, answer.dose.unit) == (20.0, "mg/d")
    assert "less than 20 mg/day" in answer.text


def test_warfarin_shows_the_genotypes_and_points_to_the_flow_chart(patient: Patient) -> None:
    site = SiteResult("chr10", 94645745, "rs12777823", "called", ("G", "A"))
    patient.gene("CYP2C9", "1.0", sites=(site,)).gene("CYP4F2", "No Result")
    pair = Diplotype("rs9923231 reference (C)/rs9923231 variant (T)", ("C", "T"), None, None)
    patient.calls.append(PharmacogeneCall("VKORC1", CallStatus.CALLED, True, (pair,)))
    answer = patient.answer("warfarin", "n/a")
    assert answer.basis == {
        "CYP2C9": "*1/*2",
        "VKORC1": "rs9923231 reference (C)/rs9923231 variant (T)",
        "CYP4F2": "No Result",
        "rs12777823": "G/A",
    }
    assert "flow chart" in answer.text
    assert any("CYP4F2 has no result" in warning for warning in answer.warnings)


@pytest.mark.parametrize("drug", ["azathioprine", "mercaptopurine", "thioguanine"])
@pytest.mark.parametrize("tpmt", ["Poor Metabolizer", "Intermediate Metabolizer", "Normal Metabolizer"])
@pytest.mark.parametrize("nudt15", ["Poor Metabolizer", "Normal Metabolizer", "Indeterminate", "No Result"])
def test_thiopurines_show_no_dose_of_the_replaced_version(
    patient: Patient, drug: str, tpmt: str, nudt15: str
) -> None:
    answer = patient.gene("TPMT", tpmt).gene("NUDT15", nudt15).answer(drug)
    assert answer.dose is None
    assert answer.newer_version is not None
    assert "2026-02-0" in answer.newer_version
    assert answer.newer_version in answer.text
    assert "consult the current guideline" in answer.text
    assert not any(ch.isdigit() for ch in answer.text.split("CPIC replaced")[0].replace("NUDT15", ""))
    if "Poor Metabolizer" in (tpmt, nudt15):
        assert answer.action in ("use-alternative", "reduce-dose")


def test_a_gene_that_was_not_called_is_said_for_each_of_its_drugs_once(patient: Patient) -> None:
    not_called = PharmacogeneCall("CYP2D6", CallStatus.NOT_COVERED, False, notes=("needs copy number",))
    patient.calls.append(not_called)
    for drug in ("codeine", "tamoxifen", "metoprolol"):
        (answer,) = patient.answers(drug)
        assert answer.action == "not-called"
        assert "CYP2D6 has no result (needs copy number)" in answer.text
        assert "usual dose" in answer.text


def test_a_second_gene_without_result_uses_the_row_for_it_and_says_so(patient: Patient) -> None:
    answer = patient.gene("CYP2C19", "Poor Metabolizer").answer("amitriptyline")
    assert answer.action == "avoid"
    assert answer.basis == {"CYP2C19": "Poor Metabolizer", "CYP2D6": "No Result"}
    assert any("CYP2D6 has no result" in warning for warning in answer.warnings)


def test_diplotypes_that_lead_to_different_actions_are_all_answered(patient: Patient) -> None:
    answers = (
        patient.gene("TPMT", "Normal Metabolizer", "Poor Metabolizer")
        .gene("NUDT15", "Normal Metabolizer")
        .answers("mercaptopurine")
    )
    assert {r.action for r in answers} == {"standard", "reduce-dose"}
    assert all(r.possible and "one of 2 answers" in r.possible for r in answers)
    assert {r.basis["TPMT"] for r in answers} == {"Normal Metabolizer", "Poor Metabolizer"}


def test_diplotypes_that_lead_to_the_same_statement_are_answered_once(patient: Patient) -> None:
    answer = patient.gene("CYP2D6", "0.25", "0.5").answer("codeine")
    assert answer.basis == {"CYP2D6": "0.25 or 0.5"}


def test_an_undocumented_allele_never_gives_unqualified_usual_dosing(patient: Patient) -> None:
    patient.gene("DPYD", "2.0", undocumented=("chr1:97515839 T>A",))
    (answer,) = patient.answers("capecitabine")
    assert answer.text.startswith("Not confirmed")
    assert "chr1:97515839 T>A" in answer.text
    assert answer.possible is not None
    assert "unknown" in answer.warnings[0]


def test_an_undocumented_allele_is_named_beside_a_dose_reduction(patient: Patient) -> None:
    answer = patient.gene("DPYD", "1.0", undocumented=("chr1:97515839 T>A",)).answer("fluorouracil")
    assert answer.action == "reduce-dose"
    assert "chr1:97515839 T>A" in answer.warnings[0]


def test_alleles_that_could_not_be_excluded_are_named(patient: Patient) -> None:
    patient.gene("CYP2C19", "Normal Metabolizer", uncallable_alleles=("*4", "*5"), missing_positions=("a",))
    assert patient.answer("citalopram").warnings == (
        "CYP2C19: *4, *5 could not be excluded, because their positions were not read.",
    )


def test_the_fallback_site_of_slco1b1_is_said(patient: Patient) -> None:
    basis = Diplotype("rs4149056 C/T", ("*5", "*1"), None, "Decreased Function")
    patient.calls.append(PharmacogeneCall("SLCO1B1", CallStatus.NO_CALL, False, basis=basis))
    (answer,) = patient.answers("simvastatin")
    assert answer.action == "use-alternative"
    assert answer.possible is not None
    assert "rs4149056 C/T" in answer.possible


def test_lowest_function_alleles_are_looked_up_by_their_gene_rules(
    guidance: Guidance, definitions: dict[str, GeneDefinition]
) -> None:
    basis = ("c.1905+1G>A (*2A)", "c.2846A>T")
    call = PharmacogeneCall("DPYD", CallStatus.CALLED, False, haplotypes=basis, basis_alleles=basis)
    found = recommend([call], guidance, InterpretOptions(), definitions=definitions.values())
    (answer,) = [r for r in found if r.drug == "capecitabine"]
    assert answer.basis == {"DPYD": "0.5"}
    assert answer.action == "avoid"


def test_a_phenotype_alone_matches_every_score_of_its_band(patient: Patient) -> None:
    only = Diplotype("", (), None, "Intermediate Metabolizer")
    patient.calls.append(PharmacogeneCall("CYP2D6", CallStatus.OUTSIDE_CALL, False, (only,)))
    assert {(r.action, r.strength) for r in patient.answers("nortriptyline")} == {
        ("reduce-dose", "Moderate"),
        ("reduce-dose", "Optional"),
    }
    assert patient.answer("codeine").action == "monitor"


def test_scores_are_read_as_people_write_them(patient: Patient) -> None:
    pair = Diplotype("*1/*4", ("*1", "*4"), "1", "Intermediate Metabolizer")
    patient.calls.append(PharmacogeneCall("CYP2D6", CallStatus.OUTSIDE_CALL, False, (pair,)))
    assert patient.answer("codeine").basis == {"CYP2D6": "1.0"}


def test_a_duplication_of_unstated_number_gives_no_advice(patient: Patient) -> None:
    pair = Diplotype("*1/*2xN", ("*1", "*2xN"), None, None)
    patient.calls.append(PharmacogeneCall("CYP2D6", CallStatus.OUTSIDE_CALL, False, (pair,)))
    (answer,) = patient.answers("codeine")
    assert answer.action == "no-recommendation"
    assert "copy number" in answer.text


@pytest.mark.parametrize(
    ("alleles", "action"),
    [(("*15:02", "*57:01"), "avoid"), (("*07:02", "*44:02"), "standard"), (("*57:01:01", "*07:02"), "avoid")],
)
def test_hla_b_5701_decides_on_abacavir(patient: Patient, alleles: tuple[str, str], action: str) -> None:
    pair = Diplotype("/".join(alleles), alleles, None, None)
    patient.calls.append(PharmacogeneCall("HLA-B", CallStatus.OUTSIDE_CALL, False, (pair,)))
    assert patient.answer("abacavir").action == action


def test_current_medicines_come_first_then_the_most_severe_action(patient: Patient) -> None:
    patient.gene("CYP2C19", "Poor Metabolizer").gene("CYP2D6", "2.0").takes(rxnorm="7646")
    answers = patient.answers()
    assert answers[0].drug == "omeprazole"
    assert answers[0].current_medication
    rest = [r.action for r in answers if not r.current_medication]
    order = ["avoid", "use-alternative", "reduce-dose", "increase-dose", "monitor"]
    assert [a for a in rest if a in order] == sorted((a for a in rest if a in order), key=order.index)


@pytest.mark.parametrize(
    ("medication", "drug"),
    [
        ({"rxnorm": "36567"}, "simvastatin"),
        ({"atc": "C10BA02"}, "simvastatin"),
        ({"name": "Simvastatin 40 mg tablet"}, "simvastatin"),
        ({"name": "5-fluorouracil"}, "fluorouracil"),
        ({"name": "Suxamethonium chloride"}, "succinylcholine"),
        ({"name": "tioguanine"}, "thioguanine"),
    ],
)
def test_a_medication_is_recognised(patient: Patient, medication: dict[str, str], drug: str) -> None:
    assert {r.drug for r in patient.takes(**medication).answers() if r.current_medication} == {drug}


def test_an_atc_group_marks_its_drugs_and_says_that_the_drug_is_not_stated(patient: Patient) -> None:
    answers = patient.gene("SLCO1B1", "Normal Function").takes(atc="C10AA").answers()
    taken = {r.drug for r in answers if r.current_medication}
    assert taken >= {"simvastatin", "atorvastatin", "rosuvastatin"}
    assert all("C10AA" in r.warnings[-1] for r in answers if r.current_medication)


def test_a_drug_without_guideline_is_answered(patient: Patient) -> None:
    (answer,) = patient.takes(rxnorm="1191").answers("aspirin")
    assert (answer.action, answer.current_medication) == ("no-guideline", True)
    assert "No guideline" in answer.text


def test_an_unknown_code_is_not_taken_for_a_drug_without_guideline(patient: Patient) -> None:
    (answer,) = patient.takes(rxnorm="999999999").answers("RxNorm 999999999")
    assert answer.action == "no-guideline"
    assert "not a name or code that this release knows" in answer.text


def test_an_ended_medication_is_not_current(patient: Patient) -> None:
    patient.gene("SLCO1B1", "Normal Function").takes(rxnorm="36567", end="2026-01-01")
    assert not patient.answer("simvastatin").current_medication


def test_ivacaftor_speaks_of_cystic_fibrosis_only(patient: Patient) -> None:
    answer = patient.gene("CFTR", "ivacaftor non-responsive in CF patients").answer("ivacaftor")
    assert "cystic fibrosis" in answer.text


def test_a_guideline_without_rows_here_is_named(patient: Patient) -> None:
    pair = Diplotype("rs12979860 reference (C)/rs12979860 variant (T)", ("C", "T"), None, None)
    patient.calls.append(PharmacogeneCall("IFNL3", CallStatus.CALLED, True, (pair,)))
    (answer,) = patient.answers("ribavirin")
    assert answer.action == "no-recommendation"
    assert "rs12979860 variant (T)" in answer.text
    assert "consult it" in answer.text


def test_every_drug_of_the_release_is_answered_without_any_call(patient: Patient, guidance: Guidance) -> None:
    answers = patient.answers()
    assert {r.drug for r in answers} == {g.drug.name for g in guidance.drugs}
    assert {r.action for r in answers} == {"not-called"}


def test_what_a_call_says_of_its_limits_stands_beside_its_recommendations(patient: Patient) -> None:
    notes = (
        "CYP2C19 was read in part.",
        "The outside call (*1/*1) contradicts the variant file, which reads *2/*17.",
    )
    patient.gene("CYP2C19", "Normal Metabolizer", notes=notes, uncallable_alleles=("*4",))
    assert patient.answer("citalopram").warnings == (notes[0], f"CYP2C19: {notes[1]}")


def test_an_undocumented_variant_is_said_once(patient: Patient) -> None:
    note = "1:97515839 carries a change that no allele table lists (T>A)."
    patient.gene("DPYD", "2.0", undocumented=("1:97515839 T>A",), notes=(note, "Sex is not stated."))
    (answer,) = patient.answers("capecitabine")
    assert len(answer.warnings) == 2
    assert answer.warnings[0].startswith("No named allele contains DPYD 1:97515839 T>A")
    assert answer.warnings[1] == "DPYD: Sex is not stated."


@pytest.mark.parametrize("name", ["clopidogrl", "Metoformin 500 mg"])
def test_a_name_that_is_not_known_is_not_said_to_be_without_guideline(patient: Patient, name: str) -> None:
    (answer,) = patient.takes(name=name).answers(name.lower())
    assert answer.action == "no-guideline"
    assert "check the spelling" in answer.text


def test_an_ended_medication_without_guideline_is_answered_and_not_current(patient: Patient) -> None:
    (answer,) = patient.takes(rxnorm="4493", end="2026-01-01").answers("fluoxetine")
    assert (answer.action, answer.current_medication) == ("no-guideline", False)


def test_an_hla_status_that_is_given_beside_other_alleles_decides(patient: Patient) -> None:
    """The laboratory's own statement is kept, and never outvoted by alleles that do not show it."""
    pair = Diplotype("*07:02/*08:01", ("*07:02", "*08:01"), None, "*57:01 positive")
    patient.calls.append(PharmacogeneCall("HLA-B", CallStatus.OUTSIDE_CALL, False, (pair,)))
    answer = patient.answer("abacavir")
    assert (answer.action, answer.basis["HLA-B"]) == ("avoid", "*57:01 positive")

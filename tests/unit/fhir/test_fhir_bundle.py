"""What a Bundle says of Findings, and what it never says."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from service.domain.case import Medication
from service.domain.disease import Assertion, Classification, Criterion, Diagnosis, VariantClassification
from service.domain.findings import Findings
from service.domain.frequency import (
    AlleleFrequency,
    Heterogeneity,
    Outcome,
    PooledFrequency,
    SourceAnswer,
    VariantFrequencies,
)
from service.domain.pgx import CallStatus, Diplotype, PharmacogeneCall, SiteResult
from service.domain.release import UNSIGNED, ReleaseState, SignOff
from service.domain.variant import MolecularDescription, Zygosity
from service.fhir.bundle import bundle, bundle_bytes, resources_of, transaction
from service.fhir.identity import ResourceIds
from service.fhir.population import frequency_components
from service.findings_document import archive_bytes, read_archive
from tests.findings_builder import (
    BRCA1_185DELAG,
    CLOPIDOGREL_CPIC,
    HBOC,
    PATIENT,
    SEVEN_OUTCOMES,
    SHAPES,
    a_findings,
    a_scope,
)

KEY = b"a key of at least sixteen bytes"
SIGNED = ReleaseState(signed=SignOff("B. Example", "geneticist", "2026-11-21T14:05:00+01:00"))
BASE = "https://genome.example/fhir"


def ids_of(findings: Findings, base_url: str | None = None) -> ResourceIds:
    return ResourceIds(KEY, findings.subject, findings.input_digest, base_url=base_url)


def drawn(findings: Findings, **options: Any) -> dict[str, Any]:
    return json.loads(bundle_bytes(findings, ids_of(findings), **options))


def claiming(document: dict[str, Any], profile: str) -> list[dict[str, Any]]:
    suffix = f"StructureDefinition/{profile}"
    return [
        entry["resource"]
        for entry in document["entry"]
        if any(claim.endswith(suffix) for claim in entry["resource"].get("meta", {}).get("profile", []))
    ]


def typed(document: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [e["resource"] for e in document["entry"] if e["resource"]["resourceType"] == kind]


def components(resource: dict[str, Any], code: str) -> list[dict[str, Any]]:
    return [c for c in resource.get("component", []) if c["code"]["coding"][0]["code"] == code]


def nodes(value: Any):
    yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(child)


every_shape = pytest.mark.parametrize("findings", [make() for make in SHAPES.values()], ids=SHAPES)


@every_shape
def test_the_second_validator_agrees(findings):
    for resource in resources_of(findings, ids_of(findings, BASE)).values():
        plain = json.loads(json.dumps(resource))
        get_fhir_model_class(plain["resourceType"]).model_validate(plain)


@every_shape
@pytest.mark.parametrize("base_url", [None, BASE])
def test_every_reference_is_answered_inside_the_bundle(findings, base_url):
    document = bundle(findings, ids_of(findings, base_url))
    places = {entry["fullUrl"] for entry in document["entry"]}
    assert len(places) == len(document["entry"])
    prefix = f"{base_url}/" if base_url else ""
    for node in nodes(document):
        if isinstance(node, dict) and "reference" in node:
            assert prefix + node["reference"] in places


@every_shape
def test_nothing_is_null_or_empty(findings):
    for node in nodes(drawn(findings)):
        assert node is not None
        assert node not in ([], {}, "")


@every_shape
def test_all_observations_are_results_and_all_tasks_actions(findings):
    document = drawn(findings)
    (report,) = claiming(document, "genomic-report")
    by_kind = {
        kind: {e["fullUrl"] for e in document["entry"] if e["resource"]["resourceType"] == kind}
        for kind in ("Observation", "Task")
    }
    assert {r["reference"] for r in report.get("result", [])} == by_kind["Observation"]
    actions = {
        x["valueReference"]["reference"]
        for x in report["extension"]
        if x["url"].endswith("recommended-action")
    }
    assert actions == by_kind["Task"]


@every_shape
def test_the_same_answer_later_differs_in_timestamps_alone(findings):
    later = replace(findings, generated_at="2027-01-01T00:00:00+00:00")
    first, second = (bundle_bytes(f, ids_of(f)) for f in (findings, later))
    assert first.replace(b"2026-11-20T08:31:02+00:00", b"2027-01-01T00:00:00+00:00") == second


@every_shape
def test_what_was_stored_gives_the_same_bytes(findings):
    stored = read_archive(archive_bytes(findings))
    assert bundle_bytes(stored, ids_of(stored)) == bundle_bytes(findings, ids_of(findings))


@every_shape
def test_two_people_with_the_same_genotype_share_no_id(findings):
    other = replace(findings, subject="somebody-else", context={})
    mine = set(
        re.findall(r'"id":"([^"]+)"', bundle_bytes(replace(findings, context={}), ids_of(findings)).decode())
    )
    theirs = set(re.findall(r'"id":"([^"]+)"', bundle_bytes(other, ids_of(other)).decode()))
    assert not mine & theirs


@every_shape
def test_resources_are_preliminary_until_released(findings):
    for state, status in ((UNSIGNED, "preliminary"), (SIGNED, "final")):
        document = drawn(findings, state=state)
        assert {r["status"] for r in typed(document, "Observation")} <= {status}
        (report,) = typed(document, "DiagnosticReport")
        assert report["status"] == status
        assert ("Preliminary" in report["conclusion"]) is (state is UNSIGNED)
        assert ("resultsInterpreter" in report) is (state is SIGNED)


def test_an_id_is_found_among_the_resources():
    findings = SHAPES["brca1_carrier"]()
    resources = resources_of(findings, ids_of(findings))
    assert {key.split("/")[0] for key in resources} >= {"Bundle", "DiagnosticReport", "Observation", "Task"}
    kinds = [key.split("/")[0] for key in resources]
    assert (kinds[0], kinds[-1]) == ("DiagnosticReport", "Bundle")
    assert all(key == f"{r['resourceType']}/{r['id']}" for key, r in resources.items())


# ---- pharmacogenes


def test_a_diplotype_is_named_with_its_gene_and_rests_on_haplotype_and_variant():
    document = drawn(SHAPES["cyp2c19_poor_metabolizer_on_clopidogrel"]())
    (genotype,) = claiming(document, "genotype")
    assert genotype["valueCodeableConcept"]["text"] == "CYP2C19 *2/*2"
    assert genotype["valueCodeableConcept"]["coding"][0]["code"] == "CYP2C19 *2/*2"
    (haplotype,) = claiming(document, "haplotype")
    assert haplotype["valueCodeableConcept"]["coding"][0] == {
        "system": "http://www.pharmvar.org", "code": "CYP2C19*2", "display": "CYP2C19*2",
    }  # fmt: skip
    assert len(genotype["derivedFrom"]) == 2


def test_the_recommendation_says_what_it_rests_on():
    document = drawn(SHAPES["cyp2c19_poor_metabolizer_on_clopidogrel"]())
    task = claiming(document, "medication-recommendation")[0]
    assert task["code"]["coding"][0]["code"] == "LA26421-0"
    reason = next(
        e["resource"] for e in document["entry"] if e["fullUrl"] == task["reasonReference"]["reference"]
    )
    (drug,) = components(reason, "51963-7")
    assert [(c["system"].split("/")[-1], c["code"]) for c in drug["valueCodeableConcept"]["coding"]] == [
        ("rxnorm", "32968"),
        ("atc", "B01AC04"),
    ]
    cited = [x["valueRelatedArtifact"] for x in reason["extension"]]
    assert {artifact["type"] for artifact in cited} == {"citation"}
    assert cited[0]["url"].startswith("https://cpicpgx.org/")
    (medicine,) = typed(document, "MedicationStatement")
    assert task["focus"]["reference"] == next(
        e["fullUrl"] for e in document["entry"] if e["resource"] is not None and e["resource"] == medicine
    )


def test_a_task_is_about_the_entry_of_the_medication_list_that_its_answer_names():
    listed = (
        Medication(name="Clopidogrel 75 mg", end="2020-01-01"),
        Medication(name="Zocor"),
        Medication(name="clopidogrel tablets"),
    )
    advice = (
        replace(CLOPIDOGREL_CPIC, rxnorm=None, medications=(0, 2)),
        replace(CLOPIDOGREL_CPIC, drug="simvastatin", rxnorm=None, atc=(), medications=(1,)),
        replace(CLOPIDOGREL_CPIC, drug="lovastatin", rxnorm=None, atc=()),
    )
    document = drawn(a_findings(scope=a_scope(medications=listed), recommendations=advice))
    names = {
        e["fullUrl"]: e["resource"]["medicationCodeableConcept"]["text"]
        for e in document["entry"]
        if e["resource"]["resourceType"] == "MedicationStatement"
    }
    tasks = claiming(document, "medication-recommendation")
    focus = [names[task["focus"]["reference"]] if "focus" in task else None for task in tasks]
    assert focus == ["clopidogrel tablets", "Zocor", None]


def test_recommendations_stored_without_their_entries_find_them_by_code_and_name():
    listed = (Medication(rxnorm="32968"), Medication(atc="B01AC04"), Medication(name="Clopidogrel"))
    findings = a_findings(scope=a_scope(medications=(Medication(rxnorm="1"), *listed)))
    assert findings.listed(replace(CLOPIDOGREL_CPIC, medications=())) == (1, 2, 3)
    unknown = replace(CLOPIDOGREL_CPIC, drug="x", rxnorm=None, atc=(), medications=())
    assert findings.listed(unknown) == ()


def test_the_conclusion_names_current_medicines_without_an_answer():
    """Codeine without CYP2D6 is not a medicine that genes say nothing against."""
    silent = replace(CLOPIDOGREL_CPIC, drug="codeine", action="not-called", current_medication=True)
    usual = replace(silent, drug="warfarin", action="standard")
    other = replace(silent, drug="tramadol", current_medication=False)
    document = drawn(a_findings(recommendations=(silent, usual, other)))
    conclusion = document["entry"][0]["resource"]["conclusion"]
    assert "Current medicines without an answer from genes: codeine." in conclusion


def test_co_medication_is_said_beside_the_genotype_and_never_instead():
    document = drawn(SHAPES["outside_cyp2d6_with_co_medication"]())
    (genotype,) = claiming(document, "genotype")
    assert genotype["valueCodeableConcept"]["text"] == "CYP2D6 *1/*4"
    phenotypes = [
        components(implication, "therapeutic-implication")[0]["valueCodeableConcept"]["text"]
        for implication in claiming(document, "therapeutic-implication")
        if not components(implication, "51963-7")
    ]
    assert phenotypes == ["Intermediate Metabolizer", "Poor Metabolizer"]
    expected = claiming(document, "therapeutic-implication")[1]
    assert "while taking paroxetine" in components(expected, "81259-4")[0]["valueCodeableConcept"]["text"]


def test_a_gene_that_was_not_called_is_told_with_the_reason():
    document = drawn(SHAPES["not_called_and_assumed"]())
    said = {
        g["valueCodeableConcept"]["text"].split(":")[0]: g["valueCodeableConcept"]["extension"][0][
            "valueCode"
        ]
        for g in claiming(document, "genotype")
    }
    assert said == {"NUDT15": "not-performed", "SLCO1B1": "unknown", "TPMT": "unknown"}
    assert not claiming(document, "haplotype")
    (report,) = typed(document, "DiagnosticReport")
    assert "Not called, which is not a normal result: NUDT15, SLCO1B1, TPMT" in report["conclusion"]


def test_assumptions_come_first_in_the_conclusion_and_again_as_a_disclaimer():
    (report,) = typed(drawn(SHAPES["not_called_and_assumed"]()), "DiagnosticReport")
    assert report["conclusion"].index("Missing positions were read as reference") < report[
        "conclusion"
    ].index("SLCO1B1")
    disclaimers = [
        x["valueAnnotation"]["text"]
        for x in report["extension"]
        if x["url"].endswith("genomic-report-note")
        and x["valueAnnotation"]["extension"][0]["valueCodeableConcept"]["coding"][0]["code"]
        == "test-disclaimer"
    ]
    assert any("Missing positions" in text for text in disclaimers)


def test_what_cannot_be_recommended_makes_no_task():
    document = drawn(SHAPES["not_called_and_assumed"]())
    drugs = [
        components(i, "51963-7")[0]["valueCodeableConcept"]["text"]
        for i in claiming(document, "therapeutic-implication")
        if components(i, "51963-7")
    ]
    assert drugs == ["azathioprine", "simvastatin"]
    assert len(typed(document, "Task")) == 1


def test_no_result_is_not_an_implication_of_a_gene():
    document = drawn(SHAPES["not_called_and_assumed"]())
    azathioprine = next(
        i for i in claiming(document, "therapeutic-implication") if "azathioprine" in json.dumps(i)
    )
    assert not components(azathioprine, "therapeutic-implication")
    assert "not a normal result" in components(azathioprine, "conclusion-string")[0]["valueString"]


def test_a_medicine_without_guideline_is_told_in_the_report():
    document = drawn(SHAPES["hla_b_status"]())
    (report,) = typed(document, "DiagnosticReport")
    notes = [x["valueAnnotation"]["text"] for x in report["extension"] if "valueAnnotation" in x]
    assert "No guideline in this release gives advice on paracetamol from genes." in notes
    assert not any("paracetamol" in json.dumps(o) for o in typed(document, "Observation"))


def test_an_activity_score_is_coded_by_its_phenotype():
    document = drawn(SHAPES["dpyd_haplotype_list"]())
    drug = claiming(document, "therapeutic-implication")[1]
    assert components(drug, "therapeutic-implication")[0]["valueCodeableConcept"] == {
        "coding": [{"system": "http://loinc.org", "code": "LA9657-3", "display": "Poor metabolizer"}],
        "text": "DPYD Poor Metabolizer, activity score 0.5",
    }


def test_pairs_that_differ_in_phenotype_are_not_coded_as_both():
    call = PharmacogeneCall(
        "CYP2D6",
        CallStatus.AMBIGUOUS,
        False,
        diplotypes=(
            Diplotype("*1/*4", ("*1", "*4"), "1.0", "Intermediate Metabolizer"),
            Diplotype("*4/*10", ("*4", "*10"), "0.25", "Poor Metabolizer"),
        ),
    )
    document = drawn(a_findings(pharmacogenes=(call,)))
    (genotype,) = claiming(document, "genotype")
    assert genotype["valueCodeableConcept"] == {"text": "CYP2D6 *1/*4 or CYP2D6 *4/*10"}
    (implication,) = claiming(document, "therapeutic-implication")
    (phenotype,) = components(implication, "therapeutic-implication")
    assert phenotype["valueCodeableConcept"] == {"text": "Intermediate Metabolizer or Poor Metabolizer"}


def test_pairs_beyond_reading_are_counted():
    pairs = tuple(Diplotype(f"*1/*{n}", ("*1", f"*{n}"), None, None) for n in range(2, 52))
    call = PharmacogeneCall("CYP2D6", CallStatus.AMBIGUOUS, False, diplotypes=pairs)
    (genotype,) = claiming(drawn(a_findings(pharmacogenes=(call,))), "genotype")
    assert genotype["valueCodeableConcept"]["text"].endswith("or one of 30 more pairs")


def test_dpyd_guidance_rests_on_the_lowest_function_pair():
    document = drawn(SHAPES["dpyd_haplotype_list"]())
    (genotype,) = claiming(document, "genotype")
    assert "pairing not known" in genotype["valueCodeableConcept"]["text"]
    assert len(claiming(document, "haplotype")) == 3
    phenotype = claiming(document, "therapeutic-implication")[0]
    assert (
        components(phenotype, "therapeutic-implication")[0]["valueCodeableConcept"]["text"]
        == "Poor Metabolizer"
    )
    assert "not a called pair" in phenotype["note"][0]["text"]


def test_a_gene_that_guidance_needs_and_nobody_called_is_told():
    document = drawn(SHAPES["hla_b_status"]())
    texts = [g["valueCodeableConcept"]["text"] for g in claiming(document, "genotype")]
    assert texts == ["HLA-B *07:02/*57:01", "HLA-A: not assessed"]


# ---- variants


def test_a_variant_is_defined_by_name_and_by_interbase_position():
    (variant,) = claiming(drawn(SHAPES["hemizygous_g6pd"]()), "variant")
    assert components(variant, "81290-9")[0]["valueCodeableConcept"]["coding"][0]["code"] == (
        "NC_000023.11:g.154536002C>T"
    )
    assert components(variant, "92822-6")[0]["valueCodeableConcept"]["coding"][0]["code"] == "LA30100-4"
    assert components(variant, "81254-5")[0]["valueRange"] == {
        "low": {"value": 154536001}, "high": {"value": 154536002},
    }  # fmt: skip
    assert components(variant, "53034-5")[0]["valueCodeableConcept"]["coding"][0]["code"] == "LA6707-9"


def test_the_mitochondrial_chromosome_is_left_out():
    (variant,) = claiming(drawn(SHAPES["mitochondrial_heteroplasmy"]()), "variant")
    assert not components(variant, "48000-4")
    assert components(variant, "53034-5")[0]["valueCodeableConcept"]["coding"][0]["code"] == "LA6703-8"
    assert components(variant, "81258-6")[0]["valueQuantity"]["value"] == 0.32


def test_a_lifted_variant_says_where_it_was_read_and_that_it_did_not_pass():
    (variant,) = claiming(drawn(SHAPES["lifted_from_grch37"]()), "variant")
    assert components(variant, "62374-4")[0]["valueCodeableConcept"]["coding"][0]["display"] == "GRCh38"
    notes = " ".join(n["text"] for n in variant["note"])
    assert "Read on GRCh37 as 12:103234271 G>A" in notes
    assert "did not pass its filters (LowQual)" in notes


def test_each_outcome_of_a_source_has_its_own_form():
    said = {
        c["interpretation"][0]["coding"][0]["code"]: c.get("dataAbsentReason", {})
        .get("coding", [{}])[0]
        .get("code")
        for c in frequency_components(replace(SEVEN_OUTCOMES, pooled=None))[:7]
    }
    assert said == {
        "OBSERVED": None,
        "CALLED_ABSENT": None,
        "NOT_LISTED": "unknown",
        "NOT_COVERED": "not-performed",
        "SUPPRESSED": "masked",
        "FAILED": "error",
        "NOT_ASKED": "not-asked",
    }


def test_called_absent_is_zero_with_its_denominator_and_silence_is_not():
    absent, failed = (c for i, c in enumerate(frequency_components(SEVEN_OUTCOMES)) if i in (1, 5))
    assert absent["valueQuantity"]["value"] == 0.0
    assert "0 of 11000 alleles" in absent["interpretation"][0]["text"]
    assert "valueQuantity" not in failed


def test_cohorts_that_differ_are_not_given_as_one_number() -> None:
    differ = Heterogeneity(12.6, 3, 0.006, 0.76, "Pearson chi-square", True, (0.09, 0.22), (0.147, 0.1, 0.2))
    pooled = PooledFrequency(AlleleFrequency(120, 808), ("gb", "fi"), (), differ)
    (component,) = frequency_components(VariantFrequencies((), pooled))
    assert component["valueQuantity"]["value"] == 0.147
    text = component["interpretation"][0]["text"]
    assert "random-effects estimate 0.147 (0.1 to 0.2)" in text
    assert "120 of 808 alleles" in text
    assert "disagree (0.09 to 0.22)" in text


def test_what_a_reader_must_know_of_a_count_stands_beside_it() -> None:
    reason = "the stated frequency 1 contradicts the counts and was recomputed"
    answer = SourceAnswer("node", "FI", Outcome.OBSERVED, AlleleFrequency(43, 198), reason=reason)
    (component,) = frequency_components(VariantFrequencies((answer,)))
    assert reason in component["interpretation"][0]["text"]


def test_every_outcome_without_counts_has_a_reason():
    for outcome in Outcome:
        (component,) = frequency_components(VariantFrequencies((SourceAnswer("node", "FI", outcome),)))
        assert component["dataAbsentReason"]["coding"][0]["code"]
        assert component["code"]["text"] == "Population allele frequency in node (FI)"


# ---- disease


def test_a_statement_carries_class_condition_inheritance_stars_and_criteria():
    document = drawn(SHAPES["brca1_carrier"]())
    ours, clinvar = claiming(document, "diagnostic-implication")
    assert components(ours, "53037-8")[0]["valueCodeableConcept"]["coding"][0]["code"] == "LA6668-3"
    assert components(ours, "81259-4")[0]["valueCodeableConcept"]["coding"][0]["code"] == "MONDO:0011450"
    assert (
        components(ours, "condition-inheritance")[0]["valueCodeableConcept"]["coding"][0]["code"]
        == "HP:0000006"
    )
    assert components(ours, "93044-6")[0]["valueCodeableConcept"]["coding"][0]["code"] == "3-star"
    assert components(ours, "PVS1")[0]["valueCodeableConcept"]["text"].startswith("met, Very Strong")
    assert [c for c in ("PVS1", "PM2", "PM5", "PP3", "BA1") if components(ours, c)] == ["PVS1", "PM2", "PM5"]
    notes = [n["text"] for n in ours["note"]]
    assert any("Not assessed: PP3." in text and "Not met: BA1." in text for text in notes)
    assert any(n.get("time") == "2016-09-08" for n in ours["note"])
    assert not components(clinvar, "PVS1")
    assert components(clinvar, "93044-6")[0]["valueCodeableConcept"]["coding"][0]["code"] == "3-star"


def test_every_implication_has_a_date():
    for make in SHAPES.values():
        document = drawn(make())
        for profile in ("diagnostic-implication", "therapeutic-implication", "molecular-consequence"):
            assert all("effectiveDateTime" in r and "issued" in r for r in claiming(document, profile))


@pytest.mark.parametrize(
    ("evaluated", "release", "said", "dated"),
    [
        ("2024-05-01", "2025-09-28", "Last evaluated on 2024-05-01.", "2024-05-01"),
        (None, "2025-09-28", "does not state when the assertion was last evaluated", "2025-09-28"),
        (None, None, "does not state when the assertion was last evaluated.", None),
    ],
    ids=["evaluated", "of a release", "undated"],
)
def test_an_assertion_says_when_it_last_changed_or_that_nobody_says(evaluated, release, said, dated):
    assertion = Assertion(
        "ClinVar", "VCV1", "Pathogenic", "single submitter", 1, (), last_evaluated=evaluated, release=release
    )
    variant = replace(BRCA1_185DELAG, classification=None, assertions=(assertion,))
    (implication,) = claiming(drawn(a_findings(variants=(variant,))), "diagnostic-implication")
    assert "effectiveDateTime" in implication
    (remark,) = [n for n in implication["note"] if said in n["text"]]
    assert remark.get("time") == dated


def test_a_class_that_no_statement_uses_is_told_once():
    document = drawn(a_findings(variants=(replace(BRCA1_185DELAG, assertions=()),)))
    (implication,) = claiming(document, "diagnostic-implication")
    assert components(implication, "PM2")
    assert components(implication, "53037-8")


def test_a_class_without_a_met_criterion_accounts_for_all_of_them():
    ours = VariantClassification(
        Classification.UNCERTAIN,
        0,
        "points",
        (Criterion("PVS1", None, "not met", ""), Criterion("PM2", None, "not assessed", "")),
    )
    document = drawn(a_findings(variants=(replace(BRCA1_185DELAG, assertions=(), classification=ours),)))
    (implication,) = claiming(document, "diagnostic-implication")
    (none,) = components(implication, "none-met")
    assert none["code"]["text"] == "No criterion is met"
    assert none["valueCodeableConcept"]["text"] == "not met: PVS1; not assessed: PM2"
    assert not components(implication, "PVS1")


def test_follow_ups_name_their_reason():
    document = drawn(SHAPES["brca1_carrier"]())
    tasks = claiming(document, "followup-recommendation")
    assert [t["code"]["coding"][0]["code"] for t in tasks] == ["LA14020-4", "LA14021-2", "LA14022-0"]
    statement = claiming(document, "diagnostic-implication")[0]
    place = next(e["fullUrl"] for e in document["entry"] if e["resource"] == statement)
    assert {t["reasonReference"]["reference"] for t in tasks} == {place}


def test_a_secondary_finding_is_marked_wherever_it_appears():
    document = drawn(SHAPES["secondary_finding_with_consent"]())
    for profile in ("variant", "diagnostic-implication", "molecular-consequence"):
        for resource in claiming(document, profile):
            assert any(x["url"].endswith("observation-secondaryFinding") for x in resource["extension"])


def test_withheld_says_the_state_of_consent_and_nothing_else():
    document = drawn(SHAPES["consent_withheld"]())
    (report,) = typed(document, "DiagnosticReport")
    assert "result" not in report
    assert "not given; such findings are not reported" in report["conclusion"]
    assert not typed(document, "Observation")


def test_nothing_found_is_absent_only_where_everything_was_covered():
    findings = SHAPES["negative_findings"]()
    partly, unknown = claiming(drawn(findings), "variant")
    assert {v["valueCodeableConcept"]["coding"][0]["display"] for v in (partly, unknown)} == {"Indeterminate"}
    assert "not stated" in unknown["note"][1]["text"]
    whole = tuple(replace(g, fraction=1.0) for g in findings.scope.genes_assessed)
    covered = replace(findings, scope=replace(findings.scope, genes_assessed=whole))
    assert claiming(drawn(covered), "variant")[0]["valueCodeableConcept"]["coding"][0]["display"] == "Absent"


def _two_variants(first_copy: int | None, second_copy: int | None) -> Findings:
    one, two = (
        replace(
            BRCA1_185DELAG,
            call=replace(BRCA1_185DELAG.call, phased=copy is not None, phase_set="1", copy=copy),
            description=replace(BRCA1_185DELAG.description, spdi=spdi),
        )
        for copy, spdi in ((first_copy, "NC_000017.11:1:A:T"), (second_copy, "NC_000017.11:9:A:T"))
    )
    statement = replace(HBOC, variants=("NC_000017.11:1:A:T", "NC_000017.11:9:A:T"))
    return a_findings(variants=(one, two), diagnoses=(statement,))


@pytest.mark.parametrize(
    ("first", "second", "relation"), [(0, 0, ["Cis"]), (0, 1, ["Trans"]), (None, 1, []), (None, None, [])]
)
def test_phase_is_said_where_the_sample_says_it(first, second, relation):
    phases = claiming(drawn(_two_variants(first, second)), "sequence-phase-relationship")
    assert [p["valueCodeableConcept"]["coding"][0]["code"] for p in phases] == relation
    assert all(len(p["derivedFrom"]) == 2 for p in phases)


def test_criteria_of_two_variants_are_told_apart():
    statement = claiming(drawn(_two_variants(0, 1)), "diagnostic-implication")[0]
    assert {c["code"]["text"] for c in components(statement, "PVS1")} == {
        "PVS1 (NM_007294.4(BRCA1):c.68_69del)"
    }


# ---- people


def test_patient_order_and_specimen_stay_as_posted_and_hang_together():
    document = drawn(SHAPES["cyp2c19_poor_metabolizer_on_clopidogrel"]())
    (patient,), (order,), (specimen,) = (
        typed(document, k) for k in ("Patient", "ServiceRequest", "Specimen")
    )
    assert patient == PATIENT
    place = next(e["fullUrl"] for e in document["entry"] if e["resource"] == patient)
    assert order["subject"]["reference"] == specimen["subject"]["reference"] == place
    (report,) = typed(document, "DiagnosticReport")
    assert len(report["basedOn"]) == len(report["specimen"]) == 1


def test_an_order_for_another_patient_is_not_rewritten():
    findings = SHAPES["cyp2c19_poor_metabolizer_on_clopidogrel"]()
    other = {**findings.context["service_request"], "subject": {"reference": "Patient/someone-else"}}
    document = drawn(replace(findings, context={**findings.context, "service_request": other}))
    assert typed(document, "ServiceRequest")[0]["subject"] == {"reference": "Patient/someone-else"}


def test_results_are_dated_by_the_specimen():
    findings = SHAPES["cyp2c19_poor_metabolizer_on_clopidogrel"]()
    taken = {**findings.context["specimen"], "collection": {"collectedDateTime": "2026-11-18T09:00:00+01:00"}}
    document = drawn(replace(findings, context={**findings.context, "specimen": taken}))
    assert {o["effectiveDateTime"] for o in typed(document, "Observation")} == {"2026-11-18T09:00:00+01:00"}
    assert {o["issued"] for o in typed(document, "Observation")} == {findings.generated_at}


def test_without_a_patient_the_subject_is_an_identifier():
    (patient,) = typed(drawn(a_findings()), "Patient")
    assert patient["identifier"] == [{"value": "subject-0042"}]


def test_a_medicine_that_ended_is_completed():
    medications = (
        SHAPES["cyp2c19_poor_metabolizer_on_clopidogrel"]().scope.medications[0],
        replace(SHAPES["outside_cyp2d6_with_co_medication"]().scope.medications[0], end="2026-05-01"),
    )
    statements = typed(drawn(a_findings(scope=a_scope(medications=medications))), "MedicationStatement")
    assert [s["status"] for s in statements] == ["active", "completed"]


def test_provenance_names_knowledge_service_input_and_sources():
    findings = SHAPES["cyp2c19_poor_metabolizer_on_clopidogrel"]()
    (provenance,) = typed(drawn(findings), "Provenance")
    entities = [e["what"]["identifier"]["value"] for e in provenance["entity"]]
    assert f"sha-256:{findings.input_digest}" in entities
    assert findings.knowledge_release in entities
    assert "Iberian node" in entities
    assert provenance["agent"][0]["who"]["display"] == "genomeward 0.1.0"


def test_the_study_names_genes_that_could_not_be_called():
    (analysis,) = claiming(drawn(SHAPES["not_called_and_assumed"]()), "genomic-study-analysis")
    regions = next(x["extension"] for x in analysis["extension"] if x["url"].endswith("regions"))
    uncalled = [x["valueCodeableConcept"]["coding"][0]["display"] for x in regions if x["url"] == "uncalled"]
    assert uncalled == ["NUDT15", "SLCO1B1", "TPMT"]


def test_a_transaction_creates_everything_and_the_patient_only_when_new():
    findings = SHAPES["cyp2c19_poor_metabolizer_on_clopidogrel"]()
    posted = transaction(bundle(findings, ids_of(findings)))
    assert posted["type"] == "transaction"
    requests = [entry["request"] for entry in posted["entry"]]
    assert {r["method"] for r in requests} == {"POST"}
    (patient,) = (r for r in requests if r["url"] == "Patient")
    assert patient["ifNoneExist"].endswith("|example-0042")


def test_a_follow_up_of_a_negative_statement_has_no_reason_to_name():
    negative: Diagnosis = replace(
        SHAPES["negative_findings"]().diagnoses[0], follow_up=("Genetic counselling.",)
    )
    (task,) = typed(drawn(a_findings(diagnoses=(negative,))), "Task")
    assert "reasonReference" not in task


def test_a_phenotype_from_outside_without_a_diplotype_is_not_a_genotype():
    call = PharmacogeneCall(
        "CYP2D6",
        CallStatus.OUTSIDE_CALL,
        False,
        diplotypes=(Diplotype("", (), None, "Poor Metabolizer"),),
    )
    document = drawn(a_findings(pharmacogenes=(call,)))
    (genotype,) = claiming(document, "genotype")
    assert genotype["valueCodeableConcept"]["text"] == "CYP2D6: reported from outside without a diplotype"
    assert genotype["valueCodeableConcept"]["extension"][0]["valueCode"] == "unknown"
    (implication,) = claiming(document, "therapeutic-implication")
    phenotype = components(implication, "therapeutic-implication")[0]["valueCodeableConcept"]
    assert phenotype["coding"][0]["code"] == "LA9657-3"


def test_a_gene_with_only_notes_says_why():
    call = PharmacogeneCall(
        "NAT2",
        CallStatus.CALLED,
        False,
        undocumented=("8:18400484 C",),
        definition_version="2025-11-05",
        newer_version="2026-06",
        sites=(SiteResult("8", 18400484, None, "assumed-reference"),),
    )
    (genotype,) = claiming(drawn(a_findings(pharmacogenes=(call,))), "genotype")
    notes = " ".join(n["text"] for n in genotype["note"])
    assert "Alleles that no definition has: 8:18400484 C." in notes
    assert "assumed to be reference on request: 1" in notes
    assert "a newer one exists: 2026-06" in notes


def test_a_variant_without_names_is_still_defined():
    bare = replace(
        BRCA1_185DELAG,
        call=replace(
            BRCA1_185DELAG.call, zygosity=Zygosity.UNKNOWN, depth=None, allele_fraction=None, rsid=None
        ),
        description=MolecularDescription(
            BRCA1_185DELAG.description.variant,
            BRCA1_185DELAG.description.spdi,
            notes=("Outside every transcript.",),
            plus_clinical=(("NM_1.1", "NM_1.1:c.1A>T", None),),
        ),
        frequencies=VariantFrequencies(),
        assertions=(),
        classification=None,
    )
    document = drawn(a_findings(variants=(bare,)))
    (variant,) = typed(document, "Observation")
    codes = [c["code"]["coding"][0]["code"] for c in variant["component"]]
    assert codes == ["62374-4", "48000-4", "48013-7", "92822-6", "81254-5", "69547-8", "69551-0"]
    assert [n["text"] for n in variant["note"]] == [
        "Outside every transcript.",
        "On MANE Plus Clinical transcripts: NM_1.1:c.1A>T.",
    ]


def test_an_assertion_keeps_its_own_words_and_unpaired_conditions():
    disputed = Assertion(
        "ClinVar",
        "VCV000000001",
        "Conflicting classifications of pathogenicity",
        "criteria provided, conflicting classifications",
        1,
        ("not provided", "Cardiomyopathy"),
        ("MONDO:0004994",),
        last_evaluated="about 2020",
        conflict_counts="Pathogenic(1); Uncertain significance(2)",
    )
    variant = replace(BRCA1_185DELAG, classification=None, assertions=(disputed,))
    (implication,) = claiming(drawn(a_findings(variants=(variant,))), "diagnostic-implication")
    assert components(implication, "53037-8")[0]["valueCodeableConcept"] == {
        "text": "Conflicting classifications of pathogenicity"
    }
    conditions = [c["valueCodeableConcept"] for c in components(implication, "81259-4")]
    assert [c.get("text") for c in conditions] == ["not provided", "Cardiomyopathy", None]
    assert conditions[2]["coding"][0]["code"] == "MONDO:0004994"
    assert [("time" in n) for n in implication["note"]] == [False, False, False]


@pytest.mark.parametrize(
    ("origin", "code", "answers"),
    [
        ("mother", "94186-4", ["LA26320-4"]),
        ("father", "94186-4", ["LA26321-2"]),
        ("unknown", "94186-4", ["LA4489-6"]),
        ("de-novo", "48002-0", ["LA26807-0"]),
        (None, "94186-4", []),
    ],
)
def test_a_variant_says_from_which_parent_it_comes(origin, code, answers):
    """LL5489-1 and LL378-1."""
    findings = SHAPES["brca1_carrier"]()
    variant = replace(findings.variants[0], parental_origin=origin)
    (seen,) = claiming(drawn(replace(findings, variants=(variant,))), "variant")
    found = [c["valueCodeableConcept"]["coding"][0]["code"] for c in components(seen, code)]
    assert found == answers


def test_a_gene_that_was_not_read_is_a_no_call():
    findings = SHAPES["brca1_carrier"]()
    unread = replace(findings.diagnoses[0], statement="not-assessed", variants=(), follow_up=())
    seen = claiming(drawn(replace(findings, variants=(), diagnoses=(unread,))), "variant")
    assert [v["valueCodeableConcept"]["coding"][0]["code"] for v in seen] == ["LA18198-4"]


def test_a_statement_names_the_observed_phenotypes_that_fit():
    findings = SHAPES["brca1_carrier"]()
    fitting = replace(findings.diagnoses[0], phenotypes=("HP:0003002",))
    statement = claiming(drawn(replace(findings, diagnoses=(fitting,))), "diagnostic-implication")[0]
    codes = [c["valueCodeableConcept"]["coding"][0]["code"] for c in components(statement, "81259-4")]
    assert codes == [fitting.mondo, "HP:0003002"]


def test_the_conclusion_warns_of_what_is_not_settled():
    ambiguous = PharmacogeneCall(
        "TPMT",
        CallStatus.AMBIGUOUS,
        False,
        diplotypes=(
            Diplotype("*1/*3A", ("*1", "*3A"), None, "Intermediate Metabolizer"),
            Diplotype("*3B/*3C", ("*3B", "*3C"), None, "Poor Metabolizer"),
        ),
    )
    undocumented = PharmacogeneCall(
        "DPYD",
        CallStatus.CALLED,
        False,
        diplotypes=(Diplotype("Reference/Reference", ("Reference", "Reference"), "2.0", "n/a"),),
        undocumented=("1:97078987 G>A",),
    )
    (report,) = typed(drawn(a_findings(pharmacogenes=(ambiguous, undocumented))), "DiagnosticReport")
    assert "More than one pair of alleles fits, and none was picked: TPMT." in report["conclusion"]
    assert "of unknown effect: DPYD 1:97078987 G>A." in report["conclusion"]
    assert "n/a" not in report["conclusion"]
    taken = drawn(SHAPES["outside_cyp2d6_with_co_medication"]())
    (report,) = typed(taken, "DiagnosticReport")
    assert "while paroxetine acts" in report["conclusion"]
    assert "The genotype is unchanged." in report["conclusion"]

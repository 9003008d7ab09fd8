"""Every Bundle conforms to FHIR R4 and Genomics Reporting 3.0.0, and the checker would notice if not."""

import copy
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest

from service.domain.findings import Findings
from service.domain.release import ReleaseState, SignOff
from service.fhir.bundle import bundle, resources_of, transaction
from service.fhir.identity import ResourceIds
from tests.conformance import ConformanceRecord
from tests.conftest import unavailable
from tests.findings_builder import SHAPES

KEY = b"a key for tests of sixteen bytes"
GR = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition"
pytestmark = pytest.mark.shared


def _ids(findings: Findings, base_url: str | None = None) -> ResourceIds:
    return ResourceIds(
        KEY,
        findings.subject,
        findings.input_digest,
        knowledge=findings.knowledge_release,
        base_url=base_url,
    )


@pytest.fixture(scope="session")
def check_gr(shared: Path) -> ModuleType:
    if importlib.util.find_spec("fhirpathpy") is None:
        unavailable("fhirpathpy is not installed, so FHIRPath invariants cannot be evaluated")
    spec = importlib.util.spec_from_file_location("check_gr", shared / "conformance" / "check_gr.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def errors_of(check_gr: ModuleType) -> Callable[[dict[str, Any]], list[tuple[str, str, str]]]:
    answers = json.loads((Path(check_gr.HERE) / "loinc_answers.json").read_text())
    checker = check_gr.Checker(check_gr.PACKS, answers, True)

    def errors(resource: dict[str, Any]) -> list[tuple[str, str, str]]:
        found, _ = checker.check(resource)
        return found

    return errors


@pytest.mark.parametrize("base_url", [None, "https://genome.example/fhir"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_conforms(errors_of, shape, base_url):
    findings = SHAPES[shape]()
    assert errors_of(json.loads(json.dumps(bundle(findings, _ids(findings, base_url))))) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_every_resource_claims_its_profile_and_conforms_alone(errors_of, shape):
    findings = SHAPES[shape]()
    for resource in resources_of(findings, _ids(findings, "https://genome.example/fhir")).values():
        if resource["resourceType"] in ("Observation", "DiagnosticReport", "Task", "Procedure"):
            assert resource["meta"]["profile"][0].startswith(GR)
        assert errors_of(json.loads(json.dumps(resource))) == []


def test_the_transaction_form_conforms(errors_of):
    findings = SHAPES["cyp2c19_poor_metabolizer_on_clopidogrel"]()
    assert errors_of(json.loads(json.dumps(transaction(bundle(findings, _ids(findings)))))) == []


def _of(document: dict[str, Any], profile: str) -> dict[str, Any]:
    return next(
        entry["resource"]
        for entry in document["entry"]
        if f"{GR}/{profile}" in entry["resource"].get("meta", {}).get("profile", [])
    )


def _drop_genetics_category(document):
    _of(document, "variant")["category"].pop()


def _invent_a_mitochondrial_chromosome(document):
    component = _of(document, "variant")["component"]
    chromosome = next(c for c in component if c["code"]["coding"][0]["code"] == "48000-4")
    chromosome["valueCodeableConcept"]["coding"][0]["code"] = "LA25391-0"


def _name_hgvs_in_text_only(document):
    component = _of(document, "variant")["component"]
    name = next(c for c in component if c["code"]["coding"][0]["code"] == "81290-9")
    name["valueCodeableConcept"] = {"text": "a change"}


def _give_the_variant_a_significance_as_value(document):
    _of(document, "variant")["valueCodeableConcept"]["coding"][0]["code"] = "LA6668-3"


def _give_an_implication_a_value(document):
    _of(document, "therapeutic-implication")["valueCodeableConcept"] = {"text": "Poor"}


def _cut_an_implication_loose(document):
    del _of(document, "therapeutic-implication")["derivedFrom"]


def _let_a_task_point_at_a_genotype(document):
    genotype = next(
        e["fullUrl"]
        for e in document["entry"]
        if f"{GR}/genotype" in e["resource"].get("meta", {}).get("profile", [])
    )
    _of(document, "medication-recommendation")["reasonReference"] = {"reference": genotype}


def _use_a_followup_code_for_a_medicine(document):
    _of(document, "medication-recommendation")["code"]["coding"][0]["code"] = "LA14020-4"


def _drop_the_genotype_value(document):
    del _of(document, "genotype")["valueCodeableConcept"]


def _put_a_reason_beside_a_value(document):
    _of(document, "genotype")["dataAbsentReason"] = {"text": "no call"}


def _send_an_empty_array(document):
    _of(document, "genomic-report")["result"] = []


def _drop_the_report_code(document):
    _of(document, "genomic-report")["code"] = {"text": "report"}


def _take_the_profile_of_a_target(document):
    """The Task that names the implication as its reason is as it was."""
    reason = _of(document, "medication-recommendation")["reasonReference"]["reference"]
    del next(e["resource"] for e in document["entry"] if e["fullUrl"] == reason)["meta"]


@pytest.mark.parametrize(
    "breakage",
    [
        _take_the_profile_of_a_target,
        _drop_genetics_category,
        _invent_a_mitochondrial_chromosome,
        _name_hgvs_in_text_only,
        _give_the_variant_a_significance_as_value,
        _give_an_implication_a_value,
        _cut_an_implication_loose,
        _let_a_task_point_at_a_genotype,
        _use_a_followup_code_for_a_medicine,
        _drop_the_genotype_value,
        _put_a_reason_beside_a_value,
        _send_an_empty_array,
        _drop_the_report_code,
    ],
    ids=lambda breakage: breakage.__name__.strip("_"),
)
def test_a_broken_bundle_is_noticed(errors_of, breakage):
    """Also by the record of the journeys, which passes over what it found right in another Bundle."""
    findings = SHAPES["cyp2c19_poor_metabolizer_on_clopidogrel"]()
    document = copy.deepcopy(json.loads(json.dumps(bundle(findings, _ids(findings)))))
    record = ConformanceRecord()
    record.see(json.dumps(document).encode())
    assert record.failures == []
    breakage(document)
    errors = errors_of(document)
    assert errors != []
    for _ in range(2):  # what was wrong once is not remembered as right
        record.see(json.dumps(document).encode())
        assert record.failures == [" ".join(error) for error in errors]
        record.checked.clear()
        record.failures.clear()


def test_the_record_of_the_journeys_notices_a_broken_bundle(check_gr: ModuleType) -> None:
    findings = SHAPES["brca1_carrier"]()
    document = bundle(findings, _ids(findings))
    record = ConformanceRecord()
    record.see(orjson.dumps(document))
    assert (len(record.checked), record.failures) == (1, [])
    broken = orjson.loads(orjson.dumps(document))
    del _of(broken, "variant")["category"]
    record.see(orjson.dumps(broken))
    assert record.failures


def test_a_released_and_amended_report_conforms(errors_of):
    findings = SHAPES["brca1_carrier"]()
    signed = SignOff("B. Example", "geneticist", "2026-11-21T14:05:00+01:00")
    state = ReleaseState(version=2, signed=signed, amends=True, reason="Sex was added.")
    document = bundle(findings, _ids(findings), state=state)
    assert errors_of(json.loads(json.dumps(document))) == []
    assert _of(document, "genomic-report")["status"] == "amended"

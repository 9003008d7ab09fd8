"""OperationOutcome, CapabilityStatement and searchset."""

import json

import pytest
from fhir.resources.R4B import get_fhir_model_class

from service import errors
from service.domain.issue import Issue
from service.fhir.capability import capability_bytes, capability_statement
from service.fhir.outcome import operation_outcome, operation_outcome_bytes
from service.fhir.searchset import searchset

# FHIR R4 issue-type, the codes that this service uses. Source: http://hl7.org/fhir/R4/valueset-issue-type.html
ISSUE_TYPES = {
    "invalid", "structure", "value", "too-long", "not-found", "login", "forbidden", "not-supported",
    "exception", "transient", "no-store", "informational", "incomplete", "required",
}  # fmt: skip


def _tree(kind: type[errors.GenomewardError]) -> list[type[errors.GenomewardError]]:
    ours = [child for child in kind.__subclasses__() if child.__module__ == errors.__name__]
    return [kind, *(leaf for child in ours for leaf in _tree(child))]


@pytest.mark.parametrize("kind", _tree(errors.GenomewardError), ids=lambda kind: kind.__name__)
def test_every_error_becomes_a_valid_outcome(kind):
    outcome = json.loads(operation_outcome_bytes(kind("what was read", where="line 3")))
    get_fhir_model_class("OperationOutcome").model_validate(outcome)
    (issue,) = outcome["issue"]
    assert issue["severity"] == "error"
    assert issue["code"] in ISSUE_TYPES
    assert issue["details"]["text"] == "what was read"
    assert issue["diagnostics"] == "line 3"


def test_a_resource_error_names_the_element():
    outcome = operation_outcome(errors.InvalidResource("missing", where="Bundle.entry[1].resource.status"))
    assert outcome["issue"][0]["expression"] == ["Bundle.entry[1].resource.status"]


def test_issues_keep_their_severity_and_order():
    told = [Issue("warning", "transient", "late", "node"), Issue("information", "informational", "fine")]
    issues = operation_outcome(told)["issue"]
    assert [i["severity"] for i in issues] == ["warning", "information"]
    assert "diagnostics" not in issues[1]


def test_an_outcome_is_never_empty():
    assert len(operation_outcome([])["issue"]) == 1


def test_the_capability_statement_is_valid_and_says_what_is_offered():
    statement = json.loads(capability_bytes("2026.11", base_url="https://genome.example/fhir"))
    get_fhir_model_class("CapabilityStatement").model_validate(statement)
    assert statement["fhirVersion"] == "4.0.1"
    assert statement["kind"] == "instance"
    assert "2026.11" in statement["implementation"]["description"]
    (rest,) = statement["rest"]
    assert [r["type"] for r in rest["resource"]] == sorted(r["type"] for r in rest["resource"])
    assert rest["operation"] == [{"name": "interpret", "definition": "urn:genomeward:operation:interpret"}]


def test_the_capability_statement_follows_the_routing_table():
    statement = capability_statement("x", resources={"Patient": ("read", "search-type")}, operations={})
    (rest,) = statement["rest"]
    assert rest["resource"] == [
        {"type": "Patient", "interaction": [{"code": "read"}, {"code": "search-type"}]}
    ]
    assert "operation" not in rest


def test_a_searchset_links_to_itself_and_counts_matches():
    found = searchset(
        [{"resourceType": "Observation", "id": "a"}],
        included=[{"resourceType": "Patient", "id": "p"}],
        base_url="https://genome.example/fhir/",
        self_url="https://genome.example/fhir/Observation?code=x",
        next_url="https://genome.example/fhir/Observation?page=2",
        total=7,
    )
    assert found["total"] == 7
    assert [link["relation"] for link in found["link"]] == ["self", "next"]
    assert [e["search"]["mode"] for e in found["entry"]] == ["match", "include"]
    assert found["entry"][0]["fullUrl"] == "https://genome.example/fhir/Observation/a"


def test_an_empty_searchset_has_no_entry():
    assert "entry" not in searchset([], base_url="x", self_url="x", total=0)

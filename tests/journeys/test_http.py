"""An EHR posts variants and reads the results back."""

import asyncio
import gzip
import json
import logging
import os
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from service.api.upload import body_on_disk
from tests.journeys.conftest import EXAMPLES

VCF = (EXAMPLES / "brca1-carrier.vcf").read_bytes()
HEADERS = {"Content-Type": "text/vcf", "Genomeward-Subject": "p-17", "Genomeward-Indication": "BRCA1"}


def test_a_vcf_becomes_a_stored_bundle(client: TestClient) -> None:
    answer = client.post("/fhir/$interpret", content=VCF, headers=HEADERS)
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/fhir+json"
    bundle = answer.json()
    report = client.get(answer.headers["Location"])
    assert report.json()["resourceType"] == "DiagnosticReport"
    assert report.json()["status"] == "preliminary"
    assert client.get(f"/fhir/Bundle/{bundle['id']}").json() == bundle
    observation = next(
        e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Observation"
    )
    assert client.get(f"/fhir/Observation/{observation['id']}").json() == observation
    page = client.get(f"/reports/{report.json()['id']}")
    assert page.status_code == 200
    assert "NM_007294.4" in page.text
    assert "sandbox" in page.headers["content-security-policy"]


def test_gzip_is_read_as_it_comes(client: TestClient) -> None:
    headers = {**HEADERS, "Content-Type": "application/gzip"}
    assert (
        client.post("/fhir/$interpret", content=gzip.compress(VCF, mtime=0), headers=headers).status_code
        == 201
    )


@pytest.mark.parametrize(
    ("content", "headers", "status", "said"),
    [
        (b"no vcf", {}, 400, "VCF"),
        (VCF, {"Genomeward-Subject": ""}, 400, "whose variants"),
        (VCF, {"Genomeward-Colour": "red"}, 400, "Genomeward-Colour"),
        (VCF, {"Genomeward-Sex": "both"}, 400, "female"),
        (VCF, {"Content-Type": "image/png"}, 415, "text/vcf"),
        (VCF[: len(VCF) // 2] + b"\n" + b"A" * 5_000_000, {}, 413, "at most"),
        (gzip.compress(VCF, mtime=0)[:900], {"Content-Type": "application/gzip"}, 400, ""),
        (b"{", {"Content-Type": "application/fhir+json"}, 400, ""),
    ],
)
def test_bad_input_is_an_operation_outcome(
    client: TestClient, content: bytes, headers: dict[str, str], status: int, said: str
) -> None:
    answer = client.post("/fhir/$interpret", content=content, headers={**HEADERS, **headers})
    assert answer.status_code == status
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert said in json.dumps(outcome)


def test_a_wrong_method_is_told_what_is_allowed(client: TestClient) -> None:
    answer = client.put("/fhir/$interpret", content=VCF)
    assert answer.status_code == 405
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ([("consent-secundary", "no")], 400),
        ([("sex", "male"), ("sex", "female")], 400),
        ([("outside-calls", "CYP2D6\t*4/*4"), ("medications", "32968"), ("medications", "36567")], 201),
    ],
)
def test_no_parameter_is_passed_over(client: TestClient, given: list[tuple[str, str]], status: int) -> None:
    parameters = [{"name": name, "valueString": value} for name, value in given]
    body = json.dumps({"resourceType": "Parameters", "parameter": parameters})
    headers = {"Content-Type": "application/fhir+json", "Genomeward-Subject": "p-17"}
    answer = client.post("/fhir/$interpret", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    if status == 201:
        kinds = [entry["resource"]["resourceType"] for entry in answer.json()["entry"]]
        assert kinds.count("MedicationStatement") == 2
    else:
        assert answer.json()["resourceType"] == "OperationOutcome"


def test_two_subjects_are_refused(client: TestClient) -> None:
    headers = [*HEADERS.items(), ("Genomeward-Subject", "p-18")]
    answer = client.post("/fhir/$interpret", content=VCF, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["diagnostics"] == "Genomeward-Subject"
    assert "p-18" not in answer.text


XML = "application/fhir+xml"


@pytest.mark.parametrize(
    ("accept", "form", "status"),
    [
        ("application/fhir+json", "", 200),
        ("application/json", "", 200),
        ("*/*", "", 200),
        ("application/*;q=0.5", "", 200),
        (f"{XML}, application/fhir+json;q=0.1", "", 200),
        ("application/fhir+json; fhirVersion=4.0", "", 200),
        (None, "", 200),
        (None, "json", 200),
        (None, "application/fhir+json", 200),
        (None, "application/fhir%2Bjson", 200),
        (XML, "json", 200),
        (XML, "", 406),
        ("text/html", "", 406),
        ("application/json;q=0", "", 406),
        ("text/turtle, application/fhir+xml", "", 406),
        (None, "xml", 406),
        ("application/fhir+json", "xml", 406),
        (None, "ttl", 406),
    ],
)
def test_an_answer_comes_in_a_form_that_the_caller_can_read(
    client: TestClient, accept: str | None, form: str, status: int
) -> None:
    """FHIR R4, 3.1.0.1.11: `_format` comes before Accept."""
    address = "/fhir/metadata" + (f"?_format={form}" if form else "")
    request = client.build_request("GET", address)
    request.headers.pop("accept")
    if accept is not None:
        request.headers["accept"] = accept
    answer = client.send(request)
    assert answer.status_code == status
    kind = "CapabilityStatement" if status == 200 else "OperationOutcome"
    assert answer.json()["resourceType"] == kind


def test_nothing_is_interpreted_for_a_caller_that_cannot_read_the_answer(client: TestClient) -> None:
    answer = client.post("/fhir/$interpret", content=VCF, headers={**HEADERS, "Accept": XML})
    assert answer.status_code == 406
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert client.post("/fhir/$interpret?_format=xml", content=VCF, headers=HEADERS).status_code == 406


@pytest.mark.parametrize(
    ("accept", "status"),
    [("text/html,application/xhtml+xml,*/*;q=0.8", 200), ("text/html", 200), ("application/fhir+json", 406)],
)
def test_a_report_is_a_page(client: TestClient, accept: str, status: int) -> None:
    place = client.post("/fhir/$interpret", content=VCF, headers=HEADERS).headers["Location"]
    answer = client.get(f"/reports/{place.rpartition('/')[2]}", headers={"Accept": accept})
    assert answer.status_code == status
    if status == 406:
        assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("packing", ["br", "deflate", "zstd", "gzip, gzip", "x"])
@pytest.mark.parametrize("kind", ["text/vcf", "application/fhir+json", "multipart/form-data; boundary=x"])
def test_an_unknown_packing_is_refused(client: TestClient, kind: str, packing: str) -> None:
    headers = {**HEADERS, "Content-Type": kind, "Content-Encoding": packing}
    answer = client.post("/fhir/$interpret", content=VCF, headers=headers)
    assert answer.status_code == 415
    assert answer.json()["issue"][0]["diagnostics"] == "Content-Encoding"


@pytest.mark.parametrize("packing", ["gzip", "x-gzip", "GZIP"])
def test_a_packed_vcf_is_read(client: TestClient, packing: str) -> None:
    headers = {**HEADERS, "Content-Encoding": packing}
    answer = client.post("/fhir/$interpret", content=gzip.compress(VCF, mtime=0), headers=headers)
    assert answer.status_code == 201


def test_a_release_that_is_no_fhir_is_refused(client: TestClient) -> None:
    place = client.post("/fhir/$interpret", content=VCF, headers=HEADERS).headers["Location"]
    for stated in ({"Content-Type": XML}, {"Content-Encoding": "br"}):
        answer = client.post(f"{place}/$release", content=b"<x/>", headers=stated)
        assert answer.status_code == 415
        assert answer.json()["resourceType"] == "OperationOutcome"


LONG = "Ab12" * 500


@pytest.mark.parametrize(
    "name", ["subject", "sample", "sex", "assembly", "phenotypes", "medications", "indication", "carriers"]
)
def test_an_option_that_is_too_long_is_refused_and_not_repeated(client: TestClient, name: str) -> None:
    answer = client.post(
        "/fhir/$interpret", content=VCF, headers={**HEADERS, f"Genomeward-{name.title()}": LONG}
    )
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert "2,000 characters" in answer.text
    assert "Ab12" not in answer.text


def test_a_patient_with_a_name_that_is_too_long_is_refused(client: TestClient) -> None:
    patient = {"resourceType": "Patient", "identifier": [{"value": LONG}]}
    parts = {"variants": ("v", VCF), "patient": ("p", json.dumps(patient).encode())}
    answer = client.post("/fhir/$interpret", files=parts)
    assert answer.status_code == 400
    assert "2,000 characters" in answer.text
    assert "Ab12" not in answer.text


def test_a_sample_column_with_a_name_that_is_too_long_is_refused(client: TestClient) -> None:
    body = VCF.replace(
        b"FORMAT\t" + VCF.partition(b"FORMAT\t")[2].split(b"\n")[0], b"FORMAT\t" + LONG.encode()
    )
    answer = client.post("/fhir/$interpret", content=body, headers=HEADERS)
    assert answer.status_code == 400
    assert "2,000 characters" in answer.text
    assert "Ab12" not in answer.text


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_a_subject_keeps_its_letters(client: TestClient, charset: str) -> None:
    headers = {**HEADERS, "Genomeward-Subject": "M\u00fcller-7".encode(charset)}
    answer = client.post("/fhir/$interpret", content=VCF, headers=headers)
    assert answer.status_code == 201
    assert "M\u00fcller-7" in answer.text


def test_an_error_does_not_repeat_the_posted_variant(client: TestClient) -> None:
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "69548-6"}]},
        "component": [
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "48004-6"}]},
                "valueCodeableConcept": {
                    "coding": [{"system": "http://varnomen.hgvs.org", "code": "NM_000769.4:c.681T>A"}]
                },
            }
        ],
    }
    headers = {"Content-Type": "application/fhir+json", "Genomeward-Subject": "p-17"}
    answer = client.post("/fhir/$interpret", content=json.dumps(observation), headers=headers)
    assert answer.status_code == 400
    assert "the reference has" in answer.text
    assert "681" not in answer.text


@pytest.mark.parametrize("path", ["/fhir/Observation/none", "/fhir/Patient/1", "/reports/none", "/nowhere"])
def test_what_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_metadata_and_health(client: TestClient) -> None:
    assert client.get("/fhir/metadata").json()["resourceType"] == "CapabilityStatement"
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").json()["status"] == "ready"


def test_logs_carry_no_query_string_and_no_subject(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="genomeward.request"):
        client.post("/fhir/$interpret?subject=p-17", content=VCF, headers=HEADERS)
    logged = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith("genomeward")
    )
    assert "/fhir/$interpret 201" in logged
    for secret in ("p-17", "subject=", "BRCA1", "43124027"):
        assert secret not in logged


def test_posted_fhir_variants_are_interpreted(client: TestClient) -> None:
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "69548-6"}]},
        "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA9633-4"}]},
        "component": [
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "81290-9"}]},
                "valueCodeableConcept": {
                    "coding": [
                        {"system": "http://varnomen.hgvs.org", "code": "NC_000017.11:g.43124030_43124031del"}
                    ]
                },
            },
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "53034-5"}]},
                "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA6706-1"}]},
            },
        ],
    }
    patient = {"resourceType": "Patient", "id": "p-18", "gender": "female"}
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": patient}, {"resource": observation}],
    }
    headers = {"Content-Type": "application/fhir+json", "Genomeward-Indication": "BRCA1"}
    answer = client.post("/fhir/$interpret", content=json.dumps(bundle), headers=headers)
    assert answer.status_code == 201, answer.text
    assert "c.68_69del" in answer.text


@pytest.mark.parametrize(
    ("name", "state", "sex", "said"),
    [
        # DMD c.10797+1G>A, asserted pathogenic, X-linked
        ("NC_000023.11:g.31147274C>T", "LA6706-1", "male", "has no answer"),
        ("NC_000023.11:g.31147274C>T", "LA6706-1", "female", "a carrier"),
        ("NC_000023.11:g.31147274C>T", "LA6705-3", "male", "hemizygous"),
        ("NC_000023.11:g.31147274C>T", None, "male", "hemizygous"),
        ("NC_000023.11:g.31147274C>T", "LA6705-3", "female", "homozygous"),
        ("NC_000023.11:g.31147274C>T", None, "female", "zygosity not known"),
    ],
)
def test_a_posted_allelic_state_is_held_against_the_sex(
    client: TestClient, name: str, state: str | None, sex: str, said: str
) -> None:
    """As in a VCF: a male has one X, and an affected boy is never called a carrier."""

    def coded(code: str, system: str, value: str) -> dict[str, Any]:
        return {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueCodeableConcept": {"coding": [{"system": system, "code": value}]},
        }

    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "69548-6"}]},
        "component": [
            coded("81290-9", "http://varnomen.hgvs.org", name),
            *([coded("53034-5", "http://loinc.org", state)] if state else []),
        ],
    }
    headers = {
        "Content-Type": "application/fhir+json",
        "Genomeward-Subject": f"boy-or-girl-{sex}-{state}",
        "Genomeward-Sex": sex,
        "Genomeward-Indication": "DMD",
    }
    answer = client.post("/fhir/$interpret", content=json.dumps(observation), headers=headers)
    assert answer.status_code == 201, answer.text
    texts = [
        component["valueString"]
        for entry in answer.json()["entry"]
        for component in entry["resource"].get("component", [])
        if "DMD" in component.get("valueString", "")
    ]
    assert any(said in text for text in texts), texts
    assert said == "a carrier" or not any("a carrier" in text for text in texts)


def test_posted_variants_of_nobody_are_refused(client: TestClient) -> None:
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "69548-6"}]},
        "component": [
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "81290-9"}]},
                "valueCodeableConcept": {
                    "coding": [{"system": "http://varnomen.hgvs.org", "code": "NC_000010.11:g.94781859G>A"}]
                },
            }
        ],
    }
    for body in (
        observation,
        {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": {"resourceType": "Patient"}}, {"resource": observation}],
        },
    ):
        headers = {"Content-Type": "application/fhir+json"}
        answer = client.post("/fhir/$interpret", content=json.dumps(body), headers=headers)
        assert answer.status_code == 400
        assert "whose variants" in answer.text
        named = {**headers, "Genomeward-Subject": "somebody"}
        assert client.post("/fhir/$interpret", content=json.dumps(body), headers=named).status_code == 201


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (("LA6706-1", "LA6706-1"), ["LA6706-1"]),
        (("LA6706-1", "LA6705-3"), []),
        (("LA6706-1", None), []),
    ],
    ids=["alike", "different", "one-silent"],
)
def test_a_variant_told_twice_is_one_variant(
    client: TestClient, states: tuple[str | None, ...], told: list[str]
) -> None:
    """Two names of one change; where the Observations differ, the allelic state is not known."""

    def coded(code: str, system: str, value: str) -> dict[str, Any]:
        return {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueCodeableConcept": {"coding": [{"system": system, "code": value}]},
        }

    names = (
        coded("81290-9", "http://varnomen.hgvs.org", "NC_000017.11:g.43124030_43124031del"),
        coded("48004-6", "http://varnomen.hgvs.org", "NM_007294.4:c.68_69del"),
    )
    observations = [
        {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "69548-6"}]},
            "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA9633-4"}]},
            "component": [name, *([coded("53034-5", "http://loinc.org", state)] if state else [])],
        }
        for name, state in zip(names, states, strict=True)
    ]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": resource} for resource in observations],
    }
    headers = {
        "Content-Type": "application/fhir+json",
        "Genomeward-Subject": "told-twice",
        "Genomeward-Indication": "BRCA1",
    }
    answer = client.post("/fhir/$interpret", content=json.dumps(bundle), headers=headers).json()
    urls = [entry["fullUrl"] for entry in answer["entry"]]
    assert len(urls) == len(set(urls))
    parts = [
        {c["code"]["coding"][0]["code"]: c for c in entry["resource"].get("component", [])}
        for entry in answer["entry"]
        if '"69548-6"' in json.dumps(entry["resource"].get("code"))
    ]
    (brca1,) = (p for p in parts if "48004-6" in p and "c.68_69del" in json.dumps(p["48004-6"]))
    states_told = (
        [brca1["53034-5"]["valueCodeableConcept"]["coding"][0]["code"]] if "53034-5" in brca1 else []
    )
    assert states_told == told
    assert ("differently" in json.dumps(answer)) == (not told)


PATIENT = {
    "resourceType": "Patient",
    "id": "p-19",
    "gender": "female",
    "name": [{"family": "Example", "given": ["Ada"]}],
}
ORDER = {
    "resourceType": "ServiceRequest",
    "id": "order-1",
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/p-19"},
    "requester": {"display": "Dr Ordering"},
}
PEOPLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"fullUrl": "urn:uuid:7b0f4f5e-2f0b-4c55-9a57-111111111111", "resource": PATIENT},
        {"fullUrl": "urn:uuid:7b0f4f5e-2f0b-4c55-9a57-222222222222", "resource": ORDER},
    ],
}


def test_attachments_come_as_parts_beside_the_vcf(client: TestClient) -> None:
    parts = {
        "variants": ("case.vcf.gz", gzip.compress(VCF, mtime=0), "application/gzip"),
        "outside-calls": ("calls.tsv", b"CYP2D6\t*4/*4\n", "text/tab-separated-values"),
        "medications-file": ("drugs.tsv", b"rxnorm\tname\n2670\tcodeine\n", "text/plain"),
        "coverage": ("covered.bed", b"chr17\t43000000\t43200000\n", "text/plain"),
        "patient": ("people.json", json.dumps(PEOPLE).encode(), "application/fhir+json"),
        "indication": (None, b"BRCA1"),
    }
    answer = client.post("/fhir/$interpret", files=parts)
    assert answer.status_code == 201, answer.text
    for expected in ("CYP2D6 *4/*4", "codeine", "c.68_69del", "Dr Ordering", "Patient/"):
        assert expected in answer.text
    page = client.get(f"/reports/{answer.headers['Location'].rpartition('/')[2]}")
    assert "Example" in page.text
    assert "Dr Ordering" in page.text


IDENTIFIED = {**PATIENT, "identifier": [{"system": "urn:lab", "value": "MRN-7"}]}


@pytest.mark.parametrize(
    ("subject", "status"),
    [("p-19", 201), ("Patient/p-19", 201), ("MRN-7", 201), ("", 201), ("p-20", 400), ("Patient/p-20", 400)],
)
@pytest.mark.parametrize("way", ["part", "header", "fhir"])
def test_a_subject_must_be_the_patient_that_comes_with_it(
    client: TestClient, way: str, subject: str, status: int
) -> None:
    if way == "fhir":
        call = {"name": "outside-calls", "valueString": "CYP2D6\t*4/*4"}
        parameter = [call, {"name": "patient", "resource": IDENTIFIED}]
        answer = client.post(
            "/fhir/$interpret",
            content=json.dumps({"resourceType": "Parameters", "parameter": parameter}),
            headers={"Content-Type": "application/fhir+json", "Genomeward-Subject": subject},
        )
    else:
        parts = {"variants": ("v", VCF), "patient": ("p", json.dumps(IDENTIFIED).encode())}
        if way == "part" and subject:
            parts["subject"] = (None, subject.encode())
        headers = {"Genomeward-Subject": subject} if way == "header" else {}
        answer = client.post("/fhir/$interpret", files=parts, headers=headers)
    assert answer.status_code == status, answer.text
    if status == 400:
        assert "another subject" in answer.text
        assert "p-19" not in answer.text
        assert "p-20" not in answer.text


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(PATIENT, id="patient"),
        pytest.param(PEOPLE, id="bundle"),
        pytest.param(
            {"resourceType": "Parameters", "parameter": [{"name": "p", "resource": PATIENT}]}, id="parameters"
        ),
        pytest.param({"resourceType": "Bundle", "type": "collection"}, id="empty-bundle"),
        pytest.param({"resourceType": "Parameters"}, id="empty-parameters"),
    ],
)
def test_resources_without_results_are_not_answered_with_an_empty_result(
    client: TestClient, document: dict[str, Any]
) -> None:
    """An empty Bundle for somebody whose variants were lost on the way would read as a negative result."""
    headers = {"Content-Type": "application/fhir+json", "Genomeward-Subject": "p-19"}
    answer = client.post("/fhir/$interpret", content=json.dumps(document), headers=headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["issue"][0]["code"] == "required"
    assert "nothing to interpret" in answer.text


@pytest.mark.parametrize(
    ("parts", "status", "said"),
    [
        ({"outside-calls": b"CYP2D6\t*4/*4\n", "subject": b"p"}, 400, "variants"),
        ({"variants": VCF}, 400, "whose variants"),
        ({"variants": VCF, "subject": b"p", "colour": b"red"}, 400, "documented"),
        ({"variants": VCF, "patient": b"{"}, 400, "JSON"),
        ({"variants": VCF, "patient": b'{"resourceType": "Patient", "birthDate": "May"}'}, 400, "birthDate"),
        ({"variants": VCF, "patient": b'{"resourceType": "Patient"}'}, 400, "neither id nor identifier"),
        ({"variants": VCF, "subject": b"p", "pedigree": b"F1 kid\n"}, 400, "pedigree"),
        ({"variants": VCF + b"#" * 5_000_000, "subject": b"p"}, 413, "limit"),
    ],
)
def test_bad_parts_are_an_operation_outcome(
    client: TestClient, parts: dict[str, bytes], status: int, said: str
) -> None:
    answer = client.post("/fhir/$interpret", files={name: (name, body) for name, body in parts.items()})
    assert answer.status_code == status, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert said in answer.text


def test_a_multipart_body_that_is_cut_off_is_refused(client: TestClient) -> None:
    whole = client.build_request(
        "POST", "/fhir/$interpret", files={"variants": ("v", VCF), "subject": (None, b"p")}
    )
    headers = {"Content-Type": whole.headers["content-type"]}
    answer = client.post("/fhir/$interpret", content=whole.read()[:-40], headers=headers)
    assert answer.status_code == 400
    assert "cut off" in answer.text


def test_a_gzip_bomb_in_front_of_fhir_is_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.api.interpret.FHIR_LIMIT_BYTES", 10_000)
    headers = {"Content-Type": "application/fhir+json", "Content-Encoding": "gzip"}
    bomb = client.post("/fhir/$interpret", content=gzip.compress(b" " * 1_000_000), headers=headers)
    assert bomb.status_code == 413
    broken = client.post("/fhir/$interpret", content=b"no gzip", headers=headers)
    assert broken.status_code == 400


def signature(**stated: str) -> str:
    parameters = [{"name": name, "valueString": value} for name, value in stated.items()]
    return json.dumps({"resourceType": "Parameters", "parameter": parameters})


def test_a_report_is_preliminary_until_released_and_an_amendment_keeps_it(client: TestClient) -> None:
    headers = {**HEADERS, "Genomeward-Subject": "p-release"}
    first = client.post("/fhir/$interpret", content=VCF, headers=headers).headers["Location"]
    done = client.post(f"{first}/$release", content=signature(name="B. Example", role="geneticist"))
    assert done.status_code == 200, done.text
    assert (done.json()["status"], client.get(first).json()["status"]) == ("final", "final")
    page = f"/reports/{first.rpartition('/')[2]}"
    assert "B. Example" in client.get(page).text
    again = client.post(f"{first}/$release", content=signature(name="C. Example", role="geneticist"))
    assert again.status_code == 422

    amended = {**headers, "Genomeward-Sex": "female"}
    second = client.post("/fhir/$interpret", content=VCF, headers=amended).headers["Location"]
    assert client.get(second).json()["status"] == "preliminary"
    refused = client.post(f"{second}/$release", content=signature(name="B. Example", role="geneticist"))
    assert refused.status_code == 400
    assert "what changed" in refused.text
    body = signature(name="B. Example", role="geneticist", reason="Sex was added; the advice stays.")
    assert client.post(f"{second}/$release", content=body).json()["status"] == "amended"
    assert client.get(first).json()["status"] == "final"
    assert "A later version of this report is stored" in client.get(page).text
    assert "Sex was added" in client.get(f"/reports/{second.rpartition('/')[2]}").text


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"name": "B"}', signature(name="B"), signature(colour="red")]
)
def test_a_release_without_a_signature_is_refused(client: TestClient, body: str) -> None:
    place = client.post("/fhir/$interpret", content=VCF, headers=HEADERS).headers["Location"]
    answer = client.post(f"{place}/$release", content=body)
    assert answer.status_code == 400
    assert client.get(place).json()["status"] == "preliminary"


def test_an_upload_has_no_name_in_any_folder() -> None:
    """A worker that is killed half-way leaves nothing of the patient on the disk."""

    async def received() -> tuple[int, bytes]:
        messages = iter([{"type": "http.request", "body": VCF[:99], "more_body": True},
                         {"type": "http.request", "body": VCF[99:], "more_body": False}])  # fmt: skip

        async def receive() -> dict[str, Any]:
            return next(messages)

        async with body_on_disk(Request({"type": "http", "headers": []}, receive), len(VCF)) as upload:
            return os.fstat(upload.fileno()).st_nlink, upload.read()

    assert asyncio.run(received()) == (0, VCF)


def test_a_defect_is_an_operation_outcome_and_its_words_are_not_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("NM_000000.1:c.1A>T of p-17")

    monkeypatch.setattr(client.app.state.genomeward, "interpret_stream", broken)
    answer = client.post("/fhir/$interpret", content=VCF, headers=HEADERS)
    assert answer.status_code == 500
    assert answer.json()["issue"][0]["code"] == "exception"
    assert "RuntimeError" in caplog.text
    assert "p-17" not in caplog.text + answer.text


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_no_page_of_the_service_loads_anything_from_elsewhere(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404

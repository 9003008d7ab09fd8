"""Criteria that people applied come with a case: as a table, as a part or as FHIR, and join ours."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.bootstrap import Genomeward
from service.domain.case import Subject
from service.errors import InvalidOption
from service.intake import Attachments, read_request
from tests.builders import a_vcf
from tests.conformance import ConformanceRecord
from tests.journeys.conftest import Run

# Not asserted by anyone: another base than that of a pathogenic variant of PAH; a rare missense of BRCA2.
PAH, BRCA2 = ("chr12", 102840399, "C", "A"), ("chr13", 32340301, "T", "A")
PAH_TEXT, BRCA2_TEXT = "12-102840399-C-A", "13-32340301-T-A"
PAH_37 = "12-103234177-C-A"
HGVS, LOINC = "http://varnomen.hgvs.org", "http://loinc.org"


@pytest.fixture
def interpreted(genomeward: Genomeward, tmp_path: Path, conformance_record: ConformanceRecord) -> Any:
    def asked(table: str, **options: str) -> Any:
        vcf = a_vcf().record(*PAH, "0/1").record(*BRCA2, "0/1").write(tmp_path / "case.vcf")
        request = read_request(options, Attachments(criteria=table), Subject("case"))
        findings = genomeward.interpret_path(vcf, request)
        conformance_record.see(genomeward.project("bundle", findings))
        return json.loads(genomeward.project("findings", findings))

    return asked


def met(variant: Any) -> dict[str, tuple[str, bool]]:
    return {
        c["code"]: (c["strength"], c["supplied"])
        for c in variant["classification"]["criteria"]
        if c["verdict"] == "met"
    }


@pytest.mark.parametrize(
    "table",
    [
        f"variant\tcriteria\n{PAH_TEXT}\tPS3;PM3_Strong\n",
        f"variant\tcode\tstrength\treason\n{PAH_TEXT}\tPS3\t\tan assay\n{PAH_TEXT}\tPM3\tStrong\t\n",
        f"variant\tcriteria\tassembly\n{PAH_37}\tPS3,PM3_Strong\tGRCh37\n",
        "# signed\nVariant\tCriteria\nNC_000012.12:g.102840399C>A\tPS3; PM3_Strong\n",
    ],
    ids=["a row a variant", "a row a criterion", "GRCh37", "HGVS"],
)
def test_a_table_decides_alone_and_ours_are_suggested(interpreted: Any, table: str) -> None:
    document = interpreted(table, indication="PAH")
    (variant,) = document["variants"]
    assert met(variant) == {"PS3": ("Strong", True), "PM3": ("Strong", True)}
    assert variant["classification"]["classification"] == "Likely pathogenic"
    assert {d["gene"]: d["statement"] for d in document["diagnoses"]} == {"PAH": "carrier"}


def test_in_mode_add_ours_join(interpreted: Any) -> None:
    table = f"variant\tcriteria\tcriteria_mode\n{PAH_TEXT}\tPS3\tadd\n"
    (variant,) = interpreted(table)["variants"]
    assert met(variant)["PS3"] == ("Strong", True)
    verdicts = {c["code"]: c["verdict"] for c in variant["classification"]["criteria"]}
    assert verdicts["PM4"] == "not met"


def test_criteria_open_no_secondary_finding(interpreted: Any) -> None:
    """BRCA2 outside the question: what is withheld and what is absent are said alike."""
    table = f"variant\tcriteria\n{BRCA2_TEXT}\tPS3;PM2\n1-1000000-A-C\tPS3\n"
    document = interpreted(table)
    assert document["variants"] == []
    (issue,) = [i for i in document["issues"] if i["where"] == "criteria"]
    assert "for 2 variants" in issue["text"]
    asked = interpreted(table, indication="BRCA2")
    assert [met(v) for v in asked["variants"]] == [{"PS3": ("Strong", True), "PM2": ("Supporting", True)}]


def test_a_variant_that_cannot_be_placed_is_an_issue_without_its_name(interpreted: Any) -> None:
    document = interpreted("variant\tcriteria\nNM_000277.99:c.1A>G\tPS3\n")
    (issue,) = [i for i in document["issues"] if i["where"] == "criteria, line 2"]
    assert (issue["severity"], "NM_" in issue["text"]) == ("error", False)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("a\tb\n", "expected a header"),
        (f"variant\tcriteria\n{PAH_TEXT}\tPS9\n", "line 2"),
        (f"variant\tcode\n{PAH_TEXT}\tPS3\n{PAH_TEXT}\tPS3\n", "stated twice"),
        (f"variant\tcriteria\tcriteria_mode\n{PAH_TEXT}\tPS3\tboth\n", "only or add"),
        (f"variant\tcriteria\tassembly\n{PAH_TEXT}\tPS3\thg20\n", "GRCh38 or GRCh37"),
        (f"# by\nvariant\tcode\n# of\n{PAH_TEXT}\tPS9\n", "line 4"),
        (f"variant\tcriteria\tcomment\n{PAH_TEXT}\tPS3\tx\n", "a column has the name"),
        (f"variant\tcode\tcode\n{PAH_TEXT}\tPS3\tPM2\n", "a column has the name"),
        (f"variant\tcriteria\n{PAH_TEXT}\tPS3\tPM2\n", "line 2: has more cells"),
        (f"variant\tcriteria\tverdict\n{PAH_TEXT}\tPS3\tnot met\n", "states verdict without a code"),
        (f"variant\tcriteria\tstrength\n{PAH_TEXT}\tPS3\tModerate\n", "states strength without a code"),
        (f"variant\tcriteria\tcode\n{PAH_TEXT}\tPS3\tPM2\n", "both criteria and code"),
        (f"variant\tcode\tstrength\n{PAH_TEXT}\t\tStrong\n", "names no criterion"),
    ],
)
def test_what_people_signed_is_not_dropped_for_a_slip(table: str, said: str) -> None:
    with pytest.raises(InvalidOption, match=said):
        read_request({}, Attachments(criteria=table), Subject("case"))


def test_the_command_line_reads_the_table(run: Run, tmp_path: Path) -> None:
    vcf = a_vcf().record(*PAH, "0/1").write(tmp_path / "case.vcf")
    table = tmp_path / "criteria.tsv"
    table.write_text(f"variant\tcriteria\n{PAH_TEXT}\tPS3\n", "utf-8")
    (document,) = run("interpret", vcf, "--format", "findings", "--criteria", table).lines
    assert met(document["variants"][0]) == {"PS3": ("Strong", True)}


def test_a_manifest_names_tables_and_resume_sees_that_one_changed(run: Run, tmp_path: Path) -> None:
    a_vcf().record(*PAH, "0/1").write(tmp_path / "case.vcf")
    (tmp_path / "c.tsv").write_text(f"variant\tcriteria\n{PAH_TEXT}\tPS3\n", "utf-8")
    (tmp_path / "m.tsv").write_text("sample_id\tvcf\tcriteria\nA\tcase.vcf\tc.tsv\n", "utf-8")
    arguments = ("batch", tmp_path / "m.tsv", "--out", tmp_path / "out", "--outputs", "findings")
    assert run(*arguments).code == 0
    document = json.loads((tmp_path / "out" / "A" / "findings.json").read_text("utf-8"))
    assert met(document["variants"][0]) == {"PS3": ("Strong", True)}
    (tmp_path / "c.tsv").write_text(f"variant\tcriteria\n{PAH_TEXT}\tBS3\n", "utf-8")
    assert "1 done, 0 kept" in run(*arguments, "--resume").error


def component(code: str, value: dict[str, Any], system: str = LOINC) -> dict[str, Any]:
    return {"code": {"coding": [{"system": system, "code": code}]}, **value}


def observation(code: str, *components: dict[str, Any], **more: Any) -> dict[str, Any]:
    coding = {"system": LOINC, "code": code}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [coding]},
        "component": list(components),
        **more,
    }


NAME = component(
    "81290-9",
    {"valueCodeableConcept": {"coding": [{"system": HGVS, "code": "NC_000012.12:g.102840399C>A"}]}},
)
STATE = component("53034-5", {"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA6706-1"}]}})


def criterion(code: str, value: dict[str, Any]) -> dict[str, Any]:
    return component(code, value, "http://example.org/acmg")


ON_THE_VARIANT = [
    observation(
        "69548-6",
        NAME,
        STATE,
        criterion("PS3", {"valueCodeableConcept": {"text": "met, Strong: an assay"}}),
        criterion("PM3_Strong", {"valueBoolean": True}),
        id="v",
    )
]
ON_AN_IMPLICATION = [
    observation("69548-6", NAME, STATE, id="v"),
    observation(
        "81259-4",
        criterion("PS3", {"valueString": "Strong"}),
        criterion("PM3", {"valueCodeableConcept": {"coding": [{"code": "strong", "display": "Strong"}]}}),
        criterion("PM2", {"valueBoolean": False}),
        id="i",
        derivedFrom=[{"reference": "Observation/v"}],
    ),
]


@pytest.mark.parametrize("resources", [ON_THE_VARIANT, ON_AN_IMPLICATION], ids=["variant", "implication"])
@pytest.mark.parametrize("mode", [None, "add"])
def test_posted_observations_carry_criteria(
    client: TestClient, resources: list[dict[str, Any]], mode: str | None
) -> None:
    document = {"resourceType": "Parameters", "parameter": [{"name": "r", "resource": r} for r in resources]}
    document["parameter"].append({"name": "subject", "valueString": "p"})
    if mode:
        document["parameter"].append({"name": "criteria-mode", "valueCode": mode})
    answer = client.post("/fhir/$interpret", json=document, headers={"Content-Type": "application/fhir+json"})
    assert answer.status_code == 201, answer.text
    values = [
        (c["code"]["coding"][0]["code"], c["valueCodeableConcept"]["text"])
        for entry in answer.json()["entry"]
        for c in entry["resource"].get("component", [])
        if c["code"]["coding"][0].get("system") == "urn:genomeward:acmg-amp-criterion"
    ]
    found = dict(values)
    assert found["PS3"].startswith("met, Strong, supplied by the caller")
    assert found["PM3"].startswith("met, Strong, supplied by the caller")
    assert "PM2" not in found
    if mode is None:
        assert set(found) == {"PS3", "PM3"}


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        pytest.param(
            [
                observation("69548-6", NAME, STATE, criterion("PS3", {}), id="v"),
                observation("69548-6", NAME, STATE, criterion("BS3", {}), id="w"),
            ],
            "further criteria of a variant that has some were not used",
            id="two-observations",
        ),
        pytest.param(
            [observation("69548-6", NAME, STATE, criterion("PS3", {"valueInteger": 0}), id="v")],
            "its criteria were not used",
            id="no-strength-and-no-verdict",
        ),
    ],
)
def test_posted_criteria_that_are_not_used_are_told(
    genomeward: Genomeward, resources: list[dict[str, Any]], said: str
) -> None:
    entries = [{"resource": resource} for resource in resources]
    body = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()
    findings = genomeward.interpret_fhir(body, {"subject": "p", "indication": "PAH"})
    document = json.loads(genomeward.project("findings", findings))
    assert [said in issue["text"] for issue in document["issues"] if issue["severity"] == "error"] == [True]
    assert "BS3" not in met(document["variants"][0])


def test_a_mode_that_is_none_is_refused(genomeward: Genomeward) -> None:
    parameters = [
        {"name": "r", "resource": ON_THE_VARIANT[0]},
        {"name": "criteria-mode", "valueCode": "both"},
    ]
    body = json.dumps({"resourceType": "Parameters", "parameter": parameters}).encode()
    with pytest.raises(InvalidOption, match="only or add"):
        genomeward.interpret_fhir(body, {"subject": "p", "indication": "PAH"})


def test_a_criterion_whose_value_is_said_to_be_absent_is_none(genomeward: Genomeward) -> None:
    silent = {**criterion("PS3", {}), "dataAbsentReason": {"text": "not examined"}}
    body = json.dumps(observation("69548-6", NAME, STATE, silent, id="v")).encode()
    findings = genomeward.interpret_fhir(body, {"subject": "p", "indication": "PAH"})
    assert "PS3" not in met(json.loads(genomeward.project("findings", findings))["variants"][0])


def test_a_part_beside_the_file(client: TestClient) -> None:
    vcf = a_vcf().record(*PAH, "0/1").encoded()
    table = f"variant\tcriteria\n{PAH_TEXT}\tPS3\n".encode()
    parts = {"variants": ("v.vcf", vcf), "criteria": ("c.tsv", table), "subject": (None, b"p")}
    answer = client.post("/fhir/$interpret", files=parts)
    assert answer.status_code == 201, answer.text
    assert "met, Strong, supplied by the caller" in answer.text

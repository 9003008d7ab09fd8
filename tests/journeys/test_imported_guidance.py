"""A hospital brings in the guidance of the Dutch working group and of the FDA; it stands beside CPIC's."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from service.knowledge.importers.guidance import action_of
from tests.journeys.conftest import EXAMPLES, Run

VCF = EXAMPLES / "cyp2c19-poor-metaboliser.vcf"


def row(number: int, drug: str, words: str, **more: Any) -> dict[str, Any]:
    """A recommendation in the layout that ClinPGx publishes."""
    return {
        "id": f"PA16600000{number}",
        "name": f"Recommendation PA16600000{number}",
        "population": None,
        "classification": None,
        "relatedChemicals": [{"id": "PA1", "name": drug, "symbol": None}],
        "text": {"id": number, "html": f"<p>{words}</p>\n"},
        "implications": ["The composed reason."],
        "lookupKey": [{"CYP2C19": "Poor Metabolizer"}],
        "dosingInformation": False,
        "alternateDrugAvailable": False,
        "otherPrescribingGuidance": False,
    } | more


def guideline(number: int, source: str, *rows: dict[str, Any]) -> dict[str, Any]:
    drug = rows[0]["relatedChemicals"][0]["name"]
    return {
        "guideline": {
            "id": f"PA16610000{number}",
            "name": f"Annotation of {source} Guideline for {drug} and CYP2C19",
            "objCls": "Guideline Annotation",
            "source": source,
            "version": 7,
            "url": None,
            "relatedChemicals": rows[0]["relatedChemicals"],
            "relatedGenes": [{"id": "PA124", "name": "cytochrome P450", "symbol": "CYP2C19"}],
            "relatedAlleles": [],
            "recommendation": True,
        },
        "recommendations": list(rows),
        "citations": [{"pmid": "21412232", "title": "A title.", "year": 2011}],
        "url": f"https://www.clinpgx.org/guidelineAnnotation/PA16610000{number}",
    }


PUBLISHED = {
    "guidelines": [
        guideline(
            1, "DPWG", row(1, "clopidogrel", "Composed: avoid clopidogrel.", alternateDrugAvailable=True)
        ),
        guideline(
            2,
            "FDA",
            row(
                2,
                "clopidogrel",
                "Composed: consider another platelet inhibitor.",
                alternateDrugAvailable=True,
            ),
        ),
        guideline(
            3, "DPWG", row(3, "brivaracetam", "Composed: give 50% of the dose.", dosingInformation=True)
        ),
    ],
    "version": "2026-11-20",
}


def test_imported_guidance_stands_beside_cpic_in_every_output(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "published.json"
    file.write_text(json.dumps(PUBLISHED), "utf-8")
    (shipped,) = run("interpret", VCF, "--format", "findings").lines
    done = run("kb", "import", "guidance", file)
    assert done.code == 0, done.error
    assert b"3 guidelines, 2 drugs, 3 rows" in done.out
    assert b"published        drugs by source: DPWG 2, FDA 1" in run("kb", "status").out

    (findings,) = run("interpret", VCF, "--medications", "clopidogrel", "--format", "findings").lines
    assert findings["knowledge_release"].startswith(shipped["knowledge_release"] + "+guidance-")
    clopidogrel = [r for r in findings["recommendations"] if r["drug"] == "clopidogrel"]
    assert [(r["guideline"], r["action"]) for r in clopidogrel] == [
        ("CPIC", "avoid"),
        ("CPIC", "avoid"),
        ("CPIC", "avoid"),
        ("DPWG", "avoid"),
        ("FDA", "use-alternative"),
    ]
    assert all(r["current_medication"] for r in clopidogrel)
    dpwg = clopidogrel[3]
    assert dpwg["rxnorm"] == "32968"
    assert dpwg["version"] == "2026-11-20"
    assert dpwg["pmids"] == ["21412232"]
    assert dpwg["guideline_url"].endswith("PA166100001")
    (new,) = [r for r in findings["recommendations"] if r["drug"] == "brivaracetam"]
    assert (new["guideline"], new["action"]) == ("DPWG", "reduce-dose")

    page = run("interpret", VCF, "--format", "report").out.decode()
    assert re.search(r"<strong>DPWG</strong>.*?2026-11-20", page)
    assert "Composed: avoid clopidogrel." in page
    assert b"Composed: consider another platelet inhibitor." in run("interpret", VCF).out


def test_a_second_import_replaces_what_its_source_said_of_the_drug(run: Run, tmp_path: Path) -> None:
    def imported(name: str, document: dict[str, Any]) -> None:
        (tmp_path / name).write_text(json.dumps(document), "utf-8")
        assert run("kb", "import", "guidance", tmp_path / name).code == 0

    imported("first.json", PUBLISHED)
    again = row(1, "clopidogrel", "Composed: choose an alternative.", alternateDrugAvailable=True)
    label = row(4, "clopidogrel", "Composed: the label.", otherPrescribingGuidance=True)
    imported("second.json", {"guidelines": [guideline(1, "DPWG", again), guideline(4, "FDA", label)]})
    (findings,) = run("interpret", VCF, "--format", "findings").lines
    said = {
        (r["guideline"], r["text"])
        for r in findings["recommendations"]
        if r["drug"] == "clopidogrel" and r["guideline"] != "CPIC"
    }
    assert said == {
        ("DPWG", "Composed: choose an alternative."),
        ("FDA", "Composed: consider another platelet inhibitor."),
        ("FDA", "Composed: the label."),
    }


@pytest.mark.shared
def test_every_published_row_of_dpwg_and_fda_is_read(run: Run, shared: Path, tmp_path: Path) -> None:
    """529 rows of DPWG as of 2024-05, with their own wording, through the real command."""
    facts = json.loads(gzip.decompress((shared / "data/pgx/guidance_2024-05.json.gz").read_bytes()))
    words = json.loads(
        gzip.decompress(
            (shared / "data/pgx/reference-wording/recommendation_text_2024-05.json.gz").read_bytes()
        )
    )
    by_id = {item["id"]: item for item in words}
    guidelines: dict[str, dict[str, Any]] = {}
    for fact in facts:
        if fact["source"] != "DPWG":
            continue
        flags = fact["flags"]
        published = row(
            0,
            fact["drug"],
            "",
            id=fact["id"],
            text={"html": by_id[fact["id"]]["text_html"]},
            lookupKey=fact["lookup"],
            dosingInformation=flags["dose_change"],
            alternateDrugAvailable=flags["alternate_drug"],
            otherPrescribingGuidance=flags["other_guidance"],
        )
        package = guidelines.setdefault(fact["guideline_id"], guideline(0, "DPWG", published))
        package["guideline"]["id"] = fact["guideline_id"]
        if published not in package["recommendations"]:
            package["recommendations"].append(published)
    file = tmp_path / "dpwg.json"
    file.write_text(json.dumps({"guidelines": list(guidelines.values())}), "utf-8")
    done = run("kb", "import", "guidance", file)
    assert done.code == 0, done.error
    lookups = sum(len(fact["lookup"]) for fact in facts if fact["source"] == "DPWG")
    assert f"{lookups} rows".encode() in done.out


@pytest.mark.parametrize(
    ("flags", "text", "action"),
    [
        ("010", "Avoid it. Choose an alternative.", "avoid"),
        ("100", "Do not give doses exceeding 75 mg/day.", "reduce-dose"),
        ("110", "Choose an alternative or start with 10% of the standard dose.", "use-alternative"),
        ("110", "Start with 50% of the standard dose or avoid it.", "reduce-dose"),
        ("110", "Use 1.5 times the standard dose or choose an alternative.", "increase-dose"),
        ("100", "The maximum recommended dose is 20 mg.", "reduce-dose"),
        ("110", "It is not possible to offer advice for dose reduction. Avoid it.", "avoid"),
        ("011", "For PAIN: choose an alternative. For COUGH: no action required.", "use-alternative"),
        ("000", "No action is required.", "no-recommendation"),
        ("001", "Be alert to side effects.", "monitor"),
        ("000", "Use the dose of the label.", "standard"),
    ],
)
def test_the_first_thing_that_a_text_asks_decides(flags: str, text: str, action: str) -> None:
    names = ("dosingInformation", "alternateDrugAvailable", "otherPrescribingGuidance")
    row = {name: flag == "1" for name, flag in zip(names, flags, strict=True)}
    assert action_of(row, text) == action

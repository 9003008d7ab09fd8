"""Published guidance of other sources, imported on a hospital's machine."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from service.domain.case import InterpretOptions
from service.domain.guidance import Guidance
from service.domain.pgx import CallStatus, Diplotype, PharmacogeneCall
from service.errors import InvalidInput, KnowledgeError, StorageUnavailable
from service.knowledge import guidance as guidance_part
from service.knowledge.importers.guidance import action_of, import_guidance
from service.pgx.recommend import recommend
from tests.unit.pgx_guidance.conftest import with_key


def recommendation(**more: Any) -> dict[str, Any]:
    return {
        "id": "PA1",
        "population": None,
        "classification": {"term": "Unspecified"},
        "relatedChemicals": [{"id": "PA449053", "name": "clopidogrel"}],
        "text": {"html": "<p>Avoid clopidogrel.</p>\n"},
        "implications": ["The gene variation reduces activation."],
        "lookupKey": {"CYP2C19": "Poor Metabolizer"},
        "dosingInformation": False,
        "alternateDrugAvailable": True,
        "otherPrescribingGuidance": False,
    } | more


def package(*rows: Any, source: str = "DPWG", **more: Any) -> dict[str, Any]:
    guideline = {
        "objCls": "Guideline Annotation",
        "id": "PA166104956",
        "name": f"Annotation of {source} Guideline for clopidogrel and CYP2C19",
        "source": source,
        "url": "https://www.clinpgx.org/guidelineAnnotation/PA166104956",
        "relatedGenes": [{"symbol": "CYP2C19"}],
        "relatedChemicals": [{"id": "PA449053", "name": "clopidogrel"}],
    }
    return {
        "guideline": guideline,
        "recommendations": list(rows),
        "citations": [{"pmid": "21412232"}],
        **more,
    }


def imported(tmp_path: Path, document: Any, artifact: Path) -> Guidance:
    file = tmp_path / "published.json"
    file.write_text(json.dumps(document), "utf-8")
    import_guidance(file, tmp_path / "overlay" / "dpwg")
    return guidance_part.load(artifact / "guidance", [tmp_path / "overlay" / "dpwg"])


def test_an_imported_source_stands_beside_cpic(tmp_path: Path, artifact: Path) -> None:
    merged = imported(tmp_path, {"guidelines": [package(recommendation())], "version": "2026-11"}, artifact)
    found = recommend([with_key("CYP2C19", "Poor Metabolizer")], merged, InterpretOptions())
    clopidogrel = [r for r in found if r.drug == "clopidogrel"]
    assert {r.guideline for r in clopidogrel} == {"CPIC", "DPWG"}
    (dpwg,) = [r for r in clopidogrel if r.guideline == "DPWG"]
    assert (dpwg.action, dpwg.text, dpwg.strength) == ("avoid", "Avoid clopidogrel.", "Unspecified")
    assert (dpwg.rxnorm, dpwg.pmids, dpwg.version) == ("32968", ("21412232",), "2026-11")
    assert dpwg.why == "The gene variation reduces activation."


def test_a_newer_cpic_export_replaces_the_rows_of_its_drugs(tmp_path: Path, artifact: Path) -> None:
    row = recommendation(classification={"term": "Strong"}, population="general")
    merged = imported(tmp_path, package(row, source="CPIC", version="2026-11-20"), artifact)
    found = recommend([with_key("CYP2C19", "Poor Metabolizer")], merged, InterpretOptions())
    assert [(r.version, r.population) for r in found if r.drug == "clopidogrel"] == [
        ("2026-11-20", "general")
    ]


def test_rows_for_a_diplotype_come_before_rows_for_its_phenotype(tmp_path: Path, artifact: Path) -> None:
    specific = recommendation(
        id="PA2", text={"html": "Use the usual dose."}, lookupKey={"CYP2C19": {"*1": 1, "*17": 1.0}}
    )
    general = recommendation(id="PA3", lookupKey={"CYP2C19": "Rapid Metabolizer"})
    merged = imported(tmp_path, [package(specific, general)], artifact)
    pair = Diplotype("*1/*17", ("*17", "*1"), None, "Rapid Metabolizer")
    call = PharmacogeneCall("CYP2C19", CallStatus.CALLED, True, (pair,))
    found = recommend([call], merged, InterpretOptions())
    (dpwg,) = [r for r in found if r.drug == "clopidogrel" and r.guideline == "DPWG"]
    assert (dpwg.text, dpwg.basis) == ("Use the usual dose.", {"CYP2C19": "*1/*17"})


def test_a_gene_that_was_not_called_is_said_once_for_all_sources(tmp_path: Path, artifact: Path) -> None:
    merged = imported(tmp_path, package(recommendation()), artifact)
    found = recommend([], merged, InterpretOptions())
    assert [r.action for r in found if r.drug == "clopidogrel"] == ["not-called"]


def test_each_unusable_item_is_reported_and_the_others_are_kept(tmp_path: Path) -> None:
    rows = [
        recommendation(),
        recommendation(id="PA4", lookupKey=None),
        recommendation(id="PA5", text={"html": " "}),
        recommendation(id="PA6", lookupKey={"CYP2C19": 1}),
        recommendation(id="PA7", lookupKey={"CYP2C19": {"*1": "one"}}),
        "text",
    ]
    document = {"guidelines": [package(*rows), {"guideline": {"name": "no id"}}, package()]}
    file = tmp_path / "published.json.gz"
    file.write_bytes(gzip.compress(json.dumps(document).encode()))
    report = import_guidance(file, tmp_path / "overlay")
    assert (report.guidelines, report.drugs, report.rows) == (1, 1, 1)
    texts = [f"{issue.where}: {issue.text}" for issue in report.issues]
    assert len(texts) == 7
    assert any("PA4: not imported: has no lookupKey" in text for text in texts)
    assert any("PA5: not imported: has no text" in text for text in texts)
    assert any("PA6" in text and "neither a result nor alleles" in text for text in texts)
    assert any("PA7" in text and "without a count" in text for text in texts)
    assert any("guideline 2: not imported: the guideline lacks id, source" in text for text in texts)
    assert any("no recommendation that can be looked up" in text for text in texts)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"3", b'{"guidelines": []}', b"\x1f\x8b broken"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other.json"
    file.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"other\.json"):
        import_guidance(file, tmp_path / "overlay")
    assert not (tmp_path / "overlay").exists()


def test_an_unwritable_destination_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "published.json"
    file.write_text(json.dumps(package(recommendation())), "utf-8")
    (tmp_path / "blocked").write_text("a file, not a folder", "utf-8")
    with pytest.raises(StorageUnavailable):
        import_guidance(file, tmp_path / "blocked" / "overlay")


def test_a_damaged_overlay_is_an_error(tmp_path: Path, artifact: Path) -> None:
    (tmp_path / "overlay").write_bytes(b"not JSON")
    with pytest.raises(KnowledgeError, match="overlay"):
        guidance_part.load(artifact / "guidance", [tmp_path / "overlay"])


@pytest.mark.parametrize(
    ("flags", "text", "action"),
    [
        ({}, "The guideline does not provide a recommendation for this drug.", "no-recommendation"),
        ({"alternateDrugAvailable": True}, "Choose an alternative.", "use-alternative"),
        ({"dosingInformation": True}, "Use 50% of the standard dose.", "reduce-dose"),
        ({"dosingInformation": True}, "Increase the starting dose by 50%.", "increase-dose"),
        ({"otherPrescribingGuidance": True}, "Monitor the effect.", "monitor"),
        ({}, "Use the standard dose.", "standard"),
        ({"alternateDrugAvailable": True}, "This drug is contraindicated.", "avoid"),
    ],
)
def test_the_action_of_a_published_row(flags: dict[str, bool], text: str, action: str) -> None:
    assert action_of(flags, text) == action

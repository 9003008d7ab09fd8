"""`genomeward rank`: phenopackets in, one ranking a line out."""

import json
from pathlib import Path

from tests.journeys.conftest import Run

MARFAN = {
    "id": "case-1",
    "subject": {"id": "p1", "sex": "MALE"},
    "phenotypicFeatures": [
        {
            "type": {"id": "HP:0001083", "label": "Ectopia lentis"},
            "onset": {"ontologyClass": {"id": "HP:0011463"}},
        },
        {"type": {"id": "HP:0002616"}},
        {"type": {"id": "HP:0001166"}},
        {"type": {"id": "HP:0001519"}, "modifiers": [{"id": "HP:0012828"}]},
        {"type": {"id": "HP:0001250"}, "excluded": True},
    ],
}


def test_files_and_lines_are_ranked_in_order_with_errors_in_place(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(MARFAN, indent=2), "utf-8")
    (tmp_path / "none.json").write_text("{}", "utf-8")
    lines = (json.dumps(MARFAN | {"id": "case-2"}) + "\n").encode()
    done = run("rank", tmp_path / "one.json", tmp_path / "none.json", "--input", "-", stdin=lines)
    first, second, third = done.lines
    assert done.code == 1
    assert (first["id"], second["id"], third["id"]) == ("case-1", "none.json", "case-2")
    assert "phenotypicFeatures" in second["error"]["text"]
    assert "OMIM:154700" in [d["id"] for d in first["diseases"][:5]]
    assert "FBN1" in [g["symbol"] for g in first["genes"][:5]]
    assert first["phenotype"]["excluded"] == ["HP:0001250"]
    assert third["diseases"] == first["diseases"]


def test_nothing_to_rank_could_not_run(run: Run, tmp_path: Path) -> None:
    assert run("rank").code == 2
    assert run("rank", "--input", tmp_path / "absent.jsonl").code == 2

"""A hospital imports ClinVar, and the next answer rests on it."""

import gzip
import json
from pathlib import Path

import pytest

from service.cli import main
from tests.unit.knowledge.importers.conftest import HEADER

# BRCA1 c.68_69del as the release says that it was looked at again; class and date are made up.
RECORD = (
    "17\t43124027\t17662\tACT\tA\t.\t.\tCLNDISDB=MONDO:MONDO:0011450;CLNDN=Breast-ovarian_cancer;"
    "CLNREVSTAT=reviewed_by_expert_panel;CLNSIG={said};GENEINFO=BRCA1:672;RS=80357914\n"
)


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GENOMEWARD_STATE", str(tmp_path / "state"))
    return tmp_path / "clinvar.vcf.gz"


def publish(path: Path, date: str, said: str) -> str:
    text = HEADER.format(date=date, reference="GRCh38") + RECORD.format(said=said)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return str(path)


def answered(capsys: pytest.CaptureFixture[str]) -> tuple[str, list[tuple[str, str]]]:
    """Release, and the class and release of each assertion."""
    capsys.readouterr()
    assert (
        main(["interpret", "examples/brca1-carrier.vcf", "--indication", "BRCA1", "--format", "findings"])
        == 0
    )
    found = json.loads(capsys.readouterr().out)
    said = [(a["classification"], a["release"]) for v in found["variants"] for a in v["assertions"]]
    return found["knowledge_release"], said


def test_answers_rest_on_the_imported_release(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, said = answered(capsys)
    assert ("Pathogenic", "2025-09-28") in said
    assert main(["kb", "import", "clinvar", publish(published, "2026-10-05", "Benign")]) == 0
    release, said = answered(capsys)
    assert release.startswith(f"{before}+clinvar-2026-10-05+")
    assert ("Benign", "2026-10-05") in said
    assert ("Pathogenic", "2025-09-28") not in said

    assert main(["kb", "import", "clinvar", publish(published, "2026-11-02", "Pathogenic")]) == 0
    capsys.readouterr()
    assert main(["kb", "status"]) == 0
    status = capsys.readouterr().out
    assert "clinvar          2026-11-02, in use, 1 assertions" in status
    assert "clinvar          2026-10-05, kept for comparison" in status
    assert main(["kb", "diff", "2026-10-05", "2026-11-02", "--format", "table"]) == 0
    assert capsys.readouterr().out == (
        "class\tVCV000017662\t17-43124027-ACT-A\tBRCA1\tBenign (3*)\tPathogenic (3*)\n"
    )

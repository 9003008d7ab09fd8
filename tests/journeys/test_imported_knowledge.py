"""A hospital imports ClinVar, and the next answer rests on it."""

import gzip
import json
from pathlib import Path

import pytest

from service.cli import main
from tests.unit.knowledge.importers.conftest import HEADER
from tests.unit.knowledge.importers.test_hpo import GENES, HPOA, OBO

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


# A disease without seizures: a term that every disease has tells none from another.
OTHER = "OMIM:629998\tAnother disease\t\tHP:0000707\tPMID:4\tPCS\t\t3/3\t\t\tP\tHPO:x[2026]\n"
# What a release adds: a disease that nobody had annotated, made up.
NEW_DISEASE = "OMIM:629999\tA new disease\t\tHP:0001250\tPMID:3\tPCS\t\t2/2\t\t\tP\tHPO:x[2026]\n"
NEW_PAIR = "9\tNAT1\tHP:0001250\tSeizure\t-\tOMIM:629999\n"


def publish_hpo(folder: Path, date: str, annotations: str = "", pairs: str = "") -> str:
    folder.mkdir()
    (folder / "hp.obo").write_text(OBO, "utf-8")
    (folder / "phenotype.hpoa").write_text(HPOA.replace("2026-10-01", date) + OTHER + annotations, "utf-8")
    (folder / "genes_to_phenotype.txt").write_text(GENES + pairs, "utf-8")
    return str(folder)


def ranked(capsys: pytest.CaptureFixture[str], packet: Path) -> tuple[str, list[str], list[str]]:
    """Release of HPO, the annotated diseases and the genes, best first."""
    capsys.readouterr()
    assert main(["rank", str(packet)]) == 0
    row = json.loads(capsys.readouterr().out)
    annotated = [d["id"] for d in row["diseases"] if "profile" not in d]
    return row["hpo"], annotated, [g["symbol"] for g in row["genes"]]


def test_rank_finds_what_an_imported_release_of_hpo_annotates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GENOMEWARD_STATE", str(tmp_path / "state"))
    packet = tmp_path / "p.json"
    packet.write_text('{"id": "p", "phenotypicFeatures": [{"type": {"id": "HP:0001250"}}]}', "utf-8")
    assert main(["kb", "import", "hpo", publish_hpo(tmp_path / "october", "2026-10-01")]) == 0
    assert ranked(capsys, packet) == ("2026-10-01", ["OMIM:619340", "OMIM:629998"], ["NAT2"])
    november = publish_hpo(tmp_path / "november", "2026-11-03", NEW_DISEASE, NEW_PAIR)
    assert main(["kb", "import", "hpo", november]) == 0
    told = capsys.readouterr()
    assert "3 diseases" in told.out + told.err
    release, diseases, genes = ranked(capsys, packet)
    assert release == "2026-11-03"
    assert diseases[0] == "OMIM:629999"
    assert genes[0] == "NAT1"
    assert main(["kb", "status"]) == 0
    status = capsys.readouterr().out
    assert "2026-11-03, in use, 6 terms, 5 annotations, 3 diseases, 2 gene pairs" in status
    assert "2026-10-01, kept for comparison" in status
    # A release that is cut short leaves the one in use where it is.
    (tmp_path / "november" / "phenotype.hpoa").write_text("cut", "utf-8")
    assert main(["kb", "import", "hpo", november]) == 2
    assert ranked(capsys, packet)[0] == "2026-11-03"

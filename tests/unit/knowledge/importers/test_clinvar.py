"""ClinVar's VCF: every field as published, nothing dropped unsaid, and never half of a release."""

from functools import cache
from pathlib import Path
from typing import Any

import pysam
import pytest

from service.cli import main
from service.domain.disease import asserts_pathogenic
from service.errors import InvalidInput
from service.knowledge import assertions
from service.knowledge.assertion_table import write_rows
from service.knowledge.clinvar import ClinVar
from service.knowledge.importers.registry import source_named
from service.knowledge.importers.run import Imported, import_source
from service.knowledge.imports import Imports
from service.knowledge.repository import Knowledge, open_knowledge, open_shipped
from tests.unit.knowledge.importers.conftest import LEFT_OUT, RECORDS, MakeVcf


@cache
def shipped() -> Knowledge:
    return open_shipped(None)


def part(name: str) -> Any:
    return shipped().part(name)


def imported(file: Path, imports: Imports) -> Imported:
    return import_source(source_named("clinvar"), str(file), imports, part)


def in_use(imports: Imports) -> ClinVar:
    found = imports.current()["clinvar"]
    return assertions.load(imports.path("clinvar", found.release))


def test_every_field_is_read(clinvar_vcf: MakeVcf, imports: Imports) -> None:
    done = imported(clinvar_vcf(*RECORDS), imports)
    assert (done.release.release, done.release.rows["assertions"]) == ("2026-10-05", 4)
    known = in_use(imports)

    (brca2,) = known.at("13", 32337111, "AC", "A")
    assert (brca2.accession, brca2.stars, brca2.release) == ("VCV000051337", 3, "2026-10-05")
    assert brca2.conditions == (
        "Hereditary cancer-predisposing syndrome",
        "Breast-ovarian cancer, familial, susceptibility to, 2",
    )
    assert brca2.condition_ids == ("MONDO:0015356", "MONDO:0012933")
    assert known.of_spdi("NC_000013.11:32337112:CCC:CC") == (brca2,)

    (conflicting,) = known.at("1", 100, "C", "T")
    assert conflicting.conflict_counts == "Likely pathogenic(1), Uncertain significance(2)"
    assert (conflicting.genes, conflicting.condition_ids) == (("G", "H"), ("ORPHA:5",))
    assert not asserts_pathogenic(conflicting)

    (deafness,) = known.of_rsid("rs1603218434")
    assert deafness in known.of_rsid("rs267606617")
    assert deafness.assertion.classification == "Pathogenic/Pathogenic, low penetrance|drug response"
    assert not asserts_pathogenic(deafness.assertion), "low penetrance is another term"


def test_the_residue_of_a_missense_change_is_known(clinvar_vcf: MakeVcf, imports: Imports) -> None:
    done = imported(clinvar_vcf(*RECORDS), imports)
    assert done.release.rows["missense"] == 1
    (found,) = list(in_use(imports).within("15", 48415694, 48415694))
    assert found.protein_change is not None
    residue = int(found.protein_change[3:-3])
    assert in_use(imports).at_residue("FBN1", residue) == (found,)


def test_what_is_left_out_is_counted(clinvar_vcf: MakeVcf, imports: Imports) -> None:
    done = imported(clinvar_vcf(*RECORDS, *LEFT_OUT), imports)
    assert done.release.rows["assertions"] == 4
    assert done.release.left_out == {
        "no germline classification": 1,
        "alleles not written as bases": 1,
        "outside the primary chromosomes": 1,
        "unknown review status 'seen_by_a_bird'": 1,
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"reference": "GRCh37"}, "GRCh38"),
        ({"date": "yesterday"}, "fileDate"),
    ],
    ids=["other assembly", "no date"],
)
def test_another_file_is_refused(
    clinvar_vcf: MakeVcf, imports: Imports, change: dict[str, str], expected: str
) -> None:
    with pytest.raises(InvalidInput, match=expected):
        imported(clinvar_vcf(*RECORDS, **change), imports)
    assert imports.current() == {}


def test_a_file_without_germline_classifications_is_refused(clinvar_vcf: MakeVcf, imports: Imports) -> None:
    with pytest.raises(InvalidInput, match="no germline classification"):
        imported(clinvar_vcf(LEFT_OUT[0]), imports)


def test_a_cut_file_leaves_the_release_in_use(clinvar_vcf: MakeVcf, imports: Imports, tmp_path: Path) -> None:
    imported(clinvar_vcf(*RECORDS), imports)
    whole = clinvar_vcf(*RECORDS, *LEFT_OUT, date="2026-11-02", name="new.vcf.gz").read_bytes()
    for cut in (len(whole) // 2, len(whole) - 4):
        (tmp_path / "cut.vcf.gz").write_bytes(whole[:cut])
        with pytest.raises(InvalidInput, match="cannot be read"):
            imported(tmp_path / "cut.vcf.gz", imports)
    assert imports.current()["clinvar"].release == "2026-10-05"
    assert len(in_use(imports).releases[0]) == 4
    assert [path.name for path in imports.folder.glob("clinvar/.importing*")] == []


def test_a_bgzip_file_cut_at_a_block_border_is_refused(imports: Imports, tmp_path: Path) -> None:
    path = tmp_path / "clinvar.vcf.gz"
    with pysam.BGZFile(str(path), "wb") as handle:
        handle.write("".join(f"{record}\n" for record in RECORDS).encode())
    path.write_bytes(path.read_bytes()[:-28])
    with pytest.raises(InvalidInput, match="cut short"):
        imported(path, imports)


def test_the_same_files_again_change_nothing(clinvar_vcf: MakeVcf, imports: Imports) -> None:
    first = imported(clinvar_vcf(*RECORDS), imports)
    again = imported(clinvar_vcf(*RECORDS), imports)
    assert (first.unchanged, again.unchanged) == (False, True)
    assert again.release == first.release


def test_a_damaged_import_is_said_and_mended_by_importing_again(
    clinvar_vcf: MakeVcf,
    imports: Imports,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GENOMEWARD_STATE", str(imports.folder.parent))
    imported(clinvar_vcf(*RECORDS), imports)
    (imports.path("clinvar", "2026-10-05") / "import.json").write_text("{")
    assert main(["kb", "status"]) == 2
    assert "clinvar: the imported release 2026-10-05 is damaged; import it again" in capsys.readouterr().err
    assert main(["kb", "import", "clinvar", str(clinvar_vcf(*RECORDS))]) == 0
    assert main(["kb", "status"]) == 0


def test_the_release_before_is_kept_and_no_older_one(clinvar_vcf: MakeVcf, imports: Imports) -> None:
    for date in ("2026-09-07", "2026-10-05", "2026-11-02"):
        imported(clinvar_vcf(*RECORDS, date=date), imports)
    assert imports.current()["clinvar"].release == "2026-11-02"
    assert [found.release for found in imports.releases()] == ["2026-10-05", "2026-11-02"]


def test_a_slice_adds_to_the_shipped_release_and_is_named_in_it(
    clinvar_vcf: MakeVcf, imports: Imports
) -> None:
    before = shipped().part("assertions").of_accession("VCV000000057")
    assert before is not None
    imported(clinvar_vcf(*RECORDS), imports)
    knowledge = open_knowledge(None, imports.folder)
    assert knowledge.release.startswith(f"{shipped().release}+clinvar-2026-10-05+")
    assert len(knowledge.release) <= 64 - len("+guidance-01234567")
    known = knowledge.part("assertions")
    assert [a.release for a in known.at("13", 32337111, "AC", "A")] == ["2026-10-05"]
    assert known.of_accession("VCV000000057") == before
    spans = knowledge.part("screen").carriers
    assert any(100 in range(start, end) for start, end in zip(*_spans(spans, "1"), strict=True))


def _spans(spans: Any, chrom: str) -> tuple[Any, Any]:
    from service.domain.assembly import Assembly

    found = spans[Assembly.GRCH38, chrom]
    return found.starts, found.ends


def test_a_whole_clinvar_replaces_the_shipped_one(tmp_path: Path) -> None:
    rows = [
        {"chrom": "1", "start": str(n), "ref": "A", "alt": "G", "variation": str(n), "rs": "", "genes": "",
         "classification": "Pathogenic", "review": "practice guideline", "conditions": "",
         "condition_ids": "", "conflict": "", "release": "2020"}
        for n in range(1, 21)
    ]  # fmt: skip
    write_rows(rows, tmp_path / "shipped", {})
    write_rows(rows[:19], tmp_path / "whole", {})
    write_rows(rows[:10], tmp_path / "slice", {})
    whole = assertions.overlay(tmp_path / "shipped", {"clinvar": tmp_path / "whole"}, tmp_path / "a")
    assert whole == {"assertions": 19, "imported": 19, "of the shipped": 0}
    part_of_it = assertions.overlay(tmp_path / "shipped", {"clinvar": tmp_path / "slice"}, tmp_path / "b")
    assert part_of_it == {"assertions": 20, "imported": 10, "of the shipped": 10}
    assert len(list(assertions.load(tmp_path / "b").sites())) == 20

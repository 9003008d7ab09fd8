"""What a manifest may say, and what is refused without stopping the rest."""

from pathlib import Path

import pytest

from service.batch.manifest import read_manifest
from service.errors import InvalidOption


def manifest(folder: Path, text: str) -> Path:
    path = folder / "manifest.tsv"
    path.write_text(text, "utf-8")
    return path


def test_paths_are_relative_to_the_manifest(tmp_path: Path) -> None:
    tasks, refused = read_manifest(manifest(tmp_path, "sample_id\tvcf\tsex\nA\tin/a.vcf\tfemale\n"), {}, {})
    assert refused == []
    assert tasks[0].vcf == tmp_path / "in" / "a.vcf"
    assert dict(tasks[0].options) == {"sex": "female"}


def test_a_row_overrides_what_holds_for_all(tmp_path: Path) -> None:
    path = manifest(tmp_path, "sample_id\tvcf\tassembly\tcoverage\nA\ta.vcf\tGRCh37\tc.bed\nB\tb.vcf\t\t\n")
    tasks, _ = read_manifest(path, {"assembly": "GRCh38", "sex": "male"}, {"coverage": Path("all.bed")})
    assert [task.options["assembly"] for task in tasks] == ["GRCh37", "GRCh38"]
    assert [task.options["sex"] for task in tasks] == ["male", "male"]
    assert [task.files["coverage"] for task in tasks] == [tmp_path / "c.bed", Path("all.bed")]


@pytest.mark.parametrize("unsafe", ["../x", "a/b", ".hidden", "-rf", "a b", "", "x" * 65, "a\u202eb"])
def test_an_unsafe_sample_id_is_refused_and_the_others_run(tmp_path: Path, unsafe: str) -> None:
    tasks, refused = read_manifest(manifest(tmp_path, f"sample_id\tvcf\n{unsafe}\ta.vcf\nB\tb.vcf\n"), {}, {})
    assert [task.sample_id for task in tasks] == ["B"]
    assert [row.line for row in refused] == [2]
    assert refused[0].sample_id == "line-2"


def test_a_duplicate_is_refused_also_where_only_the_case_differs(tmp_path: Path) -> None:
    tasks, refused = read_manifest(manifest(tmp_path, "sample_id\tvcf\nA\ta.vcf\na\tb.vcf\n"), {}, {})
    assert [task.sample_id for task in tasks] == ["A"]
    assert "twice" in refused[0].reason


def test_a_row_without_a_vcf_is_refused(tmp_path: Path) -> None:
    _, refused = read_manifest(manifest(tmp_path, "sample_id\tvcf\nA\t\n"), {}, {})
    assert "no vcf" in refused[0].reason


@pytest.mark.parametrize(
    ("header", "expected"), [("sample_id\n", "lacks vcf"), ("sample_id\tvcf\tcolour\n", "colour")]
)
def test_a_header_that_is_none_names_the_column(tmp_path: Path, header: str, expected: str) -> None:
    with pytest.raises(InvalidOption, match=expected):
        read_manifest(manifest(tmp_path, header), {}, {})


def test_a_missing_manifest_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidOption, match="cannot read"):
        read_manifest(tmp_path / "none.tsv", {}, {})


def test_a_column_that_comes_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidOption, match="sex more than once"):
        read_manifest(manifest(tmp_path, "sample_id\tvcf\tsex\tsex\nA\ta.vcf\tmale\tfemale\n"), {}, {})

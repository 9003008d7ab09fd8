"""Two releases compared: what changed class is listed, wording alone is not."""

import json
from pathlib import Path
from typing import Any

import pytest

from service.cli import main
from service.errors import InvalidOption
from service.knowledge import assertions
from service.knowledge.assertion_table import write_rows
from service.knowledge.diff import Change, differences, open_release
from service.knowledge.imports import Imports
from tests.unit.knowledge.test_assertions import a_row

ONE, TWO = "criteria provided, single submitter", "criteria provided, multiple submitters, no conflicts"


def a_variant(number: int, **cells: Any) -> dict[str, str]:
    return a_row(chrom="1", start=100 * number, ref="C", alt="T", variation=number, genes="G") | cells


LIKELY = a_variant(3, classification="Likely pathogenic")
LOW_PENETRANCE = a_variant(11, classification="Pathogenic, low penetrance")
# (what it is, old row, new row, expected kind and whether it crosses the border of pathogenic)
CASES: tuple[tuple[str, dict[str, str] | None, dict[str, str] | None, tuple[str, bool] | None], ...] = (
    ("nothing", a_variant(1), a_variant(1), None),
    ("class", a_variant(2), a_variant(2, classification="Benign"), ("class", True)),
    ("class within pathogenic", a_variant(3), LIKELY, ("class", False)),
    ("stars", a_variant(4, review=ONE), a_variant(4, review=TWO), ("review", False)),
    (
        "wording",
        a_variant(5, classification="Conflicting interpretations of pathogenicity"),
        a_variant(5, classification="Conflicting classifications of pathogenicity"),
        None,
    ),
    ("added", None, a_variant(6), ("added", True)),
    ("removed", a_variant(7, classification="Benign"), None, ("removed", False)),
    ("a number at last", a_variant(8, variation=""), a_variant(8), None),
    ("another number", a_variant(9), a_variant(9, variation="900", classification="Benign"), ("class", True)),
    ("removed without number", a_variant(10, variation=""), None, ("removed", True)),
    ("to low penetrance", a_variant(11), LOW_PENETRANCE, ("class", True)),
)  # fmt: skip


def compared(tmp_path: Path, old: list[dict[str, str]], new: list[dict[str, str]]) -> list[Change]:
    write_rows(old, tmp_path / "old", {})
    write_rows(new, tmp_path / "new", {})
    return list(differences(assertions.load(tmp_path / "old"), assertions.load(tmp_path / "new")))


@pytest.mark.parametrize(("old", "new", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_one_record(
    tmp_path: Path, old: dict[str, str] | None, new: dict[str, str] | None, expected: tuple[str, bool] | None
) -> None:
    unchanged = a_variant(50)
    found = compared(tmp_path, [unchanged, *([old] if old else [])], [unchanged, *([new] if new else [])])
    assert [(change.kind, change.crosses) for change in found] == ([expected] if expected else [])


def test_all_at_once_is_the_sum_of_the_cases(tmp_path: Path) -> None:
    found = compared(tmp_path, [c[1] for c in CASES if c[1]], [c[2] for c in CASES if c[2]])
    expected = [c[3] for c in CASES if c[3]]
    assert sorted((change.kind, change.crosses) for change in found) == sorted(expected)


def test_a_changed_class_as_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GENOMEWARD_STATE", str(tmp_path / "state"))
    compared(tmp_path, [a_variant(2)], [a_variant(2, classification="Benign"), a_variant(6)])
    assert main(["kb", "diff", str(tmp_path / "old"), str(tmp_path / "new"), "--only", "class"]) == 0
    printed = capsys.readouterr()
    assert [json.loads(line) for line in printed.out.splitlines()] == [
        {
            "change": "class",
            "accession": "VCV000000002",
            "variant": "1-201-C-T",
            "genes": ["G"],
            "old": {"classification": "Pathogenic", "stars": 1, "release": "2025"},
            "new": {"classification": "Benign", "stars": 1, "release": "2025"},
            "crosses_pathogenic": True,
        }
    ]
    assert "1 class, 0 review, 1 added, 0 removed; 2 to or from (likely) pathogenic" in printed.err


def test_an_unknown_release_is_refused_with_those_known(tmp_path: Path) -> None:
    with pytest.raises(InvalidOption, match="shipped"):
        open_release("2019-01-01", {"shipped": tmp_path}, Imports(tmp_path))

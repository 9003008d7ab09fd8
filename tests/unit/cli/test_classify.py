"""`genomeward classify` as a command: lines out, exit code."""

import io
import json
from pathlib import Path

import pytest

from service.cli import main

GOOD = '{"variant": "16-68801726-C-T", "criteria": ["BA1"]}'


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENOMEWARD_STATE", str(tmp_path / "state"))


LOST = '{"variant": "16-68801726-C-T", "criteria": ["BA1", "PX9"]}'


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (LOST, 1),
        (GOOD, 0),
        ('{"variant": "16-68801726-C-T", "criteria": ["BA1"], "scores": {"REVEL": 3}}', 1),
    ],
    ids=["unknown criterion", "all used", "impossible score"],
)
def test_evidence_that_is_lost_shows_in_the_exit_code(
    line: str, code: int, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "variants.jsonl"
    path.write_text(line + "\n")
    assert main(["classify", "--input", str(path)]) == code
    assert json.loads(capfdbinary.readouterr().out)["classification"] == "Benign"


@pytest.mark.parametrize(("lines", "code"), [([GOOD], 0), ([GOOD, "nonsense", GOOD], 1)])
def test_exit_code_and_order(
    lines: list[str], code: int, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "variants.jsonl"
    path.write_text("\n".join(lines) + "\n")
    assert main(["classify", "--input", str(path)]) == code
    out = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [answer.get("classification") for answer in out] == [
        "Benign" if line == GOOD else None for line in lines
    ]


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(GOOD + "\n"))
    assert main(["classify", "--input", "-"]) == 0
    assert json.loads(capfdbinary.readouterr().out)["classification"] == "Benign"


@pytest.mark.parametrize(
    "arguments",
    [["--input", "missing.jsonl"], ["--scheme", "acmg", "1-1-A-T"], ["--likely-benign-at", "3", "1-1-A-T"]],
    ids=" ".join,
)
def test_what_cannot_run(arguments: list[str]) -> None:
    assert main(["classify", *arguments]) == 2

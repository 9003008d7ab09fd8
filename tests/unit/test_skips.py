"""Nothing is skipped unseen: in CI every skip is a failure, elsewhere it says its reason."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = "from tests.conftest import pytest_make_collect_report, pytest_runtest_makereport\n"
SKIPPING = """
import pytest
from tests.conftest import unavailable

@pytest.fixture
def absent():
    unavailable("no such program")

@pytest.mark.skipif(True, reason="by marker")
def test_marked(): ...

def test_with_fixture(absent): ...

def test_by_itself():
    pytest.skip("by itself")

@pytest.mark.xfail(strict=True, reason="a known defect")
def test_known_defect():
    assert False

def test_that_runs(): ...
"""
MODULE = "import pytest\npytest.skip('the whole module', allow_module_level=True)\n"
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("ci", "counts"),
    [
        ("true", {"failed": 1, "errors": 3, "xfailed": 1, "passed": 1}),
        ("", {"skipped": 4, "xfailed": 1, "passed": 1}),
    ],
)
def test_in_ci_every_skip_fails(tmp_path: Path, ci: str, counts: dict[str, int]) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_skipping.py").write_text(SKIPPING)
    (tmp_path / "test_module.py").write_text(MODULE)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    options = ("-q", "--continue-on-collection-errors", "-p", "no:cacheprovider")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, tmp_path],
        cwd=tmp_path,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stdout.splitlines()[-1]
    assert {kind: int(n) for n, kind in re.findall(r"(\d+) (\w+)", last)} == counts
    for reason in ("by marker", "no such program", "by itself", "the whole module"):
        assert (f"{reason} (in CI nothing may be skipped)" in done.stdout) is (ci == "true")

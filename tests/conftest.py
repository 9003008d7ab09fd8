"""Fixtures that every room shares."""

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from service.bootstrap import Genomeward

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failed one, whoever skipped it: a fixture, a marker or the test."""
    return without_skips((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """In CI a module that skips itself is a failure, too."""
    return without_skips((yield))


def without_skips(report: Report) -> Report:
    """The report, turned into a failure where CI is set and it says skipped; an expected failure stays."""
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason} (in CI nothing may be skipped)"
    return report


def unavailable(reason: str) -> None:
    """Skip with a reason; in CI every skip fails."""
    pytest.skip(reason)


def pytest_addoption(parser: pytest.Parser) -> None:
    """A switch for golden files: they are rewritten, and the difference is read by people."""
    parser.addoption("--update-golden", action="store_true", default=False, help="rewrite golden files")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The conformance material and larger real data, named by GENOMEWARD_SHARED."""
    place = Path(os.environ.get("GENOMEWARD_SHARED", "../shared"))
    if not (place / "conformance" / "check_gr.py").is_file():
        unavailable(f"GENOMEWARD_SHARED is not set, or {place.name!r} holds no conformance checker")
    return place.resolve()


def needs_program(*names: str) -> str:
    """Path of the first of the programs that is installed; skips when none is."""
    for name in names:
        if found := shutil.which(name):
            return found
    unavailable(f"none of {', '.join(names)} is installed")
    raise AssertionError("unreachable")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a headless-capable Chromium."""
    return needs_program("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser(chromium: str) -> "Iterator[Browser]":
    """A running Chromium. No longer than a module: while it runs its thread has an event loop."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--headless"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def genomeward(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Genomeward]":
    """The service on embedded defaults, opened once for all tests that only ask it."""
    from service.bootstrap import open_genomeward
    from service.settings import Settings

    with open_genomeward(Settings(state=tmp_path_factory.mktemp("state"), id_key=b"k" * 32)) as opened:
        yield opened


@pytest.fixture(scope="session")
def bcftools() -> str:
    """Path of bcftools."""
    return needs_program("bcftools")

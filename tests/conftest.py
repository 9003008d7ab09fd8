"""Fixtures that every room shares."""

import os
import shutil
from pathlib import Path

import pytest


def unavailable(reason: str) -> None:
    """Skip with a reason; in CI a missing tool is a failure, not a skip."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (in CI this must not be skipped)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The conformance material and larger real data, named by GENOMEWARD_SHARED."""
    place = Path(os.environ.get("GENOMEWARD_SHARED", "../shared"))
    if not (place / "conformance" / "check_gr.py").is_file():
        unavailable(f"GENOMEWARD_SHARED is not set, or {place.name!r} holds no conformance checker")
    return place.resolve()


def needs_program(*names: str) -> str:
    """Path of the first of the programs that is installed; skips (in CI: fails) when none is."""
    for name in names:
        if found := shutil.which(name):
            return found
    unavailable(f"none of {', '.join(names)} is installed")
    raise AssertionError("unreachable")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a headless-capable Chromium."""
    return needs_program("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def bcftools() -> str:
    """Path of bcftools."""
    return needs_program("bcftools")

"""The service as its users meet it: the real command, the real HTTP surface, the compiled knowledge base."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.api.app import create_app
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


class Finished:
    """A finished command."""

    def __init__(self, done: subprocess.CompletedProcess[bytes]) -> None:
        self.code = done.returncode
        self.out = done.stdout
        self.error = done.stderr.decode()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """JSON lines of standard output; fails where one is not ASCII."""
        return [json.loads(line.decode("ascii")) for line in self.out.splitlines()]


Run = Callable[..., Finished]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `genomeward` as a process of its own, with its own state folder."""

    def genomeward(*arguments: object, stdin: bytes | None = None, **environment: str) -> Finished:
        done = subprocess.run(
            [sys.executable, "-m", "service.cli", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=ROOT,
            env={**os.environ, "GENOMEWARD_STATE": str(tmp_path / "state"), **environment},
            timeout=120,
            check=False,
        )
        return Finished(done)

    return genomeward


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The HTTP surface over a fresh database."""
    state = tmp_path_factory.mktemp("state")
    settings = Settings(state=state, id_key=b"a key for the journeys", upload_limit_bytes=4_000_000)
    with TestClient(create_app(settings)) as opened:
        yield opened

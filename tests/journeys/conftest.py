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
from tests.conformance import ConformanceRecord

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="session")
def conformance_record() -> ConformanceRecord:
    """All resources that the journeys made."""
    return ConformanceRecord()


@pytest.fixture(autouse=True)
def everything_conforms(conformance_record: ConformanceRecord) -> Iterator[None]:
    """Fails a journey in which a Bundle does not conform to Genomics Reporting 3.0.0."""
    yield
    failures, conformance_record.failures = conformance_record.failures, []
    assert failures == []


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
def run(tmp_path: Path, conformance_record: ConformanceRecord) -> Run:
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
        for line in done.stdout.splitlines():
            conformance_record.see(line)
        for written in sorted(tmp_path.rglob("bundle.json")):
            conformance_record.see(written.read_bytes())
        return Finished(done)

    return genomeward


class RecordingClient(TestClient):
    """A client that shows every answer to the conformance record."""

    record: ConformanceRecord

    def request(self, *arguments: Any, **options: Any) -> Any:
        answer = super().request(*arguments, **options)
        self.record.see(answer.content)
        return answer


@pytest.fixture(scope="session")
def client(
    tmp_path_factory: pytest.TempPathFactory, conformance_record: ConformanceRecord
) -> Iterator[TestClient]:
    """The HTTP surface over a fresh database."""
    state = tmp_path_factory.mktemp("state")
    settings = Settings(state=state, id_key=b"a key for the journeys", upload_limit_bytes=4_000_000)
    with RecordingClient(create_app(settings)) as opened:
        opened.record = conformance_record
        yield opened

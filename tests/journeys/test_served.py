"""The service as a process behind a socket: what no test client can send, and what a killed client leaves."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.conftest import free_port
from tests.journeys.conftest import EXAMPLES, ROOT

VCF = (EXAMPLES / "brca1-carrier.vcf").read_bytes()
START_LIMIT_S = 60


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case, body."""

    status: int
    headers: dict[str, str]
    body: bytes


class Served:
    """A started `genomeward serve`."""

    def __init__(self, state: Path, **environment: str) -> None:
        self.port = free_port()
        self.log = state / "serve.log"
        state.mkdir(exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "service.cli", "serve", "--port", str(self.port)],
                cwd=ROOT,
                env={**os.environ, "GENOMEWARD_STATE": str(state), **environment},
                stdout=log,
                stderr=log,
            )
        give_up = time.monotonic() + START_LIMIT_S
        while time.monotonic() < give_up and self.process.poll() is None:
            try:
                if self.send(b"GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n").status == 200:
                    return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise AssertionError(self.log.read_text("utf-8"))

    def send(self, request: bytes) -> Answer:
        """Bytes as they are; the first answer to them."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line:
            line.sendall(request)
            with line.makefile("rb") as reading:
                status = int(reading.readline().split()[1])
                headers = {}
                while (text := reading.readline().decode("latin-1").strip()) != "":
                    name, _, value = text.partition(":")
                    headers[name.lower()] = value.strip()
                body = b"" if request.startswith(b"HEAD ") else reading.read(int(headers["content-length"]))
                if request.startswith(b"HEAD "):
                    line.shutdown(socket.SHUT_WR)
                    body = reading.read()
        return Answer(status, headers, body)

    def post(self, content: bytes, **headers: str) -> Answer:
        """A body for `$interpret`."""
        stated = {"Content-Type": "text/vcf", "Genomeward-Subject": "p-30"}
        stated |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{name}: {value}" for name, value in stated.items()]
        head = [
            "POST /fhir/$interpret HTTP/1.1",
            "Host: x",
            f"Content-Length: {len(content)}",
            *lines,
            "",
            "",
        ]
        return self.send("\r\n".join(head).encode("latin-1") + content)

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait(timeout=30)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    started = Served(tmp_path_factory.mktemp("served"))
    yield started
    started.stop()


def is_outcome(answer: Answer) -> bool:
    return (
        answer.headers["content-type"] == "application/fhir+json"
        and json.loads(answer.body)["resourceType"] == "OperationOutcome"
    )


POST = b"POST /fhir/$interpret HTTP/1.1\r\nHost: x\r\nContent-Type: text/vcf\r\nGenomeward-Subject: p\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(b"this is no request\r\n\r\n", 400, id="no-request-line"),
        pytest.param(b"GET / HTTP/9.9\r\n\r\n", 400, id="unknown-version"),
        pytest.param(b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", 400, id="address-not-ascii"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nno colon here\r\n\r\n", 400, id="header-without-colon"),
        pytest.param(POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, id="two-lengths"),
        pytest.param(POST + b"Content-Length: -4\r\n\r\nab", 400, id="negative-length"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc", 400, id="chunk-size-no-number"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, id="tls-hello"),
        pytest.param(POST + b"X: " + b"a" * 200_000 + b"\r\n\r\n", 431, id="long-header"),
        pytest.param(POST + b"X: " + b"a" * 400_000, 431, id="header-without-end"),
        pytest.param(b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431, id="long-address"),
        pytest.param(POST + b"".join(b"X-%d: a\r\n" % n for n in range(20_000)) + b"\r\n", 431, id="many"),
    ],
)
def test_what_is_no_request_gets_an_operation_outcome(
    served: Served, request_bytes: bytes, status: int
) -> None:
    answer = served.send(request_bytes)
    assert answer.status == status
    assert is_outcome(answer)
    assert answer.headers["connection"] == "close"
    assert b"aaaa" not in answer.body
    assert served.send(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").status == 200


def test_head_is_get_without_the_body(served: Served) -> None:
    stored = served.post(VCF)
    assert stored.status == 201
    report = stored.headers["location"].partition("/fhir/")[2]
    page = f"/reports/{report.rpartition('/')[2]}"
    for address in ("/fhir/metadata", f"/fhir/{report}", page, "/health/live", "/fhir/Observation/none"):
        read = served.send(f"GET {address} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        asked = served.send(f"HEAD {address} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert (asked.status, asked.body) == (read.status, b"")
        for header in ("content-length", "content-type", "cache-control"):
            assert asked.headers.get(header) == read.headers.get(header)
    assert served.send(b"HEAD /fhir/$interpret HTTP/1.1\r\nHost: x\r\n\r\n").headers["allow"] == "POST"
    assert "HEAD /fhir/metadata 200" in served.log.read_text("utf-8")


def test_a_caller_that_goes_away_leaves_no_error_and_no_input_in_the_log(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port)) as line:
        line.sendall(POST + b"Content-Length: 100000\r\n\r\n" + VCF[:1000])
    with socket.create_connection(("127.0.0.1", served.port)) as line:
        line.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n")
        line.recv(4096)
    assert served.post(VCF).status == 201
    logged = served.log.read_text("utf-8")
    assert "Traceback" not in logged
    assert "ClientDisconnect" not in logged

"""The service as a process behind a socket: what no test client can send, and what a killed client leaves."""

import json
import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from service.store.database import open_engine, sqlite_url
from tests.journeys.conftest import EXAMPLES, Run
from tests.served import Answer, Served

VCF = (EXAMPLES / "brca1-carrier.vcf").read_bytes()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    started = Served(tmp_path_factory.mktemp("served"))
    yield started
    started.stop()


def test_what_cannot_be_served_could_not_run(run: Run, served: Served) -> None:
    for arguments, said in (
        (("--port", served.port), "address already in use"),
        (("--port", 99_999), "--port"),
        (("--port", 0), "--port"),
        (("--workers", 0), "--workers"),
        (("--host", "0.0.0.0"), "GENOMEWARD_TOKENS"),
    ):
        done = run("serve", *arguments)
        assert (done.code, done.out, said in done.error) == (2, b"", True), done.error
        assert "Traceback" not in done.error
    chains = run("serve", GENOMEWARD_CHAIN_37_TO_38=str(EXAMPLES / "brca1-carrier.vcf"))
    assert (chains.code, "GENOMEWARD_CHAIN_37_TO_38" in chains.error) == (2, True), chains.error
    assert "Traceback" not in chains.error
    gone = run("serve", GENOMEWARD_DATABASE_URL="postgresql://u:secret@127.0.0.1:1/x")
    assert gone.code == 2
    assert "cannot open postgresql" in gone.error
    assert "secret" not in gone.error
    assert "Traceback" not in gone.error


def is_outcome(answer: Answer) -> bool:
    return (
        answer.headers["content-type"] == "application/fhir+json"
        and json.loads(answer.body)["resourceType"] == "OperationOutcome"
    )


POST = b"POST /fhir/$interpret HTTP/1.1\r\nHost: x\r\nContent-Type: text/vcf\r\nGenomeward-Subject: p\r\n"


def test_a_client_that_offers_http2_in_plain_text_keeps_its_body(served: Served) -> None:
    """As Java's client does by default: the offer is not taken, and the body is no part of it."""
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
    length = b"Content-Length: %d\r\n\r\n" % len(VCF)
    answer = served.send(POST + offer + length + VCF)
    assert answer.status == 201, answer.body


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
        pytest.param(POST + b"X: " + b"a" * 900_000, 431, id="header-without-end"),
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
    assert served.get("/health/live").status == 200


@pytest.mark.parametrize("size", [1_000, 60_000, 70_000, 300_000, 3_000_000])
def test_a_long_body_is_no_long_head(served: Served, size: int) -> None:
    """Two requests on one connection; the second's head begins in the piece that ends the first's body."""
    body = VCF + b"chr1\t1000\t.\tA\tC\t.\tPASS\t.\tGT\t0/1\n" * (size // 36)
    head = POST + f"Content-Length: {len(body)}\r\n\r\n".encode()
    live = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as line:
        line.sendall(head + body + live[:20])
        time.sleep(0.1)
        line.sendall(live[20:])
        with line.makefile("rb") as reading:
            answered = reading.read()
    assert answered.startswith(b"HTTP/1.1 201 ")
    assert answered.endswith(b'{"status":"live"}')


def test_head_is_get_without_the_body(served: Served) -> None:
    stored = served.post(VCF)
    assert stored.status == 201
    report = stored.headers["location"].partition("/fhir/")[2]
    page = f"/reports/{report.rpartition('/')[2]}"
    for address in ("/fhir/metadata", f"/fhir/{report}", page, "/health/live", "/fhir/Observation/none"):
        read = served.get(address)
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


KILOBYTE = 1024
MOST_POSTS = 200


def test_a_disk_that_is_full_is_said_and_leaves_only_whole_results(tmp_path: Path) -> None:
    """No file of the service can grow beyond 400 kB, as on a full disk; then there is room again."""
    full = Served(tmp_path / "state")
    try:
        unlimited = resource.prlimit(full.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(full.process.pid, resource.RLIMIT_FSIZE, (400 * KILOBYTE, unlimited[1]))
        upload = full.post(VCF + b"#" * 1_000_000)
        assert (upload.status, is_outcome(upload)) == (507, True)
        stored = []
        for number in range(MOST_POSTS):
            answer = full.post(VCF, Genomeward_Subject=f"p-{number}")
            if answer.status != 201:
                break
            stored.append(answer.headers["location"].partition("/fhir")[2])
        assert stored
        assert (answer.status in {503, 507}, is_outcome(answer)) == (True, True)
        assert json.loads(answer.body)["issue"][0]["code"] == "no-store"
        assert full.get("/health/live").status == 200
        resource.prlimit(full.process.pid, resource.RLIMIT_FSIZE, unlimited)
        assert full.get("/fhir" + stored[0]).status == 200
        again = full.post(VCF, Genomeward_Subject="p-later")
        assert again.status == 201
    finally:
        full.stop()
    engine = open_engine(sqlite_url(tmp_path / "state"))
    with engine.connect() as connection:
        counted = {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in (
                "result",
                "audit WHERE action = 'interpret'",
                "resource WHERE resource_type = 'Bundle'",
            )
        }
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    engine.dispose()
    assert set(counted.values()) == {len(stored) + 1}

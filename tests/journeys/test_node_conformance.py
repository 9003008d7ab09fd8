"""`genomeward node serve` under the Beacon v2 validator's own walk over a live node.

The walk sends a request that it writes itself, with flat parameters as national nodes want them, and holds
that request against the schema too, which wants objects there: one failure that says nothing of the node, so
that the walk never ends with status 0.
"""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("/info", "/service-info", "/configuration", "/map", "/entry_types", "/filtering_terms")
FLAT = {"assemblyId", "referenceName", "start", "referenceBases", "alternateBases"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The API of a node over the demo's Finnish counts, as a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "service.cli", "node", "serve", "--port", str(port)]
    command += ["--counts", str(ROOT / "knowledgebase/frequency/demo/FI.tsv"), "--country", "FI"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/api"
    try:
        give_up = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"{address}/info")
                break
            except httpx.ConnectError:
                assert process.poll() is None
                assert time.monotonic() < give_up
                time.sleep(0.05)
        yield address
    finally:
        process.kill()
        process.wait()


@pytest.mark.shared
@pytest.mark.parametrize(
    ("variant", "status", "kind"),
    [
        ("GRCh38:10:94781858:G:A", 200, "resultsets"),
        ("GRCh38:10:94781858:G:C", 200, "resultsets"),
        ("GRCh38:10:94781858:G:G", 400, "error"),
        ("GRCh37:10:94781858:G:A", 400, "error"),
    ],
    ids=["listed", "not-listed", "no-change", "other-build"],
)
def test_every_document_of_a_live_node_is_valid(
    url: str, shared: Path, variant: str, status: int, kind: str
) -> None:
    script = shared / "conformance/beacon/validate_beacon.py"
    command = [sys.executable, str(script), "--url", url, "--gdi", "--variant", variant]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert f"/g_variants HTTP {status}" in lines
    fine = [line.split()[1:] for line in lines if line.startswith("OK ")]
    expected = [[name, f"[{name.strip('/')}]"] for name in DOCUMENTS]
    assert fine == [*expected, ["POST", "/g_variants", f"[{kind}]"]], done.stdout + done.stderr
    (failed,) = [line for line in lines if line.startswith("FAIL ")]
    assert failed == f"FAIL request [request] {len(FLAT)} problem(s)"
    problems = [line.strip() for line in lines if line.startswith("      - ")]
    said = [re.fullmatch(r"- query/requestParameters/(\w+): .* is not of type 'object'", p) for p in problems]
    assert {found[1] for found in said if found} == FLAT, problems
    assert len(problems) == len(FLAT)
    assert done.returncode == 1  # for that request alone; the day that it is 0, this says so

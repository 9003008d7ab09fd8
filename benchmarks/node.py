"""Answers a second of a national node on one core, beside the limit.

Run: python benchmarks/node.py [COUNTS]
A node is started as its own process over a counts file (the demo's GB by default). One connection asks exact
questions by POST, one after another; the figure is answers per second of the server's whole-process CPU time
(user and system, from /proc), so that the client and other work on the machine do not count. The wall-clock
rate of that one connection is printed beside it.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import orjson

LIMIT = 1_000
QUESTIONS = 5_000
DEMO = Path(__file__).parents[1] / "knowledgebase/frequency/demo/GB.tsv"
START = (
    "import sys; from pathlib import Path; from service.node.app import NodeOptions; "
    "from service.node.serve import serve; serve(Path(sys.argv[1]), NodeOptions('GB'), port=int(sys.argv[2]))"
)


def question(start: int, ref: str, alt: str) -> bytes:
    """One exact question as it goes over the wire."""
    parameters = {
        "assemblyId": "GRCh38",
        "referenceName": "10",
        "start": [start],
        "referenceBases": ref,
        "alternateBases": alt,
    }
    body = orjson.dumps({"meta": {"apiVersion": "v2.0.0"}, "query": {"requestParameters": parameters}})
    head = f"POST /api/g_variants HTTP/1.1\r\nHost: n\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def answer(connection: socket.socket) -> bytes:
    """The body of one answer."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return body


def cpu_seconds(process: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def connected(port: int) -> socket.socket:
    """A connection, as soon as the node listens."""
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise SystemExit("the node did not start")


def main(counts: Path) -> int:
    """Print the rates; 1 when the limit is missed."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(counts), str(port)], stderr=subprocess.DEVNULL
    )
    try:
        connection = connected(port)
        questions = [question(94781858, "G", "A"), question(94780652, "G", "A"), question(94781858, "G", "T")]
        for each in questions:
            connection.sendall(each)
            assert b"responseSummary" in answer(connection)
        cpu, began = cpu_seconds(process.pid), time.perf_counter()
        for number in range(QUESTIONS):
            connection.sendall(questions[number % len(questions)])
            answer(connection)
        took, spent = time.perf_counter() - began, cpu_seconds(process.pid) - cpu
        connection.close()
    finally:
        process.terminate()
        process.wait()
    rate = QUESTIONS / spent
    print(f"g_variants answers per CPU second: {rate:,.0f} (limit {LIMIT:,})")
    print(f"g_variants answers per second over one connection: {QUESTIONS / took:,.0f}")
    return int(rate < LIMIT)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEMO))

"""`genomeward serve` as a process of its own, spoken to byte by byte."""

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
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
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
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
                if self.get("/health/ready").status == 200:
                    return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise AssertionError(self.log.read_text("utf-8"))

    def get(self, address: str) -> Answer:
        """What is at an address."""
        return self.send(f"GET {address} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

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

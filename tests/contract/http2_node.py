"""A Beacon node behind TLS that speaks HTTP/2 where the client offers it, else HTTP/1.1; in this process.

The certificate is made for the test by `openssl`, for 127.0.0.1 and two days.
"""

import asyncio
import json
import ssl
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events

from tests.conftest import needs_program

Answer = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass
class Spoken:
    """What one connection carried: its protocol, the questions, and how many were open at once."""

    protocol: str
    questions: int = 0
    most_open: int = 0


@dataclass
class TlsNode:
    """The node. `offers` are the ALPN names it knows, best first; every POST is answered by `answer`."""

    folder: Path
    offers: tuple[str, ...]
    answer: Answer
    connections: list[Spoken] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> "TlsNode":
        certificate, key = make_certificate(self.folder)
        self.trust = ssl.create_default_context(cafile=str(certificate))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._context.set_alpn_protocols(list(self.offers))
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)))
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self._context)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stop.wait()
        server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol = writer.get_extra_info("ssl_object").selected_alpn_protocol() or "none"
        spoken = Spoken(protocol)
        self.connections.append(spoken)
        speak = self._speak_2 if protocol == "h2" else self._speak_1
        try:
            await speak(reader, writer, spoken)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the client left
        finally:
            writer.close()

    async def _speak_1(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, spoken: Spoken
    ) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").casefold()
            length = next(
                (line[15:] for line in head.split("\r\n") if line.startswith("content-length:")), ""
            )
            status, body = self._reply(
                head.split(" ", 1)[0], await reader.readexactly(int(length or 0)), spoken
            )
            writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()

    async def _speak_2(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, spoken: Spoken
    ) -> None:
        """Questions are gathered while they come, and answered in the opposite order."""
        line = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        line.initiate_connection()
        writer.write(line.data_to_send())
        methods: dict[int, str] = {}
        bodies: dict[int, bytearray] = {}
        complete: list[int] = []
        while data := await self._more(reader, wait=not complete):
            for event in line.receive_data(data) if data != b"quiet" else ():
                if isinstance(event, h2.events.RequestReceived):
                    headers = {bytes(name): bytes(value) for name, value in event.headers}
                    methods[event.stream_id] = headers[b":method"].decode()
                    bodies[event.stream_id] = bytearray()
                elif isinstance(event, h2.events.DataReceived):
                    bodies[event.stream_id] += event.data
                    line.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    complete.append(event.stream_id)
            spoken.most_open = max(spoken.most_open, len(complete))
            if data == b"quiet":
                for stream in reversed(complete):
                    status, body = self._reply(methods.pop(stream), bytes(bodies.pop(stream)), spoken)
                    line.send_headers(stream, [(":status", str(status))])
                    line.send_data(stream, body, end_stream=True)
                complete.clear()
            writer.write(line.data_to_send())
            await writer.drain()

    @staticmethod
    async def _more(reader: asyncio.StreamReader, *, wait: bool) -> bytes:
        """What the client sends; `quiet` where it has nothing more to say for a moment; empty at its end."""
        try:
            async with asyncio.timeout(None if wait else 0.02):
                return await reader.read(1 << 16)
        except TimeoutError:
            return b"quiet"

    def _reply(self, method: str, body: bytes, spoken: Spoken) -> tuple[int, bytes]:
        if method.upper() != "POST":
            return 404, b"{}"
        spoken.questions += 1
        return 200, json.dumps(self.answer(json.loads(body)["query"]["requestParameters"])).encode()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = [
        needs_program("openssl"),
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=test node"]
    subprocess.run([*command, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return certificate, key

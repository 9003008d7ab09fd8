"""A loopback server that publishes files as NCBI does: listings, ETag, ranges, checksums; and breaks off."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Publisher:
    """Paths and their bytes. `break_after` ends each answer of a file after so many bytes."""

    files: dict[str, bytes] = field(default_factory=dict)
    break_after: int | None = None
    bytes_a_second: int | None = None
    ranges: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def publish(self, path: str, content: bytes, *, md5: bool = True) -> None:
        """Put a file there, with its `.md5` as NCBI writes it."""
        self.files[path] = content
        if md5:
            name = path.rsplit("/", 1)[-1]
            self.files[f"{path}.md5"] = f"{hashlib.md5(content).hexdigest()}  {name}\n".encode()


def _handler(publisher: Publisher) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def do_GET(self) -> None:
            asked_range = self.headers.get("Range", "")
            publisher.asked.append((self.path, asked_range))
            if self.path.endswith("/"):
                names = [p[len(self.path) :] for p in publisher.files if p.startswith(self.path)]
                self._answer(200, "".join(f'<a href="{n}">{n}</a>\n' for n in sorted(names)).encode(), "")
                return
            content = publisher.files.get(self.path)
            if content is None:
                self._answer(404, b"not here", "")
                return
            etag = f'"{hashlib.md5(content).hexdigest()[:8]}"'
            start = 0
            if asked_range and publisher.ranges and self.headers.get("If-Range", etag) == etag:
                start = int(asked_range.removeprefix("bytes=").rstrip("-"))
            if start > len(content):
                self._answer(416, b"", etag)
                return
            self._answer(206 if start else 200, content[start:], etag, start, len(content))

        def _answer(self, status: int, body: bytes, etag: str, start: int = 0, size: int = 0) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if etag:
                self.send_header("ETag", etag)
            if status == 206:
                self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
            self.end_headers()
            limit = len(body) if publisher.break_after is None else min(publisher.break_after, len(body))
            step = 1 << 14
            for at in range(0, limit, step):
                try:
                    self.wfile.write(body[at : min(at + step, limit)])
                except OSError:
                    return
                if publisher.bytes_a_second:
                    time.sleep(step / publisher.bytes_a_second)
            if limit < len(body):
                self.close_connection = True

    return Handler


@contextmanager
def publishing() -> Iterator[Publisher]:
    """A publisher that serves until the block ends."""
    publisher = Publisher()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(publisher))
    publisher.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield publisher
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

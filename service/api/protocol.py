"""What arrives before it is a request: bounded, and refused with an OperationOutcome too."""

import logging
import re
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.api.errors import FHIR_JSON
from service.errors import GenomewardError, InputTooLarge, InvalidInput
from service.fhir.outcome import operation_outcome_bytes

# Request line and headers together; options that need more come as parts of a multipart body.
HEAD_LIMIT_BYTES = 64 * 1024
# An offer of another protocol, which a server may ignore (RFC 9110, 7.8). The parser would take the body for
# that protocol's.
_UPGRADE = re.compile(rb"\r\nupgrade:[^\r\n]*(?=\r\n)", re.IGNORECASE)
log = logging.getLogger("genomeward.request")


class HeadTooLarge(InputTooLarge):
    """Request line and headers beyond the limit."""

    http_status = 431


class OutcomeProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn reads it; what cannot be read as HTTP is answered like every other error.

    uvicorn's parser bounds no header, so this does: the head of a request has at most HEAD_LIMIT_BYTES.
    """

    _head_bytes = 0
    # The heads begun so far, and whether the last of them still goes on.
    _heads = 0
    _in_head = False
    _in_message = False
    _refused = False

    def data_received(self, data: bytes) -> None:
        """Read on, and stop where a head does not end.

        A piece counts only where all of it belongs to one head: it may begin with the end of a body.
        """
        if self._refused:
            return
        if self._in_head or not self._in_message:
            data = _without_upgrade(data)
        before = self._heads if self._in_head else None
        super().data_received(data)
        if self._in_head and self._heads == before and not self._refused:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT_BYTES:
                self.send_400_response("head")

    def on_message_begin(self) -> None:
        """A new request: its head begins."""
        super().on_message_begin()
        self._head_bytes, self._in_head, self._in_message = 0, True, True
        self._heads += 1

    def on_headers_complete(self) -> None:
        """The head is whole; one that is too long ends the connection."""
        self._in_head = False
        self._head_bytes = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if self._head_bytes > HEAD_LIMIT_BYTES:
            raise ValueError("head")  # the parser gives up, and `send_400_response` says why
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is whole; what follows is another request."""
        super().on_message_complete()
        self._in_message = False

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the parser's words are not for callers
        """Refuse and close. Where an answer is under way already, only close."""
        if self._refused:
            return
        self._refused = True
        error: GenomewardError = InvalidInput("this cannot be read as an HTTP/1.1 request", where="request")
        if self._head_bytes > HEAD_LIMIT_BYTES:
            error = HeadTooLarge(
                f"request line and headers have more than {HEAD_LIMIT_BYTES:,} bytes", where="headers"
            )
        log.info("unread request %d", error.http_status)
        waits_for_us = self.cycle is None or self.cycle.response_complete or not self.cycle.response_started
        if waits_for_us and not self.pipeline:
            self.transport.write(_refusal(error))
        self.transport.close()


def _without_upgrade(data: bytes) -> bytes:
    """A head without its offer of another protocol; what stands behind the head stays as it is."""
    head, end, rest = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"", head + end[:2]) + end[2:] + rest


def _refusal(error: GenomewardError) -> bytes:
    body = operation_outcome_bytes(error)
    status = HTTPStatus(error.http_status)
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"content-type: {FHIR_JSON}",
        f"content-length: {len(body)}",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode("ascii") + body

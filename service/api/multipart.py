"""A multipart body: the variant file to disk, small attachments to memory, each under its limit."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, BinaryIO

from fastapi import Request

from service.errors import InputTooLarge, InvalidInput, InvalidOption
from service.files import storage_error

VARIANTS = "variants"
# All attachments together: coverage of an exome is the largest of them.
ATTACHMENT_LIMIT_BYTES = 64 * 1024**2


@dataclass(slots=True)
class Parts:
    """What the parts held: the file of variants, and the other parts by name as bytes."""

    variants: BinaryIO
    attachments: dict[str, bytearray] = field(default_factory=dict)
    has_variants: bool = False

    def text(self, name: str) -> str | None:
        """A part as text; None where it was not sent. Raises InvalidOption when it is not UTF-8."""
        if name not in self.attachments:
            return None
        try:
            return self.attachments[name].decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InvalidOption("the part is not UTF-8 text", where=name) from None


@asynccontextmanager
async def parts_on_disk(
    request: Request, limit_bytes: int, allowed: Callable[[str], bool]
) -> AsyncIterator[Parts]:
    """The parts of a multipart/form-data body; the variants as a file without a name, at its start.

    Raises:
        InvalidInput: not multipart, or cut off. InvalidOption: a part that is unknown or sent twice.
        InputTooLarge: the variants or the attachments pass their limit.
    """
    with tempfile.TemporaryFile() as handle:
        parts = Parts(handle)
        reader = _Reader(parts, limit_bytes, allowed)
        try:
            await _feed(request, reader)
            handle.seek(0)
        except OSError as error:
            raise storage_error("the upload cannot be kept", error) from error
        if not reader.ended:
            raise InvalidInput("the multipart body was cut off before its last boundary", where="body")
        if not parts.has_variants:
            raise InvalidOption("no part of this name holds the variant file", where=VARIANTS)
        yield parts


async def _feed(request: Request, reader: "_Reader") -> None:
    from python_multipart.exceptions import MultipartParseError
    from python_multipart.multipart import MultipartParser, parse_options_header

    _, options = parse_options_header(request.headers.get("content-type", ""))
    if not options.get(b"boundary"):
        raise InvalidInput("the multipart type names no boundary", where="Content-Type")
    parser = MultipartParser(options[b"boundary"], reader.callbacks())
    try:
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
    except MultipartParseError:
        raise InvalidInput("the body is not multipart/form-data as its boundary says", where="body") from None


class _Reader:
    """Puts the bytes of each part where they belong."""

    def __init__(self, parts: Parts, limit_bytes: int, allowed: Callable[[str], bool]) -> None:
        self.ended = False
        self._parts = parts
        self._limit, self._allowed = limit_bytes, allowed
        self._received = self._attached = 0
        self._field, self._value, self._headers = b"", b"", Message()
        self._name = ""

    def callbacks(self) -> Any:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._on_field,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header,
            "on_headers_finished": self._on_headers,
            "on_part_data": self._on_data,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._headers = Message()

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header(self) -> None:
        self._headers[self._field.decode("latin-1")] = self._value.decode("latin-1")
        self._field = self._value = b""

    def _on_headers(self) -> None:
        name = self._headers.get_param("name", "", "content-disposition")
        self._name = str(name).lower().replace("_", "-")
        if self._name == VARIANTS:
            repeated, self._parts.has_variants = self._parts.has_variants, True
        elif self._allowed(self._name):
            repeated = self._name in self._parts.attachments
            self._parts.attachments[self._name] = bytearray()
        else:
            raise InvalidOption("a part has a name that is not one of the documented ones", where="parts")
        if repeated:
            raise InvalidOption("the part was sent twice", where=self._name)

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        size = end - start
        if self._name == VARIANTS:
            self._received += size
            if self._received > self._limit:
                raise InputTooLarge(f"the variants passed the limit of {self._limit:,} bytes")
            self._parts.variants.write(data[start:end])
            return
        self._attached += size
        if self._attached > ATTACHMENT_LIMIT_BYTES:
            raise InputTooLarge(f"the attachments passed the limit of {ATTACHMENT_LIMIT_BYTES:,} bytes")
        self._parts.attachments[self._name] += data[start:end]

    def _end(self) -> None:
        self.ended = True

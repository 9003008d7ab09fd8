"""A request body, streamed to disk under a limit."""

import tempfile
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import BinaryIO

from fastapi import Request

from service.errors import InputTooLarge, InvalidInput
from service.files import storage_error


def refuse_stated_length(request: Request, limit_bytes: int) -> None:
    """Raises InputTooLarge before anything is read, where the request itself says that it is too long."""
    stated = request.headers.get("content-length", "")
    if stated.isdigit() and int(stated) > limit_bytes:
        raise InputTooLarge(f"the body has {int(stated):,} bytes; at most {limit_bytes:,} are accepted")


@asynccontextmanager
async def body_on_disk(request: Request, limit_bytes: int) -> AsyncIterator[BinaryIO]:
    """The body as a file without a name, at its start. Raises InputTooLarge at the limit.

    No folder lists the file: it is gone with the process, however that ends.
    """
    refuse_stated_length(request, limit_bytes)
    with tempfile.TemporaryFile() as handle:
        received = 0
        try:
            async for chunk in request.stream():
                received += len(chunk)
                if received > limit_bytes:
                    raise InputTooLarge(f"the body passed the limit of {limit_bytes:,} bytes")
                handle.write(chunk)
            handle.seek(0)
        except OSError as error:
            raise storage_error("the upload cannot be kept", error) from error
        yield handle


async def body_in_memory(request: Request, limit_bytes: int) -> bytes:
    """A small body. Raises InputTooLarge."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit_bytes:
            raise InputTooLarge(f"the body passed the limit of {limit_bytes:,} bytes")
    return bytes(content)


def unpacked(packed: bytes, limit_bytes: int) -> bytes:
    """A gzip body unpacked. Raises InvalidInput when it is damaged, InputTooLarge when it grows too long."""
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        content = reader.decompress(packed, limit_bytes + 1)
    except zlib.error:
        raise InvalidInput("the body is not the gzip that Content-Encoding says", where="body") from None
    if len(content) > limit_bytes:
        raise InputTooLarge(f"the body unpacks to more than {limit_bytes:,} bytes")
    if not reader.eof:
        raise InvalidInput("the gzip body was cut off", where="body")
    return content

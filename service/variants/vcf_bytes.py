"""Bytes of a variant file: hashed while read, decompressed, cut into blocks of whole lines."""

import contextlib
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import BinaryIO, cast

from isal import igzip, isal_zlib

from service.errors import InvalidVcf

BLOCK_BYTES = 1 << 20
# A header or a line longer than this is not a VCF's; it bounds memory on hostile input.
LONGEST_LINE_BYTES = 1 << 26

_GZIP_MAGIC = b"\x1f\x8b"
_BCF_MAGIC = b"BCF\x02"
# The empty block that ends every BGZF file. Source: SAM specification, section 4.1.2.
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
# The package's type stubs leave the first untyped and call the second an instance.
_OPEN_GZIP = cast(Callable[[BinaryIO | io.RawIOBase, str], io.RawIOBase], igzip.open)
_INFLATE_ERROR = cast(type[Exception], isal_zlib.IsalError)


class Encoding(Enum):
    """What the first bytes show a file to be."""

    TEXT = "text"
    BCF = "BCF"


class HashedReader(io.RawIOBase):
    """A raw stream that is hashed as it is read; the first bytes can be peeked."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._digest = hashlib.sha256()
        self._pending = b""
        self.last_bytes = b""

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end; they will be read again."""
        while len(self._pending) < size and (chunk := self._stream.read(size - len(self._pending))):
            self._pending += chunk
        return self._pending[:size]

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with the next bytes; 0 at the end."""
        size = len(buffer)
        if self._pending:
            chunk, self._pending = self._pending[:size], self._pending[size:]
        else:
            chunk = self._stream.read(size)
        buffer[: len(chunk)] = chunk
        self._digest.update(chunk)
        self.last_bytes = (self.last_bytes + chunk[-len(_BGZF_END) :])[-len(_BGZF_END) :]
        return len(chunk)

    def hexdigest(self) -> str:
        """SHA-256 of all bytes read so far."""
        return self._digest.hexdigest()


class VariantBytes:
    """An opened variant file: what it is, its decompressed bytes, and the digest of the bytes as stored."""

    def __init__(self, stream: BinaryIO) -> None:
        self._raw = HashedReader(stream)
        first = self._raw.peek(18)
        if not first:
            raise InvalidVcf("the input is empty, expected a VCF or BCF file")
        self.compressed = first.startswith(_GZIP_MAGIC)
        self._blocked = self.compressed and first[12:14] == b"BC"
        source = _OPEN_GZIP(self._raw, "rb") if self.compressed else self._raw
        self._content = io.BufferedReader(source, BLOCK_BYTES)
        with _damage_named():
            magic = self._content.peek(len(_BCF_MAGIC))[: len(_BCF_MAGIC)]
        self.encoding = Encoding.BCF if magic == _BCF_MAGIC else Encoding.TEXT

    def chunks(self) -> Iterator[bytes]:
        """The decompressed bytes. Raises InvalidVcf where the file is damaged or cut short."""
        with _damage_named():
            while chunk := self._content.read(BLOCK_BYTES):
                yield chunk
        # Without its end block a BGZF file was cut at a block's edge: whole genes may be gone unseen.
        if self._blocked and self._raw.last_bytes != _BGZF_END:
            raise InvalidVcf(
                "the bgzip file has no end-of-file block: it was cut short; expected the complete file"
            )

    def hexdigest(self) -> str:
        """SHA-256 of the bytes as stored; complete once the chunks are exhausted."""
        return self._raw.hexdigest()


@contextlib.contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except EOFError as error:
        raise InvalidVcf("the compressed file ends early: it was cut short; expected it whole") from error
    except (gzip.BadGzipFile, zlib.error, _INFLATE_ERROR) as error:
        raise InvalidVcf(f"the compressed file is damaged ({error}); expected gzip or bgzip") from error


@contextlib.contextmanager
def opened(source: str | Path | BinaryIO) -> Iterator[VariantBytes]:
    """The variant file at a path, or the rest of a binary stream (which stays open)."""
    if not isinstance(source, str | Path):
        yield VariantBytes(source)
        return
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(source).open("rb", buffering=0))
        except OSError as error:
            reason = f"the file cannot be opened: {error.strerror}"
            raise InvalidVcf(reason, where=Path(source).name) from error
        yield VariantBytes(stream)


def line_blocks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, cut after line ends; only the last block may lack its newline."""
    rest = b""
    for chunk in chunks:
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield rest + chunk[:cut]
            rest = chunk[cut:]
        elif len(rest) > LONGEST_LINE_BYTES:
            raise InvalidVcf(f"a line is longer than {LONGEST_LINE_BYTES} bytes: this is not a VCF")
        else:
            rest += chunk
    if rest:
        yield rest

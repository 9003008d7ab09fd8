"""Reading published files: plain, gzip or bgzip, whole or refused."""

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from isal import igzip_threaded

from service.errors import InvalidInput

BLOCK = 1 << 22
_STEP = 1 << 20  # bytes between two reports of progress
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def check_complete(file: Path) -> None:
    """Refuses a bgzip file that was cut at a block border, where gzip itself sees no damage."""
    with file.open("rb") as handle:
        head = handle.read(16)
        if head[:4] == b"\x1f\x8b\x08\x04" and head[12:14] == b"BC":
            handle.seek(-len(_BGZF_END), 2)
            if handle.read() != _BGZF_END:
                raise InvalidInput("ends without bgzip's end block: it was cut short", where=file.name)


def is_packed(file: Path) -> bool:
    """Whether a file is gzip or bgzip."""
    with file.open("rb") as handle:
        return handle.read(2) == b"\x1f\x8b"


def open_bytes(file: Path) -> BinaryIO:
    """The bytes of a gzip or bgzip file, decompressed beside the reader, or of a plain one."""
    if not is_packed(file):
        return file.open("rb")
    stream: BinaryIO = igzip_threaded.open(file, "rb", threads=1)  # type: ignore[no-untyped-call]
    return stream


def whole_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Blocks of whole lines."""
    rest = b""
    while block := stream.read(BLOCK):
        cut = block.rfind(b"\n") + 1
        if cut == 0:
            rest += block
            continue
        yield rest + block[:cut]
        rest = block[cut:]
    if rest:
        yield rest


def read_text(file: Path, advance: Callable[[int], None] = lambda _: None) -> Iterator[str]:
    """Lines of a text file, without their ends; `advance` is told of the file's bytes as they are read.

    Raises InvalidInput where it is damaged or no UTF-8.
    """
    try:
        check_complete(file)
        left = file.stat().st_size
        with open_bytes(file) as stream, io.TextIOWrapper(io.BufferedReader(stream), "utf-8-sig") as lines:  # type: ignore[type-var]
            # Packed text is about ten times its file: an estimate that the end puts right.
            ratio, read = 10 if is_packed(file) else 1, 0
            for line in lines:
                yield line.rstrip("\r\n")
                read += len(line)
                if read >= _STEP * ratio:
                    step = min(left, read // ratio)
                    left, read = left - step, 0
                    advance(step)
        advance(left)
    except (EOFError, OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot be read: {error}", where=file.name) from error


def tabbed(lines: Iterable[str]) -> Iterator[list[str]]:
    """Cells of tab-separated lines without quotes."""
    return (line.split("\t") for line in lines if line)


def rows_of(
    rows: Iterable[list[str]], header: list[str], needed: tuple[str, ...], where: str
) -> Iterator[dict[str, str]]:
    """Rows by column name. Raises InvalidInput for a missing column or a row of another width."""
    lacking = [name for name in needed if name not in header]
    if lacking:
        raise InvalidInput(f"has no column {', '.join(lacking)}", where=where)
    for number, cells in enumerate(rows, start=2):
        if len(cells) != len(header):
            raise InvalidInput(f"{len(cells)} columns in row {number}, expected {len(header)}", where=where)
        yield dict(zip(header, cells, strict=True))

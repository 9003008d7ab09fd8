"""Site columns of a VCF, block by block: decompress, find the first five columns, as arrays.

The bytes are never split into Python objects: line ends and tabs are found in the whole block at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, cast

import numpy as np
import numpy.typing as npt
from isal import igzip, isal_zlib

from service.errors import InvalidInput
from service.frequency.column_store.alleles import NOT_SNV, RANKS

BLOCK_BYTES = 1 << 22
_DamagedGzip = cast("type[Exception]", isal_zlib.error)
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SiteBlock:
    """The record lines of a block, in file order; arrays have one entry per record.

    `start` is interbase. `code` is the SNV code, NOT_SNV for every other record. `tabs` has shape
    (records, 5): the offsets of the first five tabs in `content`; `line_start` the offset of the line.
    """

    content: bytes
    line_start: Positions
    tabs: Positions
    start: Positions
    code: npt.NDArray[np.uint8]
    # Runs of one contig: (first record, one past the last, contig name as written).
    contigs: tuple[tuple[int, int, bytes], ...]

    def alleles(self, record: int) -> tuple[bytes, bytes]:
        """REF and ALT of a record as written."""
        tabs = self.tabs[record]
        return self.content[tabs[2] + 1 : tabs[3]], self.content[tabs[3] + 1 : tabs[4]]


def read_blocks(path: Path) -> Iterator[SiteBlock]:
    """Blocks of a plain, gzip or bgzip VCF. Raises InvalidInput for a damaged file."""
    with path.open("rb") as raw:
        magic = raw.read(2)
    try:
        with _open(path, compressed=magic == b"\x1f\x8b") as stream:
            yield from _blocks(stream)
    except (EOFError, OSError, _DamagedGzip) as error:
        raise InvalidInput(f"cannot read to the end: {error}", where=path.name) from error


def _open(path: Path, *, compressed: bool) -> IO[bytes]:
    if not compressed:
        return path.open("rb")
    return cast("IO[bytes]", igzip.IGzipFile(path, "rb"))  # type: ignore[no-untyped-call]


def _blocks(stream: IO[bytes]) -> Iterator[SiteBlock]:
    rest = b""
    while block := stream.read(BLOCK_BYTES):
        content = rest + block
        end = content.rfind(b"\n") + 1
        content, rest = content[:end], content[end:]
        if content and (sites := _sites(_without_header(content))) is not None:
            yield sites
    if rest and (sites := _sites(_without_header(rest + b"\n"))) is not None:
        yield sites


def _without_header(content: bytes) -> bytes:
    start = 0
    while content.startswith(b"#", start):
        start = content.index(b"\n", start) + 1
    return content[start:]


def _sites(content: bytes) -> SiteBlock | None:
    if not content:
        return None
    octets = np.frombuffer(content, np.uint8)
    line_end = np.flatnonzero(octets == 10)
    line_start = np.concatenate(([0], line_end[:-1] + 1))
    tab = np.flatnonzero(octets == 9)
    first = np.searchsorted(tab, line_start)
    if len(tab) < 5 or first[-1] + 5 > len(tab):
        raise InvalidInput("a record has fewer than six tab-separated columns", where="VCF")
    tabs = tab[first[:, None] + np.arange(5)]
    if (tabs[:, 4] > line_end).any():
        raise InvalidInput("a record has fewer than six tab-separated columns", where="VCF")
    ref, alt = octets[tabs[:, 2] + 1], octets[tabs[:, 3] + 1]
    single = (tabs[:, 3] - tabs[:, 2] == 2) & (tabs[:, 4] - tabs[:, 3] == 2)
    ranks_ref, ranks_alt = RANKS[ref], RANKS[alt]
    code = np.where(single & (ranks_ref < 4) & (ranks_alt < 4), 4 * ranks_ref + ranks_alt, NOT_SNV)
    return SiteBlock(
        content,
        line_start,
        tabs,
        _decimal(octets, tabs[:, 0] + 1, tabs[:, 1]) - 1,
        code.astype(np.uint8),
        _contig_runs(content, octets, line_start, tabs[:, 0]),
    )


def _decimal(octets: npt.NDArray[np.uint8], low: Positions, high: Positions) -> Positions:
    """Decimal numbers between the offsets, all at once."""
    width = high - low
    if (width < 1).any() or (width > 10).any():
        raise InvalidInput("POS is not a position", where="VCF")
    value = np.zeros(len(low), np.int64)
    for place in range(int(width.max())):
        present = place < width
        digit = octets[np.minimum(low + place, high - 1)].astype(np.int64) - 48
        if (present & ((digit < 0) | (digit > 9))).any():
            raise InvalidInput("POS is not a position", where="VCF")
        value = np.where(present, 10 * value + digit, value)
    return value


def _contig_runs(
    content: bytes, octets: npt.NDArray[np.uint8], line_start: Positions, name_end: Positions
) -> tuple[tuple[int, int, bytes], ...]:
    """Where the contig changes, seen by the length and the last four octets of its name."""
    length = name_end - line_start
    changed = length[1:] != length[:-1]
    for back in range(1, 5):
        octet = octets[np.maximum(name_end - back, line_start)]
        changed |= octet[1:] != octet[:-1]
    edges = [0, *(np.flatnonzero(changed) + 1).tolist(), len(line_start)]
    return tuple((low, high, content[line_start[low] : name_end[low]]) for low, high in pairwise(edges))

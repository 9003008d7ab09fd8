"""Integer columns of a chunk: as narrow as most values need, the others listed apart; plain or under zstd.

A column is one octet `width << 1 | packed`, the number of exceptions and that of the octets that follow (both
u4), and then these, under zstd where `packed`: the values in `width` octets each, then the indexes and the
values of the exceptions in four octets each. An exception has the largest number of that width in its place.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import zstandard

Int = npt.NDArray[np.int64]
Index = npt.NDArray[np.integer]
_WIDTHS = (1, 2, 4)
_HEAD = 9
# Plain columns are read where they lie in the file: only what zstd makes much smaller is worth unpacking.
_WORTH_PACKING = 0.4


def encode_column(values: npt.NDArray[np.uint32], level: int) -> bytes:
    """The octets of a column of numbers below 2**32."""
    width = min(_WIDTHS, key=lambda octets: _cost(values, octets))
    marker = _marker(width)
    above = np.flatnonzero(values >= marker) if width < 4 else np.zeros(0, np.int64)
    narrow = np.minimum(values, np.uint32(marker)).astype(f"<u{width}")
    content = narrow.tobytes() + above.astype("<u4").tobytes() + values[above].astype("<u4").tobytes()
    packed = zstandard.ZstdCompressor(level=level).compress(content)
    worth = len(packed) < _WORTH_PACKING * len(content)
    body = packed if worth else content
    return (
        bytes([width << 1 | worth])
        + len(above).to_bytes(4, "little")
        + len(body).to_bytes(4, "little")
        + body
    )


def _cost(values: npt.NDArray[np.uint32], width: int) -> int:
    if width == 4:
        return 4 * len(values)
    return width * len(values) + 8 * int((values >= _marker(width)).sum())


def _marker(width: int) -> int:
    return (1 << 8 * width) - 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `count` numbers in octets, which begins at an offset; the next one begins at `end`."""

    values: npt.NDArray[np.unsignedinteger]
    marker: int  # -1 where there are no exceptions
    above: npt.NDArray[np.uint32]
    above_values: npt.NDArray[np.uint32]
    end: int

    def at(self, index: Index) -> Int:
        """Numbers by index, in any order."""
        found = self.values[index].astype(np.int64)
        if self.marker >= 0:
            marked = np.flatnonzero(found == self.marker)
            if len(marked):
                found[marked] = self.above_values[np.searchsorted(self.above, index[marked])]
        return found

    def whole(self) -> npt.NDArray[np.uint32]:
        """All numbers."""
        found = self.values.astype(np.uint32)
        if self.marker >= 0:
            found[self.above] = self.above_values
        return found


def read_column(octets: "bytes | memoryview", offset: int, count: int) -> Column:
    """The column of `count` numbers at an offset."""
    head = octets[offset]
    width, packed = head >> 1, head & 1
    exceptions = int.from_bytes(octets[offset + 1 : offset + 5], "little")
    size = int.from_bytes(octets[offset + 5 : offset + _HEAD], "little")
    end = offset + _HEAD + size
    body: bytes | memoryview = octets
    at = offset + _HEAD
    if packed:
        body, at = zstandard.ZstdDecompressor().decompress(octets[at:end]), 0
    values = np.frombuffer(body, f"<u{width}", count, at)
    if not exceptions:
        empty = np.zeros(0, np.uint32)
        return Column(values, -1, empty, empty, end)
    at += width * count
    above = np.frombuffer(body, "<u4", exceptions, at)
    return Column(
        values, _marker(width), above, np.frombuffer(body, "<u4", exceptions, at + 4 * exceptions), end
    )

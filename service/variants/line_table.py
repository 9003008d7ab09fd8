"""Records of one block as arrays: where each column begins, contig runs, positions."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

_TAB, _NEWLINE, _ZERO = ord("\t"), ord("\n"), ord("0")
_PADDING = b"\0" * 16
_LONGEST_POS = 10
# The low n bytes of a little-endian word, n = 0..8.
_LOW_BYTES = np.array([(1 << (8 * n)) - 1 for n in range(9)], dtype=np.uint64)

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LineTable:
    """A block in which every line has the same number of columns.

    `content` is the block with padding; `first` is the offset of each line, `ends[i, j]` the offset of the
    separator that ends column j of line i; `numbers[i]` is the line's number in the file.
    """

    raw: bytes
    content: NDArray[np.uint8]
    first: Rows
    ends: Rows
    numbers: Rows

    def __len__(self) -> int:
        return len(self.first)

    def begins(self, column: int) -> Rows:
        """Offsets of the first byte of a column in each line."""
        return self.ends[:, column - 1] + 1 if column else self.first

    def lengths(self, column: int) -> Rows:
        """Bytes of a column in each line."""
        return self.ends[:, column] - self.begins(column)

    def text(self, row: int, column: int) -> bytes:
        """The bytes of one cell."""
        begin = int(self.ends[row, column - 1]) + 1 if column else int(self.first[row])
        return self.raw[begin : int(self.ends[row, column])]

    def line(self, row: int) -> bytes:
        """One line without its line end."""
        return self.raw[int(self.first[row]) : int(self.ends[row, -1])]


def tabulate(block: bytes, columns: int, first_number: int) -> LineTable | None:
    """The table of a block of whole lines; None when a line does not have that many columns."""
    content = np.frombuffer(block + _PADDING, np.uint8)
    separators = np.flatnonzero((content - np.uint8(_TAB)) < 2)  # tab and newline are 9 and 10
    if len(separators) % columns:
        return None
    ends = separators.reshape(-1, columns)
    lines = len(ends)
    if not (content[ends[:, -1]] == _NEWLINE).all() or block.count(b"\n") != lines:
        return None
    first = np.empty(lines, np.int64)
    first[0] = 0
    first[1:] = ends[:-1, -1] + 1
    return LineTable(block, content, first, ends, np.arange(first_number, first_number + lines))


def positions(table: LineTable) -> tuple[Rows, NDArray[np.bool_]]:
    """POS (1-based) of each line, and which lines have no number there (their position is 0)."""
    lengths = table.lengths(1)
    last = table.ends[:, 1] - 1
    pos = np.zeros(len(table), np.int64)
    wrong = (lengths < 1) | (lengths > _LONGEST_POS)
    scale = 1
    for place in range(min(int(lengths.max(initial=0)), _LONGEST_POS)):
        digit = table.content[np.maximum(last - place, 0)] - np.uint8(_ZERO)
        used = lengths > place
        wrong |= used & (digit > 9)
        pos += np.where(used, digit, 0).astype(np.int64) * scale
        scale *= 10
    pos[wrong] = 0
    return pos, wrong


def contig_runs(table: LineTable) -> Iterator[tuple[str, Rows]]:
    """Contig names with the rows that carry them; in a sorted file one or two of them."""
    lengths = table.lengths(0)
    low = _words(table.content, table.first) & _LOW_BYTES[np.minimum(lengths, 8)]
    high = _words(table.content, table.first + 8) & _LOW_BYTES[np.clip(lengths - 8, 0, 8)]
    changes = (low[1:] != low[:-1]) | (high[1:] != high[:-1]) | (lengths[1:] != lengths[:-1])
    bounds = np.concatenate(([0], np.flatnonzero(changes) + 1, [len(table)]))
    rows_of: dict[bytes, list[Rows]] = {}
    for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        rows_of.setdefault(table.text(begin, 0), []).append(np.arange(begin, end))
    for name, runs in rows_of.items():
        yield name.decode("utf-8", "replace"), runs[0] if len(runs) == 1 else np.concatenate(runs)


def _words(content: NDArray[np.uint8], offsets: Rows) -> NDArray[np.uint64]:
    """The eight bytes from each offset as one little-endian word."""
    words = as_strided(content[:8].view("<u8"), shape=(len(content) - 7,), strides=(1,))
    return words[np.minimum(offsets, len(words) - 1)]


def number_after(table: LineTable, offsets: Rows) -> Rows:
    """The decimal numbers that begin at the offsets, up to the first other byte; 0 where none does."""
    number = np.zeros(len(offsets), np.int64)
    reading = np.ones(len(offsets), np.bool_)
    for place in range(_LONGEST_POS):
        digit = table.content[np.minimum(offsets + place, len(table.content) - 1)] - np.uint8(_ZERO)
        reading &= digit <= 9
        number = np.where(reading, number * 10 + digit, number)
    return number

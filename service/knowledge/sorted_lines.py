"""Lines of a sorted text file, found by how they begin, without reading the file."""

import mmap
from pathlib import Path


class SortedLines:
    """A file of UTF-8 lines in order of their bytes, each with its line end; memory-mapped, never empty."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as handle:
            self._content = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)

    def ending(self, text: str) -> tuple[str, ...]:
        """All lines that end in a tab and a text; reads the file."""
        wanted, found, at = f"\t{text}\n".encode(), [], 0
        while (at := self._content.find(wanted, at)) >= 0:
            start = self._content.rfind(b"\n", 0, at) + 1
            found.append(self._content[start : at + len(wanted) - 1].decode())
            at += len(wanted) - 1
        return tuple(found)

    def with_second(self, text: str) -> tuple[str, ...]:
        """All lines whose second tab-separated column is a text, or begins with one that ends in a point.

        Reads the whole file.
        """
        wanted = f"\t{text}" if text.endswith(".") else f"\t{text}\t"
        content, found, at = self._content, [], 0
        while (at := content.find(wanted.encode(), at)) >= 0:
            start, end = content.rfind(b"\n", 0, at) + 1, content.find(b"\n", at)
            if content.find(b"\t", start) == at:
                found.append(content[start:end].decode())
            at = end
        return tuple(found)

    def beginning(self, text: str) -> tuple[str, ...]:
        """All lines that begin with a text, in order; empty where none does."""
        prefix, content = text.encode(), self._content
        low, high = 0, len(content)
        while low < high:
            middle = (low + high) // 2
            start = content.rfind(b"\n", low, middle) + 1 or low
            end = content.find(b"\n", middle)
            if content[start:end] < prefix:
                low = end + 1
            else:
                high = start
        found = []
        while content[low : low + len(prefix)] == prefix and low < len(content):
            end = content.find(b"\n", low)
            found.append(content[low:end].decode())
            low = end + 1
        return tuple(found)

"""Columns of numbers, lists and texts in one memory-mapped file: nothing is read until it is asked for.

`columns.bin` holds the columns one after another, each at a multiple of eight bytes; `directory.json` says
where each begins, how many items it has and of which kind (`array` type codes). Texts are UTF-8 with offsets,
lists 32-bit integers with offsets.
"""

import mmap
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import numpy as np

from service.domain.ontology import Lists, Texts
from service.errors import KnowledgeError

_WIDTHS = {"B": 1, "H": 2, "i": 4, "f": 4, "q": 8}


class _Section(msgspec.Struct):
    """Byte offset, number of items, and type code of one column."""

    offset: int
    count: int
    kind: str


class _Directory(msgspec.Struct):
    sections: dict[str, _Section]
    facts: dict[str, str]


class ColumnFile:
    """Writes columns into a new folder; complete once the `with` block ends without an error."""

    def __init__(self, folder: Path, facts: Mapping[str, str]) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._directory = _Directory({}, dict(facts))
        self._handle = (folder / "columns.bin").open("wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._handle.close()
        if error is None:
            (self._folder / "directory.json").write_bytes(msgspec.json.encode(self._directory))

    def numbers(self, name: str, kind: str, values: "np.ndarray[Any, Any]") -> None:
        """One column of numbers; `kind` is B, H, i, f or q."""
        self._handle.write(b"\0" * (-self._handle.tell() % 8))
        self._directory.sections[name] = _Section(self._handle.tell(), len(values), kind)
        self._handle.write(values.astype(np.dtype(kind), copy=False).data)

    def texts(self, name: str, values: Iterable[str]) -> None:
        """One column of texts."""
        encoded = [value.encode() for value in values]
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(value) for value in encoded], out=offsets[1:])
        self.numbers(f"{name}.offsets", "q", offsets)
        self.numbers(f"{name}.content", "B", np.frombuffer(b"".join(encoded), dtype=np.uint8))

    def lists(self, name: str, rows: Sequence[Sequence[int]]) -> None:
        """One column of lists of 32-bit integers."""
        offsets = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in rows], out=offsets[1:])
        self.numbers(f"{name}.offsets", "q", offsets)
        self.numbers(f"{name}.content", "i", np.fromiter(chain.from_iterable(rows), np.int32, offsets[-1]))


class Columns:
    """The columns of a folder. Raises KnowledgeError where they are missing or cut short."""

    def __init__(self, folder: Path) -> None:
        try:
            directory = msgspec.json.decode((folder / "directory.json").read_bytes(), type=_Directory)
            with (folder / "columns.bin").open("rb") as handle:
                self._content = memoryview(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError) as error:  # msgspec's errors are ValueErrors
            raise KnowledgeError(
                "compiled columns cannot be read; run `genomeward kb build`", where=folder.name
            ) from error
        self._sections = directory.sections
        self.facts = directory.facts
        for name, section in self._sections.items():
            if section.offset + section.count * _WIDTHS[section.kind] > len(self._content):
                raise KnowledgeError(f"the column {name} is cut short", where=folder.name)

    def numbers(self, name: str) -> memoryview:
        """A column of numbers, mapped."""
        section = self._sections[name]
        window = self._content[section.offset : section.offset + section.count * _WIDTHS[section.kind]]
        return window.cast(section.kind)  # type: ignore[call-overload,no-any-return]

    def texts(self, name: str) -> Texts:
        """A column of texts, mapped."""
        return Texts(self.numbers(f"{name}.offsets"), self.numbers(f"{name}.content"))

    def lists(self, name: str) -> Lists:
        """A column of lists, mapped."""
        return Lists(self.numbers(f"{name}.offsets"), self.numbers(f"{name}.content"))

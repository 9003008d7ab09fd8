"""Lines of a synced store, found by place without reading all of them: a patient asks for few."""

import mmap
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
import orjson

from service.domain.assembly import CHROMOSOMES
from service.errors import InvalidInput

Key = tuple[str, int, str, str]
_LINES, _INDEX = "answers.jsonl", "places.npy"
_NUMBERS = {chrom: number for number, chrom in enumerate(CHROMOSOMES)}
_OTHER = len(CHROMOSOMES)
# Numbers of a chromosome that wait to be written.
_WAITING = 1 << 16


def write_lines(place: Path, lines: Iterable[bytes]) -> int:
    """Lines as `synced_store.packed` makes them, and where each begins; how many variants they are about.

    Memory holds the places of one chromosome at a time, whatever the number of lines.
    """
    with tempfile.TemporaryDirectory(dir=place) as workspace:
        unsorted = _Unsorted(Path(workspace))
        offset = 0
        with (place / _LINES).open("wb") as out:
            for line in lines:
                chrom, start = orjson.loads(line)[:2]
                unsorted.add(chrom, start, offset)
                out.write(line + b"\n")
                offset += len(line) + 1
        sizes: list[tuple[int, int]] = []
        with (place / _LINES).open("rb") as written:
            for number in unsorted.finish():
                index = _in_order(written, unsorted.read(number))
                np.save(unsorted.path(number), index)
                sizes.append((number, index.shape[1]))
        total = sum(size for _, size in sizes)
        with (place / _INDEX).open("wb") as out:
            # The form of np.save, written row by row.
            form = {"descr": np.dtype(np.int64).str, "fortran_order": False, "shape": (2, total)}
            np.lib.format.write_array_header_1_0(out, form)
            for row in (0, 1):
                for number, _ in sizes:
                    out.write(np.load(unsorted.path(number))[row].tobytes())
    return total


class _Unsorted:
    """Places of lines and where these begin, by chromosome, on disk until they are put in order."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._waiting: dict[int, array[int]] = {}

    def path(self, number: int) -> Path:
        """The file of a chromosome."""
        return self._workspace / f"{number}.npy"

    def add(self, chrom: str, start: int, offset: int) -> None:
        """One line."""
        waiting = self._waiting.setdefault(_NUMBERS.get(chrom, _OTHER), array("q"))
        waiting.extend((_place(chrom, start), offset))
        if len(waiting) >= _WAITING:
            self._write(_NUMBERS.get(chrom, _OTHER))

    def finish(self) -> list[int]:
        """All lines are there; the numbers of their chromosomes, in order."""
        for number in self._waiting:
            self._write(number)
        return sorted(self._waiting)

    def _write(self, number: int) -> None:
        with self.path(number).open("ab") as out:
            self._waiting[number].tofile(out)
        self._waiting[number] = array("q")

    def read(self, number: int) -> npt.NDArray[np.int64]:
        """Two rows: places, and where their lines begin, in the order of the lines."""
        return np.fromfile(self.path(number), np.int64).reshape(-1, 2).T


def stored_lines(place: Path) -> Iterator[bytes]:
    """All lines, without their ends, in the order in which they were written."""
    with (place / _LINES).open("rb") as lines:
        for line in lines:
            yield line.rstrip(b"\n")


def chromosomes_of(place: Path) -> set[str]:
    """Chromosomes that a store has lines of."""
    found = {int(number) for number in np.unique(_index(place)[0] >> 32)}
    return {chrom for chrom, number in _NUMBERS.items() if number in found}


def read_lines(place: Path) -> dict[Key, bytes]:
    """All lines by variant. They stay octets: a whole genome's are too many for objects."""
    with (place / _LINES).open("rb") as lines:
        return {tuple(orjson.loads(line)[:4]): line.rstrip(b"\n") for line in lines}


class StoredLines:
    """A store's lines, mapped: they stay on disk until they are asked for.

    Raises:
        InvalidInput: lines and index do not belong together, as after a copy that was cut off.
    """

    def __init__(self, place: Path) -> None:
        with (place / _LINES).open("rb") as lines:
            empty = not lines.seek(0, 2)
            self._octets = b"" if empty else mmap.mmap(lines.fileno(), 0, access=mmap.ACCESS_READ)
        index = place / _INDEX
        try:
            # Stores of earlier releases have no index.
            self._places, self._offsets = np.load(index) if index.exists() else _index(place)
        except (ValueError, EOFError) as error:
            raise InvalidInput("a synced store is damaged: sync the node again") from error
        last = self._octets.rfind(b"\n", 0, len(self._octets) - 1) + 1
        if self._octets[-1:] not in (b"", b"\n") or last != self._offsets.max(initial=0):
            # What is missing must not read as not listed.
            raise InvalidInput("a synced store is incomplete: sync the node again")

    def find(self, keys: Sequence[Key]) -> list[bytes | None]:
        """One line per variant, the last that was written; None where there is none.

        A line whose reference bases are N is every variant's that replaces as many bases there by the same.
        """
        places = np.array([_place(chrom, start) for chrom, start, _, _ in keys], dtype=np.int64)
        first = np.searchsorted(self._places, places, "left").tolist()
        after = np.searchsorted(self._places, places, "right").tolist()
        return [
            self._line(key, self._offsets[low:high].tolist()) if low < high else None
            for key, low, high in zip(keys, first, after, strict=True)
        ]

    def between(self, chrom: str, low: int, high: int) -> list[Key]:
        """Variants that begin in low..high (interbase), in order of place."""
        places = np.array([_place(chrom, low), _place(chrom, high)], dtype=np.int64)
        first, after = np.searchsorted(self._places, places, "left").tolist()
        found = (
            tuple(orjson.loads(self._from(offset))[:4]) for offset in self._offsets[first:after].tolist()
        )
        return [key for key in found if key[0] == chrom]

    def _line(self, key: Key, offsets: list[int]) -> bytes | None:
        chrom, start, ref, alt = key
        # A record may not spell the bases that it replaces: then they are N.
        for spelled in (key, (chrom, start, "N" * len(ref), alt)):
            begin = orjson.dumps(spelled)[:-1] + b","
            for offset in reversed(offsets):
                if self._octets[offset : offset + len(begin)] == begin:
                    return self._from(offset)
        return None

    def _from(self, offset: int) -> bytes:
        return self._octets[offset : self._octets.find(b"\n", offset)]


def _index(place: Path) -> npt.NDArray[np.int64]:
    """Two rows, in order of place: the place of a line, and the octet at which it begins.

    Of several lines about one variant the last is the one that counts.
    """
    places, offsets, offset = array("q"), array("q"), 0
    with (place / _LINES).open("rb") as lines:
        for line in lines:
            chrom, start = orjson.loads(line)[:2]
            places.append(_place(chrom, start))
            offsets.append(offset)
            offset += len(line)
        return _in_order(lines, np.array([places, offsets], dtype=np.int64).reshape(2, -1))


def _in_order(lines: IO[bytes], index: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """An index in order of place, without lines that a later one of the same variant replaces."""
    index = index[:, np.argsort(index[0], kind="stable")]
    return np.delete(index, _superseded(lines, index), axis=1)


def _superseded(lines: IO[bytes], index: npt.NDArray[np.int64]) -> list[int]:
    """Columns of lines that a later line of the same variant replaces."""
    found = []
    shared = np.flatnonzero(np.diff(index[0]) == 0)
    latest: dict[bytes, int] = {}
    for column in np.union1d(shared, shared + 1).tolist():
        lines.seek(int(index[1, column]))
        key = orjson.dumps(orjson.loads(lines.readline())[:4])
        if key in latest:
            found.append(latest[key])
        latest[key] = column
        if column + 1 == index.shape[1] or index[0, column + 1] != index[0, column]:
            latest = {}
    return found


def _place(chrom: str, start: int) -> int:
    """A number for a place; chromosomes that have no number share one, lines tell them apart."""
    return _NUMBERS.get(chrom, _OTHER) << 32 | start

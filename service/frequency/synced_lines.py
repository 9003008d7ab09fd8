"""Lines of a synced store, found by place without reading all of them: a patient asks for few."""

import mmap
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


def write_lines(place: Path, lines: Iterable[bytes]) -> int:
    """Lines as `synced.packed` makes them, and where each begins; how many variants they are about."""
    with (place / _LINES).open("wb") as out:
        out.writelines(line + b"\n" for line in lines)
    index = _index(place)
    np.save(place / _INDEX, index)
    return len(index[0])


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
        index = np.array([places, offsets], dtype=np.int64).reshape(2, -1)
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

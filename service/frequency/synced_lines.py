"""Lines of a synced store, found by place without reading all of them: a patient asks for few."""

import mmap
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson

from service.domain.assembly import CHROMOSOMES
from service.errors import InvalidInput

Key = tuple[str, int, str, str]
_LINES, _INDEX = "answers.jsonl", "places.npy"
_NUMBERS = {chrom: number for number, chrom in enumerate(CHROMOSOMES)}
_OTHER = len(CHROMOSOMES)


def write_lines(place: Path, lines: Iterable[bytes]) -> None:
    """Lines as `synced.packed` makes them, and where each begins."""
    with (place / _LINES).open("wb") as out:
        out.writelines(line + b"\n" for line in lines)
    np.save(place / _INDEX, _index(place))


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
        """One line per variant, the last that was written; None where there is none."""
        places = np.array([_place(chrom, start) for chrom, start, _, _ in keys], dtype=np.int64)
        first = np.searchsorted(self._places, places, "left").tolist()
        after = np.searchsorted(self._places, places, "right").tolist()
        return [
            self._line(key, self._offsets[low:high].tolist()) if low < high else None
            for key, low, high in zip(keys, first, after, strict=True)
        ]

    def _line(self, key: Key, offsets: list[int]) -> bytes | None:
        begin = orjson.dumps(key)[:-1] + b","
        for offset in reversed(offsets):
            if self._octets[offset : offset + len(begin)] == begin:
                return self._octets[offset : self._octets.find(b"\n", offset)]
        return None


def _index(place: Path) -> npt.NDArray[np.int64]:
    """Two rows, in order of place: the place of a line, and the octet at which it begins."""
    places, offsets, offset = [], [], 0
    with (place / _LINES).open("rb") as lines:
        for line in lines:
            chrom, start = orjson.loads(line)[:2]
            places.append(_place(chrom, start))
            offsets.append(offset)
            offset += len(line)
    index = np.array([places, offsets], dtype=np.int64)
    return index[:, np.argsort(index[0], kind="stable")]


def _place(chrom: str, start: int) -> int:
    """A number for a place; chromosomes that have no number share one, lines tell them apart."""
    return _NUMBERS.get(chrom, _OTHER) << 32 | start

"""Reading a column store: many sites at once, or a handful."""

import json
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from service.errors import InvalidInput
from service.frequency.column_store.alleles import (
    LONG,
    NOT_SNV,
    allele_key,
    alleles_of,
    parsimonious,
    snv_code,
)
from service.frequency.column_store.chunk import ChunkKeys, ChunkValues, read_groups
from service.frequency.column_store.magic import MAGIC, READABLE

Int = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ChunkPlace:
    """Where the frames of a chunk lie in the file, and which interbase starts it spans."""

    first: int
    last: int
    offset: int
    key_bytes: int
    value_bytes: int
    group_bytes: int


@dataclass(frozen=True, slots=True)
class StoredCounts:
    """Counts of one allele; `homozygotes` is None when the source does not say."""

    allele_count: int
    allele_number: int
    homozygotes: int | None


@dataclass(slots=True)
class _Decoded:
    """A chunk as far as it was needed."""

    keys: ChunkKeys
    values: ChunkValues | None = None


class ColumnStore:
    """A read-only store; safe to share between threads, opened by each process for itself."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as handle:
            self._map = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        if self._map[:6] == MAGIC[:6] and self._map[:8] not in READABLE:
            raise InvalidInput("a column store of another version; build it anew", where=path.name)
        if self._map[:8] not in READABLE or len(self._map) < 24:
            raise InvalidInput("not a column store", where=path.name)
        index_at = int.from_bytes(self._map[8:16], "little")
        index = json.loads(self._map[index_at:])
        self.assembly: str = index["assembly"]
        self.dataset: str = index["dataset"]
        self.version: str = index["version"]
        self.sites: int = index["sites"]
        self.groups: tuple[str, ...] = tuple(index["groups"])
        self._marks_uncounted = self._map[:8] == MAGIC
        self._octets = memoryview(self._map)
        # The blocks of a genome end within chunks: the next one goes on in the chunk of the last.
        self._last: tuple[int, _Decoded | None] = (-1, None)
        self._chunks = {
            chrom: [ChunkPlace(*place) for place in places] for chrom, places in index["chunks"].items()
        }
        self._bounds = {
            chrom: np.array([(place.first, place.last + 1) for place in places], np.int64).reshape(-1, 2).T
            for chrom, places in self._chunks.items()
        }
        self._long: dict[str, dict[str, list[list[object]]]] = index["long"]

    def close(self) -> None:
        """Unmap the file."""
        self._last = (-1, None)
        self._octets.release()
        self._map.close()

    @property
    def chromosomes(self) -> frozenset[str]:
        """Chromosomes that the source has sites on; on others nothing was looked at."""
        return frozenset(self._chunks)

    def find(self, chrom: str, start: int, ref: str, alt: str) -> StoredCounts | None:
        """Counts of one allele; None when it is not listed, or without counts."""
        start, ref_bytes, alt_bytes = parsimonious(start, ref.encode(), alt.encode())
        code = snv_code(ref_bytes, alt_bytes)
        key = 0 if code != NOT_SNV else allele_key(ref_bytes, alt_bytes)
        found = self.lookup(
            chrom,
            np.array([start]),
            np.array([code], np.uint8),
            np.array([key], np.uint64),
            {0: (ref_bytes, alt_bytes)},
        )
        if found[0][0] < 0:
            return None
        homozygotes = int(found[2][0])
        return StoredCounts(int(found[0][0]), int(found[1][0]), None if homozygotes < 0 else homozygotes)

    def lookup(
        self,
        chrom: str,
        start: Int,
        code: npt.NDArray[np.uint8],
        key: npt.NDArray[np.uint64],
        long_alleles: dict[int, tuple[bytes, bytes]],
        groups: dict[int, Int] | None = None,
    ) -> tuple[Int, Int, Int]:
        """AC, AN and homozygotes per query; AC is -1 where the allele is not listed.

        Where it is listed without usable counts, AC is -1 minus the number of WhyUncounted.

        Args:
            start: interbase starts, in any order; ordered ones cost less.
            code: SNV codes; NOT_SNV makes `key` count.
            key: allele keys.
            long_alleles: query index -> alleles, at least for every key of LONG or more: these are compared
                as text.
            groups: takes query index -> array (group, (AC, AN)) for the alleles that are stored with groups.
        """
        count = np.full(len(start), -1, np.int64)
        number = np.zeros(len(start), np.int64)
        homozygotes = np.full(len(start), -1, np.int64)
        order = None
        if (start[1:] < start[:-1]).any():
            order = np.argsort(start, kind="stable")
            start, code, key = start[order], code[order], key[order]
        wanted = _asked(start, code, key)
        for place, low, high in self._places(chrom, start):
            keys, values, held = self._frames(place)
            chunk = self._chunk(place, keys)
            query, site = _matches(chunk.keys, wanted, low, high)
            asked = query if order is None else order[query]
            unlike = self._unlike(chrom, query, asked, key, code, start, long_alleles)
            if len(unlike):
                asked, site = np.delete(asked, unlike), np.delete(site, unlike)
            if not len(asked):
                continue
            if chunk.values is None:
                total = len(chunk.keys.snv_keys) + len(chunk.keys.other_starts)
                usual = chunk.keys.usual_allele_number
                chunk.values = ChunkValues(values, total, usual, self._marks_uncounted)
            count[asked], number[asked], homozygotes[asked] = chunk.values.at(site)
            if groups is not None and self.groups:
                there, found = read_groups(held, len(self.groups), site)
                groups.update(zip(asked[there].tolist(), found, strict=True))
        return count, number, homozygotes

    def between(self, chrom: str, low: int, high: int) -> list[tuple[int, str, str]]:
        """Start (interbase) and alleles of all listed in low..high that are no SNVs."""
        found = []
        for place in self._chunks.get(chrom, ()):
            if place.last < low or place.first > high:
                continue
            keys = self._chunk(place, self._frames(place)[0]).keys
            first, end = (int(n) for n in keys.other_starts.searchsorted((low, high + 1)))
            starts, codes = keys.other_starts[first:end].tolist(), keys.other_keys[first:end].tolist()
            for start, key in zip(starts, codes, strict=True):
                alleles = alleles_of(key)
                long = [] if alleles is not None else self._long.get(chrom, {}).get(str(start), [])
                found += [(start, *alleles)] if alleles is not None else []
                found += [(start, str(ref), str(alt)) for ref, alt in long]
        return found

    def _places(self, chrom: str, start: Int) -> Iterator[tuple[ChunkPlace, int, int]]:
        """Chunks that hold any of the ordered starts, and which of them: low..high."""
        if chrom in self._chunks:
            lows, highs = start.searchsorted(self._bounds[chrom])
            for index in np.flatnonzero(lows < highs).tolist():
                yield self._chunks[chrom][index], int(lows[index]), int(highs[index])

    def _chunk(self, place: ChunkPlace, keys: memoryview) -> _Decoded:
        offset, chunk = self._last
        if chunk is None or offset != place.offset:
            chunk = _Decoded(ChunkKeys(keys))
            self._last = (place.offset, chunk)
        return chunk

    def _frames(self, place: ChunkPlace) -> tuple[memoryview, memoryview, memoryview]:
        values = place.offset + place.key_bytes
        groups = values + place.value_bytes
        end = groups + place.group_bytes
        return self._octets[place.offset : values], self._octets[values:groups], self._octets[groups:end]

    def _unlike(
        self,
        chrom: str,
        query: Int,
        asked: Int,
        key: npt.NDArray[np.uint64],
        code: npt.NDArray[np.uint8],
        start: Int,
        long_alleles: dict[int, tuple[bytes, bytes]],
    ) -> Int:
        """Which matches are none: long alleles are compared base by base, a digest alone never decides."""
        long = np.flatnonzero((key[query] >= np.uint64(LONG)) & (code[query] == NOT_SNV))
        unlike = []
        for index in long.tolist():
            ref, alt = long_alleles[int(asked[index])]
            stored = self._long.get(chrom, {}).get(str(int(start[query[index]])), [])
            if [ref.decode(), alt.decode()] not in stored:
                unlike.append(index)
        return np.array(unlike, np.int64)


# T>T, a code that no site has, stands for whatever is no SNV: sorting those out would cost more.
_NO_SNV = np.uint8(15)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Ordered queries of one chromosome as chunks are searched for them; `others` are no SNVs."""

    snv_keys: npt.NDArray[np.uint32]
    others: Int
    other_starts: npt.NDArray[np.uint32]
    other_keys: npt.NDArray[np.uint64]


def _asked(start: Int, code: npt.NDArray[np.uint8], key: npt.NDArray[np.uint64]) -> _Asked:
    others = np.flatnonzero(code == NOT_SNV)
    short = start.astype(np.uint32)
    return _Asked(short << np.uint32(4) | np.minimum(code, _NO_SNV), others, short[others], key[others])


def _matches(chunk: ChunkKeys, asked: _Asked, low: int, high: int) -> tuple[Int, Int]:
    """Pairs of (query index, site index in the chunk) that are the same allele, of queries low..high."""
    wanted = asked.snv_keys[low:high]
    place = chunk.snv_keys.searchsorted(wanted)
    if len(chunk.snv_keys):
        snv = np.flatnonzero(chunk.snv_keys.take(place, mode="clip") == wanted)
    else:
        snv = np.zeros(0, np.int64)
    queries, sites = [snv + low], [place[snv]]

    first, end = (int(n) for n in asked.others.searchsorted((low, high)))
    other = np.arange(first, end)
    place = chunk.other_starts.searchsorted(asked.other_starts[first:end])
    while len(other):
        # Sites of one start follow one another: those of another start than the query's end the search.
        there = np.flatnonzero(place < len(chunk.other_starts))
        there = there[chunk.other_starts[place[there]] == asked.other_starts[other[there]]]
        other, place = other[there], place[there]
        same = chunk.other_keys[place] == asked.other_keys[other]
        queries.append(asked.others[other[same]])
        sites.append(place[same] + len(chunk.snv_keys))
        place = place + 1
    return np.concatenate(queries), np.concatenate(sites)

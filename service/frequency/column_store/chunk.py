"""One chunk of a chromosome: sorted sites in columns.

A chunk has three frames. The key frame: number of SNVs, of other sites and the most frequent AN, SNV codes
(two an octet), then columns of position gaps and keys. The value frame: columns of AC, of the difference of
AN to the most frequent one, and of homozygotes, SNVs first; AC 0 with homozygotes above 0, which no count is,
stands for an allele that is listed without counts (their number is that of WhyUncounted). The group frame,
where the source has groups: the sites that have them, then AC and AN of each group.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.frequency.column_store.columns import Column, Int, encode_column, read_column

Short = npt.NDArray[np.uint32]
# Homozygotes of sources that do not say: the all-ones pattern, which no count reaches.
UNKNOWN = 0xFFFFFFFF
_HEADER = np.dtype("<u4")
_LEVEL = 9


@dataclass(frozen=True, slots=True)
class Sites:
    """Columns of sorted sites. `key` is an SNV code or an allele key."""

    start: Int
    key: npt.NDArray[np.uint64]
    allele_count: Int
    allele_number: Int
    homozygotes: Int

    def __len__(self) -> int:
        return len(self.start)


def _gaps(start: Int) -> Short:
    return np.diff(start, prepend=0).astype(np.uint32)


def _zigzag(difference: Int) -> Short:
    """Small numbers of either sign as small numbers: the sign in the lowest bit."""
    return (np.abs(difference) << 1 | (difference < 0)).astype(np.uint32)


def _unzigzag(coded: Int) -> Int:
    return np.where(coded & 1, -(coded >> 1), coded >> 1)


def _two_an_octet(codes: npt.NDArray[np.uint64]) -> bytes:
    padded = np.zeros(len(codes) + len(codes) % 2, np.uint8)
    padded[: len(codes)] = codes
    return (padded[::2] | padded[1::2] << 4).tobytes()


def encode_keys(snvs: Sites, others: Sites) -> bytes:
    """The key frame."""
    allele_number = np.concatenate((snvs.allele_number, others.allele_number))
    halves = others.key.astype("<u8").view("<u4").reshape(-1, 2)
    return b"".join(
        (
            np.array([len(snvs), len(others), _usual(allele_number)], _HEADER).tobytes(),
            _two_an_octet(snvs.key),
            encode_column(_gaps(snvs.start), _LEVEL),
            encode_column(_gaps(others.start), _LEVEL),
            encode_column(halves[:, 0].astype(np.uint32), _LEVEL),
            encode_column(halves[:, 1].astype(np.uint32), _LEVEL),
        )
    )


def encode_values(snvs: Sites, others: Sites) -> bytes:
    """The value frame."""
    allele_number = np.concatenate((snvs.allele_number, others.allele_number))
    columns = (
        np.concatenate((snvs.allele_count, others.allele_count)).astype(np.uint32),
        _zigzag(_usual(allele_number) - allele_number),
        np.concatenate((snvs.homozygotes, others.homozygotes)).astype(np.uint32),
    )
    return b"".join(encode_column(column, _LEVEL) for column in columns)


def encode_groups(sites: Int, columns: Sequence[Int]) -> bytes:
    """The group frame: indexes of sites (SNVs first) that have groups, then AC and AN of each group."""
    parts = [np.array([len(sites)], _HEADER).tobytes(), encode_column(_gaps(sites), _LEVEL)]
    for place, column in enumerate(columns):
        usual = _usual(column) if place % 2 and len(column) else 0
        parts.append(np.array([usual], _HEADER).tobytes())
        coded = _zigzag(usual - column) if place % 2 else column.astype(np.uint32)
        parts.append(encode_column(coded, _LEVEL))
    return b"".join(parts)


def _usual(numbers: Int) -> int:
    values, counts = np.unique(numbers, return_counts=True)
    return int(values[counts.argmax()])


class ChunkKeys:
    """The key frame, decoded.

    `snv_keys` are `start << 4 | code`: no chromosome is longer than 2**28 bases.
    """

    __slots__ = ("other_keys", "other_starts", "snv_keys", "usual_allele_number")

    def __init__(self, frame: memoryview) -> None:
        snvs, others, self.usual_allele_number = (int(n) for n in np.frombuffer(frame, _HEADER, 3))
        half = (snvs + 1) // 2
        codes = np.frombuffer(frame, np.uint8, half, 12)
        gaps = read_column(frame, 12 + half, snvs)
        keys: Short = np.cumsum(gaps.whole(), dtype=np.uint32)
        keys <<= np.uint32(4)
        keys[::2] |= codes[: (snvs + 1) // 2] & np.uint8(15)
        keys[1::2] |= codes[: snvs // 2] >> np.uint8(4)
        self.snv_keys = keys
        other_gaps = read_column(frame, gaps.end, others)
        self.other_starts: Short = np.cumsum(other_gaps.whole(), dtype=np.uint32)
        low = read_column(frame, other_gaps.end, others)
        high = read_column(frame, low.end, others)
        self.other_keys = high.whole().astype(np.uint64) << np.uint64(32) | low.whole()


class ChunkValues:
    """The value frame of a chunk of `total` sites, decoded."""

    __slots__ = ("_counts", "_differences", "_homozygotes", "_marks_uncounted", "_usual")

    def __init__(self, frame: memoryview, total: int, usual: int, marks_uncounted: bool) -> None:
        self._usual = usual
        self._marks_uncounted = marks_uncounted
        self._counts = read_column(frame, 0, total)
        self._differences = read_column(frame, self._counts.end, total)
        self._homozygotes = read_column(frame, self._differences.end, total)

    def at(self, sites: Int) -> tuple[Int, Int, Int]:
        """AC, AN and homozygotes (-1: unknown) of sites by index, SNVs first.

        AC of what has no counts is -1 minus the number of WhyUncounted.
        """
        homozygotes = self._homozygotes.at(sites)
        homozygotes[homozygotes == UNKNOWN] = -1
        numbers = self._usual - _unzigzag(self._differences.at(sites))
        counts = self._counts.at(sites)
        if self._marks_uncounted:
            marked = np.flatnonzero((counts == 0) & (homozygotes > 0))
            counts[marked] = -1 - homozygotes[marked]
            homozygotes[marked] = -1
        return counts, numbers, homozygotes


def read_groups(frame: memoryview, groups: int, sites: Int) -> tuple[Int, Int]:
    """Positions within `sites` that have groups, and (AC, AN) of every group: shape (those, groups, 2)."""
    (count,) = np.frombuffer(frame, _HEADER, 1)
    gaps = read_column(frame, 4, int(count))
    held: Int = np.cumsum(gaps.whole(), dtype=np.int64)
    place = np.searchsorted(held, sites)
    there = np.flatnonzero(place < len(held))
    there = there[held[place[there]] == sites[there]]
    row = place[there]
    found = np.zeros((len(row), groups, 2), np.int64)
    end = gaps.end
    for group in range(groups):
        for kind in range(2):
            usual = int(np.frombuffer(frame, _HEADER, 1, end)[0])
            column: Column = read_column(frame, end + 4, int(count))
            end = column.end
            values = column.at(row)
            found[:, group, kind] = usual - _unzigzag(values) if kind else values
    return there, found

"""One chunk of a chromosome: sorted sites as octet planes under zstd.

A chunk has two frames. The key frame: number of SNVs, of other sites and the most frequent AN, then position
gaps and codes or keys. The value frame: AC, the difference of AN to the most frequent one, and homozygotes,
SNVs first. An integer column is a mask of its octet planes that are not all zero, followed by those planes.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import zstandard

Int = npt.NDArray[np.int64]
Short = npt.NDArray[np.uint32]
# Homozygotes of sources that do not say: the all-ones pattern, which no count reaches.
UNKNOWN = 0xFFFFFFFF
_HEADER = np.dtype("<u4")


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


def _encode_column(column: npt.NDArray[np.uint32]) -> bytes:
    planes = column.astype("<u4").view(np.uint8).reshape(-1, 4).T
    kept = [plane for plane in range(4) if planes[plane].any()]
    mask = sum(1 << plane for plane in kept)
    return bytes([mask]) + b"".join(planes[plane].tobytes() for plane in kept)


class _Column:
    """A column of `count` integers at an offset of the content; the next one begins at `end`."""

    __slots__ = ("_planes", "end")

    def __init__(self, content: bytes, offset: int, count: int) -> None:
        mask = content[offset]
        self._planes = []
        self.end = offset + 1
        for plane in range(4):
            if mask >> plane & 1:
                self._planes.append((plane, np.frombuffer(content, np.uint8, count, self.end)))
                self.end += count

    def whole(self, count: int) -> Short:
        return self._joined(count, slice(None))

    def at(self, index: Int) -> Short:
        return self._joined(len(index), index)

    def _joined(self, count: int, index: "Int | slice") -> Short:
        if not self._planes:
            return np.zeros(count, np.uint32)
        parts = [(plane, octets[index].astype(np.uint32)) for plane, octets in self._planes]
        joined = parts[0][1] << np.uint32(8 * parts[0][0]) if parts[0][0] else parts[0][1]
        for plane, part in parts[1:]:
            joined |= part << np.uint32(8 * plane)
        return joined


def _gaps(start: Int) -> npt.NDArray[np.uint32]:
    return np.diff(start, prepend=0).astype(np.uint32)


def encode(snvs: Sites, others: Sites, level: int = 9) -> tuple[bytes, bytes]:
    """The key frame and the value frame."""
    allele_number = np.concatenate((snvs.allele_number, others.allele_number))
    values, counts = np.unique(allele_number, return_counts=True)
    usual = int(values[counts.argmax()])
    keys = b"".join(
        (
            np.array([len(snvs), len(others), usual], _HEADER).tobytes(),
            _encode_column(_gaps(snvs.start)),
            snvs.key.astype(np.uint8).tobytes(),
            _encode_column(_gaps(others.start)),
            others.key.astype("<u8").tobytes(),
        )
    )
    difference = usual - allele_number
    columns = (
        np.concatenate((snvs.allele_count, others.allele_count)).astype(np.uint32),
        (np.abs(difference) << 1 | (difference < 0)).astype(np.uint32),  # sign in the lowest bit
        np.concatenate((snvs.homozygotes, others.homozygotes)).astype(np.uint32),
    )
    compressor = zstandard.ZstdCompressor(level=level)
    return compressor.compress(keys), compressor.compress(b"".join(_encode_column(c) for c in columns))


class ChunkKeys:
    """The decoded key frame; `values` is decoded only when something was found.

    `snv_keys` are `(start - snv_base) << 4 | code`: no chromosome is longer than 2**28 bases.
    """

    __slots__ = ("_frame", "other_keys", "other_starts", "snv_base", "snv_keys", "usual_allele_number")

    def __init__(self, keys: bytes, values: bytes) -> None:
        content = zstandard.ZstdDecompressor().decompress(keys)
        snvs, others, self.usual_allele_number = (int(n) for n in np.frombuffer(content, _HEADER, 3))
        gaps = _Column(content, 12, snvs)
        codes = np.frombuffer(content, np.uint8, snvs, gaps.end)
        steps = gaps.whole(snvs)
        self.snv_base = int(steps[0]) if snvs else 0
        steps[:1] = 0
        self.snv_keys: Short = np.cumsum(steps, dtype=np.uint32) << np.uint32(4) | codes
        other_gaps = _Column(content, gaps.end + snvs, others)
        self.other_starts: Int = np.cumsum(other_gaps.whole(others), dtype=np.int64)
        self.other_keys = np.frombuffer(content, "<u8", others, other_gaps.end)
        self._frame = values

    def values(self, sites: Int) -> tuple[Int, Int, Int]:
        """AC, AN and homozygotes (-1: unknown) of sites by index, SNVs first."""
        content = zstandard.ZstdDecompressor().decompress(self._frame)
        total = len(self.snv_keys) + len(self.other_starts)
        counts = _Column(content, 0, total)
        differences = _Column(content, counts.end, total)
        homozygotes = _Column(content, differences.end, total).at(sites)
        coded = differences.at(sites).astype(np.int64)
        difference = np.where(coded & 1, -(coded >> 1), coded >> 1)
        return (
            counts.at(sites).astype(np.int64),
            self.usual_allele_number - difference,
            np.where(homozygotes == UNKNOWN, -1, homozygotes.astype(np.int64)),
        )

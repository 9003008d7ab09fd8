"""The records of a block as questions to a column store: keys of all short alleles at once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from service.frequency.column_store.alleles import (
    EXACT_BASES,
    NOT_SNV,
    RANKS,
    allele_key,
    parsimonious,
    snv_code,
)
from service.frequency.column_store.blocks import SiteBlock

Int = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Questions:
    """Arguments of `ColumnStore.lookup`; records with several ALTs are listed apart and not asked."""

    start: Int
    code: npt.NDArray[np.uint8]
    key: npt.NDArray[np.uint64]
    long_alleles: dict[int, tuple[bytes, bytes]]
    multiallelic: tuple[int, ...]


def questions(block: SiteBlock, low: int, high: int) -> Questions:
    """Questions for the records low..high of a block, which lie on one contig."""
    octets = np.frombuffer(block.content, np.uint8)
    start, code = block.start[low:high].copy(), block.code[low:high].copy()
    key = np.zeros(high - low, np.uint64)
    other = np.flatnonzero(code == NOT_SNV)
    tabs = block.tabs[low:high][other]
    ref_length, alt_length = tabs[:, 3] - tabs[:, 2] - 1, tabs[:, 4] - tabs[:, 3] - 1
    packed, exact = _pack(octets, tabs[:, 2] + 1, ref_length, tabs[:, 3] + 1, alt_length)
    key[other[exact]] = packed[exact]
    long_alleles: dict[int, tuple[bytes, bytes]] = {}
    multiallelic = []
    for index in other[~exact].tolist():
        ref, alt = block.alleles(low + index)
        if b"," in alt:
            multiallelic.append(index)
        start[index], ref, alt = parsimonious(int(start[index]), ref, alt)
        code[index] = snv_code(ref, alt)
        key[index] = allele_key(ref, alt)
        long_alleles[index] = (ref, alt)
    return Questions(start, code, key, long_alleles, tuple(multiallelic))


def _pack(
    octets: npt.NDArray[np.uint8], ref: Int, ref_length: Int, alt: Int, alt_length: Int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.bool_]]:
    """Exact keys, and for which records they hold: short, made of ACGT, nothing left to trim."""
    total = ref_length + alt_length
    exact = total <= EXACT_BASES
    bits = np.zeros(len(ref), np.uint64)
    for place in range(int(np.where(exact, total, 0).max(initial=0))):
        within = exact & (place < total)
        offset = np.where(place < ref_length, ref + place, alt + place - ref_length)
        rank = RANKS[octets[np.where(within, offset, 0)]]
        exact &= ~within | (rank < 4)
        bits = np.where(within, bits << np.uint64(2) | rank, bits)
    both = (ref_length > 1) & (alt_length > 1)
    exact &= ~(both & (octets[ref + ref_length - 1] == octets[alt + alt_length - 1]))
    exact &= ~(both & (octets[ref] == octets[alt]))
    lengths = (ref_length << 5 | alt_length).astype(np.uint64)
    return bits << np.uint64(10) | lengths, exact

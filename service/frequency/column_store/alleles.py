"""Alleles as integers: exact for SNVs and for up to 24 bases, a digest to be verified beyond.

An SNV is a code below 16, `4 * ref + alt` over ACGT. Any other pair of alleles is a 64-bit key: 5 bits for
each length and two a base; longer pairs, or pairs with N, have the top bit set over 63 bits of BLAKE2b.
"""

import hashlib

import numpy as np
import numpy.typing as npt

BASES = b"ACGT"
NOT_SNV = 255
EXACT_BASES = 24
LONG = 1 << 63
_RANK = {base: rank for rank, base in enumerate(BASES)}
# Byte value -> rank of the base; 4 for everything that is not A, C, G or T.
RANKS: npt.NDArray[np.uint8] = np.full(256, 4, np.uint8)
RANKS[list(BASES)] = range(4)


def snv_code(ref: bytes, alt: bytes) -> int:
    """Code of a single-base substitution; NOT_SNV for anything else.

    >>> snv_code(b"G", b"A"), snv_code(b"GA", b"A")
    (8, 255)
    """
    if len(ref) != 1 or len(alt) != 1 or ref[0] not in _RANK or alt[0] not in _RANK:
        return NOT_SNV
    return 4 * _RANK[ref[0]] + _RANK[alt[0]]


def allele_key(ref: bytes, alt: bytes) -> int:
    """Key of any pair of alleles; equal keys below LONG are equal alleles.

    >>> allele_key(b"A", b"AT") == allele_key(b"A", b"AG")
    False
    >>> allele_key(b"A" * 30, b"A") >= LONG
    True
    """
    if len(ref) + len(alt) <= EXACT_BASES:
        packed = 0
        for base in ref + alt:
            rank = _RANK.get(base)
            if rank is None:
                break
            packed = packed << 2 | rank
        else:
            return packed << 10 | len(ref) << 5 | len(alt)
    digest = hashlib.blake2b(ref + b"\t" + alt, digest_size=8).digest()
    return int.from_bytes(digest, "big") | LONG


def parsimonious(start: int, ref: bytes, alt: bytes) -> tuple[int, bytes, bytes]:
    """Shared ends removed down to one anchor base: suffix first, as left-aligned VCF records are written.

    >>> parsimonious(9, b"CAT", b"CAT"[:1] + b"T"), parsimonious(9, b"GA", b"CA")
    ((9, b'CA', b'C'), (9, b'G', b'C'))
    """
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        start, ref, alt = start + 1, ref[1:], alt[1:]
    return start, ref, alt


def alleles_of(key: int) -> tuple[str, str] | None:
    """The alleles of a key below LONG; None for others, of which the key is a digest.

    >>> alleles_of(allele_key(b"GATTT", b"G"))
    ('GATTT', 'G')
    """
    if key >= LONG:
        return None
    packed, ref, alt = key >> 10, key >> 5 & 31, key & 31
    bases = "".join("ACGT"[packed >> 2 * place & 3] for place in range(ref + alt - 1, -1, -1))
    return bases[:ref], bases[ref:]

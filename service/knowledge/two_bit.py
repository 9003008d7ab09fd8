"""Bases at two bits each: four in a byte, the first in the highest bits, A=0 C=1 G=2 T=3."""

from typing import Any, TypeAlias

import numpy as np

Bytes: TypeAlias = "np.ndarray[Any, Any]"

_CODES = np.zeros(256, np.uint8)
for _code, _base in enumerate(b"ACGT"):
    _CODES[_base] = _code


def packed(bases: Bytes) -> Bytes:
    """Pack upper-case ACGT; the last byte is filled with A.

    >>> packed(np.frombuffer(b"ACGTC", np.uint8)).tobytes().hex()
    '1b40'
    """
    return packed_codes(_CODES[bases])


def packed_codes(codes: Bytes) -> Bytes:
    """Pack codes 0..3."""
    filled = np.concatenate([codes, np.zeros(-len(codes) % 4, np.uint8)]).reshape(-1, 4)
    found: Bytes = filled[:, 0] << 6 | filled[:, 1] << 4 | filled[:, 2] << 2 | filled[:, 3]
    return found


def codes_of(content: Bytes, offset: int, start: int, end: int) -> Bytes:
    """Codes of the bases start..end of a region that begins at a byte offset.

    >>> codes_of(np.frombuffer(bytes.fromhex("001b40"), np.uint8), 1, 1, 5).tolist()
    [1, 2, 3, 1]
    """
    places = np.arange(start, end) + 4 * offset
    found: Bytes = (content[places >> 2] >> (6 - 2 * (places & 3)).astype(np.uint8)) & 3
    return found

"""Repeats in a protein, for in-frame changes of length."""

# A run of this many equal residues, or a unit this often, is a repeat.
_RUN, _COPIES = 6, 4


def in_repeat(protein: str, first: int, last: int) -> bool:
    """Whether residues first..last (1-based) lie in a run of one residue or in copies of a short unit.

    >>> in_repeat("MKAAAAAAAAAGT", 5, 6), in_repeat("MKPEVLSRTAGT", 5, 6)
    (True, False)
    >>> in_repeat("MK" + "QPL" * 5 + "GT", 6, 8)
    True
    """
    start = first - 1
    if not 0 <= start < len(protein):
        return False
    unit = protein[start : min(last, len(protein))]
    if len(set(unit)) == 1:
        return _copies(protein, start, unit[0]) >= _RUN
    return _copies(protein, start, unit) >= _COPIES


def _copies(protein: str, start: int, unit: str) -> int:
    size, low, high = len(unit), start, start + len(unit)
    while low >= size and protein[low - size : low] == unit:
        low -= size
    while protein[high : high + size] == unit:
        high += size
    return (high - low) // size

"""What the bytes of many records tell at once: overlap, alternate genotypes, structural alleles."""

import numpy as np
from numpy.typing import NDArray

from service.variants.line_table import LineTable, Rows

Mask = NDArray[np.bool_]


def overlaps(spans: tuple[Rows, Rows], start: Rows, end: Rows) -> Mask:
    """Which of the interbase intervals start..end overlap one of the spans (starts, ends)."""
    starts, ends = spans
    if not len(starts):
        return np.zeros(len(start), np.bool_)
    following = np.searchsorted(ends, start, side="right")
    inside = following < len(starts)
    begun: Mask = starts[np.minimum(following, len(starts) - 1)] < end
    return inside & begun


def carries_alternate(table: LineTable, rows: Rows, column: int) -> Mask:
    """Which records' genotype may name an alternate allele: all but 0, ., 0/0, 0|0, ./. and their mixes."""
    last = len(table.content) - 1
    at = table.begins(column)[rows]
    first, second, third, fourth = (table.content[np.minimum(at + k, last)] for k in range(4))
    nothing = _is_one_of(first, b"0.")
    haploid = nothing & _is_one_of(second, b":\t\r\n")
    diploid = nothing & _is_one_of(second, b"/|") & _is_one_of(third, b"0.") & _is_one_of(fourth, b":\t\r\n")
    key = table.begins(8)[rows]
    has_genotype = (table.content[key] == ord("G")) & (table.content[np.minimum(key + 1, last)] == ord("T"))
    without: Mask = has_genotype & (haploid | diploid)
    return ~without


def lacks_a_call(table: LineTable, rows: Rows, column: int) -> Mask:
    """Which records name no allele for one copy at least: ., ./., 0/., .|0."""
    last = len(table.content) - 1
    at = table.begins(column)[rows]
    first, second, third = (table.content[np.minimum(at + k, last)] for k in range(3))
    missing: Mask = (first == ord(".")) | (_is_one_of(second, b"/|") & (third == ord(".")))
    return missing


def has_structural_allele(table: LineTable) -> Mask:
    """Which records may have a symbolic or breakend allele, told by the first and last bytes of ALT."""
    begin, end, length = table.begins(4), table.ends[:, 4], table.lengths(4)
    first, last = table.content[begin], table.content[end - 1]
    before_last = table.content[np.maximum(end - 2, 0)]
    bracketed = _is_one_of(first, b"[]") | _is_one_of(last, b"[]")
    symbolic: Mask = (first == ord("<")) | ((last == ord(">")) & ~_is_one_of(before_last, b"F*"))
    single_breakend: Mask = (length > 1) & ((first == ord(".")) | (last == ord(".")))
    found: Mask = bracketed | symbolic | single_breakend
    return found


def structural_kind(alt: str) -> str | None:
    """The kind of a symbolic or breakend allele; None for bases, `*` and the reference-block alleles.

    >>> structural_kind("<DUP:TANDEM>"), structural_kind("G]17:198982]"), structural_kind("<NON_REF>")
    ('DUP:TANDEM', 'BND', None)
    """
    if alt in ("<NON_REF>", "<*>", "*", "."):
        return None
    if alt.startswith("<") and alt.endswith(">"):
        return alt[1:-1]
    if "[" in alt or "]" in alt or alt.startswith(".") or alt.endswith("."):
        return "BND"
    return None


def _is_one_of(content: NDArray[np.uint8], characters: bytes) -> Mask:
    found: Mask = content == characters[0]
    for character in characters[1:]:
        found |= content == character
    return found

"""Minimal, left-aligned, VCF-anchored alleles."""

from typing import Protocol

from service.domain.assembly import Assembly
from service.domain.variant import Variant

# How far upstream is fetched at a time while an allele is shifted.
_WINDOW = 64


class ReferenceBases(Protocol):
    """Reference sequence, where it is configured."""

    def bases(self, assembly: Assembly, chrom: str, start: int, end: int) -> str:
        """Upper-case bases of start..end (interbase), N where not known; as long as what was asked."""


def trim(start: int, ref: str, alt: str) -> tuple[int, str, str]:
    """The same change with no more shared bases than one anchor; neither allele becomes empty.

    >>> trim(99, "CTTTA", "CTTA")
    (99, 'CT', 'C')
    >>> trim(99, "GAC", "GTC")
    (100, 'A', 'T')
    """
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    shared = 0
    while shared < min(len(ref), len(alt)) - 1 and ref[shared] == alt[shared]:
        shared += 1
    return start + shared, ref[shared:], alt[shared:]


def left_align(variant: Variant, reference: ReferenceBases | None) -> Variant:
    """The variant trimmed, and shifted as far left as the reference is known. Idempotent.

    Source: Tan 2015, doi:10.1093/bioinformatics/btv112.
    """
    start, ref, alt = trim(variant.start, variant.ref, variant.alt)
    if reference is not None and len(ref) != len(alt) and 1 in (len(ref), len(alt)) and ref[0] == alt[0]:
        start, ref, alt = _shift(variant, start, ref, alt, reference)
    if (start, ref, alt) == (variant.start, variant.ref, variant.alt):
        return variant
    return Variant(variant.assembly, variant.chrom, start, ref, alt)


def _shift(
    variant: Variant, start: int, ref: str, alt: str, reference: ReferenceBases
) -> tuple[int, str, str]:
    """Move a pure insertion or deletion left while the base before it equals its last base."""
    changed = ref[1:] or alt[1:]  # the inserted or deleted bases; the anchor is ref[0]
    anchor, upstream, window_start = ref[0], "", start
    while changed[-1] == anchor:
        if start == 0:
            break
        if start <= window_start:
            begin = max(0, start - _WINDOW)
            upstream = reference.bases(variant.assembly, variant.chrom, begin, start)
            window_start = begin
        before = upstream[start - 1 - window_start]
        if before == "N":
            break
        changed, anchor, start = anchor + changed[:-1], before, start - 1
    return (start, anchor + changed, anchor) if len(ref) > len(alt) else (start, anchor, anchor + changed)

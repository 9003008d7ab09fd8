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
    if reference is not None:
        start, ref, alt = _shift(variant, start, ref, alt, reference)
    if (start, ref, alt) == (variant.start, variant.ref, variant.alt):
        return variant
    return Variant(variant.assembly, variant.chrom, start, ref, alt)


def _shift(
    variant: Variant, start: int, ref: str, alt: str, reference: ReferenceBases
) -> tuple[int, str, str]:
    """Trimmed alleles moved left while they end in the same base and the base before them is known."""
    upstream, window_start = "", start
    while ref[-1] == alt[-1] and start > 0:
        if start == window_start:
            window_start = max(0, start - _WINDOW)
            upstream = reference.bases(variant.assembly, variant.chrom, window_start, start)
        before = upstream[start - 1 - window_start]
        if before == "N":
            break
        start, ref, alt = start - 1, before + ref[:-1], before + alt[:-1]
    return start, ref, alt

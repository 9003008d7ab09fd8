"""HGVS g. short forms (`g.94781859G>A`, `g.117559592_117559594del`) into left-aligned alleles.

Only what an exact query needs: substitution, del, dup, ins, delins on genomic coordinates. Source: HGVS
nomenclature 21.1, DNA recommendations.
"""

import re
from collections.abc import Callable

from service.node.refusal import Refusal

# Bases of start..end (interbase) of a chromosome in the node's assembly; None where they are not known.
Reference = Callable[[str, int, int], "str | None"]

_SUBSTITUTION = re.compile(r"g\.(\d{1,10})([ACGT])>([ACGT])")
_EDIT = re.compile(r"g\.(\d{1,10})(?:_(\d{1,10}))?(delins|del|dup|ins)([ACGT]*)")


def read_short_form(text: str, chrom: str, reference: Reference | None) -> tuple[int, str, str]:
    """Interbase start, reference and alternate bases, trimmed and left-aligned."""
    if substitution := _SUBSTITUTION.fullmatch(text):
        return int(substitution[1]) - 1, substitution[2], substitution[3]
    edit = _EDIT.fullmatch(text)
    if edit is None:
        raise Refusal(400, "the short form must be HGVS g. with >, del, dup, ins or delins")
    if reference is None:
        raise Refusal(
            400,
            "del, dup, ins and delins need the reference sequence, which this node was started without; "
            "ask with start, referenceBases and alternateBases",
        )
    start, end = int(edit[1]) - 1, int(edit[2] or edit[1])
    kind, bases = edit[3], edit[4]
    if end < start + 1 or (kind == "ins" and end != start + 2):
        raise Refusal(400, "the positions of the short form do not fit its kind of change")
    replaced = _sequence(reference, chrom, start, end)
    if kind == "ins":
        if not bases:
            raise Refusal(400, "ins without bases")
        return _left_aligned(chrom, start + 1, "", bases, reference)
    if kind == "delins":
        if not bases or bases == replaced:
            raise Refusal(400, "delins needs bases that differ from the reference")
        return start, replaced, bases
    if bases and bases != replaced:
        raise Refusal(400, f"the bases of the {kind} are not those of the reference")
    if kind == "dup":
        return _left_aligned(chrom, end, "", replaced, reference)
    return _left_aligned(chrom, start, replaced, "", reference)


def _sequence(reference: Reference, chrom: str, start: int, end: int) -> str:
    bases = reference(chrom, start, end)
    if bases is None or len(bases) != end - start:
        raise Refusal(400, "the reference sequence at this place is not known to this node")
    return bases


def _left_aligned(chrom: str, start: int, ref: str, alt: str, reference: Reference) -> tuple[int, str, str]:
    """The same pure insertion or deletion, moved as far left as the sequence allows."""
    while start > 0:
        before = _sequence(reference, chrom, start - 1, start)
        if (ref or alt)[-1] != before:
            return start, ref, alt
        start -= 1
        ref, alt = (before + ref[:-1] if ref else ""), (before + alt[:-1] if alt else "")
    return start, ref, alt

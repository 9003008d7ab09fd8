"""Published changes of transcripts without sequence: where they lie, and what they do to the protein."""

import re
from collections.abc import Iterable

from service.domain.genetic_code import THREE_LETTERS
from service.domain.published import PublishedAllele
from service.domain.transcript import Transcript
from service.domain.variant import Variant
from service.variants.justify import Justified, strip
from service.variants.protein import Kind, ProteinChange

# The published forms that are taken over, and the kind of change that each is.
_WRITTEN: tuple[tuple[str, Kind], ...] = (
    (r"X(\d+)fs", "frameshift"),
    (r"X(\d+)Ter", "stop_gained"),
    (r"X(\d+)=", "synonymous"),
    (r"Ter(\d+)XextTer(?:\d+|\?)", "stop_lost"),
    (r"X(\d+)X", "missense"),
    (r"X(\d+)(?:_X\d+)?del", "inframe_deletion"),
    (r"X(\d+)(?:_X\d+)?dup", "inframe_insertion"),
    (r"X(\d+)_X\d+insX+", "inframe_insertion"),
    (r"X(\d+)(?:_X\d+)?delinsX+", "protein_altering"),
    (r"X(\d+)(?:_X\d+)?delins((?:X)+)Ter", "stop_gained"),
)
_RESIDUE = "(?:" + "|".join(sorted(set(THREE_LETTERS.values()) - {"Ter", "Xaa"})) + ")"
_FORMS = tuple((re.compile(form.replace("X", _RESIDUE)), kind) for form, kind in _WRITTEN)


def published_change(allele: PublishedAllele, transcript: Transcript) -> ProteinChange | None:
    """What a published allele does to the protein of its transcript; None where no name tells, or the start
    codon is hit.
    """
    for form, kind in _FORMS:
        found = form.fullmatch(allele.protein)
        if found is None:
            continue
        first, length, cds = int(found[1]), transcript.protein_length, transcript.cds
        if first == 1 or cds is None or length is None:
            return None
        if kind == "stop_gained":
            last = first + (len(found[2]) // 3 if form.groups > 1 else 0)
            return ProteinChange(kind, allele.protein, first, cds[0] + 3 * last, last - 1 - length)
        change = (len(allele.alt) - len(allele.ref)) // 3
        return ProteinChange(kind, allele.protein, first, None, None if kind in _OPEN else change)
    return None


# How many residues the product has is not known without the bases behind the change.
_OPEN = ("frameshift", "stop_lost")


def with_published_bases(variant: Variant, alleles: Iterable[PublishedAllele]) -> Variant:
    """The variant with the bases of REF that it does not state, where it is a published allele."""
    if "N" not in variant.ref:
        return variant
    copied = variant.alt == variant.ref + variant.ref
    for allele in alleles:
        if not (allele.start <= variant.start and variant.end <= allele.end):
            continue
        at = variant.start - allele.start
        ref = allele.ref[at : at + len(variant.ref)]
        alt = ref + ref if copied else variant.alt
        if _gives(allele, at, ref, alt) and all(a in ("N", b) for a, b in zip(variant.ref, ref, strict=True)):
            return Variant(variant.assembly, variant.chrom, variant.start, ref, alt)
    return variant


def as_published(change: Justified, alleles: Iterable[PublishedAllele]) -> PublishedAllele | None:
    """The published allele that a change is, wherever in the equivalent places it was written."""
    for allele in alleles:
        if allele.start <= change.start and change.end <= allele.end:
            at = change.start - allele.start
            if allele.ref[at : at + len(change.ref)] == change.ref and _gives(
                allele, at, change.ref, change.alt
            ):
                return allele
    return None


def justified_as(allele: PublishedAllele, variant: Variant) -> Justified:
    """The change that a variant is, with the room to move that its published form shows. The base before is
    known where the variant states it.
    """
    start, ref, alt = strip(allele.start, allele.ref, allele.alt)
    before = start - 1 - variant.start
    anchor = variant.ref[before] if 0 <= before < len(variant.ref) else ""
    room = "" if ref and alt else allele.ref[len(ref) :]
    return Justified(variant.assembly, variant.chrom, start, ref, alt, flank_right=room, anchor=anchor)


def _gives(allele: PublishedAllele, at: int, ref: str, alt: str) -> bool:
    return allele.ref[:at] + alt + allele.ref[at + len(ref) :] == allele.alt

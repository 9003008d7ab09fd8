"""How far an insertion or deletion can move without changing the resulting sequence, and its forms.

One change has many spellings inside a repeat. `justify` finds the whole stretch of equivalent places, from
which every standard form follows: VCF takes the leftmost, HGVS the most 3', SPDI and VRS the stretch itself
(fully justified; NCBI's VOCA, Holmes 2020, doi:10.1093/bioinformatics/btz856).
"""

from dataclasses import dataclass

from service.domain.assembly import Assembly
from service.domain.variant import Variant
from service.variants.reference import ReferenceSequence

_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
# Bases fetched on either side at first; doubled while a repeat runs on.
_WINDOW = 128
_LONGEST_WINDOW = 1 << 17


def reverse_complement(bases: str) -> str:
    """The opposite strand, 5' to 3'.

    >>> reverse_complement("AACG")
    'CGTT'
    """
    return bases.translate(_COMPLEMENT)[::-1]


@dataclass(frozen=True, slots=True)
class Justified:
    """A change without shared bases at either end, and its room to move.

    `left` and `right` are how many bases it can move either way; `flank_left` and `flank_right` are the bases
    of these stretches. `complete` is False when the room ended at an unknown base: then it is a lower bound.
    `anchor` is the base before the leftmost place; empty at the chromosome's start or where unknown.
    """

    assembly: Assembly
    chrom: str
    start: int
    ref: str
    alt: str
    flank_left: str = ""
    flank_right: str = ""
    anchor: str = ""
    complete: bool = True

    @property
    def left(self) -> int:
        """Bases to the leftmost equivalent place."""
        return len(self.flank_left)

    @property
    def right(self) -> int:
        """Bases to the rightmost equivalent place."""
        return len(self.flank_right)

    @property
    def end(self) -> int:
        """Interbase end of the replaced bases."""
        return self.start + len(self.ref)

    def moved(self, by: int) -> tuple[int, str, str]:
        """Start, ref and alt of the equivalent change `by` bases to the right (negative: left)."""
        if not by:
            return self.start, self.ref, self.alt
        changed = self.ref or self.alt
        turn = by % len(changed)
        rotated = changed[turn:] + changed[:turn]
        return self.start + by, rotated if self.ref else "", rotated if self.alt else ""

    def beside(self, by: int) -> tuple[str, str]:
        """Bases of the stretch of equivalent places before and after an insertion moved `by` to the right."""
        stretch, at = self.flank_left + self.flank_right, self.left + by
        return stretch[:at], stretch[at:]

    def expanded(self) -> tuple[int, str, str]:
        """Start, ref and alt written over the whole stretch: fully justified."""
        return (
            self.start - self.left,
            self.flank_left + self.ref + self.flank_right,
            self.flank_left + self.alt + self.flank_right,
        )

    def leftmost(self) -> Variant | None:
        """Left-aligned, with the VCF anchor base where an allele is empty; None when that base is unknown."""
        start, ref, alt = self.moved(-self.left)
        if ref and alt:
            return Variant(self.assembly, self.chrom, start, ref, alt)
        if self.anchor:
            return Variant(self.assembly, self.chrom, start - 1, self.anchor + ref, self.anchor + alt)
        return None


def strip(start: int, ref: str, alt: str) -> tuple[int, str, str]:
    """The change without bases shared by both alleles, ends trimmed first; an allele may become empty.

    >>> strip(99, "CTTTA", "CTTA")
    (100, 'T', '')
    """
    end = 0
    shortest = min(len(ref), len(alt))
    while end < shortest and ref[-1 - end] == alt[-1 - end]:
        end += 1
    if end:
        ref, alt = ref[:-end], alt[:-end]
    begin = 0
    shortest -= end
    while begin < shortest and ref[begin] == alt[begin]:
        begin += 1
    return start + begin, ref[begin:], alt[begin:]


def justify(variant: Variant, reference: ReferenceSequence) -> Justified:
    """The change and its room to move, as far as the reference is known.

    Bases that the variant brings itself (a VCF anchor) count as known. N stands for a base that is not known:
    `N` to `NN` is a duplication of one.
    """
    assembly, chrom = variant.assembly, variant.chrom
    start, ref, alt = strip(variant.start, variant.ref, variant.alt)
    if ref and alt:
        return Justified(assembly, chrom, start, ref, alt, complete="N" not in ref)
    if variant.ref + variant.ref == variant.alt and "N" in alt:
        return Justified(assembly, chrom, start, ref, alt, flank_right=alt, complete=False)
    changed, end, window = ref or alt, start + len(ref), _WINDOW
    while True:
        low = max(0, start - window)
        before = reference.bases(assembly, chrom, low, start)
        after = reference.bases(assembly, chrom, end, end + window)
        before, after = _with_own_bases(variant, start, end, before, after)
        left, right = _room_left(changed, before), _room_right(changed, after)
        if window >= _LONGEST_WINDOW or (left < len(before) and right < len(after)):
            break
        if left == len(before) and low == 0 and right < len(after):
            break
        window *= 4
    known_left = (left < len(before) and before[-1 - left] != "N") or (low == 0 and left == len(before))
    known_right = right < len(after) and after[right] != "N"
    anchor = before[-1 - left] if left < len(before) else ""
    return Justified(
        assembly, chrom, start, ref, alt,
        flank_left=before[len(before) - left :],
        flank_right=after[:right],
        anchor="" if anchor == "N" else anchor,
        complete=known_left and known_right and "N" not in changed,
    )  # fmt: skip


def _with_own_bases(variant: Variant, start: int, end: int, before: str, after: str) -> tuple[str, str]:
    """Flanks in which the bases that the variant itself states are filled in."""
    own_before, own_after = variant.ref[: start - variant.start], variant.ref[end - variant.start :]
    if own_before and before.endswith("N" * len(own_before)):
        before = before[: -len(own_before)] + own_before
    if own_after and after.startswith("N" * len(own_after)):
        after = own_after + after[len(own_after) :]
    return before, after


def _room_left(changed: str, before: str) -> int:
    size, room = len(changed), 0
    while room < len(before) and before[-1 - room] == changed[-1 - room % size] != "N":
        room += 1
    return room


def _room_right(changed: str, after: str) -> int:
    size, room = len(changed), 0
    while room < len(after) and after[room] == changed[room % size] != "N":
        room += 1
    return room

"""GRCh37 <-> GRCh38 by alignment blocks, with what cannot be carried over refused for a stated reason."""

from bisect import bisect_right

from service.domain.assembly import CHROMOSOMES, Assembly
from service.domain.sequence import AlignmentBlocks, AssemblyAlignment, LiftRefusal
from service.domain.variant import Interval, Variant
from service.variants.reference import ReferenceSequence

NOT_ALIGNED = "the position has no counterpart on the primary chromosomes of {to}"
SPLIT = "the alignment to {to} is interrupted within the variant"
REVERSED = "the region is inverted between the assemblies"
NOT_RECIPROCAL = "the position does not come back from {to}: the region is duplicated there"
OTHER_BASE = "the reference base differs in {to}"


class Liftover:
    """Carries variants between assemblies. `alignment` comes from the knowledge base or chain files."""

    def __init__(self, alignment: AssemblyAlignment, reference: ReferenceSequence | None = None) -> None:
        self._blocks = alignment.blocks
        self._reference = reference

    def lift(self, variant: Variant, to: Assembly) -> Variant | LiftRefusal:
        """The same change on the other assembly, or why not.

        REF is compared with the target's bases where these are known. A variant already on `to` is returned.
        """
        if variant.assembly is to:
            return variant
        if variant.chrom == "MT":  # one revised reference sequence serves both assemblies
            return Variant(to, "MT", variant.start, variant.ref, variant.alt)
        place = self.place(variant.assembly, variant.chrom, variant.start, variant.ref, to)
        if isinstance(place, str):
            return LiftRefusal(variant, to, place)
        return Variant(to, *place, variant.ref, variant.alt)

    def place(
        self, assembly: Assembly, chrom: str, start: int, ref: str, to: Assembly
    ) -> tuple[str, int] | str:
        """Chromosome and interbase start of the bases `ref` on the other assembly, or why not."""
        if chrom == "MT":
            return chrom, start
        place = self._place(assembly, chrom, start, start + len(ref), to)
        if isinstance(place, str):
            return place.format(to=to)
        if self._reference is not None and ref and self._reference.has(to):
            expected = self._reference.bases(to, *place, place[1] + len(ref))
            if any(a != b and "N" not in (a, b) for a, b in zip(expected, ref, strict=True)):
                return OTHER_BASE.format(to=to)
        return place

    def lift_interval(self, assembly: Assembly, interval: Interval, to: Assembly) -> Interval | str:
        """The interval on the other assembly, or the reason why it has none."""
        if assembly is to or interval.chrom == "MT":
            return interval
        place = self._place(assembly, interval.chrom, interval.start, interval.end, to)
        if isinstance(place, str):
            return place.format(to=to)
        chrom, start = place
        return Interval(chrom, start, start + interval.end - interval.start)

    def _place(
        self, source: Assembly, chrom: str, start: int, end: int, to: Assembly
    ) -> tuple[str, int] | str:
        """Target chromosome and start of an interval; for an empty one, of the point between two bases."""
        low, high = (start, end) if end > start else (max(start - 1, 0), start + 1)
        hit = _map(self._blocks.get((source, chrom)), low, high)
        if isinstance(hit, str):
            return hit
        target_chrom, first = hit
        back = _map(self._blocks.get((to, target_chrom)), first, first + high - low)
        if back != (chrom, low):
            return NOT_RECIPROCAL
        return target_chrom, first + (start - low)


def _map(blocks: AlignmentBlocks | None, start: int, end: int) -> tuple[str, int] | str:
    """Target chromosome and start of start..end when one forward block holds it; else the reason."""
    if blocks is None:
        return NOT_ALIGNED
    number = bisect_right(blocks.starts, start) - 1
    if number < 0 or blocks.ends[number] <= start:
        later = number + 1
        return SPLIT if later < len(blocks.starts) and blocks.starts[later] < end else NOT_ALIGNED
    if blocks.ends[number] < end:
        return SPLIT
    if blocks.strands[number] < 0:
        return REVERSED
    return CHROMOSOMES[blocks.chroms[number]], blocks.targets[number] + start - blocks.starts[number]

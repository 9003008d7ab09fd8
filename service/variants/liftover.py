"""GRCh37 <-> GRCh38 by alignment blocks, with what cannot be carried over refused for a stated reason."""

from bisect import bisect_right
from collections.abc import Sequence

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
    """Carries variants between assemblies. `alignment` may come from the knowledge base or a chain file."""

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


def read_chain(lines: Sequence[str], source: Assembly) -> AssemblyAlignment:
    """Alignment blocks of the primary chromosomes from a UCSC chain file's lines."""
    from array import array

    names = {f"chr{chrom}": chrom for chrom in CHROMOSOMES if chrom != "MT"} | {c: c for c in CHROMOSOMES}
    rows: dict[str, list[tuple[int, int, int, int, int]]] = {}
    header: list[str] | None = None
    at = target = 0
    for line in lines:
        cells = line.split()
        if not cells or cells[0].startswith("#"):
            continue
        if cells[0] == "chain":
            header = cells if cells[2] in names and cells[7] in names else None
            at, target = int(cells[5]), int(cells[10])
        elif header is not None:
            size = int(cells[0])
            forward = header[9] == "+"
            first = target if forward else int(header[8]) - 1 - target
            chrom, number = names[header[2]], CHROMOSOMES.index(names[header[7]])
            rows.setdefault(chrom, []).append((at, at + size, first, number, 1 if forward else -1))
            if len(cells) == 3:
                at, target = at + size + int(cells[1]), target + size + int(cells[2])
    return AssemblyAlignment(
        {
            (source, chrom): AlignmentBlocks(
                *(array("l", column) for column in zip(*sorted(found), strict=True))
            )
            for chrom, found in rows.items()
        }
    )

"""Where a genomic change lies on a transcript's exons: their numbers, offsets, and what it touches."""

from typing import TypeAlias

from service.variants.coding import Geometry

# The exon or intron in words, and its number in transcript order with how many there are; None outside.
Where: TypeAlias = tuple[str | None, tuple[int, int] | None]


def exon_text(geometry: Geometry, position: int) -> Where:
    """`5/12` within an exon, `intron 4/11` within an intron, and the two numbers; None outside."""
    found = geometry.exon_number(position)
    if found is None:
        return None, None
    kind, number, count = found
    return (f"{number}/{count}" if kind == "exon" else f"intron {number}/{count}"), (number, count)


def offsets(geometry: Geometry, start: int, end: int) -> tuple[int, int] | None:
    """Transcript offsets first..last of exonic genomic bases; None when an end is not exonic."""
    if start == end:
        left, right = geometry.locate(start - 1), geometry.locate(start)
        if left is None or right is None or left[1] or right[1]:
            return None
        at = max(left[0], right[0])
        return at, at
    low, high = geometry.locate(start), geometry.locate(end - 1)
    if low is None or high is None or low[1] or high[1]:
        return None
    first, last = min(low[0], high[0]), max(low[0], high[0]) + 1
    return (first, last) if last - first == end - start else None


def holds_an_intron(geometry: Geometry, start: int, size: int) -> bool:
    """Whether the `size` bases whose copy is inserted before `start`, as read on the transcript, lie in more
    than one exon: what the copy's splice sites do to the product is not known.
    """
    low = start - size if geometry.strand > 0 else start
    ends = geometry.locate(low), geometry.locate(low + size - 1)
    if ends[0] is None or ends[1] is None or ends[0][1] or ends[1][1]:
        return False
    return abs(ends[0][0] - ends[1][0]) + 1 != size


def after_exon(geometry: Geometry, start: int) -> tuple[int, int] | None:
    """The offset after an exon whose last bases are duplicated: the copy counts as part of the exon."""
    for position in (start - 1, start):
        place = geometry.locate(position)
        if place is not None and not place[1]:
            at = place[0] + 1
            return at, at
    return None


def touches_cds(geometry: Geometry, first: int, last: int) -> bool:
    """Whether a change at the transcript offsets first..last reaches into the coding interval."""
    if first == last:
        return geometry.cds_start < first < geometry.cds_end
    return first < geometry.cds_end and last > geometry.cds_start

"""Where a change lies on a transcript, by coordinates alone: fast, for the many variants of an exome."""

from bisect import bisect_right
from enum import StrEnum

from service.domain.transcript import Transcript
from service.domain.variant import Variant


class Place(StrEnum):
    """Parts of a gene, the most telling first."""

    SPLICE_SITE = "splice site"
    CODING = "coding"
    SPLICE_REGION = "splice region"
    UNTRANSLATED = "untranslated or non-coding exon"
    INTRON = "intron"
    OUTSIDE = "outside"


# The two bases beside an exon are the canonical site, eight the region. Source: Ensembl VEP, release 110.
_SITE, _REGION = 2, 8


def place_of(variant: Variant, transcript: Transcript) -> Place:
    """The most telling part of the transcript that the change touches.

    >>> from service.domain.assembly import Assembly
    >>> from service.domain.transcript import parse_transcript
    >>> line = "N.1\\tP.1\\t\\tG\\t\\tMANE Select\\t1\\t+\\t100\\t300\\t\\t5-150\\t\\t100;50,50"
    >>> gene = parse_transcript(line)
    >>> [place_of(Variant(Assembly.GRCH38, "1", at, "A", "T"), gene).value for at in (102, 110, 201, 225)]
    ['untranslated or non-coding exon', 'coding', 'splice site', 'intron']
    """
    start, end = changed_bases(variant)
    if end <= transcript.start or start >= transcript.end:
        return Place.OUTSIDE
    coding = transcript.coding_exons if transcript.cds is not None else ()
    # An insertion at a border of coding sequence may lengthen it: read as coding.
    insertion = start == end
    within_coding = any(
        low <= start <= high if insertion else start < high and end > low for low, high in coding
    )
    if not insertion and _touches_site(start, end, transcript):
        return Place.SPLICE_SITE
    if within_coding:
        return Place.CODING
    number = bisect_right(transcript.exons, (start, 1 << 40)) - 1
    if number >= 0 and transcript.exons[number][1] >= end:
        return Place.UNTRANSLATED
    near = any(
        start < high + _REGION and end > low - _REGION
        for low, high in transcript.exons[max(0, number) : number + 2]
    )
    return Place.SPLICE_REGION if near else Place.INTRON


def changed_bases(variant: Variant) -> tuple[int, int]:
    """The interbase span of the bases that change, without the anchor; empty at an insertion."""
    shared = 0
    while shared < min(len(variant.ref), len(variant.alt)) and variant.ref[shared] == variant.alt[shared]:
        shared += 1
    return variant.start + shared, variant.end


def _touches_site(start: int, end: int, transcript: Transcript) -> bool:
    number = max(0, bisect_right(transcript.exons, (start, 1 << 40)) - 1)
    first, last = transcript.exons[0][0], transcript.exons[-1][1]
    for low, high in transcript.exons[number : number + 3]:
        if low != first and start < low and end > low - _SITE:
            return True
        if high != last and start < high + _SITE and end > high:
            return True
    return False

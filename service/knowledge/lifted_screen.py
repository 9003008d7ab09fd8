"""GRCh37's screening spans under another alignment than the shipped one."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import replace

from service.domain.assembly import CHROMOSOMES, Assembly
from service.domain.screening import NO_SPANS, ScreenIndex, Spans
from service.domain.sequence import AlignmentBlocks, AssemblyAlignment
from service.domain.variant import Interval
from service.knowledge.screen import Key, on_grch37


def under_alignment(index: ScreenIndex, alignment: AssemblyAlignment) -> ScreenIndex:
    """The index whose GRCh37 spans also hold every place that an alignment, in either direction, pairs with a
    GRCh38 span. The spans it had stay: to screen is not to call, and a piece too many costs a look.

    Pharmacogene sites have their own positions on GRCh37 and are not lifted.
    """
    carriers = _also(index.carriers, alignment)
    return replace(index, carriers=carriers, coding=_also(index.coding, alignment))


def _also(known: Mapping[Key, Spans], alignment: AssemblyAlignment) -> dict[Key, Spans]:
    pairs: dict[str, list[tuple[int, int]]] = {}
    for (assembly, chrom), spans in known.items():
        if assembly is Assembly.GRCH37:
            pairs.setdefault(chrom, []).extend(zip(spans.starts, spans.ends, strict=True))
            continue
        for start, end in zip(spans.starts, spans.ends, strict=True):
            for piece in on_grch37(Interval(chrom, start, end), alignment):
                pairs.setdefault(piece.chrom, []).append((piece.start, piece.end))
    for (source, chrom), blocks in alignment.blocks.items():
        if source is Assembly.GRCH37:
            pairs.setdefault(chrom, []).extend(_that_lead_into(blocks, known))
    lifted = {
        (Assembly.GRCH37, chrom): Spans.merged(found) for chrom, found in sorted(pairs.items()) if found
    }
    return {key: spans for key, spans in known.items() if key[0] is not Assembly.GRCH37} | lifted


def _that_lead_into(blocks: AlignmentBlocks, known: Mapping[Key, Spans]) -> Iterator[tuple[int, int]]:
    """The pieces of GRCh37 blocks that are aligned to GRCh38 spans."""
    for number, start in enumerate(blocks.starts):
        size, first = blocks.ends[number] - start, blocks.targets[number]
        forward = blocks.strands[number] > 0
        low = first if forward else first - size + 1
        spans = known.get((Assembly.GRCH38, CHROMOSOMES[blocks.chroms[number]]), NO_SPANS)
        for at in range(bisect_right(spans.ends, low), len(spans)):
            if spans.starts[at] >= low + size:
                break
            begin, stop = max(low, spans.starts[at]) - low, min(low + size, spans.ends[at]) - low
            yield (start + begin, start + stop) if forward else (start + size - stop, start + size - begin)

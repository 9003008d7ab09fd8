"""The part `screen`: where a genome is looked at, compiled from the parts before it.

`spans.i32` holds, as 32-bit integers, all starts and then all ends of every (assembly, chromosome, kind);
`directory.json` says where each lies, and lists the sites whose reference bases are known.
"""

import mmap
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from service.domain.assembly import CHROMOSOMES, Assembly, chromosome_length
from service.domain.pgx import GeneDefinition
from service.domain.screening import KnownSite, ScreenIndex, Spans
from service.domain.sequence import AlignmentBlocks, AssemblyAlignment
from service.domain.transcript import EARLIER
from service.domain.transcript_catalogue import TranscriptCatalogue
from service.domain.variant import Interval
from service.errors import KnowledgeError
from service.knowledge import assertions, diseases, liftover, pharmacogenes, transcripts

# Bases beyond an exon in which records are kept: the splice region and a little more.
EXON_MARGIN = 50

Key = tuple[Assembly, str]


class _Place(msgspec.Struct):
    """Where the spans of one assembly, chromosome and kind lie, counted in integers."""

    assembly: str
    chrom: str
    kind: str
    offset: int
    count: int


class _Site(msgspec.Struct, array_like=True):
    """A known site, as written in the directory."""

    chrom: str
    start: int
    ref: str
    rsid: str | None


class _Directory(msgspec.Struct):
    """Everything but the integers."""

    places: list[_Place]
    sites: dict[str, list[_Site]]


def build(_content: Path, out: Path) -> dict[str, int]:
    """Compile the index from the parts beside `out`; row counts. The content itself is not read again.

    Raises:
        KnowledgeError: a part that this one rests on is missing or says nothing.
    """
    parts = out.parent
    definitions = tuple(pharmacogenes.load(_part(parts, "pharmacogenes")).values())
    known = diseases.load(_part(parts, "diseases"))
    genes = known.disease_genes | known.secondary_genes | known.carrier_genes
    catalogue = transcripts.load(_part(parts, "transcripts")).catalogue
    asserted = assertions.load(_part(parts, "assertions")).sites()
    alignment = liftover.load(_part(parts, "liftover"))

    on_grch38 = [
        *(asserted_span(chrom, start, ref) for chrom, start, ref, _ in asserted),
        *disease_exons(catalogue, genes),
        # Mitochondrial genes have no MANE model, and the whole molecule is shorter than many a gene.
        Interval("MT", 0, chromosome_length(Assembly.GRCH38, "MT")),
    ]
    carriers = _in_both(on_grch38, alignment)
    others = _in_both(disease_exons(catalogue, catalogue.genes() - genes), alignment)
    index = ScreenIndex(
        every={
            (assembly, chrom): spans
            for assembly in Assembly
            for chrom, spans in _merged(pharmacogenes.site_windows(definitions, assembly)).items()
        },
        carriers=_spans_of(carriers),
        coding=_spans_of({assembly: [*carriers[assembly], *others[assembly]] for assembly in Assembly}),
        known_sites={assembly: tuple(known_sites(definitions, assembly)) for assembly in Assembly},
    )
    if not index.every or not index.carriers:
        raise KnowledgeError("the parts before it name no site to screen for", where=out.name)
    return write(index, out)


def _in_both(on_grch38: Iterable[Interval], alignment: AssemblyAlignment) -> dict[Assembly, list[Interval]]:
    intervals = list(on_grch38)
    lifted = [piece for interval in intervals for piece in on_grch37(interval, alignment)]
    return {Assembly.GRCH38: intervals, Assembly.GRCH37: lifted}


def _spans_of(intervals: Mapping[Assembly, Iterable[Interval]]) -> dict[Key, Spans]:
    return {
        (assembly, chrom): spans
        for assembly, found in intervals.items()
        for chrom, spans in _merged(found).items()
    }


def asserted_span(chrom: str, start: int, ref: str) -> Interval:
    """Where records of an asserted variant lie: its bases, and the one that anchors an indel."""
    return Interval(chrom, max(0, start - 1), start + max(1, len(ref)))


def known_sites(definitions: Iterable[GeneDefinition], assembly: Assembly) -> Iterator[KnownSite]:
    """The sites of pharmacogenes, whose reference bases are known, one per position."""
    seen = set()
    for definition in definitions:
        for site in (*definition.sites, *definition.extra_sites):
            if assembly is Assembly.GRCH38:
                start, ref = site.start, site.ref
            elif site.grch37 is not None:
                start, ref, _ = site.grch37
            else:
                continue
            if (site.chrom, start) not in seen:
                seen.add((site.chrom, start))
                yield KnownSite(site.chrom, start, ref, site.rsid)


def disease_exons(catalogue: TranscriptCatalogue, genes: Iterable[str]) -> Iterator[Interval]:
    """Exons, with their margins, of the MANE transcripts of these genes; none where there is no model."""
    for gene in sorted(genes):
        for transcript in catalogue.of_gene(gene):
            if transcript.kind == EARLIER:
                continue
            for start, end in transcript.exons:
                yield Interval(transcript.chrom, max(0, start - EXON_MARGIN), end + EXON_MARGIN)


def on_grch37(interval: Interval, alignment: AssemblyAlignment) -> Iterator[Interval]:
    """The pieces of a GRCh38 interval on GRCh37; what is not aligned has none."""
    return on_other(interval, Assembly.GRCH38, alignment)


def on_other(interval: Interval, source: Assembly, alignment: AssemblyAlignment) -> Iterator[Interval]:
    """The pieces of an interval of assembly `source` on the other one; what is not aligned has none.

    To look is not to call: a piece too many costs a look, so the way back is not checked here.
    """
    if interval.chrom == "MT":  # one revised reference sequence serves both assemblies
        yield interval
        return
    blocks = alignment.blocks.get((source, interval.chrom))
    if blocks is None:
        return
    for number in range(max(0, bisect_right(blocks.starts, interval.start) - 1), len(blocks.starts)):
        low, high = max(interval.start, blocks.starts[number]), min(interval.end, blocks.ends[number])
        if blocks.starts[number] >= interval.end:
            return
        if low < high:
            yield _mapped(blocks, number, low, high)


def _mapped(blocks: AlignmentBlocks, number: int, low: int, high: int) -> Interval:
    chrom, first = CHROMOSOMES[blocks.chroms[number]], blocks.targets[number]
    offset = low - blocks.starts[number]
    if blocks.strands[number] > 0:
        return Interval(chrom, first + offset, first + offset + high - low)
    last = first - offset
    return Interval(chrom, last - (high - low) + 1, last + 1)


def write(index: ScreenIndex, out: Path) -> dict[str, int]:
    """Write an index into the new folder `out`; row counts."""
    out.mkdir(parents=True)
    integers, places = array("i"), []
    kinds = (("every", index.every), ("carriers", index.carriers), ("coding", index.coding))
    for kind, spans_of in kinds:
        for (assembly, chrom), spans in sorted(spans_of.items()):
            places.append(_Place(assembly.value, chrom, kind, len(integers), len(spans)))
            integers.extend(spans.starts)
            integers.extend(spans.ends)
    sites = {
        assembly.value: [_Site(s.chrom, s.start, s.ref, s.rsid) for s in found]
        for assembly, found in sorted(index.known_sites.items())
    }
    (out / "spans.i32").write_bytes(integers.tobytes())
    (out / "directory.json").write_bytes(msgspec.json.encode(_Directory(places, sites)))
    return {
        "every": sum(len(spans) for spans in index.every.values()),
        "carriers": sum(len(spans) for spans in index.carriers.values()),
        "sites": sum(len(found) for found in index.known_sites.values()),
    }


def load(path: Path) -> ScreenIndex:
    """The index, its spans memory-mapped. Raises KnowledgeError when a file is missing or damaged."""
    try:
        directory = msgspec.json.decode((path / "directory.json").read_bytes(), type=_Directory)
        with (path / "spans.i32").open("rb") as stream:
            mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        integers = memoryview(mapped).cast("i")
    except (OSError, ValueError, TypeError) as error:  # msgspec's errors are ValueErrors
        raise KnowledgeError(f"the screening index cannot be read: {error}", where=path.name) from error
    spans: dict[str, dict[Key, Spans]] = {"every": {}, "carriers": {}, "coding": {}}
    for place in directory.places:
        middle, end = place.offset + place.count, place.offset + 2 * place.count
        if end > len(integers) or place.kind not in spans:
            raise KnowledgeError("the screening index does not match its directory", where=path.name)
        spans[place.kind][Assembly(place.assembly), place.chrom] = Spans(
            integers[place.offset : middle], integers[middle:end]
        )
    sites = {
        Assembly(name): tuple(KnownSite(s.chrom, s.start, s.ref, s.rsid) for s in found)
        for name, found in directory.sites.items()
    }
    return ScreenIndex(spans["every"], spans["carriers"], sites, spans["coding"])


def _part(parts: Path, name: str) -> Path:
    path = parts / name
    if not path.exists():
        raise KnowledgeError(f"the screening index needs the part {name!r}, which was not built", where=name)
    return path


def _merged(intervals: Iterable[Interval]) -> dict[str, Spans]:
    pairs: dict[str, list[tuple[int, int]]] = {}
    for interval in intervals:
        pairs.setdefault(interval.chrom, []).append((interval.start, interval.end))
    return {chrom: Spans.merged(spans) for chrom, spans in sorted(pairs.items())}

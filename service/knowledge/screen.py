"""The part `screen`: where a genome is looked at, compiled from the parts before it.

`spans.i32` holds, as 32-bit integers, all starts and then all ends of every (assembly, chromosome, kind);
`directory.json` says where each lies, and lists the sites whose reference bases are known.
"""

import mmap
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from service.domain.assembly import Assembly
from service.domain.pgx import GeneDefinition
from service.domain.screening import KnownSite, ScreenIndex, Spans
from service.errors import KnowledgeError

# Bases on either side within which a record may describe a change of the site itself: an indel spelled from
# another anchor, or a neighbouring change that must be told apart from it.
SITE_WINDOW = 50
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
    chrom: str
    start: int
    ref: str
    rsid: str | None


class _Directory(msgspec.Struct):
    places: list[_Place]
    sites: dict[str, list[_Site]]


@dataclass(slots=True)
class Intervals:
    """Intervals under collection, by assembly and chromosome."""

    by_place: dict[Key, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, assembly: Assembly, chrom: str, start: int, end: int, margin: int) -> None:
        """Add start..end (interbase) with a margin on both sides."""
        self.by_place.setdefault((assembly, chrom), []).append((max(0, start - margin), end + margin))

    def spans(self) -> dict[Key, Spans]:
        """Merged spans in a fixed order."""
        return {key: Spans.merged(pairs) for key, pairs in sorted(self.by_place.items())}


def pharmacogene_sites(
    definitions: Iterable[GeneDefinition],
) -> tuple[Intervals, dict[Assembly, list[KnownSite]]]:
    """Windows around every site of every definition, and the sites themselves, in both assemblies."""
    windows = Intervals()
    sites: dict[Assembly, dict[tuple[str, int], KnownSite]] = {assembly: {} for assembly in Assembly}
    for definition in definitions:
        for site in (*definition.sites, *definition.extra_sites):
            placed = [(Assembly.GRCH38, site.start, site.ref)]
            if site.grch37 is not None:
                placed.append((Assembly.GRCH37, site.grch37[0], site.grch37[1]))
            for assembly, start, ref in placed:
                windows.add(assembly, site.chrom, start, start + len(ref), SITE_WINDOW)
                sites[assembly].setdefault((site.chrom, start), KnownSite(site.chrom, start, ref, site.rsid))
    return windows, {assembly: list(found.values()) for assembly, found in sites.items()}


def write(index: ScreenIndex, out: Path) -> dict[str, int]:
    """Write an index into a folder; row counts."""
    out.mkdir(parents=True)
    integers, places = array("i"), []
    for kind, spans_of in (("every", index.every), ("carriers", index.carriers)):
        for (assembly, chrom), spans in spans_of.items():
            places.append(_Place(assembly.value, chrom, kind, len(integers), len(spans)))
            integers.extend(spans.starts)
            integers.extend(spans.ends)
    sites = {
        assembly.value: [_Site(s.chrom, s.start, s.ref, s.rsid) for s in found]
        for assembly, found in index.known_sites.items()
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
    except (OSError, ValueError, msgspec.DecodeError) as error:
        raise KnowledgeError(f"the screening index cannot be read: {error}", where=path.name) from error
    integers = memoryview(mapped).cast("i")
    spans: dict[str, dict[Key, Spans]] = {"every": {}, "carriers": {}}
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
    return ScreenIndex(spans["every"], spans["carriers"], sites)

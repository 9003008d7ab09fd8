"""Canaries of a node that lists none of the shipped ones: variants that it names itself."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from service.domain.assembly import CHROMOSOMES, Assembly, chromosome_length
from service.domain.frequency_sources import Canary, Dialect, NodeEntry
from service.domain.variant import Variant
from service.frequency.beacon_answer import read_variant
from service.frequency.beacon_document import BeaconDocument, parse_document
from service.frequency.dialect import range_question
from service.frequency.record_place import Place, place_of
from service.frequency.wire import LARGEST_PAGE, NodeWire

_METHODS = (("POST", False), ("POST", True), ("GET", False))
_BASES = frozenset("ACGT")
_WAVE = 8
_PAGE = 500
# Where nodes of few regions are likeliest to hold something.
LIKELY_CHROMOSOMES = ("10", "7", "X", "17")
OTHER_CHROMOSOMES = tuple(chrom for chrom in CHROMOSOMES if chrom not in LIKELY_CHROMOSOMES)


def whole_chromosomes(chromosomes: Sequence[str]) -> Iterator[tuple[Dialect, Sequence[str]]]:
    """Forms of range queries, likeliest first, each with the chromosomes some at a time."""
    for assembly in (Assembly.GRCH38, Assembly.GRCH37):
        for method, nested in _METHODS:
            for names in ("bare", "chr"):
                dialect = Dialect(
                    method, nested, names, assembly, assembly.value, method != "GET", range_queries=True
                )
                for first in range(0, len(chromosomes), _WAVE):
                    yield dialect, chromosomes[first : first + _WAVE]


async def ask_listed(
    wire: NodeWire, entry: NodeEntry, dialect: Dialect, chrom: str
) -> tuple[Canary | None, Canary | None]:
    """The commonest SNV and indel on the first page of a chromosome. Raises SourceUnavailable."""
    question = range_question(
        replace(dialect, page_limit=_PAGE), chrom, 0, chromosome_length(dialect.assembly, chrom), 0
    )
    document = parse_document(await wire.ask(question, LARGEST_PAGE))
    return listed_canaries(document, chrom, entry, dialect)


def listed_canaries(
    document: BeaconDocument, chrom: str, entry: NodeEntry, dialect: Dialect
) -> tuple[Canary | None, Canary | None]:
    """The commonest SNV and the commonest indel of a page; None where it has none with counts.

    A record counts only where its end, or its name by HGVS, shows from which number the node counts: one
    that is asked for as it was listed is found again even if every other question is off by one.
    """
    best: dict[str, tuple[float, Variant]] = {}
    for record in document.records:
        place = place_of(record.content, dialect.answered_origin)
        if place.start is None or place.chrom not in (None, chrom) or not place.ref or not place.alt:
            continue
        if not dialect.answered_origin and not _counts_from_zero(place):
            continue
        if place.ref == place.alt or not _BASES.issuperset(place.ref + place.alt):
            continue
        variant = Variant(dialect.assembly, chrom, place.start, place.ref, place.alt)
        reading = read_variant(replace(document, records=(record,)), variant, entry, dialect)
        if not reading.matched:
            continue
        value = reading.frequency.value if reading.frequency else reading.reported
        kind = "snv" if len(place.ref) == len(place.alt) else "indel"
        if kind not in best or (value or 0.0) > best[kind][0]:
            best[kind] = (value or 0.0, variant)
    return _own("snv", best), _own("indel", best)


def _counts_from_zero(place: Place) -> bool:
    assert place.start is not None
    assert place.ref is not None
    if place.hgvs_start is not None:
        return place.hgvs_start == place.start
    return place.end == place.start + len(place.ref)


def _own(kind: str, best: dict[str, tuple[float, Variant]]) -> Canary | None:
    if kind not in best:
        return None
    return own_canary(best[kind][1])


def own_canary(variant: Variant) -> Canary:
    """A canary that is known in the node's build alone."""
    kind = "snv" if len(variant.ref) == len(variant.alt) else "indel"
    name = f"{variant.chrom}-{variant.start + 1}-{variant.ref}-{variant.alt}"
    return Canary(kind, name, variant, variant)


def configured_canaries(entry: NodeEntry) -> tuple[Canary, ...]:
    """The canaries written in a node's entry (`10-94781859-G-A`, in its build)."""
    assembly = entry.dialect.assembly if entry.dialect is not None else Assembly.GRCH38
    found = []
    for text in entry.canaries:
        chrom, pos, ref, alt = text.split("-")
        found.append(own_canary(Variant(assembly, chrom, int(pos) - 1, ref, alt)))
    return tuple(found)

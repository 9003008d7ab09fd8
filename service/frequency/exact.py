"""One exact question to a node, read to its end: every page, and the swapped alleles in another build."""

from dataclasses import replace

from service.domain.frequency import Outcome
from service.domain.frequency_sources import Dialect, NodeEntry
from service.domain.variant import Variant
from service.errors import SourceUnavailable
from service.frequency.beacon_answer import read_variant
from service.frequency.beacon_document import BeaconDocument, parse_document
from service.frequency.dialect import sequence_question
from service.frequency.http_refusal import HttpRefusal
from service.frequency.reading import Reading
from service.frequency.wire import NodeWire

_MOST_PAGES = 20
_NOT_UNDERSTOOD = frozenset({400, 422})


async def ask_exact(wire: NodeWire, entry: NodeEntry, dialect: Dialect, variant: Variant) -> Reading:
    """What a node says about a variant, which is in its build. Raises SourceUnavailable.

    Nodes call mitochondria M or MT: there a miss under one name is followed by the other.
    """
    names = ("M", "MT") if variant.chrom == "MT" and dialect.reference_names != "accession" else ("M",)
    reading = await _all_pages(wire, entry, dialect, variant, names[0])
    for name in names[1:]:
        if not reading.matched:
            reading = await _all_pages(wire, entry, dialect, variant, name)
    return reading


async def _all_pages(
    wire: NodeWire, entry: NodeEntry, dialect: Dialect, variant: Variant, mitochondrion: str
) -> Reading:
    """The reading of the first page that decides; a node that lists other alleles there may page them."""
    seen: list[object] = []
    version: str | None = None
    for page in range(_MOST_PAGES):
        document = parse_document(await wire.ask(sequence_question(dialect, variant, mitochondrion, page)))
        stated = {record.version for record in document.records if record.version}
        if len(stated) > 1 or (version is not None and stated and stated != {version}):
            raise SourceUnavailable("the dataset version changed between pages")
        version = next(iter(stated), version)
        reading = read_variant(document, variant, entry, dialect)
        contents = [record.content for record in document.records]
        fresh = [content for content in contents if content not in seen]
        if reading.matched or reading.outcome is not Outcome.NOT_LISTED or not fresh:
            return reading
        seen += fresh
        if not _may_go_on(document, len(seen), dialect):
            return reading
    raise SourceUnavailable(f"the variant is not among the first {_MOST_PAGES} pages of other alleles")


def _may_go_on(document: BeaconDocument, seen: int, dialect: Dialect) -> bool:
    """Whether a page of other alleles may be followed by another page."""
    return len(document.records) >= dialect.page_limit or (document.stated_total or 0) > seen


async def ask_swapped(wire: NodeWire, entry: NodeEntry, dialect: Dialect, variant: Variant) -> Reading | None:
    """What the node says of the change the other way round, for `turned_answer`; None where it is not listed.

    To ours it says "not found" where our alternate allele is the reference of its build.
    """
    swapped = replace(variant, ref=variant.alt, alt=variant.ref)
    try:
        reading = await ask_exact(wire, entry, dialect, swapped)
    except HttpRefusal as refusal:
        if not_understood(refusal):
            return None
        raise
    return reading if reading.matched else None


def not_understood(refusal: SourceUnavailable) -> bool:
    """Whether a refusal is of this question alone, such as for a reference base that is another there."""
    return isinstance(refusal, HttpRefusal) and refusal.status in _NOT_UNDERSTOOD

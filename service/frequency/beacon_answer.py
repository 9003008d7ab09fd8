"""Reading what Beacon nodes really answer, so that nothing but counts becomes counts.

`exists`, `resultsCount` and HTTP 200 prove nothing: nodes answer all three to requests that they did not
understand. Only a record whose place and alleles are those asked for is a hit.
"""

from dataclasses import replace

from service.domain.assembly import chromosome_of
from service.domain.frequency import Outcome
from service.domain.frequency_sources import Dialect, NodeEntry
from service.domain.variant import Variant
from service.frequency.beacon_document import BeaconDocument, ResultSet
from service.frequency.reading import Reading
from service.frequency.received import doubt_about_request
from service.frequency.record_counts import read_matching
from service.frequency.record_place import Place, is_same, overlaps, place_of


def read_variant(document: BeaconDocument, variant: Variant, entry: NodeEntry, dialect: Dialect) -> Reading:
    """What an answer says about one variant, which is in the node's build.

    Never raises for content: an answer that contradicts itself is FAILED with the reason.
    """
    matching, elsewhere, unreadable = [], 0, 0
    for record in document.records:
        if entry.datasets and record.dataset not in entry.datasets:
            continue
        place = place_of(record.content, dialect.answered_origin)
        if is_same(place, variant):
            problem = _wrong_build(place, variant, dialect)
            if problem:
                return _failed(problem)
            matching.append(record)
        elif is_same(replace(place, start=place.hgvs_start), variant):
            return _failed("a record's coordinates contradict its HGVS name")
        elif place.start is None or not overlaps(place, variant):
            elsewhere += 1
        elif place.alt is None or (place.ref is None and place.end is None):
            unreadable += 1
    failed = [each for each in document.sets if each.failed and _is_wanted(each, entry)]
    if matching:
        if len({record.beacon for record in matching}) > 1:
            return _failed(
                "a network answered with the counts of several nodes: configure the datasets", True
            )
        reading = read_matching(matching, entry, dialect)
        if document.imprecise:
            reading = _withheld(reading)
        if not failed:
            return reading
        said = f"{len(failed)} dataset{'s' if failed[1:] else ''} answered with an error"
        return replace(reading, reasons=(*reading.reasons, said))
    if failed:
        return _failed(f"{len(failed)} of {len(document.sets)} datasets answered with an error")
    if unreadable and not elsewhere:
        return _failed("a record at that place does not spell its alleles: it may be the variant")
    doubt = doubt_about_request(document.meta, variant, dialect) or _doubt_about_node(document, entry)
    return _failed(doubt) if doubt else _read_miss(document, elsewhere, entry, dialect)


def _failed(reason: str, matched: bool = False) -> Reading:
    return Reading(Outcome.FAILED, matched, reasons=(reason,))


def _withheld(reading: Reading) -> Reading:
    """Counts of an answer that declares its counts imprecise: told in words, never added to others."""
    if reading.frequency is None:
        return reading
    stated = f"{reading.frequency.allele_count} of {reading.frequency.allele_number}"
    said = f"the node declares its counts imprecise: it states {stated}"
    return replace(
        reading,
        outcome=Outcome.SUPPRESSED,
        frequency=None,
        groups=(),
        reasons=(*reading.reasons, said),
    )


def _is_wanted(result_set: ResultSet, entry: NodeEntry) -> bool:
    return not entry.datasets or result_set.id is None or result_set.id in entry.datasets


def _doubt_about_node(document: BeaconDocument, entry: NodeEntry) -> str | None:
    """A network drops nodes that do not answer in time: its silence about one of them says nothing."""
    own = document.meta.get("beaconId")
    foreign = [each for each in document.sets if each.beacon is not None and each.beacon != own]
    if not foreign or any(each.id is not None and each.id in entry.datasets for each in foreign):
        return None
    return "a network of nodes answered, in which a missing node looks like a miss"


def _read_miss(document: BeaconDocument, elsewhere: int, entry: NodeEntry, dialect: Dialect) -> Reading:
    if elsewhere:
        return _failed(f"answered with {elsewhere} variants of other places: the question was not understood")
    if document.imprecise:
        return Reading(Outcome.SUPPRESSED, reasons=("the node withholds precise counts",))
    if document.exists and not document.records:
        if dialect.granularity == "boolean" and document.granularity in ("boolean", "count"):
            return Reading(
                Outcome.OBSERVED, matched=True, reasons=("the node lists the variant and gives no counts",)
            )
        return _claim()
    if any(each.claims and _is_wanted(each, entry) for each in document.sets):
        return _claim()
    if document.exists is None and not document.records:
        return _failed("the node does not say whether it lists the variant")
    return Reading(Outcome.NOT_LISTED, reasons=("not listed: reference, not covered, filtered or withheld",))


def _claim() -> Reading:
    said = "the node says that it lists the variant, and gives no record of it"
    return Reading(Outcome.FAILED, reasons=(said,), claimed=True)


def _wrong_build(place: Place, variant: Variant, dialect: Dialect) -> str | None:
    known = chromosome_of(place.accession) if place.accession else None
    mislabelled = dialect.assembly_id.casefold() not in _spellings(dialect)
    if known is None or variant.assembly in known[0] or mislabelled:
        return None
    return f"the record is named on {place.accession}, which is not of {variant.assembly}"


def _spellings(dialect: Dialect) -> tuple[str, ...]:
    return ("grch38", "hg38") if dialect.assembly == "GRCh38" else ("grch37", "hg19")

"""Reading what Beacon nodes really answer, so that nothing but counts becomes counts.

`exists`, `resultsCount` and HTTP 200 prove nothing: nodes answer all three to requests that they did not
understand. Only a record whose place and alleles are those asked for is a hit.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from service.domain.assembly import chromosome_of, parse_contig
from service.domain.frequency import AlleleFrequency, GroupFrequency, Outcome
from service.domain.frequency_sources import Dialect, NodeEntry
from service.domain.variant import Variant
from service.errors import SourceUnavailable
from service.frequency.allele_counts import trim
from service.frequency.populations import Cohort, PopulationRow, Unreadable, choose_cohort, read_row

_HGVS = re.compile(r"(?:HGVSid:)?([A-Za-z0-9_.]+):g\.(\d+)(?:([ACGT]+)>([ACGT]+))?")
_IMPRECISE = ("imprecise", "rounded")


class NotBeacon(SourceUnavailable):
    """What came is not an answer of a Beacon: neither variants nor an error."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of an answer with the dataset that it came from."""

    dataset: str | None
    version: str | None
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record says it lies. `hgvs_start` is what its HGVS name says (interbase); None when silent."""

    chrom: str | None
    start: int | None
    ref: str | None
    alt: str | None
    accession: str | None = None
    hgvs_start: int | None = None


@dataclass(frozen=True, slots=True)
class BeaconDocument:
    """An answer that is one: records, and what the node says about them."""

    exists: bool | None
    records: tuple[Record, ...]
    granularity: str | None
    imprecise: bool
    request_ignored: bool
    stated_total: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One variant in one answer. `matched` is whether a record is the variant asked for."""

    outcome: Outcome
    matched: bool = False
    frequency: AlleleFrequency | None = None
    groups: tuple[GroupFrequency, ...] = ()
    reported: float | None = None
    dataset: str | None = None
    version: str | None = None
    reasons: tuple[str, ...] = ()
    external: bool = False
    suppressed_below: int | None = None
    suppressed_allele_number: int | None = None
    keys: frozenset[str] = field(default_factory=frozenset)


def parse_document(body: bytes) -> BeaconDocument:
    """The document of an HTTP 200 answer.

    Raises:
        SourceUnavailable: it is not JSON, not a Beacon answer, or an error in the guise of one.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotBeacon(f"the answer is not complete JSON ({len(body)} bytes)") from error
    if isinstance(document, list):
        document = {"responseSummary": {"exists": bool(document)}, "results": document}
    if not isinstance(document, dict):
        raise NotBeacon("the answer is not an object")
    _refuse_errors(document)
    if "variation" in document and "variantInternalId" in document:
        document = {"responseSummary": {"exists": True}, "results": [document]}
    summary = document.get("responseSummary")
    response = document.get("response")
    if not isinstance(summary, dict) and not isinstance(response, dict) and "resultSets" not in document:
        raise NotBeacon("the answer has neither responseSummary nor response")
    summary = summary if isinstance(summary, dict) else {}
    exists = summary.get("exists")
    meta = _part(document, "meta")
    return BeaconDocument(
        exists if isinstance(exists, bool) else None,
        tuple(_records(document)),
        meta.get("returnedGranularity"),
        _declares_imprecise(document, summary),
        _ignored_request(meta),
        _coordinate(summary.get("numTotalResults")),
    )


def _refuse_errors(document: Mapping[str, Any]) -> None:
    for holder in (document, document.get("response"), document.get("responseSummary")):
        error = holder.get("error") if isinstance(holder, dict) else None
        if error:
            code = error.get("errorCode") if isinstance(error, dict) else None
            raise SourceUnavailable(f"the node answered with an error (code {_short(code)})")
    if document.get("errors"):
        raise SourceUnavailable("the node answered with errors")


def _part(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of that name; empty where it is missing or something else."""
    part = holder.get(name)
    return part if isinstance(part, dict) else {}


def _short(value: object) -> str:
    """A node's words, cut and printable."""
    return "".join(c for c in str(value)[:60] if c.isprintable())


def _result_sets(document: Mapping[str, Any]) -> list[Any]:
    response = document.get("response")
    sets = response.get("resultSets") if isinstance(response, dict) else document.get("resultSets")
    if isinstance(sets, list):
        return sets
    holder = response if isinstance(response, dict) else document
    return [{"results": holder["results"]}] if isinstance(holder.get("results"), list) else []


def _records(document: Mapping[str, Any]) -> Iterator[Record]:
    failed = 0
    sets = _result_sets(document)
    for entry in sets:
        if not isinstance(entry, dict):
            raise SourceUnavailable("a result set is not an object")
        information = _part(entry, "info")
        if information.get("error"):
            failed += 1
            continue
        version = information.get("datasetVersion")
        results = entry.get("results")
        for content in results if isinstance(results, list) else ():
            if not isinstance(content, dict):
                raise SourceUnavailable("a record is not an object")
            dataset = entry.get("id") or content.get("datasetId")
            yield Record(
                str(dataset) if dataset is not None else None,
                str(version) if version is not None else None,
                content,
            )
    if failed and failed == len(sets):
        raise SourceUnavailable("every result set carries an error")


def _declares_imprecise(document: Mapping[str, Any], summary: Mapping[str, Any]) -> bool:
    holders = [summary, *(entry for entry in _result_sets(document) if isinstance(entry, dict))]
    return any(holder.get("countPrecision") in _IMPRECISE for holder in holders)


def _ignored_request(meta: Mapping[str, Any]) -> bool:
    """Whether the node's own summary of the request shows that it read no parameters."""
    received = meta.get("receivedRequestSummary")
    if not isinstance(received, dict):
        return False
    return received.get("requestParameters") == {}


def read_variant(document: BeaconDocument, variant: Variant, entry: NodeEntry, dialect: Dialect) -> Reading:
    """What an answer says about one variant, which is in the node's build.

    Never raises for content: an answer that contradicts itself is FAILED with the reason.
    """
    matching, elsewhere, unreadable = [], 0, 0
    for record in document.records:
        if entry.datasets and record.dataset not in entry.datasets:
            continue
        place = place_of(record.content)
        if _same(place, variant):
            problem = _wrong_build(place, variant, dialect)
            if problem:
                return _failed(problem)
            matching.append(record)
        elif _same(replace(place, start=place.hgvs_start), variant):
            return _failed("a record's coordinates contradict its HGVS name")
        elif place.start is None or not _overlaps(place, variant):
            elsewhere += 1
        elif place.alt is None or (place.ref is None and len(variant.ref) != len(variant.alt)):
            unreadable += 1
    if matching:
        return _read_matching(matching, entry, dialect)
    if unreadable and not elsewhere:
        return _failed("a record at that place does not spell its alleles: it may be the variant")
    return _read_miss(document, elsewhere, dialect)


def _failed(reason: str) -> Reading:
    return Reading(Outcome.FAILED, reasons=(reason,))


def _read_miss(document: BeaconDocument, elsewhere: int, dialect: Dialect) -> Reading:
    if elsewhere:
        return _failed(f"answered with {elsewhere} variants of other places: the question was not understood")
    if document.imprecise:
        return Reading(Outcome.SUPPRESSED, reasons=("the node withholds precise counts",))
    if document.exists and not document.records:
        if dialect.granularity == "boolean" and document.granularity in ("boolean", "count"):
            return Reading(
                Outcome.OBSERVED, matched=True, reasons=("the node lists the variant and gives no counts",)
            )
        return _failed("the node says that it lists the variant, and gives no record of it")
    if document.exists is None and not document.records:
        return _failed("the node does not say whether it lists the variant")
    if document.request_ignored:
        return _failed("the node's summary of the request shows that it read no parameters")
    return Reading(Outcome.NOT_LISTED, reasons=("not listed: reference, not covered, filtered or withheld",))


def place_of(content: Mapping[str, Any]) -> Place:
    """Chromosome, interbase start and alleles of a record; what cannot be read is None."""
    variation = _part(content, "variation")
    location = _part(variation, "location")
    interval = _part(location, "interval") or location
    start = _coordinate(interval.get("start"))
    state = _part(variation, "state")
    alt = variation.get("alternateBases", state.get("sequence"))
    ref = variation.get("referenceBases")
    names = [str(location.get("sequence_id", ""))]
    identifiers = content.get("identifiers")
    if isinstance(identifiers, dict):
        names.insert(0, str(identifiers.get("genomicHGVSId", "")))
    accession, chrom, hgvs_start = None, None, None
    for name in names:
        found = _HGVS.match(name)
        sequence = found[1] if found else name.removeprefix("refseq:").partition(":")[0]
        contig = parse_contig(sequence)
        chrom = chrom or (contig.chrom if contig else None)
        accession = accession or (sequence if contig and sequence.startswith("NC_") else None)
        if found and hgvs_start is None and found[3]:
            hgvs_start = int(found[2]) - 1
            ref, alt = ref if ref is not None else found[3], alt if alt is not None else found[4]
    position = content.get("position")
    if start is None and isinstance(position, dict):
        start = _coordinate(position.get("start"))
    if start is None and not location:
        start = hgvs_start
    return Place(chrom, start, _bases(ref), _bases(alt), accession, hgvs_start)


def _coordinate(value: object) -> int | None:
    if isinstance(value, list):
        return _coordinate(value[0]) if len(value) == 1 else None
    if isinstance(value, dict):
        return _coordinate(value.get("value"))
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _bases(value: object) -> str | None:
    return value.upper() if isinstance(value, str) else None


def _same(place: Place, variant: Variant) -> bool:
    if place.start is None or place.alt is None or place.chrom not in (None, variant.chrom):
        return False
    wanted = trim(variant.start, variant.ref, variant.alt)
    if place.ref is None:
        return (place.start, place.alt) == (variant.start, variant.alt)
    return trim(place.start, place.ref, place.alt) == wanted


def _overlaps(place: Place, variant: Variant) -> bool:
    assert place.start is not None
    end = place.start + max(1, len(place.ref or ""))
    same_chromosome = place.chrom in (None, variant.chrom)
    return same_chromosome and place.start <= variant.end and end >= variant.start


def _wrong_build(place: Place, variant: Variant, dialect: Dialect) -> str | None:
    known = chromosome_of(place.accession) if place.accession else None
    mislabelled = dialect.assembly_id.casefold() not in _spellings(dialect)
    if known is None or variant.assembly in known[0] or mislabelled:
        return None
    return f"the record is named on {place.accession}, which is not of {variant.assembly}"


def _spellings(dialect: Dialect) -> tuple[str, ...]:
    return ("grch38", "hg38") if dialect.assembly == "GRCh38" else ("grch37", "hg19")


def _read_matching(records: list[Record], entry: NodeEntry, dialect: Dialect) -> Reading:
    """The reading of the records that are the variant: one per dataset, the largest cohort of several."""
    try:
        readings = [_read_record(record, entry, dialect) for record in records]
    except Unreadable as error:
        return Reading(Outcome.FAILED, matched=True, reasons=(str(error),))
    unlike = {(r.dataset, _pair(r)) for r in readings}
    if len(unlike) > len({r.dataset for r in readings}):
        return Reading(
            Outcome.FAILED, matched=True, reasons=("one dataset gives two different counts for the variant",)
        )
    best = max(readings, key=lambda r: r.frequency.allele_number if r.frequency else -1)
    datasets = {r.dataset for r in readings}
    if len(datasets) > 1:
        return replace(
            best, reasons=(*best.reasons, f"{len(datasets)} datasets list it; the largest is shown")
        )
    return best


def _pair(reading: Reading) -> tuple[int, int] | None:
    found = reading.frequency
    return (found.allele_count, found.allele_number) if found else None


def _studies(stated: object) -> list[dict[str, Any]]:
    """The studies of a record; one that is not in a list, and rows without a study around them, count too."""
    studies = [
        entry for entry in (stated if isinstance(stated, list) else [stated]) if isinstance(entry, dict)
    ]
    bare = [entry for entry in studies if "population" in entry]
    return [entry for entry in studies if entry not in bare] + ([{"frequencies": bare}] if bare else [])


def _read_record(record: Record, entry: NodeEntry, dialect: Dialect) -> Reading:
    content = record.content
    base = Reading(Outcome.FAILED, matched=True, dataset=record.dataset, version=record.version)
    candidates: list[tuple[bool, Cohort, dict[str, Any], str]] = []
    labels: list[str] = []
    for study in _studies(content.get("frequencyInPopulations")):
        key = "frequencies" if isinstance(study.get("frequencies"), list) else "populations"
        listed = study.get(key)
        rows = [
            read_row(row, dialect.homozygote_unit)
            for row in (listed if isinstance(listed, list) else ())
            if isinstance(row, dict)
        ]
        labels += [row.label for row in rows]
        if rows:
            base = replace(base, keys=base.keys | {key})
        cohort = choose_cohort(rows, entry.country, entry.population) if rows else None
        if cohort is not None:
            candidates.append((_is_external(study), cohort, study, key))
    if not candidates:
        return _without_cohort(base, content, labels)
    external, cohort, study, key = min(
        candidates, key=lambda c: (c[0], c[1].whole.frequency() is None, len(c[1].notes))
    )
    version = base.version or (str(study["version"]) if study.get("version") else None)
    notes = cohort.notes
    if external:
        notes = (*notes, "the node attributes the counts to gnomAD: not added to national cohorts")
    return _read_cohort(
        replace(base, version=version, external=external, keys=frozenset({key})), cohort, notes
    )


def _is_external(study: Mapping[str, Any]) -> bool:
    return "gnomad" in f"{study.get('source', '')} {study.get('sourceReference', '')}".casefold() or (
        "genome aggregation database" in str(study.get("source", "")).casefold()
    )


def _without_cohort(base: Reading, content: Mapping[str, Any], labels: list[str]) -> Reading:
    information = _part(content, "info")
    if information.get("countPrecision") in _IMPRECISE:
        below, size = information.get("suppressedBelow"), information.get("alleleNumber")
        return replace(
            base,
            outcome=Outcome.SUPPRESSED,
            reasons=("a low count is withheld",),
            suppressed_below=below if isinstance(below, int) else None,
            suppressed_allele_number=size if isinstance(size, int) else None,
        )
    if information.get("alleleNumber") == 0:
        return replace(base, outcome=Outcome.NOT_COVERED, reasons=("nobody was genotyped there",))
    if labels:
        named = ", ".join(_short(label) for label in labels[:5])
        return replace(base, reasons=(f"no row is the whole cohort of the node: {named}",))
    return replace(base, reasons=("the variant is listed without any frequency",))


def _read_cohort(base: Reading, cohort: Cohort, notes: tuple[str, ...]) -> Reading:
    whole: PopulationRow = cohort.whole
    if whole.imprecise:
        return replace(
            base,
            outcome=Outcome.SUPPRESSED,
            reasons=(*notes, "a low count is withheld"),
            suppressed_below=whole.suppressed_below,
            suppressed_allele_number=whole.allele_number,
        )
    frequency = whole.frequency()
    if frequency is None:
        return _bare_frequency(base, whole, notes)
    if not frequency.allele_number:
        return replace(base, outcome=Outcome.NOT_COVERED, reasons=(*notes, "nobody was genotyped there"))
    outcome = Outcome.OBSERVED if frequency.allele_count else Outcome.CALLED_ABSENT
    return replace(base, outcome=outcome, frequency=frequency, groups=cohort.groups, reasons=notes)


def _bare_frequency(base: Reading, whole: PopulationRow, notes: tuple[str, ...]) -> Reading:
    if whole.reported is None and not whole.allele_count:
        return replace(base, reasons=(*notes, "neither counts nor a frequency are given"))
    observed = bool(whole.allele_count or whole.reported)
    reason = "no allele count and number are given: shown, never pooled"
    if not observed:
        reason = "listed with frequency 0 and no allele number: absence is not shown by it"
    return replace(
        base,
        outcome=Outcome.OBSERVED if observed else Outcome.NOT_LISTED,
        reported=whole.reported,
        reasons=(*notes, reason),
    )

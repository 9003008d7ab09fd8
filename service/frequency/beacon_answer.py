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
from service.frequency.received import coordinate, doubt_about_request

_HGVS = re.compile(r"(?:HGVSid:)?([A-Za-z0-9_.]+):g\.(\d+)(?:([ACGT]+)>([ACGT]+))?")
_IMPRECISE = ("imprecise", "rounded")


class NotBeacon(SourceUnavailable):
    """What came is not an answer of a Beacon: neither variants nor an error."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of an answer with the dataset (and, in a network's answer, the node) that it came from."""

    dataset: str | None
    version: str | None
    content: Mapping[str, Any]
    beacon: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record says it lies. `hgvs_start` is what its HGVS name says (interbase); None when silent.

    `end` is interbase too: it tells the length of a reference allele that is not spelled.
    """

    chrom: str | None
    start: int | None
    ref: str | None
    alt: str | None
    accession: str | None = None
    hgvs_start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class ResultSet:
    """What a result set says of itself, beside its records."""

    id: str | None
    beacon: str | None
    failed: bool
    claims: bool  # it says that it lists something, and gives no record


@dataclass(frozen=True, slots=True)
class BeaconDocument:
    """An answer that is one: records, and what the node says about them and about the question."""

    exists: bool | None
    records: tuple[Record, ...]
    granularity: str | None
    imprecise: bool
    meta: Mapping[str, Any]
    stated_total: int | None = None
    sets: tuple[ResultSet, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One variant in one answer. `matched` is whether a record is the variant asked for.

    `claimed` marks an answer that says yes and shows nothing: some nodes say so to every question.
    """

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
    claimed: bool = False
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
        meta,
        coordinate(summary.get("numTotalResults")),
        tuple(_described(entry) for entry in _result_sets(document) if isinstance(entry, dict)),
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


def _described(entry: Mapping[str, Any]) -> ResultSet:
    return ResultSet(
        _text(entry.get("id")),
        _text(entry.get("beaconId")),
        _has_failed(entry),
        entry.get("exists") is True and not entry.get("results"),
    )


def _has_failed(entry: Mapping[str, Any]) -> bool:
    """Networks turn a node's error into an empty result set that carries it."""
    return bool(_part(entry, "info").get("error") or entry.get("error"))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _records(document: Mapping[str, Any]) -> Iterator[Record]:
    failed = 0
    sets = _result_sets(document)
    for entry in sets:
        if not isinstance(entry, dict):
            raise SourceUnavailable("a result set is not an object")
        if _has_failed(entry):
            failed += 1
            continue
        version = _part(entry, "info").get("datasetVersion")
        results = entry.get("results")
        for content in results if isinstance(results, list) else ():
            if not isinstance(content, dict):
                raise SourceUnavailable("a record is not an object")
            dataset = _text(entry.get("id") or content.get("datasetId"))
            yield Record(dataset, _text(version), content, _text(entry.get("beaconId")))
    if failed and failed == len(sets):
        raise SourceUnavailable("every result set carries an error")


def _declares_imprecise(document: Mapping[str, Any], summary: Mapping[str, Any]) -> bool:
    holders = [summary, *(entry for entry in _result_sets(document) if isinstance(entry, dict))]
    return any(holder.get("countPrecision") in _IMPRECISE for holder in holders)


def read_variant(document: BeaconDocument, variant: Variant, entry: NodeEntry, dialect: Dialect) -> Reading:
    """What an answer says about one variant, which is in the node's build.

    Never raises for content: an answer that contradicts itself is FAILED with the reason.
    """
    matching, elsewhere, unreadable = [], 0, 0
    for record in document.records:
        if entry.datasets and record.dataset not in entry.datasets:
            continue
        place = place_of(record.content, dialect.answered_origin)
        if _same(place, variant):
            problem = _wrong_build(place, variant, dialect)
            if problem:
                return _failed(problem)
            matching.append(record)
        elif _same(replace(place, start=place.hgvs_start), variant):
            return _failed("a record's coordinates contradict its HGVS name")
        elif place.start is None or not _overlaps(place, variant):
            elsewhere += 1
        elif place.alt is None or (place.ref is None and place.end is None):
            unreadable += 1
    failed = [each for each in document.sets if each.failed and _is_wanted(each, entry)]
    if matching:
        if len({record.beacon for record in matching}) > 1:
            return _failed(
                "a network answered with the counts of several nodes: configure the datasets", True
            )
        reading = _read_matching(matching, entry, dialect)
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


def place_of(content: Mapping[str, Any], origin: int = 0) -> Place:
    """Chromosome, interbase start and alleles of a record; what cannot be read is None.

    `origin` is the number of the first base in the node's records; a name by HGVS always counts from 1.
    """
    variation = _part(content, "variation")
    location = _part(variation, "location")
    interval = _part(location, "interval") or location
    start, end = coordinate(interval.get("start")), coordinate(interval.get("end"))
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
        start, end = coordinate(position.get("start")), coordinate(position.get("end"))
    if origin:
        start, end = None if start is None else start - origin, None
    if start is None and not location:
        start = hgvs_start
    return Place(chrom, start, _bases(ref), _bases(alt), accession, hgvs_start, end)


def _bases(value: object) -> str | None:
    """Bases as text; `-` stands for none."""
    return value.upper().strip("-") if isinstance(value, str) else None


def _same(place: Place, variant: Variant) -> bool:
    if place.start is None or place.alt is None or place.chrom not in (None, variant.chrom):
        return False
    wanted = trim(variant.start, variant.ref, variant.alt)
    if place.ref is None:
        return _same_by_length(place, variant, wanted)
    return trim(place.start, place.ref, place.alt) == wanted


def _same_by_length(place: Place, variant: Variant, trimmed: tuple[int, str, str]) -> bool:
    """A record without reference bases is the variant where the length of what it replaces is the same."""
    if place.end is None:
        substitution = len(variant.ref) == len(variant.alt) == 1
        return substitution and (place.start, place.alt) == (variant.start, variant.alt)
    assert place.start is not None
    said = (place.start, place.end - place.start, place.alt)
    whole = (variant.start, len(variant.ref), variant.alt)
    return said in (whole, (trimmed[0], len(trimmed[1]), trimmed[2]))


def _overlaps(place: Place, variant: Variant) -> bool:
    assert place.start is not None
    end = place.start + max(1, len(place.ref or "") or (place.end or 0) - place.start)
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

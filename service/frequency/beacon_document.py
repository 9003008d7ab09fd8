"""What an HTTP 200 of a node holds: records, and what it says of itself; or an error in disguise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from service.errors import SourceUnavailable
from service.frequency.received import coordinate

IMPRECISE = ("imprecise", "rounded")


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
    meta = part(document, "meta")
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
            raise SourceUnavailable(f"the node answered with an error (code {short(code)})")
    if document.get("errors"):
        raise SourceUnavailable("the node answered with errors")


def part(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of that name; empty where it is missing or something else."""
    found = holder.get(name)
    return found if isinstance(found, dict) else {}


def short(value: object) -> str:
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
    return bool(part(entry, "info").get("error") or entry.get("error"))


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
        version = part(entry, "info").get("datasetVersion")
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
    return any(holder.get("countPrecision") in IMPRECISE for holder in holders)

"""Answers under HTTP 200 that look like absence and are none.

Sources of the forms: the Beacon v2 framework (receivedRequestSummary, returnedSchemas, testMode), the network
backend of ELIXIR (a failed node becomes an empty result set with info.error), VRS 1.3 (no reference bases).
"""

from typing import Any

import orjson
import pytest

from service.domain.assembly import Assembly
from service.domain.frequency import Outcome
from service.domain.frequency_sources import Dialect, NodeEntry
from service.domain.variant import Variant
from service.frequency.beacon_answer import read_variant
from service.frequency.beacon_document import parse_document
from service.frequency.reading import Reading

SNV = Variant(Assembly.GRCH38, "10", 94781858, "G", "A")
DELETION = Variant(Assembly.GRCH38, "7", 117559589, "ATCT", "A")
NODE = NodeEntry("fi", "FI", "http://fi")
MISS: dict[str, Any] = {"responseSummary": {"exists": False}, "response": {"resultSets": []}}


def read(
    document: dict[str, Any], variant: Variant = SNV, node: NodeEntry = NODE, dialect: Dialect | None = None
) -> Reading:
    return read_variant(parse_document(orjson.dumps(document)), variant, node, dialect or Dialect())


def echo(**parameters: Any) -> dict[str, Any]:
    return {**MISS, "meta": {"receivedRequestSummary": {"requestParameters": parameters}}}


def sets(*entries: dict[str, Any], **summary: Any) -> dict[str, Any]:
    return {"responseSummary": {"exists": False, **summary}, "response": {"resultSets": list(entries)}}


def record(variant: Variant = SNV, counts: tuple[int, int] = (43, 198), **variation: Any) -> dict[str, Any]:
    interval = {"start": {"value": variant.start}, "end": {"value": variant.end}}
    row = {"population": "Total", "alleleCount": counts[0], "alleleNumber": counts[1]}
    named = {"referenceBases": variant.ref, "alternateBases": variant.alt, **variation}
    return {
        "variation": {"location": {"interval": interval}, **named},
        "frequencyInPopulations": [{"frequencies": [row]}],
    }


NO_MISS = {
    "another place was read": echo(start=[94781859], referenceName="10"),
    "another chromosome was read": echo(start=[94781858], referenceName="11"),
    "another allele was read": echo(start=94781858, referenceBases="G", alternateBases="T"),
    "another reference was read": echo(referenceBases="GA", alternateBases="A"),
    "another build was read": echo(g_variant={"assemblyId": "GRCh37", "start": 94781858}),
    "nothing was read": echo(),
    "it was a test": {**MISS, "meta": {"receivedRequestSummary": {"testMode": True}}},
    "it is about people": {**MISS, "meta": {"returnedSchemas": [{"entityType": "individual"}]}},
    "one of two datasets failed": sets(
        {"id": "a", "exists": False, "results": []},
        {"id": "b", "exists": False, "info": {"error": {"errorCode": 500, "errorMessage": "x"}}},
    ),
    "an error stands in the set": sets({"id": "a", "exists": False}, {"id": "b", "error": {"errorCode": 1}}),
    "a dataset lists it without a record": sets({"id": "a", "exists": True, "results": []}),
    "a network answered, and says nothing of the node": {
        **sets({"id": "a", "beaconId": "org.other", "exists": False, "results": []}),
        "meta": {"beaconId": "org.network"},
    },
    "total without records": {"responseSummary": {"exists": True, "numTotalResults": 1}},
}


@pytest.mark.parametrize("name", NO_MISS)
def test_what_was_not_understood_is_no_absence(name: str) -> None:
    reading = read(NO_MISS[name])
    assert (reading.outcome, reading.matched) == (Outcome.FAILED, False)
    assert reading.reasons


TRUE_MISS = {
    "bare": MISS,
    "no count, no sets": {"responseSummary": {"exists": False}},
    "echo in another spelling": echo(
        g_variant={"assemblyId": "hg38", "referenceName": "chr10", "start": "94781858", "alternateBases": "a"}
    ),
    "echo by accession": echo(referenceName="NC_000010.11", start=[94781858], end=[94781859]),
    "unreadable echo": echo(start="somewhere", referenceName=7.5, assemblyId=None),
    "own schema": {**MISS, "meta": {"returnedSchemas": [{"entityType": "genomicVariant"}]}},
    "own id in the set": {
        **sets({"id": "a", "beaconId": "org.fi", "exists": False, "results": []}),
        "meta": {"beaconId": "org.fi"},
    },
}


@pytest.mark.parametrize("name", TRUE_MISS)
def test_a_plain_miss_stays_a_miss(name: str) -> None:
    assert read(TRUE_MISS[name]).outcome is Outcome.NOT_LISTED


def test_a_failed_dataset_is_said_beside_a_hit() -> None:
    failed = {"id": "b", "exists": False, "info": {"error": {"errorCode": 500}}}
    found = read(sets({"id": "a", "results": [record()]}, failed))
    assert found.outcome is Outcome.OBSERVED
    assert "1 dataset answered with an error" in " ".join(found.reasons)
    only_a = NodeEntry("fi", "FI", "http://fi", datasets=("a",))
    assert read(sets({"id": "a", "results": []}, failed), node=only_a).outcome is Outcome.NOT_LISTED


def test_counts_of_several_nodes_are_nobodys() -> None:
    both = sets(
        {"id": "a", "beaconId": "org.fi", "results": [record()]},
        {"id": "b", "beaconId": "org.es", "results": [record(counts=(5, 1000))]},
    )
    assert read(both).outcome is Outcome.FAILED
    chosen = read(both, node=NodeEntry("fi", "FI", "http://fi", datasets=("a",)))
    assert chosen.frequency is not None
    assert chosen.frequency.allele_number == 198


def test_a_deletion_without_reference_bases_is_told_by_its_length() -> None:
    """VRS alleles have an interval and the new sequence only."""
    longer = Variant(Assembly.GRCH38, "7", 117559589, "ATCTTT", "A")
    assert not read(sets({"results": [record(longer, referenceBases=None)]}), DELETION).matched
    same = record(DELETION, referenceBases=None)
    assert read(sets({"results": [same]}), DELETION).matched
    trimmed = Variant(Assembly.GRCH38, "7", 117559590, "TCT", "")
    assert read(sets({"results": [record(trimmed, referenceBases=None)]}), DELETION).matched
    silent = {**same, "variation": {**same["variation"], "location": {"interval": {"start": 117559589}}}}
    found = read(sets({"results": [silent]}), DELETION)
    assert (found.matched, found.outcome) == (False, Outcome.FAILED)

"""What a node says it was asked: its own summary of the request against the question that was sent.

Source: Beacon v2 framework, beaconInformationalResponseMeta (receivedRequestSummary, returnedSchemas).
"""

from collections.abc import Mapping
from typing import Any

from service.domain.assembly import Assembly, parse_contig
from service.domain.frequency_sources import Dialect
from service.domain.variant import Variant


def doubt_about_request(meta: Mapping[str, Any], variant: Variant, dialect: Dialect) -> str | None:
    """Why the answer is not one to the question about this variant; None where nothing speaks against it.

    What a node does not repeat, or spells in a way that cannot be read, says nothing.
    """
    kinds = [
        str(schema["entityType"])
        for schema in _list(meta.get("returnedSchemas"))
        if isinstance(schema, dict) and schema.get("entityType")
    ]
    if kinds and not any("varia" in kind.casefold() for kind in kinds):
        return "the answer is about something else than variants"
    received = meta.get("receivedRequestSummary")
    if not isinstance(received, dict):
        return None
    if received.get("testMode") is True:
        return "the node answered in test mode"
    parameters = received.get("requestParameters")
    if parameters == {}:
        return "the node's summary of the request shows that it read no parameters"
    if not isinstance(parameters, dict):
        return None
    nested = parameters.get("g_variant")
    unlike = _unlike(nested if isinstance(nested, dict) else parameters, variant, dialect)
    return f"the node's summary of the request names another {unlike}" if unlike else None


def _unlike(parameters: Mapping[str, Any], variant: Variant, dialect: Dialect) -> str | None:
    """The part of the question that the node read otherwise than it was sent."""
    build = _build(parameters.get("assemblyId"))
    if build is not None and build is not _build(dialect.assembly_id):
        return "build"
    name = parameters.get("referenceName")
    contig = parse_contig(name) if isinstance(name, str) else None
    if contig is not None and contig.chrom != variant.chrom:
        return "chromosome"
    start = coordinate(parameters.get("start"))
    if start is not None and start != variant.start + dialect.asked_origin:
        return "place"
    for key, sent in (("referenceBases", variant.ref or "-"), ("alternateBases", variant.alt or "-")):
        bases = parameters.get(key)
        if isinstance(bases, str) and bases and bases.upper() != sent:
            return "allele"
    return None


def _build(stated: object) -> Assembly | None:
    if not isinstance(stated, str):
        return None
    text = stated.casefold()
    if "38" in text:
        return Assembly.GRCH38
    return Assembly.GRCH37 if "37" in text or "hg19" in text else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def coordinate(value: object) -> int | None:
    """A whole number as nodes write coordinates: bare, as text, in a list of one or as `{value}`."""
    if isinstance(value, list):
        return coordinate(value[0]) if len(value) == 1 else None
    if isinstance(value, dict):
        return coordinate(value.get("value"))
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None

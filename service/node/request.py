"""Beacon v2 requests for genomic variants, by GET or POST, flat or nested, into one typed query.

Everything that is not understood is refused: a silently ignored parameter turns a common allele into an
absent one. Source of names and meaning: GA4GH Beacon v2, framework and default model, main@47af89c.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from service.domain.assembly import Assembly, chromosome_of, parse_contig
from service.node.refusal import Refusal
from service.node.short_form import Reference, read_short_form

GRANULARITIES = ("boolean", "count", "record")
INCLUSIONS = ("HIT", "ALL", "MISS", "NONE")
LARGEST_PAGE = 10_000
# Named by the standard, and not served here: counts have no genes, proteins, genotypes or breakends.
UNSUPPORTED = ("geneId", "geneid", "aminoacidChange", "mateName", "clinicalRelevance")
_PARAMETERS = {
    "assemblyId", "referenceName", "start", "end", "referenceBases", "alternateBases", "variantType",
    "variantMinLength", "variantMaxLength", "genomicAlleleShortForm", "allele", "datasets", "datasetIds",
}  # fmt: skip
_ENVELOPE = {
    "requestedGranularity", "includeResultsetResponses", "pagination", "filters", "testMode",
    "requestParameters",
}  # fmt: skip
_GET_ENVELOPE = {
    "requestedGranularity", "includeResultsetResponses", "skip", "limit", "filters", "testMode",
    "requestedSchemas", "requestedSchema", "apiVersion",
}  # fmt: skip
_TYPES = {
    "SNP": "SNP", "SNV": "SNP", "INDEL": "INDEL", "INS": "INS", "DEL": "DEL", "MNP": "MNP", "MNV": "MNP",
}  # fmt: skip
_ASSEMBLIES = (
    (re.compile(r"(?i)(grch38(\.p\d+)?|hg38|gcf_000001405\.(2[6-9]|3\d|4\d))"), Assembly.GRCH38),
    (re.compile(r"(?i)(grch37(\.p\d+)?|hg19|gcf_000001405\.(1[3-9]|2[0-5]))"), Assembly.GRCH37),
)


@dataclass(frozen=True, slots=True)
class VariantQuery:
    """Which variants are asked for, interbase.

    A sequence query has `start` and alleles and no `end`. A range query has `start` and `end`; a bracket
    query has two of each, as half-open windows for the first base and for the end.
    """

    chrom: str
    start: tuple[int, ...]
    end: tuple[int, ...] = ()
    ref: str | None = None
    alt: str | None = None
    variant_type: str | None = None
    lengths: tuple[int, int | None] = (0, None)


@dataclass(frozen=True, slots=True)
class BeaconRequest:
    """A parsed request; `received` is what the answer repeats as its request summary."""

    query: VariantQuery
    granularity: str = "record"
    include: str = "HIT"
    skip: int = 0
    limit: int = 10
    test_mode: bool = False
    received: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RequestReader:
    """Reads requests for a node that serves one assembly and one dataset."""

    assembly: Assembly
    dataset_id: str
    reference: Reference | None = None

    def from_query_string(self, values: Mapping[str, str]) -> BeaconRequest:
        """The request of a GET: lists are comma-joined."""
        parameters = {key: value for key, value in values.items() if key not in _GET_ENVELOPE}
        if values.get("filters"):
            raise Refusal(400, "filters are not served by this node")
        pagination = {key: values[key] for key in ("skip", "limit") if key in values}
        envelope: dict[str, Any] = {
            key: values[key] for key in ("requestedGranularity", "includeResultsetResponses") if key in values
        }
        envelope |= {"pagination": pagination, "testMode": _boolean(values.get("testMode", "false"))}
        return self._request(parameters, envelope, values.get("apiVersion", "v2.0.0"))

    def from_body(self, body: bytes) -> BeaconRequest:
        """The request of a POST. Granularity and pagination may stand inside or outside `query`."""
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise Refusal(400, f"the body is not JSON: {error}") from error
        document = _object(document, "the body")
        query = _object(document.get("query") or {}, "query")
        envelope = {key: document[key] for key in document if key in _ENVELOPE} | query
        unknown = (set(document) - {"meta", "query", "$schema"} - _ENVELOPE) | (set(query) - _ENVELOPE)
        if unknown:
            raise Refusal(400, f"not understood: {', '.join(sorted(unknown))}")
        if envelope.get("filters"):
            raise Refusal(400, "filters are not served by this node")
        parameters = _object(envelope.get("requestParameters") or {}, "requestParameters")
        nested = parameters.get("g_variant")
        if nested is not None:
            if len(parameters) > 1:
                raise Refusal(400, "requestParameters mixes g_variant with flat parameters")
            parameters = _object(nested, "requestParameters.g_variant")
        meta = _object(document.get("meta") or {}, "meta")
        return self._request(parameters, envelope, str(meta.get("apiVersion", "v2.0.0")))

    def _request(
        self, parameters: dict[str, Any], envelope: Mapping[str, Any], api_version: str
    ) -> BeaconRequest:
        granularity = _one_of(envelope, "requestedGranularity", GRANULARITIES, "record")
        include = _one_of(envelope, "includeResultsetResponses", INCLUSIONS, "HIT")
        pagination = _object(envelope.get("pagination") or {}, "pagination")
        skip = _whole(pagination.get("skip", 0), "skip")
        limit = _whole(pagination.get("limit", 10), "limit")
        unknown = set(pagination) - {"skip", "limit", "currentPage", "nextPage", "previousPage"}
        if unknown or any(pagination.get(key) for key in ("currentPage", "nextPage", "previousPage")):
            raise Refusal(400, "pages are counted by skip and limit here, not by tokens")
        test_mode = envelope.get("testMode", False)
        if not isinstance(test_mode, bool):
            raise Refusal(400, "testMode must be true or false")
        received = {
            "apiVersion": api_version,
            "requestedSchemas": [],
            "pagination": {"skip": skip, "limit": limit},
            "requestedGranularity": granularity,
            "includeResultsetResponses": include,
            "requestParameters": {"g_variant": parameters},
            "testMode": test_mode,
        }
        return BeaconRequest(
            self.query(parameters),
            granularity,
            include,
            skip,
            min(limit, LARGEST_PAGE) or LARGEST_PAGE,
            test_mode,
            received,
        )

    def query(self, parameters: Mapping[str, Any]) -> VariantQuery:
        """The variants that a set of request parameters names."""
        if not parameters:
            raise Refusal(400, "requestParameters are missing: this node does not list everything it has")
        unsupported = [key for key in UNSUPPORTED if key in parameters]
        if unsupported:
            raise Refusal(400, f"not served by this node: {', '.join(unsupported)}")
        unknown = sorted(set(parameters) - _PARAMETERS)
        if unknown:
            raise Refusal(400, f"request parameters not understood: {', '.join(unknown)}")
        self._check_datasets(parameters)
        short_form = parameters.get("genomicAlleleShortForm", parameters.get("allele"))
        if short_form is not None:
            return self._short_form(str(short_form), parameters)
        chrom = self._chromosome(parameters)
        start = _places(parameters.get("start"), "start")
        end = _places(parameters.get("end"), "end")
        ref, alt = _bases(parameters, "referenceBases"), _bases(parameters, "alternateBases")
        _check_form(start, end, ref, alt)
        kind = _variant_type(parameters.get("variantType"))
        lengths = _lengths(parameters)
        if ref is not None and alt is not None and (not end or end == (start[0] + len(ref),)):
            _check_type(kind, ref, alt)
            return VariantQuery(chrom, start, (), ref, alt, None, lengths)
        return VariantQuery(chrom, start, end, ref, alt, kind, lengths)

    def _check_datasets(self, parameters: Mapping[str, Any]) -> None:
        for key in ("datasets", "datasetIds"):
            named = parameters.get(key)
            if not named:
                continue
            names = named.split(",") if isinstance(named, str) else named
            if not isinstance(names, list) or set(names) != {self.dataset_id}:
                raise Refusal(400, f"{key} names other datasets than {self.dataset_id}")

    def _chromosome(self, parameters: Mapping[str, Any]) -> str:
        name = parameters.get("referenceName")
        if not isinstance(name, str) or not name:
            raise Refusal(400, "referenceName is missing; expected for example 10, chr10 or NC_000010.11")
        name = name.removeprefix("refseq:")
        contig = parse_contig(name)
        if contig is None:
            raise Refusal(400, f"referenceName {name[:40]!r} is not a human chromosome with a known version")
        assembly = self._assembly(parameters.get("assemblyId"), accession_given=name.startswith("NC_"))
        if assembly not in contig.assemblies:
            raise Refusal(400, f"{name} is not part of {assembly}, which this node serves")
        return contig.chrom

    def _assembly(self, stated: object, *, accession_given: bool) -> Assembly:
        if stated is None and accession_given:
            return self.assembly
        if not isinstance(stated, str):
            raise Refusal(400, f"assemblyId is missing; this node serves {self.assembly}")
        known = next((assembly for pattern, assembly in _ASSEMBLIES if pattern.fullmatch(stated)), None)
        if known is not self.assembly:
            raise Refusal(400, f"assemblyId {stated[:40]!r} is not served; this node serves {self.assembly}")
        return known

    def _short_form(self, text: str, parameters: Mapping[str, Any]) -> VariantQuery:
        mixed = sorted(set(parameters) - {"genomicAlleleShortForm", "allele", "assemblyId"})
        if mixed:
            raise Refusal(400, f"an HGVS short form stands alone; also given: {', '.join(mixed)}")
        place = chromosome_of(text.partition(":")[0])
        if place is None:
            raise Refusal(400, "the short form must be HGVS g. on a versioned RefSeq chromosome (NC_...)")
        self._chromosome({**parameters, "referenceName": text.partition(":")[0]})
        start, ref, alt = read_short_form(text.partition(":")[2], place[1], self.reference)
        return VariantQuery(place[1], (start,), (), ref, alt)


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refusal(400, f"{name} must be an object")
    return value


def _boolean(text: str) -> bool | str:
    """`true` and `false` of a query string; other text as it is, to be refused."""
    return {"true": True, "false": False}.get(text.lower(), text)


def _one_of(envelope: Mapping[str, Any], key: str, allowed: tuple[str, ...], default: str) -> str:
    value = envelope.get(key)
    if value is None:
        return default
    if value not in allowed:
        raise Refusal(400, f"{key} must be one of {', '.join(allowed)}")
    return str(value)


def _whole(value: object, name: str) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Refusal(400, f"{name} must be a whole number, zero or more")
    if value > 2**31 - 1:
        raise Refusal(400, f"{name} lies beyond every chromosome")
    return value


def _places(value: object, name: str) -> tuple[int, ...]:
    if value is None:
        return ()
    values = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    if not 1 <= len(values) <= 2:
        raise Refusal(400, f"{name} must be one or two whole numbers")
    return tuple(_whole(place, name) for place in values)


def _bases(parameters: Mapping[str, Any], name: str) -> str | None:
    value = parameters.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not set(value.upper()) <= set("ACGTN"):
        raise Refusal(400, f"{name} must be made of A, C, G, T and N")
    return value.upper()


def _check_form(start: tuple[int, ...], end: tuple[int, ...], ref: str | None, alt: str | None) -> None:
    if not start:
        raise Refusal(400, "start is missing")
    if not end and alt is None:
        raise Refusal(400, "start without end needs alternateBases")
    if end and len(start) != len(end):
        raise Refusal(400, "start and end must both have one value (range) or two (bracket)")
    if not end and len(start) == 2:
        raise Refusal(400, "two starts need two ends")
    if any(low > high for low, high in ((start[0], start[-1]), (end[0], end[-1]) if end else (0, 0))):
        raise Refusal(400, "the first value of a bracket must not exceed the second")
    if end and start[0] >= end[-1]:
        raise Refusal(400, "end must lie behind start: interbase, start included, end excluded")
    if ref is not None and ref == alt:
        raise Refusal(400, "referenceBases and alternateBases are the same")


def _variant_type(value: object) -> str | None:
    if value is None:
        return None
    kind = _TYPES.get(str(value).upper())
    if kind is None:
        raise Refusal(400, f"variantType must be one of {', '.join(_TYPES)}: this node holds small variants")
    return kind


def type_of(ref: str, alt: str) -> str:
    """SNP, MNP, INS or DEL, or INDEL where bases are replaced by another number of bases.

    >>> type_of("G", "A"), type_of("C", "CAT"), type_of("ATCT", "A"), type_of("AT", "GCC")
    ('SNP', 'INS', 'DEL', 'INDEL')
    """
    if len(ref) == len(alt):
        return "SNP" if len(ref) == 1 else "MNP"
    if alt.startswith(ref):
        return "INS"
    return "DEL" if ref.startswith(alt) else "INDEL"


def is_of_type(kind: str | None, ref: str, alt: str) -> bool:
    """Whether alleles are of a variantType; INDEL covers insertions and deletions."""
    found = type_of(ref, alt)
    return kind is None or kind == found or (kind == "INDEL" and found in ("INS", "DEL"))


def _check_type(kind: str | None, ref: str, alt: str) -> None:
    if "N" not in ref + alt and not is_of_type(kind, ref, alt):
        raise Refusal(400, f"variantType {kind} contradicts the alleles, which are {type_of(ref, alt)}")


def _lengths(parameters: Mapping[str, Any]) -> tuple[int, int | None]:
    low = _whole(parameters.get("variantMinLength", 0), "variantMinLength")
    stated = parameters.get("variantMaxLength")
    high = None if stated is None else _whole(stated, "variantMaxLength")
    if high is not None and high < low:
        raise Refusal(400, "variantMaxLength is less than variantMinLength")
    return low, high

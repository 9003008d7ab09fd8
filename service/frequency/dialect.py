"""Questions to Beacon nodes in each node's own dialect, and profiles written for people to keep."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from service.domain.assembly import Assembly, accession
from service.domain.frequency_sources import Dialect, NodeEntry, VariantTypeUse
from service.domain.variant import Variant

API_VERSION = "v2.0.0"


@dataclass(frozen=True, slots=True)
class BeaconQuestion:
    """One HTTP request: query parameters for GET, a JSON body for POST."""

    method: str
    parameters: dict[str, str] | None
    body: dict[str, Any] | None


def sequence_question(
    dialect: Dialect, variant: Variant, mitochondrion: str = "M", page: int = 0
) -> BeaconQuestion:
    """The exact query for a variant in the node's build; an allele without bases is written `-`."""
    parameters: dict[str, Any] = {
        "assemblyId": dialect.assembly_id,
        "referenceName": reference_name(dialect, variant.chrom, mitochondrion),
        "start": _start(dialect, variant.start),
        "referenceBases": variant.ref or "-",
        "alternateBases": variant.alt or "-",
    }
    if dialect.end:
        parameters["end"] = [variant.end] if dialect.start_as_list else variant.end
    kind = variant_type(dialect.variant_type, variant)
    if kind is not None:
        parameters["variantType"] = kind
    return _enveloped(dialect, parameters, page)


def range_question(
    dialect: Dialect, chrom: str, start: int, end: int, skip: int, mitochondrion: str = "M"
) -> BeaconQuestion:
    """One page of everything that overlaps an interbase interval: the same for every patient.

    `skip` counts pages, as the standard has it; some nodes count records. Of nodes that count from 1 some
    leave the last position out: they are asked for one base more.

    >>> range_question(Dialect(method="GET", asked_origin=1), "10", 100, 200, 0).parameters["end"]
    '201'
    """
    parameters: dict[str, Any] = {
        "assemblyId": dialect.assembly_id,
        "referenceName": reference_name(dialect, chrom, mitochondrion),
        "start": _start(dialect, start),
        "end": _start(dialect, end),
    }
    return _enveloped(dialect, parameters, skip)


def _start(dialect: Dialect, start: int) -> int | list[int]:
    counted = start + dialect.asked_origin
    return [counted] if dialect.start_as_list else counted


def _enveloped(dialect: Dialect, parameters: dict[str, Any], page: int) -> BeaconQuestion:
    if dialect.method == "GET":
        flat = {
            key: ",".join(map(str, value)) if isinstance(value, list) else str(value)
            for key, value in parameters.items()
        }
        flat |= {"requestedGranularity": "record", "limit": str(dialect.page_limit), "skip": str(page)}
        return BeaconQuestion("GET", flat, None)
    body: dict[str, Any] = {
        "meta": {"apiVersion": API_VERSION},
        "query": {
            "requestParameters": {"g_variant": parameters} if dialect.nested else parameters,
            "requestedGranularity": "record",
            "includeResultsetResponses": "HIT",
            "pagination": {"skip": page, "limit": dialect.page_limit},
        },
    }
    if dialect.outer_envelope:
        # The standard's prose has these beside the query, its schema within.
        asked: dict[str, Any] = body["query"]
        body |= {key: value for key, value in asked.items() if key != "requestParameters"}
    return BeaconQuestion("POST", None, body)


def reference_name(dialect: Dialect, chrom: str, mitochondrion: str = "M") -> str:
    """A chromosome in the node's spelling. Nodes call mitochondria M (GDI) or MT (EGA)."""
    if dialect.reference_names == "accession":
        return accession(dialect.assembly, chrom)
    bare = mitochondrion if chrom == "MT" else chrom
    return f"chr{bare}" if dialect.reference_names == "chr" else bare


def variant_type(use: VariantTypeUse, variant: Variant) -> str | None:
    """The variantType that a node wants beside the alleles; None where it wants none."""
    is_indel = len(variant.ref) != len(variant.alt)
    if use is VariantTypeUse.NEVER:
        return None
    if use is VariantTypeUse.INDELS:
        return "INDEL" if is_indel else None
    if not is_indel:
        return "SNP" if len(variant.ref) == 1 else "MNP"
    if use is VariantTypeUse.ALWAYS:
        return "INDEL"
    return "INS" if len(variant.alt) > len(variant.ref) else "DEL"


# Ways to ask, likeliest first. Each later choice costs one more; combinations are tried cheapest first.
_METHODS = (("POST", False), ("POST", True), ("GET", False))
_NAMES = ("bare", "chr", "accession")
_BUILDS = (
    (Assembly.GRCH38, "GRCh38"),
    (Assembly.GRCH37, "GRCh37"),
    (Assembly.GRCH38, "hg38"),
    (Assembly.GRCH37, "hg19"),
    # A node that labels one build's coordinates as the other's: found here, never believed silently.
    (Assembly.GRCH37, "GRCh38"),
)
_TYPES = (VariantTypeUse.NEVER, VariantTypeUse.ALWAYS)
_ENDS = (False, True)
_LISTS = (True, False)
# Spellings that need no more than a try; asked for in the plainest forms.
_SPELLINGS = (
    *((Assembly.GRCH38, text) for text in ("grch38", "GRCh38.p14", "GRCh38.p13", "38", "b38", "hs38")),
    *((Assembly.GRCH37, text) for text in ("grch37", "GRCh37.p13", "37", "b37", "hs37d5")),
)
_ONE_BASED_COST, _SPELLING_COST = 4, 9


def candidate_dialects() -> list[Dialect]:
    """Every form that a node may want, the commonest first."""
    found: list[tuple[int, Dialect]] = []
    for m, (method, nested) in enumerate(_METHODS):
        for n, names in enumerate(_NAMES):
            for b, (assembly, spelling) in enumerate(_BUILDS):
                for t, use in enumerate(_TYPES):
                    for e, end in enumerate(_ENDS):
                        for s, listed in enumerate(_LISTS):
                            if method == "GET" and not listed:
                                continue
                            dialect = Dialect(method, nested, names, assembly, spelling, listed, use, end)
                            found.append((m + n + b + 2 * t + 2 * e + 3 * s, dialect))
    found += _one_based_forms()
    found += [
        (_SPELLING_COST + m + n, Dialect(method, nested, names, assembly, spelling))
        for assembly, spelling in _SPELLINGS
        for m, (method, nested) in enumerate(_METHODS)
        for n, names in enumerate(_NAMES[:2])
    ]
    return [dialect for _, dialect in sorted(found, key=lambda entry: entry[0])]


def _one_based_forms() -> list[tuple[int, Dialect]]:
    """Nodes that count positions as VCF does, in the forms that are usual otherwise."""
    return [
        (_ONE_BASED_COST + m + n + b, Dialect(method, nested, names, assembly, spelling, asked_origin=1))
        for m, (method, nested) in enumerate(_METHODS)
        for n, names in enumerate(_NAMES)
        for b, (assembly, spelling) in enumerate(_BUILDS[:4])
    ]


def unproven_forms(variant: Variant) -> list[Dialect]:
    """The commonest forms, for a node that shows no canary; for an indel also with variantType."""
    forms = [
        Dialect(method, nested, names, assembly, assembly.value)
        for assembly in (Assembly.GRCH38, Assembly.GRCH37)
        for method, nested in _METHODS
        for names in _NAMES[:2]
    ]
    if len(variant.ref) != len(variant.alt):
        forms += [replace(form, variant_type=VariantTypeUse.INDELS) for form in forms]
    return forms


def indel_uses(use: VariantTypeUse) -> Iterator[VariantTypeUse]:
    """Ways in which a node may want indels, given how it takes SNVs."""
    yield use
    if use is VariantTypeUse.NEVER:
        yield VariantTypeUse.INDELS
    yield VariantTypeUse.SPECIFIC
    if use is VariantTypeUse.NEVER:
        yield VariantTypeUse.ALWAYS


def profile_toml(entry: NodeEntry, access: Mapping[str, str] | None = None) -> str:
    """A `[[node]]` of nodes.toml with its dialect written out.

    `access` is its table of credentials, which names the environment's variable and never holds the secret.
    """
    lines = [
        "[[node]]",
        f'id = "{entry.id}"',
        f'country = "{entry.country}"',
        f'url = "{entry.url}"',
        f'exact = "{"allowed" if entry.exact else "forbidden"}"',
    ]
    if entry.canaries:
        lines.append(f"canaries = [{', '.join(_toml(name) for name in entry.canaries)}]")
    if access:
        lines.append(f"access = {{ {', '.join(f'{key} = {_toml(text)}' for key, text in access.items())} }}")
    if entry.dialect is not None:
        lines.append("[node.dialect]")
        names = (item.name for item in fields(entry.dialect))
        lines += [f"{name} = {_toml(getattr(entry.dialect, name))}" for name in names]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else json.dumps(str(value))

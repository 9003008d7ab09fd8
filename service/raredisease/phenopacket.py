"""A GA4GH phenopacket (version 2, 1 or a plain object) -> what it says of phenotype, sex and variants.

Source: https://phenopacket-schema.readthedocs.io/en/2.0.0/ (Phenopacket, Family, PhenotypicFeature,
VariationDescriptor). What is read: features with `excluded`, the subject's sex, and the variants of genomic
interpretations. Not read, and never part of a score: the diagnosis, the disease and the interpretation's
status; they are somebody's answer to the question that is asked here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.domain.case import Sex
from service.domain.phenotype import PhenotypeQuery
from service.errors import InvalidResource

_FEATURES = ("phenotypicFeatures", "phenotypic_features", "phenotypes", "observed", "features", "hpo",
             "hpo_terms", "hpoTerms", "terms")  # fmt: skip
_EXCLUDED = ("excluded", "excluded_phenotypes", "excludedPhenotypes", "negated", "absent")
_GENOTYPES = {
    "GENO:0000135": "0/1", "GENO:0000136": "1/1", "GENO:0000134": "1",
    "GENO:0000602": "0/1", "GENO:0000603": "0/1", "GENO:0000604": "1", "GENO:0000605": "1",
    "heterozygous": "0/1", "homozygous": "1/1", "hemizygous": "1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StatedVariant:
    """A variant that a phenopacket names: any notation, its assembly where stated, and a VCF genotype."""

    notation: str
    assembly: str | None = None
    genotype: str | None = None


@dataclass(frozen=True, slots=True)
class Phenopacket:
    """One person. `id` is the packet's, else the subject's, else None."""

    id: str | None
    subject: str | None
    query: PhenotypeQuery
    sex: Sex = Sex.UNKNOWN
    variants: tuple[StatedVariant, ...] = ()


def parse_json(text: str | bytes) -> Any:
    """The JSON of one phenopacket. Raises InvalidResource when it is none, or nested beyond all reason."""
    try:
        return json.loads(text)
    except RecursionError:
        raise InvalidResource("not read: it is nested too deeply to be a phenopacket") from None
    except ValueError as error:
        why = getattr(error, "msg", "it cannot be decoded")
        hint = "; YAML is not read, only JSON" if text[:1] not in ("{", b"{", "[", b"[") else ""
        raise InvalidResource(f"not JSON: {why}{hint}") from None


def read_phenopacket(document: Any) -> Phenopacket:
    """What a phenopacket says. Raises InvalidResource, naming what was expected, when it cannot be read."""
    if not isinstance(document, Mapping):
        raise InvalidResource("expected a JSON object, a GA4GH phenopacket")
    packet = document
    if isinstance(document.get("phenopacket"), Mapping):
        packet = document["phenopacket"]
    elif isinstance(document.get("proband"), Mapping):
        packet = document["proband"]
    elif "members" in document:
        raise InvalidResource("a cohort was read; expected one person's phenopacket a line or file")
    observed, excluded = _features(packet)
    subject = packet.get("subject")
    subject = subject if isinstance(subject, Mapping) else {}
    sex = str(subject.get("sex") or packet.get("sex") or "").lower()
    return Phenopacket(
        id=stated_id(document),
        subject=_text(subject.get("id")),
        query=PhenotypeQuery(tuple(observed), tuple(excluded)),
        sex=Sex(sex) if sex in ("female", "male") else Sex.UNKNOWN,
        variants=tuple(_variants(packet)),
    )


def stated_id(document: Any) -> str | None:
    """What a document calls itself, whether or not the rest of it can be read.

    >>> stated_id({"proband": {"id": "p"}}), stated_id([])
    ('p', None)
    """
    if not isinstance(document, Mapping):
        return None
    parts = (document.get("phenopacket"), document.get("proband"))
    inner: Mapping[str, Any] = next((part for part in parts if isinstance(part, Mapping)), {})
    subject = {**document, **inner}.get("subject")
    named = subject.get("id") if isinstance(subject, Mapping) else None
    return _text(inner.get("id")) or _text(document.get("id")) or _text(named)


def _text(value: Any) -> str | None:
    return (
        str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None
    )


def _features(packet: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    named = [name for name in (*_FEATURES, *_EXCLUDED) if packet.get(name) is not None]
    if not named:
        raise InvalidResource("it has no phenotypicFeatures")
    observed: list[str] = []
    excluded: list[str] = []
    for name in named:
        value = packet[name]
        items = value.replace(",", " ").split() if isinstance(value, str) else value
        if not isinstance(items, Sequence):
            raise InvalidResource(f"{name} is not a list")
        for position, item in enumerate(items, start=1):
            term, is_excluded = _feature(item, f"{name} {position}")
            (excluded if is_excluded or name in _EXCLUDED else observed).append(term)
    return observed, excluded


def _feature(item: Any, where: str) -> tuple[str, bool]:
    """The HPO id of a feature and whether it is excluded; its place instead of an id that is not there."""
    if isinstance(item, str):
        return item.lstrip("!").strip(), item.startswith("!")
    if isinstance(item, Mapping):
        coded = item.get("type", item)
        term = coded.get("id") if isinstance(coded, Mapping) else coded
        denied = item.get("excluded", item.get("negated", False))
        if isinstance(term, str):
            return term.strip(), denied is True or str(denied).lower() == "true"
    return where, False


def _variants(packet: Mapping[str, Any]) -> Iterator[StatedVariant]:
    for descriptor in _descriptors(packet):
        state = descriptor.get("allelicState", descriptor.get("zygosity"))
        state = state if isinstance(state, Mapping) else {}
        genotype = _GENOTYPES.get(str(state.get("id"))) or _GENOTYPES.get(str(state.get("label")).lower())
        record = descriptor.get("vcfRecord", descriptor.get("vcfAllele"))
        if isinstance(record, Mapping) and record.get("ref") and record.get("alt"):
            chrom = str(record.get("chrom", record.get("chr", ""))).removeprefix("chr")
            yield StatedVariant(
                f"{chrom}-{record.get('pos')}-{record['ref']}-{record['alt']}",
                _text(record.get("genomeAssembly")),
                genotype,
            )
            continue
        expressions = [e for e in descriptor.get("expressions") or () if isinstance(e, Mapping)]
        by_syntax = {str(e.get("syntax")): str(e.get("value")) for e in expressions}
        for syntax in ("hgvs.g", "spdi", "hgvs.c", "hgvs"):
            if by_syntax.get(syntax):
                yield StatedVariant(by_syntax[syntax], None, genotype)
                break


def _descriptors(packet: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Variation descriptors of version 2, and the variants of version 1."""
    for interpretation in _mappings(packet.get("interpretations")):
        diagnosis = interpretation.get("diagnosis")
        if isinstance(diagnosis, Mapping):
            for genomic in _mappings(diagnosis.get("genomicInterpretations")):
                variant = genomic.get("variantInterpretation")
                if isinstance(variant, Mapping):
                    yield from _mappings([variant.get("variationDescriptor")])
    yield from _mappings(packet.get("variants"))


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, Mapping))

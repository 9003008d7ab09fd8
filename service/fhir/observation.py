"""What every Observation of a genomic report has in common."""

from dataclasses import dataclass
from typing import Any

from service.domain.findings import Findings, VariantFinding
from service.fhir.identity import Place, ResourceIds
from service.fhir.terminology import (
    CATEGORIES,
    SECONDARY_FINDING_EXTENSION,
    TBD,
    Json,
    coded,
    gene_concept,
    loinc,
    meta,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """An Observation profile: its `meta` and its `code`."""

    meta: Json
    code: Json


VARIANT = Kind(meta("variant"), loinc("69548-6", "Genetic variant assessment"))
GENOTYPE = Kind(meta("genotype"), loinc("84413-4"))
HAPLOTYPE = Kind(meta("haplotype"), loinc("84414-2"))
PHASE = Kind(meta("sequence-phase-relationship"), loinc("82120-7"))
THERAPEUTIC = Kind(meta("therapeutic-implication"), coded(TBD, "therapeutic-implication"))
DIAGNOSTIC = Kind(meta("diagnostic-implication"), coded(TBD, "diagnostic-implication"))
CONSEQUENCE = Kind(meta("molecular-consequence"), coded(TBD, "molecular-consequence"))

GENE_STUDIED = loinc("48018-6")
CONCLUSION_STRING = coded(TBD, "conclusion-string")
CLINICAL_SIGNIFICANCE = loinc("53037-8")
EVIDENCE_LEVEL = loinc("93044-6")

# The value set of the extension knows only the first two versions of the list, so the name is text.
SECONDARY_FINDING = {
    "url": SECONDARY_FINDING_EXTENSION,
    "valueCodeableConcept": {"text": "secondary finding: not part of the stated indication"},
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What all resources of one answer share. `effective` is when the specimen was taken, where known."""

    ids: ResourceIds
    subject: dict[str, str]
    status: str
    effective: str
    issued: str
    specimen: dict[str, str] | None
    findings: Findings
    by_spdi: dict[str, VariantFinding]


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource and the place where it is found."""

    place: Place
    resource: Json


def observation(
    frame: Frame,
    kind: Kind,
    role: str,
    *,
    component: list[Json],
    value: Json | None = None,
    derived_from: list[dict[str, str]] | None = None,
    extensions: list[Json] | None = None,
    notes: list[Json] | None = None,
) -> Entry:
    """One Observation; lists that are empty are left out, as FHIR demands."""
    place = frame.ids.place("Observation", role)
    resource: Json = {"resourceType": "Observation", "id": place.id, "meta": kind.meta}
    if extensions:
        resource["extension"] = extensions
    resource["status"] = frame.status
    resource["category"] = CATEGORIES
    resource["code"] = kind.code
    resource["subject"] = frame.subject
    resource["effectiveDateTime"] = frame.effective
    resource["issued"] = frame.issued
    if value is not None:
        resource["valueCodeableConcept"] = value
    if notes:
        resource["note"] = notes
    if frame.specimen:
        resource["specimen"] = frame.specimen
    if derived_from:
        resource["derivedFrom"] = derived_from
    if component:
        resource["component"] = component
    return Entry(place, resource)


def concept_component(code: Json, value: Json) -> Json:
    """A component with a CodeableConcept."""
    return {"code": code, "valueCodeableConcept": value}


def string_component(code: Json, value: str) -> Json:
    """A component with a string."""
    return {"code": code, "valueString": value}


def conclusion(text: str) -> Json:
    """The conclusion in words, a component that every profile of the guide allows."""
    return {"code": CONCLUSION_STRING, "valueString": text}


def gene_studied(gene: str, hgnc_id: str | None) -> Json:
    """The gene that an Observation is about."""
    return {"code": GENE_STUDIED, "valueCodeableConcept": gene_concept(gene, hgnc_id)}


def note(text: str, **more: Any) -> Json:
    """An Annotation; `time` may be given."""
    return {**more, "text": text}

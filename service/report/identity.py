"""Who the report is about and who asked: read from the FHIR resources that came with the case."""

from dataclasses import dataclass
from typing import Any

from service.domain.findings import Findings


@dataclass(frozen=True, slots=True)
class Identity:
    """Person, request and specimen. None means that it was not given; dates are ISO 8601 as given."""

    subject: str
    name: str | None
    born: str | None
    sex: str
    identifiers: tuple[str, ...]
    requester: str | None
    test: str | None
    order: str | None
    reasons: tuple[str, ...]
    specimen: str | None
    specimen_id: str | None
    collected: str | None
    received: str | None


def identity_of(findings: Findings) -> Identity:
    """The identity block; sex is the Patient's administrative one, else what was stated for ploidy."""
    patient = _mapping(findings.context.get("patient"))
    request = _mapping(findings.context.get("service_request"))
    specimen = _mapping(findings.context.get("specimen"))
    collection = _mapping(specimen.get("collection"))
    return Identity(
        subject=findings.subject,
        name=_person(patient.get("name")),
        born=_text(patient.get("birthDate")),
        sex=_text(patient.get("gender")) or findings.scope.sex.value,
        identifiers=_identifiers(patient),
        requester=_text(_mapping(request.get("requester")).get("display")),
        test=_concept(request.get("code")),
        order=next(iter(_identifiers(request)), None),
        reasons=_reasons(request),
        specimen=_concept(specimen.get("type")),
        specimen_id=_text(_mapping(specimen.get("accessionIdentifier")).get("value"))
        or next(iter(_identifiers(specimen)), None),
        collected=_text(collection.get("collectedDateTime"))
        or _text(_mapping(collection.get("collectedPeriod")).get("start")),
        received=_text(specimen.get("receivedTime")),
    )


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _concept(value: object) -> str | None:
    """The text of a CodeableConcept (or of R5's CodeableReference), else its first display or code."""
    concept = _mapping(value)
    concept = _mapping(concept.get("concept")) or concept
    if text := _text(concept.get("text")):
        return text
    codings = [_mapping(coding) for coding in _list(concept.get("coding"))]
    return next(
        (text for key in ("display", "code") for coding in codings if (text := _text(coding.get(key)))), None
    )


def _identifiers(resource: dict[str, Any]) -> tuple[str, ...]:
    values = (_text(_mapping(entry).get("value")) for entry in _list(resource.get("identifier")))
    return tuple(value for value in values if value)


def _reasons(request: dict[str, Any]) -> tuple[str, ...]:
    concepts = [*_list(request.get("reasonCode")), *_list(request.get("reason"))]
    return tuple(reason for concept in concepts if (reason := _concept(concept)))


def _person(names: object) -> str | None:
    """FAMILY, given names: the official or usual name first."""
    entries = [_mapping(name) for name in _list(names)]
    rank = {"official": 0, "usual": 1}
    for entry in sorted(entries, key=lambda name: rank.get(str(name.get("use")), 2)):
        family = _text(entry.get("family"))
        given = " ".join(text for part in _list(entry.get("given")) if (text := _text(part)))
        written = ", ".join(part for part in (family, given) if part) or _text(entry.get("text"))
        if written:
            return written
    return None

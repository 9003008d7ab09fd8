"""What else was posted: the person, the order, medicines, phenotypes, consent."""

import re
from collections.abc import Iterable

from service.domain.case import Consent, Medication, Sex
from service.domain.issue import Issue
from service.errors import InvalidResource
from service.fhir.posted import Located, Posted, codings
from service.fhir.terminology import ATC, HGNC, RXNORM, Json

_RXNORM = {RXNORM, "urn:oid:2.16.840.1.113883.6.88"}
_ATC = {ATC, "urn:oid:2.16.840.1.113883.6.73", "http://fhir.de/CodeSystem/bfarm/atc"}
_HPO = re.compile(r"HP:\d{7}\Z")
_MONDO = re.compile(r"MONDO:\d{7}\Z")
_BIRTH_SEX = re.compile(r"/(us-core-birthsex|patient-birthSex|patient-sexParameterForClinicalUse)\Z")
_SEXES = {"F": Sex.FEMALE, "FEMALE": Sex.FEMALE, "M": Sex.MALE, "MALE": Sex.MALE}
_NOT_TAKEN = frozenset({"entered-in-error", "not-taken", "cancelled", "draft", "intended"})
_ENDED = frozenset({"completed", "stopped"})
# "Absent" of LOINC LL1971-2, and of SNOMED CT: not detected, absent, known absent.
_ABSENT = frozenset({"LA9634-2", "260415000", "2667000", "410516002"})
_SECONDARY = re.compile(r"\b(secondary|incidental)[ -]findings?\b", re.IGNORECASE)


def the_patient(posted: Posted) -> Located | None:
    """The one Patient. Raises InvalidResource when there are two, or when a resource is about another."""
    patients = list(posted.of("Patient"))
    if len(patients) > 1:
        raise InvalidResource("expected one Patient", where=patients[1].path)
    references: dict[str, str] = {}
    for located in posted.resources:
        link = located.resource.get("subject") or located.resource.get("patient")
        target = _target(link)
        if not isinstance(link, dict) or target is None or located.resource["resourceType"] == "Patient":
            continue
        if patients and not _points_at(link, patients[0].resource, posted, located.resource):
            raise InvalidResource("is about another Patient than the one given", where=located.path)
        references.setdefault(target, located.path)
    if not patients and len(references) > 1:
        raise InvalidResource(
            "the resources are about different Patients", where=list(references.values())[1]
        )
    return patients[0] if patients else None


def _target(link: object) -> str | None:
    """What a Reference names: the reference itself, else the identifier's value."""
    if not isinstance(link, dict):
        return None
    target = link.get("reference") or (link.get("identifier") or {}).get("value")
    return target if isinstance(target, str) else None


def _points_at(link: Json, patient: Json, posted: Posted, within: Json) -> bool:
    if "reference" in link:
        return posted.resolve(link, within) is patient
    return link["identifier"]["value"] in [i.get("value") for i in patient.get("identifier", [])]


def subject_id(posted: Posted, patient: Located | None) -> str | None:
    """The person's identifier: the Patient's id, its first identifier, or what the resources refer to."""
    if patient:
        identifiers = [i["value"] for i in patient.resource.get("identifier", []) if i.get("value")]
        own_id = patient.resource.get("id") or (identifiers[0] if identifiers else None)
        return str(own_id) if own_id else None
    for located in posted.resources:
        link = located.resource.get("subject")
        if isinstance(link, dict) and (target := _target(link)) is not None:
            return target.split("/")[-1] if "reference" in link else target
    return None


def recorded_sex(patient: Located | None) -> Sex:
    """Sex for ploidy from an extension that records it; administrative gender is not that."""
    for item in patient.resource.get("extension", []) if patient else []:
        if _BIRTH_SEX.search(str(item.get("url", ""))):
            code = item.get("valueCode") or next(
                (coding["code"] for coding in codings(item.get("valueCodeableConcept"))), ""
            )
            return _SEXES.get(str(code).upper(), Sex.UNKNOWN)
    return Sex.UNKNOWN


def medications(posted: Posted) -> tuple[tuple[Medication, ...], tuple[Issue, ...]]:
    """Medicines taken or ordered, by RxNorm, ATC or else by name; an Issue for each without a code."""
    found: list[Medication] = []
    issues: list[Issue] = []
    for kind in ("MedicationStatement", "MedicationRequest"):
        for located in posted.of(kind):
            resource = located.resource
            if resource.get("status") in _NOT_TAKEN:
                continue
            medication = _medication(resource, posted)
            if medication is None:
                issues.append(
                    _unread(located, "names no medicine and has no RxNorm or ATC code: it was not used")
                )
            elif resource.get("status") in _ENDED and medication.end is None:
                issues.append(_unread(located, "ended at an unknown date and was not used"))
            else:
                found.append(medication)
                if medication.rxnorm is None and medication.atc is None:
                    issues.append(
                        _unread(located, "has no RxNorm or ATC code: it is looked up by its name alone")
                    )
    return tuple(dict.fromkeys(found)), tuple(issues)


def _unread(located: Located, reason: str) -> Issue:
    return Issue("warning", "incomplete", f"{located.resource['resourceType']} {reason}.", located.path)


def _medication(resource: Json, posted: Posted) -> Medication | None:
    concept = resource.get("medicationCodeableConcept")
    if concept is None:
        referred = posted.resolve(resource.get("medicationReference"), resource) or {}
        concept = referred.get("code")
    given = codings(concept)
    rxnorm = next((str(c["code"]) for c in given if c.get("system") in _RXNORM), None)
    atc = next((str(c["code"]) for c in given if c.get("system") in _ATC), None)
    shown = [str(c["display"]) for c in given if c.get("display")]
    text = concept.get("text") if isinstance(concept, dict) else None
    name = str(text or (shown[0] if shown else "")).strip() or None
    if rxnorm is None and atc is None and name is None:
        return None
    period = resource.get("effectivePeriod") or {}
    dosages = resource.get("dosage") or resource.get("dosageInstruction") or [{}]
    route = dosages[0].get("route") or {}
    return Medication(
        rxnorm=rxnorm,
        atc=atc,
        name=name,
        dose=dosages[0].get("text"),
        route=route.get("text")
        or next((str(c["display"]) for c in codings(route) if c.get("display")), None),
        start=period.get("start") or resource.get("effectiveDateTime") or resource.get("authoredOn"),
        end=period.get("end"),
    )


def phenotypes(posted: Posted) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """HPO terms observed and excluded, from Conditions and Observations."""
    observed: list[str] = []
    excluded: list[str] = []
    for located in posted.of("Condition"):
        status = {c["code"] for c in codings(located.resource.get("verificationStatus"))}
        if "entered-in-error" not in status:
            (excluded if "refuted" in status else observed).extend(_hpo(located.resource.get("code")))
    for located in posted.of("Observation"):
        resource = located.resource
        if resource.get("status") in ("entered-in-error", "cancelled"):
            continue
        named = _hpo(resource.get("code"))
        if named and "dataAbsentReason" in resource:
            continue
        observed.extend(_hpo(resource.get("valueCodeableConcept")))
        (excluded if _says_absent(resource) else observed).extend(named)
    return tuple(dict.fromkeys(observed)), tuple(dict.fromkeys(excluded))


def _hpo(concept: object) -> list[str]:
    return [str(c["code"]) for c in codings(concept) if _HPO.match(str(c["code"]))]


def _says_absent(resource: Json) -> bool:
    if resource.get("valueBoolean") is False:
        return True
    return any(c["code"] in _ABSENT for c in codings(resource.get("valueCodeableConcept")))


def indication(posted: Posted) -> tuple[str, ...]:
    """MONDO ids and gene symbols that the order gives as its reason."""
    found: list[str] = []
    for located in posted.of("ServiceRequest"):
        reasons: list[object] = list(located.resource.get("reasonCode", []))
        for reference in located.resource.get("reasonReference", []):
            condition = posted.resolve(reference, located.resource)
            if condition and condition.get("resourceType") == "Condition":
                reasons.append(condition.get("code"))
        for reason in reasons:
            found += _indications(codings(reason))
    return tuple(dict.fromkeys(found))


def _indications(given: Iterable[Json]) -> list[str]:
    found = []
    for coding in given:
        if _MONDO.match(str(coding["code"])):
            found.append(str(coding["code"]))
        elif str(coding.get("system", "")).startswith(HGNC) and coding.get("display"):
            found.append(str(coding["display"]))
    return found


def consent_to_secondary(posted: Posted) -> Consent:
    """What the active Consents say of secondary findings; a refusal outweighs an agreement."""
    said = {
        provision.get("type")
        for located in posted.of("Consent")
        if located.resource.get("status") == "active"
        for provision in _provisions(located.resource)
        if _names_secondary(provision) or _names_secondary_in(located.resource.get("category", []))
    }
    if "deny" in said:
        return Consent.NO
    return Consent.YES if "permit" in said else Consent.UNKNOWN


def _provisions(consent: Json) -> list[Json]:
    found: list[Json] = []
    waiting = [consent["provision"]] if isinstance(consent.get("provision"), dict) else []
    while waiting:
        provision = waiting.pop()
        found.append(provision)
        waiting.extend(provision.get("provision", []))
    return found


def _names_secondary(provision: Json) -> bool:
    if _names_secondary_in(provision.get("code", [])):
        return True
    labels = [*provision.get("securityLabel", []), *provision.get("purpose", []), *provision.get("class", [])]
    return any(_SECONDARY.search(f"{label.get('code', '')} {label.get('display', '')}") for label in labels)


def _names_secondary_in(concepts: Iterable[Json]) -> bool:
    for concept in concepts:
        words = [str(concept.get("text", ""))]
        words += [f"{c['code']} {c.get('display', '')}" for c in codings(concept)]
        if any(_SECONDARY.search(word) for word in words):
            return True
    return False

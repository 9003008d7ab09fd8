"""Patient, order, specimen and medicines: as posted where they were, minimal where they were not."""

import re
from collections.abc import Mapping
from typing import Any

from service.domain.case import Medication
from service.domain.findings import Findings
from service.fhir.identity import Place, ResourceIds
from service.fhir.observation import Entry, Frame
from service.fhir.terminology import Json, drug_concept

_DATE_TIME = re.compile(
    r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?\Z",
)


def place_patient(findings: Findings, ids: ResourceIds) -> Place:
    """Where the Patient is found; a posted Patient keeps its id."""
    posted = findings.context.get("patient")
    return ids.place("Patient", "patient", own_id=posted.get("id") if posted else None)


def patient_entry(findings: Findings, ids: ResourceIds) -> Entry:
    """The Patient as posted, or one that only carries the subject's identifier."""
    place = place_patient(findings, ids)
    posted = findings.context.get("patient")
    if posted:
        return Entry(place, {**posted, "id": place.id})
    minimal = {"resourceType": "Patient", "id": place.id, "identifier": [{"value": findings.subject}]}
    return Entry(place, minimal)


def order_entry(findings: Findings, ids: ResourceIds) -> Entry | None:
    """The ServiceRequest as posted; None when there was none."""
    return _posted(findings, ids, "service_request", "ServiceRequest")


def specimen_entry(findings: Findings, ids: ResourceIds) -> Entry | None:
    """The Specimen as posted; None when there was none."""
    return _posted(findings, ids, "specimen", "Specimen")


def _posted(findings: Findings, ids: ResourceIds, key: str, resource_type: str) -> Entry | None:
    posted = findings.context.get(key)
    if not posted:
        return None
    place = ids.place(resource_type, key, own_id=posted.get("id"))
    relinked = {name: _relinked(member, _links(findings, ids)) for name, member in posted.items()}
    return Entry(place, {**relinked, "id": place.id})


def _links(findings: Findings, ids: ResourceIds) -> dict[str, str]:
    """How the resources that came together referred to each other, and where they are found now."""
    kinds = (("patient", "Patient"), ("service_request", "ServiceRequest"), ("specimen", "Specimen"))
    links: dict[str, str] = {}
    for key, kind in kinds:
        own_id = findings.context.get(key, {}).get("id")
        if own_id:
            reference = ids.place(kind, key, own_id=own_id).reference["reference"]
            links |= {f"{kind}/{own_id}": reference, f"urn:uuid:{own_id}": reference}
    return links


def _relinked(value: Any, links: dict[str, str]) -> Any:
    """The same JSON with references among the posted resources kept inside the Bundle; others untouched."""
    if isinstance(value, list):
        return [_relinked(item, links) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {name: _relinked(member, links) for name, member in value.items()}
    if isinstance(value.get("reference"), str):
        changed["reference"] = links.get(value["reference"], value["reference"])
    return changed


def collected_at(findings: Findings) -> str | None:
    """When the specimen was taken, where the posted Specimen says so in FHIR's form."""
    collection = findings.context.get("specimen", {}).get("collection")
    moment = collection.get("collectedDateTime") if isinstance(collection, Mapping) else None
    return moment if isinstance(moment, str) and _DATE_TIME.match(moment) else None


def medication_entries(frame: Frame) -> list[Entry]:
    """One MedicationStatement per medicine that the case states, in order."""
    return [
        _statement(frame, number, medication)
        for number, medication in enumerate(frame.findings.scope.medications)
    ]


def _statement(frame: Frame, number: int, medication: Medication) -> Entry:
    code = medication.rxnorm or medication.atc or medication.name or ""
    place = frame.ids.place("MedicationStatement", f"medication|{number}|{code}")
    today = frame.issued[:10]
    ended = medication.end is not None and medication.end[:10] < today
    resource: Json = {
        "resourceType": "MedicationStatement",
        "id": place.id,
        "status": "completed" if ended else "active",
        "medicationCodeableConcept": drug_concept(
            medication.name, medication.rxnorm, (medication.atc,) if medication.atc else ()
        ),
        "subject": frame.subject,
    }
    stated = (("start", medication.start), ("end", medication.end))
    period = {key: moment for key, moment in stated if moment and _DATE_TIME.match(moment)}
    if period:
        resource["effectivePeriod"] = period
    dosage = ", ".join(part for part in (medication.dose, medication.route) if part)
    if dosage:
        resource["dosage"] = [{"text": dosage}]
    return Entry(place, resource)

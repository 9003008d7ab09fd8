"""Findings in, FHIR Bundle out. Start here: every resource of the answer, in the order of reading."""

from itertools import pairwise
from typing import Any

import orjson

from service.domain.findings import Findings, VariantFinding
from service.domain.release import UNSIGNED, ReleaseState
from service.fhir.diagnostic import (
    assertion_implications,
    classification_implication,
    diagnosis_implication,
    follow_up_tasks,
    negative_observation,
)
from service.fhir.genotype import genotype_observations, not_assessed_genotype
from service.fhir.identity import ResourceIds
from service.fhir.observation import Entry, Frame
from service.fhir.people import (
    collected_at,
    medication_entries,
    order_entry,
    patient_entry,
    specimen_entry,
)
from service.fhir.report import report_entry
from service.fhir.study import device_entry, provenance_entry, study_entries
from service.fhir.terminology import Json
from service.fhir.therapeutic import drug_implication, medication_task, phenotype_implications
from service.fhir.variant import consequence_observation, phase_observation, variant_observation


def bundle(findings: Findings, ids: ResourceIds, *, state: ReleaseState = UNSIGNED) -> dict[str, Any]:
    """The whole answer as a Bundle of type collection, the DiagnosticReport first.

    Parts are shared between resources: read the result, serialise it, do not change it in place.

    Args:
        findings: the answer.
        ids: where its resources are found.
        state: whether somebody signed the report; until then it is preliminary.
    """
    place = ids.place("Bundle", "bundle")
    return {
        "resourceType": "Bundle",
        "id": place.id,
        "type": "collection",
        "timestamp": findings.generated_at,
        "entry": [
            {"fullUrl": entry.place.full_url, "resource": entry.resource}
            for entry in entries(findings, ids, state=state)
        ],
    }


def bundle_bytes(findings: Findings, ids: ResourceIds, *, state: ReleaseState = UNSIGNED) -> bytes:
    """The Bundle on one line of UTF-8 JSON."""
    return orjson.dumps(bundle(findings, ids, state=state))


def resources_of(findings: Findings, ids: ResourceIds, *, state: ReleaseState = UNSIGNED) -> dict[str, Json]:
    """Every resource of the answer by `Type/id`, the DiagnosticReport first and the Bundle itself last."""
    whole = bundle(findings, ids, state=state)
    resources = [*(entry["resource"] for entry in whole["entry"]), whole]
    return {f"{resource['resourceType']}/{resource['id']}": resource for resource in resources}


def transaction(collection: dict[str, Any]) -> dict[str, Any]:
    """The same Bundle as a transaction that creates its resources on another server.

    The Patient is created only where none with its identifier exists. References need the `urn:uuid:` form,
    so the collection must have been made without a base URL.
    """
    return {
        **{key: value for key, value in collection.items() if key not in ("id", "timestamp")},
        "type": "transaction",
        "entry": [{**entry, "request": _create(entry["resource"])} for entry in collection["entry"]],
    }


def _create(resource: Json) -> Json:
    request = {"method": "POST", "url": resource["resourceType"]}
    identifiers = resource.get("identifier") if resource["resourceType"] == "Patient" else None
    if identifiers:
        system, value = identifiers[0].get("system"), identifiers[0]["value"]
        request["ifNoneExist"] = f"identifier={system}|{value}" if system else f"identifier={value}"
    return request


def entries(findings: Findings, ids: ResourceIds, *, state: ReleaseState = UNSIGNED) -> list[Entry]:
    """All resources with their places, the DiagnosticReport first, in a fixed order."""
    patient = patient_entry(findings, ids)
    order = order_entry(findings, ids)
    specimen = specimen_entry(findings, ids)
    frame = Frame(
        ids=ids,
        subject=patient.place.reference,
        status="preliminary" if state.signed is None else "final",
        effective=collected_at(findings) or findings.generated_at,
        issued=findings.generated_at,
        specimen=specimen.place.reference if specimen else None,
        findings=findings,
        by_spdi={finding.description.spdi: finding for finding in findings.variants},
    )
    statements = medication_entries(frame)

    observations = [*_variants(frame), *_pharmacogenes(frame), *_diagnoses(frame)]
    tasks = []
    for number, recommendation in enumerate(findings.recommendations):
        if not recommendation.genes:
            continue  # nothing to derive an implication from: the report's notes say it
        observations.append(drug_implication(frame, number, recommendation))
        listed = [statements[place] for place in findings.listed(recommendation)]
        # What is taken now comes before what ended.
        listed.sort(key=lambda statement: statement.resource["status"] != "active")
        focus = listed[0].place.reference if listed else None
        task = medication_task(frame, number, recommendation, focus)
        if task:
            tasks.append(task)
    for number, diagnosis in enumerate(findings.diagnoses):
        tasks += follow_up_tasks(frame, number, diagnosis)

    report = report_entry(frame, observations, tasks, order, state)
    study = study_entries(frame, order)
    device = device_entry(frame)
    provenance = provenance_entry(frame, device, [report, *observations, *tasks, *study])
    given = [entry for entry in (order, specimen) if entry]
    return [report, patient, *given, *statements, *observations, *tasks, *study, device, provenance]


def _variants(frame: Frame) -> list[Entry]:
    found: list[Entry] = []
    for finding in frame.findings.variants:
        found.append(variant_observation(frame, finding))
        consequence = consequence_observation(frame, finding)
        if consequence:
            found.append(consequence)
    return found


def _pharmacogenes(frame: Frame) -> list[Entry]:
    found: list[Entry] = []
    for call in frame.findings.pharmacogenes:
        found += genotype_observations(frame, call)
        found += phenotype_implications(frame, call)
    answered = {call.gene for call in frame.findings.pharmacogenes}
    needed = dict.fromkeys(gene for r in frame.findings.recommendations for gene in r.genes)
    return found + [not_assessed_genotype(frame, gene) for gene in needed if gene not in answered]


def _diagnoses(frame: Frame) -> list[Entry]:
    """Statements with what they rest on, then classes that no statement uses, then published assertions."""
    findings = frame.findings
    coverage = {covered.gene: covered for covered in findings.scope.genes_assessed}
    found: list[Entry] = []
    phases: dict[str, Entry] = {}
    explained: set[str] = set()
    for number, diagnosis in enumerate(findings.diagnoses):
        variants = [frame.by_spdi[spdi] for spdi in diagnosis.variants if spdi in frame.by_spdi]
        if not variants:
            found.append(negative_observation(frame, number, diagnosis, coverage))
            continue
        found.append(diagnosis_implication(frame, number, diagnosis, variants))
        phases |= _phases(frame, variants)
        explained.update(diagnosis.variants)
    found += phases.values()
    for finding in findings.variants:
        ours = None
        if finding.description.spdi not in explained:
            ours = classification_implication(frame, finding)
        if ours:
            found.append(ours)
        found += assertion_implications(frame, finding)
    return found


def _phases(frame: Frame, variants: list[VariantFinding]) -> dict[str, Entry]:
    """Cis or trans of neighbouring variants of one statement, by resource id."""
    related = (phase_observation(frame, first, second) for first, second in pairwise(variants))
    return {entry.place.id: entry for entry in related if entry}

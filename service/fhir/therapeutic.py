"""Pharmacogene phenotypes and drug guidance as therapeutic implications, and the Tasks that follow."""

import re

from service.domain.pgx import MedicationPhenotype, PharmacogeneCall, Recommendation
from service.fhir.genotype import genotype_role
from service.fhir.observation import (
    EVIDENCE_LEVEL,
    THERAPEUTIC,
    Entry,
    Frame,
    concept_component,
    conclusion,
    note,
    observation,
)
from service.fhir.terminology import (
    MEDICATION_ACTIONS,
    TBD,
    Json,
    citation,
    coded,
    drug_concept,
    extension,
    loinc,
    meta,
    phenotype_concept,
)

THERAPEUTIC_IMPLICATION = coded(TBD, "therapeutic-implication")
MEDICATION_ASSESSED = loinc("51963-7")
TREATMENT_CONTEXT = loinc("81259-4")
_MEDICATION_RECOMMENDATION = meta("medication-recommendation")
# What a gene without a result is matched by; its Genotype says why there is none.
_NOTHING_MATCHED = ("", "no result")
_SCORE = re.compile(r"[≥>]?\d+(\.\d+)?( or [≥>]?\d+(\.\d+)?)*\Z")


def phenotype_implications(frame: Frame, call: PharmacogeneCall) -> list[Entry]:
    """The gene's phenotype, then one implication per co-medication; the Genotype is never rewritten."""
    genotype = frame.ids.place("Observation", genotype_role(call.gene)).reference
    entries = []
    # Where no pair is called, guidance may still rest on one: the lowest-function alleles, a fallback site.
    rests_on = call.diplotypes or ((call.basis,) if call.basis else ())
    phenotypes = list(dict.fromkeys(d.phenotype for d in rests_on if d.phenotype))
    if phenotypes:
        entries.append(_phenotype(frame, call, phenotypes, genotype))
    entries += [_during(frame, call, expected, genotype) for expected in call.expected_with_medications]
    return entries


def _phenotype(
    frame: Frame, call: PharmacogeneCall, phenotypes: list[str], genotype: dict[str, str]
) -> Entry:
    several = len(phenotypes) > 1
    # Two codes side by side would both read as true; which one holds is not known.
    value = {"text": " or ".join(phenotypes)} if several else phenotype_concept(phenotypes[0])
    remarks = ["The pairs of alleles that fit differ in phenotype."] if several else []
    component = []
    if call.basis and not call.diplotypes:
        remarks.append(f"Rests on {call.basis.name}, which is not a called pair of alleles.")
        if call.basis.activity_score:
            component.append(conclusion(f"Activity score {call.basis.activity_score}"))
    return _implication(
        frame,
        f"phenotype|{call.gene}",
        derived_from=[genotype],
        notes=[note(text) for text in remarks],
        component=[*component, concept_component(THERAPEUTIC_IMPLICATION, value)],
    )


def _during(
    frame: Frame, call: PharmacogeneCall, expected: MedicationPhenotype, genotype: dict[str, str]
) -> Entry:
    context = f"while taking {expected.drug} ({expected.strength})"
    remarks = [note(expected.note)] if expected.note else []
    if expected.washout_days is not None:
        remarks.append(
            note(f"The effect may last for {expected.washout_days} days after {expected.drug} ends.")
        )
    if expected.for_drugs:
        remarks.append(note(f"Only for guidance of: {', '.join(expected.for_drugs)}."))
    score = f", activity score {expected.activity_score}" if expected.activity_score else ""
    return _implication(
        frame,
        f"phenotype|{call.gene}|{expected.drug}|{expected.phenotype}",
        derived_from=[genotype],
        extensions=[citation(expected.source)] if expected.source else None,
        notes=remarks,
        component=[
            conclusion(f"Expected {context}: {expected.phenotype}{score}. The genotype is unchanged."),
            concept_component(THERAPEUTIC_IMPLICATION, phenotype_concept(expected.phenotype)),
            concept_component(TREATMENT_CONTEXT, {"text": context}),
        ],
    )


def recommendation_role(number: int, recommendation: Recommendation) -> str:
    """The role of a recommendation; the number tells two statements of one guideline on one drug apart."""
    return f"recommendation|{number}|{recommendation.guideline}|{recommendation.drug}"


def drug_implication(frame: Frame, number: int, recommendation: Recommendation) -> Entry:
    """What the genotypes mean for one medicine according to one guideline."""
    genotypes = [
        frame.ids.place("Observation", genotype_role(gene)).reference for gene in recommendation.genes
    ]
    component = [conclusion(_conclusion(recommendation))]
    calls = {call.gene: call for call in frame.findings.pharmacogenes}
    component += [
        concept_component(THERAPEUTIC_IMPLICATION, _basis(gene, match, calls.get(gene)))
        for gene, match in recommendation.basis.items()
        if match.lower() not in _NOTHING_MATCHED
    ]
    component.append(
        concept_component(
            MEDICATION_ASSESSED,
            drug_concept(recommendation.drug, recommendation.rxnorm, recommendation.atc),
        )
    )
    if recommendation.strength not in ("", "N/A"):
        strength = f"{recommendation.guideline}: {recommendation.strength}"
        component.append(concept_component(EVIDENCE_LEVEL, {"text": strength}))
    return _implication(
        frame,
        f"implication|{recommendation_role(number, recommendation)}",
        derived_from=genotypes,
        extensions=_citations(recommendation),
        notes=[note(text) for text in _remarks(recommendation)],
        component=component,
    )


def medication_task(
    frame: Frame, number: int, recommendation: Recommendation, medication: dict[str, str] | None
) -> Entry | None:
    """The recommendation as a Task; None for an action that no answer of the required list expresses.

    Such a statement ("not called", "no recommendation") stays in its implication, in words.
    """
    code = MEDICATION_ACTIONS.get(recommendation.action)
    if code is None:
        return None
    role = recommendation_role(number, recommendation)
    place = frame.ids.place("Task", f"task|{role}")
    resource: Json = {
        "resourceType": "Task",
        "id": place.id,
        "meta": _MEDICATION_RECOMMENDATION,
        "status": "requested",
        "intent": "proposal",
        "code": code,
        "description": recommendation.text,
    }
    if medication:
        resource["focus"] = medication
    resource["for"] = frame.subject
    resource["authoredOn"] = frame.issued
    if recommendation.why:
        resource["reasonCode"] = {"text": recommendation.why}
    resource["reasonReference"] = frame.ids.place("Observation", f"implication|{role}").reference
    remarks = _remarks(recommendation)
    if recommendation.dose and recommendation.dose.text:
        remarks.append(f"Dose: {recommendation.dose.text}.")
    if remarks:
        resource["note"] = [note(text) for text in remarks]
    return Entry(place, resource)


def recommended_action(task: Entry) -> Json:
    """The report's pointer to a Task."""
    return extension("recommended-action", valueReference=task.place.reference)


def _implication(
    frame: Frame,
    role: str,
    *,
    component: list[Json],
    derived_from: list[dict[str, str]],
    extensions: list[Json] | None = None,
    notes: list[Json] | None = None,
) -> Entry:
    """A therapeutic implication; published clients read its identifier."""
    entry = observation(
        frame,
        THERAPEUTIC,
        role,
        component=component,
        derived_from=derived_from,
        extensions=extensions,
        notes=notes,
    )
    entry.resource["identifier"] = [{"system": "urn:genomeward:implication", "value": entry.place.id}]
    return entry


def _basis(gene: str, match: str, call: PharmacogeneCall | None) -> Json:
    """The phenotype, activity score or allele status of a gene that the guideline's row was found by.

    A score is coded by the phenotype that it is in this person.
    """
    if not _SCORE.match(match):
        return phenotype_concept(match, text=f"{gene} {match}")
    phenotype = call.phenotype_of_score(match) if call else None
    named = f"{phenotype}, " if phenotype else ""
    return phenotype_concept(phenotype or match, text=f"{gene} {named}activity score {match}")


def _conclusion(recommendation: Recommendation) -> str:
    reason = f" {recommendation.why}" if recommendation.why else ""
    return f"{recommendation.text}{reason}"


def _citations(recommendation: Recommendation) -> list[Json]:
    cited = [citation(recommendation.source or recommendation.guideline, recommendation.guideline_url)]
    cited += [
        citation(f"PMID {pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/") for pmid in recommendation.pmids
    ]
    return cited


def _remarks(recommendation: Recommendation) -> list[str]:
    remarks = []
    if recommendation.possible:
        remarks.append(f"Possible only: {recommendation.possible}.")
    remarks += recommendation.warnings
    if recommendation.population:
        remarks.append(f"Applies to: {recommendation.population}.")
    if recommendation.newer_version:
        remarks.append(
            f"Guideline version {recommendation.version or 'not stated'}; "
            f"a newer one exists: {recommendation.newer_version}."
        )
    return remarks

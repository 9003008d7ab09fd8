"""The DiagnosticReport that ties everything together."""

from collections.abc import Sequence

from service.domain.case import Consent
from service.domain.findings import Findings
from service.domain.pgx import CallStatus, PharmacogeneCall
from service.domain.release import UNSIGNED, ReleaseState
from service.fhir.observation import Entry, Frame
from service.fhir.study import study_reference
from service.fhir.terminology import GENETICS, GR, Json, coded, extension, loinc, meta
from service.fhir.therapeutic import recommended_action

_REPORT = meta("genomic-report")
_CODE = loinc("51969-4", "Genetic analysis report")
_NOTE_TYPES = f"{GR}/CodeSystem/coded-annotation-types-cs"
_CONSENT = {
    Consent.YES: "Consent to be told of secondary findings: given.",
    Consent.NO: "Consent to be told of secondary findings: not given; such findings are not reported.",
    Consent.UNKNOWN: "Consent to be told of secondary findings: not known; such findings are not reported.",
}


def report_entry(
    frame: Frame,
    observations: Sequence[Entry],
    tasks: Sequence[Entry],
    order: Entry | None,
    state: ReleaseState = UNSIGNED,
) -> Entry:
    """The genomic report; all observations are its results, all Tasks its recommended actions.

    Once signed it says when and by whom; an amendment says what changed.
    """
    findings = frame.findings
    place = frame.ids.place("DiagnosticReport", "report")
    resource: Json = {
        "resourceType": "DiagnosticReport",
        "id": place.id,
        "meta": _REPORT,
        "extension": [
            study_reference(frame),
            *(recommended_action(task) for task in tasks),
            *_notes(findings),
            *(
                [_coded_note("test-disclaimer", f"Amended: {state.reason}")]
                if state.amends and state.reason
                else ()
            ),
        ],
    }
    if order:
        resource["basedOn"] = [order.place.reference]
    resource |= {
        "status": state.fhir_status,
        "category": [GENETICS],
        "code": _CODE,
        "subject": frame.subject,
        "effectiveDateTime": frame.effective,
        "issued": state.signed.time if state.signed else frame.issued,
    }
    if state.signed:
        resource["resultsInterpreter"] = [{"display": f"{state.signed.name}, {state.signed.role}"}]
    if frame.specimen:
        resource["specimen"] = [frame.specimen]
    if observations:
        resource["result"] = [entry.place.reference for entry in observations]
    resource["conclusion"] = conclusion_text(findings, released=frame.status != "preliminary")
    return Entry(place, resource)


def conclusion_text(findings: Findings, *, released: bool) -> str:
    """The result in a few sentences; assumptions come first, absence is named."""
    sentences = [] if released else ["Preliminary: not yet released by a laboratory."]
    sentences += findings.scope.assumptions
    called = [_pharmacogene(call) for call in findings.pharmacogenes if call.status not in _UNREAD]
    if called:
        sentences.append(f"Pharmacogenes: {'; '.join(called)}.")
    sentences += _reservations(findings.pharmacogenes)
    unread = [call.gene for call in findings.pharmacogenes if call.status in _UNREAD]
    if unread:
        sentences.append(f"Not called, which is not a normal result: {', '.join(unread)}.")
    urgent = dict.fromkeys(
        recommendation.drug
        for recommendation in findings.recommendations
        if recommendation.current_medication and recommendation.action not in _UNREMARKABLE
    )
    if urgent:
        sentences.append(f"Current medicines with guidance to act on: {', '.join(urgent)}.")
    if silent := [
        drug for drug in _taken(findings) if drug not in urgent and not _is_answered(findings, drug)
    ]:
        sentences.append(f"Current medicines without an answer from genes: {', '.join(silent)}.")
    sentences += [diagnosis.text for diagnosis in findings.diagnoses]
    if not findings.diagnoses:
        sentences.append("No statement is made about an inherited disease.")
    sentences.append(_CONSENT[findings.scope.consent_secondary])
    return " ".join(sentences)


def _taken(findings: Findings) -> list[str]:
    return list(dict.fromkeys(r.drug for r in findings.recommendations if r.current_medication))


def _is_answered(findings: Findings, drug: str) -> bool:
    return any(r.drug == drug and r.action not in _SILENT for r in findings.recommendations)


_UNREAD = (CallStatus.NO_CALL, CallStatus.NOT_COVERED)
_SILENT = ("no-recommendation", "no-guideline", "not-called")
_UNREMARKABLE = ("standard", *_SILENT)


_NO_PHENOTYPE = (None, "", "n/a", "No Result")


def _reservations(calls: Sequence[PharmacogeneCall]) -> list[str]:
    """What is not settled: several pairs, undocumented variants, unpaired alleles, co-medication."""
    several = [call.gene for call in calls if len(call.diplotypes) > 1]
    undocumented = [f"{call.gene} {variant}" for call in calls for variant in call.undocumented]
    unpaired = [call.gene for call in calls if call.basis_alleles and call.haplotypes and not call.diplotypes]
    sentences = []
    if several:
        sentences.append(f"More than one pair of alleles fits, and none was picked: {', '.join(several)}.")
    if undocumented:
        sentences.append(f"Variants that no named allele has, of unknown effect: {', '.join(undocumented)}.")
    if unpaired:
        genes = ", ".join(unpaired)
        sentences.append(f"Alleles not paired, guidance rests on the two of lowest function: {genes}.")
    expected = dict.fromkeys(
        f"{call.gene} is expected as {e.phenotype} while {e.drug} acts ({e.strength} inhibitor)"
        for call in calls
        for e in call.expected_with_medications
        if not e.for_drugs
    )
    if expected:
        sentences.append(f"{'; '.join(expected)}. The genotype is unchanged.")
    return sentences


def _pharmacogene(call: PharmacogeneCall) -> str:
    if call.status is CallStatus.AMBIGUOUS and len(call.diplotypes) > 3:
        return f"{call.gene} ambiguous ({len(call.diplotypes)} pairs of alleles fit)"
    name = " or ".join(diplotype.name for diplotype in call.diplotypes) or ", ".join(call.haplotypes)
    rests_on = call.diplotypes or ((call.basis,) if call.basis else ())
    phenotypes = dict.fromkeys(d.phenotype for d in rests_on if d.phenotype not in _NO_PHENOTYPE)
    meaning = f" ({' or '.join(phenotypes)})" if phenotypes else ""
    return f"{call.gene} {name}{meaning}".strip()


def _notes(findings: Findings) -> list[Json]:
    """Coded notes: assumptions and limits as disclaimers, the issues of this run as methodology."""
    scope = findings.scope
    notes = [_coded_note("test-disclaimer", text) for text in scope.assumptions]
    if scope.not_assessed:
        notes.append(_coded_note("test-disclaimer", f"Not assessed: {', '.join(scope.not_assessed)}."))
    notes.append(
        _coded_note(
            "test-methodology",
            f"genomeward {findings.service_version}, knowledge release {findings.knowledge_release}; "
            f"input read on {findings.assembly}.",
        )
    )
    notes += [
        _coded_note("test-disclaimer", recommendation.text)
        for recommendation in findings.recommendations
        if not recommendation.genes
    ]
    for issue in findings.issues:
        where = f"{issue.where}: " if issue.where else ""
        notes.append(_coded_note("test-methodology", f"{issue.severity.capitalize()}: {where}{issue.text}"))
    return notes


def _amendment(state: ReleaseState) -> list[Json]:
    """What changed since the version that was released before."""
    if not (state.signed and state.amends and state.reason):
        return []
    return [_coded_note("test-disclaimer", f"Amended: {state.reason}")]


def _coded_note(code: str, text: str) -> Json:
    kind = extension("annotation-code", valueCodeableConcept=coded(_NOTE_TYPES, code))
    return extension("genomic-report-note", valueAnnotation={"extension": [kind], "text": text})

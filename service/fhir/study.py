"""What was read and how: genomic study, its analysis, the software, and the Provenance of it all."""

from collections.abc import Sequence

from service.domain.findings import Findings
from service.domain.pgx import CallStatus
from service.fhir.observation import Entry, Frame, note
from service.fhir.terminology import ASSEMBLIES, LABORATORY, Json, coded, extension, gene_concept, meta

_STUDY = meta("genomic-study")
_ANALYSIS = meta("genomic-study-analysis")
_NOT_CALLED = (CallStatus.NO_CALL, CallStatus.NOT_COVERED)
_ASSEMBLER = coded("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "assembler")
_CREATE = coded("http://terminology.hl7.org/CodeSystem/v3-DataOperation", "CREATE")


def study_entries(frame: Frame, order: Entry | None) -> list[Entry]:
    """The genomic study and its one analysis."""
    analysis = _analysis(frame)
    place = frame.ids.place("Procedure", "study")
    study: Json = {
        "resourceType": "Procedure",
        "id": place.id,
        "meta": _STUDY,
        "extension": [extension("genomic-study-analysis-ext", valueReference=analysis.place.reference)],
    }
    if order:
        study["basedOn"] = [order.place.reference]
    study |= {
        "status": "completed",
        "category": LABORATORY,
        "code": {"text": "Interpretation of a sample's variants"},
        "subject": frame.subject,
        "performedDateTime": frame.issued,
    }
    return [Entry(place, study), analysis]


def study_reference(frame: Frame) -> Json:
    """The report's pointer to the study."""
    return extension(
        "genomic-study-reference", valueReference=frame.ids.place("Procedure", "study").reference
    )


def _analysis(frame: Frame) -> Entry:
    findings = frame.findings
    place = frame.ids.place("Procedure", "analysis")
    extensions = []
    build = ASSEMBLIES.get(findings.assembly)
    if build:
        extensions.append(extension("genomic-study-analysis-genome-build", valueCodeableConcept=build))
    if frame.specimen:
        extensions.append(extension("genomic-study-analysis-specimen", valueReference=frame.specimen))
    regions = _regions(findings)
    if regions:
        extensions.append(extension("genomic-study-analysis-regions", extension=regions))
    resource: Json = {"resourceType": "Procedure", "id": place.id, "meta": _ANALYSIS}
    if extensions:
        resource["extension"] = extensions
    resource |= {
        "status": "completed",
        "category": LABORATORY,
        "subject": frame.subject,
        "performedDateTime": frame.issued,
    }
    remarks = _remarks(findings)
    if remarks:
        resource["note"] = [note(text) for text in remarks]
    return Entry(place, resource)


def _regions(findings: Findings) -> list[Json]:
    """Genes studied, called and not callable; coverage in words."""
    hgnc = {d.gene: d.hgnc_id for d in findings.diagnoses}
    hgnc |= {v.description.gene: v.description.hgnc_id for v in findings.variants if v.description.gene}
    hgnc |= {call.gene: call.hgnc_id for call in findings.pharmacogenes}
    uncalled = [call.gene for call in findings.pharmacogenes if call.status in _NOT_CALLED]
    called = [
        call.gene
        for call in findings.pharmacogenes
        if call.status not in (*_NOT_CALLED, CallStatus.OUTSIDE_CALL)
    ]
    assessed = [coverage.gene for coverage in findings.scope.genes_assessed]
    studied = dict.fromkeys([*called, *uncalled, *assessed])
    regions: list[Json] = []
    shares = [
        f"{coverage.gene} {'not stated' if coverage.fraction is None else f'{coverage.fraction:.1%}'}"
        for coverage in findings.scope.genes_assessed
    ]
    if shares:
        regions.append(
            {"url": "description", "valueString": f"Share of coding bases covered: {', '.join(shares)}"}
        )
    for url, genes in (("studied", studied), ("called", called), ("uncalled", uncalled)):
        regions += [
            {"url": url, "valueCodeableConcept": gene_concept(gene, hgnc.get(gene))} for gene in genes
        ]
    return regions


def _remarks(findings: Findings) -> list[str]:
    scope = findings.scope
    remarks = []
    if scope.records_read is not None:
        remarks.append(f"Records read: {scope.records_read}.")
    outside = [c.gene for c in findings.pharmacogenes if c.status is CallStatus.OUTSIDE_CALL]
    if outside:
        remarks.append(f"Taken from another laboratory's call, not re-derived: {', '.join(outside)}.")
    remarks += [
        f"{call.gene}: no call at {', '.join(call.missing_positions)} (GRCh38)."
        for call in findings.pharmacogenes
        if call.missing_positions
    ]
    if scope.not_assessed:
        remarks.append(f"Not assessed: {', '.join(scope.not_assessed)}.")
    return remarks


def device_entry(frame: Frame) -> Entry:
    """The software that made the report."""
    place = frame.ids.place("Device", "device")
    return Entry(
        place,
        {
            "resourceType": "Device",
            "id": place.id,
            "deviceName": [{"name": "genomeward", "type": "model-name"}],
            "type": {"text": "clinical decision support software"},
            "version": [{"value": frame.findings.service_version}],
        },
    )


def provenance_entry(frame: Frame, device: Entry, targets: Sequence[Entry]) -> Entry:
    """Which input, knowledge release, sources and software version the targets come from."""
    findings = frame.findings
    place = frame.ids.place("Provenance", "provenance")
    entities = [
        _entity("urn:ietf:rfc:6920", f"sha-256:{findings.input_digest}", "SHA-256 digest of the input read"),
        _entity(None, findings.knowledge_release, "genomeward knowledge release"),
    ]
    for source in findings.sources:
        version = f" {source.version}" if source.version else ""
        reason = f" ({source.reason})" if source.reason else ""
        entities.append(
            _entity(None, source.name, f"{source.kind} {source.name}{version}: {source.outcome}{reason}")
        )
    return Entry(
        place,
        {
            "resourceType": "Provenance",
            "id": place.id,
            "target": [target.place.reference for target in targets],
            "recorded": frame.issued,
            "activity": _CREATE,
            "agent": [
                {
                    "type": _ASSEMBLER,
                    "who": {**device.place.reference, "display": f"genomeward {findings.service_version}"},
                }
            ],
            "entity": entities,
        },
    )


def _entity(system: str | None, value: str, display: str) -> Json:
    identifier = {"system": system, "value": value} if system else {"value": value}
    return {"role": "source", "what": {"identifier": identifier, "display": display}}

"""Findings <-> JSON: the document that labs script against, its schema, and the archive form.

`findings.json` is flat where the nouns nest: a variant carries its names and its call side by side.
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from service.domain.case import Consent
from service.domain.disease import Assertion, Diagnosis, VariantClassification
from service.domain.findings import Findings, Scope, VariantFinding
from service.domain.frequency import FrequencyCriterion, Outcome, PooledFrequency, SourceAnswer, SourceStatus
from service.domain.issue import Issue
from service.domain.pgx import PharmacogeneCall, Recommendation
from service.domain.variant import Zygosity


@dataclass(frozen=True, slots=True)
class FrequencyRow:
    """One source's answer about one variant."""

    source: str
    country: str | None
    outcome: Outcome
    allele_count: int | None
    allele_number: int | None
    homozygotes: int | None
    frequency: float | None
    ci95: tuple[float, float] | None
    faf95: float | None
    dataset: str | None
    version: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class LiftedFrom:
    """Where the input file had the variant: 1-based, in the input's assembly."""

    assembly: str
    chrom: str
    pos: int
    ref: str
    alt: str


@dataclass(frozen=True, slots=True)
class VariantRow:
    """A reportable variant on GRCh38; `pos` is 1-based, alleles are left-aligned with their VCF anchor."""

    spdi: str
    vrs_id: str | None
    hgvs_g: str | None
    hgvs_g_grch37: str | None
    hgvs_c: str | None
    hgvs_p: str | None
    gene: str | None
    hgnc_id: str | None
    transcript: str | None
    chrom: str
    pos: int
    ref: str
    alt: str
    zygosity: Zygosity
    phase_set: str | None
    filters: tuple[str, ...]
    depth: int | None
    allele_fraction: float | None
    consequence: str | None
    nmd: bool | None
    notes: tuple[str, ...]
    lifted_from: LiftedFrom | None
    frequencies: tuple[FrequencyRow, ...]
    pooled_frequency: PooledFrequency | None
    frequency_criteria: tuple[FrequencyCriterion, ...]
    assertions: tuple[Assertion, ...]
    classification: VariantClassification | None
    secondary: bool
    parental_origin: str | None


@dataclass(frozen=True, slots=True)
class FindingsDocument:
    """The public document. Keys are a contract; new keys may be added, none is renamed or removed."""

    subject: str
    sample: str
    assembly: str
    knowledge_release: str
    service_version: str
    generated_at: str
    input_digest: str
    issues: tuple[Issue, ...]
    pharmacogenes: tuple[PharmacogeneCall, ...]
    recommendations: tuple[Recommendation, ...]
    variants: tuple[VariantRow, ...]
    diagnoses: tuple[Diagnosis, ...]
    sources: tuple[SourceStatus, ...]
    consent_secondary: Consent
    scope: Scope


def _frequency_row(answer: SourceAnswer) -> FrequencyRow:
    counts = answer.frequency
    return FrequencyRow(
        source=answer.source,
        country=answer.country,
        outcome=answer.outcome,
        allele_count=counts.allele_count if counts else None,
        allele_number=counts.allele_number if counts else None,
        homozygotes=counts.homozygotes if counts else None,
        frequency=counts.value if counts else answer.reported_frequency,
        ci95=counts.ci95 if counts else None,
        faf95=counts.faf95 if counts else None,
        dataset=answer.dataset,
        version=answer.version,
        reason=answer.reason,
    )


def _variant_row(finding: VariantFinding) -> VariantRow:
    call, names = finding.call, finding.description
    origin = call.lifted_from
    return VariantRow(
        spdi=names.spdi,
        vrs_id=names.vrs_id,
        hgvs_g=names.hgvs_g,
        hgvs_g_grch37=names.hgvs_g_grch37,
        hgvs_c=names.hgvs_c,
        hgvs_p=names.hgvs_p,
        gene=names.gene,
        hgnc_id=names.hgnc_id,
        transcript=names.transcript,
        chrom=names.variant.chrom,
        pos=names.variant.pos,
        ref=names.variant.ref,
        alt=names.variant.alt,
        zygosity=call.zygosity,
        phase_set=call.phase_set,
        filters=call.filters,
        depth=call.depth,
        allele_fraction=call.allele_fraction,
        consequence=names.consequence,
        nmd=names.nmd,
        notes=names.notes,
        lifted_from=(
            LiftedFrom(origin.assembly.value, origin.chrom, origin.pos, origin.ref, origin.alt)
            if origin
            else None
        ),
        frequencies=tuple(_frequency_row(answer) for answer in finding.frequencies.answers),
        pooled_frequency=finding.frequencies.pooled,
        frequency_criteria=finding.frequencies.criteria,
        assertions=finding.assertions,
        classification=finding.classification,
        secondary=finding.secondary,
        parental_origin=finding.parental_origin,
    )


def document(findings: Findings) -> FindingsDocument:
    """The public document of Findings."""
    return FindingsDocument(
        subject=findings.subject,
        sample=findings.sample,
        assembly=findings.assembly,
        knowledge_release=findings.knowledge_release,
        service_version=findings.service_version,
        generated_at=findings.generated_at,
        input_digest=findings.input_digest,
        issues=findings.issues,
        pharmacogenes=findings.pharmacogenes,
        recommendations=findings.recommendations,
        variants=tuple(_variant_row(finding) for finding in findings.variants),
        diagnoses=findings.diagnoses,
        sources=findings.sources,
        consent_secondary=findings.scope.consent_secondary,
        scope=findings.scope,
    )


def document_bytes(findings: Findings) -> bytes:
    """The public document as one line of UTF-8 JSON."""
    return msgspec.json.encode(document(findings))


def document_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the public document."""
    schema: dict[str, Any] = msgspec.json.schema(FindingsDocument)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "genomeward findings",
        **schema,
    }


def archive_bytes(findings: Findings) -> bytes:
    """Findings as stored: every noun as it is, so that `read_archive` returns an equal value."""
    return msgspec.json.encode(findings)


def read_archive(stored: bytes) -> Findings:
    """Findings as they were when stored. Raises msgspec.ValidationError for anything else."""
    return msgspec.json.decode(stored, type=Findings)

"""Findings: the one answer from which every Bundle, report, card and table is drawn.

The JSON form (`openapi/findings.schema.json`) has exactly these names.
"""

from dataclasses import dataclass, field
from typing import Any

from service.domain.case import Consent, Medication, Sex
from service.domain.disease import Assertion, Diagnosis, VariantClassification
from service.domain.frequency import SourceStatus, VariantFrequencies
from service.domain.issue import Issue
from service.domain.pgx import PharmacogeneCall, Recommendation
from service.domain.variant import MolecularDescription, VariantCall


@dataclass(frozen=True, slots=True)
class VariantFinding:
    """A reportable variant: the call, its names, its frequencies, published assertions and our class."""

    call: VariantCall
    description: MolecularDescription
    frequencies: VariantFrequencies = field(default_factory=VariantFrequencies)
    assertions: tuple[Assertion, ...] = ()
    classification: VariantClassification | None = None
    secondary: bool = False
    # From which parent: `father`, `mother`, `both`, `de-novo`, `unknown`; None where no parent was read.
    parental_origin: str | None = None


@dataclass(frozen=True, slots=True)
class GeneCoverage:
    """What was read of one gene: share of coding bases stated covered; None when the input is silent."""

    gene: str
    fraction: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What was looked at, and what was not: printed in every projection."""

    indication: tuple[str, ...]
    consent_secondary: Consent
    sex: Sex
    phenotypes: tuple[str, ...]
    medications: tuple[Medication, ...]
    genes_assessed: tuple[GeneCoverage, ...] = ()
    not_assessed: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    records_read: int | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """All that genomeward says about one sample. Lists are in a fixed, documented order."""

    subject: str
    sample: str
    assembly: str
    knowledge_release: str
    service_version: str
    generated_at: str
    input_digest: str
    # SHA-256 over input, options and outside calls: two questions about one file are two answers.
    question_digest: str
    issues: tuple[Issue, ...]
    pharmacogenes: tuple[PharmacogeneCall, ...]
    recommendations: tuple[Recommendation, ...]
    variants: tuple[VariantFinding, ...]
    diagnoses: tuple[Diagnosis, ...]
    sources: tuple[SourceStatus, ...]
    scope: Scope
    # FHIR Patient, ServiceRequest and Specimen as they came; absent keys were not given.
    context: dict[str, dict[str, Any]] = field(default_factory=dict)

    def listed(self, recommendation: Recommendation) -> tuple[int, ...]:
        """Places in the medication list that a recommendation is about, ascending.

        Findings stored before recommendations said so themselves are read by code and name.
        """
        return recommendation.medications or tuple(
            place
            for place, medication in enumerate(self.scope.medications)
            if (medication.rxnorm and medication.rxnorm == recommendation.rxnorm)
            or (medication.atc and medication.atc in recommendation.atc)
            or (medication.name or "").casefold() == recommendation.drug.casefold()
        )

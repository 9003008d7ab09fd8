"""What each capability hands back to the pipeline."""

from dataclasses import dataclass

from service.domain.disease import Diagnosis
from service.domain.findings import GeneCoverage, VariantFinding
from service.domain.frequency import SourceStatus, VariantFrequencies
from service.domain.issue import Issue
from service.domain.pgx import PharmacogeneCall, Recommendation
from service.domain.variant import MolecularDescription, VariantCall


@dataclass(frozen=True, slots=True)
class DescribedCall:
    """A call of this sample with its names and consequence."""

    call: VariantCall
    description: MolecularDescription


@dataclass(frozen=True, slots=True)
class PgxAssessment:
    """Pharmacogenes in alphabetical order; recommendations, current medicines first."""

    pharmacogenes: tuple[PharmacogeneCall, ...]
    recommendations: tuple[Recommendation, ...]
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class FrequencyAssessment:
    """One entry per variant asked, in the order asked, and one status per configured source."""

    answers: tuple[VariantFrequencies, ...]
    sources: tuple[SourceStatus, ...]
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class DiseaseAssessment:
    """Reportable variants and statements; what consent withholds is already gone."""

    variants: tuple[VariantFinding, ...]
    diagnoses: tuple[Diagnosis, ...]
    genes_assessed: tuple[GeneCoverage, ...] = ()
    issues: tuple[Issue, ...] = ()
    not_assessed: tuple[str, ...] = ()

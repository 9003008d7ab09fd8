"""Assertions, criteria, classifications and diagnostic statements."""

from dataclasses import dataclass
from enum import StrEnum


class Classification(StrEnum):
    """The five terms of Richards 2015, doi:10.1038/gim.2015.30."""

    PATHOGENIC = "Pathogenic"
    LIKELY_PATHOGENIC = "Likely pathogenic"
    UNCERTAIN = "Uncertain significance"
    LIKELY_BENIGN = "Likely benign"
    BENIGN = "Benign"


@dataclass(frozen=True, slots=True)
class Assertion:
    """A published aggregate classification (ClinVar), always with its review status and date."""

    source: str
    accession: str
    classification: str
    review_status: str
    stars: int
    conditions: tuple[str, ...]
    condition_ids: tuple[str, ...] = ()
    last_evaluated: str | None = None
    release: str | None = None
    genes: tuple[str, ...] = ()
    conflict_counts: str | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One of the 28 ACMG/AMP criteria for one variant. `verdict` is `met`, `not met` or `not assessed`."""

    code: str
    strength: str | None
    verdict: str
    reason: str
    source: str = ""
    supplied: bool = False


@dataclass(frozen=True, slots=True)
class VariantClassification:
    """Our class of a variant, with every criterion accounted for."""

    classification: Classification
    points: int
    scheme: str
    criteria: tuple[Criterion, ...]
    suggested: tuple[Criterion, ...] = ()
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the variants of one gene say about one disease.

    `statement` is one of `positive`, `possible-compound-heterozygote`, `carrier`, `secondary-finding`,
    `uncertain`, `negative`. `variants` are SPDI keys into Findings.variants.
    """

    gene: str
    hgnc_id: str | None
    disease: str
    mondo: str | None
    inheritance: str | None
    inheritance_hpo: str | None
    statement: str
    classification: Classification | None
    variants: tuple[str, ...]
    text: str
    evidence: tuple[str, ...] = ()
    follow_up: tuple[str, ...] = ()
    secondary: bool = False
    stars: int | None = None
    validity: str | None = None
    phenotype_score: float | None = None
    date: str | None = None

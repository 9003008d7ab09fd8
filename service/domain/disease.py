"""Assertions, criteria, classifications and diagnostic statements."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


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


# Points of a criterion that is met. Source: Tavtigian 2020, doi:10.1002/humu.24088.
# Stand-alone decides by itself; the total shows it with the weight of very strong.
STRENGTH_POINTS = {"Supporting": 1, "Moderate": 2, "Strong": 4, "Very Strong": 8, "Stand Alone": 8}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One of the 28 ACMG/AMP criteria for one variant. `verdict` is `met`, `not met` or `not assessed`."""

    code: str
    strength: str | None
    verdict: str
    reason: str
    source: str = ""
    supplied: bool = False

    @property
    def points(self) -> int:
        """What it adds to the variant's total: benign ones negative, 0 unless it is met.

        >>> Criterion("BS1", "Strong", "met", "").points, Criterion("PM2", None, "not met", "").points
        (-4, 0)
        """
        if self.verdict != "met" or not self.strength:
            return 0
        return STRENGTH_POINTS[self.strength] * (1 if self.code.startswith("P") else -1)


@dataclass(frozen=True, slots=True)
class VariantClassification:
    """Our class of a variant, with every criterion accounted for."""

    classification: Classification
    points: int
    scheme: str
    criteria: tuple[Criterion, ...]
    suggested: tuple[Criterion, ...] = ()
    conflicts: tuple[str, ...] = ()


# What a gene-disease pair is said to show, the weightiest first.
STATEMENTS = (
    "positive",
    "possible-compound-heterozygote",
    "secondary-finding",
    "carrier",
    "uncertain",
    "negative",
    "not-assessed",
)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the variants of one gene say about one disease.

    `statement` is one of `positive`, `possible-compound-heterozygote`, `carrier`, `secondary-finding`,
    `uncertain`, `negative`, `not-assessed`. `variants` are SPDI keys into Findings.variants. `phenotypes` are
    those observed HPO terms that the disease is annotated with. `stars`, `date` and `release` are those of
    the strongest assertion.
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
    release: str | None = None
    phenotypes: tuple[str, ...] = ()


# ClinVar's terms that say pathogenic without a qualifier; "low penetrance" and "risk" terms are other terms.
_PATHOGENIC_TERMS = frozenset({"pathogenic", "likely pathogenic"})


def assertion_terms(classification: str) -> tuple[str, ...]:
    """The single terms of an aggregate classification, lower case, in the order written.

    >>> assertion_terms("Pathogenic/Likely pathogenic|drug response")
    ('pathogenic', 'likely pathogenic', 'drug response')
    >>> assertion_terms("Pathogenic, low penetrance")
    ('pathogenic, low penetrance',)
    >>> assertion_terms("Pathogenic, other")
    ('pathogenic', 'other')
    """
    terms: list[str] = []
    for part in re.split(r"[|/;]", classification.replace("_", " ")):
        bare = part.strip().strip(",").strip().lower()
        if "low penetrance" in bare or "risk" in bare:
            terms.append(bare)
        else:
            terms += [term.strip() for term in bare.split(",") if term.strip()]
    return tuple(terms)


def asserts_pathogenic(assertion: Assertion) -> bool:
    """Whether the aggregate is pathogenic or likely pathogenic (alone or both); conflicts are not.

    >>> asserts_pathogenic(Assertion("ClinVar", "VCV1", "Pathogenic|drug response", "", 3, ()))
    True
    >>> asserts_pathogenic(Assertion("ClinVar", "VCV1", "Uncertain significance", "", 1, ()))
    False
    """
    terms = assertion_terms(assertion.classification)
    significance = [t for t in terms if "pathogenic" in t or "benign" in t or "uncertain" in t]
    return bool(significance) and all(t in _PATHOGENIC_TERMS for t in significance)


def asserts_benign(assertion: Assertion) -> bool:
    """Whether the aggregate is benign or likely benign (alone or both); conflicts are not.

    >>> asserts_benign(Assertion("ClinVar", "VCV1", "Benign/Likely benign", "", 2, ()))
    True
    """
    terms = assertion_terms(assertion.classification)
    significance = [t for t in terms if "pathogenic" in t or "benign" in t or "uncertain" in t]
    return bool(significance) and all(t in ("benign", "likely benign") for t in significance)


def asserts_risk(assertion: Assertion) -> bool:
    """Whether the aggregate says low penetrance or risk allele, ClinVar's terms apart from pathogenic.

    >>> asserts_risk(Assertion("ClinVar", "VCV1", "Pathogenic, low penetrance", "", 2, ()))
    True
    >>> asserts_risk(Assertion("ClinVar", "VCV1", "Pathogenic", "", 2, ()))
    False
    """
    return any("low penetrance" in t or "risk" in t for t in assertion_terms(assertion.classification))


def asserts_only_likely(assertion: Assertion) -> bool:
    """Whether the aggregate says likely pathogenic and never pathogenic."""
    terms = assertion_terms(assertion.classification)
    return "likely pathogenic" in terms and "pathogenic" not in terms


@dataclass(frozen=True, slots=True)
class AssertedVariant:
    """An asserted variant with its place on GRCh38 and, for missense, the change (`Arg175His`)."""

    assertion: Assertion
    chrom: str
    start: int | None
    ref: str
    alt: str
    spdi: str | None = None
    protein_change: str | None = None
    rsid: str | None = None


class PublishedAssertions(Protocol):
    """ClinVar, looked up. Places are GRCh38, interbase, alleles as in a left-aligned VCF record."""

    def at(self, chrom: str, start: int, ref: str, alt: str) -> tuple[Assertion, ...]:
        """Assertions of exactly this variant; empty when there is none."""

    def of_spdi(self, spdi: str) -> tuple[Assertion, ...]:
        """Assertions of variants that upstream places only by SPDI."""

    def of_accession(self, accession: str) -> AssertedVariant | None:
        """By VCV accession or Variation id."""

    def of_rsid(self, rsid: str) -> tuple[AssertedVariant, ...]:
        """All alleles of a dbSNP record."""

    def at_residue(self, gene: str, position: int) -> tuple[AssertedVariant, ...]:
        """Asserted missense variants of one residue, whatever their class."""

    def within(self, chrom: str, start: int, end: int) -> tuple[AssertedVariant, ...]:
        """Asserted variants whose interbase start lies in start..end."""

"""The main path: one Case in, its Findings out. Start here.

    VCF or FHIR --> Case --> names --> candidates --> frequencies --> classes and statements --> Findings
                      \\--> pharmacogenes --> phenotypes --> recommendations ---------------------/

Everything below is one of four capabilities, reached through a port of one or two methods; `bootstrap`
chooses the adapters. Findings are the only answer: Bundle, report, card and table are drawn from them.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service import __version__
from service.domain.assessment import DescribedCall, DiseaseAssessment, FrequencyAssessment, PgxAssessment
from service.domain.case import Case
from service.domain.findings import Findings, Scope, VariantFinding
from service.domain.issue import Issue
from service.domain.variant import MolecularDescription, Variant, VariantCall

ASSUMED_REFERENCE = "Missing positions were read as reference because the caller asked for it."
ACCEPTED_FILTERED = "Records that did not pass their filters were accepted because the caller asked for it."
CALLED_CYP2D6 = (
    "CYP2D6 was called from single-base and indel variants alone because the caller asked for it: deletions, "
    "duplications and hybrids would not be seen."
)
ALL_DIPLOTYPES = (
    "Every pair of alleles that fits is listed, not only the best, because the caller asked for it."
)
COMBINATIONS = (
    "Where no pair of single alleles fits, combinations and partial alleles were tried because the caller "
    "asked for it; guidelines give them no function."
)


class Nomenclature(Protocol):
    """Names and consequence of variants."""

    def describe(self, calls: Sequence[VariantCall]) -> Sequence[MolecularDescription]:
        """One description per call, in order."""

    def issues(self) -> Sequence[Issue]:
        """What a configured source of names failed to give."""


class Pharmacogenomics(Protocol):
    """Alleles, diplotypes, phenotypes and guidance."""

    def assess(self, case: Case) -> PgxAssessment:
        """Every pharmacogene of the knowledge base, called or said not to be."""

    def variants(self, case: Case, described: Sequence[DescribedCall]) -> Sequence[DescribedCall]:
        """Those calls that lie at a pharmacogene's defining sites."""


class PopulationFrequencies(Protocol):
    """Federated allele counts."""

    def ask(self, variants: Sequence[Variant]) -> FrequencyAssessment:
        """One answer per variant and configured source; never raises for a source that fails."""


class RareDisease(Protocol):
    """Assertions, criteria, inheritance and statements."""

    def candidates(self, case: Case, described: Sequence[DescribedCall]) -> Sequence[DescribedCall]:
        """Those calls that could explain or carry a disease; consent already applied."""

    def assess(
        self, case: Case, candidates: Sequence[DescribedCall], frequencies: FrequencyAssessment
    ) -> DiseaseAssessment:
        """Classified variants and gene-disease statements; `frequencies.answers` is one per candidate."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The four capabilities, joined."""

    nomenclature: Nomenclature
    pharmacogenomics: Pharmacogenomics
    frequencies: PopulationFrequencies
    disease: RareDisease
    knowledge_release: str
    clock: Callable[[], datetime]

    def interpret(self, case: Case) -> Findings:
        """Findings of one Case. Raises nothing for a missing source: that is an Issue in the answer."""
        pgx = self.pharmacogenomics.assess(case)

        names = self.nomenclature.describe(case.calls)
        described = [DescribedCall(call, name) for call, name in zip(case.calls, names, strict=True)]
        candidates = self.disease.candidates(case, described)
        disease_keys = {candidate.call.variant for candidate in candidates}
        pgx_only = [
            d for d in self.pharmacogenomics.variants(case, described) if d.call.variant not in disease_keys
        ]

        asked = [*candidates, *pgx_only]
        frequencies = self.frequencies.ask([d.call.variant for d in asked])
        disease = self.disease.assess(case, candidates, frequencies)
        pgx_variants = (
            VariantFinding(d.call, d.description, answers)
            for d, answers in zip(pgx_only, frequencies.answers[len(candidates) :], strict=True)
        )

        return Findings(
            subject=case.subject.id,
            sample=case.sample,
            assembly=case.assembly.value,
            knowledge_release=self.knowledge_release,
            service_version=__version__,
            generated_at=self.clock().isoformat(timespec="seconds"),
            input_digest=case.input_digest,
            question_digest=question_digest(case),
            issues=(
                *case.issues,
                *self.nomenclature.issues(),
                *pgx.issues,
                *frequencies.issues,
                *disease.issues,
            ),
            pharmacogenes=pgx.pharmacogenes,
            recommendations=pgx.recommendations,
            variants=(*disease.variants, *pgx_variants),
            diagnoses=disease.diagnoses,
            sources=frequencies.sources,
            scope=scope_of(case, disease),
            context={
                key: resource
                for key, resource in (
                    ("patient", case.subject.patient),
                    ("service_request", case.subject.service_request),
                    ("specimen", case.subject.specimen),
                )
                if resource is not None
            },
        )


def question_digest(case: Case) -> str:
    """SHA-256 over what was read and everything that was asked of it."""
    question = (
        case.input_digest,
        case.sample,
        case.options,
        case.outside_calls,
        case.subject,
        case.attached_digest,
    )
    return hashlib.sha256(repr(question).encode()).hexdigest()


def scope_of(case: Case, disease: DiseaseAssessment) -> Scope:
    """What was looked at in this case, and under which assumptions."""
    options = case.options
    chosen = (
        (options.assume_reference_for_missing, ASSUMED_REFERENCE),
        (options.accept_filtered, ACCEPTED_FILTERED),
        (options.call_cyp2d6, CALLED_CYP2D6),
        (options.all_diplotypes, ALL_DIPLOTYPES),
        (options.combinations, COMBINATIONS),
    )
    return Scope(
        indication=options.indication,
        consent_secondary=options.consent_secondary,
        sex=options.sex,
        phenotypes=options.phenotypes,
        medications=options.medications,
        genes_assessed=disease.genes_assessed,
        not_assessed=disease.not_assessed,
        assumptions=tuple(text for asked, text in chosen if asked),
        records_read=case.record_count,
    )

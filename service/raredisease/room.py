"""Rare disease as the pipeline sees it: asserted variants within scope, and what they say.

Our own ACMG/AMP classification of variants is not offered yet; ClinVar's assertion is shown as ClinVar's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from service.domain.assessment import DescribedCall, DiseaseAssessment, FrequencyAssessment
from service.domain.case import Case
from service.domain.disease import Assertion, Diagnosis, asserts_pathogenic
from service.domain.findings import GeneCoverage, VariantFinding
from service.domain.gene import DiseaseKnowledge
from service.domain.variant import Variant
from service.raredisease.scope import Scope
from service.raredisease.statements import diagnosis, diseases_of, negative


class Assertions(Protocol):
    """Published assertions by variant."""

    def at(self, chrom: str, start: int, ref: str, alt: str) -> tuple[Assertion, ...]:
        """Assertions of exactly this variant; empty when there is none."""


@dataclass(frozen=True, slots=True)
class RareDiseaseRoom:
    """Statements over one knowledge release."""

    assertions: Assertions
    diseases: DiseaseKnowledge

    def candidates(self, case: Case, described: Sequence[DescribedCall]) -> Sequence[DescribedCall]:
        """Calls with a pathogenic assertion that scope and consent let be said, in the order given."""
        scope = Scope.of(case.options, self.diseases)
        by_gene: dict[str, list[DescribedCall]] = {}
        for entry in described:
            if pathogenic := self._pathogenic(entry):
                for gene in _genes(entry, pathogenic):
                    by_gene.setdefault(gene, []).append(entry)
        reported = {
            id(entry)
            for gene, found in by_gene.items()
            if scope.includes(gene, found, self.diseases)
            for entry in found
        }
        return [entry for entry in described if id(entry) in reported]

    def assess(
        self, case: Case, candidates: Sequence[DescribedCall], frequencies: FrequencyAssessment
    ) -> DiseaseAssessment:
        """Findings and statements of the candidates; a negative statement for each other indicated gene."""
        scope = Scope.of(case.options, self.diseases)
        variants = []
        by_gene: dict[str, list[tuple[DescribedCall, tuple[Assertion, ...]]]] = {}
        for entry, answers in zip(candidates, frequencies.answers, strict=False):
            pathogenic = self._pathogenic(entry)
            genes = [
                gene
                for gene in _genes(entry, pathogenic)
                if scope.includes(gene, [c for c in candidates if gene in _genes(c, ())], self.diseases)
                or gene in scope.indicated
            ] or _genes(entry, pathogenic)[:1]
            secondary = not any(gene in scope.indicated for gene in genes)
            variants.append(
                VariantFinding(
                    entry.call,
                    entry.description,
                    answers,
                    assertions=self._at(entry.call.variant, entry.description.variant),
                    secondary=secondary,
                )
            )
            for gene in genes:
                by_gene.setdefault(gene, []).append((entry, pathogenic))
        diagnoses = [d for gene, found in by_gene.items() for d in self._statements(gene, found, case, scope)]
        indicated = self._indicated(case)
        for gene in indicated:
            if gene not in by_gene:
                knowledge = self.diseases.gene(gene)
                pairs = diseases_of(knowledge)
                diagnoses.append(negative(gene, knowledge, pairs[0] if pairs else None))
        coverage = tuple(
            GeneCoverage(gene, None, "the input does not say which bases of the gene were read")
            for gene in indicated
        )
        return DiseaseAssessment(tuple(variants), tuple(diagnoses), coverage)

    def _statements(
        self,
        gene: str,
        found: Sequence[tuple[DescribedCall, tuple[Assertion, ...]]],
        case: Case,
        scope: Scope,
    ) -> list[Diagnosis]:
        knowledge = self.diseases.gene(gene)
        if knowledge is None:
            return []
        pairs = diseases_of(knowledge)
        secondary = gene not in scope.indicated
        if secondary and knowledge.secondary:
            listed = {row.inheritance for row in knowledge.secondary}
            pairs = [pair for pair in pairs if pair.inheritance in listed] or pairs[:1]
        stated = [diagnosis(pair, knowledge, found, case.options.sex, secondary=secondary) for pair in pairs]
        # A carrier state of another disease of the gene is said on request.
        answers = [d for d in stated if d.statement != "carrier"]
        return stated if case.options.carriers or not answers else answers

    def _indicated(self, case: Case) -> list[str]:
        """Genes that the indication names by symbol, known ones only."""
        return [gene for gene in case.options.indication if self.diseases.gene(gene) is not None]

    def _pathogenic(self, entry: DescribedCall) -> tuple[Assertion, ...]:
        found = self._at(entry.call.variant, entry.description.variant)
        return tuple(assertion for assertion in found if asserts_pathogenic(assertion))

    def _at(self, *spellings: Variant) -> tuple[Assertion, ...]:
        for variant in spellings:
            if found := self.assertions.at(variant.chrom, variant.start, variant.ref, variant.alt):
                return found
        return ()


def _genes(entry: DescribedCall, assertions: Sequence[Assertion]) -> list[str]:
    """The gene by name, then those that the assertions name."""
    named = [entry.description.gene] if entry.description.gene else []
    return list(dict.fromkeys([*named, *(gene for a in assertions for gene in a.genes)]))

"""What is published of a call, and of which genes that speaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from service.domain.assessment import DescribedCall
from service.domain.disease import AssertedVariant, Assertion, asserts_pathogenic, asserts_risk
from service.domain.frequency import VariantFrequencies
from service.domain.gene import DiseaseKnowledge
from service.raredisease.rarity import stand_alone_benign

# Two stars and more: several submitters agree, or a panel reviewed it; its word stands against mere
# frequency.
REVIEWED = 2


class Assertions(Protocol):
    """Published assertions by variant."""

    def at(self, chrom: str, start: int, ref: str, alt: str) -> tuple[Assertion, ...]:
        """Assertions of exactly this variant; empty when there is none."""

    def within(self, chrom: str, start: int, end: int) -> tuple[AssertedVariant, ...]:
        """Asserted variants whose first changed base lies at an interbase start in start..end."""


@dataclass(frozen=True, slots=True)
class PublishedAssertions:
    """Assertions of calls, over one knowledge release."""

    assertions: Assertions
    diseases: DiseaseKnowledge

    def of(self, entry: DescribedCall) -> tuple[Assertion, ...]:
        """Assertions of a call's variant, as called or as named."""
        for variant in (entry.call.variant, entry.description.variant):
            if found := self.assertions.at(variant.chrom, variant.start, variant.ref, variant.alt):
                return found
        return ()

    def pathogenic(self, entry: DescribedCall) -> tuple[Assertion, ...]:
        """Assertions of a call that it is pathogenic or likely pathogenic."""
        found = self.of(entry)
        return tuple(assertion for assertion in found if asserts_pathogenic(assertion))

    def risk(self, entry: DescribedCall) -> tuple[Assertion, ...]:
        """Assertions of low penetrance or risk, which are told apart from pathogenic ones."""
        found = self.of(entry)
        return tuple(assertion for assertion in found if asserts_risk(assertion))

    def genes(self, entry: DescribedCall, assertions: Sequence[Assertion]) -> list[str]:
        """The gene by name; else those that the assertions name. A listed gene among them is never left
        out."""
        named = entry.description.gene
        others = [gene for assertion in assertions for gene in assertion.genes]
        listed = [gene for gene in others if gene in self.diseases.secondary_genes]
        if named and self.diseases.gene(named) is not None:
            return list(dict.fromkeys([named, *listed]))
        known = [gene for gene in others if self.diseases.gene(gene) is not None]
        return list(dict.fromkeys(known or ([named] if named else others)))


def too_common(pathogenic: Sequence[Assertion], answers: VariantFrequencies) -> str | None:
    """Why frequency speaks against assertions that nobody reviewed; None where they stand."""
    if not pathogenic or max(assertion.stars for assertion in pathogenic) >= REVIEWED:
        return None
    return stand_alone_benign(answers)

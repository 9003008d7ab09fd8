"""All variants of a person's file -> candidates by disease gene. Only what could matter is named."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from service.domain.case import Case, Sex
from service.domain.disease import Assertion, asserts_pathogenic
from service.domain.gene import DiseaseKnowledge
from service.domain.transcript import EARLIER, Transcript
from service.domain.variant import MolecularDescription, Variant, VariantCall
from service.raredisease.call_evidence import scores_of
from service.raredisease.gene_fit import Candidate, PatientVariants
from service.raredisease.place import Place, changed_bases, place_of
from service.raredisease.stated_frequency import StatedFrequencies
from service.raredisease.variant_weight import weigh

# Commoner variants are looked at only where they are asserted pathogenic. Source: BA1, Richards 2015.
COMMON = 0.05
# Coding bases of a disease gene, on average. Source: MANE 1.3 models of the genes that HPO names.
MEAN_CODING_BASES = 2184
_NAMED = (Place.CODING, Place.SPLICE_SITE)
Describe = Callable[[Variant, str | None], MolecularDescription]


class Assertions(Protocol):
    """Published assertions by variant."""

    def at(self, chrom: str, start: int, ref: str, alt: str) -> tuple[Assertion, ...]:
        """Assertions of exactly this variant; empty when there is none."""


@dataclass(frozen=True, slots=True)
class ExomeReader:
    """Reads a person's calls against the genes that diseases are known for.

    `near` gives the transcripts around a place on GRCh38, `describe` the names of a variant on a gene.
    """

    near: Callable[[str, int, int], Sequence[Transcript]]
    describe: Describe
    assertions: Assertions
    diseases: DiseaseKnowledge
    genes: frozenset[str]
    coding_bases: Callable[[str], int] = lambda _gene: MEAN_CODING_BASES

    def read(self, case: Case) -> PatientVariants:
        """The evidence of a file that was read for all disease genes."""
        return self.candidates(case.calls, case.options.sex, whole=True, origins=case.parental_origin)

    def candidates(
        self,
        calls: Sequence[VariantCall],
        sex: Sex,
        *,
        whole: bool,
        origins: Mapping[tuple[str, int, str, str], str] | None = None,
    ) -> PatientVariants:
        """Candidates by gene."""
        stated = StatedFrequencies.of(calls)
        by_gene: dict[str, list[Candidate]] = {}
        for call in calls:
            for candidate in self._candidates(call, stated):
                by_gene.setdefault(candidate.gene, []).append(candidate)
        return PatientVariants.of(
            by_gene,
            sex,
            len(self.genes),
            whole=whole,
            relative_length=lambda gene: (self.coding_bases(gene) or MEAN_CODING_BASES) / MEAN_CODING_BASES,
            origins=origins or {},
        )

    def named(self, candidate: Candidate) -> Candidate:
        """The candidate with its names."""
        if candidate.names is not None:
            return candidate
        return replace(candidate, names=self.describe(candidate.call.variant, candidate.gene))

    def _candidates(self, call: VariantCall, stated: StatedFrequencies) -> Iterable[Candidate]:
        variant = call.variant
        assertions = self.assertions.at(variant.chrom, variant.start, variant.ref, variant.alt)
        pathogenic = any(map(asserts_pathogenic, assertions))
        frequency = stated.frequency(call)
        if frequency is not None and frequency >= COMMON and not pathogenic:
            return
        places = self._places(variant)
        if pathogenic:
            for gene in (gene for assertion in assertions for gene in assertion.genes):
                if gene in self.genes:
                    places.setdefault(gene, Place.OUTSIDE)
        scores = scores_of(call) if call.info else {}
        unseen = stated.is_unseen(call)
        for gene, place in places.items():
            mitochondrial = variant.chrom == "MT"
            if place not in (*_NAMED, Place.SPLICE_REGION) and not (
                pathogenic or mitochondrial or scores or unseen
            ):
                continue
            names = self.describe(variant, gene) if place in _NAMED or mitochondrial else None
            known = self.diseases.gene(gene)
            weight = weigh(
                call,
                names,
                place,
                assertions,
                frequency,
                scores,
                known.loeuf if known else None,
                unseen=unseen,
            )
            if weight.dominant > 0 or weight.recessive > 0:
                yield Candidate(call, gene, weight, names, assertions, frequency)

    def _places(self, variant: Variant) -> dict[str, Place]:
        """The most telling place in each disease gene around."""
        start, end = changed_bases(variant)
        order = list(Place)
        found: dict[str, Place] = {}
        for transcript in self.near(variant.chrom, start, end):
            if transcript.gene in self.genes and transcript.kind != EARLIER:
                place = place_of(variant, transcript)
                known = found.get(transcript.gene)
                if place is not Place.OUTSIDE and (known is None or order.index(place) < order.index(known)):
                    found[transcript.gene] = place
        return found

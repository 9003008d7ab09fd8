"""Gathers the evidence of a variant and classifies it. Knowledge comes through ports; nothing is
remembered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from service.domain.assessment import DescribedCall
from service.domain.case import SuppliedCriteria
from service.domain.disease import (
    AssertedVariant,
    Assertion,
    Classification,
    VariantClassification,
    asserts_benign,
    asserts_pathogenic,
)
from service.domain.frequency import VariantFrequencies
from service.domain.gene import DiseaseKnowledge, FrequencyException, GeneKnowledge
from service.domain.transcript import Transcript
from service.domain.variant import MolecularDescription, Variant, Zygosity
from service.raredisease.call_evidence import population_of, scores_of
from service.raredisease.classify import Mode, classify, with_conflicts
from service.raredisease.codon import inferred
from service.raredisease.combine import Scheme
from service.raredisease.criteria.comparator import is_same
from service.raredisease.criteria.same_residue import in_reach
from service.raredisease.effect import Effect, Kind, effect_of
from service.raredisease.evidence import Evidence, Partner, no_filtering_frequency
from service.raredisease.repeat import in_repeat
from service.raredisease.request import ClassifyRequest


class Assertions(Protocol):
    """Published assertions, of the variant itself and of its neighbours."""

    def at(self, chrom: str, start: int, ref: str, alt: str) -> tuple[Assertion, ...]:
        """Assertions of exactly this variant; empty when there is none."""

    def at_residue(self, gene: str, position: int) -> tuple[AssertedVariant, ...]:
        """Asserted missense variants of one residue, whatever their class."""

    def within(self, chrom: str, start: int, end: int) -> tuple[AssertedVariant, ...]:
        """Asserted variants whose interbase start lies in start..end."""


class Sequences(Protocol):
    """Transcript models, and proteins where their sequence is known."""

    def transcript(self, description: MolecularDescription) -> Transcript | None:
        """The model that a description rests on; None where it names none."""

    def protein(self, transcript: Transcript) -> str | None:
        """Amino acids in one-letter code; None where the sequence is not configured."""


@dataclass(frozen=True, slots=True)
class CaseEvidence:
    """What a person's case says: how the variant is carried, beside which others, from whom, and which
    observed terms are known of the gene's disease.
    """

    zygosity: Zygosity = Zygosity.UNKNOWN
    partners: tuple[Partner, ...] = ()
    origin: str | None = None
    fitting_terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Classifier:
    """Classifies described variants over one knowledge release.

    `exception_of` names a variant that is on the BA1 exception list; `faf95` computes a filtering frequency;
    `score_names` are a site's INFO keys with their predictors.
    """

    diseases: DiseaseKnowledge
    assertions: Assertions
    sequences: Sequences
    faf95: Callable[[int, int], float | None] = no_filtering_frequency
    exception_of: Callable[[Variant], str | None] = field(default=lambda _: None)
    scheme: Scheme = field(default_factory=Scheme)
    score_names: Mapping[str, str] = field(default_factory=dict)

    def classify(
        self, request: ClassifyRequest, description: MolecularDescription | None
    ) -> tuple[VariantClassification, tuple[Assertion, ...]]:
        """Our class, and the published assertions of the variant itself (none where they are masked)."""
        evidence = self.evidence(request, description)
        mode = request.mode or (Mode.ADD if request.criteria is None else Mode.ONLY)
        found = classify(evidence, mode=mode, scheme=self.scheme)
        published = () if request.mask_assertions or description is None else self._own(description)
        return with_conflicts(found, _against(found.classification, published)), published

    def classify_call(
        self,
        entry: DescribedCall,
        frequencies: VariantFrequencies,
        case: CaseEvidence | None = None,
        supplied: SuppliedCriteria | None = None,
    ) -> VariantClassification:
        """Our class of a person's variant, with its INFO scores, what the frequency sources said, and the
        criteria that people applied.
        """
        criteria = {c.code: c for c in supplied.criteria} if supplied is not None else None
        mode = Mode.ONLY if supplied is not None and supplied.alone else Mode.ADD
        request = ClassifyRequest(
            entry.description.spdi, scores=scores_of(entry.call, self.score_names), criteria=criteria
        )
        evidence = replace(
            self.evidence(request, entry.description),
            population=population_of(frequencies),
            frequency_verdicts=frequencies.criteria,
            partners=case.partners if case is not None else (),
            zygosity=case.zygosity if case is not None else Zygosity.UNKNOWN,
            origin=case.origin if case is not None else None,
            fitting_terms=case.fitting_terms if case is not None else (),
        )
        found = classify(evidence, mode=mode, scheme=self.scheme)
        return with_conflicts(found, _against(found.classification, self._own(entry.description)))

    def evidence(self, request: ClassifyRequest, description: MolecularDescription | None) -> Evidence:
        """What the criteria may look at."""
        variant = description.variant if description is not None else None
        if variant is not None and variant.assembly.value != "GRCh38":
            variant = None
        model = self.sequences.transcript(description) if description is not None else None
        effect = effect_of(description, model, variant)
        knowledge = None
        for symbol in (effect.gene, request.gene):
            knowledge = knowledge or (self.diseases.gene(symbol) if symbol else None)
        if variant is not None and effect.kind is Kind.CODING_UNKNOWN:
            effect = self._with_neighbours(effect, variant, knowledge)
        return Evidence(
            variant=variant,
            effect=effect,
            gene=knowledge,
            inheritance=request.inheritance,
            disease=request.disease,
            disease_names=_disease_names(request.disease, knowledge),
            population=request.population,
            ba1_exception=self.exception_of(variant) if variant is not None else None,
            frequency_exception=_frequency_exception(description, knowledge),
            disease_parameters=request.disease_parameters,
            scores=request.scores,
            supplied=request.criteria or {},
            assertions=self.assertions,
            repeat=self._repeat(effect),
            upstream_of_next_start=self._upstream_of_next_start(effect),
            faf95=self.faf95,
        )

    def _with_neighbours(self, effect: Effect, variant: Variant, gene: GeneKnowledge | None) -> Effect:
        """The amino acids of a substitution without sequence, as far as what is published of the
        residue tells.
        """
        if effect.gene is None or effect.residue is None:
            return effect
        stated = None
        if gene is not None and gene.gene == effect.gene:
            stated = dict(gene.residues).get(effect.residue)
        neighbours = self.assertions.at_residue(effect.gene, effect.residue)
        return inferred(
            effect,
            variant,
            [n for n in neighbours if in_reach(n, variant) and not is_same(n, variant)],
            stated,
        )

    def _own(self, description: MolecularDescription) -> tuple[Assertion, ...]:
        variant = description.variant
        return self.assertions.at(variant.chrom, variant.start, variant.ref, variant.alt)

    def _repeat(self, effect: Effect) -> bool | None:
        if effect.kind is not Kind.IN_FRAME or effect.transcript is None or effect.residue is None:
            return None
        protein = self.sequences.protein(effect.transcript)
        return (
            None
            if protein is None
            else in_repeat(protein, effect.residue, effect.last_residue or effect.residue)
        )

    def _upstream_of_next_start(self, effect: Effect) -> int | None:
        """Pathogenic missense variants between the start and the next methionine."""
        if effect.kind is not Kind.START_LOST or effect.transcript is None:
            return None
        protein = self.sequences.protein(effect.transcript)
        if protein is None:
            return None
        following = protein.find("M", 1)
        last = following if following > 0 else len(protein)
        return sum(
            asserts_pathogenic(v.assertion)
            for residue in range(2, last + 1)
            for v in self.assertions.at_residue(effect.transcript.gene, residue)
        )


def _frequency_exception(
    description: MolecularDescription | None, gene: GeneKnowledge | None
) -> FrequencyException | None:
    """The gene's exception for this variant, by place or, where the bases are not known, by its name."""
    if description is None or gene is None:
        return None
    for listed in gene.frequency_exceptions:
        if listed.is_of(description.variant) or listed.hgvs == description.hgvs_c:
            return listed
    return None


def _disease_names(stated: str | None, gene: GeneKnowledge | None) -> tuple[str, ...]:
    """The stated disease in words; of an id those of the gene's pairs with it."""
    if not stated:
        return ()
    if ":" not in stated:
        return (stated,)
    pairs = gene.diseases if gene is not None else ()
    return tuple(pair.disease for pair in pairs if stated in (pair.mondo, pair.catalogue_id))


def _against(ours: Classification, published: Sequence[Assertion]) -> tuple[str, ...]:
    """Sentences on published assertions that say the opposite of our class."""
    sentences = []
    for assertion in published:
        benign = ours in (Classification.BENIGN, Classification.LIKELY_BENIGN)
        pathogenic = ours in (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)
        if (benign and asserts_pathogenic(assertion)) or (pathogenic and asserts_benign(assertion)):
            sentences.append(
                f"{assertion.source} {assertion.accession} says {assertion.classification} "
                f"({assertion.stars} stars), the criteria say {ours.value}; review"
            )
    return tuple(sentences)


def with_scheme(classifier: Classifier, scheme: Scheme) -> Classifier:
    """The same classifier combining by another scheme."""
    return replace(classifier, scheme=scheme)

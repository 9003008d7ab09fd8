"""All variants of a person's file -> candidates by disease gene. Only what could matter is named."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from service.domain.assessment import FrequencyAssessment
from service.domain.case import Case, Sex
from service.domain.disease import Assertion, asserts_pathogenic
from service.domain.frequency import Outcome, VariantFrequencies
from service.domain.gene import DiseaseKnowledge
from service.domain.transcript import EARLIER, Transcript
from service.domain.variant import MolecularDescription, Variant, VariantCall
from service.raredisease.call_evidence import scores_of
from service.raredisease.gene_fit import Candidate, PatientVariants
from service.raredisease.place import Place, changed_bases, place_of
from service.raredisease.rarity import rarity_of
from service.raredisease.stated_frequency import StatedFrequencies
from service.raredisease.variant_weight import weigh

# Commoner variants are looked at only where they are asserted pathogenic. Source: BA1, Richards 2015.
COMMON = 0.05
AS_ANNOTATED = "the consequence is the one that the file's annotation states"
# Coding bases of a disease gene, on average. Source: MANE 1.3 models of the genes that HPO names.
MEAN_CODING_BASES = 2184
_NAMED = (Place.CODING, Place.SPLICE_SITE)
# Alleles that must have been read before their silence says that a variant is rare: at 0.01 % one is then
# expected.
ENOUGH_ALLELES = 10_000
Describe = Callable[[Variant, str | None], MolecularDescription]
Ask = Callable[[Sequence[Variant]], FrequencyAssessment]


class Assertions(Protocol):
    """Published assertions by variant."""

    def at(self, chrom: str, start: int, ref: str, alt: str) -> tuple[Assertion, ...]:
        """Assertions of exactly this variant; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A call in one gene, with everything that its weight follows from."""

    call: VariantCall
    gene: str
    place: Place
    names: MolecularDescription | None
    assertions: tuple[Assertion, ...]
    frequency: float | None
    scores: Mapping[str, float]
    loeuf: float | None
    unseen: bool
    annotated: bool = False  # the consequence is the file's own

    def weighed(self) -> Candidate | None:
        """The candidate; None where nothing speaks for it."""
        weight = weigh(
            self.call, self.names, self.place, self.assertions, self.frequency, self.scores, self.loeuf,
            unseen=self.unseen,
        )  # fmt: skip
        if weight.dominant <= 0 and weight.recessive <= 0:
            return None
        if self.annotated:
            weight = replace(weight, reasons=(*weight.reasons, AS_ANNOTATED))
        return Candidate(self.call, self.gene, weight, self.names, self.assertions, self.frequency)


@dataclass(frozen=True, slots=True)
class ExomeReader:
    """Reads a person's calls against the genes that code for something.

    `near` gives the transcripts around a place on GRCh38, `describe` the names of a variant on a gene;
    `frequencies` asks the configured sources, None where there are none; `annotated` puts what the file says
    of a variant in the place of an unknown effect.
    """

    near: Callable[[str, int, int], Sequence[Transcript]]
    describe: Describe
    assertions: Assertions
    diseases: DiseaseKnowledge
    genes: frozenset[str]
    coding_bases: Callable[[str], int] = lambda _gene: MEAN_CODING_BASES
    frequencies: Ask | None = None
    hgnc: Callable[[str], str | None] = lambda _gene: None
    annotated: Callable[[VariantCall, MolecularDescription], MolecularDescription] = lambda _call, names: (
        names
    )

    def read(self, case: Case) -> PatientVariants:
        """The evidence of a file that was read for all genes."""
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
        seen = [
            (sighting, candidate)
            for call in calls
            for sighting in self._sightings(call, stated)
            if (candidate := sighting.weighed()) is not None
        ]
        told, notes = self._told(list(dict.fromkeys(s.call.variant for s, _ in seen)))
        by_gene: dict[str, list[Candidate]] = {}
        for sighting, known in seen:
            answers = told.get(known.call.variant)
            candidate = known if answers is None else _with_answers(sighting, known, answers)
            if candidate is not None:
                by_gene.setdefault(candidate.gene, []).append(candidate)
        return PatientVariants.of(
            by_gene,
            sex,
            len(self.genes),
            whole=whole,
            relative_length=lambda gene: (self.coding_bases(gene) or MEAN_CODING_BASES) / MEAN_CODING_BASES,
            origins=origins or {},
            notes=tuple(notes),
        )

    def named(self, candidate: Candidate) -> Candidate:
        """The candidate with its names."""
        if candidate.names is not None:
            return candidate
        return replace(candidate, names=self.describe(candidate.call.variant, candidate.gene))

    def _told(
        self, variants: Sequence[Variant]
    ) -> tuple[Mapping[Variant, VariantFrequencies], Sequence[str]]:
        """What the configured sources say of each variant, and sentences on those that did not answer."""
        if self.frequencies is None or not variants:
            return {}, ()
        assessment = self.frequencies(variants)
        notes = [issue.text for issue in assessment.issues if issue.severity != "information"]
        return dict(zip(variants, assessment.answers, strict=True)), list(dict.fromkeys(notes))

    def _sightings(self, call: VariantCall, stated: StatedFrequencies) -> Iterable[Sighting]:
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
            stated_names = names if names is None else self.annotated(call, names)
            known = self.diseases.gene(gene)
            loeuf = known.loeuf if known else None
            taken = stated_names is not names
            yield Sighting(
                call, gene, place, stated_names, assertions, frequency, scores, loeuf, unseen, taken
            )

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


def _with_answers(sighting: Sighting, known: Candidate, answers: VariantFrequencies) -> Candidate | None:
    """The candidate with what frequency sources say of it; None where that leaves nothing of it."""
    told = _highest(answers)
    if told is None:
        return replace(known, answers=answers)
    frequency = told if sighting.frequency is None else max(told, sighting.frequency)
    if frequency >= COMMON and not any(map(asserts_pathogenic, sighting.assertions)):
        return None
    found = replace(sighting, frequency=frequency, unseen=False).weighed()
    return None if found is None else replace(found, answers=answers)


def _highest(answers: VariantFrequencies) -> float | None:
    """The highest frequency that a source tells, 0..1; silence of a small cohort says nothing."""
    highest = rarity_of(answers, "", None).highest
    read = sum(
        answer.frequency.allele_number or 0
        for answer in answers.answers
        if answer.frequency is not None and answer.outcome in (Outcome.OBSERVED, Outcome.CALLED_ABSENT)
    )
    return highest if highest is None or highest > 0 or read >= ENOUGH_ALLELES else None

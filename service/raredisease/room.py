"""Rare disease as the pipeline sees it: candidates, their class, and the assessment of a case."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.domain.assembly import Assembly
from service.domain.assessment import DescribedCall, DiseaseAssessment, FrequencyAssessment
from service.domain.case import Case
from service.domain.disease import STATEMENTS, VariantClassification
from service.domain.findings import VariantFinding
from service.domain.frequency import VariantFrequencies
from service.domain.gene import DiseaseKnowledge
from service.domain.variant import Interval, Variant, Zygosity
from service.raredisease.applied_criteria import supplied_for, unused_criteria
from service.raredisease.candidates import candidates_of, is_rare_candidate
from service.raredisease.case_statements import CaseStatements
from service.raredisease.classifier import CaseEvidence, Classifier
from service.raredisease.coverage import CodingIntervals, gene_coverage, unanswered
from service.raredisease.inheritance import origin_of
from service.raredisease.partners import partners_of
from service.raredisease.phenotype_genes import NO_PHENOTYPE, PhenotypeMatch
from service.raredisease.published_assertions import Assertions, PublishedAssertions, too_common
from service.raredisease.question import Question
from service.raredisease.statement_basis import PATHOGENIC, Evidence
from service.raredisease.statements import ANSWERED
from service.raredisease.uncalled import Between, OnGrch38, uncalled_blocks, uncalled_sites

ALWAYS_NOT_ASSESSED = (
    "copy-number and structural variants, repeat expansions",
    "variants outside exons and splice regions that nobody has asserted pathogenic",
)
SECONDARY_NOT_ASSESSED = "secondary findings (no consent is stated)"


def _no_model(_gene: str, _assembly: Assembly) -> Sequence[Interval]:
    return ()


def _as_written(variant: Variant) -> Variant | None:
    return variant if variant.assembly is Assembly.GRCH38 else None


def _same_place(interval: Interval, source: Assembly, target: Assembly) -> Sequence[Interval]:
    return (interval,) if source is target else ()


def _no_match(_observed: Sequence[str], _excluded: Sequence[str]) -> PhenotypeMatch:
    return NO_PHENOTYPE


@dataclass(frozen=True, slots=True)
class RareDiseaseRoom:
    """Statements over one knowledge release."""

    assertions: Assertions
    diseases: DiseaseKnowledge
    coding: CodingIntervals = _no_model
    phenotypes: Callable[[Sequence[str], Sequence[str]], PhenotypeMatch] = _no_match
    classifier: Classifier | None = None
    on_grch38: OnGrch38 = _as_written
    between: Between = _same_place

    def candidates(self, case: Case, described: Sequence[DescribedCall]) -> Sequence[DescribedCall]:
        """Calls that may be said within question and consent, in the order given; see `candidates_of`."""
        question = Question.of(case.options, self.diseases)
        return candidates_of(case, described, question, self._match(case), self._published())

    def assess(
        self, case: Case, candidates: Sequence[DescribedCall], frequencies: FrequencyAssessment
    ) -> DiseaseAssessment:
        """Findings and statements of the candidates; for every other indicated gene what its absence is
        worth."""
        question = Question.of(case.options, self.diseases)
        match, published = self._match(case), self._published()
        asked = question.genes(self.diseases)
        coverage = gene_coverage(asked, case, self.coding)
        findings: list[VariantFinding] = []
        by_gene: dict[str, list[Evidence]] = {}
        unclear: dict[str, list[Evidence]] = {}
        for entry, answers in zip(candidates, frequencies.answers, strict=False):
            pathogenic = published.pathogenic(entry)
            ours = self.classified(case, entry, answers, candidates, match)
            origin = origin_of(entry.call, case.parental_origin)
            genes = [g for g in published.genes(entry, pathogenic) if question.may_say(g)]
            risk = published.risk(entry)
            judged = supplied_for(case, entry)
            if not (pathogenic or risk or judged or is_rare_candidate(entry, answers, ours, self.diseases)):
                continue
            evidence = Evidence(entry, pathogenic, ours, origin, too_common(pathogenic, answers), risk)
            is_pathogenic = pathogenic or (ours is not None and ours.classification in PATHOGENIC)
            for gene in genes:
                (by_gene if is_pathogenic else unclear).setdefault(gene, []).append(evidence)
            findings.append(
                VariantFinding(
                    entry.call,
                    entry.description,
                    answers,
                    assertions=published.of(entry),
                    classification=ours,
                    secondary=bool(genes) and all(question.is_secondary(g) for g in genes),
                    parental_origin=origin,
                )
            )
        uncalled = uncalled_sites(asked, case, self.coding, self.assertions, self.on_grch38)
        for gene, places in uncalled_blocks(asked, case, self.coding, self.assertions, self.between).items():
            uncalled.setdefault(gene, []).extend(places)
        unread = unanswered(asked, case, self.coding, uncalled)
        statements = CaseStatements(case, question, match, self.diseases)
        diagnoses = [
            statement
            for gene, found in by_gene.items()
            for statement in statements.of_gene(
                gene, found, unclear.get(gene, []), unread.get(gene, ANSWERED)
            )
        ]
        diagnoses += statements.without_answer(coverage, unread, by_gene, unclear)
        return DiseaseAssessment(
            tuple(findings),
            tuple(sorted(diagnoses, key=lambda d: STATEMENTS.index(d.statement))),
            coverage,
            (*question.issues(), *unused_criteria(case, findings)),
            (*ALWAYS_NOT_ASSESSED, *(() if question.secondary_allowed else (SECONDARY_NOT_ASSESSED,))),
        )

    def classified(
        self,
        case: Case,
        entry: DescribedCall,
        answers: VariantFrequencies,
        candidates: Sequence[DescribedCall] = (),
        match: PhenotypeMatch = NO_PHENOTYPE,
    ) -> VariantClassification | None:
        """Our class of a candidate; None where no classifier is configured. `match` is of the case's terms.

        A genotype is evidence only in a person who is tested for a disease of the gene.
        """
        if self.classifier is None:
            return None
        published = self._published()
        tested = entry.description.gene in Question.of(case.options, self.diseases).indicated
        others = [(other, published.pathogenic(other)) for other in candidates] if tested else []
        partners = partners_of(entry, others, case.parental_origin)
        carried = CaseEvidence(
            entry.call.zygosity if tested else Zygosity.UNKNOWN,
            partners if tested else (),
            origin_of(entry.call, case.parental_origin),
            self._fitting_terms(entry, match),
        )
        return self.classifier.classify_call(entry, answers, carried, supplied_for(case, entry))

    def _fitting_terms(self, entry: DescribedCall, match: PhenotypeMatch) -> tuple[str, ...]:
        """Observed terms that are known of any disease of the variant's gene, in the order observed."""
        gene = entry.description.gene
        knowledge = self.diseases.gene(gene) if gene else None
        if knowledge is None or gene not in match.genes:
            return ()
        return tuple(dict.fromkeys(t for pair in knowledge.diseases for t in match.terms(pair)))

    def _match(self, case: Case) -> PhenotypeMatch:
        options = case.options
        if not options.phenotypes:
            return NO_PHENOTYPE
        return self.phenotypes(options.phenotypes, options.excluded_phenotypes)

    def _published(self) -> PublishedAssertions:
        return PublishedAssertions(self.assertions, self.diseases)

"""Rare disease as the pipeline sees it: candidates within the question, and the statements they allow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from service.domain.assembly import Assembly
from service.domain.assessment import DescribedCall, DiseaseAssessment, FrequencyAssessment
from service.domain.case import Case, SuppliedCriteria
from service.domain.disease import (
    STATEMENTS,
    AssertedVariant,
    Assertion,
    Classification,
    Diagnosis,
    VariantClassification,
    asserts_pathogenic,
    asserts_risk,
)
from service.domain.findings import GeneCoverage, VariantFinding
from service.domain.frequency import VariantFrequencies
from service.domain.gene import DiseaseKnowledge, GeneDisease, GeneKnowledge, Inheritance
from service.domain.issue import Issue
from service.domain.variant import Interval, Variant, Zygosity
from service.raredisease.classifier import CaseEvidence, Classifier
from service.raredisease.coverage import CodingIntervals, Unanswered, gene_coverage, unanswered
from service.raredisease.inheritance import carriage_of, origin_of, statement_of
from service.raredisease.pairs import listed_pair, pairs_of
from service.raredisease.partners import partners_of
from service.raredisease.phenotype_genes import NO_PHENOTYPE, PhenotypeMatch
from service.raredisease.question import Question
from service.raredisease.rarity import is_of_consequence, rarity_of, stand_alone_benign
from service.raredisease.secondary_findings import reported
from service.raredisease.statement_basis import PATHOGENIC, Evidence, rests_on_one_lost_copy
from service.raredisease.statements import ANSWERED, diagnosis, negative, uncertain
from service.raredisease.uncalled import Between, OnGrch38, uncalled_blocks, uncalled_sites

ALWAYS_NOT_ASSESSED = (
    "copy-number and structural variants, repeat expansions",
    "variants outside exons and splice regions that nobody has asserted pathogenic",
)
SECONDARY_NOT_ASSESSED = "secondary findings (no consent is stated)"
CODING_UNKNOWN = "coding_sequence_variant"
# Two stars and more: several submitters agree, or a panel reviewed it; its word stands against mere
# frequency.
REVIEWED = 2


class Assertions(Protocol):
    """Published assertions by variant."""

    def at(self, chrom: str, start: int, ref: str, alt: str) -> tuple[Assertion, ...]:
        """Assertions of exactly this variant; empty when there is none."""

    def within(self, chrom: str, start: int, end: int) -> tuple[AssertedVariant, ...]:
        """Asserted variants whose first changed base lies at an interbase start in start..end."""


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
        """Calls that may be said within question and consent, in the order given.

        These are variants asserted pathogenic or likely pathogenic, and in genes of the indication or of the
        phenotypes those that change the product; how rare these are is judged when frequencies are known.
        """
        question = Question.of(case.options, self.diseases)
        match = self._match(case)
        by_gene: dict[str, list[DescribedCall]] = {}
        kept: set[int] = set()
        withheld: set[int] = set()
        for entry in described:
            if pathogenic := self._pathogenic(entry):
                for gene in self._genes(entry, pathogenic):
                    by_gene.setdefault(gene, []).append(entry)
            elif self._is_unasserted_candidate(case, entry, question, match):
                kept.add(id(entry))
        asked: set[int] = set()
        for gene, found in by_gene.items():
            said = {id(entry) for entry in self._within(gene, found, question, case)}
            kept |= said
            if self._is_secondary(gene, question):
                withheld |= {id(entry) for entry in found} - said
            asked |= said if gene in question.indicated else set()
        # Where genes overlap, a gene outside the list does not tell what consent withholds in the listed one.
        return [entry for entry in described if id(entry) in kept and id(entry) not in withheld - asked]

    def assess(
        self, case: Case, candidates: Sequence[DescribedCall], frequencies: FrequencyAssessment
    ) -> DiseaseAssessment:
        """Findings and statements of the candidates; for every other indicated gene what its absence is
        worth."""
        question = Question.of(case.options, self.diseases)
        match = self._match(case)
        asked = question.genes(self.diseases)
        coverage = gene_coverage(asked, case, self.coding)
        findings: list[VariantFinding] = []
        by_gene: dict[str, list[Evidence]] = {}
        unclear: dict[str, list[Evidence]] = {}
        for entry, answers in zip(candidates, frequencies.answers, strict=False):
            pathogenic = self._pathogenic(entry)
            ours = self.classified(case, entry, answers, candidates, match)
            origin = origin_of(entry.call, case.parental_origin)
            genes = [g for g in self._genes(entry, pathogenic) if self._may_say(g, question)]
            risk = self._risk(entry)
            judged = _supplied(case, entry)
            if not (pathogenic or risk or judged or self._is_candidate(entry, answers, ours)):
                continue
            evidence = Evidence(entry, pathogenic, ours, origin, _too_common(pathogenic, answers), risk)
            is_pathogenic = pathogenic or (ours is not None and ours.classification in PATHOGENIC)
            for gene in genes:
                (by_gene if is_pathogenic else unclear).setdefault(gene, []).append(evidence)
            findings.append(
                VariantFinding(
                    entry.call,
                    entry.description,
                    answers,
                    assertions=self._at(entry.call.variant, entry.description.variant),
                    classification=ours,
                    secondary=bool(genes) and all(self._is_secondary(g, question) for g in genes),
                    parental_origin=origin,
                )
            )
        uncalled = uncalled_sites(asked, case, self.coding, self.assertions, self.on_grch38)
        for gene, places in uncalled_blocks(asked, case, self.coding, self.assertions, self.between).items():
            uncalled.setdefault(gene, []).extend(places)
        unread = unanswered(asked, case, self.coding, uncalled)
        diagnoses = [
            statement
            for gene, found in by_gene.items()
            for statement in self._statements(
                gene, found, unclear.get(gene, []), unread.get(gene, ANSWERED), case, question, match
            )
        ]
        diagnoses += self._without_answer(question, coverage, unread, by_gene, unclear, match)
        return DiseaseAssessment(
            tuple(findings),
            tuple(sorted(diagnoses, key=lambda d: STATEMENTS.index(d.statement))),
            coverage,
            (*question.issues(), *_unused_criteria(case, findings)),
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
        tested = entry.description.gene in Question.of(case.options, self.diseases).indicated
        others = [(other, self._pathogenic(other)) for other in candidates] if tested else []
        partners = partners_of(entry, others, case.parental_origin)
        carried = CaseEvidence(
            entry.call.zygosity if tested else Zygosity.UNKNOWN,
            partners if tested else (),
            origin_of(entry.call, case.parental_origin),
            self._fitting_terms(entry, match),
        )
        return self.classifier.classify_call(entry, answers, carried, _supplied(case, entry))

    def _fitting_terms(self, entry: DescribedCall, match: PhenotypeMatch) -> tuple[str, ...]:
        """Observed terms that are known of any disease of the variant's gene, in the order observed."""
        gene = entry.description.gene
        knowledge = self.diseases.gene(gene) if gene else None
        if knowledge is None or gene not in match.genes:
            return ()
        return tuple(dict.fromkeys(t for pair in knowledge.diseases for t in match.terms(pair)))

    def _statements(
        self,
        gene: str,
        found: Sequence[Evidence],
        unclear: Sequence[Evidence],
        unread: Unanswered,
        case: Case,
        question: Question,
        match: PhenotypeMatch,
    ) -> list[Diagnosis]:
        knowledge = self.diseases.gene(gene)
        if knowledge is None:
            return []
        secondary = self._is_secondary(gene, question)
        stated = []
        for pair, of_pair, listed in self._pairs(knowledge, found, question, case):
            carriage = carriage_of([e.entry for e in of_pair], case.options.sex, case.parental_origin)
            mitochondrial = of_pair[0].entry.call.variant.chrom == "MT"
            statement = statement_of(carriage, pair, mitochondrial=mitochondrial)
            if statement == "positive" and (
                all(evidence.too_common for evidence in of_pair)
                or rests_on_one_lost_copy(pair, knowledge, of_pair, carriage)
                or (not listed and self._rests_on_filtered(pair, of_pair, case))
            ):
                statement = "uncertain"
            elif listed and statement != "possible-compound-heterozygote":
                statement = "secondary-finding"
            stated.append(
                diagnosis(
                    pair,
                    knowledge,
                    of_pair,
                    carriage,
                    statement,
                    secondary=secondary,
                    outside_indication=bool(question.indicated) and gene not in question.indicated,
                    phenotypes=match.terms(pair),
                    phenotype_score=match.score(pair),
                    uncertain=unclear,
                    unread=unread,
                )
            )
        return _on_request(stated, carriers=question.carriers, indicated=gene in question.indicated)

    @staticmethod
    def _rests_on_filtered(pair: GeneDisease, found: Sequence[Evidence], case: Case) -> bool:
        """Whether `positive` needs a call that did not pass its filters, which nobody accepted."""
        passed = [evidence.entry for evidence in found if evidence.entry.call.passed]
        if case.options.accept_filtered or len(passed) == len(found):
            return False
        if not passed:
            return True
        carriage = carriage_of(passed, case.options.sex, case.parental_origin)
        return statement_of(carriage, pair, mitochondrial=passed[0].call.variant.chrom == "MT") != "positive"

    def _pairs(
        self, knowledge: GeneKnowledge, found: Sequence[Evidence], question: Question, case: Case
    ) -> list[tuple[GeneDisease, Sequence[Evidence], bool]]:
        """Pairs with the variants that speak of them, and whether the secondary-findings list reports
        them."""
        gene = knowledge.gene
        if not self._is_secondary(gene, question):
            asserted = [a for evidence in found for a in evidence.asserted]
            return [(pair, found, False) for pair in pairs_of(knowledge, asserted, question.conditions)]
        by_id = {id(evidence.entry): evidence for evidence in found}
        entries = [evidence.entry for evidence in found]
        pairs = []
        for row in knowledge.secondary:
            listed = reported(row.rule, entries, case.options.sex, case.parental_origin)
            carried = entries if question.carriers and row.inheritance is Inheritance.RECESSIVE else []
            if of_pair := listed or carried:
                pair = listed_pair(row, knowledge, self.diseases.mondo_of)
                pairs.append((pair, [by_id[id(entry)] for entry in of_pair], bool(listed)))
        return list({(row[0].disease, row[0].inheritance): row for row in pairs}.values())

    def _without_answer(
        self,
        question: Question,
        coverage: Sequence[GeneCoverage],
        unread: Mapping[str, Unanswered],
        by_gene: dict[str, list[Evidence]],
        unclear: dict[str, list[Evidence]],
        match: PhenotypeMatch,
    ) -> list[Diagnosis]:
        """A statement for every indicated gene without a pathogenic variant."""
        stated = []
        for read in coverage:
            if read.gene in by_gene:
                continue
            knowledge = self.diseases.gene(read.gene)
            pair = pairs_of(knowledge, (), question.conditions)[0] if knowledge else None
            missing = unread.get(read.gene, ANSWERED)
            if pair and knowledge and (found := unclear.get(read.gene)):
                stated.append(
                    uncertain(
                        read.gene,
                        pair,
                        knowledge,
                        found,
                        read,
                        missing,
                        phenotypes=match.terms(pair),
                        phenotype_score=match.score(pair),
                    )
                )
            else:
                stated.append(negative(read.gene, knowledge, pair, read, missing))
        return stated

    def _within(
        self, gene: str, found: Sequence[DescribedCall], question: Question, case: Case
    ) -> Sequence[DescribedCall]:
        """Those of a gene's pathogenic variants that question and consent let be said."""
        if not self._is_secondary(gene, question):
            return found
        if not question.secondary_allowed:
            return ()
        knowledge = self.diseases.gene(gene)
        rows = knowledge.secondary if knowledge else ()
        allowed = [
            entry
            for row in rows
            for entry in reported(row.rule, found, case.options.sex, case.parental_origin)
        ]
        recessive = any(row.inheritance is Inheritance.RECESSIVE for row in rows)
        return found if question.carriers and recessive else allowed

    def _is_secondary(self, gene: str, question: Question) -> bool:
        return gene not in question.indicated and gene in self.diseases.secondary_genes

    def _may_say(self, gene: str, question: Question) -> bool:
        return question.secondary_allowed or not self._is_secondary(gene, question)

    def _asked(self, entry: DescribedCall, question: Question, match: PhenotypeMatch) -> bool:
        """Whether an unasserted variant lies in a gene of the question; a secondary one never counts."""
        gene = entry.description.gene
        if gene is None or self._is_secondary(gene, question):
            return False
        return gene in question.indicated or gene in match.genes

    def _is_unasserted_candidate(
        self, case: Case, entry: DescribedCall, question: Question, match: PhenotypeMatch
    ) -> bool:
        """Of consequence in a gene that is asked about, or judged by people; never in a secondary gene."""
        gene = entry.description.gene
        if gene is not None and _supplied(case, entry) and not self._is_secondary(gene, question):
            return True
        # Where sequence is not at hand a coding change may be anything: an asked gene is not negative then.
        unknown = gene in question.indicated and CODING_UNKNOWN in entry.description.consequences
        of_consequence = is_of_consequence(entry.description) or bool(self._risk(entry)) or unknown
        return of_consequence and self._asked(entry, question, match)

    def _is_candidate(
        self, entry: DescribedCall, answers: VariantFrequencies, ours: VariantClassification | None
    ) -> bool:
        gene = entry.description.gene
        knowledge = self.diseases.gene(gene) if gene else None
        if not rarity_of(answers, entry.call.variant.chrom, knowledge).rare:
            return False
        return ours is None or ours.classification not in (
            Classification.BENIGN,
            Classification.LIKELY_BENIGN,
        )

    def _match(self, case: Case) -> PhenotypeMatch:
        options = case.options
        if not options.phenotypes:
            return NO_PHENOTYPE
        return self.phenotypes(options.phenotypes, options.excluded_phenotypes)

    def _pathogenic(self, entry: DescribedCall) -> tuple[Assertion, ...]:
        found = self._at(entry.call.variant, entry.description.variant)
        return tuple(assertion for assertion in found if asserts_pathogenic(assertion))

    def _risk(self, entry: DescribedCall) -> tuple[Assertion, ...]:
        """Assertions of low penetrance or risk, which are told apart from pathogenic ones."""
        found = self._at(entry.call.variant, entry.description.variant)
        return tuple(assertion for assertion in found if asserts_risk(assertion))

    def _at(self, *spellings: Variant) -> tuple[Assertion, ...]:
        for variant in spellings:
            if found := self.assertions.at(variant.chrom, variant.start, variant.ref, variant.alt):
                return found
        return ()

    def _genes(self, entry: DescribedCall, assertions: Sequence[Assertion]) -> list[str]:
        """The gene by name; else those that the assertions name. A listed gene among them is never left
        out."""
        named = entry.description.gene
        others = [gene for assertion in assertions for gene in assertion.genes]
        listed = [gene for gene in others if gene in self.diseases.secondary_genes]
        if named and self.diseases.gene(named) is not None:
            return list(dict.fromkeys([named, *listed]))
        known = [gene for gene in others if self.diseases.gene(gene) is not None]
        return list(dict.fromkeys(known or ([named] if named else others)))


def _supplied(case: Case, entry: DescribedCall) -> SuppliedCriteria | None:
    """What people applied to this variant, however it is spelled."""
    for variant in (entry.description.variant, entry.call.variant):
        if found := case.criteria.get((variant.chrom, variant.start, variant.ref, variant.alt)):
            return found
    return None


def _unused_criteria(case: Case, findings: Sequence[VariantFinding]) -> tuple[Issue, ...]:
    """A sentence where criteria rest on nothing reported; absent, withheld and not asked look alike."""
    used = {id(_supplied(case, DescribedCall(f.call, f.description))) for f in findings}
    unused = sum(id(entry) not in used for entry in case.criteria.values())
    if not unused:
        return ()
    text = f"criteria were supplied for {unused} variants that are not among the reported ones"
    return (Issue("warning", "not-found", text, "criteria"),)


def _too_common(pathogenic: Sequence[Assertion], answers: VariantFrequencies) -> str | None:
    """Why frequency speaks against assertions that nobody reviewed; None where they stand."""
    if not pathogenic or max(assertion.stars for assertion in pathogenic) >= REVIEWED:
        return None
    return stand_alone_benign(answers)


def _on_request(stated: list[Diagnosis], *, carriers: bool, indicated: bool) -> list[Diagnosis]:
    """Carrier states are said on request, or where they are all that an indicated gene answers."""
    if carriers:
        return stated
    answers = [d for d in stated if d.statement != "carrier"]
    return answers or (stated if indicated else [])

"""The statements that a case's variants allow, gene by gene."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.domain.case import Case
from service.domain.disease import Diagnosis
from service.domain.findings import GeneCoverage
from service.domain.gene import DiseaseKnowledge, GeneDisease, GeneKnowledge, Inheritance
from service.raredisease.coverage import Unanswered
from service.raredisease.inheritance import carriage_of, statement_of
from service.raredisease.pairs import listed_pair, pairs_of
from service.raredisease.phenotype_genes import PhenotypeMatch
from service.raredisease.question import Question
from service.raredisease.secondary_findings import reported
from service.raredisease.statement_basis import Evidence, rests_on_one_lost_copy
from service.raredisease.statements import ANSWERED, diagnosis, negative, uncertain


@dataclass(frozen=True, slots=True)
class CaseStatements:
    """Statements of one case, its question and phenotypes, over one knowledge release."""

    case: Case
    question: Question
    match: PhenotypeMatch
    diseases: DiseaseKnowledge

    def of_gene(
        self,
        gene: str,
        found: Sequence[Evidence],
        unclear: Sequence[Evidence],
        unread: Unanswered,
    ) -> list[Diagnosis]:
        """Statements of a gene with pathogenic variants, beside those that are `unclear` in it."""
        question, options = self.question, self.case.options
        knowledge = self.diseases.gene(gene)
        if knowledge is None:
            return []
        secondary = question.is_secondary(gene)
        stated = []
        for pair, of_pair, listed in self._pairs(knowledge, found):
            carriage = carriage_of([e.entry for e in of_pair], options.sex, self.case.parental_origin)
            mitochondrial = of_pair[0].entry.call.variant.chrom == "MT"
            statement = statement_of(carriage, pair, mitochondrial=mitochondrial)
            if statement == "positive" and (
                all(evidence.too_common for evidence in of_pair)
                or rests_on_one_lost_copy(pair, knowledge, of_pair, carriage)
                or (not listed and self._rests_on_filtered(pair, of_pair))
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
                    phenotypes=self.match.terms(pair),
                    phenotype_score=self.match.score(pair),
                    uncertain=unclear,
                    unread=unread,
                )
            )
        return _on_request(stated, carriers=question.carriers, indicated=gene in question.indicated)

    def without_answer(
        self,
        coverage: Sequence[GeneCoverage],
        unread: Mapping[str, Unanswered],
        by_gene: Mapping[str, Sequence[Evidence]],
        unclear: Mapping[str, Sequence[Evidence]],
    ) -> list[Diagnosis]:
        """A statement for every indicated gene without a pathogenic variant."""
        stated = []
        for read in coverage:
            if read.gene in by_gene:
                continue
            knowledge = self.diseases.gene(read.gene)
            pair = pairs_of(knowledge, (), self.question.conditions)[0] if knowledge else None
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
                        phenotypes=self.match.terms(pair),
                        phenotype_score=self.match.score(pair),
                    )
                )
            else:
                stated.append(negative(read.gene, knowledge, pair, read, missing))
        return stated

    def _rests_on_filtered(self, pair: GeneDisease, found: Sequence[Evidence]) -> bool:
        """Whether `positive` needs a call that did not pass its filters, which nobody accepted."""
        passed = [evidence.entry for evidence in found if evidence.entry.call.passed]
        if self.case.options.accept_filtered or len(passed) == len(found):
            return False
        if not passed:
            return True
        carriage = carriage_of(passed, self.case.options.sex, self.case.parental_origin)
        return statement_of(carriage, pair, mitochondrial=passed[0].call.variant.chrom == "MT") != "positive"

    def _pairs(
        self, knowledge: GeneKnowledge, found: Sequence[Evidence]
    ) -> list[tuple[GeneDisease, Sequence[Evidence], bool]]:
        """Pairs with the variants that speak of them, and whether the secondary-findings list reports
        them."""
        question, case = self.question, self.case
        if not question.is_secondary(knowledge.gene):
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


def _on_request(stated: list[Diagnosis], *, carriers: bool, indicated: bool) -> list[Diagnosis]:
    """Carrier states are said on request, or where they are all that an indicated gene answers."""
    if carriers:
        return stated
    answers = [d for d in stated if d.statement != "carrier"]
    return answers or (stated if indicated else [])

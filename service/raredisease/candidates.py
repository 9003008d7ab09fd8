"""Which calls may be said within question and consent, and which of these stay once frequencies are known."""

from collections.abc import Sequence

from service.domain.assessment import DescribedCall
from service.domain.case import Case
from service.domain.disease import Classification, VariantClassification
from service.domain.frequency import VariantFrequencies
from service.domain.gene import DiseaseKnowledge, Inheritance
from service.raredisease.applied_criteria import supplied_for
from service.raredisease.phenotype_genes import PhenotypeMatch
from service.raredisease.published_assertions import PublishedAssertions
from service.raredisease.question import Question
from service.raredisease.rarity import is_of_consequence, rarity_of
from service.raredisease.secondary_findings import reported

CODING_UNKNOWN = "coding_sequence_variant"


def candidates_of(
    case: Case,
    described: Sequence[DescribedCall],
    question: Question,
    match: PhenotypeMatch,
    published: PublishedAssertions,
) -> Sequence[DescribedCall]:
    """Calls that may be said within question and consent, in the order given.

    These are variants asserted pathogenic or likely pathogenic, and in genes of the indication or of the
    phenotypes those that change the product; how rare these are is judged when frequencies are known.
    """
    by_gene: dict[str, list[DescribedCall]] = {}
    kept: set[int] = set()
    withheld: set[int] = set()
    for entry in described:
        if pathogenic := published.pathogenic(entry):
            for gene in published.genes(entry, pathogenic):
                by_gene.setdefault(gene, []).append(entry)
        elif _is_unasserted_candidate(case, entry, question, match, published):
            kept.add(id(entry))
    asked: set[int] = set()
    for gene, found in by_gene.items():
        said = {id(entry) for entry in _within(gene, found, question, case, published.diseases)}
        kept |= said
        if question.is_secondary(gene):
            withheld |= {id(entry) for entry in found} - said
        asked |= said if gene in question.indicated else set()
    # Where genes overlap, a gene outside the list does not tell what consent withholds in the listed one.
    return [entry for entry in described if id(entry) in kept and id(entry) not in withheld - asked]


def _within(
    gene: str, found: Sequence[DescribedCall], question: Question, case: Case, diseases: DiseaseKnowledge
) -> Sequence[DescribedCall]:
    """Those of a gene's pathogenic variants that question and consent let be said."""
    if not question.is_secondary(gene):
        return found
    if not question.secondary_allowed:
        return ()
    knowledge = diseases.gene(gene)
    rows = knowledge.secondary if knowledge else ()
    allowed = [
        entry for row in rows for entry in reported(row.rule, found, case.options.sex, case.parental_origin)
    ]
    recessive = any(row.inheritance is Inheritance.RECESSIVE for row in rows)
    return found if question.carriers and recessive else allowed


def _asked(entry: DescribedCall, question: Question, match: PhenotypeMatch) -> bool:
    """Whether an unasserted variant lies in a gene of the question; a secondary one never counts."""
    gene = entry.description.gene
    if gene is None or question.is_secondary(gene):
        return False
    return gene in question.indicated or gene in match.genes


def _is_unasserted_candidate(
    case: Case,
    entry: DescribedCall,
    question: Question,
    match: PhenotypeMatch,
    published: PublishedAssertions,
) -> bool:
    """Of consequence in a gene that is asked about, or judged by people; never in a secondary gene."""
    gene = entry.description.gene
    if gene is not None and supplied_for(case, entry) and not question.is_secondary(gene):
        return True
    # Where sequence is not at hand a coding change may be anything: an asked gene is not negative then.
    unknown = gene in question.indicated and CODING_UNKNOWN in entry.description.consequences
    of_consequence = is_of_consequence(entry.description) or bool(published.risk(entry)) or unknown
    return of_consequence and _asked(entry, question, match)


def is_rare_candidate(
    entry: DescribedCall,
    answers: VariantFrequencies,
    ours: VariantClassification | None,
    diseases: DiseaseKnowledge,
) -> bool:
    """Whether an unasserted variant stays one once its frequency and our class are known."""
    gene = entry.description.gene
    knowledge = diseases.gene(gene) if gene else None
    if not rarity_of(answers, entry.call.variant.chrom, knowledge).rare:
        return False
    return ours is None or ours.classification not in (
        Classification.BENIGN,
        Classification.LIKELY_BENIGN,
    )

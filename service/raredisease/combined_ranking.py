"""Phenotype and variants in one ranking: both are logarithms of likelihood ratios, and are added."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from service.domain.gene import Inheritance
from service.domain.ontology import PhenotypeOntology
from service.raredisease.gene_fit import NO_GENE, Fit, PatientVariants
from service.raredisease.phenotype_ranking import Ranking, Scores, log_mean

# A disease that nobody has annotated, of this gene, looks like any other: what it explains of the patient is
# the mean of what all annotated ones do, the LOOK_ALIKES best counted no higher than the next, and few
# diagnoses are of such diseases. Nats.
LOOK_ALIKES, NEW_DISEASE = 20, -2.0
# A gene that no annotated disease is known for is listed from here on: its variants are e times likelier than
# chance.
LEAST_SPOKEN = 1.0
# A phenotype points to its first diseases. Of 54 published cases whose gene is on the secondary-findings list
# all have a disease of the gene among the first ten; hundreds of others score above chance.
POINTED_AT = 50
NOT_LOOKED = Fit(0.0, (), "not looked at: secondary finding without consent")


@dataclass(frozen=True, slots=True)
class GeneEvidence:
    """What the variants of one gene add to one disease."""

    gene: int
    score: float
    mode: Inheritance
    fit: Fit


@dataclass(frozen=True, slots=True)
class NewDisease:
    """A gene whose variants speak for a disease that nobody has annotated.

    `phenotype` is what such a disease explains; `known` says that other diseases of the gene are annotated.
    """

    symbol: str
    phenotype: float
    score: float
    mode: Inheritance
    fit: Fit
    known: bool


@dataclass(frozen=True, slots=True)
class CombinedRanking:
    """`ranking` by the sum; `phenotype` alone; the evidence of each disease's best gene, by disease.

    `new_diseases` are genes better explained by a disease that nobody has annotated, the symbols ascending.
    """

    ranking: Ranking
    phenotype: Scores
    evidence: Mapping[int, GeneEvidence]
    # What each gene's variants add to its best disease.
    of_gene: Mapping[int, tuple[int, GeneEvidence]]
    new_diseases: Sequence[NewDisease] = ()


def combine(
    ranking: Ranking,
    patient: PatientVariants,
    ontology: PhenotypeOntology,
    withheld: Set[str] = frozenset(),
) -> CombinedRanking:
    """All diseases and genes by phenotype and variants together.

    Variants of `withheld` genes (the secondary-findings list without consent) count only for the first
    diseases by phenotype, where it speaks for them; elsewhere these genes are as if nobody had looked.
    """
    evidence: dict[int, GeneEvidence] = {}
    of_gene: dict[int, tuple[int, GeneEvidence]] = {}
    added = np.full(len(ranking.scores), NO_GENE if patient.whole else 0.0)
    known: dict[tuple[int, str], GeneEvidence] = {}
    symbols = [ontology.genes[n] for n in range(len(ontology.genes))]
    private = {n for n, symbol in enumerate(symbols) if symbol in withheld}
    for place, disease in enumerate(ranking.order):
        is_pointed_at = place < POINTED_AT and ranking.scores[disease] > 0
        text = ontology.inheritance[disease]
        for gene in ontology.disease_genes[disease]:
            if gene in private and not is_pointed_at:
                found = GeneEvidence(gene, 0.0, Inheritance.UNDETERMINED, NOT_LOOKED)
            elif (gene, text) in known:
                found = known[gene, text]
            else:
                found = GeneEvidence(gene, *patient.score(symbols[gene], modes_of(text)))
                known[gene, text] = found
            best = evidence.get(disease)
            if best is None or found.score > best.score:
                evidence[disease] = found
            total = ranking.scores[disease] + found.score
            earlier = of_gene.get(gene)
            if earlier is None or total > ranking.scores[earlier[0]] + earlier[1].score:
                of_gene[gene] = (disease, found)
    for disease, found in evidence.items():
        added[disease] = found.score
    scores = np.round(ranking.scores + added, 6)
    order: Sequence[int] = np.argsort(-scores, kind="stable").tolist()
    combined = Ranking(ranking.terms, scores, order, ranking.contributions)
    numbers = {symbol: n for n, symbol in enumerate(symbols)}
    new_diseases = list(_new_diseases(ranking, patient, numbers, of_gene, withheld))
    return CombinedRanking(combined, ranking.scores, evidence, of_gene, new_diseases)


def _new_diseases(
    ranking: Ranking,
    patient: PatientVariants,
    numbers: Mapping[str, int],
    of_gene: Mapping[int, tuple[int, GeneEvidence]],
    withheld: Set[str],
) -> Iterator[NewDisease]:
    phenotype = new_disease(ranking)
    for symbol in sorted(patient.by_gene.keys() - withheld):
        best = of_gene.get(numbers.get(symbol, -1))
        found = NewDisease(symbol, phenotype, *patient.score(symbol, ()), known=best is not None)
        if best is None:
            if found.score >= LEAST_SPOKEN:
                yield found
        elif phenotype + found.score > ranking.scores[best[0]] + best[1].score:
            yield found


def pointed_at(ranking: Ranking, ontology: PhenotypeOntology) -> frozenset[str]:
    """Genes of the diseases that the phenotype points to."""
    first = [d for d in ranking.order[:POINTED_AT] if ranking.scores[d] > 0]
    return frozenset(ontology.genes[gene] for d in first for gene in ontology.disease_genes[d])


def new_disease(ranking: Ranking) -> float:
    """What a disease that nobody has annotated explains of the patient, in nats."""
    scores = np.asarray(ranking.scores)
    most = scores[ranking.order[min(LOOK_ALIKES, len(scores) - 1)]]
    return float(log_mean(np.minimum(scores, most))) + NEW_DISEASE


def modes_of(text: str) -> tuple[Inheritance, ...]:
    """Modes of a disease as the ontology states them, joined by `|`; empty where none is stated.

    >>> modes_of("AD|AR"), modes_of("")
    ((<Inheritance.DOMINANT: 'AD'>, <Inheritance.RECESSIVE: 'AR'>), ())
    """
    return tuple(Inheritance(mode) for mode in text.split("|") if mode)

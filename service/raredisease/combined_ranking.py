"""Phenotype and variants in one ranking: both are logarithms of likelihood ratios, and are added."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from service.domain.gene import Inheritance
from service.domain.ontology import PhenotypeOntology
from service.raredisease.gene_fit import NO_GENE, Fit, PatientVariants
from service.raredisease.phenotype_ranking import Ranking, Scores

# Nats that a gene starts from whose disease nobody has annotated: what it would look like is not known, which
# is the same as chance, and few diagnoses are made in such genes.
NEW_GENE = -3.0
# Such a gene is listed from here on: its variants are e times likelier than chance.
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
class NewGene:
    """A gene that no annotated disease is known for, and whose variants speak for it."""

    symbol: str
    score: float
    mode: Inheritance
    fit: Fit


@dataclass(frozen=True, slots=True)
class CombinedRanking:
    """`ranking` by the sum; `phenotype` alone; the evidence of each disease's best gene, by disease.

    `new_genes` are those that no annotated disease is known for, the symbols ascending.
    """

    ranking: Ranking
    phenotype: Scores
    evidence: Mapping[int, GeneEvidence]
    # What each gene's variants add to its best disease.
    of_gene: Mapping[int, tuple[int, GeneEvidence]]
    new_genes: Sequence[NewGene] = ()


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
        pointed_at = place < POINTED_AT and ranking.scores[disease] > 0
        text = ontology.inheritance[disease]
        for gene in ontology.disease_genes[disease]:
            if gene in private and not pointed_at:
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
    others = sorted(patient.by_gene.keys() - set(symbols) - withheld)
    new_genes = [
        found for found in (NewGene(g, *patient.score(g, ())) for g in others) if found.score >= LEAST_SPOKEN
    ]
    return CombinedRanking(combined, ranking.scores, evidence, of_gene, new_genes)


def modes_of(text: str) -> tuple[Inheritance, ...]:
    """Modes of a disease as the ontology states them, joined by `|`; empty where none is stated.

    >>> modes_of("AD|AR"), modes_of("")
    ((<Inheritance.DOMINANT: 'AD'>, <Inheritance.RECESSIVE: 'AR'>), ())
    """
    return tuple(Inheritance(mode) for mode in text.split("|") if mode)

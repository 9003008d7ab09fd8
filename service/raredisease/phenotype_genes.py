"""Genes and diseases annotated with what a patient shows. Ranking is another matter; here it is yes or no."""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.domain.gene import GeneDisease
from service.domain.ontology import PhenotypeOntology
from service.domain.phenotype import PhenotypeQuery
from service.raredisease.phenotype_ranking import PhenotypeRanker
from service.raredisease.phenotype_terms import read_terms

# A term that at most this share of diseases have points to a gene alone; otherwise half of the terms must.
TELLING = 0.05


@dataclass(frozen=True, slots=True)
class PhenotypeMatch:
    """What the observed terms point to. Terms are HPO ids as they stand today."""

    genes: frozenset[str] = frozenset()
    terms_of_disease: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # How well a disease explains the phenotype, by OMIM, ORPHA and MONDO id; see phenotype_ranking.
    scores: Mapping[str, float] = field(default_factory=dict)
    # The same by gene symbol: (modes of inheritance, score) of the gene's diseases, best first.
    scores_of_gene: Mapping[str, Sequence[tuple[str, float]]] = field(default_factory=dict)

    def terms(self, pair: GeneDisease) -> tuple[str, ...]:
        """The observed terms that the disease is annotated with."""
        for key in (pair.mondo, pair.catalogue_id):
            if key and key in self.terms_of_disease:
                return self.terms_of_disease[key]
        return ()

    def score(self, pair: GeneDisease) -> float | None:
        """The phenotype score of a pair's disease, in nats; None where HPO does not annotate it.

        ClinGen curates broader diseases than OMIM names: for these the best of the gene's diseases counts
        that are inherited in the same way.
        """
        for key in (pair.catalogue_id, pair.mondo):
            if key and key in self.scores:
                return self.scores[key]
        of_gene = self.scores_of_gene.get(pair.gene, ())
        return next((s for modes, s in of_gene if not modes or pair.inheritance.value in modes), None)


NO_PHENOTYPE = PhenotypeMatch()


def match_phenotypes(
    ranker: PhenotypeRanker, observed: Sequence[str], excluded: Sequence[str] = ()
) -> PhenotypeMatch:
    """Genes of the diseases that are annotated with a telling term, or with half of the terms; and scores."""
    ontology = ranker.ontology
    indexes = {index for text in observed if (index := term_index(ontology, text)) is not None}
    if not indexes:
        return NO_PHENOTYPE
    found: dict[int, list[int]] = defaultdict(list)
    for index in sorted(indexes):
        for disease in ontology.postings[index]:
            found[disease].append(index)
    annotated = len(ontology.postings[ontology.ancestors[min(indexes)][0]])
    genes: set[str] = set()
    terms_of_disease: dict[str, tuple[str, ...]] = {}
    for disease, terms in found.items():
        ids = tuple(f"HP:{ontology.term_numbers[term]:07d}" for term in terms)
        terms_of_disease[ontology.disease_ids[disease]] = ids
        if mondo := ontology.disease_mondo[disease]:
            terms_of_disease.setdefault(mondo, ids)
        telling = any(len(ontology.postings[term]) <= TELLING * annotated for term in terms)
        if telling or 2 * len(terms) >= len(indexes):
            genes.update(ontology.genes[gene] for gene in ontology.disease_genes[disease])
    ranking = ranker.rank(read_terms(PhenotypeQuery(tuple(observed), tuple(excluded)), ontology))
    scores = ranking.scores.round(2).tolist()
    of_gene = {
        ontology.genes[gene]: [
            (ontology.inheritance[d], scores[d]) for d in diseases if len(ontology.annotations[d])
        ]
        for gene, diseases in ranker.genes(ranking)
    }
    return PhenotypeMatch(frozenset(genes), terms_of_disease, _by_id(ranker, scores), of_gene)


def _by_id(ranker: PhenotypeRanker, scores: Sequence[float]) -> dict[str, float]:
    """Scores by every id of an annotated disease; where several share a MONDO id, the best counts."""
    found: dict[str, float] = {}
    for row, score in zip(ranker.names, scores, strict=True):
        if "profile" in row:
            continue
        for key in (row["id"], row["mondo"], *row.get("equivalents", ())):
            if key and score > found.get(key, -math.inf):
                found[key] = score
    return found


def term_index(ontology: PhenotypeOntology, text: str) -> int | None:
    """Index of an HPO id, an obsolete or alternative id followed to its replacement; None when unknown."""
    number = int(text.removeprefix("HP:"))
    for _ in range(5):
        at = bisect_left(ontology.term_numbers, number)
        if at < len(ontology.term_numbers) and ontology.term_numbers[at] == number:
            return at
        at = bisect_left(ontology.retired, number)
        if at >= len(ontology.retired) or ontology.retired[at] != number or ontology.replacements[at] < 0:
            return None
        number = ontology.replacements[at]
    return None

"""Diseases ranked by how well they explain what a patient shows.

The score of a disease is a natural logarithm: the sum over the patient's terms of
`log(UNRELATED + (1 - UNRELATED) * evidence)`, where the evidence is the likelihood ratio that the ontology
carries (see `service.knowledge.ontology`), summed over the term's ancestors. UNRELATED is the share of a
patient's terms that have nothing to do with the diagnosis: no term, however foreign, takes more than its
logarithm away. An excluded term that the disease has takes away
`-log(1 - DENIAL * frequency)`, and none ever adds. Orphanet entries that equal no single OMIM entry are
mostly groups of diseases: they start ORPHANET lower; a disease without a known gene starts GENELESS lower.

Query-sided Resnik similarity (Koehler 2009, doi:10.1016/j.ajhg.2009.09.003) is the limit of the logarithm of
the evidence, taken at the best match alone. The ratio with frequencies: Robinson 2020,
doi:10.1016/j.ajhg.2020.06.021.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from service.domain.ontology import PhenotypeOntology
from service.domain.phenotype import PhenotypeTerms, TermMatch

UNRELATED = 0.3
DENIAL = 0.1
ORPHANET = 3.0
GENELESS = 1.0

Scores: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Scores of all diseases, and their indices, best first.

    `contributions` has one row per observed and then per excluded term, one column per disease.
    """

    terms: PhenotypeTerms
    scores: Scores
    order: Sequence[int]
    contributions: Scores


class PhenotypeRanker:
    """Ranks all diseases of one ontology release. Holds nothing of a patient."""

    def __init__(self, ontology: PhenotypeOntology) -> None:
        self.ontology = ontology
        self._postings = np.asarray(ontology.postings.content)
        self._starts = np.asarray(ontology.postings.offsets).astype(np.int64)
        self._evidence = np.asarray(ontology.evidence)
        self._profile = np.asarray(ontology.annotations.content)
        self._profile_starts = np.asarray(ontology.annotations.offsets).astype(np.int64)
        self._annotated = np.repeat(np.arange(len(ontology.disease_ids)), np.diff(self._profile_starts))
        self._frequencies = np.asarray(ontology.frequencies)
        self._diseases = len(ontology.disease_ids)
        self._above = np.asarray(ontology.ancestors.content)
        self._owners = np.repeat(
            np.arange(len(ontology.term_numbers)), np.diff(np.asarray(ontology.ancestors.offsets))
        )

    @cached_property
    def prior(self) -> Scores:
        """What every disease starts from."""
        ids, genes = self.ontology.disease_ids, self.ontology.disease_genes
        return np.array(
            [
                -ORPHANET * ids[disease].startswith("ORPHA:") - GENELESS * (not len(genes[disease]))
                for disease in range(self._diseases)
            ]
        )

    @cached_property
    def names(self) -> list[dict[str, Any]]:
        """What each disease is called: id, label, mondo, and equivalents where there are any."""
        ontology = self.ontology
        rows = []
        for disease in range(self._diseases):
            row: dict[str, Any] = {
                "id": ontology.disease_ids[disease],
                "label": ontology.disease_labels[disease],
                "mondo": ontology.disease_mondo[disease] or None,
            }
            if equivalents := ontology.equivalents[disease]:
                row["equivalents"] = equivalents.split("|")
            rows.append(row)
        return rows

    @cached_property
    def gene_names(self) -> list[dict[str, str | None]]:
        """Symbol and HGNC id of each gene."""
        genes, hgnc = self.ontology.genes, self.ontology.gene_hgnc
        return [{"symbol": genes[n], "hgnc": hgnc[n] or None} for n in range(len(genes))]

    def genes(self, ranking: Ranking) -> Iterator[tuple[int, list[int]]]:
        """Genes with the diseases of each, best first; genes with the same best disease by symbol."""
        place = np.empty(self._diseases, np.int64)
        place[ranking.order] = np.arange(self._diseases)
        gene, disease = self._pairs
        at = np.lexsort((gene, place[disease]))
        found: dict[int, list[int]] = {}
        for g, d in zip(gene[at].tolist(), disease[at].tolist(), strict=True):
            if g in found:
                found[g].append(d)
            else:
                found[g] = [d]
        yield from found.items()

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Genes and diseases of all pairs, parallel."""
        counts = np.diff(np.asarray(self.ontology.disease_genes.offsets))
        return np.asarray(self.ontology.disease_genes.content), np.repeat(np.arange(len(counts)), counts)

    def rank(self, terms: PhenotypeTerms) -> Ranking:
        """All diseases; equal scores in the order of their ids. The order of terms makes no difference."""
        rows = [self.explained(term) for term in terms.observed]
        rows += [self.denied(term) for term in terms.excluded]
        contributions = np.vstack(rows) if rows else np.zeros((0, self._diseases))
        scores = np.round(self.prior + contributions.sum(axis=0), 6)
        return Ranking(terms, scores, np.argsort(-scores, kind="stable").tolist(), contributions)

    def explained(self, term: int) -> Scores:
        """What an observed term adds to every disease."""
        spans = [
            slice(self._starts[ancestor], self._starts[ancestor + 1])
            for ancestor in self.ontology.ancestors[term]
        ]
        ratio = np.bincount(
            np.concatenate([self._postings[span] for span in spans]),
            np.concatenate([self._evidence[span] for span in spans]),
            self._diseases,
        )
        scores: Scores = np.log(UNRELATED + (1 - UNRELATED) * ratio)
        return scores

    def denied(self, term: int) -> Scores:
        """What an excluded term takes from every disease that has it or something narrower."""
        found = np.zeros(self._diseases)
        below = np.zeros(len(self.ontology.term_numbers), bool)
        below[self._owners[self._above == term]] = True
        at = np.flatnonzero(below[self._profile])
        np.maximum.at(found, self._annotated[at], self._frequencies[at])
        return np.log(1 - DENIAL * found)

    def explain(self, ranking: Ranking, diseases: Sequence[int]) -> list[tuple[TermMatch, ...]]:
        """How each term speaks for or against these diseases: one tuple a disease, the strongest term first.

        The match is the disease's term with the most specific ancestor in common; of several, the first of
        the most frequent ones. An excluded term matches only what it denies.
        """
        matches: list[list[TermMatch]] = [[] for _ in diseases]
        profiles = Profiles.of(self, diseases)
        observed = len(ranking.terms.observed)
        for row, term in enumerate((*ranking.terms.observed, *ranking.terms.excluded)):
            is_excluded = row >= observed
            ancestors = (term,) if is_excluded else self.ontology.ancestors[term]
            nearest_of = profiles.nearest({a: self.ontology.information[a] for a in ancestors})
            for found, disease, nearest in zip(matches, diseases, nearest_of, strict=True):
                score = float(ranking.contributions[row, disease])
                if nearest is not None or not is_excluded:
                    match, frequency = nearest or (None, None)
                    found.append(TermMatch(term, score, match, frequency, is_excluded))
        return [tuple(sorted(found, key=lambda m: (m.excluded, -m.score, m.term))) for found in matches]


@dataclass(frozen=True, slots=True)
class Profiles:
    """The annotations of a few diseases, one after the other, with the ancestors of each.

    `starts` says where a disease's annotations begin, `above_starts` where an annotation's ancestors do.
    """

    terms: NDArray[np.int32]
    shares: NDArray[np.float32]
    starts: NDArray[np.int64]
    above: NDArray[np.int32]
    above_starts: NDArray[np.int64]
    term_count: int

    @classmethod
    def of(cls, ranker: PhenotypeRanker, diseases: Sequence[int]) -> "Profiles":
        """The profiles of these diseases, none of which is empty."""
        spans = [slice(ranker._profile_starts[d], ranker._profile_starts[d + 1]) for d in diseases]
        terms = np.concatenate([ranker._profile[span] for span in spans])
        shares = np.concatenate([ranker._frequencies[span] for span in spans])
        lengths = np.array([span.stop - span.start for span in spans])
        offsets = np.asarray(ranker.ontology.ancestors.offsets)
        above = np.concatenate([ranker._above[offsets[t] : offsets[t + 1]] for t in terms])
        counts = offsets[terms + 1] - offsets[terms]
        return cls(terms, shares, _begins(lengths), above, _begins(counts), len(offsets) - 1)

    def nearest(self, ancestors: Mapping[int, float]) -> list[tuple[int, float] | None]:
        """Per disease its term below the most informative of these ancestors, with its share; else None."""
        values = np.zeros(self.term_count)
        values[list(ancestors)] = list(ancestors.values())
        shared = np.maximum.reduceat(values[self.above], self.above_starts)
        best = np.maximum.reduceat(shared, self.starts)
        # Of equally near terms the most frequent, then the first.
        ends = [*self.starts[1:].tolist(), len(self.terms)]
        found: list[tuple[int, float] | None] = []
        for begin, end, most in zip(self.starts.tolist(), ends, best.tolist(), strict=True):
            if most <= 0:
                found.append(None)
                continue
            at = np.flatnonzero(shared[begin:end] == most) + begin
            chosen = int(at[np.argmax(self.shares[at])])
            found.append((int(self.terms[chosen]), float(self.shares[chosen])))
        return found


def _begins(lengths: NDArray[np.int64] | NDArray[np.int32]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.int64)

"""Diseases ranked by how well they explain what a patient shows.

The score of a disease is a natural logarithm. A share u of a patient's terms has nothing to do with the
diagnosis; how large it is nobody says, so it is one of UNRELATED with equal chances. For one u the score is
the sum over the patient's terms of `log(u + (1 - u) * evidence)`, where the evidence is the likelihood ratio
that the ontology carries (see `service.knowledge.term_evidence`), summed over the term's ancestors; the
disease's score is the logarithm of the mean likelihood over all u. So a foreign term costs little where the
others fit.
A term's contribution is its mean over u, weighed by how likely each u is for this disease and patient.

An excluded term that the disease has takes away `-log(1 - DENIAL * frequency)`, and none ever adds; little,
because what is looked for and not found is mostly what the suspected diagnosis is known for. Orphanet entries
that equal no single OMIM entry are mostly groups of diseases: they start ORPHANET lower; a disease without a
known gene starts GENELESS lower.

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

UNRELATED = (0.02, 0.1, 0.3, 0.6)
DENIAL = 0.05
ORPHANET = 3.0
GENELESS = 1.0

Scores: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Scores of all diseases, and their indices, best first.

    `contributions` has one row per observed and then per excluded term, one column per disease. What they,
    with what a disease starts from, exceed its score by is at most the logarithm of the number of shares u.
    """

    terms: PhenotypeTerms
    scores: Scores
    order: Sequence[int]
    contributions: Scores


class PhenotypeRanker:
    """Ranks all diseases of one ontology release. Holds nothing of a patient."""

    def __init__(self, ontology: PhenotypeOntology) -> None:
        self.ontology = ontology
        self._postings = np.asarray(ontology.explaining.content)
        self._starts = np.asarray(ontology.explaining.offsets).astype(np.int64)
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
        """What each disease is called: id, label, mondo, and equivalents where there are any.

        `profile` says that HPO has not annotated it: all that is known of it is inferred from its relatives.
        """
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
            if self._profile_starts[disease] == self._profile_starts[disease + 1]:
                row["profile"] = "inferred from related diseases"
            rows.append(row)
        return rows

    @cached_property
    def ids(self) -> list[str]:
        """The id of each disease."""
        return [self.ontology.disease_ids[n] for n in range(self._diseases)]

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
        scores = self.prior.copy()
        rows = []
        if terms.observed:
            explained = np.stack([self.explained(term) for term in terms.observed])  # term, u, disease
            sums = explained.sum(axis=0)
            score = log_mean(sums)
            scores += score
            rows = list(np.einsum("tud,ud->td", explained, np.exp(sums - score) / len(UNRELATED)))
        denied = [self.denied(term) for term in terms.excluded]
        scores = np.round(sum(denied, scores), 6)
        contributions = np.vstack([*rows, *denied]) if rows or denied else np.zeros((0, self._diseases))
        return Ranking(terms, scores, np.argsort(-scores, kind="stable").tolist(), contributions)

    def explained(self, term: int) -> Scores:
        """What an observed term adds to every disease: one row per share u of UNRELATED."""
        spans = [
            slice(self._starts[ancestor], self._starts[ancestor + 1])
            for ancestor in self.ontology.ancestors[term]
        ]
        ratio = np.bincount(
            np.concatenate([self._postings[span] for span in spans]),
            np.concatenate([self._evidence[span] for span in spans]),
            self._diseases,
        )
        unrelated = np.array(UNRELATED)[:, None]
        scores: Scores = np.log(unrelated + (1 - unrelated) * ratio)
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
        the most frequent ones, annotated terms before those that only its relatives have. An excluded term
        matches only what it denies.
        """
        matches: list[list[TermMatch]] = [[] for _ in diseases]
        profiles = Profiles.of(self, diseases)
        observed = len(ranking.terms.observed)
        for row, term in enumerate((*ranking.terms.observed, *ranking.terms.excluded)):
            is_excluded = row >= observed
            ancestors = (term,) if is_excluded else self.ontology.ancestors[term]
            nearest_of = profiles.nearest(
                {a: self.ontology.information[a] for a in ancestors}, annotated_alone=is_excluded
            )
            for found, disease, nearest in zip(matches, diseases, nearest_of, strict=True):
                score = float(ranking.contributions[row, disease])
                if nearest is not None or not is_excluded:
                    match, frequency, inferred = nearest or (None, None, False)
                    found.append(TermMatch(term, score, match, frequency, is_excluded, inferred))
        return [tuple(sorted(found, key=lambda m: (m.excluded, -m.score, m.term))) for found in matches]


def log_mean(sums: Scores) -> Scores:
    """The logarithm of the mean likelihood, given the logarithms of each along the first axis."""
    most: Scores = sums.max(axis=0)
    mean: Scores = np.exp(sums - most).mean(axis=0)
    return most + np.log(mean)


@dataclass(frozen=True, slots=True)
class Profiles:
    """The terms of a few diseases, one after the other, with the ancestors of each.

    `starts` says where a disease's terms begin, `above_starts` where a term's ancestors do; `inferred` are
    those that only its relatives have.
    """

    terms: NDArray[np.int32]
    shares: NDArray[np.float32]
    inferred: NDArray[np.bool_]
    starts: NDArray[np.int64]
    above: NDArray[np.int32]
    above_starts: NDArray[np.int64]
    term_count: int

    @classmethod
    def of(cls, ranker: PhenotypeRanker, diseases: Sequence[int]) -> "Profiles":
        """The profiles of these diseases, none of which is empty."""
        ontology = ranker.ontology
        columns = (
            (ranker._profile, ranker._frequencies, ranker._profile_starts),
            (
                np.asarray(ontology.inferred.content),
                np.asarray(ontology.inferred_frequencies),
                np.asarray(ontology.inferred.offsets),
            ),
        )
        spans = [
            (kind, slice(starts[d], starts[d + 1]))
            for d in diseases
            for kind, (_, _, starts) in enumerate(columns)
        ]
        terms = np.concatenate([columns[kind][0][span] for kind, span in spans])
        shares = np.concatenate([columns[kind][1][span] for kind, span in spans])
        lengths = np.array([span.stop - span.start for _, span in spans])
        inferred = np.repeat(np.array([kind == 1 for kind, _ in spans]), lengths)
        offsets = np.asarray(ontology.ancestors.offsets)
        above = np.concatenate([ranker._above[offsets[t] : offsets[t + 1]] for t in terms])
        counts = offsets[terms + 1] - offsets[terms]
        starts = _begins(lengths.reshape(-1, len(columns)).sum(axis=1))
        return cls(terms, shares, inferred, starts, above, _begins(counts), len(offsets) - 1)

    def nearest(
        self, ancestors: Mapping[int, float], *, annotated_alone: bool
    ) -> list[tuple[int, float, bool] | None]:
        """Per disease its term below the most informative of these ancestors; else None.

        With the term its share, and whether only relatives have it.
        """
        values = np.zeros(self.term_count)
        values[list(ancestors)] = list(ancestors.values())
        shared = np.maximum.reduceat(values[self.above], self.above_starts)
        if annotated_alone:
            shared[self.inferred] = 0
        best = np.maximum.reduceat(shared, self.starts)
        # Of equally near terms an annotated one, then the most frequent, then the first.
        preferred = self.shares - 2 * self.inferred
        ends = [*self.starts[1:].tolist(), len(self.terms)]
        found: list[tuple[int, float, bool] | None] = []
        for begin, end, most in zip(self.starts.tolist(), ends, best.tolist(), strict=True):
            if most <= 0:
                found.append(None)
                continue
            at = np.flatnonzero(shared[begin:end] == most) + begin
            chosen = int(at[np.argmax(preferred[at])])
            found.append((int(self.terms[chosen]), float(self.shares[chosen]), bool(self.inferred[chosen])))
        return found


def _begins(lengths: NDArray[np.int64] | NDArray[np.int32]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.int64)

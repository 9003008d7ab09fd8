"""The `rank` verb: one answer per phenopacket, errors in place."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress
from typing import Any

import numpy as np

from service.domain.phenotype import TermMatch
from service.errors import GenomewardError, InvalidResource
from service.raredisease.phenopacket import Phenopacket, parse_json, read_phenopacket
from service.raredisease.phenotype_ranking import PhenotypeRanker, Ranking
from service.raredisease.phenotype_terms import hpo_id, read_terms

# Diseases whose matches are shown term by term; of all others the terms that speak for them are named.
EXPLAINED = 50

Row = dict[str, Any]


def rank_lines(
    inputs: Iterable[tuple[str, bytes | GenomewardError]], ranker: PhenotypeRanker
) -> Iterator[Row]:
    """One row per (name, JSON text or why there is none), in order, never stopping at a bad one."""
    for name, text in inputs:
        packet = None
        try:
            if isinstance(text, GenomewardError):
                raise text
            packet = read_phenopacket(parse_json(text))
            yield ranked(packet, name, ranker)
        except GenomewardError as error:
            identity = packet.id if packet else None
            yield {"id": identity or name, "error": {"code": error.fhir_code, "text": str(error)}}


def ranked(packet: Phenopacket, name: str, ranker: PhenotypeRanker) -> Row:
    """The whole ranking of one person. Raises InvalidResource when no term can be used."""
    terms = read_terms(packet.query, ranker.ontology)
    if not terms.observed:
        raise InvalidResource("it has no observed HPO term that can be used: there is nothing to rank by")
    ranking = ranker.rank(terms)
    rows = Rows(ranker, ranking)
    return {
        "id": packet.id or name,
        "hpo": ranker.ontology.version,
        "phenotype": {
            "observed": [hpo_id(ranker.ontology.term_numbers[t]) for t in terms.observed],
            "excluded": [hpo_id(ranker.ontology.term_numbers[t]) for t in terms.excluded],
            "replaced": dict(terms.replaced),
            "ignored": dict(terms.ignored),
        },
        "diseases": rows.diseases(),
        "genes": rows.genes(),
    }


class Rows:
    """Diseases and genes of one ranking as rows."""

    def __init__(self, ranker: PhenotypeRanker, ranking: Ranking) -> None:
        self._ranker = ranker
        self._ontology = ranker.ontology
        self._ranking = ranking
        self._ids = [
            hpo_id(ranker.ontology.term_numbers[t])
            for t in (*ranking.terms.observed, *ranking.terms.excluded)
        ]

    def diseases(self) -> list[Row]:
        """Every disease, best first."""
        order = self._ranking.order
        explained = self._ranker.explain(self._ranking, order[:EXPLAINED])
        terms = chain(([self._term(m) for m in found] for found in explained),
                      self._supporting(order[EXPLAINED:]))  # fmt: skip
        names, scores = self._ranker.names, self._ranking.scores.round(4)[order].tolist()
        return [
            {**names[disease], "score": score, "terms": found}
            for disease, score, found in zip(order, scores, terms, strict=True)
        ]

    def _supporting(self, diseases: Sequence[int]) -> Iterator[list[Row]]:
        """The terms that speak for each disease, by id alone; diseases with the same terms share a list."""
        named = [{"id": i} for i in self._ids[: len(self._ranking.terms.observed)]]
        speaks = self._ranking.contributions[: len(named)].T[list(diseases)] > 0
        packed = np.packbits(speaks, axis=1)
        _, first, pattern_of = np.unique(
            packed.view(f"V{packed.shape[1]}").ravel(), return_index=True, return_inverse=True
        )
        lists = [list(compress(named, speaks[at])) for at in first]
        return (lists[pattern] for pattern in pattern_of.tolist())

    def _term(self, match: TermMatch) -> Row:
        row: Row = {
            "id": hpo_id(self._ontology.term_numbers[match.term]),
            "label": self._ontology.term_labels[match.term],
            "score": round(match.score, 4),
        }
        if match.excluded:
            row["excluded"] = True
        if match.match is not None and (match.score > 0 or match.excluded):
            row["match"] = {
                "id": hpo_id(self._ontology.term_numbers[match.match]),
                "label": self._ontology.term_labels[match.match],
                "frequency": round(match.frequency or 0.0, 3),
            }
        return row

    def genes(self) -> list[Row]:
        """Every gene with a ranked disease, by its best disease."""
        scores, names = self._ranking.scores.round(4), self._ranker.names
        return [
            {
                **self._ranker.gene_names[gene],
                "score": float(scores[found[0]]),
                "diseases": [names[d]["id"] for d in found],
            }
            for gene, found in self._ranker.genes(self._ranking)
        ]

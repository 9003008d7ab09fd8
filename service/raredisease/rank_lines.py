"""The `rank` verb: one answer per phenopacket, errors in place."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import chain, compress
from typing import Any

import numpy as np

from service.domain.phenotype import TermMatch
from service.errors import GenomewardError, InvalidResource
from service.raredisease.combined_ranking import CombinedRanking, combine
from service.raredisease.gene_fit import Candidate, PatientVariants
from service.raredisease.phenopacket import Phenopacket, parse_json, read_phenopacket
from service.raredisease.phenotype_ranking import PhenotypeRanker, Ranking
from service.raredisease.phenotype_terms import hpo_id, read_terms

# Diseases whose matches are shown term by term; of all others the terms that speak for them are named.
EXPLAINED = 50

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Patient:
    """A person's variants, how to name a candidate, what is withheld, and sentences for the reader."""

    variants: PatientVariants
    named: Callable[[Candidate], Candidate]
    withheld: Set[str] = frozenset()
    notes: tuple[str, ...] = ()


def _no_variants(_packet: Phenopacket) -> Patient | None:
    return None


def rank_lines(
    inputs: Iterable[tuple[str, bytes | GenomewardError]],
    ranker: PhenotypeRanker,
    patient_of: Callable[[Phenopacket], Patient | None] = _no_variants,
) -> Iterator[Row]:
    """One row per (name, JSON text or why there is none), in order, never stopping at a bad one.

    `patient_of` gives the variants to go by beside the phenotype, None where there are none.
    """
    for name, text in inputs:
        packet = None
        try:
            if isinstance(text, GenomewardError):
                raise text
            packet = read_phenopacket(parse_json(text))
            yield ranked(packet, name, ranker, patient_of(packet))
        except GenomewardError as error:
            identity = packet.id if packet else None
            yield {"id": identity or name, "error": {"code": error.fhir_code, "text": str(error)}}


def ranked(packet: Phenopacket, name: str, ranker: PhenotypeRanker, patient: Patient | None = None) -> Row:
    """The whole ranking of one person. Raises InvalidResource when there is nothing to rank by."""
    terms = read_terms(packet.query, ranker.ontology)
    if not terms.observed and patient is None:
        raise InvalidResource("it has no observed HPO term that can be used: there is nothing to rank by")
    ranking = ranker.rank(terms)
    combined = None
    if patient is not None:
        combined = combine(ranking, patient.variants, ranker.ontology, patient.withheld)
        ranking = combined.ranking
    rows = Rows(ranker, ranking)
    diseases, genes = rows.diseases(), rows.genes()
    if combined is not None and patient is not None:
        rows.add_variants(diseases, combined)
        genes = genes_by_variants(ranker, combined, patient.named)
    return {
        "id": packet.id or name,
        "hpo": ranker.ontology.version,
        "phenotype": {
            "observed": [hpo_id(ranker.ontology.term_numbers[t]) for t in terms.observed],
            "excluded": [hpo_id(ranker.ontology.term_numbers[t]) for t in terms.excluded],
            "replaced": dict(terms.replaced),
            "ignored": dict(terms.ignored),
        },
        **({} if patient is None else {"notes": list(patient.notes)}),
        "diseases": diseases,
        "genes": genes,
    }


def genes_by_variants(
    ranker: PhenotypeRanker, combined: CombinedRanking, named: Callable[[Candidate], Candidate]
) -> list[Row]:
    """Every gene by phenotype and variants of its best disease; equal scores in the order of symbols.

    Variants are those that fit the disease's mode of inheritance best, the first genes' with names.
    """
    ontology, names = ranker.ontology, ranker.names
    totals = {g: float(combined.phenotype[d]) + e.score for g, (d, e) in combined.of_gene.items()}
    diseases_of = dict(ranker.genes(combined.ranking))
    rows: list[Row] = []
    for gene in sorted(totals, key=lambda g: (-round(totals[g], 6), ontology.genes[g])):
        disease, evidence = combined.of_gene[gene]
        variants = evidence.fit.variants
        if len(rows) < EXPLAINED:
            variants = tuple(map(named, variants))
        rows.append(
            {
                **ranker.gene_names[gene],
                "score": round(totals[gene], 4),
                "phenotype_score": round(float(combined.phenotype[disease]), 4),
                "variant_score": round(evidence.score, 4),
                "disease": names[disease]["id"],
                "inheritance": evidence.mode.value,
                "fit": evidence.fit.how,
                "variants": [variant_row(candidate) for candidate in variants],
                "diseases": [names[d]["id"] for d in diseases_of[gene]],
            }
        )
    return rows


def variant_row(candidate: Candidate) -> Row:
    """A candidate with what speaks for it."""
    variant, names = candidate.call.variant, candidate.names
    return {
        "variant": f"{variant.chrom}-{variant.pos}-{variant.ref}-{variant.alt}",
        "hgvs_c": names.hgvs_c if names else None,
        "hgvs_p": names.hgvs_p if names else None,
        "consequence": names.consequence if names else None,
        "zygosity": candidate.call.zygosity.value,
        "frequency": candidate.frequency,
        "assertions": [
            {"accession": a.accession, "classification": a.classification, "stars": a.stars}
            for a in candidate.assertions
        ],
        "reasons": list(candidate.weight.reasons),
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

    def add_variants(self, diseases: list[Row], combined: CombinedRanking) -> None:
        """What phenotype and variants each gave, and the gene whose variants fit a disease best."""
        for row, disease in zip(diseases, self._ranking.order, strict=True):
            row["phenotype_score"] = round(float(combined.phenotype[disease]), 4)
            row["variant_score"] = round(row["score"] - row["phenotype_score"], 4)
            evidence = combined.evidence.get(disease)
            row["gene"] = self._ranker.gene_names[evidence.gene]["symbol"] if evidence else None

    def _supporting(self, diseases: Sequence[int]) -> Iterator[list[Row]]:
        """The terms that speak for each disease, by id alone; diseases with the same terms share a list."""
        named = [{"id": i} for i in self._ids[: len(self._ranking.terms.observed)]]
        if not named:
            return iter([[] for _ in diseases])
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
            if match.inferred:
                row["match"]["inferred"] = True
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

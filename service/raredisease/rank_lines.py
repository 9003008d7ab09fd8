"""The `rank` verb: one answer per phenopacket, errors in place."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain, compress
from typing import Any

import numpy as np

from service.domain.disease import VariantClassification
from service.domain.phenotype import TermMatch
from service.errors import GenomewardError, InvalidResource
from service.raredisease.combined_ranking import (
    CombinedRanking,
    GeneEvidence,
    NewDisease,
    combine,
    pointed_at,
)
from service.raredisease.gene_fit import Candidate, Fit, PatientVariants
from service.raredisease.phenopacket import Phenopacket, parse_json, read_phenopacket, stated_id
from service.raredisease.phenotype_ranking import PhenotypeRanker, Ranking
from service.raredisease.phenotype_terms import hpo_id, read_terms

# Diseases whose matches are shown term by term; of all others the terms that speak for them are named.
EXPLAINED = 50
NO_FREQUENCY = (
    "Neither the file nor a frequency source states how common these variants are: common and rare ones "
    "weigh the same, and a common one may stand high."
)
NO_DISEASE = "no disease of this gene is annotated: its phenotype is not known"
ANOTHER_DISEASE = "a disease of this gene that is not annotated explains more than those that are"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Patient:
    """A person's variants, how to name a candidate, what is withheld, and sentences for the reader.

    `classified` gives our own class of a named candidate, `hgnc` the id of a gene by its symbol.
    """

    variants: PatientVariants
    named: Callable[[Candidate], Candidate]
    withheld: Set[str] = frozenset()
    notes: tuple[str, ...] = ()
    classified: Callable[[Candidate], VariantClassification | None] = lambda _candidate: None
    hgnc: Callable[[str], str | None] = lambda _gene: None


# A person's variants, given the genes that the phenotype points to; None where there are none.
PatientOf = Callable[[Phenopacket, Set[str]], Patient | None]


def _no_variants(_packet: Phenopacket, _pointed_at: Set[str]) -> Patient | None:
    return None


def rank_lines(
    inputs: Iterable[tuple[str, bytes | GenomewardError]],
    ranker: PhenotypeRanker,
    patient_of: PatientOf = _no_variants,
) -> Iterator[Row]:
    """One row per (name, JSON text or why there is none), in order, never stopping at a bad one.

    `patient_of` gives the variants to go by beside the phenotype, None where there are none.
    """
    for name, text in inputs:
        identity = None
        try:
            if isinstance(text, GenomewardError):
                raise text
            document = parse_json(text)
            identity = stated_id(document)
            packet = read_phenopacket(document)
            yield ranked(packet, name, ranker, patient_of)
        except GenomewardError as error:
            yield {"id": identity or name, "error": {"code": error.fhir_code, "text": str(error)}}


def ranked(
    packet: Phenopacket, name: str, ranker: PhenotypeRanker, patient_of: PatientOf = _no_variants
) -> Row:
    """The whole ranking of one person. Raises InvalidResource when there is nothing to rank by."""
    terms = read_terms(packet.query, ranker.ontology)
    ranking = ranker.rank(terms)
    patient = patient_of(packet, pointed_at(ranking, ranker.ontology))
    if not terms.observed and patient is None:
        raise InvalidResource("it has no observed HPO term that can be used: there is nothing to rank by")
    combined = None
    if patient is not None:
        combined = combine(ranking, patient.variants, ranker.ontology, patient.withheld)
        ranking = combined.ranking
    rows = Rows(ranker, ranking)
    diseases, genes = rows.diseases(), rows.genes()
    if combined is not None and patient is not None:
        rows.add_variants(diseases, combined)
        genes = genes_by_variants(ranker, combined, patient)
    return {
        "id": packet.id or name,
        "hpo": ranker.ontology.version,
        "phenotype": {
            "observed": [hpo_id(ranker.ontology.term_numbers[t]) for t in terms.observed],
            "excluded": [hpo_id(ranker.ontology.term_numbers[t]) for t in terms.excluded],
            "replaced": dict(terms.replaced),
            "ignored": dict(terms.ignored),
        },
        **({} if patient is None else {"notes": [*patient.notes, *patient.variants.notes, *_unknown(genes)]}),
        "diseases": diseases,
        "genes": genes,
    }


def _unknown(genes: Sequence[Row]) -> tuple[str, ...]:
    """A sentence where no frequency is known of any variant shown: of those withheld nothing is told."""
    shown = [variant["frequency"] for gene in genes for variant in gene.get("variants", ())]
    return (NO_FREQUENCY,) if shown and not any(f is not None for f in shown) else ()


def genes_by_variants(ranker: PhenotypeRanker, combined: CombinedRanking, patient: Patient) -> list[Row]:
    """Every gene by phenotype and variants of its best disease; equal scores in the order of symbols.

    Where a disease that nobody has annotated explains more, as in a gene without any annotated disease whose
    variants speak for it, `disease` is null and `note` says so. Variants are those that fit the mode of
    inheritance best, the first genes' with names and our own class.
    """
    ids, diseases_of = ranker.ids, dict(ranker.genes(combined.ranking))
    found: list[tuple[Row, Fit]] = []
    unlisted = {new.symbol: new for new in combined.new_diseases}
    for gene, (disease, evidence) in combined.of_gene.items():
        name = ranker.gene_names[gene]
        new = unlisted.pop(str(name["symbol"]), None)
        if new is None:
            row = _gene_row(name, float(combined.phenotype[disease]), evidence) | {"disease": ids[disease]}
        else:
            row = _gene_row(name, new.phenotype, new) | {"disease": None, "note": ANOTHER_DISEASE}
        found.append((row | {"diseases": [ids[d] for d in diseases_of[gene]]}, (new or evidence).fit))
    for new in unlisted.values():
        row = _gene_row({"symbol": new.symbol, "hgnc": patient.hgnc(new.symbol)}, new.phenotype, new)
        found.append((row | {"disease": None, "diseases": [], "note": NO_DISEASE}, new.fit))
    found.sort(key=lambda pair: (-pair[0]["score"], pair[0]["symbol"]))
    for place, (row, fit) in enumerate(found):
        row["variants"] = [
            variant_row(patient.named(c), patient.classified) if place < EXPLAINED else variant_row(c)
            for c in fit.variants
        ]
    return [row for row, _ in found]


def _gene_row(name: Mapping[str, str | None], phenotype: float, evidence: GeneEvidence | NewDisease) -> Row:
    return {
        **name,
        "score": round(phenotype + evidence.score, 4),
        "phenotype_score": round(phenotype, 4),
        "variant_score": round(evidence.score, 4),
        "inheritance": evidence.mode.value,
        "fit": evidence.fit.how,
    }


def variant_row(
    candidate: Candidate, classified: Callable[[Candidate], VariantClassification | None] = lambda _: None
) -> Row:
    """A candidate with what speaks for it, and our own class where one is asked for."""
    variant, names = candidate.call.variant, candidate.names
    ours = classified(candidate)
    row: Row = {
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
    if ours is not None:
        row["classification"] = {
            "classification": ours.classification.value,
            "points": ours.points,
            "criteria": [f"{c.code} {c.strength}" for c in ours.criteria if c.verdict == "met"],
            "conflicts": list(ours.conflicts),
        }
    return row


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
        scores, ids = self._ranking.scores.round(4).tolist(), self._ranker.ids
        gene_names = self._ranker.gene_names
        return [
            {**gene_names[gene], "score": scores[found[0]], "diseases": [ids[d] for d in found]}
            for gene, found in self._ranker.genes(self._ranking)
        ]

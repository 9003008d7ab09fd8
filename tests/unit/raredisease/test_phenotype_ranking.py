"""Diseases ranked by phenotype: textbook diagnoses, the obvious formula, and what must never matter."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.ontology import Lists, PhenotypeOntology
from service.domain.phenotype import PhenotypeQuery, PhenotypeTerms
from service.errors import InvalidResource
from service.knowledge import term_evidence
from service.knowledge.repository import open_knowledge
from service.raredisease.phenotype_ranking import DENIAL, GENELESS, ORPHANET, UNRELATED, PhenotypeRanker
from service.raredisease.phenotype_terms import read_terms
from service.raredisease.rank_lines import rank_lines

TRUTH = Path(__file__).resolve().parents[2] / "truth" / "phenotype_diagnoses.tsv"
with TRUTH.open(encoding="utf-8") as stream:
    DIAGNOSES = {row["name"]: row for row in csv.DictReader(stream, delimiter="\t")}

ONTOLOGY: PhenotypeOntology = open_knowledge(None).part("ontology")
RANKER = PhenotypeRanker(ONTOLOGY)
TERMS = [t for t in range(len(ONTOLOGY.term_numbers)) if ONTOLOGY.abnormalities[t]]
DISEASES = range(len(ONTOLOGY.disease_ids))
terms = st.sampled_from(TERMS)


def query(name: str) -> PhenotypeTerms:
    return read_terms(PhenotypeQuery(tuple(DIAGNOSES[name]["observed"].split(","))), ONTOLOGY)


def place(found: PhenotypeTerms, disease: str) -> int:
    """1 for the best."""
    return [ONTOLOGY.disease_ids[d] for d in RANKER.rank(found).order].index(disease) + 1


def with_terms(found: PhenotypeTerms, observed: list[int], excluded: tuple[int, ...] = ()) -> PhenotypeTerms:
    return PhenotypeTerms(tuple(sorted({*found.observed, *observed} - set(excluded))), excluded)


def shares(lists: Lists, values: memoryview, disease: int) -> dict[int, float]:
    low = lists.offsets[disease]
    return {t: values[low + n] for n, t in enumerate(lists[disease])}


def obvious_score(found: PhenotypeTerms, disease: int) -> float:
    """The score by the formula, one disease at a time."""
    profile = shares(ONTOLOGY.annotations, ONTOLOGY.frequencies, disease)
    relatives = shares(ONTOLOGY.inferred, ONTOLOGY.inferred_frequencies, disease)
    information = ONTOLOGY.information
    borrowed = term_evidence.BORROWED / (term_evidence.BORROWED + len(profile))
    weights = {t: term_evidence.weight(share) for t, share in profile.items()}
    weights |= {t: term_evidence.weight(share) * borrowed for t, share in relatives.items()}
    scale = (sum(weights.values()) + term_evidence.SMOOTHING) ** -term_evidence.BREADTH
    score = -ORPHANET if ONTOLOGY.disease_ids[disease].startswith("ORPHA") else 0.0
    score -= 0 if len(ONTOLOGY.disease_genes[disease]) else GENELESS
    likelihoods = []
    for u in UNRELATED:
        likelihood = 1.0
        for term in found.observed:
            ratio = sum(
                weight
                * math.exp(information[a] - term_evidence.VAGUENESS * (information[own] - information[a]))
                for own, weight in weights.items()
                for a in set(ONTOLOGY.ancestors[own]) & set(ONTOLOGY.ancestors[term])
            )
            likelihood *= u + (1 - u) * ratio * scale
        likelihoods.append(likelihood)
    score += math.log(sum(likelihoods) / len(likelihoods))
    for term in found.excluded:
        denied = [share for own, share in profile.items() if term in ONTOLOGY.ancestors[own]]
        score += math.log(1 - DENIAL * max(denied, default=0.0))
    return score


@pytest.mark.parametrize("name", sorted(DIAGNOSES))
def test_cardinal_features_bring_the_disease_into_the_first_five(name: str) -> None:
    assert place(query(name), DIAGNOSES[name]["disease"]) <= 5


@settings(max_examples=25, deadline=None)
@given(
    disease=st.sampled_from(DISEASES),
    observed=st.lists(terms, min_size=1, max_size=6, unique=True),
    excluded=st.lists(terms, max_size=3, unique=True),
)
def test_the_score_is_that_of_the_formula(disease: int, observed: list[int], excluded: list[int]) -> None:
    found = PhenotypeTerms(tuple(observed), tuple(excluded))
    assert RANKER.rank(found).scores[disease] == pytest.approx(obvious_score(found, disease), abs=1e-4)


def test_a_disease_is_explained_by_its_own_terms_as_by_the_formula() -> None:
    for disease in (d for d in range(0, len(DISEASES), 999) if len(ONTOLOGY.annotations[d]) > 7):
        own = tuple(ONTOLOGY.annotations[disease])[:5]
        found = PhenotypeTerms(own, tuple(ONTOLOGY.annotations[disease])[5:7])
        assert RANKER.rank(found).scores[disease] == pytest.approx(obvious_score(found, disease), abs=1e-4)


@settings(max_examples=15, deadline=None)
@given(name=st.sampled_from(sorted(DIAGNOSES)), unrelated=st.lists(terms, min_size=1, max_size=3))
def test_unrelated_terms_do_not_sink_a_diagnosis(name: str, unrelated: list[int]) -> None:
    found = query(name)
    assert place(with_terms(found, unrelated), DIAGNOSES[name]["disease"]) <= 20


def test_what_the_terms_contribute_adds_up_to_the_score_but_for_the_share_of_unrelated_terms() -> None:
    found = with_terms(query("Marfan syndrome"), [TERMS[1000], TERMS[5000]])
    ranking = RANKER.rank(found)
    more = RANKER.prior + ranking.contributions.sum(axis=0) - ranking.scores
    assert more.min() >= -1e-5
    assert more.max() <= math.log(len(UNRELATED)) + 1e-5


def test_few_annotations_are_completed_by_those_of_relatives() -> None:
    # "Arrhythmogenic right ventricular dysplasia, familial, 1" has three terms of its own; the patient shows
    # what the diseases numbered 2 to 14 are annotated with.
    disease = [ONTOLOGY.disease_ids[d] for d in DISEASES].index("OMIM:107970")
    assert len(ONTOLOGY.annotations[disease]) < 6
    heart = read_terms(PhenotypeQuery(("HP:0004308", "HP:0001962", "HP:0001279", "HP:0005110")), ONTOLOGY)
    expected = shares(ONTOLOGY.inferred, ONTOLOGY.inferred_frequencies, disease)
    assert set(expected) & set(heart.observed)
    assert not set(expected) & set(ONTOLOGY.annotations[disease])
    (matches,) = RANKER.explain(RANKER.rank(heart), [disease])
    inferred = {m.match for m in matches if m.inferred}
    assert inferred
    assert inferred <= set(expected)
    (denied,) = RANKER.explain(RANKER.rank(PhenotypeTerms((), tuple(sorted(expected)[:3]))), [disease])
    assert all(not m.inferred for m in denied)


def test_a_disease_without_annotations_says_that_its_profile_is_inferred() -> None:
    (row,) = rank_lines([("x", json.dumps({"observed": ["HP:0001250"]}).encode())], RANKER)
    named = {d["id"] for d in row["diseases"] if "profile" in d}
    bare = {ONTOLOGY.disease_ids[d] for d in DISEASES if not len(ONTOLOGY.annotations[d])}
    assert named == bare
    assert len(named) > 100
    assert all(len(ONTOLOGY.inferred[d]) for d in DISEASES if not len(ONTOLOGY.annotations[d]))


@settings(max_examples=15, deadline=None)
@given(ids=st.permutations(DIAGNOSES["Fabry disease"]["observed"].split(",")), again=st.integers(0, 3))
def test_order_and_duplicates_of_terms_make_no_difference(ids: list[str], again: int) -> None:
    given_so = read_terms(PhenotypeQuery((*ids, ids[again])), ONTOLOGY)
    assert np.array_equal(RANKER.rank(given_so).scores, RANKER.rank(query("Fabry disease")).scores)


@settings(max_examples=15, deadline=None)
@given(name=st.sampled_from(sorted(DIAGNOSES)), excluded=terms)
def test_an_excluded_term_raises_no_score(name: str, excluded: int) -> None:
    found = query(name)
    kept = tuple(t for t in found.observed if t != excluded)
    without, denied = PhenotypeTerms(kept, ()), PhenotypeTerms(kept, (excluded,))
    assert (RANKER.rank(denied).scores <= RANKER.rank(without).scores).all()


def test_an_excluded_term_lowers_the_diseases_that_have_it() -> None:
    found = query("Marfan syndrome")
    marfan = [ONTOLOGY.disease_ids[d] for d in DISEASES].index("OMIM:154700")
    denied = PhenotypeTerms(found.observed[1:], found.observed[:1])
    assert (
        RANKER.rank(denied).scores[marfan]
        < RANKER.rank(PhenotypeTerms(found.observed[1:], ())).scores[marfan]
    )


def test_the_ranking_holds_every_disease_once_and_orphanet_equivalents_within_theirs() -> None:
    (row,) = rank_lines([("x", json.dumps({"observed": ["HP:0001250"]}).encode())], RANKER)
    ids = [d["id"] for d in row["diseases"]]
    assert sorted(ids) == [ONTOLOGY.disease_ids[d] for d in DISEASES]
    folded = {e for d in row["diseases"] for e in d.get("equivalents", ())}
    assert "ORPHA:740" in next(d["equivalents"] for d in row["diseases"] if d["id"] == "OMIM:176670")
    # MONDO names ORPHA:558, Marfan syndrome, at Loeys-Dietz syndrome 2 too.
    assert "ORPHA:558" in next(d["equivalents"] for d in row["diseases"] if d["id"] == "OMIM:154700")
    assert not folded & set(ids)
    scores = [d["score"] for d in row["diseases"]]
    assert scores == sorted(scores, reverse=True)
    assert all(gene["diseases"] and gene["score"] == pytest.approx(
        max(d["score"] for d in row["diseases"] if d["id"] in gene["diseases"])
    ) for gene in row["genes"][:50])  # fmt: skip


def test_errors_stand_in_place() -> None:
    rows = list(
        rank_lines(
            [
                ("a", b"{"),
                ("b", b'{"id": "q", "observed": ["HP:0000007"]}'),
                ("c", InvalidResource("cannot read")),
                ("d", b'{"observed": ["HP:0001250"]}'),
            ],
            RANKER,
        )
    )
    assert [row["id"] for row in rows] == ["a", "q", "c", "d"]
    assert ["error" in row for row in rows] == [True, True, True, False]
    assert "nothing to rank by" in rows[1]["error"]["text"]

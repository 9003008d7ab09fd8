"""Phenopackets in the forms that people write."""

from typing import Any

import pytest

from service.domain.case import Sex
from service.domain.ontology import PhenotypeOntology
from service.domain.phenotype import PhenotypeQuery
from service.errors import InvalidResource
from service.raredisease.phenopacket import StatedVariant, parse_json, read_phenopacket
from service.raredisease.phenotype_terms import read_terms

SEIZURE, DELAY = "HP:0001250", "HP:0001263"
FORMS: dict[str, dict[str, Any]] = {
    "version 2": {
        "phenotypicFeatures": [{"type": {"id": SEIZURE}}, {"type": {"id": DELAY}, "excluded": True}]
    },
    "version 1": {
        "phenotypicFeatures": [
            {"type": {"id": SEIZURE}, "negated": False},
            {"type": {"id": DELAY}, "negated": True},
        ]
    },
    "protobuf names": {
        "phenotypic_features": [{"type": {"id": SEIZURE}}, {"type": {"id": DELAY}, "excluded": True}]
    },
    "family": {
        "proband": {
            "phenotypicFeatures": [{"type": {"id": SEIZURE}}, {"type": {"id": DELAY}, "excluded": True}]
        }
    },
    "lists of ids": {"observed": [SEIZURE], "excluded": [DELAY]},
    "lists of terms": {"observed": [{"id": SEIZURE, "label": "Seizure"}], "excluded": [{"id": DELAY}]},
    "as on the command line": {"phenotypes": f"{SEIZURE},!{DELAY}"},
}


@pytest.mark.parametrize("form", sorted(FORMS))
def test_every_form_says_the_same(form: str) -> None:
    assert read_phenopacket(FORMS[form]).query == PhenotypeQuery((SEIZURE,), (DELAY,))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "expected a JSON object"),
        ({"id": "x"}, "no phenotypicFeatures"),
        ({"members": [], "phenotypicFeatures": []}, "cohort"),
        ({"phenotypicFeatures": 7}, "not a list"),
    ],
    ids=["list", "no features", "cohort", "number"],
)
def test_what_cannot_be_read_is_said(document: Any, said: str) -> None:
    with pytest.raises(InvalidResource, match=said):
        read_phenopacket(document)


def test_a_feature_without_an_id_is_ignored_and_said(ontology: PhenotypeOntology) -> None:
    features = [{"type": {"id": SEIZURE}}, {"type": {"label": "Seizure"}}, {"type": None}]
    terms = read_terms(read_phenopacket({"phenotypicFeatures": features}).query, ontology)
    assert len(terms.observed) == 1
    assert terms.ignored == (
        ("phenotypicFeatures 2", "not an HPO id"),
        ("phenotypicFeatures 3", "not an HPO id"),
    )


def test_text_that_is_no_json_is_refused_without_quoting_it() -> None:
    with pytest.raises(InvalidResource, match="not JSON") as caught:
        parse_json('{"name": "secret"')
    assert "secret" not in str(caught.value)


def test_variants_are_read_and_the_stated_diagnosis_is_not() -> None:
    descriptor = {
        "vcfRecord": {"genomeAssembly": "hg38", "chrom": "chr1", "pos": "5", "ref": "A", "alt": "T"},
        "allelicState": {"id": "GENO:0000136", "label": "homozygous"},
    }
    by_name = {"expressions": [{"syntax": "hgvs.c", "value": "NM_1.1:c.1A>T"}]}
    packet = read_phenopacket(
        {
            "id": "p",
            "subject": {"id": "s", "sex": "FEMALE"},
            "phenotypicFeatures": [],
            "interpretations": [
                {
                    "diagnosis": {
                        "disease": {"id": "OMIM:1"},
                        "genomicInterpretations": [
                            {"variantInterpretation": {"variationDescriptor": d}}
                            for d in (descriptor, by_name)
                        ],
                    }
                }
            ],
        }
    )
    assert packet.id == "p"
    assert packet.sex is Sex.FEMALE
    assert packet.variants == (StatedVariant("1-5-A-T", "hg38", "1/1"), StatedVariant("NM_1.1:c.1A>T"))


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("HP:0000057", "HP:0008665"),  # obsolete: Clitoromegaly, replaced by Clitoral hypertrophy
        ("HP:0001267", "HP:0001249"),  # alternative id of Intellectual disability
        ("http://purl.obolibrary.org/obo/HP_0001250", "HP:0001250"),
    ],
    ids=["obsolete", "alternative", "address"],
)
def test_former_ids_are_mapped(given: str, used: str, ontology: PhenotypeOntology) -> None:
    terms = read_terms(PhenotypeQuery((given,)), ontology)
    assert [f"HP:{ontology.term_numbers[t]:07d}" for t in terms.observed] == [used]
    assert terms.replaced == (() if given.startswith("http") else ((given, used),))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("HP:0000007", "not a phenotypic abnormality"),  # Autosomal recessive inheritance
        ("HP:0003593", "not a phenotypic abnormality"),  # Infantile onset
        ("HP:0000489", "obsolete, and nothing replaces it"),
        ("HP:9999999", "not in HPO 2025-11-24"),
        ("MONDO:0000001", "not an HPO id"),
    ],
    ids=["inheritance", "onset", "obsolete", "unknown", "other"],
)
def test_what_is_no_finding_is_ignored_and_said(given: str, reason: str, ontology: PhenotypeOntology) -> None:
    terms = read_terms(PhenotypeQuery((given, SEIZURE)), ontology)
    assert len(terms.observed) == 1
    assert terms.ignored == ((given, reason),)


def test_a_term_observed_and_excluded_is_used_as_neither(ontology: PhenotypeOntology) -> None:
    terms = read_terms(PhenotypeQuery((SEIZURE,), (SEIZURE,)), ontology)
    assert (terms.observed, terms.excluded) == ((), ())
    assert terms.ignored == ((SEIZURE, "stated both as observed and as excluded"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 200_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ("id: x\nphenotypicFeatures: []\n", "YAML is not read"),
        ("", "YAML is not read"),
        (b"\xff\xfe{\x00", "not JSON"),
    ],
    ids=["lists", "objects", "yaml", "nothing", "half a UTF-16"],
)
def test_hostile_and_foreign_text_is_an_error_in_place(text: str | bytes, said: str) -> None:
    with pytest.raises(InvalidResource, match=said):
        parse_json(text)


def test_the_term_that_every_disease_has_is_no_finding(ontology: PhenotypeOntology) -> None:
    found = read_terms(PhenotypeQuery(("HP:0000118", SEIZURE)), ontology)
    assert len(found.observed) == 1
    assert dict(found.ignored) == {"HP:0000118": "every disease has it"}


def test_onset_severity_resolution_and_the_diagnosis_change_nothing() -> None:
    plain = {"phenotypicFeatures": [{"type": {"id": SEIZURE}}, {"type": {"id": DELAY}, "excluded": True}]}
    said = {
        "phenotypicFeatures": [
            {
                "type": {"id": SEIZURE, "label": "Seizure"},
                "onset": {"age": {"iso8601duration": "P1Y"}},
                "severity": {"id": "HP:0012828"},
                "modifiers": [{"id": "HP:0025303"}],
                "resolution": {"age": {"iso8601duration": "P3Y"}},
            },
            {"type": {"id": DELAY}, "excluded": True, "evidence": [{"evidenceCode": {"id": "ECO:0000033"}}]},
        ],
        "diseases": [{"term": {"id": "OMIM:607208"}, "excluded": True}],
        "interpretations": [
            {"diagnosis": {"disease": {"id": "OMIM:607208"}, "genomicInterpretations": None}}
        ],
        "metaData": {"phenopacketSchemaVersion": "2.0"},
    }
    assert read_phenopacket(said) == read_phenopacket(plain)

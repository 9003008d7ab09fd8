"""Codes: typing errors would show in the check digit, and nothing is coded that has no code."""

import json
import re

import pytest

from service.domain.variant import Zygosity
from service.fhir import diagnostic, terminology


def _check_digit(number: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10


def _answers() -> list[str]:
    tables = (
        terminology.PRESENT, terminology.ABSENT, terminology.INDETERMINATE, terminology.ZERO_BASED_INTERVAL,
        terminology.ONE_BASED_CHARACTER, list(terminology.ASSEMBLIES.values()),
        list(terminology.CHROMOSOMES.values()), list(terminology.ALLELIC_STATES.values()),
        list(terminology.SIGNIFICANCES.values()), list(terminology.MEDICATION_ACTIONS.values()),
        terminology._THERAPEUTIC, terminology._FOLLOW_UPS,
    )  # fmt: skip
    return sorted(set(re.findall(r"LA\d+-\d", json.dumps(tables))))


@pytest.mark.parametrize("answer", _answers())
def test_answer_codes_have_their_check_digit(answer):
    number, digit = answer.removeprefix("LA").split("-")
    # Source: found empirically on 76 confirmed codes; it depends on the length of the number.
    assert (_check_digit(number) + (2 if len(number) == 5 else 5)) % 10 == int(digit)


def test_enough_answers_are_checked():
    assert len(_answers()) > 50


def test_no_code_exists_for_the_mitochondrial_chromosome():
    assert set(terminology.CHROMOSOMES) == {*map(str, range(1, 23)), "X", "Y"}


def test_an_unknown_zygosity_has_no_answer():
    assert Zygosity.UNKNOWN not in terminology.ALLELIC_STATES


@pytest.mark.parametrize(
    ("phenotype", "code"),
    [
        ("Poor Metabolizer", "LA9657-3"),
        ("Likely Intermediate Metabolizer", "LA10317-8"),
        ("Decreased Function", "LA25395-7"),
        ("Possible Decreased Function", None),
        ("Indeterminate", None),
        ("Deficient", None),
        ("normal risk of aminoglycoside-induced hearing loss", None),
    ],
)
def test_phenotypes_keep_their_words_and_get_a_code_where_one_exists(phenotype, code):
    concept = terminology.phenotype_concept(phenotype)
    assert concept["text"] == phenotype
    assert [c["code"] for c in concept.get("coding", [])] == ([code] if code else [])


def test_a_diplotype_or_named_variant_is_never_put_under_pharmvar():
    for gene, allele in (
        ("CYP2C19", "*1/*2"),
        ("DPYD", "c.1905+1G>A (*2A)"),
        ("UGT1A1", "*28"),
        ("CYP2D6", "*4x2"),
    ):
        assert "coding" not in terminology.haplotype_concept(gene, allele)


def test_hla_alleles_are_named_without_their_prefix():
    concept = terminology.haplotype_concept("HLA-B", "*57:01")
    assert concept["coding"] == [
        {"system": "http://www.ebi.ac.uk/ipd/imgt/hla", "code": "B*57:01", "display": "HLA-B*57:01"}
    ]


def test_a_gene_without_hgnc_id_is_text():
    assert terminology.gene_concept("GENE1", None) == {"text": "GENE1"}
    assert terminology.gene_concept("BRCA1", "1100") == terminology.gene_concept("BRCA1", "HGNC:1100")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Genetic counselling.", "LA14020-4"),
        ("Confirm in a second sample.", "LA14021-2"),
        ("Offer testing to the parents.", "LA14022-0"),
        ("Annual echocardiography.", None),
    ],
)
def test_follow_ups_are_coded_where_the_list_has_them(words, code):
    concept = terminology.follow_up_concept(words)
    assert concept["text"] == words
    assert [c["code"] for c in concept.get("coding", [])] == ([code] if code else [])


@pytest.mark.parametrize(
    ("name", "rxnorm", "atc", "text"),
    [
        ("clopidogrel", "32968", ("B01AC04",), "clopidogrel"),
        ("clopidogrel", None, (), "clopidogrel"),
        (None, "32968", (), None),
        (None, None, (), "medicine without a name or code"),
    ],
)
def test_a_medicine_keeps_its_name_and_codes(name, rxnorm, atc, text):
    concept = terminology.drug_concept(name, rxnorm, atc)
    assert concept.get("text") == text
    assert [coding["code"] for coding in concept.get("coding", [])] == [c for c in (rxnorm, *atc) if c]


def test_a_compound_assertion_is_not_forced_into_one_of_five_terms():
    assert "coding" not in terminology.significance_concept("Pathogenic|drug_response")
    assert terminology.significance_concept("likely Pathogenic")["coding"][0]["code"] == "LA26332-9"


def test_every_number_of_stars_has_a_level():
    assert [diagnostic._stars(n)["coding"][0]["code"] for n in range(5)] == [
        "no-star", "1-star", "2-star", "3-star", "4-star",
    ]  # fmt: skip

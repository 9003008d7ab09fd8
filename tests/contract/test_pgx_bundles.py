"""Bundles of the real pipeline conform, for every shape that a pharmacogene's answer can take."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from service.bootstrap import Genomeward
from service.domain.findings import Findings
from tests.conformance import remembering
from tests.contract.test_fhir_conformance import check_gr
from tests.pgx_patients import interpreted, opened, sample, with_cyp2d6, without

__all__ = ["check_gr"]

GR = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition"
MEDICATIONS = (
    "rxnorm\tname\tdose\troute\tstart\tend\n"
    "4493\tfluoxetine\t20 mg daily\toral\t2026-01-01\t\n"
    "72625\tduloxetine\t60 mg daily\toral\t2026-01-01\t\n"
    "2670\tcodeine\t30 mg\toral\t2026-11-01\t\n"
)
OUTSIDE = "CYP2D6\t*1/*4\nHLA-A\t*31:01/*02:01\nHLA-B\t*15:02/*57:01\nMT-RNR1\tm.1555A>G\nCYP2C19\t*1/*1\n"
CASES: dict[str, Callable[[Genomeward], Findings]] = {
    "one pair each": lambda g: interpreted(g, sample()),
    "several pairs": lambda g: interpreted(
        g, sample(TPMT=("*1", "*3A"), CYP2C19=("*2", "*17")), all_diplotypes="yes", medications="clopidogrel"
    ),
    "alleles not paired": lambda g: interpreted(
        g, sample(DPYD=("c.1905+1G>A (*2A)", "c.2846A>T")), medications="capecitabine"
    ),
    "alleles named after variants": lambda g: interpreted(
        g, sample(RYR1=("Reference", "c.7300G>A"), DPYD=("Reference", "c.1905+1G>A (*2A)"))
    ),
    "outside calls": lambda g: interpreted(
        g, sample(CYP2C19=("*2", "*2")), outside=OUTSIDE, medications="32968,1191,99999999,C10AA"
    ),
    "outside phenotype alone": lambda g: interpreted(g, sample(), outside="CYP2D6\t\tPoor Metabolizer\n"),
    "outside score alone": lambda g: interpreted(g, sample(), outside="CYP2D6\t\t\t1.25\n"),
    "copy number not stated": lambda g: interpreted(g, sample(), outside="CYP2D6\t*1/*2xN\n"),
    "no call": lambda g: interpreted(g, sample(change=_no_call("chr10", "chr13"))),
    "not covered": lambda g: interpreted(g, sample(change=without("chr10", "chr13", "chrX", "chr1"))),
    "hemizygous": lambda g: interpreted(
        g, sample(female=False, G6PD=("A- 202A_376G", "A- 202A_376G")), sex="male"
    ),
    "sex not known": lambda g: interpreted(g, sample(G6PD=("B (reference)", "A- 202A_376G"))),
    "missing read as reference": lambda g: interpreted(
        g, sample(change=without("chr10")), assume_reference_for_missing="yes"
    ),
    "co-medication": lambda g: interpreted(
        g, sample(), outside="CYP2D6\t*1/*2\n", medications_file=MEDICATIONS
    ),
    "co-medication with several pairs": lambda g: interpreted(
        g, sample(), outside="CYP2D6\t*1/*4\nCYP2D6\t*1/*1x2\n", medications="duloxetine"
    ),
    "CYP2D6 from variants": lambda g: interpreted(g, with_cyp2d6("*4", "*41"), call_cyp2d6="yes"),
    "combinations": lambda g: interpreted(g, sample(SLCO1B1=("*5", "*37")), combinations="yes"),
}


@pytest.fixture(scope="module")
def errors_of(check_gr: ModuleType) -> Callable[[dict[str, Any]], list[tuple[str, str, str]]]:
    """Most resources of these patients are alike, and each is checked once."""
    answers = json.loads((Path(check_gr.HERE) / "loinc_answers.json").read_text())
    checker = remembering(check_gr.Checker)(check_gr.PACKS, answers, True)

    def errors(resource: dict[str, Any]) -> list[tuple[str, str, str]]:
        found, _ = checker.check(resource)
        return found

    return errors


def _no_call(*chromosomes: str) -> Callable[[list[str]], list[str]]:
    return lambda cells: [*cells[:9], "./.:0"] if cells[0] in chromosomes else cells


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Genomeward]:
    with opened(tmp_path_factory.mktemp("state")) as genomeward:
        yield genomeward


def document_of(service: Genomeward, case: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(service.project("bundle", CASES[case](service)))
    return document


def claiming(document: dict[str, Any], profile: str) -> list[dict[str, Any]]:
    return [
        entry["resource"]
        for entry in document["entry"]
        if f"{GR}/{profile}" in entry["resource"].get("meta", {}).get("profile", ())
    ]


@pytest.mark.shared
@pytest.mark.parametrize("case", CASES)
def test_the_pipelines_bundle_conforms(service, errors_of, case):
    assert errors_of(document_of(service, case)) == []


def gene_of(observation: dict[str, Any]) -> str:
    return next(
        component["valueCodeableConcept"]["coding"][0]["display"]
        for component in observation["component"]
        if component["code"]["coding"][0]["code"] == "48018-6"
    )


def test_star_alleles_are_coded_by_pharmvar_and_hla_alleles_by_ipd(service):
    haplotypes = claiming(document_of(service, "outside calls"), "haplotype")
    coded = {
        (c["system"], c["code"]) for h in haplotypes for c in h["valueCodeableConcept"].get("coding", ())
    }
    assert ("http://www.pharmvar.org", "CYP2D6*4") in coded
    assert ("http://www.ebi.ac.uk/ipd/imgt/hla", "B*57:01") in coded


@pytest.mark.parametrize(
    ("case", "gene", "answer"),
    [
        ("outside calls", "CYP2D6", ("LA10317-8", "Intermediate metabolizer")),
        ("outside phenotype alone", "CYP2D6", ("LA9657-3", "Poor metabolizer")),
        ("alleles not paired", "DPYD", ("LA9657-3", "Poor metabolizer")),
        ("one pair each", "SLCO1B1", ("LA25393-2", "Normal function")),
    ],
)
def test_a_phenotype_is_coded_by_its_loinc_answer(service, case, gene, answer):
    document = document_of(service, case)
    place = next(
        entry["fullUrl"]
        for entry in document["entry"]
        if entry["resource"] in claiming(document, "genotype") and gene_of(entry["resource"]) == gene
    )
    first = next(
        implication
        for implication in claiming(document, "therapeutic-implication")
        if implication["derivedFrom"] == [{"reference": place}]
    )
    (value,) = [
        c["valueCodeableConcept"]
        for c in first["component"]
        if c["code"]["coding"][0]["code"] == "therapeutic-implication"
    ]
    assert (value["coding"][0]["code"], value["coding"][0]["display"]) == answer
    assert value["coding"][0]["system"] == "http://loinc.org"


def test_every_task_has_its_implication_and_every_implication_its_guideline(service):
    document = document_of(service, "co-medication")
    resources = {entry["fullUrl"]: entry["resource"] for entry in document["entry"]}
    tasks = claiming(document, "medication-recommendation")
    assert len(tasks) > 50
    for task in tasks:
        implication = resources[task["reasonReference"]["reference"]]
        cited = [
            x["valueRelatedArtifact"]
            for x in implication["extension"]
            if x["url"] == "http://hl7.org/fhir/StructureDefinition/workflow-relatedArtifact"
        ]
        assert any(a["url"].startswith("https://www.clinpgx.org/guidelineAnnotation/PA") for a in cited)
        assert any("pubmed" in a["url"] for a in cited)
        assert implication["derivedFrom"]


def test_co_medication_stands_beside_the_genotype_and_never_in_it(service):
    document = document_of(service, "co-medication")
    (genotype,) = [g for g in claiming(document, "genotype") if gene_of(g) == "CYP2D6"]
    assert genotype["valueCodeableConcept"]["text"] == "CYP2D6 *1/*2"
    assert "fluoxetine" not in json.dumps(genotype)
    implications = [
        i for i in claiming(document, "therapeutic-implication") if "while taking" in json.dumps(i)
    ]
    assert implications
    assert all("LA9657-3" in json.dumps(i) or "LA10317-8" in json.dumps(i) for i in implications)


PHARMVAR, CLINVAR = "http://www.pharmvar.org", "http://www.ncbi.nlm.nih.gov/clinvar"


@pytest.mark.parametrize(
    ("gene", "pair", "codings"),
    [
        ("CYP2C19", ("*2", "*17"), {(PHARMVAR, "CYP2C19*2"), (PHARMVAR, "CYP2C19*17")}),
        ("CYP2C19", ("*2", "*2"), {(PHARMVAR, "CYP2C19*2")}),
        # ClinVar VCV000012970.
        (
            "RYR1",
            ("Reference", "c.7300G>A"),
            {("http://varnomen.hgvs.org", "NC_000019.10:g.38499993G>A"), (CLINVAR, "12970")},
        ),
        (
            "DPYD",
            ("Reference", "c.1905+1G>A (*2A)"),
            {
                ("http://varnomen.hgvs.org", "NC_000001.11:g.97450058C>T"),
                ("http://www.ncbi.nlm.nih.gov/projects/SNP", "rs3918290"),
            },
        ),
    ],
)
def test_a_genotype_is_coded_by_its_alleles_beside_the_pair(service, gene, pair, codings):
    """PharmVar and ClinVar name alleles, not pairs: the pair is our own code, and the first of them."""
    document = json.loads(service.project("bundle", interpreted(service, sample(**{gene: pair}))))
    (genotype,) = [g for g in claiming(document, "genotype") if gene_of(g) == gene]
    value = genotype["valueCodeableConcept"]
    own, *others = value["coding"]
    assert own["system"] == "urn:genomeward:diplotype"
    assert own["code"] == value["text"]
    assert value["text"].startswith(f"{gene} ")
    assert codings <= {(coding["system"], coding["code"]) for coding in others}
    of_alleles = {
        (coding["system"], coding["code"])
        for haplotype in claiming(document, "haplotype")
        if gene_of(haplotype) == gene
        for coding in haplotype["valueCodeableConcept"].get("coding", ())
    }
    assert {(coding["system"], coding["code"]) for coding in others} == of_alleles

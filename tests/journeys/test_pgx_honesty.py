"""What is not known is said in the findings, in the FHIR answer and on the page, by the whole service."""

import csv
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from service.batch.summary import summary_row
from service.bootstrap import Genomeward
from service.domain.findings import Findings
from service.domain.pgx import CallStatus
from tests.pgx_patients import advice, gene, genotype_at, interpreted, opened, sample, with_cyp2d6, without

REPLACED = {"azathioprine", "mercaptopurine", "thioguanine"}
DPYD_POSITION = 97078987  # the first site of DPYD's definition; G>A there is in no table


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Genomeward]:
    with opened(tmp_path_factory.mktemp("state")) as genomeward:
        yield genomeward


def page(service: Genomeward, findings: Findings) -> str:
    """The words of the report."""
    html = re.sub(r"<style>.*?</style>", " ", service.project("report", findings).decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def conclusion(service: Genomeward, findings: Findings) -> str:
    report = json.loads(service.project("bundle", findings))["entry"][0]["resource"]
    assert report["resourceType"] == "DiagnosticReport"
    return str(report["conclusion"])


def bundle_text(service: Genomeward, findings: Findings) -> str:
    return json.dumps(json.loads(service.project("bundle", findings)), ensure_ascii=False)


def test_several_diplotypes_have_each_their_own_advice_and_the_summary_warns(service: Genomeward) -> None:
    findings = interpreted(service, sample(TPMT=("*1", "*3A")), all_diplotypes="yes")
    assert {d.name for d in gene(findings, "TPMT").diplotypes} == {"*1/*3A", "*3B/*3C"}
    answers = advice(findings, "azathioprine")
    assert {(r.basis["TPMT"], r.action) for r in answers} == {
        ("Intermediate Metabolizer", "reduce-dose"),
        ("Poor Metabolizer", "use-alternative"),
    }
    assert all("one of 2 answers" in (r.possible or "") for r in answers)
    assert any(i.where == "TPMT" and "none was picked" in i.text for i in findings.issues)
    row = summary_row("P1", findings)
    assert "TPMT" in row["ambiguous"]
    assert "TPMT: 2 pairs of alleles fit" in row["warnings"]
    assert "azathioprine: reduce-dose (possible)" in row["actions"]
    assert re.search(r"none was picked: [^.]*\bTPMT\b", conclusion(service, findings))
    shown = page(service, findings)
    assert shown.index("TPMT : more than one pair of alleles fits") < shown.index("Medicines, grouped")


def test_phase_that_could_change_the_phenotype_is_said_beside_the_advice(service: Genomeward) -> None:
    findings = interpreted(service, sample(TPMT=("*1", "*3A")))
    (answer,) = advice(findings, "mercaptopurine")
    assert any("*3B/*3C (Poor Metabolizer)" in warning for warning in answer.warnings)
    assert "*3B/*3C (Poor Metabolizer)" in page(service, findings)


def test_an_undocumented_allele_is_named_everywhere_and_confirms_no_usual_dose(service: Genomeward) -> None:
    change = genotype_at(DPYD_POSITION, "A", "0/1")
    findings = interpreted(service, sample(change=change))
    (variant,) = gene(findings, "DPYD").undocumented
    for drug in ("capecitabine", "fluorouracil"):
        (answer,) = advice(findings, drug)
        assert answer.text.startswith("Not confirmed")
        assert answer.possible
        assert variant in answer.text
    assert any(i.where == "DPYD" and "not confirmed" in i.text for i in findings.issues)
    assert f"DPYD {variant}" in conclusion(service, findings)
    shown = page(service, findings)
    assert shown.index(variant) < shown.index("Medicines, grouped")
    assert "DPYD: a change that no named allele has" in summary_row("P1", findings)["warnings"]


def test_an_outside_call_that_contradicts_the_file_warns_with_both(service: Genomeward) -> None:
    findings = interpreted(service, sample(CYP2C19=("*2", "*17")), outside="CYP2C19\t*1/*1\n")
    for answer in advice(findings, "clopidogrel"):
        assert any("*1/*1" in warning and "*2/*17" in warning for warning in answer.warnings)
    assert any("contradicts the variant file" in issue.text for issue in findings.issues)
    for text in (page(service, findings), bundle_text(service, findings)):
        assert "The outside call (*1/*1) contradicts the variant file, which reads *2/*17" in text


@pytest.mark.parametrize("drug", ["azathioprine", "mercaptopurine", "thioguanine"])
def test_no_dose_of_a_replaced_recommendation_is_shown(service: Genomeward, drug: str) -> None:
    """CPIC replaced its thiopurine recommendations in February 2026: changes-after-2025-11."""
    findings = interpreted(service, sample(TPMT=("*3A", "*3A"), NUDT15=("*1", "*3")))
    (answer,) = advice(findings, drug)
    assert answer.newer_version
    assert answer.dose is None
    assert "consult the current guideline" in answer.text
    old_figures = r"\d+(-| to )?\d*\s?(%|mg)|10-fold|thrice"
    for text in (
        answer.text,
        *(t for t in re.findall(rf"[^.]*{drug}[^.]*", page(service, findings), re.I)),
    ):
        assert not re.search(old_figures, text), text


def test_unknown_sex_leaves_g6pd_with_its_warning(service: Genomeward) -> None:
    carrier = sample(G6PD=("B (reference)", "A- 202A_376G"))
    findings = interpreted(service, carrier)
    (answer,) = advice(findings, "rasburicase")
    assert any("Sex is not stated" in warning for warning in answer.warnings)
    assert "Sex is not stated" in bundle_text(service, findings)
    assert "Sex is not stated" in page(service, findings)
    stated = interpreted(service, carrier, sex="female")
    assert not any("Sex is not stated" in w for r in advice(stated, "rasburicase") for w in r.warnings)


def test_a_hemizygous_male_has_one_allele(service: Genomeward) -> None:
    male = sample(female=False, G6PD=("A- 202A_376G", "A- 202A_376G"))
    findings = interpreted(service, male, sex="male")
    (pair,) = gene(findings, "G6PD").diplotypes
    assert (pair.name, pair.alleles, pair.phenotype) == ("A- 202A_376G", ("A- 202A_376G",), "Deficient")
    assert [r.action for r in advice(findings, "rasburicase")] == ["avoid"]


@pytest.mark.parametrize(
    ("asked", "drug", "words"),
    [
        ("1191", "aspirin", "No guideline in this release gives advice on aspirin"),
        ("aspirin", "aspirin", "No guideline in this release gives advice on aspirin"),
        ("B01AC06", "aspirin", "No guideline in this release gives advice on aspirin"),
        ("99999999", "RxNorm 99999999", "not a name or code that this release knows"),
        ("A10BA02", "metformin", "No guideline in this release gives advice on metformin"),
        ("V03AB37", "ATC V03AB37", "not a name or code that this release knows"),
        ("clopidogrl", "clopidogrl", "check the spelling"),
    ],
)
def test_a_drug_without_guideline_is_answered(service: Genomeward, asked: str, drug: str, words: str) -> None:
    findings = interpreted(service, sample(), medications=asked)
    (answer,) = advice(findings, drug)
    assert (answer.action, answer.current_medication) == ("no-guideline", True)
    assert words in answer.text
    assert words in page(service, findings)
    assert words in bundle_text(service, findings)


@pytest.mark.parametrize("asked", ["32968", "B01AC04", "clopidogrel", "Clopidogrel 75 mg"])
def test_a_drug_is_recognised_by_code_and_by_name(service: Genomeward, asked: str) -> None:
    findings = interpreted(service, sample(CYP2C19=("*2", "*2")), medications=asked)
    assert {r.drug for r in findings.recommendations if r.current_medication} == {"clopidogrel"}
    assert "clopidogrel" in conclusion(service, findings)


def test_cyp2d6_that_was_not_called_is_said(service: Genomeward) -> None:
    findings = interpreted(service, sample(), medications="codeine")
    assert gene(findings, "CYP2D6").status is CallStatus.NOT_COVERED
    (answer,) = advice(findings, "codeine")
    assert answer.action == "not-called"
    assert "CYP2D6" in answer.text
    assert "does not mean that the usual dose fits" in answer.text
    assert re.search(r"not a normal result: [^.]*CYP2D6", conclusion(service, findings))
    assert "No answer for CYP2D6" in page(service, findings)


def test_cyp2d6_from_variants_alone_says_what_it_cannot_see(service: Genomeward) -> None:
    findings = interpreted(service, with_cyp2d6("*1", "*4"), call_cyp2d6="yes")
    limits = "deletions (*5), duplications and hybrids"
    assert any(limits in note for note in gene(findings, "CYP2D6").notes)
    assert any(limits in warning for r in advice(findings, "codeine") for warning in r.warnings)
    assert limits in page(service, findings)
    assert limits in bundle_text(service, findings)


def test_missing_read_as_reference_on_request_is_said_at_the_top_and_beside_the_advice(
    service: Genomeward,
) -> None:
    no_chromosome_10 = sample(change=without("chr10"))
    asked = {"medications": "clopidogrel"}
    plain = interpreted(service, no_chromosome_10, **asked)
    assert [r.action for r in advice(plain, "clopidogrel")] == ["not-called"]
    assumed = interpreted(service, no_chromosome_10, assume_reference_for_missing="yes", **asked)
    assert assumed.scope.assumptions
    for answer in advice(assumed, "clopidogrel"):
        assert any("read as reference, as the caller asked" in warning for warning in answer.warnings)
    assert conclusion(service, assumed).index(assumed.scope.assumptions[0]) < 100
    shown = page(service, assumed)
    assert shown.index(assumed.scope.assumptions[0]) < shown.index("What to do now")


def test_two_alleles_on_the_one_x_of_a_male_are_not_assumed_away(service: Genomeward) -> None:
    """G6PD Mediterranean (rs5030868) heterozygous in a recorded male: sex, mosaicism or the call is wrong."""
    file = sample(change=genotype_at(154534419, "A", "0/1"))
    findings = interpreted(service, file, sex="male", assume_reference_for_missing="yes")
    (site,) = (s for s in gene(findings, "G6PD").sites if s.rsid == "rs5030868")
    assert (site.status, site.bases) == ("contradictory", ())
    assert gene(findings, "G6PD").status is CallStatus.NO_CALL
    assert {r.action for r in advice(findings, "rasburicase")} <= {"not-called", "no-recommendation"}
    assert "two different alleles where a male has one copy" in (site.reason or "")
    assert any("rs5030868" in n or "154534419" in n for n in gene(findings, "G6PD").notes)


@pytest.mark.parametrize("wrong", ["REF", "GT"])
def test_a_record_that_cannot_be_read_is_never_assumed_to_be_reference(
    service: Genomeward, wrong: str
) -> None:
    """CYP2C19 rs4244285 (G>A), with a REF that the genome does not have, or a GT beyond ALT."""

    def change(cells: list[str]) -> list[str]:
        if cells[1] != "94781859":
            return cells
        return [*cells[:3], "C", *cells[4:]] if wrong == "REF" else [*cells[:9], "0/7:30"]

    findings = interpreted(service, sample(change=change), assume_reference_for_missing="yes")
    (site,) = (s for s in gene(findings, "CYP2C19").sites if s.rsid == "rs4244285")
    assert (site.status, site.bases) == ("discarded", ())
    assert "could not be read" in (site.reason or "")
    assert any("line" in (i.where or "") for i in findings.issues)


@pytest.mark.parametrize(
    ("position", "allele", "drug"),
    [
        (97450058, "c.1905+1G>A (*2A)", "capecitabine"),
        (97082391, "c.2846A>T", "fluorouracil"),
        (48045719, "*3", "mercaptopurine"),
    ],
)
def test_a_key_allele_that_was_not_looked_at_leaves_no_usual_dose_unqualified(
    service: Genomeward, position: int, allele: str, drug: str
) -> None:
    """AMP tier 1: alleles that every test of the gene should cover."""
    findings = interpreted(service, sample(change=without("chr1", "chr13", pos=position)))
    (answer,) = advice(findings, drug)
    assert answer.action == "standard"
    assert answer.text.startswith("Not confirmed")
    assert allele in answer.text
    assert "every test should read" in (answer.possible or "")
    assert f"{allele} could not be excluded" in page(service, findings)
    (whole,) = advice(interpreted(service, sample()), drug)
    assert not whole.text.startswith("Not confirmed")


# What guidelines write doses with: percent, units, multiples, fractions, intervals.
_DOSE = re.compile(
    r"\d\s*(?:%|percent|-?fold|times|mg|µg|mcg|g/|mL|units)|\b(?:half|third|quarter|weekly|thrice|twice|tenth)\b",
    re.IGNORECASE,
)
_METABOLIZERS = ("Poor", "Intermediate", "Possible Intermediate", "Normal", "Indeterminate")


@pytest.mark.parametrize("tpmt", _METABOLIZERS)
@pytest.mark.parametrize("nudt15", _METABOLIZERS)
def test_no_dose_of_a_replaced_recommendation_is_shown_anywhere(
    service: Genomeward, tpmt: str, nudt15: str
) -> None:
    """Thiopurines, for every pair of results: findings, Bundle, page, table. No other gene has a result."""
    words = {name: name if name == "Indeterminate" else f"{name} Metabolizer" for name in _METABOLIZERS}
    outside = f"TPMT\t\t{words[tpmt]}\nNUDT15\t\t{words[nudt15]}\n"
    others = sample(change=lambda _: None)
    findings = interpreted(service, others, outside=outside, medications="1256,103,10485")
    drugs = [r for r in findings.recommendations if r.drug in REPLACED]
    assert {r.drug for r in drugs} == REPLACED
    assert all(r.dose is None and r.newer_version and r.newer_version in r.text for r in drugs)
    shown = {
        "findings": service.project("findings", findings).decode(),
        "bundle": bundle_text(service, findings),
        "page": page(service, findings),
        "table": json.dumps(summary_row("P1", findings)),
    }
    assert [(name, dose) for name, text in shown.items() for dose in _DOSE.findall(text)] == []


def test_the_replaced_recommendations_are_those_of_the_change_log(shared: Path) -> None:
    with (shared / "data" / "pgx" / "changes-after-2025-11.tsv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.reader(lines, delimiter="\t") if len(row) == 4]
    assert {drug for _, kind, drug, _ in rows if kind == "RECOMMENDATION"} == REPLACED

"""Results of other callers, as they write them."""

import csv
from pathlib import Path

import pytest

from service.domain.assembly import Assembly
from service.domain.case import Case, InterpretOptions, Subject
from service.domain.pgx import CallStatus, VariantIdentity
from service.errors import InvalidOption
from service.pgx.outside_calls import parse_outside_calls
from tests.pgx_samples import called_with_issues, caller, definitions, pair_sample, records

TRUTH = Path(__file__).parents[2] / "truth" / "pgx_outside_calls.tsv"
with TRUTH.open(encoding="utf-8") as lines:
    ROWS = list(csv.DictReader(lines, delimiter="\t"))


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_outside_calls_as_callers_write_them(number: int) -> None:
    row = ROWS[number]
    gene = row["gene"].upper()
    line = "\t".join((row["gene"], row["diplotype"], row["phenotype"], row["score"]))
    (call,), issues = caller(gene).call(
        Case(
            Subject("s"),
            "s",
            Assembly.GRCH38,
            InterpretOptions(),
            outside_calls=parse_outside_calls(line + "\n"),
        )
    )
    if row["expected_phenotype"] in ("no call", "refused"):
        assert call.diplotypes == ()
        assert call.status is not CallStatus.OUTSIDE_CALL
        assert any("outside call" in note for note in call.notes)
        assert bool(issues) is (row["expected_phenotype"] == "refused")
        return
    (diplotype,) = call.diplotypes
    assert call.status is CallStatus.OUTSIDE_CALL
    assert ";".join(diplotype.alleles) == row["alleles"]
    assert (diplotype.phenotype, diplotype.activity_score or "") == (
        row["expected_phenotype"],
        row["expected_score"],
    )


@pytest.mark.parametrize("gene", [g for g, d in definitions().items() if d.alleles and g != "MT-RNR1"])
def test_every_name_of_the_tables_is_read_as_itself(gene: str) -> None:
    """Also names that hold a plus sign, a comma, a blank or brackets."""
    names = [allele.name for allele in definitions()[gene].alleles]
    text = "".join(f"{gene}\t{name}/{name}\n" for name in names)
    answer, issues = called_with_issues(gene, (), outside_calls=parse_outside_calls(text))
    assert issues == ()
    assert [d.alleles for d in answer.diplotypes] == [(name, name) for name in names]
    assert not [note for note in answer.notes if "tables" in note]


def test_comments_blank_lines_a_header_and_more_columns_are_passed_over() -> None:
    text = "\ufeff# made by a caller\nGene\tDiplotype\n\nCYP2D6\t*1/*4\t\t\tHIGH\t42\n#CYP2C19\t*2/*2\n"
    (call,) = parse_outside_calls(text)
    assert (call.gene, call.diplotype, call.phenotype, call.activity_score) == ("CYP2D6", "*1/*4", None, None)
    assert call.line == 4


@pytest.mark.parametrize("line", ["CYP2D6", "CYP2D6\t\t\t", "\t*1/*4"])
def test_a_line_without_gene_or_result_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(InvalidOption, match="expected a gene") as refused:
        parse_outside_calls(f"CYP2C19\t*1/*1\n{line}\n")
    assert "line 2" in str(refused.value.where)


def test_several_lines_for_a_gene_are_several_diplotypes() -> None:
    answer, _ = called_with_issues(
        "CYP2D6", (), outside_calls=parse_outside_calls("CYP2D6\t*1/*4\nCYP2D6\t*2/*4\nCYP2D6\t*4/*1\n")
    )
    assert [d.name for d in answer.diplotypes] == ["*1/*4", "*2/*4"]
    assert answer.status is CallStatus.OUTSIDE_CALL
    assert any("Several outside calls" in note for note in answer.notes)


def test_one_line_is_not_said_to_be_several() -> None:
    answer, _ = called_with_issues("CYP2D6", (), outside_calls=parse_outside_calls("CYP2D6\t*1/*4\n"))
    assert [d.name for d in answer.diplotypes] == ["*1/*4"]
    assert not any("Several outside calls" in note for note in answer.notes)


def test_a_contradiction_with_the_variant_file_is_warned_of_with_both() -> None:
    found = records(definitions()["CYP2C19"], pair_sample("CYP2C19", "*1", "*17"))
    answer, issues = called_with_issues(
        "CYP2C19", found, outside_calls=parse_outside_calls("CYP2C19\t*2/*2\n")
    )
    assert [d.name for d in answer.diplotypes] == ["*2/*2"]
    assert any("*2/*2" in note and "*1/*17" in note for note in answer.notes)
    assert [(i.severity, i.code) for i in issues] == [("warning", "conflict")]


def test_an_outside_call_that_agrees_is_not_warned_of() -> None:
    found = records(definitions()["CYP2C19"], pair_sample("CYP2C19", "*1", "*17"))
    _, issues = called_with_issues("CYP2C19", found, outside_calls=parse_outside_calls("CYP2C19\t*17/*1\n"))
    assert issues == ()


def test_a_no_call_of_the_other_caller_leaves_the_variant_file_in_force() -> None:
    found = records(definitions()["CYP2C19"], pair_sample("CYP2C19", "*1", "*17"))
    answer, _ = called_with_issues("CYP2C19", found, outside_calls=parse_outside_calls("CYP2C19\t./.\n"))
    assert (answer.status, [d.name for d in answer.diplotypes]) == (CallStatus.CALLED, ["*1/*17"])


def test_a_gene_that_the_release_does_not_have_is_said() -> None:
    _, issues = called_with_issues("CYP2C19", (), outside_calls=parse_outside_calls("CYP1A2\t*1/*1F\n"))
    assert [(i.severity, i.where) for i in issues] == [("warning", "CYP1A2")]


@pytest.mark.parametrize("between", [";", "; ", " or ", ","])
def test_several_results_in_one_field_are_several_diplotypes(between: str) -> None:
    text = f"CYP2D6\t*1/*4{between}*2/*4\n"
    answer, issues = called_with_issues("CYP2D6", (), outside_calls=parse_outside_calls(text))
    assert [d.name for d in answer.diplotypes] == ["*1/*4", "*2/*4"]
    assert issues == ()


def test_a_score_and_a_phenotype_that_contradict_the_alleles_are_both_said() -> None:
    text = "CYP2D6\t*1/*4\tNormal Metabolizer\t2\n"
    answer, _ = called_with_issues("CYP2D6", (), outside_calls=parse_outside_calls(text))
    said = " ".join(answer.notes)
    assert "phenotype Normal Metabolizer" in said
    assert "activity score 2.0, its alleles stand for 1.0" in said


def test_a_result_that_could_not_be_read_leaves_the_variant_file_in_force_and_is_the_first_thing_said() -> (
    None
):
    found = records(definitions()["CYP2C19"], pair_sample("CYP2C19", "*2", "*2"))
    answer, issues = called_with_issues(
        "CYP2C19", found, outside_calls=parse_outside_calls("CYP2C19\t\tfast\n")
    )
    assert [d.name for d in answer.diplotypes] == ["*2/*2"]
    assert answer.notes[0] == "An outside call was given and could not be read."
    assert [(i.severity, i.where) for i in issues] == [("error", "CYP2C19")]
    assert "Poor Metabolizer" in issues[0].text


@pytest.mark.parametrize(
    ("gene", "diplotype", "identities"),
    [
        ("MT-RNR1", "m.1555A>G", {"m.1555A>G": VariantIdentity("NC_012920.1:m.1555A>G")}),
        # A name that is no HGVS description, and a haplotype of one site.
        ("MT-RNR1", "m.961T>del+Cn", {}),
        ("CYP2C9", "*1/*2", {}),
        (
            "DPYD",
            "Reference/c.1905+1G>A (*2A)",
            {"c.1905+1G>A (*2A)": VariantIdentity("NC_000001.11:g.97450058C>T", "rs3918290")},
        ),
        (
            "RYR1",
            "Reference/c.7300G>A",
            {"c.7300G>A": VariantIdentity("NC_000019.10:g.38499993G>A", "rs121918593", "12970")},
        ),
        # Two changes.
        ("DPYD", "Reference/c.1129-5923C>G, c.1236G>A (HapB3)", {}),
    ],
)
def test_alleles_that_are_one_change_are_known_by_it(
    gene: str, diplotype: str, identities: dict[str, VariantIdentity]
) -> None:
    answer, _ = called_with_issues(gene, (), outside_calls=parse_outside_calls(f"{gene}\t{diplotype}\n"))
    assert answer.identities == identities

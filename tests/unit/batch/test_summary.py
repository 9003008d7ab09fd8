"""The row of a sample: a word that could be read as a clean result never stands alone."""

from dataclasses import replace

from service.batch.summary import summary_row
from tests.findings_builder import a_findings, brca1_carrier, negative_findings
from tests.unit.report.everything import a_recommendation


def test_a_negative_statement_says_how_much_was_read() -> None:
    assert summary_row("s", negative_findings())["statements"] == (
        "LDLR: negative (97.0% read); APOB: negative (what was read is not stated)"
    )


def test_another_statement_is_a_word() -> None:
    assert summary_row("s", brca1_carrier())["statements"] == "BRCA1: positive"


def test_a_gene_that_coverage_does_not_list_is_not_said_to_be_read() -> None:
    findings = negative_findings()
    silent = replace(findings, scope=replace(findings.scope, genes_assessed=()))
    assert summary_row("s", silent)["statements"].count("what was read is not stated") == 2


def test_what_is_only_possible_is_not_said_without_the_word() -> None:
    sure = a_recommendation("codeine", "avoid")
    maybe = a_recommendation("tramadol", "avoid", possible="expected during co-medication with quinidine")
    row = summary_row("s", a_findings(recommendations=(sure, maybe)))
    assert row["actions"] == "codeine: avoid; tramadol: avoid (possible)"

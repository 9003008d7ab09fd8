"""The row of a sample: a word that could be read as a clean result never stands alone."""

from dataclasses import replace

from service.batch.summary import summary_row
from tests.findings_builder import brca1_carrier, negative_findings


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

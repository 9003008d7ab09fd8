"""Each publication once; each shared warning once: truth tables from what the guidance writes."""

from dataclasses import replace

from service.domain.pgx import CallStatus
from service.report.caveats import shared_caveats
from service.report.genes import gene_groups
from service.report.html import render_html
from service.report.medicines import medicine_groups
from service.report.references import Cited, references
from service.report.status import ReportStatus
from service.report.view import clinician_view
from tests.findings_builder import CYP2C19_POOR, a_findings
from tests.unit.report.everything import a_recommendation

PAPER = "CPIC PA1 (clopidogrel and CYP2C19), PMID 35034351, 23698643, version 2024-03-25"
PAPERS = ("35034351", "23698643")


def test_rows_of_one_publication_share_a_number_and_none_is_lost() -> None:
    found = a_findings(
        recommendations=(
            a_recommendation("omeprazole", "reduce-dose", source=f"{PAPER}, row R9", pmids=PAPERS),
            a_recommendation("clopidogrel", "avoid", source=f"{PAPER}, row R1", pmids=PAPERS),
            a_recommendation(
                "clopidogrel", "avoid", source=f"{PAPER}, row R2", pmids=PAPERS, population="NVI"
            ),
            a_recommendation("codeine", "avoid", source="opioids, read by hand"),
        )
    )
    one, other = references(found.recommendations, medicine_groups(found))
    assert (one.number, one.source, one.pmids) == (1, "CPIC 2024-03-25", PAPERS)
    assert [(c.drug, c.document, c.rows) for c in one.cited] == [
        ("clopidogrel", "PA1", ("R1", "R2")),
        ("omeprazole", "PA1", ("R9",)),
    ]
    assert (other.source, other.cited) == ("opioids, read by hand", (Cited("codeine", "", (), None),))
    assert clinician_view(found).cited((f"{PAPER}, row R2",)) == (1,)


def test_another_version_of_a_paper_is_another_reference() -> None:
    older = PAPER.replace("2024-03-25", "2022-01-01")
    found = a_findings(
        recommendations=(
            a_recommendation("a", "avoid", source=PAPER, pmids=PAPERS),
            a_recommendation("b", "avoid", source=older, pmids=PAPERS),
        )
    )
    assert [r.source for r in references(found.recommendations, ())] == ["CPIC 2024-03-25", "CPIC 2022-01-01"]


def test_a_shared_warning_is_printed_once_and_named_in_every_row_that_has_it() -> None:
    shared, own = "CYP2D6 has no result in this file.", "Two NAT2 pairs fit."
    found = a_findings(
        recommendations=(
            a_recommendation("amitriptyline", "avoid", text="Avoid it.", warnings=(shared, own)),
            a_recommendation("doxepin", "avoid", text="Prefer another.", warnings=(shared,)),
        )
    )
    assert [(c.mark, c.text) for c in shared_caveats(medicine_groups(found))] == [("a", shared)]
    page = render_html(found, status=ReportStatus())
    assert (page.count(shared), page.count(own), page.count("See note a.")) == (1, 1, 2)


def test_a_medicine_that_is_taken_has_its_warnings_in_its_own_row() -> None:
    shared = "CYP2D6 has no result in this file."
    taken, other, third = (
        a_recommendation(drug, action, text=text, warnings=(shared,), current_medication=current)
        for drug, action, text, current in (
            ("amitriptyline", "avoid", "Avoid it.", True),
            ("doxepin", "avoid", "Avoid this one too.", False),
            ("codeine", "use-alternative", "Take another.", False),
        )
    )
    page = render_html(a_findings(recommendations=(taken, other)), status=ReportStatus())
    assert (page.count(shared), page.count("See note")) == (2, 0)
    page = render_html(a_findings(recommendations=(taken, other, third)), status=ReportStatus())
    # In the row of the medicine taken, and in the note that the two others name.
    assert (page.count(shared), page.count("See note a.")) == (2, 2)


def test_what_is_said_of_several_positions_is_said_once_with_all_of_them() -> None:
    notes = ("X:1: one allele only.", "X:2: one allele only.", "No pair can be told.")
    ((row,),) = [
        group.genes
        for group in gene_groups(
            a_findings(pharmacogenes=(replace(CYP2C19_POOR, status=CallStatus.NO_CALL, notes=notes),))
        )
    ]
    assert row.notes == ("X:1, X:2: one allele only.", "No pair can be told.")

"""The example patients' own reports on paper: A4 pages that a clinician will read, with nothing missing."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import EXAMPLES, ROOT, Run

pytestmark = pytest.mark.browser
COUNTS = ROOT / "knowledgebase" / "frequency" / "demo"
# Most pages per patient, and words that must be on them.
PATIENTS = {
    "cyp2c19-poor-metaboliser": (
        8,
        ("--medications-file", EXAMPLES / "cyp2c19-poor-metaboliser.medications.tsv"),
        ("clopidogrel", "simvastatin", "Frequencies of 9 drug-gene", "copy number, gene conversions"),
    ),
    "brca1-carrier": (
        7,
        ("--indication", "BRCA1"),
        ("Explains or predicts disease", "all 28 ACMG/AMP criteria", "Genetic counselling"),
    ),
    "ordinary-genome": (6, (), ("That is not a negative result", "No answer for")),
}


def printed(browser: Browser, path: Path) -> tuple[int, str]:
    """Number of pages, and all text that print shows."""
    page = browser.new_page()
    page.goto(path.as_uri())
    page.emulate_media(media="print")
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    text = page.inner_text("body")
    page.close()
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)), text


@pytest.mark.shared
def test_a_real_genome_with_many_open_answers_is_printed_within_bounds(
    run: Run, browser: Browser, tmp_path: Path, shared: Path
) -> None:
    path = tmp_path / "report.html"
    genome = shared / "data" / "genomes" / "NA19239.GRCh38.pgx-regions.vcf.gz"
    path.write_bytes(run("interpret", genome, "--format", "report").out)
    pages, text = printed(browser, path)
    assert 6 <= pages <= 14
    # Every gene with several pairs warns on the page, and so does each medicine's shared warning.
    assert text.count("none was picked (") == 4
    assert "19 of 35 CYP2C19 positions were not read" in text


@pytest.mark.parametrize("patient", PATIENTS)
def test_the_printed_report_is_short_and_whole(
    run: Run, browser: Browser, tmp_path: Path, patient: str
) -> None:
    most, options, said = PATIENTS[patient]
    nodes = tmp_path / "nodes.toml"
    nodes.write_text(
        "".join(
            f'[[snapshot]]\nid = "{c}"\ncountry = "{c}"\nfile = "{COUNTS / c}.tsv"\n'
            for c in ("GB", "FI", "ES", "IT")
        ),
        encoding="utf-8",
    )
    identity = ("--patient", EXAMPLES / f"{patient}.patient.json")
    done = run(
        "interpret", EXAMPLES / f"{patient}.vcf", *identity, *options, "--format", "report",
        GENOMEWARD_NODES=str(nodes),
    )  # fmt: skip
    assert done.code == 0, done.error
    path = tmp_path / "report.html"
    path.write_bytes(done.out)
    pages, text = printed(browser, path)
    assert 3 <= pages <= most
    assert [phrase for phrase in said if phrase.casefold() not in text.casefold()] == []

"""What is said, and what is not, of genes whose sequence is not there."""

import csv
from pathlib import Path

import pytest

from service.domain.assembly import Assembly
from service.domain.variant import Variant
from service.variants.describe_lines import describe_lines
from tests.nomenclature import describer

TRUTH = Path(__file__).parents[2] / "truth" / "hgvs_without_sequence.tsv"


def rows() -> list[dict[str, str]]:
    """Facts of the truth table."""
    with TRUTH.open() as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


@pytest.mark.parametrize("row", rows(), ids=lambda r: r["asked"])
def test_names_come_and_the_codon_is_never_guessed(row: dict[str, str]) -> None:
    (answer,) = describe_lines([row["asked"]], describer())
    assert answer["ok"], answer["error"]
    for key in ("hgvs_g", "hgvs_c", "hgvs_p", "consequence", "exon"):
        assert answer[key] == row[key], key
    assert answer["nmd"] is ({"True": True, "False": False}.get(row["nmd"]))


def test_a_deletion_of_unknown_bases_states_no_alleles() -> None:
    (answer,) = describe_lines(["NM_006642.5:c.1430del"], describer())
    assert [answer[key] for key in ("pos", "ref", "alt", "spdi", "vrs_id")] == [None] * 5
    assert "equivalent places of the change unknown: sequence not configured" in answer["notes"]


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        # A minus-strand gene and a plus-strand one; bases beside the name say nothing more of the place.
        ("NM_000520.6:c.1000_1003dupACGT", "NM_000520.6:c.1000_1003dup"),
        ("NM_000520.6:c.1000dupA", "NM_000520.6:c.1000dup"),
        ("NM_000018.4:c.100_103dupACGT", "NM_000018.4:c.100_103dup"),
        ("NM_000520.6:c.1000_1003delACGT", "NM_000520.6:c.1000_1003del"),
    ],
)
def test_bases_written_beside_a_change_leave_its_names(written: str, bare: str) -> None:
    one, other = describe_lines([written, bare], describer())
    assert one["hgvs_c"] == bare
    for key in ("hgvs_g", "hgvs_c", "hgvs_g_grch37", "consequence", "exon", "nmd"):
        assert one[key] == other[key], key


@pytest.mark.parametrize("change", ["385GAG[1]", "100_105inv"])
def test_what_needs_the_bases_is_refused_by_place(change: str) -> None:
    (answer,) = describe_lines([f"NM_000018.4:c.{change}"], describer())
    assert not answer["ok"]
    assert "needed and not configured here" in answer["error"]


def test_the_share_of_protein_lost_needs_coordinates_alone() -> None:
    described = describer().describe_variant(Variant(Assembly.GRCH38, "17", 7220161, "N", ""))
    assert described.consequence == "frameshift_variant"
    assert (described.protein_position, described.protein_length) == (35, 655)
    assert described.protein_fraction_lost == pytest.approx(621 / 655)
    assert described.last_exon is False
    assert (described.exon_number, described.exon_count) == (2, 20)


def test_a_transcript_asked_for_by_name_is_the_one_described() -> None:
    names = ["NM_001128425.2(MUTYH):c.1438G>T", "NM_001128425.1:c.1438G>T", "1-45331220-C-A"]
    found = [answer["hgvs_c"] for answer in describe_lines(names, describer())]
    plus_clinical, select = "NM_001128425.2:c.1438G>T", "NM_001048174.2:c.1354G>T"
    assert found == [plus_clinical, plus_clinical, select]

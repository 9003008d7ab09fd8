"""Changes named by exonic positions on both sides of an intron."""

import pytest

from service.variants.describe_lines import describe_lines
from tests.nomenclature import describer


@pytest.mark.parametrize(
    ("asked", "intronic"),
    [
        # ClinVar's NM_030621.4(DICER1):c.1749_1753del is shifted in the transcript: its record on the genome
        # is the deletion of five bases that ends at the exon's last, c.1752.
        ("NM_177438.3:c.1749_1753del", 631),
        ("NM_177438.3:c.1748_1752del", 0),
        # HGVS nomenclature, deletion: c.183_186+48 crosses a border and says so.
        ("NM_004006.3:c.183_186+48del", 0),
        ("NM_004006.3:c.186_187insA", None),
    ],
)
def test_an_intron_that_goes_along_is_told(asked: str, intronic: int | None) -> None:
    (answer,) = describe_lines([asked], describer())
    if intronic is None:
        assert "exon junction" in answer["error"]
        return
    assert answer["ok"], answer["error"]
    told = [note for note in answer["notes"] if "intronic" in note]
    assert len(told) == bool(intronic)
    if intronic:
        along = f"{asked} reaches over an exon junction: {intronic} intronic bases go with it"
        assert told == [f"{along}; a change shifted by the 3' rule stays in its exon"]


# Source: HGVS nomenclature, recommendations for deletions and duplications (3' rule and its exception).
@pytest.mark.parametrize(
    ("genomic", "coding"),
    [
        ("NC_000023.10:g.32459297del", "c.3921del"),
        ("NC_000023.10:g.32459297dup", "c.3921dup"),
        ("NC_000023.11:g.32343183del", "c.5697del"),
        ("NC_000023.11:g.32343183dup", "c.5697dup"),
        ("NC_000023.11:g.33211290_33211293dup", "c.20_23dup"),
    ],
)
def test_the_most_3_prime_place_stays_in_its_exon(genomic: str, coding: str) -> None:
    (answer,) = describe_lines([genomic], describer())
    assert answer["hgvs_c"] == f"NM_004006.3:{coding}"


@pytest.mark.parametrize(
    ("asked", "coding", "exon"),
    [
        # The last bases of an exon doubled, plus and minus strand: the copy lies before the intron.
        ("7-92045211-G-GAG", "NM_005751.5:c.5367_5368dup", "21/50"),
        ("5-148118563-T-TT", "NM_006846.4:c.2240dup", "23/33"),
        # The last base of an intron doubled: BRCA2's exons 3 and 8, BRCA1's exon 17 of MANE begin after it.
        ("13-32319075-A-AG", "NM_000059.4:c.68-1dup", "intron 2/26"),
        ("13-32329441-A-AG", "NM_000059.4:c.632-1dup", "intron 7/26"),
        ("17-43063951-T-TC", "NM_007294.4:c.5075-1dup", "intron 16/22"),
    ],
)
def test_a_doubled_stretch_is_numbered_where_it_lies(asked: str, coding: str, exon: str) -> None:
    (answer,) = describe_lines([asked], describer())
    assert (answer["hgvs_c"], answer["exon"]) == (coding, exon)

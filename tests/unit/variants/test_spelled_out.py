"""Repeats, inserted pieces and imprecise forms: mapped where bases are spelled, else refused with why."""

import pytest

from service.variants.describe_lines import describe_lines
from tests.nomenclature import describer


def described(text: str) -> dict[str, object]:
    (row,) = describe_lines([text], describer())
    return row


@pytest.mark.parametrize(
    ("text", "same"),
    [
        # Source: HGVS nomenclature 21.1, DNA repeated sequences, CFTR intron 9: GT[11]T[6] is the reference.
        ("NM_000492.4:c.1210-33_1210-6GT[12]T[6]", "NM_000492.4:c.1210-13_1210-12dup"),
        ("NM_000492.4:c.1210-33_1210-6GT[11]T[4]", "NM_000492.4:c.1210-12_1210-6T[5]"),
        ("NM_000492.4:c.1210-12T[9]", "NM_000492.4:c.1210-7_1210-6dup"),
        ("NC_000007.14:g.117548607TG[12]", "NM_000492.4:c.1210-13_1210-12dup"),
        ("NM_007294.4:c.68_69insA[3]", "NM_007294.4:c.68_69insAAA"),
        ("NM_007294.4:c.68_69ins[A;CG[2]]", "NM_007294.4:c.68_69insACGCG"),
        ("NM_007294.4:c.68_69delinsT[2]", "NM_007294.4:c.68_69delinsTT"),
    ],
)
def test_what_is_spelled_in_pieces_is_mapped(text: str, same: str) -> None:
    row, plain = described(text), described(same)
    assert row["ok"], row["error"]
    assert {**row, "input": ""} == {**plain, "input": ""}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("NM_000492.4:c.1210-33_1210-6GT[11]T[6]", "leaves the reference sequence as it is"),
        ("NM_007294.4:c.(?_-1)_(*1_?)del", "its ends or its size are not known exactly"),
        ("NM_004006.2:c.(4071+1_4072-1)_(5154+1_5155-1)del", "its ends or its size are not known exactly"),
        ("NM_007294.4:c.76_77insN[15]", "the inserted bases are not known"),
        ("NM_007294.4:c.76_77ins(15)", "the inserted bases are not known"),
        ("NM_007294.4:c.76_77ins90_95", "described by its place, not spelled"),
        ("NM_000546.6:c.[743G>A];[750del]", "several alleles"),
        ("NM_000546.6:c.743=/G>A", "a mixture of cells"),
        ("NM_007294.4:c.=", "what was not found changed"),
        ("NM_007294.4:c.68A>R", "letters for more than one base"),
        ("NC_000011.10:g.1999904_1999946|gom", "methylation"),
        ("NC_000021.9:g.pter_qtersup", "a rearranged chromosome"),
        ("NC_000022.10:g.42522624_42522669con42536337_42536382", "a conversion"),
        ("NM_002024.6:c.-128GGC[10]", "are needed and not configured here"),  # no sequence of FMR1's 5' end
        ("NG_017013.2(TP53):c.743G>A", "is a genomic record; name the transcript too"),
        ("LRG_321:g.12345A>G", "not aligned to a chromosome here"),
        ("NM_198253.3:c.-124C>T", "-124 is outside NM_198253.3, whose bases are -79 to *561"),
        ("NM_000546.6:c.96+9999999A>G", "the intron is only 109 bases long"),
        ("NM_007294.4:r.68a>g", "describes RNA; expected a change of DNA"),
    ],
)
def test_what_names_no_single_change_is_refused_with_the_reason(text: str, why: str) -> None:
    row = described(text)
    assert not row["ok"]
    assert why in str(row["error"])
    assert row["hgvs_g"] is None


def test_the_x_of_a_stop_is_read_and_said() -> None:
    # Source: ClinVar, NM_000546.6(TP53):c.637C>T (p.Arg213Ter), 17-7674894-G-A.
    row = described("TP53 R213X")
    assert (row["hgvs_g"], row["hgvs_p"]) == ("NC_000017.11:g.7674894G>A", "NP_000537.3:p.(Arg213Ter)")
    assert "X read as the stop codon" in str(row["notes"])

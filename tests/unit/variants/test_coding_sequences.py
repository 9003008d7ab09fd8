"""Genes whose coding sequence alone is shipped: names as ClinVar prints them."""

import pytest

from service.variants.describe_lines import describe_lines
from tests.nomenclature import describer


@pytest.mark.parametrize(
    ("asked", "protein", "source"),
    [
        ("NM_000518.5(HBB):c.20A>T", "NP_000509.1:p.(Glu7Val)", "VCV000015333"),
        ("NM_000518.5(HBB):c.79G>A", "NP_000509.1:p.(Glu27Lys)", "VCV000015161"),
        ("NM_000518.5(HBB):c.118C>T", "NP_000509.1:p.(Gln40Ter)", "VCV000015402"),
        ("NM_000518.5(HBB):c.126_129del", "NP_000509.1:p.(Phe42LeufsTer19)", "VCV000015417"),
        ("NM_000518.5(HBB):c.9T>C", "NP_000509.1:p.(His3=)", "rs713040"),
        ("NM_004004.6(GJB2):c.35del", "NP_003995.2:p.(Gly12ValfsTer2)", "VCV000017004"),
        ("NM_004004.6(GJB2):c.71G>A", "NP_003995.2:p.(Trp24Ter)", "VCV000017002"),
        ("NM_004004.6(GJB2):c.109G>A", "NP_003995.2:p.(Val37Ile)", "VCV000017023"),
        ("NM_004004.6(GJB2):c.235del", "NP_003995.2:p.(Leu79CysfsTer3)", "VCV000017014"),
        ("NM_005343.4(HRAS):c.34G>A", "NP_005334.1:p.(Gly12Ser)", "VCV000012602"),
        ("NM_005343.4(HRAS):c.81T>C", "NP_005334.1:p.(His27=)", "rs12628"),
        ("NM_004985.5(KRAS):c.35G>A", "NP_004976.2:p.(Gly12Asp)", "VCV000012582"),
        ("NM_004985.5(KRAS):c.519T>C", "NP_004976.2:p.(Asp173=)", "rs1137282"),
        ("NM_033360.4(KRAS):c.35G>A", "NP_203524.1:p.(Gly12Asp)", "VCV000012582"),
    ],
)
def test_a_change_of_the_coding_sequence_has_its_protein_name(asked: str, protein: str, source: str) -> None:
    (answer,) = describe_lines([asked], describer())
    assert answer["hgvs_p"] == protein, (source, answer["error"], answer["notes"])


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("NM_000518.5(HBB):c.20C>T", "the reference has A there, not C"),
        (
            "HBB E6V",
            "residue 6 of NP_000509.1 is Pro, not Glu; residue 7 is, and older papers may count without",
        ),
        ("HBB Q6V", "residue 6 of NP_000509.1 is Pro, not Gln"),
        ("11-5227002-G-A", "the reference bases at NC_000011.10:5227002 are T, not G"),
    ],
)
def test_another_reference_base_is_refused(asked: str, why: str) -> None:
    (answer,) = describe_lines([asked], describer())
    assert why in answer["error"]


def test_bases_beyond_the_coding_sequence_stay_unknown() -> None:
    (answer,) = describe_lines(["NM_000518.5(HBB):c.443A>C"], describer())  # the stop codon: what follows it?
    assert answer["hgvs_p"] == "unavailable: sequence not configured"
    assert answer["consequence"] == "stop_lost"

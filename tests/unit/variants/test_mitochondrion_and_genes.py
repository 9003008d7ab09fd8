"""Mitochondrial names by the mitochondrial code; gene symbols, ids and bands."""

import pytest

from service.variants.describe_lines import describe_lines
from service.variants.parse_notation import parse_notation
from service.variants.resolve import Resolver
from tests.nomenclature import describer


# Sources: MITOMAP's confirmed pathogenic variants; HGVS nomenclature (m. on NC_012920.1).
@pytest.mark.parametrize(
    ("asked", "gene", "protein", "consequence"),
    [
        ("m.3243A>G", "MT-TL1", None, "non_coding_transcript_exon_variant"),
        ("m.8993T>G", "MT-ATP6", "YP_003024031.1:p.(Leu156Arg)", "missense_variant"),
        ("m.8993T>C", "MT-ATP6", "YP_003024031.1:p.(Leu156Pro)", "missense_variant"),
        ("m.9185T>C", "MT-ATP6", "YP_003024031.1:p.(Leu220Pro)", "missense_variant"),
        ("m.3460G>A", "MT-ND1", "YP_003024026.1:p.(Ala52Thr)", "missense_variant"),
        ("m.11778G>A", "MT-ND4", "YP_003024035.1:p.(Arg340His)", "missense_variant"),
        ("m.14484T>C", "MT-ND6", "YP_003024037.1:p.(Met64Val)", "missense_variant"),
        ("m.13513G>A", "MT-ND5", "YP_003024036.1:p.(Asp393Asn)", "missense_variant"),
        ("m.1555A>G", "MT-RNR1", None, "non_coding_transcript_exon_variant"),
        ("m.9205_9206del", "MT-ATP6", "YP_003024031.1:p.(Ter227extTer?)", "stop_lost"),
    ],
    ids=lambda value: str(value),
)
def test_known_mitochondrial_variants(asked: str, gene: str, protein: str | None, consequence: str) -> None:
    (answer,) = describe_lines([asked], describer())
    found = [answer[key] for key in ("hgvs_g", "gene", "hgvs_p", "consequence")]
    assert found == [f"NC_012920.1:{asked}", gene, protein, consequence]
    assert answer["hgnc_id"].startswith("HGNC:")


def test_every_mitochondrial_protein_has_its_published_length() -> None:
    # Anderson 1981, doi:10.1038/290457a0; RefSeq YP_003024026.1 to YP_003024038.1.
    lengths = {
        t.gene: len(coding.residues) - 1
        for t in describer().models.catalogue
        if t.chrom == "MT" and (coding := describer().models.coding(t))
    }
    assert lengths == {
        "MT-ND1": 318,
        "MT-ND2": 347,
        "MT-CO1": 513,
        "MT-CO2": 227,
        "MT-ATP8": 68,
        "MT-ATP6": 226,
        "MT-CO3": 261,
        "MT-ND3": 115,
        "MT-ND4L": 98,
        "MT-ND4": 459,
        "MT-ND5": 603,
        "MT-ND6": 174,
        "MT-CYB": 380,
    }


# Source: HGNC, previous symbols and aliases.
@pytest.mark.parametrize(
    ("asked", "gene", "hgnc"),
    [
        ("G6PC:c.247C>T", "G6PC1", "HGNC:4056"),
        ("HER2:c.2524G>A", "ERBB2", "HGNC:3430"),
        ("MLL2:c.5A>G", "KMT2D", "HGNC:7133"),
        ("brca2:c.68-7T>A", "BRCA2", "HGNC:1101"),
        ("NM_030916.3:c.5A>G", "NECTIN4", "HGNC:19688"),
    ],
)
def test_a_gene_is_known_by_earlier_names_and_answers_by_its_own(asked: str, gene: str, hgnc: str) -> None:
    (answer,) = describe_lines([asked], describer())
    assert (answer["gene"], answer["hgnc_id"]) == (gene, hgnc), answer["error"]


def test_a_gene_without_a_mane_transcript_has_its_lrg_transcript() -> None:
    (answer,) = describe_lines(["9-35657948-T-C"], describer())
    assert (answer["gene"], answer["hgvs_c"]) == ("RMRP", "NR_003051.3:n.71A>G")  # ClinVar VCV000014206


# Source: OMIM gene map locations.
@pytest.mark.parametrize(
    ("asked", "band"),
    [
        ("CFTR:c.1521_1523del", "7q31.2"),
        ("BRCA1:c.68_69del", "17q21.31"),
        ("BRCA2:c.68-7T>A", "13q13.1"),
        ("TP53:c.743G>A", "17p13.1"),
        ("NM_000276.4:c.5A>G", "Xq26.1"),
        ("m.3243A>G", None),
    ],
)
def test_the_band_is_where_the_gene_is_known_to_lie(asked: str, band: str | None) -> None:
    ours = describer()
    resolver = Resolver(ours.models, ours.reference, ours.liftover)
    variant = resolver.resolve(parse_notation(asked)).variant
    assert ours.describe_variant(variant).cytogenetic_band == band


@pytest.mark.parametrize(
    "name", ["ENSP00000269305.4", "NP_000537.3", "ENST00000269305.9", "LRG_321p1", "TP53"]
)
def test_a_protein_change_is_read_by_every_name_of_its_transcript(name: str) -> None:
    # Source: ClinVar, NM_000546.6(TP53):c.524G>A (p.Arg175His), 17-7675088-C-T; MANE 1.3 for the accessions.
    (row,) = describe_lines([f"{name}:p.Arg175His"], describer())
    assert (row["hgvs_c"], row["hgvs_g"]) == ("NM_000546.6:c.524G>A", "NC_000017.11:g.7675088C>T"), row[
        "error"
    ]


def test_an_ensembl_protein_of_another_version_is_not_known() -> None:
    (row,) = describe_lines(["ENSP00000269305.9:p.Arg175His"], describer())
    assert row["error"] == "protein ENSP00000269305.9 is not known"


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("NM_000492.4(CFTR):c.1652G>A", []),
        ("NM_000492.4(cftr):c.1652G>A", []),
        ("NM_000492.4:c.1652G>A", []),
        ("CFTR:c.1652G>A", []),
        (
            "NM_000492.4(BRCA1):c.1652G>A",
            ["the text names BRCA1, and NM_000492.4 is a transcript of CFTR"],
        ),
        (
            "BRCA1:NM_000492.4:c.1652G>A",
            ["the text names BRCA1, and NM_000492.4 is a transcript of CFTR"],
        ),
    ],
)
def test_a_gene_that_is_not_the_transcripts_is_said(text: str, notes: list[str]) -> None:
    (row,) = describe_lines([text], describer())
    assert (row["hgvs_c"], row["notes"]) == ("NM_000492.4:c.1652G>A", notes)

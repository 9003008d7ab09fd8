"""What is shipped of rare disease: every list whole, every gene with its ids, nothing without a source."""

import shutil
from functools import cache
from pathlib import Path

import pytest

from service.domain.disease import asserts_pathogenic
from service.domain.gene import ReportRule
from service.errors import KnowledgeError
from service.knowledge.build import default_content, read_upstreams, sourced_tables
from service.knowledge.repository import Knowledge, open_shipped


@cache
def shipped() -> Knowledge:
    return open_shipped(None)


def content() -> Path:
    found = default_content()
    assert found is not None
    return found


def test_the_secondary_findings_list_is_whole() -> None:
    # Source: ACMG SF v3.3, doi:10.1016/j.gim.2025.101454: 84 genes.
    known = shipped().part("diseases")
    assert len(known.secondary_genes) == 84
    rules = {gene: {row.rule for row in known.gene(gene).secondary} for gene in known.secondary_genes}
    biallelic = {gene for gene, found in rules.items() if found == {ReportRule.BIALLELIC}}
    assert biallelic == {"ATP7B", "BTD", "CASQ2", "CYP27A1", "GAA", "MUTYH", "RPE65", "TRDN"}
    assert rules["HFE"] == {ReportRule.HFE_C282Y_HOMOZYGOUS}
    assert rules["TTN"] == {ReportRule.TRUNCATING}
    assert rules["ABCD1"] == {ReportRule.HEMIZYGOUS_OR_BIALLELIC}
    assert rules["GLA"] == rules["OTC"] == {ReportRule.ANY}


def test_no_disease_is_told_by_the_label_of_a_withdrawn_term() -> None:
    """ClinGen curated HBB for a term that MONDO has withdrawn since."""
    hbb = shipped().part("diseases").gene("HBB")
    assert "sickle cell disease and related diseases" in {pair.disease for pair in hbb.diseases}


def test_which_semidominant_diseases_are_annotated_recessive_alone() -> None:
    """HPO release 2025-11-24 annotates the other three; familial Mediterranean fever is recessive in the
    founder table."""
    known = shipped().part("diseases")
    pairs = [pair for gene in known.disease_genes for pair in known.gene(gene).diseases]
    found = {(pair.gene, pair.disease) for pair in pairs if pair.recessive_alone}
    assert found == {
        ("ACO2", "optic atrophy 9"),
        ("APOB", "familial hypobetalipoproteinemia 1"),
        ("FOXN1", "T-cell immunodeficiency, congenital alopecia, and nail dystrophy"),
        ("MEFV", "familial Mediterranean fever"),
    }


def test_the_carrier_panel_is_whole() -> None:
    # Source: Gregg 2021, doi:10.1038/s41436-021-01203-z: 113 genes of tier 3.
    known = shipped().part("diseases")
    assert len(known.carrier_genes) == 113
    assert {"CFTR", "SMN1", "HBB", "GJB2", "HEXA", "FMR1"} <= known.carrier_genes


def test_every_listed_gene_has_its_ids() -> None:
    known = shipped().part("diseases")
    listed = {gene: known.gene(gene) for gene in known.secondary_genes | known.carrier_genes}
    assert [gene for gene, found in listed.items() if not (found.hgnc_id or "").startswith("HGNC:")] == []
    without = [gene for gene, found in listed.items() if not any(pair.mondo for pair in found.diseases)]
    assert without == []


@pytest.mark.parametrize(
    ("gene", "haploinsufficiency", "validity"),
    [
        # Source: ClinGen dosage 2026-02-06 and gene-disease validity 2026-02-09.
        ("BRCA1", 3, "Definitive"),
        ("SCN1A", 3, "Definitive"),
        ("GJB2", 40, "Definitive"),
        ("MYH7", 0, "Definitive"),
        ("CFTR", 30, None),
    ],
)
def test_what_a_loss_of_function_rests_on(gene: str, haploinsufficiency: int, validity: str | None) -> None:
    found = shipped().part("diseases").gene(gene)
    assert found.haploinsufficiency == haploinsufficiency
    assert (validity is None) or validity in {pair.validity for pair in found.diseases}
    assert found.pli is not None
    assert found.loeuf is not None


# GRCh38, interbase; the spelling is that of a left-aligned VCF record.
FOUNDERS = [
    ("CFTR p.Phe508del", ("7", 117559589, "ATCT", "A"), "Pathogenic"),
    ("HEXA c.1274_1277dup", ("15", 72346578, "G", "GGATA"), "Pathogenic"),
    ("GBA1 c.84dup", ("1", 155240659, "G", "GC"), "Pathogenic"),
    ("CNGB3 c.1148del", ("8", 86643780, "G", ""), "Pathogenic"),
    ("GJB2 c.35del", ("13", 20189545, "AC", "A"), "Pathogenic"),
    ("GJB2 c.167del", ("13", 20189414, "A", ""), "Pathogenic"),
    ("BRCA1 c.68_69del", ("17", 43124026, "ACT", "A"), "Pathogenic"),
    ("F5 Leiden", ("1", 169549810, "C", "T"), "Pathogenic, low penetrance"),
    ("F2 c.*97G>A", ("11", 46739504, "G", "A"), "Pathogenic, low penetrance"),
    ("HFE p.His63Asp", ("6", 26090950, "C", "G"), "Pathogenic, low penetrance"),
    (
        "GALT p.Asn314Asp, a Duarte allele only with a second change in cis",
        ("9", 34649444, "A", "G"),
        "other",
    ),
    ("MEFV p.Glu148Gln", ("16", 3254625, "C", "G"), "Conflicting interpretations of pathogenicity"),
]


@pytest.mark.parametrize(("place", "expected"), [f[1:] for f in FOUNDERS], ids=[f[0] for f in FOUNDERS])
def test_a_founder_variant_is_found_with_its_own_term(
    place: tuple[str, int, str, str], expected: str
) -> None:
    found = shipped().part("assertions").at(*place)
    assert [assertion.classification for assertion in found] == [expected]
    assert asserts_pathogenic(found[0]) == (expected == "Pathogenic")


def test_each_table_has_an_upstream() -> None:
    label, upstreams = read_upstreams(content())
    assert label
    assert all(u.version and u.url.startswith("https://") and u.licence and u.date for u in upstreams)
    assert len(sourced_tables(content())) >= 15


@pytest.fixture
def a_content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    for name in ("raredisease", "terminology"):
        (folder / name).mkdir(parents=True)
    for table in sourced_tables(content()):
        (folder / table).touch()
    shutil.copyfile(content() / "RELEASE.toml", folder / "RELEASE.toml")
    return folder


def test_a_table_of_no_upstream_is_refused(a_content: Path) -> None:
    read_upstreams(a_content)
    (a_content / "raredisease" / "heard_somewhere.tsv").write_text("gene\nBRCA1\n")
    with pytest.raises(KnowledgeError, match=r"raredisease/heard_somewhere\.tsv: no upstream"):
        read_upstreams(a_content)


@pytest.mark.parametrize("lacking", ["version", "url", "licence", "date"])
def test_an_upstream_that_does_not_say_all_is_refused(a_content: Path, lacking: str) -> None:
    release = a_content / "RELEASE.toml"
    head, _, section = release.read_text("utf-8").partition("[upstream.clinvar]\n")
    first, rest = section.split("\n\n", 1)
    kept = [line for line in first.split("\n") if not line.startswith(f"{lacking} =")]
    release.write_text(f"{head}[upstream.clinvar]\n" + "\n".join(kept) + "\n\n" + rest, "utf-8")
    with pytest.raises(KnowledgeError, match=f"upstream clinvar lacks {lacking}"):
        read_upstreams(a_content)


@pytest.mark.parametrize(
    ("gene", "residue", "change"),
    [
        # Source: ClinVar 2025-09-28, records without a protein name in genes whose sequence is not shipped.
        ("ENG", 207, "Cys207Arg"),
        ("ACVRL1", 411, "Arg411Gln"),
        ("OTC", 277, "Arg277Leu"),
        ("ABCD1", 617, "Arg617Gly"),
    ],
)
def test_comparators_of_genes_without_sequence_are_named(gene: str, residue: int, change: str) -> None:
    found = shipped().part("assertions").at_residue(gene, residue)
    assert change in {asserted.protein_change for asserted in found if asserts_pathogenic(asserted.assertion)}

"""The rules of the secondary-findings list, gene by gene."""

import csv
from pathlib import Path

import pytest

from service.domain.assembly import Assembly
from service.domain.assessment import DescribedCall
from service.domain.case import Sex
from service.domain.gene import DiseaseKnowledge, ReportRule
from service.domain.variant import MolecularDescription, Variant, VariantCall, Zygosity
from service.raredisease.secondary_findings import reported
from tests.raredisease import truth
from tests.unit.raredisease.carrying import carrying

HET, HOM, HEMI = Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS


def hfe(start: int, ref: str, alt: str, zygosity: Zygosity) -> DescribedCall:
    variant = Variant(Assembly.GRCH38, "6", start, ref, alt)
    return DescribedCall(VariantCall(variant, zygosity), MolecularDescription(variant, f"6:{start}"))


C282Y_HOM = hfe(26092912, "G", "A", HOM)
C282Y_HET = hfe(26092912, "G", "A", HET)
H63D_HOM = hfe(26090950, "C", "G", HOM)


@pytest.mark.parametrize(
    ("rule", "found", "sex", "expected"),
    [
        (ReportRule.ANY, [carrying(HET)], Sex.UNKNOWN, 1),
        (ReportRule.BIALLELIC, [carrying(HET)], Sex.UNKNOWN, 0),
        (ReportRule.BIALLELIC, [carrying(Zygosity.UNKNOWN)], Sex.UNKNOWN, 0),
        (ReportRule.BIALLELIC, [carrying(HOM)], Sex.UNKNOWN, 1),
        (ReportRule.BIALLELIC, [carrying(HET), carrying(HET, start=200)], Sex.UNKNOWN, 2),
        (ReportRule.BIALLELIC, [carrying(HET, copy=1), carrying(HET, start=200, copy=1)], Sex.UNKNOWN, 0),
        (ReportRule.HEMIZYGOUS_OR_BIALLELIC, [carrying(HET, chrom="X")], Sex.FEMALE, 0),
        (ReportRule.HEMIZYGOUS_OR_BIALLELIC, [carrying(HEMI, chrom="X")], Sex.MALE, 1),
        (ReportRule.HEMIZYGOUS_OR_BIALLELIC, [carrying(HEMI, chrom="X")], Sex.UNKNOWN, 0),
        (ReportRule.TRUNCATING, [carrying(HET)], Sex.UNKNOWN, 0),
        (
            ReportRule.TRUNCATING,
            [carrying(HET, consequence="frameshift_variant"), carrying(HET, start=200)],
            Sex.UNKNOWN,
            1,
        ),
        (ReportRule.HFE_C282Y_HOMOZYGOUS, [C282Y_HOM], Sex.UNKNOWN, 1),
        (ReportRule.HFE_C282Y_HOMOZYGOUS, [C282Y_HET], Sex.UNKNOWN, 0),
        (ReportRule.HFE_C282Y_HOMOZYGOUS, [H63D_HOM], Sex.UNKNOWN, 0),
        (ReportRule.HFE_C282Y_HOMOZYGOUS, [C282Y_HOM, H63D_HOM], Sex.UNKNOWN, 1),
    ],
)
def test_what_the_list_reports(rule: ReportRule, found: list[DescribedCall], sex: Sex, expected: int) -> None:
    """ACMG SF v3.3, column "variants to report": how many of the variants found are reported."""
    assert len(reported(rule, found, sex)) == expected


GENOTYPES = {
    "het": lambda at, chrom: carrying(HET, start=at, chrom=chrom),
    "hom": lambda at, chrom: carrying(HOM, start=at, chrom=chrom),
    "hemi": lambda at, chrom: carrying(HEMI, start=at, chrom=chrom),
    "cis": lambda at, chrom: carrying(HET, start=at, chrom=chrom, copy=1),
    "truncating": lambda at, chrom: carrying(HET, start=at, chrom=chrom, consequence="stop_gained"),
    "C282Y-hom": lambda _at, _chrom: C282Y_HOM,
    "C282Y-het": lambda _at, _chrom: C282Y_HET,
}


@pytest.mark.parametrize(
    "row", truth("secondary_findings"), ids=lambda r: f"{r['gene']} {r['genotypes']} {r['sex']}"
)
def test_each_gene_by_its_rule(row: dict[str, str], diseases: DiseaseKnowledge) -> None:
    """Pathogenic variants of one gene in one person, by the compiled list."""
    chrom = "X" if row["gene"] in ("OTC", "GLA", "ABCD1") else "1"
    found = [GENOTYPES[word](100 * n, chrom) for n, word in enumerate(row["genotypes"].split(","), start=1)]
    gene = diseases.gene(row["gene"])
    assert gene is not None
    told = {id(e) for listed in gene.secondary for e in reported(listed.rule, found, Sex(row["sex"]))}
    assert len(told) == int(row["reported"])


@pytest.mark.shared
def test_the_compiled_list_is_the_published_one(shared: Path, diseases: DiseaseKnowledge) -> None:
    """84 genes; every gene has the rules that its rows of the published table name."""
    words = {
        "All P and LP": ReportRule.ANY,
        "P and LP (2 variants)": ReportRule.BIALLELIC,
        "All hemi, het, homozygous P and LP": ReportRule.ANY,
        "All hemi or homozygous P and LP or 2 het. P/LP variants": ReportRule.HEMIZYGOUS_OR_BIALLELIC,
        "p.C282Y homozygotes only": ReportRule.HFE_C282Y_HOMOZYGOUS,
        "P and LP (truncating variants only)": ReportRule.TRUNCATING,
    }
    with (shared / "data" / "raredisease" / "acmg_sf_v3.3.tsv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    published: dict[str, set[ReportRule]] = {}
    for row in rows:
        published.setdefault(row["Gene"], set()).add(words[row["Variants to report"].strip()])
    # Recessive: one variant is a carrier state (specification, section 6), whatever the column says.
    published["TRDN"] = {ReportRule.BIALLELIC}
    assert len(published) == 84
    assert diseases.secondary_genes == published.keys()
    for gene, rules in published.items():
        known = diseases.gene(gene)
        assert known is not None
        assert {listed.rule for listed in known.secondary} == rules, gene

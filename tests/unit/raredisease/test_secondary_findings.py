"""The rules of the secondary-findings list, gene by gene."""

import pytest

from service.domain.assembly import Assembly
from service.domain.assessment import DescribedCall
from service.domain.case import Sex
from service.domain.gene import ReportRule
from service.domain.variant import MolecularDescription, Variant, VariantCall, Zygosity
from service.raredisease.secondary_findings import reported
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

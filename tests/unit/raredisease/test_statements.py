"""What two variants of one gene say, by phase, sex and mode of inheritance."""

import pytest

from service.domain.assembly import Assembly
from service.domain.assessment import DescribedCall
from service.domain.case import Sex
from service.domain.gene import Inheritance, ReportRule
from service.domain.variant import MolecularDescription, Variant, VariantCall, Zygosity
from service.raredisease.scope import reportable
from service.raredisease.statements import statement_of

HET, HOM, HEMI = Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS
AR, AD, XL = Inheritance.RECESSIVE, Inheritance.DOMINANT, Inheritance.X_LINKED


def carrying(
    zygosity: Zygosity, *, start: int = 100, copy: int | None = None, consequence: str = "missense_variant"
) -> DescribedCall:
    variant = Variant(Assembly.GRCH38, "1", start, "A", "G")
    call = VariantCall(
        variant, zygosity, phased=copy is not None, phase_set="1" if copy is not None else None, copy=copy
    )
    return DescribedCall(call, MolecularDescription(variant, "x", consequences=(consequence,)))


@pytest.mark.parametrize(
    ("found", "inheritance", "sex", "expected"),
    [
        ([carrying(HET)], AD, Sex.UNKNOWN, "positive"),
        ([carrying(HET)], AR, Sex.UNKNOWN, "carrier"),
        ([carrying(HOM)], AR, Sex.UNKNOWN, "positive"),
        ([carrying(HET), carrying(HET, start=200)], AR, Sex.UNKNOWN, "possible-compound-heterozygote"),
        ([carrying(HET, copy=0), carrying(HET, start=200, copy=1)], AR, Sex.UNKNOWN, "positive"),
        ([carrying(HET, copy=0), carrying(HET, start=200, copy=0)], AR, Sex.UNKNOWN, "carrier"),
        ([carrying(HEMI)], XL, Sex.MALE, "positive"),
        ([carrying(Zygosity.UNKNOWN)], XL, Sex.UNKNOWN, "carrier"),
        ([carrying(HET)], XL, Sex.FEMALE, "carrier"),
    ],
)
def test_statement(found: list[DescribedCall], inheritance: Inheritance, sex: Sex, expected: str) -> None:
    assert statement_of(found, inheritance, sex) == expected


@pytest.mark.parametrize(
    ("rule", "found", "expected"),
    [
        (ReportRule.ANY, [carrying(HET)], True),
        (ReportRule.BIALLELIC, [carrying(HET)], False),
        (ReportRule.BIALLELIC, [carrying(HOM)], True),
        (ReportRule.BIALLELIC, [carrying(HET), carrying(HET, start=200)], True),
        (ReportRule.HEMIZYGOUS_OR_BIALLELIC, [carrying(HET)], False),
        (ReportRule.HEMIZYGOUS_OR_BIALLELIC, [carrying(HEMI)], True),
        (ReportRule.TRUNCATING, [carrying(HET)], False),
        (ReportRule.TRUNCATING, [carrying(HET, consequence="frameshift_variant")], True),
        (ReportRule.HFE_C282Y_HOMOZYGOUS, [carrying(HOM)], False),
    ],
)
def test_the_rules_of_the_secondary_findings_list(
    rule: ReportRule, found: list[DescribedCall], expected: bool
) -> None:
    """ACMG SF v3.3, column "variants to report"."""
    assert reportable(rule, found) is expected

"""Second variants of a gene in the same person, as evidence for the first."""

import pytest

from service.domain.assembly import Assembly
from service.domain.assessment import DescribedCall
from service.domain.disease import Assertion
from service.domain.variant import MolecularDescription, Variant, VariantCall, Zygosity
from service.raredisease.evidence import Partner
from service.raredisease.partners import partners_of

PATHOGENIC = Assertion("ClinVar", "VCV1", "Pathogenic", "", 2, ())
LIKELY = Assertion("ClinVar", "VCV2", "Likely pathogenic", "", 1, ())
UNREVIEWED = Assertion("ClinVar", "VCV3", "Pathogenic", "", 0, ())


def carried(
    start: int, copy: int | None = None, gene: str = "PAH", zygosity: Zygosity = Zygosity.HETEROZYGOUS
) -> DescribedCall:
    variant = Variant(Assembly.GRCH38, "12", start, "C", "T")
    phased = copy is not None
    call = VariantCall(variant, zygosity, phased=phased, phase_set="1" if phased else None, copy=copy)
    return DescribedCall(call, MolecularDescription(variant, f"12:{start}:C:T", gene=gene))


@pytest.mark.parametrize(
    ("one", "other", "assertion", "expected"),
    [
        (carried(10, 0), carried(90, 1), PATHOGENIC, [Partner("pathogenic", True)]),
        (carried(10, 0), carried(90, 0), PATHOGENIC, [Partner("pathogenic", False)]),
        (carried(10), carried(90), LIKELY, [Partner("likely pathogenic", None)]),
        (carried(10), carried(90), UNREVIEWED, []),
        (carried(10), carried(90, gene="OTHER"), PATHOGENIC, []),
        (carried(10, zygosity=Zygosity.HOMOZYGOUS), carried(90), PATHOGENIC, []),
        (carried(10), carried(90, zygosity=Zygosity.UNKNOWN), PATHOGENIC, []),
    ],
    ids=["trans", "cis", "unknown phase", "unreviewed", "other gene", "homozygous", "zygosity unknown"],
)
def test_partners(
    one: DescribedCall, other: DescribedCall, assertion: Assertion, expected: list[Partner]
) -> None:
    others = [(one, (PATHOGENIC,)), (other, (assertion,))]
    assert list(partners_of(one, others, {})) == expected


def test_parents_tell_the_phase() -> None:
    one, other = carried(10), carried(90)
    origins = {("12", 10, "C", "T"): "father", ("12", 90, "C", "T"): "mother"}
    assert partners_of(one, [(other, (PATHOGENIC,))], origins) == (Partner("pathogenic", True),)

"""Which of a gene's variants the secondary-findings list reports. Source: ACMG SF v3.3 (Lee 2025), column
"variants to report"; only pathogenic and likely pathogenic ones come here, never an uncertain one."""

from collections.abc import Sequence

from service.domain.assessment import DescribedCall
from service.domain.case import Sex
from service.domain.gene import ReportRule
from service.domain.variant import Zygosity
from service.raredisease.inheritance import NO_ORIGINS, Copies, Origins, carriage_of

TRUNCATING = frozenset(
    {
        "frameshift_variant",
        "stop_gained",
        "splice_donor_variant",
        "splice_acceptor_variant",
        "transcript_ablation",
    }
)
# HFE p.Cys282Tyr, GRCh38, interbase. Source: ClinVar VCV000000009.
C282Y = ("6", 26092912, "G", "A")


def reported(
    rule: ReportRule, found: Sequence[DescribedCall], sex: Sex, origins: Origins = NO_ORIGINS
) -> list[DescribedCall]:
    """The variants of a gene that its rule lets be reported; empty when the genotype does not meet it.

    Two heterozygous variants count as two until they are shown to lie on one copy.
    """
    if rule is ReportRule.ANY:
        return list(found)
    if rule is ReportRule.TRUNCATING:
        return [d for d in found if TRUNCATING.intersection(d.description.consequences)]
    if rule is ReportRule.HFE_C282Y_HOMOZYGOUS:
        return [d for d in found if _is_c282y(d) and d.call.zygosity is Zygosity.HOMOZYGOUS]
    carriage = carriage_of(found, sex, origins)
    two = carriage.copies is Copies.ALL or (carriage.copies is Copies.UNSETTLED and carriage.several)
    return list(found) if two else []


def _is_c282y(entry: DescribedCall) -> bool:
    variant = entry.call.variant
    return (variant.chrom, variant.start, variant.ref, variant.alt) == C282Y

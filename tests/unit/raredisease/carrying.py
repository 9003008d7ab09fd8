"""Variants as one person carries them, for tests of inheritance and statements."""

from service.domain.assembly import Assembly
from service.domain.assessment import DescribedCall
from service.domain.gene import GeneDisease, Inheritance
from service.domain.variant import MolecularDescription, Variant, VariantCall, Zygosity


def carrying(
    zygosity: Zygosity,
    *,
    start: int = 100,
    copy: int | None = None,
    chrom: str = "1",
    line: int | None = None,
    alt: str = "G",
    consequence: str = "missense_variant",
    gene: str = "GENE1",
) -> DescribedCall:
    """A call with its consequence; `copy` puts it in phase set 1."""
    variant = Variant(Assembly.GRCH38, chrom, start, "A", alt)
    call = VariantCall(
        variant,
        zygosity,
        phased=copy is not None,
        phase_set="1" if copy is not None else None,
        copy=copy,
        line=line,
    )
    names = MolecularDescription(
        variant, f"{chrom}:{start}:A:{alt}", gene=gene, consequence=consequence, consequences=(consequence,)
    )
    return DescribedCall(call, names)


def a_pair(mode: Inheritance, *, term: str | None = None) -> GeneDisease:
    """A curated gene-disease pair."""
    return GeneDisease(
        "GENE1", "a disease", "MONDO:0000001", mode, "Definitive", None, "test", inheritance_term=term
    )

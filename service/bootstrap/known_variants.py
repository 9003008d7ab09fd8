"""Variants behind an rsID or a ClinVar variation, from the knowledge base."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from service.domain.assembly import Assembly
from service.domain.variant import Variant
from service.errors import InvalidVariant, UnknownReference

if TYPE_CHECKING:
    from service.domain.pgx import GeneDefinition
    from service.knowledge.clinvar import ClinVar


def known_variants(
    kind: str, value: str, assertions: "ClinVar", genes: Iterable["GeneDefinition"]
) -> Sequence[Variant]:
    """Variants on GRCh38 of an `rsid` (`rs4244285`) or a `variation` (`7105`); empty when none is known.

    Raises:
        InvalidVariant: it is known, and none of its records is a change of bases at a place.
    """
    if kind == "rsid":
        shown, found = value, assertions.of_rsid(value)
        sites = [
            Variant(Assembly.GRCH38, site.chrom, site.start, site.ref, alt)
            for gene in genes
            for site in gene.sites
            if site.rsid == value
            for alt in site.alts
        ]
    else:
        asserted = assertions.of_accession(value)
        shown, found, sites = f"ClinVar variation {value}", () if asserted is None else (asserted,), []
    placed = [(v.chrom, v.start, v.ref, v.alt) for v in found if v.start is not None]
    changes = [Variant(Assembly.GRCH38, *place) for place in placed if place[2] != place[3]]
    if placed and not changes and not sites:
        raise InvalidVariant(f"{shown} names the reference itself in ClinVar, not a change of it")
    if found and not placed and not sites:
        raise UnknownReference(f"{shown} is in the knowledge base without a place on GRCh38")
    return [*changes, *sites]

"""Alleles that are one change and named after it, under the names that databases give the change."""

import re
from collections.abc import Iterable
from dataclasses import replace

from service.domain.assembly import Assembly, accession
from service.domain.pgx import DefinitionSite, GeneDefinition, NamedAllele, PharmacogeneCall, VariantIdentity

# Others of MT-RNR1 (`m.961T>del+Cn`) are names, not HGVS.
_MITOCHONDRIAL = re.compile(r"m\.\d+[ACGT]>[ACGT]")


def with_identities(call: PharmacogeneCall, definition: GeneDefinition) -> PharmacogeneCall:
    """The call with the identities of the alleles that it names."""
    alleles = {allele.name: allele for allele in definition.alleles}
    sites = {site.start: site for site in definition.sites}
    found = {
        name: identity
        for name in dict.fromkeys(_named(call))
        if name in alleles and (identity := _identity(alleles[name], sites)) is not None
    }
    return replace(call, identities=found) if found else call


def _named(call: PharmacogeneCall) -> Iterable[str]:
    for diplotype in call.diplotypes:
        yield from diplotype.alleles
    yield from call.haplotypes


def _identity(allele: NamedAllele, sites: dict[int, DefinitionSite]) -> VariantIdentity | None:
    """None for star alleles, which are haplotypes also where one site defines them, and for references."""
    if allele.name.startswith("*") or allele.reference:
        return None
    if _MITOCHONDRIAL.fullmatch(allele.name):
        return VariantIdentity(f"{accession(Assembly.GRCH38, 'MT')}:{allele.name}")
    if len(changed := [(s, b) for s, b in allele.bases.items() if s in sites and b != sites[s].ref]) != 1:
        return None
    start, base = changed[0]
    site = sites[start]
    if base not in site.alts:
        return None
    number = site.alts.index(base)
    name = f"{accession(Assembly.GRCH38, site.chrom)}:{site.hgvs[number]}"
    clinvar = site.clinvar[number] if site.clinvar else ""
    return VariantIdentity(name, site.rsid, clinvar or None)

"""Sentences that say what a pharmacogene's answer rests on, and what could not be seen."""

from collections.abc import Iterator, Sequence

from service.domain.assembly import Assembly
from service.domain.case import InterpretOptions, Sex
from service.domain.pgx import GeneDefinition
from service.pgx.reading import GeneReading
from service.pgx.site_view import SiteGenotype

MOST_NAMED = 12
NOT_FROM_VCF = (
    "{gene} is not called from this input: it needs a result of a dedicated caller, given as an outside call."
)
CYP2D6_ON_REQUEST = (
    "CYP2D6 is not called from this input: copy number, gene conversions and hybrids cannot be seen in it. "
    "Give the result of a dedicated caller, or ask for a call from single-base and indel variants alone."
)
CYP2D6_LIMITS = (
    "CYP2D6 was called from single-base and indel variants alone: deletions (*5), duplications and hybrids "
    "with CYP2D7 would not be seen, so the real activity may be lower or higher."
)
NOTHING_READ = "No position of {gene} was read, so nothing can be said about it."


def listed(names: Sequence[str]) -> str:
    """Names joined by commas, cut after some.

    >>> listed(["a", "b"])
    'a, b'
    """
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED} more"


def site_notes(
    reading: GeneReading, uncallable: Sequence[str], assembly: Assembly, options: InterpretOptions
) -> Iterator[str]:
    """What the sites themselves give cause to say."""
    definition = reading.gene.definition
    missing = reading.missing
    if missing:
        count = f"{len(missing)} of {len(reading.genotypes)} {definition.gene} positions were not read"
        if uncallable:
            yield f"{count}; alleles that could therefore not be seen: {listed(list(uncallable))}."
        else:
            yield f"{count}; no allele depends on them alone."
        tier1 = frozenset(definition.exemptions.get("amp_tier1_positions", ()))
        key = [g.view.name for g in missing if g.start in tier1]
        if key:
            yield f"Among them are positions that every test should read (AMP tier 1): {listed(key)}."
    yield from _refused(reading.genotypes)
    yield from _undocumented(reading)
    assumed = [g for g in reading.genotypes if g.result.status == "assumed-reference"]
    if assumed:
        yield f"{len(assumed)} positions without a call were read as reference, as the caller asked."
    if assembly is Assembly.GRCH37:
        yield from _swapped(reading.genotypes, options)


def _refused(genotypes: Sequence[SiteGenotype]) -> Iterator[str]:
    for genotype in genotypes:
        if genotype is genotype.view.reference_genotype:
            continue
        result = genotype.result
        if result.status in ("filtered", "discarded", "contradictory"):
            yield f"{genotype.view.name} was not used: {result.reason}."
        elif result.status in ("called", "no-call") and result.reason:
            yield f"{genotype.view.name}: {result.reason}."


def _undocumented(reading: GeneReading) -> Iterator[str]:
    for genotype in reading.genotypes:
        if genotype is genotype.view.reference_genotype:
            continue
        if genotype.replaced:
            alleles = listed([f"{genotype.view.site.ref}>{allele}" for allele in genotype.replaced])
            yield (
                f"{genotype.view.name} carries a change that no allele table lists ({alleles}). The method "
                "reads it as reference; what it does to the protein is not known."
            )
        elif any(b is not None and b not in genotype.view.documented for b in genotype.bases):
            yield f"{genotype.view.name} carries a change that no allele table lists."


def _swapped(genotypes: Sequence[SiteGenotype], options: InterpretOptions) -> Iterator[str]:
    for genotype in genotypes:
        view = genotype.view
        if not view.swapped or genotype.result.status not in ("missing", "assumed-reference"):
            continue
        yield (
            f"At {view.name} the reference base of GRCh37 ({view.ref}) is not that of GRCh38 "
            f"({view.site.ref}); a variants-only file of GRCh37 leaves out people who carry {view.ref}"
            + (", and it was read as that." if options.assume_reference_for_missing else ".")
        )


def hemizygosity_note(definition: GeneDefinition, reading: GeneReading, sex: Sex) -> Iterator[str]:
    """X-linked genes with two alleles called in a person whose sex is not known."""
    if definition.chrom == "X" and sex is Sex.UNKNOWN and not reading.haploid:
        yield (
            f"Sex is not stated. {definition.gene} lies on X: a male has one copy, so two equal alleles in a "
            "male are one, and the phenotype is that of a hemizygous person."
        )


def allele_notes(definition: GeneDefinition, names: Sequence[str]) -> Iterator[str]:
    """What the facts note about the alleles found."""
    facts = {allele.name: allele for allele in definition.alleles}
    found = [facts[name] for name in dict.fromkeys(names) if name in facts]
    for allele in found:
        if allele.note:
            yield f"{definition.gene} {allele.name}: {allele.note}."
    without = [allele.name for allele in found if allele.function is None]
    if without and definition.rules:
        yield f"CPIC has not assigned a function to {definition.gene} {listed(without)}."

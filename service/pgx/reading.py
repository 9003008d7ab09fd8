"""One gene of one sample, ready for matching: what is known per site, and which sites move together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from service.domain.case import Sex
from service.pgx.alleles import PreparedGene
from service.pgx.merge import HALF_CALL, ONE_RECORD
from service.pgx.site_view import SiteGenotype

# (GRCh38 start, allele on side 0, allele on side 1); None is a strand that was not called.
Difference = tuple[int, str | None, str | None]


@dataclass(frozen=True)
class Block:
    """Heterozygous sites whose phase is known among each other: one binary choice of side."""

    sites: tuple[Difference, ...]


@dataclass(frozen=True)
class GeneReading:
    """What was read of a gene. `haploid` samples have one strand.

    A candidate haplotype sequence is a choice of side per block; its complement is the other strand. So
    alleles are compared with blocks, never with the 2^n sequences.
    """

    gene: PreparedGene
    genotypes: tuple[SiteGenotype, ...]

    @cached_property
    def by_start(self) -> dict[int, SiteGenotype]:
        """Sites that were read, by GRCh38 start."""
        return {g.start: g for g in self.genotypes if g.bases}

    @cached_property
    def missing(self) -> tuple[SiteGenotype, ...]:
        """Sites that were not read."""
        return tuple(g for g in self.genotypes if not g.bases)

    @cached_property
    def available(self) -> frozenset[int]:
        """GRCh38 starts of the sites that were read."""
        return frozenset(self.by_start)

    @cached_property
    def haploid(self) -> bool:
        """Whether every site has one strand."""
        return bool(self.by_start) and all(len(g.bases) == 1 for g in self.by_start.values())

    @cached_property
    def partial(self) -> tuple[SiteGenotype, ...]:
        """Sites of which one strand is unknown."""
        return tuple(g for g in self.by_start.values() if g.partial)

    @cached_property
    def fixed(self) -> dict[int, str]:
        """Alleles at sites where all strands agree."""
        return {
            s: g.bases[0] for s, g in self.by_start.items() if not g.heterozygous and g.bases[0] is not None
        }

    @cached_property
    def fixed_changes(self) -> dict[int, str]:
        """Those of `fixed` that differ from the definition's reference."""
        references = self.gene.references
        return {start: base for start, base in self.fixed.items() if base != references[start]}

    @cached_property
    def at_reference(self) -> frozenset[int]:
        """Those sites where all strands have the definition's reference base."""
        return frozenset(self.fixed.keys() - self.fixed_changes.keys())

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The global phase block, phase sets, and unphased heterozygous sites, each one choice."""
        grouped: dict[object, list[Difference]] = {}
        for start, genotype in self.by_start.items():
            if genotype.heterozygous:
                key: object = start if not genotype.phased else (genotype.phase_set,)
                grouped.setdefault(key, []).append((start, genotype.bases[0], genotype.bases[1]))
        return tuple(Block(tuple(sites)) for sites in grouped.values())

    @property
    def effectively_phased(self) -> bool:
        """At most two sequences are possible."""
        return len(self.blocks) <= 1

    @cached_property
    def uses_phase_sets(self) -> bool:
        """Whether any heterozygous site is phased within a phase set of the file."""
        return any(
            g.heterozygous and g.phase_set is not None and not g.phase_set.startswith(ONE_RECORD)
            for g in self.by_start.values()
        )

    def block_of(self, start: int) -> int | None:
        """The number of the block that a site is in; None when it is not heterozygous."""
        for number, block in enumerate(self.blocks):
            if any(site[0] == start for site in block.sites):
                return number
        return None

    def excluding(self, starts: frozenset[int]) -> "GeneReading":
        """The same reading without some sites."""
        return GeneReading(self.gene, tuple(g for g in self.genotypes if g.start not in starts))

    def sequence(self, sides: Sequence[int]) -> dict[int, str | None]:
        """Alleles by site for one choice of side (0 or 1) per block."""
        answer: dict[int, str | None] = dict(self.fixed)
        for block, side in zip(self.blocks, sides, strict=True):
            for start, *bases in block.sites:
                answer[start] = bases[side]
        return answer


def reading_of(
    gene: PreparedGene, genotypes: Sequence[SiteGenotype], *, undocumented_as_reference: bool, sex: Sex
) -> GeneReading:
    """The reading of a gene, with undocumented alleles replaced where its method says so."""
    if undocumented_as_reference:
        genotypes = [_documented(genotype) for genotype in genotypes]
    if gene.definition.chrom == "X":
        genotypes = _of_one_ploidy(genotypes, may_be_one_copy=sex is not Sex.FEMALE)
    return GeneReading(gene, tuple(genotypes))


def _documented(genotype: SiteGenotype) -> SiteGenotype:
    view = genotype.view
    if genotype is view.reference_genotype:
        return genotype
    foreign = tuple(b for b in genotype.bases if b is not None and b not in view.documented)
    if not foreign:
        return genotype
    bases = tuple(view.site.ref if base in foreign else base for base in genotype.bases)
    return replace(genotype, bases=bases, replaced=foreign)


def _of_one_ploidy(genotypes: Sequence[SiteGenotype], *, may_be_one_copy: bool) -> Sequence[SiteGenotype]:
    """On X, one-allele and two-allele sites may be mixed; equal alleles then are one copy.

    Where each of several sites has one allele, `./1` is one copy too; among whole calls it is half of one.
    """
    read = [g for g in genotypes if g.bases]
    if may_be_one_copy and len(read) > 1 and all(len(g.bases) - g.bases.count(None) == 1 for g in read):
        return [replace(g, bases=_known(g), phased=True, phase_set=None) if g.bases else g for g in genotypes]
    genotypes = [_without_half_reference(g) for g in genotypes]
    ploidies = {len(g.bases) for g in genotypes if g.bases}
    if ploidies != {1, 2}:
        return genotypes
    if any(g.heterozygous for g in genotypes):
        return [
            replace(g, bases=(*g.bases, None), phased=False) if len(g.bases) == 1 else g for g in genotypes
        ]
    return [replace(g, bases=g.bases[:1]) for g in genotypes]


def _known(genotype: SiteGenotype) -> tuple[str | None, ...]:
    return tuple(base for base in genotype.bases if base is not None)


def _without_half_reference(genotype: SiteGenotype) -> SiteGenotype:
    """Missing, where one strand is reference and the other unknown."""
    view = genotype.view
    if not genotype.partial or view.site.ref not in genotype.bases:
        return genotype
    return replace(genotype, bases=(), result=view.result("no-call", (), HALF_CALL))

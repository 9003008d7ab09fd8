"""A definition site as one assembly sees it, prepared once: where to look, which bases count."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from service.domain.assembly import Assembly
from service.domain.pgx import DefinitionSite, GeneDefinition, SiteResult
from service.pgx.spelling import Edit, edit_of, left_aligned

# Other spellings of an indel are looked for this far around it.
WINDOW = 60


@dataclass(frozen=True)
class SiteView:
    """One site in the input's assembly.

    `start` and `ref` are the assembly's; `documented` are the allele strings of the definition (GRCh38
    reference first), which are the same on both assemblies. `swapped` marks a site whose reference base
    differs between the assemblies. A change that a neighbour documents is an allele of the neighbour: here it
    leaves the reference, as the definition's rows have it.
    """

    site: DefinitionSite
    start: int
    ref: str
    documented: tuple[str, ...]
    swapped: bool
    context: dict[int, str] = field(default_factory=dict)
    # Longer sites of the same gene that share bases with this one.
    neighbours: "tuple[SiteView, ...]" = ()
    # Start and reference bases of the site that this is one base of, where bases change together.
    block: tuple[int, str] | None = None

    @property
    def chrom(self) -> str:
        """Chromosome without prefix."""
        return self.site.chrom

    @cached_property
    def end(self) -> int:
        """Interbase end of the reference bases."""
        return self.start + len(self.ref)

    @cached_property
    def place(self) -> tuple[str, int]:
        """Chromosome and start, as records are indexed."""
        return self.site.chrom, self.start

    @cached_property
    def single_base(self) -> bool:
        """Whether every allele is one base."""
        return all(len(allele) == 1 for allele in self.documented)

    @cached_property
    def substitution(self) -> bool:
        """Whether several bases are replaced one for one."""
        return len(self.ref) > 1 and all(len(allele) == len(self.ref) for allele in self.documented)

    @cached_property
    def name(self) -> str:
        """GRCh38 place as `chrom:pos`, 1-based."""
        return f"{self.site.chrom}:{self.site.start + 1}"

    @cached_property
    def missing(self) -> SiteResult:
        """The result of a site that the input does not mention."""
        return self.result("missing", (), "no record and no reference block covers it")

    @cached_property
    def reference_genotype(self) -> "SiteGenotype":
        """The everyday reading: two copies of the reference base."""
        return SiteGenotype(self, self.homozygous[self.ref], (self.ref, self.ref))

    @cached_property
    def homozygous(self) -> dict[str, SiteResult]:
        """Ready results of two equal alleles."""
        return {a: self.result("called", (a, a), None) for a in (self.ref, *self.documented)}

    def result(self, status: str, bases: tuple[str | None, ...], reason: str | None) -> SiteResult:
        """A result at this site."""
        return SiteResult(self.site.chrom, self.site.start + 1, self.site.rsid, status, bases, reason)

    def edits(self, base_at: Callable[[int], str | None]) -> Mapping[Edit, str]:
        """Left-aligned edits of the assembly's reference -> the definition's allele strings."""
        return {
            left_aligned(edit_of(self.start, self.ref, allele), base_at): allele
            for allele in self.documented
            if allele != self.ref
        }


@dataclass(frozen=True, slots=True)
class SiteGenotype:
    """One site as read. `bases` has one entry per strand (None: that strand is unknown); empty when missing.

    `phase_set` is None within one global phase block. `replaced` are undocumented alleles read as reference.
    """

    view: SiteView
    result: SiteResult
    bases: tuple[str | None, ...] = ()
    phased: bool = True
    phase_set: str | None = None
    replaced: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        """GRCh38 interbase start."""
        return self.view.site.start

    @property
    def read(self) -> bool:
        """Whether there is anything to match."""
        return bool(self.bases)

    @property
    def partial(self) -> bool:
        """Whether one strand is known and the other not."""
        return None in self.bases

    @property
    def heterozygous(self) -> bool:
        """Whether the strands differ (a strand that is not known differs from one that is)."""
        return len(self.bases) == 2 and self.bases[0] != self.bases[1]


def views_of(
    definition: GeneDefinition, assembly: Assembly
) -> tuple[tuple[SiteView, ...], tuple[SiteView, ...]]:
    """(defining sites, extra sites) of a gene as the assembly sees them, in the definition's order."""
    views = [_view(site, definition, assembly) for site in definition.sites]
    longer = [view for view in views if not view.single_base]
    return (
        tuple(replace(view, neighbours=_neighbours(view, longer)) for view in views),
        tuple(_view(site, definition, assembly) for site in definition.extra_sites),
    )


def _neighbours(view: SiteView, longer: Sequence[SiteView]) -> tuple[SiteView, ...]:
    return tuple(
        other for other in longer if other is not view and other.start < view.end and other.end > view.start
    )


def _view(site: DefinitionSite, definition: GeneDefinition, assembly: Assembly) -> SiteView:
    documented = (site.ref, *site.alts)
    if assembly is Assembly.GRCH38 or site.grch37 is None:
        return SiteView(
            site, site.start, site.ref, documented, False, _context(site, 0, definition, assembly)
        )
    start, ref, _ = site.grch37
    context = _context(site, start - site.start, definition, assembly)
    return SiteView(site, start, ref, documented, ref != site.ref, context)


def _context(
    site: DefinitionSite, offset: int, definition: GeneDefinition, assembly: Assembly
) -> dict[int, str]:
    """Reference bases around an indel site; on GRCh37 those of swapped neighbours are GRCh37's."""
    if site.context is None:
        return {}
    first, bases = site.context
    found = {first + offset + i: base for i, base in enumerate(bases)}
    if assembly is Assembly.GRCH37:
        for other in definition.sites:
            if other.grch37 and other.grch37[1] != other.ref and other.grch37[0] in found:
                found[other.grch37[0]] = other.grch37[1]
    return found

"""A gene prepared for matching: named alleles as the cells in which they are defined."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from service.domain.assembly import Assembly
from service.domain.pgx import GeneDefinition, NamedAllele
from service.pgx.site_view import SiteView, views_of

# Source: IUPAC nucleotide ambiguity codes (Cornish-Bowden 1985, doi:10.1093/nar/13.9.3021).
IUPAC = {
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip


def allowed_bases(cell: str) -> frozenset[str]:
    """Base strings that a cell stands for: one-letter ambiguity codes are expanded, all else is literal.

    >>> sorted(allowed_bases("R")), sorted(allowed_bases("CAT"))
    (['A', 'G'], ['CAT'])
    """
    return frozenset(IUPAC.get(cell, (cell,)))


@dataclass(frozen=True)
class AllelePattern:
    """One named allele. `cells` are the sites where it may differ from the reference base.

    `whole` marks rows that define every site (the reference allele, and full rows): outside `cells` they
    demand the reference base. Others demand it there only where blank cells count as reference. `core` are
    the sites that the allele defines; none for the reference allele. `changed` are the cells that do not
    allow the reference base.
    """

    name: str
    cells: Mapping[int, frozenset[str]]
    ambiguous: frozenset[int]
    whole: bool
    reference: bool
    core: frozenset[int]
    changed: frozenset[int]


@dataclass(frozen=True)
class PreparedGene:
    """A definition with its sites seen from both assemblies and its callable alleles as patterns."""

    definition: GeneDefinition
    patterns: tuple[AllelePattern, ...]
    references: Mapping[int, str]

    @classmethod
    def of(cls, definition: GeneDefinition) -> "PreparedGene":
        """Prepare once per release."""
        references = {site.start: site.ref for site in definition.sites}
        hidden = frozenset(definition.exemptions.get("hidden_alleles", ()))
        patterns = tuple(
            _pattern(allele, references)
            for allele in definition.alleles
            if not allele.structural and allele.bases and allele.name not in hidden
        )
        return cls(definition, patterns, references)

    @cached_property
    def _views(self) -> dict[Assembly, tuple[tuple[SiteView, ...], tuple[SiteView, ...]]]:
        return {assembly: views_of(self.definition, assembly) for assembly in Assembly}

    def views(self, assembly: Assembly) -> tuple[SiteView, ...]:
        """Defining sites as the assembly sees them."""
        return self._views[assembly][0]

    def extra_views(self, assembly: Assembly) -> tuple[SiteView, ...]:
        """Sites that a guideline asks for and no allele is defined by."""
        return self._views[assembly][1]

    @cached_property
    def reference(self) -> AllelePattern:
        """The reference allele."""
        return next(pattern for pattern in self.patterns if pattern.reference)

    @cached_property
    def alleles(self) -> Mapping[str, NamedAllele]:
        """Facts by allele name."""
        return {allele.name: allele for allele in self.definition.alleles}

    def reported_name(self, name: str) -> str:
        """The name that a sub-allele is reported under."""
        answer: str = self.definition.exemptions.get("reported_as", {}).get(name, name)
        return answer


def _pattern(allele: NamedAllele, references: Mapping[int, str]) -> AllelePattern:
    whole = allele.reference or len(allele.bases) == len(references)
    cells = {
        start: allowed_bases(cell)
        for start, cell in allele.bases.items()
        if not whole or cell != references[start]
    }
    return AllelePattern(
        name=allele.name,
        cells=cells,
        ambiguous=frozenset(start for start, allowed in cells.items() if len(allowed) > 1),
        whole=whole,
        reference=allele.reference,
        core=frozenset() if allele.reference else frozenset(allele.bases),
        changed=frozenset(start for start, allowed in cells.items() if references[start] not in allowed),
    )


def without(patterns: Iterable[AllelePattern], names: frozenset[str]) -> tuple[AllelePattern, ...]:
    """Patterns other than those named."""
    return tuple(pattern for pattern in patterns if pattern.name not in names)

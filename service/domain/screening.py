"""Where a genome is looked at: the sorted site indexes that screen raw records."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from service.domain.assembly import Assembly
from service.domain.variant import Interval


@dataclass(frozen=True, slots=True)
class Spans:
    """Interbase intervals of one chromosome: sorted, disjoint; two buffers of 32-bit integers."""

    starts: memoryview
    ends: memoryview

    def __post_init__(self) -> None:
        if len(self.starts) != len(self.ends):
            raise ValueError("as many starts as ends are needed")

    @classmethod
    def merged(cls, intervals: Iterable[tuple[int, int]]) -> Self:
        """Spans that cover the given (start, end) pairs, which may overlap and come in any order.

        >>> spans = Spans.merged([(8, 12), (1, 4), (3, 6)])
        >>> list(spans.starts), list(spans.ends)
        ([1, 8], [6, 12])
        """
        starts, ends = array("i"), array("i")
        for start, end in sorted(intervals):
            if ends and start <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                starts.append(start)
                ends.append(end)
        return cls(memoryview(starts), memoryview(ends))

    def __len__(self) -> int:
        return len(self.starts)


NO_SPANS = Spans.merged(())


@dataclass(frozen=True, slots=True)
class KnownSite:
    """A pharmacogene position whose reference bases are known: evidence of the assembly of a file."""

    chrom: str
    start: int
    ref: str
    rsid: str | None = None


@dataclass(frozen=True, slots=True)
class ScreenIndex:
    """Intervals of interest in both assemblies, by (assembly, chromosome).

    `every`: all records are kept, reference genotypes included (pharmacogene sites). `carriers`: records are
    kept where the sample carries an alternate allele (asserted variants, exons of disease genes). `coding`
    are those and the exons of all other genes, for who looks for a gene that no disease is known for.
    """

    every: Mapping[tuple[Assembly, str], Spans]
    carriers: Mapping[tuple[Assembly, str], Spans]
    known_sites: Mapping[Assembly, tuple[KnownSite, ...]] = field(default_factory=dict)
    coding: Mapping[tuple[Assembly, str], Spans] = field(default_factory=dict)

    def of_every_gene(self) -> "ScreenIndex":
        """The same index, with carriers kept in the exons of every gene."""
        return replace(self, carriers=self.coding)

    @classmethod
    def of(
        cls,
        assembly: Assembly,
        *,
        every: Iterable[Interval] = (),
        carriers: Iterable[Interval] = (),
        known_sites: Iterable[KnownSite] = (),
    ) -> Self:
        """An index of a few intervals in one assembly."""
        return cls(
            {(assembly, chrom): spans for chrom, spans in _by_chromosome(every).items()},
            {(assembly, chrom): spans for chrom, spans in _by_chromosome(carriers).items()},
            {assembly: tuple(known_sites)},
        )


def _by_chromosome(intervals: Iterable[Interval]) -> dict[str, Spans]:
    pairs: dict[str, list[tuple[int, int]]] = {}
    for interval in intervals:
        pairs.setdefault(interval.chrom, []).append((interval.start, interval.end))
    return {chrom: Spans.merged(spans) for chrom, spans in pairs.items()}

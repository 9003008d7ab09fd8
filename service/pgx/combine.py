"""Several named alleles on one strand, and changes that no allele names.

Used where no single allele explains a strand: behind a switch for most genes, always for those whose
guidance rests on the component of lowest function.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

from service.pgx.alleles import AllelePattern
from service.pgx.names import combination_name, name_key
from service.pgx.reading import GeneReading

# Alleles of one candidate sequence by GRCh38 start; None is a strand that was not called.
Alleles = Mapping[int, str | None]

# Sequences double with each block; beyond this many blocks they are not enumerated.
MOST_BLOCKS = 10
UNKNOWN_STRAND = (
    "At {places} only one of the two alleles was called: what the other strand carries there is not known, "
    "and the result may understate it."
)


@dataclass(frozen=True, slots=True)
class Strand:
    """What lies on one strand: named alleles, and the g. names of changes that no allele explains."""

    components: tuple[str, ...]
    partials: tuple[str, ...] = ()
    score: int = 0

    @property
    def name(self) -> str:
        """One name, or `[A + B]`."""
        return combination_name(self.components, self.partials)


@dataclass(frozen=True, slots=True)
class StrandPair:
    """What lies on each strand of a sample; one entry when it is haploid."""

    strands: tuple[Strand, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(sorted((strand.name for strand in self.strands), key=name_key))


def unknown_strands(reading: GeneReading) -> tuple[str, ...]:
    """A sentence on sites of which one strand is unknown; empty when there are none."""
    places = ", ".join(genotype.view.name for genotype in reading.partial)
    return (UNKNOWN_STRAND.format(places=places),) if places else ()


def too_many_sequences(reading: GeneReading) -> bool:
    """Whether the candidate sequences are too many to go through one by one."""
    return len(reading.blocks) > MOST_BLOCKS


def strand_pairs(reading: GeneReading, strands_on: Callable[[Alleles], Sequence[Strand]]) -> list[StrandPair]:
    """Every pair of strands that lie on complementary sequences, without repeats, in name order.

    The reading must not have more than MOST_BLOCKS blocks.
    """
    found: dict[tuple[str, ...], StrandPair] = {}
    for here, there in complementary_sequences(reading):
        ours = strands_on(here)
        if reading.haploid:
            pairs: Iterable[tuple[Strand, ...]] = ((strand,) for strand in ours)
        elif not reading.blocks:
            pairs = combinations_with_replacement(ours, 2)
        else:
            pairs = product(ours, strands_on(there))
        for strands in pairs:
            pair = StrandPair(tuple(sorted(strands, key=lambda strand: name_key(strand.name))))
            found.setdefault(pair.names, pair)
    return sorted(found.values(), key=lambda pair: [name_key(name) for name in pair.names])


def complementary_sequences(reading: GeneReading) -> Iterator[tuple[Alleles, Alleles]]:
    """Each unordered pair of complementary sequences once; for homozygous data the one sequence, twice."""
    free = max(0, len(reading.blocks) - 1)
    for rest in product((0, 1), repeat=free):
        sides = (0, *rest) if reading.blocks else ()
        yield reading.sequence(sides), reading.sequence([1 - side for side in sides])


def combinations_on(
    sequence: Alleles, reading: GeneReading, patterns: Sequence[AllelePattern]
) -> list[Strand]:
    """Sets of alleles that a sequence carries together; blank cells of alleles match anything."""
    references = reading.gene.references
    at_reference = frozenset(start for start, base in sequence.items() if base == references[start])
    covered = [
        pattern
        for pattern in patterns
        if not pattern.reference
        and pattern.changed.isdisjoint(at_reference)
        and (core := pattern.core & reading.available)
        and all(_carries(pattern, start, sequence, reading) for start in core)
    ]
    sets = _greedy(covered, reading) if len(covered) > 1 else [covered]
    return [_strand(members, sequence, reading) for members in sets]


def _carries(pattern: AllelePattern, start: int, sequence: Alleles, reading: GeneReading) -> bool:
    allowed = pattern.cells.get(start)
    base = sequence[start]
    return base == reading.gene.references[start] if allowed is None else base in allowed


def _greedy(covered: Sequence[AllelePattern], reading: GeneReading) -> list[list[AllelePattern]]:
    """Sets without shared sites, larger alleles first; one that shares sites with a larger is swallowed."""
    available = reading.available
    sets: list[list[AllelePattern]] = []
    for pattern in sorted(covered, key=lambda p: (-len(p.core & available), name_key(p.name))):
        core = pattern.core & available
        placed = False
        for members in sets:
            shared = [m for m in members if m.core & core]
            if not shared:
                members.append(pattern)
                placed = True
            elif any(len(m.core & available) != len(core) for m in shared):
                placed = True
        if not placed:
            sets.append([pattern])
    return sets


def _strand(members: Sequence[AllelePattern], sequence: Alleles, reading: GeneReading) -> Strand:
    explained = frozenset[int]().union(*(member.core for member in members))
    references = reading.gene.references
    left = [
        start
        for start, base in sequence.items()
        if base is not None and base != references[start] and start not in explained
    ]
    partials = tuple(_change_name(reading, start, str(sequence[start])) for start in sorted(left))
    if members:
        components = tuple(sorted((member.name for member in members), key=name_key))
    else:
        components = () if partials else (reading.gene.reference.name,)
    score = sum(len(member.core & reading.available) for member in members)
    if not members and not partials:
        score = len(reading.available)
    return Strand(components, partials, score - len(partials))


def _change_name(reading: GeneReading, start: int, allele: str) -> str:
    site = reading.by_start[start].view.site
    if allele in site.alts:
        return site.hgvs[site.alts.index(allele)]
    return f"g.{start + 1}{site.ref}>{allele}"

"""Named alleles against one sample: which fit, which pairs explain both strands, which pair scores best.

A sequence is a choice of side per block (see `GeneReading`), and complementary sequences choose opposite
sides everywhere. So an allele fits as a pair of bit masks, the blocks whose side 0 (and 1) it allows, and a
pair is complementary when in every block one of the two ways round is allowed. Nothing is enumerated: thirty
unphased sites are thirty bits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

from service.pgx.alleles import AllelePattern
from service.pgx.names import name_key
from service.pgx.reading import GeneReading


@dataclass(frozen=True, slots=True)
class Fit:
    """An allele that fits at least one sequence. `side0` and `side1` are bit masks over blocks.

    `score` is the number of available sites that it defines, less one for each ambiguous cell where every
    sequence has the reference base. `doubt` holds (block, side) for ambiguous cells whose reference base
    lies on one side.
    """

    pattern: AllelePattern
    side0: int
    side1: int
    score: int
    doubt: tuple[tuple[int, int], ...] = ()

    def free(self, everything: int) -> bool:
        """Whether the allele fits every sequence."""
        return self.side0 & self.side1 == everything


@dataclass(frozen=True, slots=True)
class Match:
    """A pair of alleles (or one, in a haploid sample) that explains the sample, and its score."""

    names: tuple[str, ...]
    score: int


def defined_sites(pattern: AllelePattern, reading: GeneReading) -> int:
    """How many of the sites that were read an allele defines."""
    if pattern.whole:
        return len(reading.available)
    return sum(start in reading.available for start in pattern.cells)


def fits(
    patterns: Iterable[AllelePattern], reading: GeneReading, *, blanks_are_reference: bool = True
) -> list[Fit]:
    """Alleles that fit some sequence and define at least one site that was read."""
    return [
        fit
        for pattern in patterns
        if (fit := fit_of(pattern, reading, blanks_are_reference=blanks_are_reference)) is not None
    ]


def fit_of(pattern: AllelePattern, reading: GeneReading, *, blanks_are_reference: bool) -> Fit | None:
    """How one allele fits; None when it does not, or none of its sites was read."""
    if not pattern.changed.isdisjoint(reading.at_reference):
        return None
    cells, references = pattern.cells, reading.gene.references
    demands_reference = pattern.whole or blanks_are_reference
    if demands_reference and any(start not in cells for start in reading.fixed_changes):
        return None
    fixed = reading.fixed
    if any(start in fixed and fixed[start] not in allowed for start, allowed in cells.items()):
        return None
    score = defined_sites(pattern, reading)
    if score == 0:
        return None
    score -= sum(fixed.get(start) == references[start] for start in pattern.ambiguous)
    sides = _sides(pattern, reading, demands_reference=demands_reference)
    if sides is None:
        return None
    doubt = tuple(
        (number, side)
        for number, block in enumerate(reading.blocks)
        for start, *bases in block.sites
        if start in pattern.ambiguous
        for side in (0, 1)
        if bases[side] == references[start]
    )
    return Fit(pattern, *sides, score, doubt)


def _sides(
    pattern: AllelePattern, reading: GeneReading, *, demands_reference: bool
) -> tuple[int, int] | None:
    """Bit masks of the blocks whose side 0 and side 1 the allele allows; None if it allows neither of one."""
    side0 = side1 = 0
    for number, block in enumerate(reading.blocks):
        allows0 = allows1 = True
        for start, base0, base1 in block.sites:
            allowed = pattern.cells.get(start)
            if allowed is None:
                if not demands_reference:
                    continue
                allowed = frozenset((reading.gene.references[start],))
            allows0 = allows0 and base0 in allowed
            allows1 = allows1 and base1 in allowed
        if not (allows0 or allows1):
            return None
        side0 |= allows0 << number
        side1 |= allows1 << number
    return side0, side1


def complementary(first: Fit, second: Fit, everything: int) -> bool:
    """Whether the two can lie on opposite strands: in every block one way round is allowed."""
    return (first.side0 & second.side1) | (first.side1 & second.side0) == everything


def pair_score(first: Fit, second: Fit, blocks: int) -> int:
    """The best score over all complementary sequence pairs of two alleles that are complementary."""
    total = first.score + second.score
    if not first.doubt and not second.doubt:
        return total
    everything = (1 << blocks) - 1
    if first is second:
        return total - len(first.doubt)
    # An allele that fits both sequences of any pair is never held to the reference base of one.
    doubts = [() if fit.free(everything) else fit.doubt for fit in (first, second)]
    for number in range(blocks):
        bit = 1 << number
        losses = []
        if first.side0 & second.side1 & bit:
            losses.append(_loss(doubts[0], number, 0) + _loss(doubts[1], number, 1))
        if first.side1 & second.side0 & bit:
            losses.append(_loss(doubts[0], number, 1) + _loss(doubts[1], number, 0))
        total -= min(losses)
    return total


def _loss(doubt: Sequence[tuple[int, int]], number: int, side: int) -> int:
    return sum(entry == (number, side) for entry in doubt)


def matches(found: Sequence[Fit], reading: GeneReading) -> list[Match]:
    """All pairs that explain the sample, best score first, then by name."""
    blocks = len(reading.blocks)
    if reading.haploid:
        answer = [Match((fit.pattern.name,), fit.score) for fit in found]
    else:
        everything = (1 << blocks) - 1
        answer = [
            Match(_named(first, second), pair_score(first, second, blocks))
            for first, second in combinations_with_replacement(found, 2)
            if complementary(first, second, everything)
        ]
    return sorted(answer, key=lambda match: (-match.score, *(name_key(name) for name in match.names)))


def _named(first: Fit, second: Fit) -> tuple[str, str]:
    names = sorted((first.pattern.name, second.pattern.name), key=name_key)
    return names[0], names[1]


def best(found: Sequence[Match]) -> list[Match]:
    """Those with the top score."""
    return [match for match in found if match.score == found[0].score]

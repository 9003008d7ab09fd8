"""DPYD: HapB3 is told from its intronic cause and its exonic tag together.

Source: CPIC fluoropyrimidines 2017, doi:10.1002/cpt.911; PharmVar DPYD.
c.1129-5923C>G causes the loss of function; c.1236G>A is a tag that can be seen without it.
"""

from dataclasses import dataclass, field

from service.domain.case import InterpretOptions
from service.pgx.alleles import without
from service.pgx.combine import Alleles, Strand, combinations_on, strand_pairs, unknown_strands
from service.pgx.genes import lowest_function
from service.pgx.outcome import GeneOutcome
from service.pgx.reading import GeneReading

INTRONIC_SITE, INTRONIC_BASE = 97579892, "C"  # rs75017182, interbase
EXONIC_SITE, EXONIC_BASE = 97573862, "T"  # rs56038477, interbase
HAPB3 = "c.1129-5923C>G, c.1236G>A (HapB3)"
INTRONIC = "c.1129-5923C>G"
SITES = frozenset((INTRONIC_SITE, EXONIC_SITE))

EXONIC_ONLY = (
    "HapB3 is inferred from its exonic tag c.1236G>A alone: the intronic variant c.1129-5923C>G, which "
    "causes the loss of function, was not read."
)
MISMATCH = (
    "The exonic HapB3 tag c.1236G>A was found without the intronic variant c.1129-5923C>G that causes the "
    "loss of function; that strand is read as reference for HapB3."
)


@dataclass
class _HapB3:
    """Tells HapB3 from the two sites; remembers what the reader must know."""

    reading: GeneReading
    notes: list[str] = field(default_factory=list)

    @property
    def intron_read(self) -> bool:
        return INTRONIC_SITE in self.reading.available

    def on(self, sequence: Alleles) -> str | None:
        """The allele on one strand."""
        intronic = sequence.get(INTRONIC_SITE)
        exonic = sequence.get(EXONIC_SITE) == EXONIC_BASE
        if intronic == INTRONIC_BASE:
            return HAPB3 if exonic else INTRONIC
        if not exonic:
            return None
        if intronic is None:
            self._note(EXONIC_ONLY)
            return HAPB3
        self._note(MISMATCH)
        return None

    def counted(self) -> list[str]:
        """The alleles of unphased data, by how often each of the two variants is there."""
        introns, exons = (self._copies(*site) for site in (_INTRON, _EXON))
        if not self.intron_read:
            self._note(EXONIC_ONLY)
            return [HAPB3] * exons
        if exons > introns:
            self._note(MISMATCH)
            return [HAPB3] * introns
        return [INTRONIC] * (introns - exons) + [HAPB3] * exons

    def _copies(self, start: int, base: str) -> int:
        genotype = self.reading.by_start.get(start)
        return 0 if genotype is None else genotype.bases.count(base)

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


_INTRON = (INTRONIC_SITE, INTRONIC_BASE)
_EXON = (EXONIC_SITE, EXONIC_BASE)


def call(reading: GeneReading, options: InterpretOptions) -> GeneOutcome:
    """As other lowest-function genes, with HapB3 put on its strand after the rest is matched."""
    if not any(base in reading.by_start[s].bases for s, base in (_INTRON, _EXON) if s in reading.by_start):
        return lowest_function.call(reading, options)
    hapb3 = _HapB3(reading)
    patterns = without(reading.gene.patterns, frozenset((HAPB3, INTRONIC)))
    rest = reading.excluding(SITES)
    reference = reading.gene.reference.name
    if not (lowest_function.strands_are_known(reading) and _move_together(reading)):
        haplotypes = lowest_function.variant_list(rest, patterns, hapb3.counted())
        return GeneOutcome(
            haplotypes=haplotypes, notes=(lowest_function.LISTED, *hapb3.notes, *unknown_strands(reading))
        )

    def strands_on(sequence: Alleles) -> list[Strand]:
        others = {start: base for start, base in sequence.items() if start not in SITES}
        name = hapb3.on(sequence)
        return [
            lowest_function.with_component(strand, name, reference)
            for strand in combinations_on(others, rest, patterns)
        ]

    pairs = strand_pairs(reading, strands_on)
    return GeneOutcome(pairs=tuple(pairs), notes=(*hapb3.notes, *unknown_strands(reading)))


def _move_together(reading: GeneReading) -> bool:
    """Whether it is known which intronic and which exonic allele share a strand."""
    blocks = {reading.block_of(start) for start in SITES} - {None}
    return len(blocks) < 2

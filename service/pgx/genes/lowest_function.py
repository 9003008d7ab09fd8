"""DPYD and RYR1: variants, not haplotypes, are named, and guidance rests on the ones of lowest function.

Phased data give combinations per strand; unphased data give the list of variants found, never a guess at
which lie together.
"""

from collections.abc import Iterable, Sequence

from service.domain.case import InterpretOptions
from service.pgx.alleles import AllelePattern
from service.pgx.combine import Strand, combinations_on, strand_pairs, too_many_sequences, unknown_strands
from service.pgx.match import fit_of
from service.pgx.names import name_key
from service.pgx.outcome import GeneOutcome
from service.pgx.reading import GeneReading

LISTED = (
    "The variants found cannot be assigned to strands without phase, so they are listed; guidance rests on "
    "the two of lowest function."
)


def call(reading: GeneReading, _options: InterpretOptions) -> GeneOutcome:
    """Combinations per strand where phase allows, else the list of variants."""
    patterns = reading.gene.patterns
    if strands_are_known(reading):
        pairs = strand_pairs(reading, lambda sequence: combinations_on(sequence, reading, patterns))
        return GeneOutcome(pairs=tuple(pairs), notes=unknown_strands(reading))
    return GeneOutcome(haplotypes=variant_list(reading, patterns), notes=(LISTED, *unknown_strands(reading)))


def strands_are_known(reading: GeneReading) -> bool:
    """Whether strands can be told apart, or phase sets narrow them down to a number that can be listed."""
    if reading.effectively_phased:
        return True
    return reading.uses_phase_sets and not too_many_sequences(reading)


def variant_list(
    reading: GeneReading, patterns: Sequence[AllelePattern], also: Iterable[str] = ()
) -> tuple[str, ...]:
    """Alleles that fit some strand, homozygous ones twice; the reference only where two entries remain."""
    reference = reading.gene.reference
    listed = list(also)
    for pattern in patterns:
        fit = None if pattern.reference else fit_of(pattern, reading, blanks_are_reference=False)
        if fit is not None:
            listed += [pattern.name] * (2 if fit.free((1 << len(reading.blocks)) - 1) else 1)
    if not reading.blocks and not reading.fixed_changes:
        listed += [reference.name] * (2 - len(listed))
    elif len(listed) < 2 and fit_of(reference, reading, blanks_are_reference=False) is not None:
        listed.append(reference.name)
    return tuple(sorted(listed, key=name_key))


def with_component(strand: Strand, name: str | None, reference: str) -> Strand:
    """The strand with one more named allele on it."""
    if name is None:
        return strand
    others = tuple(component for component in strand.components if component != reference)
    return Strand(tuple(sorted((*others, name), key=name_key)), strand.partials, strand.score)

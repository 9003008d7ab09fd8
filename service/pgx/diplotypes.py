"""The general method: one named allele per strand, the best-scoring pairs, combinations behind a switch."""

from collections.abc import Sequence

from service.domain.case import InterpretOptions
from service.pgx.alleles import AllelePattern
from service.pgx.combine import StrandPair, combinations_on, strand_pairs, too_many_sequences, unknown_strands
from service.pgx.match import Match, best, fits, matches
from service.pgx.names import diplotype_name, name_key
from service.pgx.outcome import GeneOutcome, plain_pair
from service.pgx.phenotype import Phenotypes
from service.pgx.reading import GeneReading

NOTHING_FITS = "No pair of known alleles explains the genotype that was read."
ONE_STRAND_UNKNOWN = "At {places} only one of the two alleles was called, so no pair can be told."
OTHER_PAIRS = "Phase is not known: {pairs} would also explain what was read, with less of it defined."
MOST_ALTERNATIVES = 5
TOO_MANY = "Combinations were not tried: {count} sites of unknown phase give too many possibilities."


def call(reading: GeneReading, options: InterpretOptions) -> GeneOutcome:
    """Diplotypes of a gene without a method of its own."""
    return call_with(reading, options, reading.gene.patterns)


def call_with(
    reading: GeneReading, options: InterpretOptions, combinable: Sequence[AllelePattern]
) -> GeneOutcome:
    """As `call`; combinations are made of `combinable` alleles."""
    found = ranked(reading)
    if found and options.all_diplotypes:
        return named(reading, found)
    if found:
        return named(reading, best(found), alternatives(reading, found))
    if options.combinations:
        return combined(reading, combinable)
    return GeneOutcome(reason=why_nothing(reading))


def ranked(reading: GeneReading) -> list[Match]:
    """Every pair of named alleles that explains the sample, best first; none with a strand unknown."""
    if reading.partial:
        return []
    return matches(fits(reading.gene.patterns, reading), reading)


def alternatives(reading: GeneReading, found: Sequence[Match]) -> tuple[str, ...]:
    """A sentence on pairs that only phase could rule out, and their phenotypes; empty without any."""
    phenotypes = Phenotypes(reading.gene.definition)
    pairs = (
        [reading.gene.reported_name(name) for name in match.names]
        for match in found
        if match.score < found[0].score
    )
    others = dict.fromkeys(
        diplotype_name(names)
        + (f" ({phenotype})" if (phenotype := phenotypes.of_alleles(names).phenotype) else "")
        for names in pairs
    )
    if reading.effectively_phased or not others:
        return ()
    listed = ", ".join(list(others)[:MOST_ALTERNATIVES]) + (
        " and more" if len(others) > MOST_ALTERNATIVES else ""
    )
    return (OTHER_PAIRS.format(pairs=listed),)


def why_nothing(reading: GeneReading) -> str:
    """Why no pair was found, in words."""
    if reading.partial:
        return ONE_STRAND_UNKNOWN.format(places=", ".join(g.view.name for g in reading.partial))
    return NOTHING_FITS


def named(reading: GeneReading, found: Sequence[Match], notes: tuple[str, ...] = ()) -> GeneOutcome:
    """Matches as pairs, sub-alleles under the name that they are reported by, without repeats."""
    names = dict.fromkeys(
        tuple(sorted((reading.gene.reported_name(name) for name in match.names), key=name_key))
        for match in found
    )
    return GeneOutcome(pairs=tuple(plain_pair(pair) for pair in names), notes=notes)


def combined(reading: GeneReading, combinable: Sequence[AllelePattern]) -> GeneOutcome:
    """Combinations and partial alleles, all that fit."""
    if too_many_sequences(reading):
        return GeneOutcome(reason=NOTHING_FITS, notes=(TOO_MANY.format(count=len(reading.blocks)),))
    pairs = strand_pairs(reading, lambda sequence: combinations_on(sequence, reading, combinable))
    return GeneOutcome(pairs=tuple(_by_score(pairs)), notes=unknown_strands(reading))


def _by_score(pairs: Sequence[StrandPair]) -> list[StrandPair]:
    """Highest score first; equal scores stay in name order."""
    return sorted(pairs, key=lambda pair: -sum(strand.score for strand in pair.strands))

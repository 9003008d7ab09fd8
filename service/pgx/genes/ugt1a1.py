"""UGT1A1: `*80+*28` and `*80+*37` are whole alleles, so they take no part in combinations."""

from service.domain.case import InterpretOptions
from service.pgx import diplotypes
from service.pgx.outcome import GeneOutcome
from service.pgx.reading import GeneReading


def call(reading: GeneReading, options: InterpretOptions) -> GeneOutcome:
    """The general method; combinations are made of simple alleles only."""
    simple = tuple(pattern for pattern in reading.gene.patterns if "+" not in pattern.name)
    return diplotypes.call_with(reading, options, simple)

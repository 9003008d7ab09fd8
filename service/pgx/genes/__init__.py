"""Genes with a method of their own: one module, one line here."""

from collections.abc import Callable, Mapping

from service.domain.case import InterpretOptions
from service.pgx.genes import dpyd, lowest_function, nat2, slco1b1, ugt1a1
from service.pgx.outcome import GeneOutcome
from service.pgx.reading import GeneReading

GeneMethod = Callable[[GeneReading, InterpretOptions], GeneOutcome]

CALLERS: Mapping[str, GeneMethod] = {
    "DPYD": dpyd.call,
    "NAT2": nat2.call,
    "RYR1": lowest_function.call,
    "SLCO1B1": slco1b1.call,
    "UGT1A1": ugt1a1.call,
}

"""SLCO1B1: where no diplotype can be told, rs4149056 alone still decides most statin guidance.

Source: CPIC statins 2022, doi:10.1002/cpt.2557: c.521T>C marks *5 and *15.
"""

from dataclasses import replace

from service.domain.case import InterpretOptions
from service.pgx import diplotypes
from service.pgx.outcome import GeneOutcome
from service.pgx.reading import GeneReading

KEY_SITE = 21178614  # rs4149056, interbase
KEY_ALLELES = {"T": "*1", "C": "*5"}
NOTE = (
    "No SLCO1B1 diplotype can be told; rs4149056 reads {bases}, and guidance rests on this site alone "
    "(T taken as *1, C as *5)."
)


def call(reading: GeneReading, options: InterpretOptions) -> GeneOutcome:
    """The general method, with the key site to fall back on."""
    outcome = diplotypes.call(reading, options)
    site = reading.by_start.get(KEY_SITE)
    if outcome.pairs or site is None or len(site.bases) != 2:
        return outcome
    key_alleles = tuple(KEY_ALLELES[base] for base in site.bases if base in KEY_ALLELES)
    if len(key_alleles) != 2:
        return outcome
    note = NOTE.format(bases="/".join(str(base) for base in site.bases))
    return replace(outcome, key_alleles=tuple(sorted(key_alleles)), notes=(*outcome.notes, note))

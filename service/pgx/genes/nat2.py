"""NAT2: without phase all pairs that fit stay, and published priorities choose among known ambiguities.

Source: the priority rules are in the gene's file, with their origin.
"""

from service.domain.case import InterpretOptions
from service.pgx import diplotypes
from service.pgx.match import Match
from service.pgx.names import diplotype_name
from service.pgx.outcome import GeneOutcome
from service.pgx.reading import GeneReading

PICKED = (
    "Without phase several NAT2 pairs fit ({pairs}); {pick} is reported by the priority that is agreed for "
    "this ambiguity."
)


def call(reading: GeneReading, options: InterpretOptions) -> GeneOutcome:
    """Phased data as any gene; unphased data by the priority rules."""
    if reading.effectively_phased or reading.partial:
        return diplotypes.call(reading, options)
    found = diplotypes.ranked(reading)
    if not found:
        return diplotypes.call(reading, options)
    pick = priority_pick(found, reading)
    if pick is None:
        return diplotypes.named(reading, found)
    pairs = ", ".join(diplotype_name(match.names) for match in found)
    notes = (PICKED.format(pairs=pairs, pick=diplotype_name(pick.names)),)
    return diplotypes.named(reading, found if options.all_diplotypes else [pick], notes)


def priority_pick(found: list[Match], reading: GeneReading) -> Match | None:
    """The pair chosen by the first rule all of whose pairs fit; None when no rule applies."""
    by_name = {diplotype_name(match.names): match for match in found}
    for rule in reading.gene.definition.exemptions.get("unphased_priorities", ()):
        pairs = [diplotype_name(pair.split("/")) for pair in rule["all"]]
        pick = by_name.get(diplotype_name(rule["pick"].split("/")))
        if pick is not None and all(pair in by_name for pair in pairs):
            return pick
    return None

"""A reading of a node as its answer."""

from dataclasses import replace

from service.domain.frequency import Outcome, SourceAnswer
from service.domain.frequency_sources import NodeEntry
from service.frequency.reading import Reading
from service.frequency.source import now, without_answer


def answer_of(entry: NodeEntry, reading: Reading, version: str | None) -> SourceAnswer:
    """A reading as an answer of this node."""
    outcome, frequency, reasons = reading.outcome, reading.frequency, reading.reasons
    overlaps = entry.overlaps_with
    if reading.external:
        overlaps = (*overlaps, "gnomad", entry.id)  # shares people with itself: never pooled
    if outcome is Outcome.NOT_LISTED and not reading.matched and entry.cohort_alleles:
        reasons = (*reasons, f"the node declares to list what it observed in {entry.cohort_alleles} alleles")
        reading = replace(reading, suppressed_below=1, suppressed_allele_number=entry.cohort_alleles)
    return SourceAnswer(
        entry.id,
        entry.country,
        outcome,
        frequency,
        reading.groups,
        reading.reported,
        reading.dataset,
        reading.version or version,
        "; ".join(reasons) or None,
        now(),
        entry.bottlenecked,
        overlaps,
        reading.suppressed_below,
        reading.suppressed_allele_number,
    )


def silent(entry: NodeEntry, outcome: Outcome, reason: str) -> SourceAnswer:
    """An answer of this node that carries no counts, and why."""
    asked = outcome is not Outcome.NOT_ASKED
    answer = without_answer(entry.id, entry.country, outcome, reason, asked=asked)
    return replace(answer, bottlenecked=entry.bottlenecked, overlaps_with=entry.overlaps_with)

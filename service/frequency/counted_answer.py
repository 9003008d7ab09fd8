"""A row of counts on this machine as the answer that it is."""

from service.domain.frequency import Outcome, SourceAnswer
from service.domain.frequency_sources import NodeEntry
from service.frequency.allele_counts import AlleleCounts


def answer_from_counts(
    entry: NodeEntry, row: AlleleCounts, dataset: str, version: str, taken_at: str
) -> SourceAnswer:
    """The answer that a row of counts is."""
    outcome = Outcome.OBSERVED if row.allele_count else Outcome.CALLED_ABSENT
    covered = row.allele_number > 0
    return SourceAnswer(
        entry.id,
        entry.country or None,
        outcome if covered else Outcome.NOT_COVERED,
        row.frequency() if covered else None,
        row.groups() if covered else (),
        None,
        dataset,
        version,
        None if covered else "nobody was genotyped there",
        taken_at,
        entry.bottlenecked,
        entry.overlaps_with,
    )

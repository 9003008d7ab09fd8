"""A row of counts on this machine as the answer that it is."""

from dataclasses import replace

from service.domain.assembly import Assembly
from service.domain.frequency import Outcome, SourceAnswer
from service.domain.frequency_sources import NodeEntry
from service.frequency.allele_counts import ListedAllele, UncountedAllele


def answer_from_counts(
    entry: NodeEntry, row: ListedAllele, dataset: str, version: str, taken_at: str
) -> SourceAnswer:
    """The answer that a row of counts is; FAILED where the file lists the allele and no usable counts."""
    if isinstance(row, UncountedAllele):
        return SourceAnswer(
            entry.id,
            entry.country or None,
            Outcome.FAILED,
            dataset=dataset,
            version=version,
            reason=row.why.reason,
            asked_at=taken_at,
            bottlenecked=entry.bottlenecked,
            overlaps_with=entry.overlaps_with,
        )
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


def unlisted_answer(
    entry: NodeEntry, dataset: str, version: str, taken_at: str, elsewhere: Assembly | None
) -> SourceAnswer:
    """What it means that counts on this machine do not list a variant.

    `elsewhere` is their build where the variant has no checked counterpart on it: it was not looked up.
    """
    answer = SourceAnswer(
        entry.id,
        entry.country or None,
        Outcome.NOT_LISTED,
        dataset=dataset,
        version=version,
        reason="not listed in the snapshot: reference, not covered or filtered",
        asked_at=taken_at,
        bottlenecked=entry.bottlenecked,
        overlaps_with=entry.overlaps_with,
    )
    if elsewhere is None:
        return answer
    reason = f"no checked counterpart on {elsewhere}, the cohort's build"
    return replace(answer, outcome=Outcome.NOT_ASKED, reason=reason, asked_at=None)

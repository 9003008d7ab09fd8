"""One configured source: what this machine knows of it, what is left to ask, and how it did."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.domain.frequency import Outcome, SourceAnswer, SourceStatus
from service.domain.issue import Issue
from service.domain.variant import Variant
from service.errors import InvalidInput
from service.frequency.source import FrequencySource, LocalSource, without_answer


@dataclass(frozen=True, slots=True)
class Member:
    """One configured source: its local stores in privacy order, then its network side, if any."""

    name: str
    country: str | None
    kind: str
    local: tuple[LocalSource, ...]
    remote: FrequencySource | None
    asks_exactly: bool
    bottlenecked: bool = False
    overlaps_with: tuple[str, ...] = ()

    def silent(self, outcome: Outcome, reason: str) -> SourceAnswer:
        """An answer of this source that carries no counts."""
        asked = outcome is not Outcome.NOT_ASKED
        answer = without_answer(self.name, self.country, outcome, reason, asked=asked)
        return replace(answer, bottlenecked=self.bottlenecked, overlaps_with=self.overlaps_with)


def answer_locally(
    member: Member, variants: Sequence[Variant]
) -> tuple[list[SourceAnswer | None], list[int]]:
    """What this machine knows, and the indexes that must be asked of the node."""
    answers: list[SourceAnswer | None] = [None] * len(variants)
    problem = None
    for store in member.local:
        missing = [index for index, answer in enumerate(answers) if answer is None]
        if not missing:
            break
        try:
            found = store.look_up([variants[index] for index in missing])
        except (InvalidInput, OSError) as error:
            problem = f"the local counts cannot be read: {error}"
            continue
        for index, answer in zip(missing, found, strict=True):
            answers[index] = answer
    if member.remote is not None and member.asks_exactly:
        # What is here and settles nothing, such as an indel that may be spelled otherwise, is asked for too.
        answers = [
            None if answer is None or answer.outcome is Outcome.FAILED else answer for answer in answers
        ]
        return answers, [index for index, answer in enumerate(answers) if answer is None]
    missing = [index for index, answer in enumerate(answers) if answer is None]
    if problem is None and member.remote is None:
        for index in missing:
            answers[index] = next(filter(None, (s.unlisted(variants[index]) for s in member.local)), None)
    silent = _unasked(member, problem)
    return [silent if answer is None else answer for answer in answers], []


def _unasked(member: Member, problem: str | None) -> SourceAnswer:
    """Why a variant that no local store knows was not asked for."""
    if problem is not None:
        return member.silent(Outcome.FAILED, problem)
    return member.silent(
        Outcome.NOT_ASKED, "exact questions are forbidden, and it is not among the synced gene ranges"
    )


def status_of(member: Member, answers: Sequence[SourceAnswer]) -> SourceStatus:
    """How a source did in one interpretation."""
    version = next((a.version for a in answers if a.version), None)
    failed = [a for a in answers if a.outcome is Outcome.FAILED]
    unasked = [a for a in answers if a.outcome is Outcome.NOT_ASKED]
    if len(unasked) == len(answers):
        outcome = "not asked"
    elif len(failed) + len(unasked) == len(answers):
        outcome = "failed"
    else:
        outcome = "partial" if failed or unasked else "answered"
    reason = next((a.reason for a in (*failed, *unasked)), None)
    return SourceStatus(member.name, member.kind, version, outcome, reason, member.country)


def issues_of(members: Sequence[Member], table: Sequence[Sequence[SourceAnswer]]) -> list[Issue]:
    """One Issue per source that failed, naming it."""
    issues = []
    for member, answers in zip(members, table, strict=True):
        failed = [a for a in answers if a.outcome is Outcome.FAILED]
        if not failed:
            continue
        reasons = "; ".join(dict.fromkeys(a.reason or "unknown" for a in failed))
        issues.append(
            Issue(
                "warning",
                "transient",
                f"Frequency source {member.name} gave no usable answer for {len(failed)} of {len(answers)} "
                f"variants: {reasons[:400]}",
                member.name,
            )
        )
    return issues

"""Issues of one file, collected while it is read; alike ones collapse."""

from dataclasses import dataclass, field

from service.domain.issue import Issue, Severity

MOST_ALIKE = 20


@dataclass(slots=True)
class _Alike:
    severity: Severity
    code: str
    issues: list[Issue] = field(default_factory=list)
    count: int = 0


class IssueLog:
    """Everything noticed in one file, in the order in which each kind was first met.

    >>> log = IssueLog()
    >>> for line in range(30):
    ...     log.record("POS is not a number", where=f"line {line}")
    >>> [(issue.text, issue.where) for issue in log.issues()]
    [('30 records: POS is not a number', 'first at line 0')]
    """

    def __init__(self) -> None:
        self._kinds: dict[str, _Alike] = {}

    def record(
        self,
        kind: str,
        *,
        where: str,
        text: str | None = None,
        severity: Severity = "warning",
        code: str = "invalid",
    ) -> None:
        """Note one record. `kind` is the sentence when many collapse; `text` says more about this one."""
        alike = self._kinds.setdefault(kind, _Alike(severity, code))
        alike.count += 1
        if alike.count <= MOST_ALIKE:
            alike.issues.append(Issue(severity, code, text or kind, where))

    def file(
        self, text: str, *, severity: Severity = "warning", code: str = "invalid", where: str | None = None
    ) -> None:
        """Note one fact about the whole file."""
        alike = self._kinds.setdefault(text, _Alike(severity, code))
        alike.count = 1
        alike.issues = [Issue(severity, code, text, where)]

    def count(self, kind: str) -> int:
        """How many records were noted for a kind."""
        alike = self._kinds.get(kind)
        return alike.count if alike else 0

    def issues(self) -> tuple[Issue, ...]:
        """All issues; more than 20 alike are one with a count."""
        found: list[Issue] = []
        for kind, alike in self._kinds.items():
            if alike.count <= MOST_ALIKE:
                found += alike.issues
            else:
                text = f"{alike.count} records: {kind}"
                found.append(Issue(alike.severity, alike.code, text, f"first at {alike.issues[0].where}"))
        return tuple(found)

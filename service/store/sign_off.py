"""Sign-off: a stored result becomes final when a named person releases it; the original stays as it was."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from service.domain.release import ReleaseState, SignOff
from service.errors import InvalidOption
from service.store.releases import ReleaseStore, StoredSignature
from service.store.results import Result, ResultStore

LONGEST_NAME = 200
LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True)
class SignOffDesk:
    """Reads how results stand, and puts signatures under them."""

    results: ResultStore
    releases: ReleaseStore

    @classmethod
    def over(cls, engine: Engine) -> "SignOffDesk":
        """The desk over one database."""
        return cls(ResultStore(engine), ReleaseStore(engine))

    def state(self, result: Result) -> ReleaseState:
        """How a stored version stands among the versions of its sample."""
        signature = self.releases.of(result.id)
        earlier = self._earlier(result)
        return ReleaseState(
            version=len(earlier) + 1,
            signed=SignOff(signature.name, signature.role, signature.at.isoformat(timespec="seconds"))
            if signature
            else None,
            amends=any(self.releases.of(before.id) for before in earlier),
            reason=signature.reason if signature else None,
            replaced=result.replaced_by is not None,
        )

    def release(
        self, result_id: str, name: str, role: str, reason: str | None, now: datetime
    ) -> ReleaseState:
        """Sign a version.

        Raises:
            NotFound: no such result. UnsupportedOperation: signed already.
            InvalidOption: no name or role, or an amendment that does not say what changed.
        """
        result = self.results.get(result_id)
        _checked("name", name)
        _checked("role", role)
        if reason is not None and len(reason) > LONGEST_REASON:
            raise InvalidOption(f"expected up to {LONGEST_REASON} characters", where="reason")
        if self.state(result).amends and not (reason or "").strip():
            raise InvalidOption(
                "an earlier version was released: say what changed and what it does to the advice",
                where="reason",
            )
        self.releases.add(result.id, StoredSignature(name.strip(), role.strip(), now, reason))
        return self.state(result)

    def _earlier(self, result: Result) -> list[Result]:
        found: list[Result] = []
        while result.replaces is not None:
            if (before := self.results.find(result.replaces)) is None:
                break  # deleted by retention or on request
            found.append(before)
            result = before
        return found


def _checked(what: str, text: str) -> None:
    if not text.strip() or len(text) > LONGEST_NAME:
        raise InvalidOption(
            f"expected the {what} of the person who releases, up to {LONGEST_NAME} characters", where=what
        )

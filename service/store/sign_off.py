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
        return ReleaseState(
            version=result.version,
            signed=SignOff(signature.name, signature.role, signature.at.isoformat(timespec="seconds"))
            if signature
            else None,
            amends=self._follows_a_release(result),
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

    def _follows_a_release(self, result: Result) -> bool:
        """Whether an earlier version was released, be it stored still or not."""
        earlier: Result | None = result
        while earlier is not None:
            if earlier.released_before:
                return True
            earlier = self.results.find(earlier.replaces) if earlier.replaces else None
            if earlier is not None and self.releases.of(earlier.id) is not None:
                return True
        return False


def _checked(what: str, text: str) -> None:
    if not text.strip() or len(text) > LONGEST_NAME:
        raise InvalidOption(
            f"expected the {what} of the person who releases, up to {LONGEST_NAME} characters", where=what
        )

"""Frequency answers shared between workers and restarts."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, delete, select

from service.errors import StorageUnavailable
from service.store.tables import CachedAnswer

# No answer is served after this, however often it is asked for.
KEPT = timedelta(days=7)
_AT_ONCE = 500
Key = tuple[str, str, str, str]


class SharedAnswers:
    """A cache: losing it costs time, so a database that does not answer is an empty one.

    Keys name variants; what is stored is a keyed digest, from which nobody reads them without `secret`.
    """

    def __init__(self, engine: Callable[[], Engine], secret: bytes) -> None:
        self._engine = engine
        self._secret = secret

    def read(self, keys: Sequence[Key]) -> Mapping[Key, tuple[bytes, float]]:
        """Value and time of storing (seconds since the epoch) of the keys that are there."""
        wanted = {self._digest(key): key for key in keys}
        digests = list(wanted)
        found: dict[Key, tuple[bytes, float]] = {}
        try:
            with Session(self._engine()) as session:
                for first in range(0, len(digests), _AT_ONCE):
                    some = digests[first : first + _AT_ONCE]
                    rows = session.exec(select(CachedAnswer).where(col(CachedAnswer.key).in_(some)))
                    for row in rows:
                        found[wanted[row.key]] = (row.answer, _seconds(row.stored_at))
        except (SQLAlchemyError, StorageUnavailable):
            return {}
        return found

    def write(self, entries: Mapping[Key, tuple[bytes, float]]) -> None:
        """Keep answers, replacing older ones; what is too old to be served goes."""
        try:
            with Session(self._engine()) as session:
                for key, (answer, stored) in entries.items():
                    moment = datetime.fromtimestamp(stored, UTC)
                    session.merge(CachedAnswer(key=self._digest(key), answer=answer, stored_at=moment))
                session.exec(
                    delete(CachedAnswer).where(col(CachedAnswer.stored_at) < datetime.now(UTC) - KEPT)
                )
                session.commit()
        except (SQLAlchemyError, StorageUnavailable):
            return

    def _digest(self, key: Key) -> str:
        return hmac.new(self._secret, "\0".join(key).encode(), hashlib.sha256).hexdigest()


def _seconds(stored: datetime) -> float:
    return (stored if stored.tzinfo else stored.replace(tzinfo=UTC)).timestamp()

"""Frequency answers shared between workers and restarts."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from service.store.tables import CachedAnswer


class SharedAnswers:
    """A cache: losing it costs time, so a database that does not answer is an empty one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, key: str, max_age: timedelta) -> bytes | None:
        """The stored answer, if it is not older than `max_age`."""
        try:
            with Session(self._engine) as session:
                row = session.get(CachedAnswer, key)
        except SQLAlchemyError:
            return None
        if row is None:
            return None
        stored = row.stored_at if row.stored_at.tzinfo else row.stored_at.replace(tzinfo=UTC)
        return row.answer if datetime.now(UTC) - stored <= max_age else None

    def put(self, key: str, answer: bytes) -> None:
        """Keep an answer, replacing an older one."""
        try:
            with Session(self._engine) as session:
                session.merge(CachedAnswer(key=key, answer=answer, stored_at=datetime.now(UTC)))
                session.commit()
        except SQLAlchemyError:
            return

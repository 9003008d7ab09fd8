"""What is remembered of questions to frequency sources: the audit record, and answers to share.

Most commands ask no source: the database, and the libraries that it needs, load with the first question.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from service.store.questions import QuestionLog

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from service.store.answers import Key, SharedAnswers


class LateEngine:
    """An engine that is opened when it is first needed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._guard = threading.Lock()
        self._engine: Engine | None = None

    def __call__(self) -> "Engine":
        """The engine, its schema current. Raises StorageUnavailable."""
        with self._guard:
            if self._engine is None:
                # Threads that import SQLAlchemy at the same time see it half made: only one does, here.
                from service.store import answers, audit  # noqa: F401
                from service.store.database import open_engine

                self._engine = open_engine(self._url)
            return self._engine

    def dispose(self) -> None:
        """Close connections."""
        if self._engine is not None:
            self._engine.dispose()


class LateAnswers:
    """The shared answers of a database that is opened when it is first needed."""

    def __init__(self, engine: LateEngine, secret: bytes) -> None:
        self._engine = engine
        self._secret = secret

    def _answers(self) -> "SharedAnswers":
        self._engine()
        from service.store.answers import SharedAnswers

        return SharedAnswers(self._engine, self._secret)

    def read(self, keys: "Sequence[Key]") -> "Mapping[Key, tuple[bytes, float]]":
        """See `SharedAnswers.read`."""
        return self._answers().read(keys)

    def write(self, entries: "Mapping[Key, tuple[bytes, float]]") -> None:
        """See `SharedAnswers.write`."""
        self._answers().write(entries)


class FrequencyMemory:
    """Both behind one database. `share` is whether answers are kept for other processes too."""

    def __init__(self, url: str, secret: bytes, *, share: bool, actor: str = "service") -> None:
        self._engine = LateEngine(url)
        self.questions = QuestionLog(self._engine, actor)
        self.answers = LateAnswers(self._engine, secret) if share else None

    def close(self) -> None:
        """Write what waits, close connections. Raises StorageUnavailable."""
        try:
            self.questions.close()
        finally:
            self._engine.dispose()

"""What was asked of which frequency source, in the audit record.

Gene ranges, the same for every patient, are written behind by a thread; whoever asks about a patient's
variants calls `flush` first.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from service.errors import StorageUnavailable

if TYPE_CHECKING:
    from sqlalchemy import Engine

_PAUSE_S = 3.0
# The detail of an entry ends here; a longer list of variants takes several entries.
_LONGEST = 2_000


class AskedQuestion(Protocol):
    """What `frequency.source.Question` says."""

    @property
    def source(self) -> str:
        """The source's id."""

    @property
    def form(self) -> str:
        """`canary`, `range` or `exact`."""

    @property
    def variants(self) -> int:
        """How many questions."""

    @property
    def named(self) -> tuple[str, ...]:
        """The variants that the source was told about; never whose they are."""


class QuestionLog:
    """Keeps exact and range questions. Canaries are the same for everybody and are not kept.

    A question that cannot be recorded must not be asked: after a failed write `add` raises, until one
    succeeds.
    """

    def __init__(self, engine: "Callable[[], Engine]", actor: str) -> None:
        self._engine = engine
        self._actor = actor
        self._waiting: list[AskedQuestion] = []
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._failed = False

    def add(self, question: AskedQuestion) -> None:
        """Record a question that is about to be asked. Raises StorageUnavailable."""
        if question.form == "canary":
            self._start()  # a question that must be recorded is about to follow
            return
        if self._failed:
            self.flush()
        with self._guard:
            self._waiting.append(question)
        self._start()

    def _start(self) -> None:
        with self._guard:
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_behind, name="question-log", daemon=True)
                self._thread.start()

    def _write_behind(self) -> None:
        with suppress(StorageUnavailable):
            self._engine()  # opening the database takes longer than a question
        while not self._closing.wait(_PAUSE_S):
            with suppress(StorageUnavailable):  # `add` refuses until it succeeds
                self.flush()

    def flush(self) -> None:
        """Returns when everything added is written. Raises StorageUnavailable; nothing is lost then."""
        with self._writing:
            self._write()

    def _write(self) -> None:
        with self._guard:
            waiting, self._waiting = self._waiting, []
        if not waiting:
            self._failed = False
            return
        moment = datetime.now(UTC)
        try:
            engine = self._engine()
            from service.store.audit import AuditLog, Entry  # loaded with the engine

            AuditLog(engine).add_all(
                [
                    Entry(moment, self._actor, f"frequency-{form}", source, "asked", detail)
                    for source, form, detail in _details(waiting)
                ]
            )
            self._failed = False
        except StorageUnavailable:
            self._failed = True
            with self._guard:
                self._waiting = waiting + self._waiting
            raise

    def close(self) -> None:
        """Write what waits and end the thread. Raises StorageUnavailable."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        self.flush()


def _details(questions: list[AskedQuestion]) -> Iterator[tuple[str, str, str]]:
    """Source, form and text of every entry: exact questions name what was asked, ranges are counted."""
    ranges = Counter(question.source for question in questions if question.form == "range")
    for source, count in ranges.items():
        yield source, "range", f"{count} pages of gene ranges; the same for every patient"
    for question in questions:
        if question.form != "exact":
            continue
        text = ""
        for name in question.named or (f"{question.variants} variants",):
            if text and len(text) + len(name) + 1 > _LONGEST:
                yield question.source, "exact", text
                text = ""
            text = f"{text} {name[: _LONGEST - 1]}".strip()
        yield question.source, "exact", text

"""The audit record as the event loop writes it: a question that names a variant is kept before it is sent."""

import asyncio
from collections.abc import Callable

from service.frequency.source import Audit, Question


class AuditTrail:
    """Shared by the sources of one event loop, so that one write keeps what all of them ask at once.

    `note` hands a question over, `write` returns when everything handed over is on disk. Both may raise
    StorageUnavailable: then nothing is asked.
    """

    def __init__(self, note: Audit | None = None, write: Callable[[], None] | None = None) -> None:
        self._note = note
        self._write = write
        self._next: asyncio.Task[None] | None = None

    def note(self, question: Question) -> None:
        """Record a question that is the same for every patient; it may reach the disk a little later."""
        if self._note is not None and question.variants:
            self._note(question)

    async def keep(self, question: Question) -> None:
        """Record a question that depends on the patient; returns when it is on disk."""
        self.note(question)
        if self._write is None:
            return
        if self._next is None:
            self._next = asyncio.create_task(self._write_all(self._write))
            # Whoever waits sees the failure; nobody may be waiting any more.
            self._next.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.shield(self._next)

    async def _write_all(self, write: Callable[[], None]) -> None:
        await asyncio.sleep(0)  # the other sources note theirs
        self._next = None
        await asyncio.to_thread(write)

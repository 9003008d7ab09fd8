"""No garbage collection while thousands of small values are made at once: it would find nothing."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_guard = threading.Lock()
_pauses = 0
_was_on = False


@contextmanager
def collection_paused() -> Iterator[None]:
    """Cyclic collection stays off until the last of all threads leaves. Meant for milliseconds.

    Answers to a thousand variants are ten thousand objects; the collector would walk the knowledge base for
    them several times, which costs more than making them.
    """
    global _pauses, _was_on
    with _guard:
        if not _pauses:
            _was_on = gc.isenabled()
            gc.disable()
        _pauses += 1
    try:
        yield
    finally:
        with _guard:
            _pauses -= 1
            if not _pauses and _was_on:
                gc.enable()

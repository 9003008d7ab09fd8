"""Workers that end with the process that started them, also when that one was killed."""

import multiprocessing
import os
import signal
import threading


def end_with_parent() -> None:
    """Watch the parent from a thread of this worker: without it nobody would give it work or stop it."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()

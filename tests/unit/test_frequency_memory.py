"""What is remembered of questions opens its database once, whichever thread needs it first."""

import os
import subprocess
import sys
from pathlib import Path

from service.store.frequency_memory import FrequencyMemory

ROOT = Path(__file__).resolve().parents[2]
# In a process of its own, where nothing is loaded yet; threads are switched as often as possible.
THREE_AT_ONCE = """
import sys, threading
from service.frequency.source import Question
from service.store.frequency_memory import FrequencyMemory

sys.setswitchinterval(1e-6)
memory = FrequencyMemory("sqlite:///" + sys.argv[1], b"k" * 32, share=True)
start, failed = threading.Barrier(3), []

def ask():
    memory.questions.add(Question("node", "exact", 1, "2026-01-01T00:00:00Z", ("1-1-A-C",)))
    memory.questions.flush()

def at_once(work):
    start.wait()
    try:
        work()
    except Exception as error:
        failed.append(repr(error))

works = (ask, lambda: memory.answers.read([]), memory._engine)
threads = [threading.Thread(target=at_once, args=(work,)) for work in works]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
memory.close()
print(failed)
"""


def test_answers_of_other_nodes_than_the_configured_ones_are_not_shared(tmp_path: Path) -> None:
    """`--nodes` names other cohorts: what they say must not answer for the configured ones."""
    url = f"sqlite:///{tmp_path / 'memory.sqlite'}"
    assert FrequencyMemory(url, b"k" * 32, share=False).answers is None
    assert FrequencyMemory(url, b"k" * 32, share=True).answers is not None


def test_threads_that_need_the_database_at_once_do_not_see_its_library_half_loaded(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", THREE_AT_ONCE, tmp_path / "memory.sqlite"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == "[]\n"

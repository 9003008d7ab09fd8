"""Answers kept per node, dataset version, build, variant and dialect. Failures are never kept."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
from cachetools import LRUCache

from service.domain.frequency import Outcome, SourceAnswer
from service.domain.variant import Variant

KEPT = (Outcome.OBSERVED, Outcome.CALLED_ABSENT, Outcome.NOT_LISTED, Outcome.NOT_COVERED, Outcome.SUPPRESSED)
# A positive answer holds until the dataset changes, and is asked again in the background after a day; a miss
# is the weaker statement.
FRESH_S = 24 * 3600.0
FRESH_MISS_S = 3600.0
KEPT_S = 7 * 24 * 3600.0

Key = tuple[str, str, str, str]  # node, dataset version, dialect, variant


class SharedAnswers(Protocol):
    """Answers shared between processes: a table of the database. Values are opaque bytes."""

    def read(self, keys: Sequence[Key]) -> Mapping[Key, tuple[bytes, float]]:
        """Value and the time it was stored (seconds since the epoch), for the keys that are there."""

    def write(self, entries: Mapping[Key, tuple[bytes, float]]) -> None:
        """Store entries, replacing older ones."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept answer; `stale` ones are served and asked again in the background."""

    answer: SourceAnswer
    stale: bool


def key_of(node: str, version: str | None, dialect: str, variant: Variant) -> Key:
    """The cache key of one question; a new dataset version never finds an old answer."""
    spelled = f"{variant.assembly}:{variant.chrom}:{variant.start}:{variant.ref}:{variant.alt}"
    return node, version or "", dialect, spelled


@dataclass(slots=True)
class AnswerCache:
    """In process, and behind it the shared table where one is configured."""

    largest: int = 100_000
    shared: SharedAnswers | None = None
    clock: Callable[[], float] = time.time
    _answers: "LRUCache[Key, tuple[SourceAnswer, float]]" = field(init=False)

    def __post_init__(self) -> None:
        self._answers = LRUCache(self.largest)

    def get(self, key: Key) -> Kept | None:
        """The kept answer, fresh or stale; None when there is none or it is too old."""
        found = self._answers.get(key)
        if found is None:
            return None
        answer, stored = found
        age = self.clock() - stored
        if age > KEPT_S:
            del self._answers[key]
            return None
        fresh = FRESH_MISS_S if answer.outcome is Outcome.NOT_LISTED else FRESH_S
        return Kept(answer, age > fresh)

    def put(self, key: Key, answer: SourceAnswer) -> None:
        """Keep an answer, unless it is a failure."""
        if answer.outcome in KEPT:
            self._answers[key] = (answer, self.clock())

    def fill(self, keys: Sequence[Key]) -> None:
        """Bring in what the shared table has of these keys. May block: call it off the event loop."""
        wanted = [key for key in keys if key not in self._answers]
        if self.shared is None or not wanted:
            return
        for key, (value, stored) in self.shared.read(wanted).items():
            self._answers[key] = (msgspec.json.decode(value, type=SourceAnswer), stored)

    def spread(self, keys: Sequence[Key]) -> None:
        """Write these keys to the shared table. May block: call it off the event loop."""
        if self.shared is None:
            return
        kept = {key: self._answers[key] for key in keys if key in self._answers}
        self.shared.write(
            {key: (msgspec.json.encode(answer), stored) for key, (answer, stored) in kept.items()}
        )

"""How far an insertion or deletion can move: tried base by base, also where a repeat reaches an end."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from service.domain.assembly import Assembly
from service.domain.variant import Variant
from service.variants.justify import justify

# Repeats at the start, in the middle, at the end and of the whole; ones longer than a window of 128 bases.
TEXTS = {
    "start": "ACACACGTTGA",
    "middle": "GTTTTTTCA",
    "end": "GATCATCATC",
    "whole": "AAAAAAAA",
    "none": "GATC",
    "long-start": "AC" * 100 + "GT",
    "long-middle": "G" + "CAT" * 60 + "AG",
    "longer-start": "A" * 700 + "GC",
}


@dataclass
class Chromosome:
    """A whole chromosome; outside of it nothing is known."""

    text: str

    def bases(self, _assembly: Assembly, _chrom: str, start: int, end: int) -> str:
        return "".join(self.text[n] if 0 <= n < len(self.text) else "N" for n in range(start, end))


def changes(text: str) -> Iterator[tuple[int, str, str]]:
    """Deletions of one to three bases and insertions of the bases that stand there."""
    step = 1 if len(text) < 20 else 37
    for start in (*range(0, len(text) - 3, step), max(0, len(text) - 4)):
        for size in (1, 2, 3):
            piece = text[start : start + size]
            yield start, piece, ""
            yield start, "", piece


def applied(text: str, start: int, ref: str, alt: str) -> str:
    return text[:start] + alt + text[start + len(ref) :]


def room(text: str, start: int, ref: str, alt: str, step: int) -> int:
    """How many bases the change can move in one direction and give the same chromosome."""
    result, moved = applied(text, start, ref, alt), 0
    while True:
        at = start + step * (moved + 1)
        end = at + len(ref)
        if at < 0 or end > len(text):
            return moved
        # The bases that it takes or brings turn as it moves.
        deleted = text[at:end]
        inserted = result[at : at + len(alt)]
        if applied(text, at, deleted, inserted) != result:
            return moved
        moved += 1


@pytest.mark.parametrize("name", TEXTS)
def test_the_room_to_move_is_what_can_be_tried(name: str) -> None:
    text = TEXTS[name]
    for start, ref, alt in changes(text):
        found = justify(Variant(Assembly.GRCH38, "1", start, ref, alt), Chromosome(text))  # type: ignore[arg-type]
        left, right = room(text, start, ref, alt, -1), room(text, start, ref, alt, 1)
        assert (len(found.flank_left), len(found.flank_right)) == (left, right), (start, ref, alt)
        assert found.flank_left == text[start - left : start]
        # A repeat that ends with the chromosome's start is complete: nothing lies before. Of its end nothing
        # is known here.
        ends_known = start + len(ref) + right < len(text)
        assert found.complete is ends_known, (start, ref, alt)
        assert found.anchor == (text[start - left - 1] if start - left > 0 else "")

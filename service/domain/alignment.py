"""Alignments of transcripts to the genome: exon by exon, with gaps, as stretches of paired bases."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

# Interbase genomic start and end of paired bases, and the transcript offset of the first transcribed one.
Block = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class AlignedExon:
    """An exon: interbase genomic `start` and `end`, transcript offset `first` of its first base, and
    `operations` along the transcript: M bases paired, I of the transcript alone, D of the genome alone.

    Raises:
        ValueError: the operations do not have the exon's length, or do not begin and end within it.
    """

    start: int
    end: int
    first: int
    operations: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        kinds = [kind for kind, _ in self.operations]
        genome = sum(size for kind, size in self.operations if kind != "I")
        if set(kinds) - set("MID") or not kinds or any(size < 1 for _, size in self.operations):
            raise ValueError("an alignment has operations M, I and D of one base or more")
        if genome != self.end - self.start or kinds[0] != "M" or kinds[-1] == "D":
            raise ValueError(f"the operations do not align the {self.end - self.start} bases of the exon")

    @property
    def length(self) -> int:
        """Transcript bases."""
        return sum(size for kind, size in self.operations if kind != "D")


def aligned_blocks(exons: Sequence[AlignedExon], *, forward: bool) -> tuple[Block, ...]:
    """The stretches of paired bases, ascending on the genome.

    >>> exon = AlignedExon(100, 136, 0, (("M", 20), ("I", 2), ("M", 5), ("D", 1), ("M", 10)))
    >>> aligned_blocks([exon], forward=False)
    ((100, 110, 27), (111, 116, 22), (116, 136, 0))
    """
    found: list[Block] = []
    for exon in exons:
        place, offset = exon.start if forward else exon.end, exon.first
        for kind, size in exon.operations:
            step = 0 if kind == "I" else size if forward else -size
            if kind == "M":
                found.append((min(place, place + step), max(place, place + step), offset))
            place += step
            offset += size if kind != "D" else 0
    return tuple(sorted(found))


def has_gaps(blocks: Sequence[Block], exons: int, *, forward: bool) -> bool:
    """Whether anything but introns parts the blocks of so many exons."""
    return len(blocks) != exons or any(
        skipped_between(a, b, forward=forward) for a, b in itertools.pairwise(blocks)
    )


def skipped_between(left: Block, right: Block, *, forward: bool) -> int:
    """Transcript bases between two neighbouring blocks that lie nowhere on the genome."""
    before, after = (left, right) if forward else (right, left)
    return after[2] - before[2] - (before[1] - before[0])


def block_steps(blocks: Sequence[Block], exons: Sequence[tuple[int, int]], *, forward: bool) -> str:
    """Blocks as model lines have exons: see `parse_transcript`.

    >>> block_steps(((100, 110, 27), (111, 116, 22), (116, 136, 0)), [(100, 136)], forward=False)
    '10;~1,5,0;~0,20,2'
    """
    ends = {end for _, end in exons}
    steps = [str(blocks[0][1] - blocks[0][0])]
    for left, right in itertools.pairwise(blocks):
        mark = "" if left[1] in ends else "~"
        skipped = skipped_between(left, right, forward=forward)
        steps.append(f"{mark}{right[0] - left[1]},{right[1] - right[0]},{skipped}")
    return ";".join(steps)

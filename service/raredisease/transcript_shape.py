"""Exons of a transcript in its own coordinates, and what skipping one of them does."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from service.domain.transcript import Transcript

# A stop this close before the last junction escapes decay. Source: Abou Tayoun 2018, doi:10.1002/humu.23626.
NMD_DISTANCE = 50


@dataclass(frozen=True, slots=True)
class ExonSkip:
    """Skipping one exon of a coding transcript.

    `lost` is the share of the protein that is lost, 0..1: what the exon encodes, and where the frame is
    lost everything after it too; `decay` is whether the shifted transcript is expected to decay (None where
    the frame is kept); `start` says that the exon carries the start codon.
    """

    exon: int
    coding_bases: int
    lost: float
    frame_kept: bool
    decay: bool | None
    start: bool
    last: bool


@dataclass(frozen=True, slots=True)
class TranscriptShape:
    """Exon ends and the coding interval, interbase, 5' to 3'."""

    exon_ends: tuple[int, ...]
    cds: tuple[int, int]

    @property
    def residues(self) -> int:
        """Amino acids, the stop not counted."""
        return (self.cds[1] - self.cds[0]) // 3 - 1

    @property
    def last_junction(self) -> int | None:
        """Coding coordinate (interbase) of the last exon-exon junction; None for a single exon."""
        return self.exon_ends[-2] - self.cds[0] if len(self.exon_ends) > 1 else None

    def stop_decays(self, coding_end: int) -> bool:
        """Whether a stop codon that ends at this coding coordinate leads to decay."""
        junction = self.last_junction
        return junction is not None and junction - coding_end >= NMD_DISTANCE

    def exon_edges(self, coding_offset: int) -> tuple[int, int]:
        """Bases before and after an exonic coding position within its exon; ends of the transcript are far.

        >>> TranscriptShape((10, 20), (0, 15)).exon_edges(10)
        (0, 1000000)
        """
        at = coding_offset + self.cds[0]
        start = 0
        for number, end in enumerate(self.exon_ends):
            if at < end:
                before = at - start if number else 1_000_000
                after = end - 1 - at if number + 1 < len(self.exon_ends) else 1_000_000
                return before, after
            start = end
        return 1_000_000, 1_000_000

    def skip(self, exon: int) -> ExonSkip | None:
        """What skipping the exon with this number (1-based) does; None where it has no coding base."""
        if not 1 <= exon <= len(self.exon_ends):
            return None
        start = self.exon_ends[exon - 2] if exon > 1 else 0
        end = self.exon_ends[exon - 1]
        low, high = max(start, self.cds[0]), min(end, self.cds[1])
        bases = high - low
        if bases <= 0:
            return None
        kept = bases % 3 == 0
        # A frame lost in the last coding junctions meets its stop in the last exon, which does not decay.
        decay = None if kept else exon < len(self.exon_ends) - 1
        return ExonSkip(
            exon=exon,
            coding_bases=bases,
            lost=min(1.0, (bases if kept else self.cds[1] - 3 - low) / 3 / max(1, self.residues)),
            frame_kept=kept,
            decay=decay,
            start=start <= self.cds[0] < end,
            last=exon == len(self.exon_ends),
        )


@lru_cache(maxsize=4096)
def shape_of(transcript: Transcript) -> TranscriptShape | None:
    """The shape of a coding transcript; None for a non-coding one.

    >>> model = Transcript("NM_1.1", None, None, "G", None, "", "1", -1, ((0, 40), (50, 110)), (10, 70))
    >>> shape_of(model)
    TranscriptShape(exon_ends=(60, 100), cds=(10, 70))
    """
    if transcript.cds is None:
        return None
    exons = transcript.exons if transcript.strand > 0 else tuple(reversed(transcript.exons))
    return TranscriptShape(tuple(accumulate(end - start for start, end in exons)), transcript.cds)

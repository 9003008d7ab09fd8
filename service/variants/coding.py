"""Transcript coordinates: genomic positions to c. and n. numbers, and back."""

import itertools
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from service.domain.transcript import Transcript
from service.errors import InvalidVariant
from service.variants.justify import reverse_complement


@dataclass(frozen=True, slots=True)
class TranscriptPosition:
    """A base of a transcript (`offset`, interbase) or `intron` bases from it: + downstream, - upstream."""

    offset: int
    intron: int = 0


class Geometry:
    """Exon arithmetic of one transcript. Genomic positions are 0-based; offsets count transcript bases."""

    __slots__ = (
        "blocks",
        "cds_end",
        "cds_start",
        "coding",
        "ends",
        "first_offsets",
        "length",
        "starts",
        "strand",
        "transcript",
    )

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.strand = transcript.strand
        self.starts = [start for start, _ in transcript.exons]
        self.ends = [end for _, end in transcript.exons]
        lengths = [end - start for start, end in transcript.exons]
        self.length = sum(lengths)
        # Transcript offset of each exon's first transcribed base, exons in genomic order.
        self.first_offsets = []
        total = 0
        for length in lengths if self.strand > 0 else reversed(lengths):
            self.first_offsets.append(total)
            total += length
        if self.strand < 0:
            self.first_offsets.reverse()
        # Aligned stretches by exon, where the alignment has gaps.
        self.blocks: list[list[tuple[int, int, int]]] = []
        if transcript.blocks:
            self.blocks = [[b for b in transcript.blocks if s <= b[0] < e] for s, e in transcript.exons]
            self.length = transcript.length
            forward = self.strand > 0
            self.first_offsets = [(own[0] if forward else own[-1])[2] for own in self.blocks]
        self.coding = transcript.cds is not None
        self.cds_start, self.cds_end = transcript.cds or (0, self.length)

    def locate(self, position: int) -> tuple[int, int] | None:
        """(offset, intron offset) of a genomic base; None outside the transcript.

        In an intron the nearer exon counts; the middle base of an odd intron belongs to the upstream exon
        (HGVS nomenclature, numbering of coding DNA reference sequences).
        """
        number = bisect_right(self.starts, position) - 1
        if number < 0:
            return None
        end = self.ends[number]
        if self.strand > 0:
            if position < end:
                return self._exonic(number, position)
            if number + 1 == len(self.starts):
                return None
            down, up = position - end + 1, self.starts[number + 1] - position
            after = self.first_offsets[number + 1]
            return (self.after(number) - 1, down) if down <= up else (after, -up)
        if position < end:
            return self._exonic(number, position)
        if number + 1 == len(self.starts):
            return None
        down, up = self.starts[number + 1] - position, position - end + 1
        after = self.first_offsets[number]
        return (self.after(number + 1) - 1, down) if down <= up else (after, -up)

    def _exonic(self, number: int, position: int) -> tuple[int, int] | None:
        """As `locate`, of a base within an exon; None where it lies in a gap of the alignment."""
        start, end, first = self._block(number, position) or (position, position, 0)
        if start == end:
            return None
        return (first + position - start if self.strand > 0 else first + end - 1 - position), 0

    def _block(self, number: int, position: int) -> tuple[int, int, int] | None:
        """The aligned stretch of an exon that holds a genomic base."""
        if not self.blocks:
            return self.starts[number], self.ends[number], self.first_offsets[number]
        return next((block for block in self.blocks[number] if block[0] <= position < block[1]), None)

    def _last(self, number: int) -> int:
        """Transcript offset of an exon's last transcribed base."""
        if not self.blocks:
            return self.first_offsets[number] + self.ends[number] - self.starts[number] - 1
        start, end, first = self.blocks[number][-1 if self.strand > 0 else 0]
        return first + end - start - 1

    def gap_within(self, low: int, high: int) -> bool:
        """Whether genomic bases low..high (both included) hold a gap of the alignment or lie around it."""
        return any(low < end and high >= start for start, end in self._gaps())

    def after(self, number: int) -> int:
        """The transcript offset after an exon, bases of the transcript alone that follow it included."""
        following = number + 1 if self.strand > 0 else number - 1
        if 0 <= following < len(self.starts):
            return self.first_offsets[following]
        return self._last(number) + 1

    def cigar(self, number: int) -> str:
        """The alignment of an exon along the transcript, in the words of UTA: `=` paired, D bases of the
        transcript alone, I of the genome alone.
        """
        if not self.blocks:
            return f"{self.ends[number] - self.starts[number]}="
        own = self.blocks[number] if self.strand > 0 else self.blocks[number][::-1]
        words = []
        for before, block in itertools.pairwise((None, *own)):
            if before is not None and block is not None:
                skipped = block[2] - before[2] - (before[1] - before[0])
                added = max(before[0], block[0]) - min(before[1], block[1])
                words += [f"{skipped}D"] * (skipped > 0) + [f"{added}I"] * (added > 0)
            if block is not None:
                words.append(f"{block[1] - block[0]}=")
        trailing = self.after(number) - self._last(number) - 1
        return "".join(words) + (f"{trailing}D" if trailing else "")

    def _gaps(self) -> Iterator[tuple[int, int]]:
        """Interbase places where genome or transcript has bases of its own; start == end for the latter."""
        for own in self.blocks:
            for before, after in itertools.pairwise(own):
                yield before[1], after[0]
        for number in range(len(self.blocks) - 1):
            upstream, downstream = (number, number + 1) if self.strand > 0 else (number + 1, number)
            if self.first_offsets[downstream] != self._last(upstream) + 1:
                yield self.ends[number], self.ends[number]

    def genomic(self, position: TranscriptPosition) -> int:
        """Genomic base of a transcript position.

        Raises:
            InvalidVariant: outside the transcript, not at an exon's edge, or further than the intron is long.
        """
        accession, offset = self.transcript.accession, position.offset
        if not 0 <= offset < self.length:
            raise InvalidVariant(
                f"{self.name(offset)} is outside {accession}, whose bases are "
                f"{self.name(0)} to {self.name(self.length - 1)}"
            )
        number = self._exon_of(offset)
        start, end = self.starts[number], self.ends[number]
        if not position.intron:
            return self._aligned(number, offset)
        self._check_intron(position, number)
        edge = end - 1 if (position.intron > 0) == (self.strand > 0) else start
        return edge + position.intron * self.strand

    def _aligned(self, number: int, offset: int) -> int:
        """Genomic base of a transcript offset within an exon.

        Raises:
            InvalidVariant: the base is the transcript's alone.
        """
        blocks = self.blocks[number] if self.blocks else [self._block(number, self.starts[number])]
        for block in blocks:
            if block is None:
                continue
            start, end, first = block
            if first <= offset < first + end - start:
                return start + offset - first if self.strand > 0 else end - 1 - (offset - first)
        transcript = self.transcript
        raise InvalidVariant(
            f"{self.name(offset)} of {transcript.accession} lies nowhere on {transcript.assembly}: the "
            "alignment has a gap there"
        )

    def _check_intron(self, position: TranscriptPosition, number: int) -> None:
        """Refuses an intronic offset that no intron of this transcript has."""
        downstream = position.intron > 0
        first, last = self.first_offsets[number], self.after(number) - 1
        written = f"{self.name(position.offset)}{position.intron:+d}"
        if position.offset != (last if downstream else first):
            edge = f"{self.name(first)} to {self.name(last)}"
            raise InvalidVariant(
                f"{written}: {self.name(position.offset)} is not at the edge of its exon, which is {edge}"
            )
        neighbour = number + (1 if downstream == (self.strand > 0) else -1)
        if not 0 <= neighbour < len(self.starts):
            raise InvalidVariant(f"{written} is outside {self.transcript.accession}: no intron follows there")
        low, high = sorted((number, neighbour))
        length = self.starts[high] - self.ends[low]
        if abs(position.intron) > length:
            raise InvalidVariant(f"{written}: the intron is only {length} bases long")

    def _exon_of(self, offset: int) -> int:
        """Genomic number of the exon that holds a transcript offset."""
        if self.strand > 0:
            return bisect_right(self.first_offsets, offset) - 1
        low, high = 0, len(self.first_offsets) - 1
        while low < high:
            middle = (low + high) // 2
            if self.first_offsets[middle] <= offset:
                high = middle
            else:
                low = middle + 1
        return low

    def name(self, offset: int) -> str:
        """The c. number of a transcript offset (n. number for a non-coding transcript).

        >>> model = Transcript("NM_1.1", None, None, "G", None, "", "1", 1, ((0, 100),), (10, 40))
        >>> [Geometry(model).name(n) for n in (9, 10, 39, 40)]
        ['-1', '1', '30', '*1']
        """
        if offset < self.cds_start:
            return str(offset - self.cds_start)
        if offset >= self.cds_end and self.coding:
            return f"*{offset - self.cds_end + 1}"
        return str(offset - self.cds_start + 1)

    def position_name(self, place: tuple[int, int]) -> str:
        """The c. position of a located base, intronic offset included."""
        offset, intron = place
        return f"{self.name(offset)}{intron:+d}" if intron else self.name(offset)

    def exon_number(self, position: int) -> tuple[str, int, int] | None:
        """(`exon` or `intron`, its number in transcript order, how many there are) of a genomic base."""
        number = bisect_right(self.starts, position) - 1
        if number < 0:
            return None
        count = len(self.starts)
        if position < self.ends[number]:
            return "exon", number + 1 if self.strand > 0 else count - number, count
        if number + 1 == count:
            return None
        return "intron", number + 1 if self.strand > 0 else count - 1 - number, count - 1


def edit_name(geometry: Geometry, start: int, ref: str, alt: str, before: str, after: str) -> str | None:
    """The c. (or n.) description of a genomic change that is already shifted 3' in the transcript.

    Alleles are on the forward genomic strand, without shared ends; `before` and `after` are the genomic bases
    beside the change, as long as the inserted sequence where known, to tell a duplication. None when the
    change leaves the transcript.
    """
    forward = geometry.strand > 0
    end = start + len(ref)
    if not forward:
        ref, alt, before, after = (
            reverse_complement(ref),
            reverse_complement(alt),
            reverse_complement(after),
            reverse_complement(before),
        )
    if ref:
        first, last = (start, end - 1) if forward else (end - 1, start)
        suffix = edit_suffix(ref, alt)
    elif alt and before.endswith(alt):
        size = len(alt)
        first, last = (start - size, start - 1) if forward else (start + size - 1, start)
        suffix = "dup"
    else:
        first, last = (start - 1, start) if forward else (start, start - 1)
        suffix = f"ins{alt}"
    low, high = geometry.locate(first), geometry.locate(last)
    if low is None or high is None:
        return None
    place = geometry.position_name(low)
    if first != last:
        place = f"{place}_{geometry.position_name(high)}"
    return f"{'c' if geometry.coding else 'n'}.{place}{suffix}"


def edit_suffix(ref: str, alt: str) -> str:
    """What happens to the bases at a place that replaces `ref` by `alt`; neither shares an end.

    Sources: HGVS nomenclature 21.1, DNA substitution, deletion, inversion, deletion-insertion.

    >>> [edit_suffix(*pair) for pair in (("A", "T"), ("AG", ""), ("AAG", "CTT"), ("AC", "GTA"))]
    ['A>T', 'del', 'inv', 'delinsGTA']
    """
    if not alt:
        return "del"
    if len(ref) == 1 == len(alt):
        return f"{ref}>{alt}"
    if len(ref) == len(alt) and alt == reverse_complement(ref):
        return "inv"
    return f"delins{alt}"

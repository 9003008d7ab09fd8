"""Positions of a transcript named by accession, LRG or gene -> the variant on the genome."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.domain.published import AgreedNumbering
from service.domain.transcript import Transcript
from service.domain.variant import Variant
from service.errors import InvalidVariant, UnknownReference
from service.variants.coding import TranscriptPosition
from service.variants.justify import reverse_complement
from service.variants.notation import (
    Datum,
    Edit,
    HgvsNotation,
    Position,
)
from service.variants.placed_edits import Place, PlacedEdits
from service.variants.transcripts import TranscriptModels

READ_AS = (
    "{n.earlier} read as {n.known}: published names at {n.positions} positions from c.{n.first} to "
    "c.{n.last} have the same place there {n.there}"
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A variant, and the gene and accession of the transcript that the notation names."""

    variant: Variant
    gene: str | None = None
    transcript: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TranscriptPositions:
    """Reads c. and n. notations over the known transcripts."""

    models: TranscriptModels
    edits: PlacedEdits

    def resolved(self, notation: HgvsNotation, edit: Edit) -> Resolved:
        """The variant of one edit in transcript positions."""
        reference = notation.reference
        catalogue = self.models.catalogue
        unknown = reference is not None and catalogue.get(reference) is None
        stretches = catalogue.agreed_numbering(reference) if reference and unknown else ()
        if stretches and notation.letter == "c":
            agreed = _agreed(stretches, edit, notation.text)
            edit = replace(edit, start=_less(edit.start, agreed.shift), end=_less(edit.end, agreed.shift))
            transcript = self.named(agreed.known, None, notation.text)
            notes: tuple[str, ...] = (READ_AS.format(n=agreed),)
        else:
            transcript, notes = self.named(reference, notation.gene, notation.text), ()
        place = self.place(transcript, notation, edit)
        variant = self.edits.apply(place, edit, notation.text)
        notes = (*notes, *_introns_along(place, edit, notation.text), *self.silent_sources())
        return Resolved(variant, transcript.gene, transcript.accession, notes)

    def silent_sources(self) -> list[str]:
        """What keeps configured sources of transcripts from answering."""
        problems = (source.problem() for source in self.models.catalogue.sources)
        return [problem for problem in problems if problem]

    def named(self, reference: str | None, gene: str | None, text: str) -> Transcript:
        """The transcript that a notation names by accession, LRG or gene symbol (then MANE Select).

        Raises:
            InvalidVariant: it is not known; the message says which versions are.
        """
        catalogue = self.models.catalogue
        if reference is not None:
            found = catalogue.get(reference)
            if found is not None:
                return found
            versions = catalogue.versions(reference)
            silent = "".join(f"; {problem}" for problem in self.silent_sources())
            if versions:
                problem = "is not known in this version" if "." in reference else "has no version"
                known = ", ".join(sorted(versions))
                raise UnknownReference(f"{reference} {problem}; known: {known}{silent}")
            of_gene = catalogue.of_gene(catalogue.symbol(gene)) if gene else ()
            if reference.startswith(("NG_", "NC_")) or reference.removeprefix("LRG_").isdigit():
                known = f"; known for {gene}: {', '.join(t.accession for t in of_gene)}" if of_gene else ""
                raise UnknownReference(
                    f"{text}: {reference} is a genomic record; name the transcript too, such as "
                    f"{reference}(NM_004333.6):c.{known}"
                )
            hint = f"; known for {gene}: {', '.join(t.accession for t in of_gene)}" if of_gene else ""
            raise UnknownReference(f"transcript {reference} is not known{hint}{silent}")
        if gene is None:
            raise InvalidVariant(
                f"{text} names no reference sequence; expected a transcript or gene before it"
            )
        of_gene = catalogue.of_gene(catalogue.symbol(gene))
        if not of_gene:
            raise UnknownReference(f"no transcript of a gene {gene} is known")
        return of_gene[0]

    def place(self, transcript: Transcript, notation: HgvsNotation, edit: Edit) -> Place:
        """Where the positions of an edit lie on the genome."""
        geometry = self.models.geometry(transcript)
        if notation.letter == "c" and not geometry.coding:
            raise InvalidVariant(f"{transcript.accession} is not coding; expected n. instead of c.")
        ends = []
        for position in (edit.start, edit.end):
            offset = self._offset(transcript, notation.letter, position)
            ends.append(geometry.genomic(TranscriptPosition(offset, position.offset)))
        low, high = min(ends), max(ends)
        if (ends[0] > ends[1]) == (geometry.strand > 0) and ends[0] != ends[1]:
            raise InvalidVariant(f"{notation.text}: the first position comes after the second")
        if geometry.blocks and geometry.gap_within(low, high):
            raise InvalidVariant(
                f"{notation.text}: the alignment of {transcript.accession} to {transcript.assembly} has a "
                "gap there"
            )
        differing = self._differences(transcript, low, high)
        return Place(transcript.assembly, transcript.chrom, low, high, geometry.strand, differing)

    def _offset(self, transcript: Transcript, letter: str, position: Position) -> int:
        """Transcript offset of a written position."""
        if letter == "n" or transcript.cds is None:
            if position.datum is Datum.STOP or position.base < 0:
                raise InvalidVariant("n. positions are counted from the first base of the transcript")
            return position.base - 1
        start, end = transcript.cds
        if position.datum is Datum.STOP:
            return end + position.base - 1
        offset = start + position.base - (1 if position.base > 0 else 0)
        if offset >= end:
            limits = f"the coding sequence of {transcript.accession}, 1 to {end - start}"
            raise InvalidVariant(f"position {position.base} is outside {limits}")
        return offset

    def _differences(self, transcript: Transcript, low: int, high: int) -> tuple[tuple[int, str], ...]:
        """(genomic position, transcript base on the forward strand) where the transcript departs, within
        low..high.
        """
        geometry = self.models.geometry(transcript)
        found = []
        for offset, base in self.models.departures(transcript):
            position = geometry.genomic(TranscriptPosition(offset))
            if low <= position <= high:
                found.append((position, base if transcript.strand > 0 else reverse_complement(base)))
        return tuple(found)


def _agreed(stretches: Sequence[AgreedNumbering], edit: Edit, text: str) -> AgreedNumbering:
    """The stretch that holds an edit.

    Raises:
        InvalidVariant: nothing shows where the unknown transcript has these positions.
    """
    for stretch in stretches:
        ends = (edit.start, edit.end)
        if all(p.datum is Datum.START and stretch.first <= p.base <= stretch.last for p in ends):
            return stretch
    earlier, known = stretches[0].earlier, stretches[0].known
    version = " in this version" if earlier.partition(".")[0] == known.partition(".")[0] else ""
    ranges = ", ".join(f"c.{s.first} to c.{s.last}" for s in stretches[:6])
    raise UnknownReference(
        f"{text}: {earlier} is not known{version}; known: {known}, whose numbering it is shown to follow at "
        f"{ranges} alone"
    )


def _introns_along(place: Place, edit: Edit, text: str) -> tuple[str, ...]:
    """A sentence where exonic positions on both sides of an intron take that intron along."""
    if edit.start.offset or edit.end.offset or not edit.size or edit.size >= place.size:
        return ()
    intronic = place.size - edit.size
    along = f"{text} reaches over an exon junction: {intronic} intronic bases go with it"
    return (f"{along}; a change shifted by the 3' rule stays in its exon",)


def _less(position: Position, shift: int) -> Position:
    return replace(position, base=position.base - shift)

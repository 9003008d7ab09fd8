"""Transcripts with their geometry and bases, worked out once."""

from collections.abc import Callable, Iterator

from service.domain import genetic_code
from service.domain.transcript import Transcript
from service.domain.transcript_catalogue import TranscriptCatalogue
from service.variants.coding import Geometry
from service.variants.justify import Justified, reverse_complement
from service.variants.protein import (
    CodingSequence,
)
from service.variants.reference import ReferenceSequence


class TranscriptModels:
    """Transcripts with their geometry and sequence, worked out once per transcript and kept."""

    def __init__(
        self,
        catalogue: TranscriptCatalogue,
        reference: ReferenceSequence,
        own_bases: Callable[[str], str | None] | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.reference = reference
        # Bases of a transcript by accession, from a source of sequences; None where it does not know it.
        self.own_bases = own_bases or (lambda _: None)
        self._departures: dict[str, tuple[tuple[int, str], ...]] = {}
        self._geometries: dict[str, Geometry] = {}
        self._sequences: dict[str, CodingSequence | None] = {}

    def near(self, change: Justified) -> list[Transcript]:
        """MANE transcripts that the change overlaps; where none, those within 5 kb."""
        start, end = change.start - change.left, change.end + change.right
        found = self.catalogue.near(change.chrom, start, end)
        if len(found) > 1:
            inside = [t for t in found if t.exons[0][0] < max(end, start + 1) and t.exons[-1][1] > start]
            return inside or found
        return found

    def geometry(self, transcript: Transcript) -> Geometry:
        """Exon arithmetic of a transcript."""
        known = self._geometries.get(transcript.accession)
        if known is None:
            known = self._geometries[transcript.accession] = Geometry(transcript)
        return known

    def sequence(self, transcript: Transcript) -> str:
        """Transcript bases 5' to 3', N where unknown: its own where a source has them, else the genome's with
        its differences applied.
        """
        if not transcript.of_genome or transcript.blocks:
            return self.own_bases(transcript.accession) or "N" * transcript.length
        bases = "".join(
            self.reference.bases(transcript.assembly, transcript.chrom, start, end)
            for start, end in transcript.exons
        )
        if transcript.strand < 0:
            bases = reverse_complement(bases)
        for offset, base in transcript.differences:
            bases = bases[:offset] + base + bases[offset + 1 :]
        return bases

    def coding(self, transcript: Transcript) -> CodingSequence | None:
        """Coding sequence of a transcript; None for a non-coding one or where a coding base is unknown."""
        accession = transcript.accession
        if accession in self._sequences:
            return self._sequences[accession]
        coding = None
        if transcript.cds is not None:
            table = genetic_code.MITOCHONDRIAL if transcript.chrom == "MT" else None
            coding = CodingSequence(self.sequence(transcript), *transcript.cds, table)
        self._sequences[accession] = known = coding if coding is not None and coding.known else None
        return known

    def departures(self, transcript: Transcript) -> tuple[tuple[int, str], ...]:
        """(offset, base) pairs where a transcript's bases are not the genome's, as far as both are known."""
        if transcript.of_genome:
            return transcript.differences
        accession = transcript.accession
        if accession not in self._departures:
            own = self.own_bases(accession)
            self._departures[accession] = tuple(self._differing(transcript, own)) if own else ()
        return self._departures[accession]

    def _differing(self, transcript: Transcript, own: str) -> Iterator[tuple[int, str]]:
        geometry = self.geometry(transcript)
        stretches = geometry.transcript.blocks or tuple(
            (start, end, first)
            for (start, end), first in zip(transcript.exons, geometry.first_offsets, strict=True)
        )
        for start, end, first in stretches:
            genome = self.reference.bases(transcript.assembly, transcript.chrom, start, end)
            paired = genome if transcript.strand > 0 else reverse_complement(genome)
            for at, (ours, theirs) in enumerate(zip(own[first : first + end - start], paired, strict=False)):
                if ours != theirs and theirs != "N":
                    yield first + at, ours

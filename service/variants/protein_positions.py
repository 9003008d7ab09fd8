"""A protein change -> the one change of bases behind it, or the candidates."""

from dataclasses import dataclass, replace

from service.domain.transcript import Transcript
from service.errors import InvalidVariant, UnknownReference
from service.variants.effects import Effects
from service.variants.protein_candidates import candidates
from service.variants.protein_notation import ProteinNotation
from service.variants.transcript_positions import Resolved, TranscriptPositions

OLD_STOP = "X read as the stop codon, as it was written before 2013; it is written Ter or * now"


@dataclass(frozen=True, slots=True)
class ProteinPositions:
    """Reads p. notations over the known transcripts."""

    transcripts: TranscriptPositions

    def resolved(self, notation: ProteinNotation) -> Resolved:
        """The one genomic variant behind a protein change.

        Raises:
            InvalidVariant: there is none or more than one; then the message lists them.
        """
        if notation.first is None or notation.operation not in ("sub", "del", "same"):
            raise InvalidVariant(f"{notation.text} does not tell which bases changed; give the c. or g. name")
        notes: tuple[str, ...] = ()
        if notation.operation == "sub" and notation.alt == "X":
            notation, notes = replace(notation, alt="*", change=f"{notation.change[:-3]}Ter"), (OLD_STOP,)
        transcript = self._transcript_of(notation)
        found = candidates(Effects(self.transcripts.models), transcript, notation)
        if len(found) == 1:
            return Resolved(found[0][0], transcript.gene, transcript.accession, notes)
        names = ", ".join(name for _, name in found[:12])
        listed = f"{len(found)} changes of bases: {names}" if found else "no change of one codon"
        raise InvalidVariant(f"{notation.text} can come from {listed}")

    def _transcript_of(self, notation: ProteinNotation) -> Transcript:
        reference = notation.reference
        if reference is None or not reference.startswith(("NP_", "LRG_", "ENSP")):
            return self.transcripts.named(reference, notation.gene, notation.text)
        if reference.startswith("LRG_"):
            return self.transcripts.named(reference.replace("p", "t"), notation.gene, notation.text)
        found = self.transcripts.models.catalogue.of_protein(reference)
        if found is None:
            versions = self.transcripts.models.catalogue.protein_versions(reference)
            hint = f"; known: {', '.join(versions)}" if versions else ""
            silent = "".join(f"; {problem}" for problem in self.transcripts.silent_sources())
            raise UnknownReference(f"protein {reference} is not known{hint}{silent}")
        return found

"""What a change of unknown codons does: by frame and place, and by names published of it or of its codon."""

from dataclasses import replace

from service.domain.transcript import Transcript
from service.variants.coding import Geometry
from service.variants.consequence import decay_without_sequence, severity_order, term_without_sequence
from service.variants.exon_places import Where
from service.variants.justify import Justified, reverse_complement
from service.variants.protein import ProteinChange, codon_change
from service.variants.published_alleles import as_published, published_change
from service.variants.transcript_effect import UNAVAILABLE, Effect, with_protein
from service.variants.transcripts import TranscriptModels

PUBLISHED_NAME = "protein change as published for this very variant (ClinVar), not from sequence"
PUBLISHED = "codon known from published names of variants in it (ClinVar, ClinGen), not from sequence"


def by_published_codon(
    models: TranscriptModels, geometry: Geometry, offset: int, ref: str, alt: str
) -> ProteinChange | None:
    """The protein change of a substitution whose codon published names tell; else None."""
    index, frame = divmod(offset - geometry.cds_start, 3)
    transcript = geometry.transcript
    found = models.catalogue.published_codon(transcript.accession, index + 1)
    changes = {
        codon_change(codon, frame, alt, index, transcript.protein_length or 0)
        for codon in found
        if codon[frame] == ref
    }
    change = changes.pop() if len(changes) == 1 else None
    if change is None or change.kind != "stop_gained":
        return change
    return replace(change, stop_end=geometry.cds_start + 3 * (index + 1))


def without_sequence(
    models: TranscriptModels,
    geometry: Geometry,
    change: Justified,
    terms: set[str],
    name: str,
    where: Where,
    span: tuple[int, int],
) -> Effect:
    """What frame and place alone say of a coding change whose codons are not known, and what is
    published of this very change.
    """
    transcript, (exon, ordinal) = geometry.transcript, where
    alleles = change.ref, change.alt
    if geometry.strand < 0:
        alleles = reverse_complement(change.ref), reverse_complement(change.alt)
    found = term_without_sequence(geometry, span, *alleles) or _lost_stop(models, transcript, span, alleles)
    decays = decay_without_sequence(geometry, span, found)
    allele = as_published(change, models.catalogue.published_alleles(transcript.accession))
    made = published_change(allele, transcript) if allele is not None else None
    if made is not None:
        edit, one_sided = (span[1], len(change.alt) - len(change.ref)), not change.ref or not change.alt
        effect = with_protein(geometry, terms, name, where, made, edit, one_sided=one_sided)
        nmd = decays if effect.nmd is None else effect.nmd
        return replace(effect, nmd=nmd, note=PUBLISHED_NAME)
    protein = None
    if found is not None:
        terms.discard("coding_sequence_variant")
        terms.add(found)
    if found == "start_lost":
        protein = f"{transcript.protein}:p.(Met1?)"
    return Effect(
        transcript,
        severity_order(terms),
        name,
        protein,
        exon,
        decays,
        ordinal,
        max(0, span[0] - geometry.cds_start) // 3 + 1,
        note=None if protein else UNAVAILABLE,
    )


def _lost_stop(
    models: TranscriptModels, transcript: Transcript, span: tuple[int, int], alleles: tuple[str, str]
) -> str | None:
    """`stop_lost` where a substitution makes a residue of a known stop codon; else None."""
    coding = models.coding(transcript)
    at = span[0] - coding.end + 3 if coding else -1
    if coding is None or at not in range(3) or not len(alleles[0]) == 1 == len(alleles[1]):
        return None
    codon = coding.bases[coding.end - 3 : coding.end]
    return None if coding.residue(codon[:at] + alleles[1] + codon[at + 1 :]) == "*" else "stop_lost"

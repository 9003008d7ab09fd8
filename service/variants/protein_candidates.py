"""Which changes of bases give a stated protein change."""

from dataclasses import replace

from service.domain.assembly import Assembly
from service.domain.genetic_code import STANDARD, THREE_LETTERS
from service.domain.transcript import Transcript
from service.domain.variant import Variant
from service.errors import InvalidVariant, UnknownReference
from service.variants.coding import TranscriptPosition
from service.variants.effects import Effects
from service.variants.justify import justify, reverse_complement
from service.variants.protein import CodingSequence, protein_change
from service.variants.protein_notation import ProteinNotation
from service.variants.transcripts import TranscriptModels


def candidates(
    effects: Effects, transcript: Transcript, notation: ProteinNotation
) -> list[tuple[Variant, str]]:
    """(variant, c. name) of every single-base change, or every deletion of whole residues' length, that gives it.

    Without sequence, published names may tell the codon of a substitution.
    Changes of several bases within a codon are counted only where no single base explains the change.

    Raises:
        InvalidVariant: the transcript has no sequence, or another residue there.
    """
    models = effects.models
    coding = models.coding(transcript)
    if coding is None and notation.operation == "sub":
        published = _by_published_codons(models, transcript, notation)
        if published:
            return published
    if coding is None:
        raise UnknownReference(
            f"{notation.text}: the sequence of {transcript.accession} is not configured; give the c. or g. name"
        )
    assert notation.first is not None
    assert notation.last is not None
    for letter, number in (notation.first, notation.last):
        if number > len(coding.residues):
            raise InvalidVariant(
                f"{notation.text}: residue {number} is outside {transcript.protein}, 1 to {len(coding.residues) - 1}"
            )
        actual = coding.residues[number - 1]
        if letter not in ("X", actual):
            raise InvalidVariant(
                f"{notation.text}: residue {number} of {transcript.protein} is "
                f"{THREE_LETTERS[actual]}, not {THREE_LETTERS[letter]}{_counted_without_start(coding, letter, number)}"
            )
    edits = _deletions(coding, notation) if notation.operation == "del" else _codon_changes(coding, notation)
    found = {}
    for first, last, alt in edits:
        variant = _variant(models, transcript, first, last, alt)
        change = justify(variant, models.reference)
        effect = effects.effect(transcript, change)
        found[change.expanded()] = (change.leftmost() or variant, effect.hgvs_c or "")
    return list(found.values())


def _counted_without_start(coding: CodingSequence, letter: str, number: int) -> str:
    """A remark where the stated residue is the next one: papers on proteins that lose their first methionine count
    without it, as in HBB E6V.
    """
    if coding.residues[number : number + 1] != letter:
        return ""
    return f"; residue {number + 1} is, and older papers may count without the first methionine"


def _codon_changes(coding: CodingSequence, notation: ProteinNotation) -> list[tuple[int, int, str]]:
    """(first, last offset, bases) of single-base changes, else of changes of the whole codon."""
    assert notation.first is not None
    number = notation.first[1]
    wanted = coding.residues[number - 1] if notation.operation == "same" else notation.alt
    start = coding.start + 3 * (number - 1)
    codon = coding.bases[start : start + 3]
    single, several = [], []
    for other, residue in coding.codons.items():
        differing = [i for i in range(3) if other[i] != codon[i]]
        if residue != wanted or not differing:
            continue
        if len(differing) == 1:
            single.append((start + differing[0], start + differing[0] + 1, other[differing[0]]))
        else:
            first, last = differing[0], differing[-1] + 1
            several.append((start + first, start + last, other[first:last]))
    return sorted(single or several)


def _by_published_codons(
    models: TranscriptModels, transcript: Transcript, notation: ProteinNotation
) -> list[tuple[Variant, str]]:
    """As `candidates`, where all codons that published names leave for a residue need the same single change;
    else empty.
    """
    assert notation.first is not None
    letter, number = notation.first
    codons = models.catalogue.published_codon(transcript.accession, number)
    if transcript.cds is None or any(STANDARD[codon] not in (letter, "X") for codon in codons):
        return []
    changes = {
        tuple(
            (at, codon[at], base)
            for at in range(3)
            for base in "ACGT"
            if base != codon[at] and STANDARD[codon[:at] + base + codon[at + 1 :]] == notation.alt
        )
        for codon in codons
    }
    if len(changes) != 1 or len(*changes) != 1:
        return []
    ((at, ref, base),) = changes.pop()
    offset = transcript.cds[0] + 3 * (number - 1) + at
    variant = _variant(models, transcript, offset, offset + 1, base)
    name = f"{transcript.accession}:c.{models.geometry(transcript).name(offset)}{ref}>{base}"
    return [(replace(variant, ref=ref if transcript.strand > 0 else reverse_complement(ref)), name)]


def _deletions(coding: CodingSequence, notation: ProteinNotation) -> list[tuple[int, int, str]]:
    """Deletions of as many bases as the residues have, wherever they give the stated change."""
    assert notation.first is not None
    assert notation.last is not None
    size = 3 * (notation.last[1] - notation.first[1] + 1)
    start = coding.start + 3 * (notation.first[1] - 1)
    found = []
    for first in range(max(coding.start, start - 2), start + 3):
        change = protein_change(coding, first, first + size, "")
        if change is not None and change.text == notation.change:
            found.append((first, first + size, ""))
    return found


def _variant(models: TranscriptModels, transcript: Transcript, first: int, last: int, alt: str) -> Variant:
    """The genomic variant of a change of transcript offsets first..last."""
    geometry = models.geometry(transcript)
    ends = sorted(geometry.genomic(TranscriptPosition(offset)) for offset in (first, last - 1))
    low, high = ends[0], ends[1] + 1
    ref = models.reference.bases(Assembly.GRCH38, transcript.chrom, low, high)
    return Variant(
        Assembly.GRCH38, transcript.chrom, low, ref, alt if transcript.strand > 0 else reverse_complement(alt)
    )

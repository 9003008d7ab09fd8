"""What a genomic change does to one transcript: its c. and p. names, terms, exon and decay."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from service.domain.transcript import MITOCHONDRIAL, OTHER, OTHER_GRCH37, Transcript
from service.variants.coding import Geometry, edit_name
from service.variants.consequence import (
    decay_without_sequence,
    escapes_or_decays,
    place_terms,
    protein_terms,
    severity_order,
    term_without_sequence,
)
from service.variants.justify import Justified, reverse_complement
from service.variants.protein import (
    ProteinChange,
    codon_change,
    protein_change,
    substitution_in_codon,
)
from service.variants.published_alleles import as_published, published_change
from service.variants.transcripts import TranscriptModels

if TYPE_CHECKING:
    from service.variants.hgvs_provider import HgvsPackage

UNAVAILABLE = "protein change unavailable: sequence not configured"
PUBLISHED_NAME = "protein change as published for this very variant (ClinVar), not from sequence"
PUBLISHED = "codon known from published names of variants in it (ClinVar, ClinGen), not from sequence"
IN_GAP = "no c. name: the alignment of {accession} to GRCh38 has a gap there"
AS_TRANSCRIPT = "the base is the transcript's own: the genome departs from it there"
BEYOND = "the change reaches beyond the transcript, which gives it no c. name"


@dataclass(frozen=True, slots=True)
class Effect:
    """A change on one transcript. `consequences` is never empty, most severe first."""

    transcript: Transcript
    consequences: tuple[str, ...]
    hgvs_c: str | None = None
    hgvs_p: str | None = None
    exon: str | None = None
    nmd: bool | None = None
    # Number of the exon or intron in transcript order, and how many there are.
    exon_ordinal: tuple[int, int] | None = None
    protein_position: int | None = None
    protein_length_change: int | None = None
    note: str | None = None


class Effects:
    """Effects of changes on transcripts."""

    def __init__(self, models: TranscriptModels) -> None:
        self.models = models
        # How many changes the `hgvs` package was asked to name.
        self.fallbacks = 0
        self._package: HgvsPackage | None = None

    def effect(self, transcript: Transcript, change: Justified) -> Effect:
        """The effect of a justified GRCh38 change on a transcript."""
        geometry = self.models.geometry(transcript)
        if transcript.kind == MITOCHONDRIAL:  # named by m. alone
            return replace(self._general(geometry, change, 0), hgvs_c=None)
        if geometry.blocks:
            low, high = change.start - change.left, change.start + len(change.ref) + change.right
            if geometry.gap_within(low - (0 if change.ref else 1), max(low, high - 1)):
                terms = severity_order(place_terms(geometry, change.start, change.start + len(change.ref)))
                return Effect(transcript, terms, note=IN_GAP.format(accession=transcript.accession))
        if len(change.ref) == 1 == len(change.alt):
            return self._substitution(geometry, change)
        return self._general(geometry, change, change.right if geometry.strand > 0 else -change.left)

    def _substitution(self, geometry: Geometry, change: Justified) -> Effect:
        start, transcript = change.start, geometry.transcript
        place = geometry.locate(start)
        if place is None:
            return Effect(transcript, severity_order(place_terms(geometry, start, start + 1)))
        offset, intron = place
        ref, alt = change.ref, change.alt
        if geometry.strand < 0:
            ref, alt = reverse_complement(ref), reverse_complement(alt)
        letter = "c" if geometry.coding else "n"
        if not intron and transcript.kind in (OTHER, OTHER_GRCH37) and not transcript.of_genome:
            ref = dict(self.models.departures(transcript)).get(offset, ref)
            if ref == alt:  # the genome's base is the change
                name = f"{transcript.accession}:{letter}.{geometry.name(offset)}="
                place_only = severity_order(place_terms(geometry, start, start + 1))
                return Effect(transcript, place_only, name, note=AS_TRANSCRIPT)
        name = f"{transcript.accession}:{letter}.{geometry.position_name(place)}{ref}>{alt}"
        terms = place_terms(geometry, start, start + 1)
        exon, ordinal = _exon_text(geometry, start)
        if intron or not geometry.cds_start <= offset < geometry.cds_end or not geometry.coding:
            protein = f"{transcript.protein}:p.?" if transcript.protein else None
            return Effect(transcript, severity_order(terms), name, protein, exon, exon_ordinal=ordinal)
        coding = self.models.coding(transcript)
        if coding is None:
            span = offset, offset + 1
            if known := self._by_published_codon(geometry, offset, ref, alt):
                effect = self._with_protein(geometry, terms, name, (exon, ordinal), known, (offset + 1, 0))
                return replace(effect, note=PUBLISHED)
            return self._without_sequence(geometry, change, terms, name, (exon, ordinal), span)
        made = substitution_in_codon(coding, offset, alt) or protein_change(coding, offset, offset + 1, alt)
        if made is None:  # it depends on bases behind the coding sequence
            span = offset, offset + 1
            return self._without_sequence(geometry, change, terms, name, (exon, ordinal), span)
        return self._with_protein(geometry, terms, name, (exon, ordinal), made, (offset + 1, 0))

    def _general(self, geometry: Geometry, change: Justified, by: int) -> Effect:
        """The effect of the equivalent change `by` bases to the right."""
        start, ref, alt = change.moved(by)
        transcript, end = geometry.transcript, start + len(ref)
        terms = place_terms(geometry, start, end)
        before, after = self._beside(change, by) if not ref else ("", "")
        edit = edit_name(geometry, start, ref, alt, before, after)
        # A duplication is counted where its bases are, an insertion where it pushes the following ones.
        doubled = edit is not None and edit.endswith("dup")
        following = bool(ref) or (geometry.strand > 0) != doubled
        exon, ordinal = where = _exon_text(geometry, start if following else start - 1)
        if edit is None:
            note = BEYOND if exon else None
            return Effect(transcript, severity_order(terms), exon=exon, exon_ordinal=ordinal, note=note)
        name = f"{transcript.accession}:{edit}"
        span = _offsets(geometry, start, end)
        if span is None and edit.endswith("dup") and not re.search(r"\d[+-]\d", edit):
            span = _after_exon(geometry, start)
        if edit.endswith("dup") and _holds_an_intron(geometry, start, len(alt)):
            span = None
        unknown = f"{transcript.protein}:p.?" if transcript.protein else None
        if not geometry.coding or span is None or not _touches_cds(geometry, *span):
            return Effect(transcript, severity_order(terms), name, unknown, exon, exon_ordinal=ordinal)
        coding = self.models.coding(transcript)
        if coding is None:
            return self._without_sequence(geometry, change, terms, name, where, span)
        first, last = span
        if first < geometry.cds_start and last > geometry.cds_end:
            terms.discard("coding_sequence_variant")
            terms |= {"start_lost", "stop_lost"}
            protein = self._by_package(name) or unknown
            return Effect(transcript, severity_order(terms), name, protein, exon, exon_ordinal=ordinal)
        inserted = alt if geometry.strand > 0 else reverse_complement(alt)
        made = protein_change(coding, first, last, inserted)
        if made is None:  # it depends on bases beyond what is known
            return self._without_sequence(geometry, change, terms, name, where, span)
        if last > geometry.cds_end:
            return self._across_the_stop(geometry, terms, name, where, made)
        shift = len(alt) - len(ref)
        one_sided = not ref or not alt
        return self._with_protein(geometry, terms, name, where, made, (last, shift), one_sided=one_sided)

    def _across_the_stop(
        self,
        geometry: Geometry,
        terms: set[str],
        name: str,
        where: tuple[str | None, tuple[int, int] | None],
        made: ProteinChange,
    ) -> Effect:
        """The effect of a change that takes bases of the coding interval and bases after it."""
        transcript, (exon, ordinal) = geometry.transcript, where
        terms.discard("coding_sequence_variant")
        terms.add("stop_retained_variant" if made.kind in ("stop_retained", "synonymous") else "stop_lost")
        protein = f"{transcript.protein}:p.({made.text})"
        return Effect(
            transcript,
            severity_order(terms),
            name,
            protein,
            exon,
            None,
            ordinal,
            made.first,
            made.length_change,
        )

    def _beside(self, change: Justified, by: int) -> tuple[str, str]:
        """Bases before and after an insertion moved `by` to the right, each as long as what is inserted;
        those that the change itself brings count as known.
        """
        start, size = change.start + by, len(change.alt)
        before = self.models.reference.bases(change.assembly, change.chrom, start - size, start)
        after = self.models.reference.bases(change.assembly, change.chrom, start, start + size)
        own_before, own_after = change.beside(by)
        if own_before and "N" in before:
            before = before[: max(0, size - len(own_before))] + own_before[-size:]
        if own_after and "N" in after:
            after = own_after[:size] + after[len(own_after) :]
        return before, after

    def _by_published_codon(
        self, geometry: Geometry, offset: int, ref: str, alt: str
    ) -> ProteinChange | None:
        """The protein change of a substitution whose codon published names tell; else None."""
        index, frame = divmod(offset - geometry.cds_start, 3)
        transcript = geometry.transcript
        found = self.models.catalogue.published_codon(transcript.accession, index + 1)
        changes = {
            codon_change(codon, frame, alt, index, transcript.protein_length or 0)
            for codon in found
            if codon[frame] == ref
        }
        change = changes.pop() if len(changes) == 1 else None
        if change is None or change.kind != "stop_gained":
            return change
        return replace(change, stop_end=geometry.cds_start + 3 * (index + 1))

    def _without_sequence(
        self,
        geometry: Geometry,
        change: Justified,
        terms: set[str],
        name: str,
        where: tuple[str | None, tuple[int, int] | None],
        span: tuple[int, int],
    ) -> Effect:
        """What frame and place alone say of a coding change whose codons are not known, and what is
        published of this very change.
        """
        transcript, (exon, ordinal) = geometry.transcript, where
        alleles = change.ref, change.alt
        if geometry.strand < 0:
            alleles = reverse_complement(change.ref), reverse_complement(change.alt)
        found = term_without_sequence(geometry, span, *alleles) or self._lost_stop(transcript, span, alleles)
        decays = decay_without_sequence(geometry, span, found)
        allele = as_published(change, self.models.catalogue.published_alleles(transcript.accession))
        made = published_change(allele, transcript) if allele is not None else None
        if made is not None:
            edit, one_sided = (span[1], len(change.alt) - len(change.ref)), not change.ref or not change.alt
            effect = self._with_protein(geometry, terms, name, where, made, edit, one_sided=one_sided)
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
        self, transcript: Transcript, span: tuple[int, int], alleles: tuple[str, str]
    ) -> str | None:
        """`stop_lost` where a substitution makes a residue of a known stop codon; else None."""
        coding = self.models.coding(transcript)
        at = span[0] - coding.end + 3 if coding else -1
        if coding is None or at not in range(3) or not len(alleles[0]) == 1 == len(alleles[1]):
            return None
        codon = coding.bases[coding.end - 3 : coding.end]
        return None if coding.residue(codon[:at] + alleles[1] + codon[at + 1 :]) == "*" else "stop_lost"

    def _by_package(self, hgvs_c: str) -> str | None:
        """The p. name that the `hgvs` package gives for a change across the edge of the coding interval."""
        if self._package is None:
            from service.variants.hgvs_provider import HgvsPackage

            self._package = HgvsPackage(self.models)
        self.fallbacks += 1
        name = self._package.protein_name(hgvs_c)
        return name.replace("p.Met1?", "p.(Met1?)") if name else None

    def joint_effect(self, transcript: Transcript, substitutions: Sequence[tuple[int, str]]) -> Effect | None:
        """The effect of (genomic position, base) substitutions on one codon together; None where unknown.

        Source: HGVS nomenclature 21.1, changes within one codon are one change of the protein.
        """
        geometry, coding = self.models.geometry(transcript), self.models.coding(transcript)
        if coding is None:
            return None
        placed = []
        for position, base in substitutions:
            place = geometry.locate(position)
            if place is None or place[1] or not geometry.cds_start <= place[0] < geometry.cds_end:
                return None
            placed.append((place[0], base if geometry.strand > 0 else reverse_complement(base)))
        first = min(offset for offset, _ in placed)
        start = first - (first - coding.start) % 3
        codon = list(coding.bases[start : start + 3])
        for offset, base in placed:
            if offset - start > 2:
                return None
            codon[offset - start] = base
        made = protein_change(coding, start, start + 3, "".join(codon))
        terms = set().union(*(place_terms(geometry, position, position + 1) for position, _ in substitutions))
        where = _exon_text(geometry, substitutions[0][0])
        return self._with_protein(geometry, terms, "", where, made, (start + 3, 0))

    def _with_protein(
        self,
        geometry: Geometry,
        terms: set[str],
        name: str,
        where: tuple[str | None, tuple[int, int] | None],
        made: ProteinChange | None,
        edit: tuple[int, int],
        *,
        one_sided: bool = False,
    ) -> Effect:
        transcript, (exon, ordinal) = geometry.transcript, where
        if made is None:
            return Effect(
                transcript, severity_order(terms), name, None, exon, exon_ordinal=ordinal, note=UNAVAILABLE
            )
        terms.discard("coding_sequence_variant")
        terms |= protein_terms(made, edit[1], one_sided=one_sided)
        return Effect(
            transcript,
            severity_order(terms),
            name,
            f"{transcript.protein}:p.({made.text})",
            exon,
            escapes_or_decays(geometry, made, *edit),
            ordinal,
            made.first,
            made.length_change,
        )


def _exon_text(geometry: Geometry, position: int) -> tuple[str | None, tuple[int, int] | None]:
    """`5/12` within an exon, `intron 4/11` within an intron, and the two numbers; None outside."""
    found = geometry.exon_number(position)
    if found is None:
        return None, None
    kind, number, count = found
    return (f"{number}/{count}" if kind == "exon" else f"intron {number}/{count}"), (number, count)


def _offsets(geometry: Geometry, start: int, end: int) -> tuple[int, int] | None:
    """Transcript offsets first..last of exonic genomic bases; None when an end is not exonic."""
    if start == end:
        left, right = geometry.locate(start - 1), geometry.locate(start)
        if left is None or right is None or left[1] or right[1]:
            return None
        at = max(left[0], right[0])
        return at, at
    low, high = geometry.locate(start), geometry.locate(end - 1)
    if low is None or high is None or low[1] or high[1]:
        return None
    first, last = min(low[0], high[0]), max(low[0], high[0]) + 1
    return (first, last) if last - first == end - start else None


def _holds_an_intron(geometry: Geometry, start: int, size: int) -> bool:
    """Whether the `size` bases whose copy is inserted before `start`, as read on the transcript, lie in more
    than one exon: what the copy's splice sites do to the product is not known.
    """
    low = start - size if geometry.strand > 0 else start
    ends = geometry.locate(low), geometry.locate(low + size - 1)
    if ends[0] is None or ends[1] is None or ends[0][1] or ends[1][1]:
        return False
    return abs(ends[0][0] - ends[1][0]) + 1 != size


def _after_exon(geometry: Geometry, start: int) -> tuple[int, int] | None:
    """The offset after an exon whose last bases are duplicated: the copy counts as part of the exon."""
    for position in (start - 1, start):
        place = geometry.locate(position)
        if place is not None and not place[1]:
            at = place[0] + 1
            return at, at
    return None


def _touches_cds(geometry: Geometry, first: int, last: int) -> bool:
    if first == last:
        return geometry.cds_start < first < geometry.cds_end
    return first < geometry.cds_end and last > geometry.cds_start

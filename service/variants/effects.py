"""What a genomic change does to one transcript: its c. and p. names, terms, exon and decay."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from service.domain.transcript import MITOCHONDRIAL, OTHER, OTHER_GRCH37, Transcript
from service.variants.coding import Geometry, edit_name
from service.variants.consequence import place_terms, severity_order
from service.variants.exon_places import after_exon, exon_text, holds_an_intron, offsets, touches_cds
from service.variants.justify import Justified, reverse_complement
from service.variants.protein import protein_change, substitution_in_codon
from service.variants.transcript_effect import Effect, across_the_stop, with_protein
from service.variants.transcripts import TranscriptModels
from service.variants.without_sequence import PUBLISHED, by_published_codon, without_sequence

if TYPE_CHECKING:
    from service.variants.hgvs_provider import HgvsPackage

IN_GAP = "no c. name: the alignment of {accession} to GRCh38 has a gap there"
AS_TRANSCRIPT = "the base is the transcript's own: the genome departs from it there"
BEYOND = "the change reaches beyond the transcript, which gives it no c. name"


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
        exon, ordinal = exon_text(geometry, start)
        if intron or not geometry.cds_start <= offset < geometry.cds_end or not geometry.coding:
            protein = f"{transcript.protein}:p.?" if transcript.protein else None
            return Effect(transcript, severity_order(terms), name, protein, exon, exon_ordinal=ordinal)
        coding = self.models.coding(transcript)
        if coding is None:
            span = offset, offset + 1
            if known := by_published_codon(self.models, geometry, offset, ref, alt):
                effect = with_protein(geometry, terms, name, (exon, ordinal), known, (offset + 1, 0))
                return replace(effect, note=PUBLISHED)
            return without_sequence(self.models, geometry, change, terms, name, (exon, ordinal), span)
        made = substitution_in_codon(coding, offset, alt) or protein_change(coding, offset, offset + 1, alt)
        if made is None:  # it depends on bases behind the coding sequence
            span = offset, offset + 1
            return without_sequence(self.models, geometry, change, terms, name, (exon, ordinal), span)
        return with_protein(geometry, terms, name, (exon, ordinal), made, (offset + 1, 0))

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
        exon, ordinal = where = exon_text(geometry, start if following else start - 1)
        if edit is None:
            note = BEYOND if exon else None
            return Effect(transcript, severity_order(terms), exon=exon, exon_ordinal=ordinal, note=note)
        name = f"{transcript.accession}:{edit}"
        span = offsets(geometry, start, end)
        if span is None and edit.endswith("dup") and not re.search(r"\d[+-]\d", edit):
            span = after_exon(geometry, start)
        if edit.endswith("dup") and holds_an_intron(geometry, start, len(alt)):
            span = None
        unknown = f"{transcript.protein}:p.?" if transcript.protein else None
        if not geometry.coding or span is None or not touches_cds(geometry, *span):
            return Effect(transcript, severity_order(terms), name, unknown, exon, exon_ordinal=ordinal)
        coding = self.models.coding(transcript)
        if coding is None:
            return without_sequence(self.models, geometry, change, terms, name, where, span)
        first, last = span
        if first < geometry.cds_start and last > geometry.cds_end:
            terms.discard("coding_sequence_variant")
            terms |= {"start_lost", "stop_lost"}
            protein = self._by_package(name) or unknown
            return Effect(transcript, severity_order(terms), name, protein, exon, exon_ordinal=ordinal)
        inserted = alt if geometry.strand > 0 else reverse_complement(alt)
        made = protein_change(coding, first, last, inserted)
        if made is None:  # it depends on bases beyond what is known
            return without_sequence(self.models, geometry, change, terms, name, where, span)
        if last > geometry.cds_end:
            return across_the_stop(geometry, terms, name, where, made)
        shift = len(alt) - len(ref)
        one_sided = not ref or not alt
        return with_protein(geometry, terms, name, where, made, (last, shift), one_sided=one_sided)

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
        where = exon_text(geometry, substitutions[0][0])
        return with_protein(geometry, terms, "", where, made, (start + 3, 0))

"""Names and consequence of variants: the Nomenclature port.

A variant is justified against the reference once; every name follows from that. Domain of this path: changes
whose bases lie within the coding interval of a transcript, or wholly outside it. A change
that crosses the edge of the coding interval gets its protein name from the `hgvs` package.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import chain

from service.domain.assembly import Assembly, accession
from service.domain.issue import Issue
from service.domain.sequence import LiftRefusal, TranscriptKnowledge
from service.domain.transcript import MANE_PLUS_CLINICAL, OTHER, Transcript
from service.domain.variant import MolecularDescription, Variant, VariantCall
from service.variants.annotated import as_annotated
from service.variants.coding import edit_suffix
from service.variants.codon_phase import join_codons
from service.variants.consequence import RANK
from service.variants.effects import Effects
from service.variants.justify import Justified, justify
from service.variants.liftover import Liftover
from service.variants.published_alleles import as_published, justified_as, with_published_bases
from service.variants.reference import ReferenceSequence
from service.variants.transcript_effect import Effect
from service.variants.transcripts import TranscriptModels
from service.variants.vrs import allele_id

NO_SEQUENCE = "protein change unavailable: sequence not configured"
NOT_JUSTIFIED = "equivalent places of the change unknown: sequence not configured"
NO_TRANSCRIPT = "no MANE transcript within 5,000 bases"
NO_GENE = "no mitochondrial gene at this place"
NOT_IN_GRCH38 = "not carried over to GRCh38: {reason}"
NOT_IN_GRCH37 = "not carried over to GRCh37: {reason}"

_SINGLE = frozenset("ACGT")


class Describer:
    """Names variants on MANE transcripts and both assemblies. Holds no state of a person."""

    def __init__(
        self,
        knowledge: TranscriptKnowledge,
        reference: ReferenceSequence,
        liftover: Liftover,
        own_bases: Callable[[str], str | None] | None = None,
    ) -> None:
        self.models = TranscriptModels(knowledge.catalogue, reference, own_bases)
        self.effects = Effects(self.models)
        self.bands = knowledge.bands
        self.reference = reference
        self.liftover = liftover

    def issues(self) -> list[Issue]:
        """What a configured source of transcripts failed to give; asks each where nobody has yet."""
        problems = (source.problem() for source in self.models.catalogue.sources)
        return [Issue("warning", "transient", f"{text[0].upper()}{text[1:]}.") for text in problems if text]

    def describe(self, calls: Sequence[VariantCall]) -> list[MolecularDescription]:
        """One description per call, in order; substitutions in phase on one codon get their joint protein
        change.
        """

        described = [self.describe_variant(call.variant) for call in calls]
        return as_annotated(calls, join_codons(calls, described, self.effects))

    def describe_variant(
        self, variant: Variant, gene: str | None = None, transcript: str | None = None
    ) -> MolecularDescription:
        """Names of one variant. The MANE transcript asked for by accession (in any version) or `gene` counts,
        or an imported one that is no version of a MANE transcript; else MANE Select, and the most severe
        consequence where genes overlap.
        """
        notes: list[str] = []
        if variant.assembly is not Assembly.GRCH38:
            lifted = self.liftover.lift(variant, Assembly.GRCH38)
            if isinstance(lifted, LiftRefusal):
                return _only_grch37(variant, justify(variant, self.reference), lifted.reason)
            variant = lifted
        if len(variant.ref) == 1 == len(variant.alt) and variant.ref in _SINGLE and variant.alt in _SINGLE:
            # Of one base by one there is one form alone.
            start, ref, alt = stretch = variant.start, variant.ref, variant.alt
            change = Justified(Assembly.GRCH38, variant.chrom, start, ref, alt)
            first_last, suffix = (start + 1, start + 1), f"{ref}>{alt}"
        else:
            change, variant = self._justified(variant)
            start, ref, alt = stretch = change.expanded()
            first_last, suffix = genomic_name(change)
            variant = change.leftmost() or variant
        if not change.complete:
            notes.append(NOT_JUSTIFIED)
        molecule = accession(Assembly.GRCH38, change.chrom)
        letter = "m" if change.chrom == "MT" else "g"
        effect, others = self._effects(change, gene, transcript)
        if effect is None:
            notes.append(NO_TRANSCRIPT if change.chrom != "MT" else NO_GENE)
            consequences: tuple[str, ...] = ("intergenic_variant",)
        else:
            consequences = effect.consequences
            if effect.note:
                notes.append(effect.note)
        model = effect.transcript if effect else None
        return MolecularDescription(
            variant=variant,
            spdi=f"{molecule}:{start}:{ref}:{alt}",
            vrs_id=allele_id(change.chrom, start, ref, alt, _moved(change)) if change.complete else None,
            hgvs_g=f"{molecule}:{letter}.{_span(first_last)}{suffix}",
            hgvs_g_grch37=self._on_grch37(change, stretch, first_last, suffix, letter, notes),
            hgvs_c=effect.hgvs_c if effect else None,
            hgvs_p=effect.hgvs_p if effect else None,
            gene=model.gene if model else None,
            hgnc_id=model.hgnc_id if model else None,
            transcript=model.accession if model and model.chrom != "MT" else None,
            protein=model.protein if model else None,
            consequence=consequences[0],
            consequences=consequences,
            exon=effect.exon if effect else None,
            exon_number=effect.exon_ordinal[0] if effect and effect.exon_ordinal else None,
            exon_count=effect.exon_ordinal[1] if effect and effect.exon_ordinal else None,
            nmd=effect.nmd if effect else None,
            cytogenetic_band=self._band(change.chrom, start, start + len(ref)),
            plus_clinical=tuple((o.transcript.accession, o.hgvs_c, o.hgvs_p) for o in others),
            protein_position=effect.protein_position if effect else None,
            protein_length=effect.transcript.protein_length if effect else None,
            protein_length_change=effect.protein_length_change if effect else None,
            notes=tuple(notes),
        )

    def _justified(self, variant: Variant) -> tuple[Justified, Variant]:
        """The change with its room to move, and the variant; published alleles lend bases that the
        reference does not know.
        """
        change = justify(variant, self.reference)
        if change.complete:
            return change, variant
        near = (self.models.catalogue.published_alleles(t.accession) for t in self.models.near(change))
        published = tuple(chain.from_iterable(near))
        variant = with_published_bases(variant, published)
        allele = as_published(justify(variant, self.reference), published)
        return (change if allele is None else justified_as(allele, variant)), variant

    def _effects(
        self, change: Justified, gene: str | None, transcript: str | None
    ) -> tuple[Effect | None, list[Effect]]:
        """The effect on the transcript to report, and those on MANE Plus Clinical of its gene."""
        near = self.models.near(change)
        named = self.models.catalogue.get(transcript) if transcript else None
        if (
            named
            and named.kind == OTHER
            and named.chrom == change.chrom
            and not any(t.is_version_of(named.accession) for t in near)
        ):
            return self.effects.effect(named, change), []
        if not near:
            return None, []
        if len(near) == 1:
            return self.effects.effect(near[0], change), []
        effects = [self.effects.effect(model, change) for model in near]
        select = [e for e in effects if transcript and e.transcript.is_version_of(transcript)]
        select = select or [e for e in effects if e.transcript.kind != MANE_PLUS_CLINICAL] or effects
        chosen = select[0] if len(select) == 1 else min(select, key=_preference(gene))
        others = [
            e
            for e in effects
            if e is not chosen
            and e.transcript.kind == MANE_PLUS_CLINICAL
            and e.hgvs_c
            and e.transcript.gene == chosen.transcript.gene
        ]
        return chosen, others

    def _band(self, chrom: str, start: int, end: int) -> str | None:
        """Cytogenetic band of bases start..end, such as `7q31.2`; two where they lie in two."""
        bands = self.bands.get(chrom)
        if bands is None:
            return None
        first = bisect_right(bands.ends, start)
        if end <= bands.ends[first]:
            return chrom + bands.names[first]
        return chrom + bands.names[first] + bands.names[bisect_right(bands.ends, end - 1)]

    def _on_grch37(
        self,
        change: Justified,
        stretch: tuple[int, str, str],
        place: tuple[int, int],
        suffix: str,
        letter: str,
        notes: list[str],
    ) -> str | None:
        """The genomic name on GRCh37; None, with a note, when the whole stretch is not carried over."""
        start, ref, _ = stretch
        lifted = self.liftover.place(Assembly.GRCH38, change.chrom, start, ref, Assembly.GRCH37)
        if isinstance(lifted, str):
            notes.append(NOT_IN_GRCH37.format(reason=lifted))
            return None
        moved = lifted[1] - start
        molecule = accession(Assembly.GRCH37, lifted[0])
        return f"{molecule}:{letter}.{_span((place[0] + moved, place[1] + moved))}{suffix}"


def genomic_name(change: Justified) -> tuple[tuple[int, int], str]:
    """1-based first and last position of the g. name, and what follows them; shifted 3' on the forward
    strand.
    """
    start, ref, alt = change.moved(change.right)
    if ref:
        return (start + 1, start + len(ref)), edit_suffix(ref, alt)
    size = len(alt)
    if change.flank_left[-size:] + change.flank_right and _precedes(change, start, alt):
        return (start - size + 1, start), "dup"
    return (start, start + 1), f"ins{alt}"


def _precedes(change: Justified, start: int, alt: str) -> bool:
    """Whether the bases before an insertion, at its rightmost place, are the inserted ones."""
    stretch = change.flank_left + change.flank_right
    return len(stretch) >= len(alt) and stretch[-len(alt) :] == alt and start >= len(alt)


def _moved(change: Justified) -> int:
    return 0 if change.ref and change.alt else len(change.ref or change.alt)


def _span(place: tuple[int, int]) -> str:
    return str(place[0]) if place[0] == place[1] else f"{place[0]}_{place[1]}"


def _preference(gene: str | None) -> Callable[[Effect], tuple[bool, int, bool, str]]:
    """Order of effects: the asked gene, severity, coding before non-coding, gene symbol."""

    def key(effect: Effect) -> tuple[bool, int, bool, str]:
        model: Transcript = effect.transcript
        return model.gene != gene, RANK[effect.consequences[0]], model.cds is None, model.gene

    return key


def _only_grch37(variant: Variant, change: Justified, reason: str) -> MolecularDescription:
    """What can be said of a GRCh37 variant that has no place on GRCh38."""
    molecule = accession(Assembly.GRCH37, variant.chrom)
    start, ref, alt = change.expanded()
    place, suffix = genomic_name(change)
    return MolecularDescription(
        variant=variant,
        spdi=f"{molecule}:{start}:{ref}:{alt}",
        hgvs_g_grch37=f"{molecule}:g.{_span(place)}{suffix}",
        notes=(NOT_IN_GRCH38.format(reason=reason),),
    )

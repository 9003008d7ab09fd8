"""What a variant does to the protein or to splicing, read from its description and its transcript.

Where the sequence is not at hand, place and length of the change still tell frameshifts and splice sites;
what they do not tell stays unknown.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from service.domain.transcript import Transcript
from service.domain.variant import MolecularDescription, Variant
from service.raredisease.transcript_shape import ExonSkip, TranscriptShape, shape_of


class Kind(StrEnum):
    """Kinds of effect that criteria tell apart."""

    NONSENSE = "nonsense"
    FRAMESHIFT = "frameshift"
    SPLICE_SITE = "canonical splice site"
    START_LOST = "start loss"
    STOP_LOST = "stop loss"
    IN_FRAME = "in-frame change of length"
    MISSENSE = "missense"
    SYNONYMOUS = "synonymous"
    INTRONIC = "intronic"
    UNTRANSLATED = "untranslated region"
    WHOLE_GENE = "whole transcript deleted"
    CODING_UNKNOWN = "coding, amino acids unknown"
    NON_CODING = "non-coding transcript"
    OTHER = "other"


_KINDS = (
    ("transcript_ablation", Kind.WHOLE_GENE),
    ("splice_acceptor_variant", Kind.SPLICE_SITE),
    ("splice_donor_variant", Kind.SPLICE_SITE),
    ("start_lost", Kind.START_LOST),
    ("stop_gained", Kind.NONSENSE),
    ("frameshift_variant", Kind.FRAMESHIFT),
    ("stop_lost", Kind.STOP_LOST),
    ("inframe_insertion", Kind.IN_FRAME),
    ("inframe_deletion", Kind.IN_FRAME),
    ("protein_altering_variant", Kind.IN_FRAME),
    ("missense_variant", Kind.MISSENSE),
    ("synonymous_variant", Kind.SYNONYMOUS),
    ("start_retained_variant", Kind.SYNONYMOUS),
    ("stop_retained_variant", Kind.SYNONYMOUS),
    ("coding_sequence_variant", Kind.CODING_UNKNOWN),
    ("5_prime_UTR_variant", Kind.UNTRANSLATED),
    ("3_prime_UTR_variant", Kind.UNTRANSLATED),
    ("non_coding_transcript_exon_variant", Kind.NON_CODING),
    ("intron_variant", Kind.INTRONIC),
)
LOSS_OF_FUNCTION = frozenset(
    {Kind.NONSENSE, Kind.FRAMESHIFT, Kind.SPLICE_SITE, Kind.START_LOST, Kind.WHOLE_GENE}
)
# Consequences outside the coding sequence and the introns of the gene that is asked about.
BESIDE_CODING = frozenset(
    {
        "5_prime_UTR_variant",
        "3_prime_UTR_variant",
        "upstream_gene_variant",
        "downstream_gene_variant",
        "intergenic_variant",
    }
)
_CODING = re.compile(r":c\.(\*|-)?(\d+)([+-]\d+)?(?:_(\*|-)?(\d+)([+-]\d+)?)?")
_SINGLE = re.compile(r"p\.\(?([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2}|=)\)?$")
_STOP = re.compile(r"p\.\(?[A-Z][a-z]{2}(\d+)(?:_[A-Z][a-z]{2}\d+)?\D*?fsTer(\d+)")
_FIRST = re.compile(r"p\.\(?[A-Z][a-z]{2}(\d+)")
_LAST = re.compile(r"p\.\(?[A-Z][a-z]{2}\d+_[A-Z][a-z]{2}(\d+)")


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect on one transcript.

    `residue` is the first affected amino acid (1-based), `last_residue` the last that an in-frame change
    touches. `change` is a missense change such as `Arg175His`. `stop` is the residue number of the new stop;
    None where it is not known. `decay` is None where nonsense-mediated decay is not known or does not apply.
    `intron_offset` is the distance to the next exon: positive after a donor, negative before an acceptor.
    `edge` is how many bases lie between an exonic change and the nearer end of its exon, with a junction.
    """

    kind: Kind = Kind.OTHER
    gene: str | None = None
    transcript: Transcript | None = None
    shape: TranscriptShape | None = None
    residue: int | None = None
    last_residue: int | None = None
    change: str | None = None
    stop: int | None = None
    decay: bool | None = None
    intron_offset: int | None = None
    coding_position: int | None = None
    edge: tuple[int, int] | None = None
    skip: ExonSkip | None = None
    terms: tuple[str, ...] = ()
    sequence_known: bool = True

    @property
    def truncating(self) -> bool:
        """Whether a premature stop is made."""
        return self.kind in (Kind.NONSENSE, Kind.FRAMESHIFT)

    @property
    def removed(self) -> float | None:
        """Share of the protein lost or replaced from the first affected residue on, 0..1."""
        if self.shape is None or self.residue is None:
            return None
        return max(0.0, (self.shape.residues - self.residue + 1) / max(1, self.shape.residues))


def effect_of(
    description: MolecularDescription | None, transcript: Transcript | None, variant: Variant | None
) -> Effect:
    """The effect that a description states; `Kind.OTHER` where nothing is known."""
    if description is None:
        return Effect()
    terms = set(description.consequences)
    kind = next((kind for term, kind in _KINDS if term in terms), Kind.OTHER)
    shape = shape_of(transcript) if transcript is not None else None
    place = _CODING.search(description.hgvs_c or "")
    position = offset = end = None
    if place is not None:
        position = int(place[2]) if not place[1] else None
        offset = int(place[3]) if place[3] else None
        end = int(place[5]) if place[5] and not place[4] else position
    sequence_known = not any(note.startswith("protein change unavailable") for note in description.notes)
    if kind is Kind.CODING_UNKNOWN and variant is not None and len(variant.ref) != len(variant.alt):
        # Both ends within the coding interval of one exon: the length alone tells the frame.
        shift = (len(variant.alt) - len(variant.ref)) % 3
        kind = Kind.FRAMESHIFT if shift else Kind.IN_FRAME
    if kind is Kind.CODING_UNKNOWN and position is not None and position <= 3 and offset is None:
        kind = Kind.START_LOST
    residue, last, change, stop = _residues(description.hgvs_p, position, end, kind)
    decay = description.nmd
    if decay is None and shape is not None and kind in (Kind.NONSENSE, Kind.FRAMESHIFT) and residue:
        decay = shape.stop_decays(3 * (stop or residue))
    edge = None
    if shape is not None and position is not None and offset is None:
        edge = shape.exon_edges(position - 1)
    return Effect(
        kind=kind,
        gene=description.gene,
        transcript=transcript,
        shape=shape,
        residue=residue,
        last_residue=last,
        change=change,
        stop=stop,
        decay=decay,
        intron_offset=offset,
        coding_position=position,
        edge=edge,
        skip=_skipped(description, shape) if kind is Kind.SPLICE_SITE else None,
        terms=description.consequences,
        sequence_known=sequence_known,
    )


def _residues(
    hgvs_p: str | None, position: int | None, end: int | None, kind: Kind
) -> tuple[int | None, int | None, str | None, int | None]:
    """First and last residue, missense change and new stop."""
    name = hgvs_p or ""
    found = _FIRST.search(name)
    from_place = (position + 2) // 3 if position is not None and kind is not Kind.SPLICE_SITE else None
    residue = int(found[1]) if found else from_place
    if residue is None:
        return None, None, None, None
    last_found = _LAST.search(name)
    last = int(last_found[1]) if last_found else (residue if found else max(residue, ((end or 1) + 2) // 3))
    single = _SINGLE.search(name)
    change = f"{single[1]}{single[2]}{single[3]}" if single and kind is Kind.MISSENSE else None
    stop = None
    if kind is Kind.NONSENSE:
        stop = residue
    elif shifted := _STOP.search(name):
        stop = int(shifted[1]) + int(shifted[2]) - 1
    return residue, last, change, stop


def _skipped(description: MolecularDescription, shape: TranscriptShape | None) -> ExonSkip | None:
    """The exon that is skipped when a splice site is lost: before a donor, after an acceptor."""
    donor = "splice_donor_variant" in description.consequences
    if shape is None or description.exon is None:
        return None
    found = re.search(r"(intron )?(\d+)/", description.exon)
    if found is None:
        return None
    number = int(found[2])
    if found[1]:
        return shape.skip(number if donor else number + 1)
    return shape.skip(number)

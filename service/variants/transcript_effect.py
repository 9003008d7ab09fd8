"""The effect of a change on one transcript, and how it is put together from a change of the protein."""

from dataclasses import dataclass

from service.domain.transcript import Transcript
from service.variants.coding import Geometry
from service.variants.consequence import escapes_or_decays, protein_terms, severity_order
from service.variants.exon_places import Where
from service.variants.protein import ProteinChange

UNAVAILABLE = "protein change unavailable: sequence not configured"


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


def with_protein(
    geometry: Geometry,
    terms: set[str],
    name: str,
    where: Where,
    made: ProteinChange | None,
    edit: tuple[int, int],
    *,
    one_sided: bool = False,
) -> Effect:
    """The effect of a change named `name` that makes the protein change `made`; None where that is not known.

    `edit` is the transcript offset behind the changed bases, and by how many bases the sequence grows;
    `one_sided` changes only take bases or only bring them.
    """
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


def across_the_stop(
    geometry: Geometry,
    terms: set[str],
    name: str,
    where: Where,
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

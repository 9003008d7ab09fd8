"""A parsed notation -> the variant on the genome that it means, checked against reference and transcript."""

from collections.abc import Callable, Sequence

from service.domain.assembly import Assembly, accession, chromosome_length, chromosome_of, parse_contig
from service.domain.sequence import LiftRefusal
from service.domain.variant import Variant
from service.errors import InvalidVariant, UnknownReference
from service.variants.liftover import Liftover
from service.variants.notation import (
    Datum,
    Edit,
    HgvsNotation,
    Identifier,
    Notation,
    Operation,
    OtherHgvs,
    Spdi,
    VcfStyle,
)
from service.variants.placed_edits import LONGEST, Place, PlacedEdits
from service.variants.protein_notation import ProteinNotation
from service.variants.protein_positions import ProteinPositions
from service.variants.reference import ReferenceSequence
from service.variants.spelled_out import spelled_out, why_imprecise
from service.variants.transcript_positions import Resolved, TranscriptPositions
from service.variants.transcripts import TranscriptModels

# Genomic variants of an identifier (`rsid`, `rs4244285` or `variation`, `7105`); empty when it is not known.
Lookup = Callable[[str, str], Sequence[Variant]]


class Resolver:
    """Finds the variant behind a notation. `lookup` answers database identifiers."""

    def __init__(
        self,
        models: TranscriptModels,
        reference: ReferenceSequence,
        liftover: Liftover,
        lookup: Lookup | None = None,
    ) -> None:
        self.lookup = lookup
        self._edits = PlacedEdits(reference, liftover)
        self._transcripts = TranscriptPositions(models, self._edits)
        self._proteins = ProteinPositions(self._transcripts)

    def resolve(self, notation: Notation, assembly: Assembly = Assembly.GRCH38) -> Resolved:
        """The variant; `assembly` counts where the notation does not say which.

        Raises:
            InvalidVariant: the notation contradicts reference or transcript, or names no single variant.
        """
        if isinstance(notation, HgvsNotation):
            return self._hgvs(notation, assembly)
        if isinstance(notation, VcfStyle):
            start, build = notation.pos - 1, notation.assembly or assembly
            return Resolved(self._edits.checked(build, notation.chrom, start, notation.ref, notation.alt))
        if isinstance(notation, Spdi):
            return Resolved(self._spdi(notation))
        if isinstance(notation, Identifier):
            return Resolved(self._identifier(notation))
        if isinstance(notation, ProteinNotation):
            return self._proteins.resolved(notation)
        assert isinstance(notation, OtherHgvs)
        spelled = spelled_out(notation)
        if spelled is not None:
            return self._hgvs(spelled, assembly)
        raise InvalidVariant(
            f"{notation.text} is HGVS, and names no single precise change of bases: {why_imprecise(notation)}"
        )

    def _spdi(self, spdi: Spdi) -> Variant:
        place = accession_assembly(spdi.accession)
        if place is None:
            raise InvalidVariant(
                f"{spdi.accession} is not a chromosome of GRCh38 or GRCh37; SPDI is read on NC_ accessions"
            )
        assembly, chrom = place
        if isinstance(spdi.deleted, int):
            deleted = self._edits.known(assembly, chrom, spdi.start, spdi.start + _sized(spdi.deleted))
        else:
            deleted = spdi.deleted
        return self._edits.checked(assembly, chrom, spdi.start, deleted, spdi.inserted)

    def _identifier(self, identifier: Identifier) -> Variant:
        number = identifier.value if len(identifier.value) <= 20 else f"{identifier.value[:20]}..."
        shown = number if identifier.kind == "rsid" else f"ClinVar variation {number}"
        found = self.lookup(identifier.kind, identifier.value) if self.lookup else ()
        if not found:
            raise UnknownReference(f"{shown} is not in the knowledge base")
        distinct = sorted(set(found), key=lambda v: (v.chrom, v.start, v.ref, v.alt))
        if len(distinct) > 1:
            listed = ", ".join(f"{v.chrom}-{v.pos}-{v.ref}-{v.alt}" for v in distinct[:10])
            raise InvalidVariant(f"{shown} stands for {len(distinct)} variants: {listed}")
        return distinct[0]

    def _hgvs(self, notation: HgvsNotation, assembly: Assembly) -> Resolved:
        if len(notation.edits) != 1:
            raise InvalidVariant(
                f"{notation.text} is an allele of {len(notation.edits)} changes; describe each by itself"
            )
        (edit,) = notation.edits
        if edit.operation is Operation.REFERENCE:
            raise InvalidVariant(f"{notation.text} describes the reference sequence, not a variant")
        if notation.letter in "gm":
            return Resolved(self._genomic_hgvs(notation, edit, assembly))
        if notation.letter == "o":
            raise InvalidVariant(
                f"{notation.text}: o. is for circular genomes; the human mitochondrial one is written m."
            )
        if notation.letter == "r":
            raise InvalidVariant(
                f"{notation.text} describes RNA; expected a change of DNA (g., m., c. or n.)"
            )
        return self._transcripts.resolved(notation, edit)

    def _genomic_hgvs(self, notation: HgvsNotation, edit: Edit, assembly: Assembly) -> Variant:
        build, chrom = self._molecule(notation, assembly)
        low, high = edit.start.base - 1, edit.end.base - 1
        if edit.start.offset or edit.end.offset or Datum.STOP in (edit.start.datum, edit.end.datum):
            raise InvalidVariant(f"{notation.text}: genomic positions have no offsets")
        if low < 0 or high >= chromosome_length(build, chrom):
            length = chromosome_length(build, chrom)
            raise InvalidVariant(
                f"{notation.text}: the position is outside {accession(build, chrom)}, 1 to {length}"
            )
        if low > high:
            raise InvalidVariant(f"{notation.text}: {low + 1} comes after {high + 1}")
        source = Place(build, chrom, low, high, 1)
        return self._edits.apply(source, edit, notation.text)

    def _molecule(self, notation: HgvsNotation, assembly: Assembly) -> tuple[Assembly, str]:
        named = notation.reference or notation.gene
        if named is None and notation.letter == "m":
            return Assembly.GRCH38, "MT"
        if named is None:
            raise InvalidVariant(f"{notation.text} names no reference sequence; expected NC_000010.11:g.")
        if named == "NC_001807.4":
            raise InvalidVariant("NC_001807.4 is not the revised mitochondrial reference NC_012920.1")
        place = accession_assembly(named)
        if place is not None:
            return place
        if named.startswith(("NG_", "LRG_")):
            raise InvalidVariant(
                f"positions of {named} are not aligned to a chromosome here; give the c. name, or the place "
                "on a chromosome"
            )
        contig = parse_contig(named)
        if contig is None and notation.letter == "m" and named.startswith("MT-"):
            return Assembly.GRCH38, "MT"
        if contig is None:
            raise InvalidVariant(
                f"{named} is not a chromosome of GRCh38 or GRCh37 with its version, such as NC_000010.11"
            )
        return assembly, contig.chrom


def _sized(count: int) -> int:
    if count > LONGEST:
        raise InvalidVariant(f"{count} deleted bases are a structural variant, which is not described here")
    return count


def accession_assembly(accession: str) -> tuple[Assembly, str] | None:
    """Assembly and chromosome of a versioned chromosome accession; GRCh38 where both share it."""
    found = chromosome_of(accession)
    if found is None:
        return None
    assemblies, chrom = found
    return (Assembly.GRCH38 if Assembly.GRCH38 in assemblies else Assembly.GRCH37), chrom


def lift_or_raise(liftover: Liftover, variant: Variant, to: Assembly) -> Variant:
    """The variant on the other assembly.

    Raises:
        InvalidVariant: it has no counterpart there; the message says why.
    """
    lifted = liftover.lift(variant, to)
    if isinstance(lifted, LiftRefusal):
        raise InvalidVariant(f"not carried over to {to}: {lifted.reason}")
    return lifted

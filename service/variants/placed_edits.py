"""An edit at a place on the genome -> the variant, checked against the reference."""

from dataclasses import dataclass

from service.domain.assembly import Assembly, accession, chromosome_length
from service.domain.variant import Interval, Variant
from service.errors import InvalidVariant, UnknownReference
from service.variants.justify import reverse_complement
from service.variants.liftover import Liftover
from service.variants.notation import (
    Edit,
    Operation,
)
from service.variants.reference import ReferenceSequence

# A notation may replace at most this many bases; more is a structural variant.
LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Place:
    """Genomic bases low..high (both included) that a notation names, and the strand it is read on.

    `differing` are places where the transcript has another base than the genome, on the forward strand.
    """

    assembly: Assembly
    chrom: str
    low: int
    high: int
    strand: int
    differing: tuple[tuple[int, str], ...] = ()

    @property
    def size(self) -> int:
        """Bases named."""
        return self.high + 1 - self.low

    def transcribed(self, bases: str) -> str:
        """Genomic bases with those that the transcript has otherwise."""
        for position, base in self.differing:
            at = position - self.low
            bases = bases[:at] + base + bases[at + 1 :]
        return bases


@dataclass(frozen=True, slots=True)
class PlacedEdits:
    """Reads edits at places of either assembly. `liftover` pairs bases that GRCh38 alone has."""

    reference: ReferenceSequence
    liftover: Liftover

    def checked(self, assembly: Assembly, chrom: str, start: int, ref: str, alt: str) -> Variant:
        """The variant, its REF compared with the reference."""
        length = chromosome_length(assembly, chrom)
        if start < 0 or start + len(ref) > length:
            raise InvalidVariant(
                f"position {start + 1} is outside chromosome {chrom} of {assembly}: 1 to {length}"
            )
        if ref == alt:
            raise InvalidVariant("reference and alternate allele are the same: the reference, not a variant")
        if alt and not alt.strip("N"):
            raise InvalidVariant("the alternate allele is N alone: its bases are not known")
        known = self._bases(assembly, chrom, start, start + len(ref))
        if any(a != b and a != "N" for a, b in zip(known, ref, strict=True)):
            molecule = accession(assembly, chrom)
            raise InvalidVariant(
                f"the reference bases at {molecule}:{start + 1} are {_short(known)}, not {_short(ref)}"
            )
        return Variant(assembly, chrom, start, ref, alt)

    def _bases(self, assembly: Assembly, chrom: str, start: int, end: int) -> str:
        """Reference bases; those of GRCh37 are never taken from GRCh38."""
        return self.reference.bases(assembly, chrom, start, end)

    def known(self, assembly: Assembly, chrom: str, start: int, end: int) -> str:
        """Reference bases that must be known, of GRCh37 through the alignment to GRCh38.

        Raises:
            InvalidVariant: they are not.
        """
        bases = self._bases(assembly, chrom, start, end)
        if "N" in bases:
            raise UnknownReference(
                f"the reference bases of {accession(assembly, chrom)}:{start + 1}-{end} are needed and not "
                "configured here; give the bases, or configure a reference FASTA"
            )
        return bases

    def apply(self, place: Place, edit: Edit, text: str) -> Variant:
        """The genomic variant of an edit at a place."""
        if place.size > LONGEST:
            raise InvalidVariant(
                f"{text}: {place.size} bases are a structural variant, which is not described here"
            )
        if edit.alt and not edit.alt.strip("N"):
            raise InvalidVariant(f"{text}: the new bases are N alone: they are not known")
        alt = edit.alt if place.strand > 0 else reverse_complement(edit.alt)
        written = edit.ref if edit.ref is None or place.strand > 0 else reverse_complement(edit.ref)
        if edit.operation is Operation.INSERTION:
            if place.high != place.low + 1 and _at_junction(edit):
                raise InvalidVariant(
                    f"{text}: these positions meet at an exon junction; name the side, such as "
                    f"{edit.start.base}_{edit.start.base}+1ins or {edit.end.base}-1_{edit.end.base}ins"
                )
            if place.high != place.low + 1:
                raise InvalidVariant(f"{text}: an insertion is between two neighbouring positions")
            return Variant(place.assembly, place.chrom, place.high, "", alt)
        if edit.operation is Operation.REPEAT:
            return self._repeat(place, edit, written, text)
        ref = self._replaced(place, edit, written, text)
        if edit.operation is Operation.DUPLICATION:
            # With the bases themselves: where the sequence is not known they tell it from an insertion.
            return Variant(place.assembly, place.chrom, place.low, ref, ref + ref)
        if edit.operation is Operation.INVERSION:
            alt = reverse_complement(ref)
        if alt == ref:
            raise InvalidVariant(f"{text} leaves the reference sequence as it is")
        return Variant(place.assembly, place.chrom, place.low, ref, alt)

    def _replaced(self, place: Place, edit: Edit, written: str | None, text: str) -> str:
        """Reference bases at a place, N where neither known nor written; what is written is compared."""
        if written is not None and len(written) != place.size:
            raise InvalidVariant(f"{text}: {len(written)} bases are written for {place.size} positions")
        known = self._bases(place.assembly, place.chrom, place.low, place.high + 1)
        if written is None:
            if "N" in known:
                known = self._by_alignment(place) or known
            if "N" in known and edit.operation is Operation.INVERSION:
                self.known(place.assembly, place.chrom, place.low, place.high + 1)
            return known
        expected = place.transcribed(known)
        if any(a != b and a != "N" for a, b in zip(expected, written, strict=True)):
            stated = expected if place.strand > 0 else reverse_complement(expected)
            given = written if place.strand > 0 else reverse_complement(written)
            raise InvalidVariant(f"{text}: the reference has {_short(stated)} there, not {_short(given)}")
        return "".join(b if a == "N" else a for a, b in zip(known, written, strict=True))

    def _by_alignment(self, place: Place) -> str | None:
        """GRCh38's bases for a GRCh37 place, as the alignment pairs them; None where it does not."""
        if place.assembly is Assembly.GRCH38:
            return None
        interval = Interval(place.chrom, place.low, place.high + 1)
        lifted = self.liftover.lift_interval(place.assembly, interval, Assembly.GRCH38)
        if isinstance(lifted, str):
            return None
        bases = self.reference.bases(Assembly.GRCH38, lifted.chrom, lifted.start, lifted.end)
        return None if "N" in bases else bases

    def _repeat(self, place: Place, edit: Edit, unit: str | None, text: str) -> Variant:
        """A repeat with its new number of units, counted from the place's first unit in reading direction."""
        assert edit.count is not None
        forward = place.strand > 0
        if unit is None:
            unit = self.known(place.assembly, place.chrom, place.low, place.high + 1)
        size = len(unit)
        if place.size % size and place.size != 1:
            raise InvalidVariant(f"{text}: {place.size} positions are no multiple of a unit of {size}")
        at = place.low if forward else place.high + 1 - size
        self.known(place.assembly, place.chrom, at, at + size)
        copies, step = 0, size if forward else -size
        while self._bases(place.assembly, place.chrom, at + copies * step, at + copies * step + size) == unit:
            copies += 1
        if not copies:
            found = self._bases(place.assembly, place.chrom, at, at + size)
            stated = (found, unit) if forward else (reverse_complement(found), reverse_complement(unit))
            raise InvalidVariant(
                f"{text}: the reference has {_short(stated[0])} at this place, not {_short(stated[1])}"
            )
        if copies == edit.count:
            raise InvalidVariant(f"{text} leaves the reference sequence as it is: it has {copies} units")
        first = at if forward else at + size - copies * size
        if edit.count > copies:
            return Variant(place.assembly, place.chrom, first, "", unit * (edit.count - copies))
        return Variant(place.assembly, place.chrom, first, unit * (copies - edit.count), "")


def _at_junction(edit: Edit) -> bool:
    """Whether an insertion's positions are neighbours in the transcript."""
    exonic = not edit.start.offset and not edit.end.offset and edit.start.datum is edit.end.datum
    return exonic and edit.end.base - edit.start.base == 1


def _short(bases: str) -> str:
    return bases if len(bases) <= 20 else f"{bases[:9]}...{bases[-8:]} ({len(bases)} bases)"

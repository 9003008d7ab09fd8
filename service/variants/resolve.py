"""A parsed notation -> the variant on the genome that it means, checked against reference and transcript."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from service.domain.assembly import Assembly, accession, chromosome_length, parse_contig
from service.domain.sequence import LiftRefusal
from service.domain.transcript import AgreedNumbering, Transcript
from service.domain.variant import Interval, Variant
from service.errors import InvalidVariant, UnknownReference
from service.variants.coding import TranscriptPosition
from service.variants.justify import reverse_complement
from service.variants.liftover import Liftover
from service.variants.notation import (
    Datum,
    Edit,
    HgvsNotation,
    Identifier,
    Notation,
    Operation,
    OtherHgvs,
    Position,
    Spdi,
    VcfStyle,
    accession_assembly,
)
from service.variants.protein_candidates import candidates
from service.variants.protein_notation import ProteinNotation
from service.variants.reference import ReferenceSequence
from service.variants.spelled_out import spelled_out, why_imprecise
from service.variants.transcripts import TranscriptModels

# Genomic variants of an identifier (`rsid`, `rs4244285` or `variation`, `7105`); empty when it is not known.
Lookup = Callable[[str, str], Sequence[Variant]]
OLD_STOP = "X read as the stop codon, as it was written before 2013; it is written Ter or * now"
# A notation may replace at most this many bases; more is a structural variant.
LONGEST = 100_000
READ_AS = (
    "{n.earlier} read as {n.known}: published names at {n.positions} positions from c.{n.first} to "
    "c.{n.last} have the same place there {n.there}"
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A variant, and the gene and accession of the transcript that the notation names."""

    variant: Variant
    gene: str | None = None
    transcript: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Resolver:
    """Finds the variant behind a notation. `lookup` answers database identifiers."""

    models: TranscriptModels
    reference: ReferenceSequence
    liftover: Liftover
    lookup: Lookup | None = None

    def resolve(self, notation: Notation, assembly: Assembly = Assembly.GRCH38) -> Resolved:
        """The variant; `assembly` counts where the notation does not say which.

        Raises:
            InvalidVariant: the notation contradicts reference or transcript, or names no single variant.
        """
        if isinstance(notation, HgvsNotation):
            return self._hgvs(notation, assembly)
        if isinstance(notation, VcfStyle):
            start, build = notation.pos - 1, notation.assembly or assembly
            return Resolved(self._checked(build, notation.chrom, start, notation.ref, notation.alt))
        if isinstance(notation, Spdi):
            return Resolved(self._spdi(notation))
        if isinstance(notation, Identifier):
            return Resolved(self._identifier(notation))
        if isinstance(notation, ProteinNotation):
            return self._protein(notation)
        assert isinstance(notation, OtherHgvs)
        spelled = spelled_out(notation)
        if spelled is not None:
            return self._hgvs(spelled, assembly)
        raise InvalidVariant(
            f"{notation.text} is HGVS, and names no single precise change of bases: {why_imprecise(notation)}"
        )

    # Genomic notations

    def _checked(self, assembly: Assembly, chrom: str, start: int, ref: str, alt: str) -> Variant:
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

    def _spdi(self, spdi: Spdi) -> Variant:
        place = accession_assembly(spdi.accession)
        if place is None:
            raise InvalidVariant(
                f"{spdi.accession} is not a chromosome of GRCh38 or GRCh37; SPDI is read on NC_ accessions"
            )
        assembly, chrom = place
        if isinstance(spdi.deleted, int):
            deleted = self._known(assembly, chrom, spdi.start, spdi.start + _sized(spdi.deleted))
        else:
            deleted = spdi.deleted
        return self._checked(assembly, chrom, spdi.start, deleted, spdi.inserted)

    def _known(self, assembly: Assembly, chrom: str, start: int, end: int) -> str:
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

    # HGVS

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
        reference = notation.reference
        catalogue = self.models.catalogue
        unknown = reference is not None and catalogue.get(reference) is None
        stretches = catalogue.agreed_numbering(reference) if reference and unknown else ()
        if stretches and notation.letter == "c":
            agreed = _agreed(stretches, edit, notation.text)
            edit = replace(edit, start=_less(edit.start, agreed.shift), end=_less(edit.end, agreed.shift))
            transcript = self.transcript(agreed.known, None, notation.text)
            notes: tuple[str, ...] = (READ_AS.format(n=agreed),)
        else:
            transcript, notes = self.transcript(reference, notation.gene, notation.text), ()
        variant = self._transcript_hgvs(transcript, notation, edit)
        return Resolved(variant, transcript.gene, transcript.accession, (*notes, *self._silent_sources()))

    def _silent_sources(self) -> list[str]:
        """What keeps configured sources of transcripts from answering."""
        problems = (source.problem() for source in self.models.catalogue.sources)
        return [problem for problem in problems if problem]

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
        return self._apply(source, edit, notation.text)

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

    def transcript(self, reference: str | None, gene: str | None, text: str) -> Transcript:
        """The transcript that a notation names by accession, LRG or gene symbol (then MANE Select).

        Raises:
            InvalidVariant: it is not known; the message says which versions are.
        """
        catalogue = self.models.catalogue
        if reference is not None:
            found = catalogue.get(reference)
            if found is not None:
                return found
            versions = catalogue.versions(reference)
            silent = "".join(f"; {problem}" for problem in self._silent_sources())
            if versions:
                problem = "is not known in this version" if "." in reference else "has no version"
                known = ", ".join(sorted(versions))
                raise UnknownReference(f"{reference} {problem}; known: {known}{silent}")
            of_gene = catalogue.of_gene(catalogue.symbol(gene)) if gene else ()
            if reference.startswith(("NG_", "NC_")) or reference.removeprefix("LRG_").isdigit():
                known = f"; known for {gene}: {', '.join(t.accession for t in of_gene)}" if of_gene else ""
                raise UnknownReference(
                    f"{text}: {reference} is a genomic record; name the transcript too, such as "
                    f"{reference}(NM_004333.6):c.{known}"
                )
            hint = f"; known for {gene}: {', '.join(t.accession for t in of_gene)}" if of_gene else ""
            raise UnknownReference(f"transcript {reference} is not known{hint}{silent}")
        if gene is None:
            raise InvalidVariant(
                f"{text} names no reference sequence; expected a transcript or gene before it"
            )
        of_gene = catalogue.of_gene(catalogue.symbol(gene))
        if not of_gene:
            raise UnknownReference(f"no transcript of a gene {gene} is known")
        return of_gene[0]

    def _transcript_hgvs(self, transcript: Transcript, notation: HgvsNotation, edit: Edit) -> Variant:
        geometry = self.models.geometry(transcript)
        if notation.letter == "c" and not geometry.coding:
            raise InvalidVariant(f"{transcript.accession} is not coding; expected n. instead of c.")
        ends = []
        for position in (edit.start, edit.end):
            offset = self._offset(transcript, notation.letter, position)
            ends.append(geometry.genomic(TranscriptPosition(offset, position.offset)))
        low, high = min(ends), max(ends)
        if (ends[0] > ends[1]) == (geometry.strand > 0) and ends[0] != ends[1]:
            raise InvalidVariant(f"{notation.text}: the first position comes after the second")
        if geometry.blocks and geometry.gap_within(low, high):
            raise InvalidVariant(
                f"{notation.text}: the alignment of {transcript.accession} to {transcript.assembly} has a "
                "gap there"
            )
        differing = self._differences(transcript, low, high)
        place = Place(transcript.assembly, transcript.chrom, low, high, geometry.strand, differing)
        return self._apply(place, edit, notation.text)

    def _offset(self, transcript: Transcript, letter: str, position: Position) -> int:
        """Transcript offset of a written position."""
        if letter == "n" or transcript.cds is None:
            if position.datum is Datum.STOP or position.base < 0:
                raise InvalidVariant("n. positions are counted from the first base of the transcript")
            return position.base - 1
        start, end = transcript.cds
        if position.datum is Datum.STOP:
            return end + position.base - 1
        offset = start + position.base - (1 if position.base > 0 else 0)
        if offset >= end:
            limits = f"the coding sequence of {transcript.accession}, 1 to {end - start}"
            raise InvalidVariant(f"position {position.base} is outside {limits}")
        return offset

    def _differences(self, transcript: Transcript, low: int, high: int) -> tuple[tuple[int, str], ...]:
        """(genomic position, transcript base on the forward strand) where the transcript departs, within
        low..high.
        """
        geometry = self.models.geometry(transcript)
        found = []
        for offset, base in self.models.departures(transcript):
            position = geometry.genomic(TranscriptPosition(offset))
            if low <= position <= high:
                found.append((position, base if transcript.strand > 0 else reverse_complement(base)))
        return tuple(found)

    def _apply(self, place: "Place", edit: Edit, text: str) -> Variant:
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
        if edit.operation is Operation.DUPLICATION and "N" in ref:
            return Variant(place.assembly, place.chrom, place.low, ref, ref + ref)
        if edit.operation is Operation.DUPLICATION:
            return Variant(place.assembly, place.chrom, place.high + 1, "", ref)
        if edit.operation is Operation.INVERSION:
            alt = reverse_complement(ref)
        if alt == ref:
            raise InvalidVariant(f"{text} leaves the reference sequence as it is")
        return Variant(place.assembly, place.chrom, place.low, ref, alt)

    def _replaced(self, place: "Place", edit: Edit, written: str | None, text: str) -> str:
        """Reference bases at a place, N where neither known nor written; what is written is compared."""
        if written is not None and len(written) != place.size:
            raise InvalidVariant(f"{text}: {len(written)} bases are written for {place.size} positions")
        known = self._bases(place.assembly, place.chrom, place.low, place.high + 1)
        if written is None:
            if "N" in known:
                known = self._by_alignment(place) or known
            if "N" in known and edit.operation is Operation.INVERSION:
                self._known(place.assembly, place.chrom, place.low, place.high + 1)
            return known
        expected = place.transcribed(known)
        if any(a != b and a != "N" for a, b in zip(expected, written, strict=True)):
            stated = expected if place.strand > 0 else reverse_complement(expected)
            given = written if place.strand > 0 else reverse_complement(written)
            raise InvalidVariant(f"{text}: the reference has {_short(stated)} there, not {_short(given)}")
        return "".join(b if a == "N" else a for a, b in zip(known, written, strict=True))

    def _by_alignment(self, place: "Place") -> str | None:
        """GRCh38's bases for a GRCh37 place, as the alignment pairs them; None where it does not."""
        if place.assembly is Assembly.GRCH38:
            return None
        interval = Interval(place.chrom, place.low, place.high + 1)
        lifted = self.liftover.lift_interval(place.assembly, interval, Assembly.GRCH38)
        if isinstance(lifted, str):
            return None
        bases = self.reference.bases(Assembly.GRCH38, lifted.chrom, lifted.start, lifted.end)
        return None if "N" in bases else bases

    def _repeat(self, place: "Place", edit: Edit, unit: str | None, text: str) -> Variant:
        """A repeat with its new number of units, counted from the place's first unit in reading direction."""
        assert edit.count is not None
        forward = place.strand > 0
        if unit is None:
            unit = self._known(place.assembly, place.chrom, place.low, place.high + 1)
        size = len(unit)
        if place.size % size and place.size != 1:
            raise InvalidVariant(f"{text}: {place.size} positions are no multiple of a unit of {size}")
        at = place.low if forward else place.high + 1 - size
        self._known(place.assembly, place.chrom, at, at + size)
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

    # Protein

    def _protein(self, notation: ProteinNotation) -> Resolved:
        """The one genomic variant behind a protein change.

        Raises:
            InvalidVariant: there is none or more than one; then the message lists them.
        """
        if notation.first is None or notation.operation not in ("sub", "del", "same"):
            raise InvalidVariant(f"{notation.text} does not tell which bases changed; give the c. or g. name")
        notes: tuple[str, ...] = ()
        if notation.operation == "sub" and notation.alt == "X":
            notation, notes = replace(notation, alt="*", change=f"{notation.change[:-3]}Ter"), (OLD_STOP,)
        transcript = self._of_protein(notation)
        found = candidates(self.models, transcript, notation)
        if len(found) == 1:
            return Resolved(found[0][0], transcript.gene, transcript.accession, notes)
        names = ", ".join(name for _, name in found[:12])
        listed = f"{len(found)} changes of bases: {names}" if found else "no change of one codon"
        raise InvalidVariant(f"{notation.text} can come from {listed}")

    def _of_protein(self, notation: ProteinNotation) -> Transcript:
        reference = notation.reference
        if reference is None or not reference.startswith(("NP_", "LRG_", "ENSP")):
            return self.transcript(reference, notation.gene, notation.text)
        if reference.startswith("LRG_"):
            return self.transcript(reference.replace("p", "t"), notation.gene, notation.text)
        found = self.models.catalogue.of_protein(reference)
        if found is None:
            versions = self.models.catalogue.protein_versions(reference)
            hint = f"; known: {', '.join(versions)}" if versions else ""
            silent = "".join(f"; {problem}" for problem in self._silent_sources())
            raise UnknownReference(f"protein {reference} is not known{hint}{silent}")
        return found


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


def _agreed(stretches: Sequence[AgreedNumbering], edit: Edit, text: str) -> AgreedNumbering:
    """The stretch that holds an edit.

    Raises:
        InvalidVariant: nothing shows where the unknown transcript has these positions.
    """
    for stretch in stretches:
        ends = (edit.start, edit.end)
        if all(p.datum is Datum.START and stretch.first <= p.base <= stretch.last for p in ends):
            return stretch
    earlier, known = stretches[0].earlier, stretches[0].known
    version = " in this version" if earlier.partition(".")[0] == known.partition(".")[0] else ""
    ranges = ", ".join(f"c.{s.first} to c.{s.last}" for s in stretches[:6])
    raise UnknownReference(
        f"{text}: {earlier} is not known{version}; known: {known}, whose numbering it is shown to follow at "
        f"{ranges} alone"
    )


def _less(position: Position, shift: int) -> Position:
    return replace(position, base=position.base - shift)


def _at_junction(edit: Edit) -> bool:
    """Whether an insertion's positions are neighbours in the transcript."""
    exonic = not edit.start.offset and not edit.end.offset and edit.start.datum is edit.end.datum
    return exonic and edit.end.base - edit.start.base == 1


def _sized(count: int) -> int:
    if count > LONGEST:
        raise InvalidVariant(f"{count} deleted bases are a structural variant, which is not described here")
    return count


def _short(bases: str) -> str:
    return bases if len(bases) <= 20 else f"{bases[:9]}...{bases[-8:]} ({len(bases)} bases)"


def lift_or_raise(liftover: Liftover, variant: Variant, to: Assembly) -> Variant:
    """The variant on the other assembly.

    Raises:
        InvalidVariant: it has no counterpart there; the message says why.
    """
    lifted = liftover.lift(variant, to)
    if isinstance(lifted, LiftRefusal):
        raise InvalidVariant(f"not carried over to {to}: {lifted.reason}")
    return lifted

"""Variants, and how a sample carries them."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.domain.assembly import Assembly


class Zygosity(StrEnum):
    """How many of the sample's alleles carry the variant."""

    HETEROZYGOUS = "heterozygous"
    HOMOZYGOUS = "homozygous"
    HEMIZYGOUS = "hemizygous"
    HETEROPLASMIC = "heteroplasmic"
    HOMOPLASMIC = "homoplasmic"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Variant:
    """A change at a place: `start` is interbase (0-based); `ref` and `alt` may be empty after trimming."""

    assembly: Assembly
    chrom: str
    start: int
    ref: str
    alt: str

    def __post_init__(self) -> None:
        if self.start < 0:
            raise ValueError(f"start {self.start} is before the chromosome")
        if self.ref == self.alt:
            raise ValueError("reference and alternate allele are the same")
        if not set(self.ref + self.alt) <= set("ACGTN"):
            raise ValueError("alleles are made of A, C, G, T and N")

    @property
    def end(self) -> int:
        """Interbase end of the replaced reference bases."""
        return self.start + len(self.ref)

    @property
    def pos(self) -> int:
        """1-based VCF position of the first reference base written in `ref`."""
        return self.start + 1


@dataclass(frozen=True, slots=True)
class GenotypeRecord:
    """One VCF record of one sample, alleles as written.

    `genotype` holds one index per chromosome copy into `(ref, *alts)`; None is a no-call. An empty genotype
    means that the record has no GT. `phase_set` is the PS value as text where given. `passed` is False when
    FILTER names a reason; a missing FILTER (`.`) passed.
    """

    chrom: str
    start: int
    ref: str
    alts: tuple[str, ...]
    genotype: tuple[int | None, ...]
    phased: bool
    phase_set: str | None
    filters: tuple[str, ...]
    passed: bool
    depth: int | None
    allele_depths: tuple[int, ...] | None
    rsid: str | None
    line: int
    info: tuple[tuple[str, str], ...] = ()

    def allele(self, index: int | None) -> str | None:
        """The allele string at an index; None for a no-call."""
        if index is None:
            return None
        return self.ref if index == 0 else self.alts[index - 1]

    @property
    def end(self) -> int:
        """Interbase end of the reference bases."""
        return self.start + len(self.ref)


@dataclass(frozen=True, slots=True)
class Interval:
    """An interbase interval on one chromosome."""

    chrom: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class VariantCall:
    """A variant seen in this sample, with the evidence for it. `variant` is left-aligned, VCF-anchored."""

    variant: Variant
    zygosity: Zygosity
    phased: bool = False
    phase_set: str | None = None
    # Which chromosome copy carries it (0 or 1) within its phase set; None when unphased or homozygous.
    copy: int | None = None
    filters: tuple[str, ...] = ()
    passed: bool = True
    depth: int | None = None
    allele_fraction: float | None = None
    rsid: str | None = None
    line: int | None = None
    info: tuple[tuple[str, str], ...] = ()
    lifted_from: Variant | None = None


@dataclass(frozen=True, slots=True)
class MolecularDescription:
    """Names and consequence of one variant. None means "not applicable or not available"; `notes` says which.

    `variant` is on GRCh38, left-aligned with its VCF anchor base. `consequence` is the most severe Sequence
    Ontology term in VEP's order; `consequences` holds all, most severe first.
    """

    variant: Variant
    spdi: str
    vrs_id: str | None = None
    hgvs_g: str | None = None
    hgvs_g_grch37: str | None = None
    hgvs_c: str | None = None
    hgvs_p: str | None = None
    gene: str | None = None
    hgnc_id: str | None = None
    transcript: str | None = None
    protein: str | None = None
    consequence: str | None = None
    consequences: tuple[str, ...] = ()
    exon: str | None = None
    # Ordinal of the exon (or intron) in transcript order and how many there are; `exon` says which it is.
    exon_number: int | None = None
    exon_count: int | None = None
    nmd: bool | None = None
    cytogenetic_band: str | None = None
    # MANE Plus Clinical names where they exist: (transcript, hgvs_c, hgvs_p).
    plus_clinical: tuple[tuple[str, str | None, str | None], ...] = ()
    # First changed residue; residues of the unchanged protein; residues gained or lost up to the new stop.
    # The first two follow from coordinates, so that they are there where no sequence is.
    protein_position: int | None = None
    protein_length: int | None = None
    protein_length_change: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def last_exon(self) -> bool | None:
        """Whether the change begins in the transcript's last exon; None outside exons."""
        if self.exon is None or self.exon_number is None or self.exon.startswith("intron"):
            return None
        return self.exon_number == self.exon_count

    @property
    def protein_fraction_lost(self) -> float | None:
        """Share of the protein that is removed, 0..1: all from the first changed residue on where a new stop
        codon or a lost frame ends it there, else the residues lost; None where not known.
        """
        if self.protein_length is None or self.protein_position is None:
            return None
        if {"stop_gained", "frameshift_variant"} & set(self.consequences):
            return max(0, self.protein_length - self.protein_position + 1) / self.protein_length
        if self.protein_length_change is None:
            return None
        return max(0, -self.protein_length_change) / self.protein_length

    @property
    def label(self) -> str:
        """The name that people read: the coding name with its gene, else the genomic one, else SPDI.

        >>> v = Variant(Assembly.GRCH38, "17", 43124026, "ACT", "A")
        >>> MolecularDescription(v, "s", hgvs_c="NM_007294.4:c.68_69del", gene="BRCA1").label
        'NM_007294.4(BRCA1):c.68_69del'
        """
        name = self.hgvs_c or self.hgvs_g
        if name and self.gene and f"({self.gene})" not in name:
            sequence, _, change = name.partition(":")
            return f"{sequence}({self.gene}):{change}"
        return name or self.spdi


class Coverage(StrEnum):
    """What the input says about a reference position that has no variant record."""

    REFERENCE = "reference"
    NO_CALL = "no-call"
    NOT_COVERED = "not-covered"


@dataclass(frozen=True, slots=True)
class UncalledRecord:
    """A record of one site without a genotype: REF and ALT as the VCF writes them, `start` interbase."""

    chrom: str
    start: int
    ref: str
    alts: str


class CoveredIntervals:
    """Positions that the input states to be reference: gVCF blocks, 0/0 records, or a coverage BED."""

    __slots__ = ("_by_chrom",)

    def __init__(self, intervals: Sequence[Interval] = ()) -> None:
        merged: dict[str, list[tuple[int, int]]] = {}
        for interval in sorted(intervals, key=lambda i: (i.chrom, i.start, i.end)):
            spans = merged.setdefault(interval.chrom, [])
            if spans and interval.start <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], interval.end))
            else:
                spans.append((interval.start, interval.end))
        self._by_chrom = {chrom: tuple(spans) for chrom, spans in merged.items()}

    def __bool__(self) -> bool:
        return bool(self._by_chrom)

    def covers(self, chrom: str, start: int, end: int) -> bool:
        """Whether one stated interval covers all of start..end.

        >>> CoveredIntervals([Interval("1", 0, 5), Interval("1", 5, 9)]).covers("1", 2, 8)
        True
        """
        spans = self._by_chrom.get(chrom, ())
        low, high = 0, len(spans)
        while low < high:
            middle = (low + high) // 2
            if spans[middle][0] <= start:
                low = middle + 1
            else:
                high = middle
        return low > 0 and spans[low - 1][1] >= end

    def within(self, chrom: str, start: int, end: int) -> list[tuple[int, int]]:
        """The covered intervals that overlap start..end, ascending."""
        spans = self._by_chrom.get(chrom, ())
        first = bisect_right(spans, (start, -1))
        first = first - 1 if first and spans[first - 1][1] > start else first
        last = bisect_left(spans, (end, -1))
        return list(spans[first:last])

    def gaps(self, interval: Interval) -> list[Interval]:
        """The stretches of an interval that nothing covers, ascending.

        >>> CoveredIntervals([Interval("1", 2, 4)]).gaps(Interval("1", 0, 6))
        [Interval(chrom='1', start=0, end=2), Interval(chrom='1', start=4, end=6)]
        """
        found, at = [], interval.start
        for low, high in self.within(interval.chrom, interval.start, interval.end):
            if low > at:
                found.append(Interval(interval.chrom, at, low))
            at = max(at, high)
        if at < interval.end:
            found.append(Interval(interval.chrom, at, interval.end))
        return found

    def without(self, others: "CoveredIntervals") -> "CoveredIntervals":
        """What is left where the others are taken out.

        >>> read, missing = Interval("1", 0, 9), Interval("1", 2, 4)
        >>> CoveredIntervals([read]).without(CoveredIntervals([missing])).intervals()
        (Interval(chrom='1', start=0, end=2), Interval(chrom='1', start=4, end=9))
        """
        if not others:
            return self
        left = [gap for interval in self.intervals() for gap in others.gaps(interval)]
        return CoveredIntervals(left)

    def fraction(self, chrom: str, start: int, end: int) -> float:
        """Share of start..end that is stated to be covered, 0..1."""
        overlap = sum(max(0, min(end, high) - max(start, low)) for low, high in self._by_chrom.get(chrom, ()))
        return overlap / (end - start) if end > start else 0.0

    def intervals(self) -> tuple[Interval, ...]:
        """All covered intervals, merged, by chromosome and start."""
        return tuple(Interval(c, low, high) for c, spans in self._by_chrom.items() for low, high in spans)

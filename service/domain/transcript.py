"""Transcript models on GRCh38."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.assembly import Assembly

MANE_SELECT = "MANE Select"
MANE_PLUS_CLINICAL = "MANE Plus Clinical"
EARLIER = "earlier version"
MITOCHONDRIAL = "mitochondrial gene"
# Imported by alignment alone: earlier versions, transcripts that are not MANE.
OTHER = "other transcript"
# As OTHER, where GRCh37 alone has an alignment: exons lie on GRCh37.
OTHER_GRCH37 = "other transcript on GRCh37"


@dataclass(frozen=True, slots=True)
class Transcript:
    """One transcript aligned to its `assembly`, GRCh38 but for one kind.

    `exons` are interbase genomic intervals in ascending order on either strand. `cds` is the interbase coding
    interval in transcript coordinates, stop codon included; None for a non-coding transcript. `differences`
    are (transcript offset, base) pairs where the transcript departs from the reference genome. `blocks` are
    the aligned stretches where the alignment has gaps, ascending: interbase genomic start and end, and the
    transcript offset of the first transcribed base; empty where exons and transcript pair base by base.
    """

    accession: str
    protein: str | None
    ensembl: str | None
    gene: str
    hgnc_id: str | None
    kind: str
    chrom: str
    strand: int
    exons: tuple[tuple[int, int], ...]
    cds: tuple[int, int] | None
    differences: tuple[tuple[int, str], ...] = ()
    lrg: str | None = None
    blocks: tuple[tuple[int, int, int], ...] = ()

    @property
    def start(self) -> int:
        """Interbase genomic start."""
        return self.exons[0][0]

    @property
    def end(self) -> int:
        """Interbase genomic end."""
        return self.exons[-1][1]

    @property
    def protein_length(self) -> int | None:
        """Residues of the protein; None for a non-coding transcript."""
        if self.cds is None:
            return None
        # The stop codon counts not; in a mitochondrial transcript the poly-A tail may complete it.
        return -(-(self.cds[1] - self.cds[0]) // 3) - 1

    @property
    def coding_exons(self) -> tuple[tuple[int, int], ...]:
        """Interbase genomic intervals of the coding bases, ascending; all exons of a non-coding transcript.

        >>> line = "NM_1.1\\tNP_1.1\\t\\tG\\tHGNC:1\\tMANE Select\\t1\\t-\\t100\\t135\\t\\t3-30\\t\\t10;5,20"
        >>> parse_transcript(line).coding_exons
        ((100, 110), (115, 132))
        """
        if self.cds is None or self.blocks:  # with gaps: exons whole
            return self.exons
        first, last = self.cds
        if self.strand < 0:
            first, last = self.length - last, self.length - first
        found, offset = [], 0
        for start, end in self.exons:
            low, high = max(first, offset), min(last, offset + end - start)
            if low < high:
                found.append((start + low - offset, start + high - offset))
            offset += end - start
        return tuple(found)

    @property
    def length(self) -> int:
        """Transcript bases, as far as they are aligned."""
        if self.blocks:
            return max(offset + end - start for start, end, offset in self.blocks)
        return sum(end - start for start, end in self.exons)

    @property
    def of_genome(self) -> bool:
        """Whether the genome's bases, with `differences`, are the transcript's.

        Ensembl annotates the genome itself. A RefSeq transcript is a sequence of its own, and an alignment
        does not tell where their bases differ.
        """
        return self.kind not in (OTHER, OTHER_GRCH37) or self.accession.startswith("ENST")

    @property
    def assembly(self) -> Assembly:
        """The assembly that exons lie on."""
        return Assembly.GRCH37 if self.kind == OTHER_GRCH37 else Assembly.GRCH38

    def is_version_of(self, accession: str) -> bool:
        """Whether an accession, its version disregarded, names this transcript in RefSeq or Ensembl."""
        stem = f"{accession.partition('.')[0]}."
        return self.accession.startswith(stem) or (self.ensembl or "").startswith(stem)


def parse_transcript(line: str) -> Transcript:
    """The transcript that one line of the compiled model table states.

    Columns: accession, protein, Ensembl transcript, gene, HGNC id, kind, chromosome, strand, start, end, LRG
    name, coding interval, differences, exons.
    Exons are `length` of the first, then `gap,length` of each further one. Where the alignment has gaps they
    are aligned stretches: `gap,length,skipped`, with the transcript's bases between that lie nowhere on the
    genome, and `~` before a gap that is no intron.

    >>> line = "NM_1.1\\tNP_1.1\\t\\tG\\tHGNC:1\\tMANE Select\\t1\\t-\\t100\\t135\\t\\t3-30\\t4:A\\t10;5,20"
    >>> parse_transcript(line).exons
    ((100, 110), (115, 135))
    >>> line = "NM_2.1\\t\\t\\tG\\t\\tother transcript\\t1\\t-\\t100\\t136\\t\\t\\t\\t10;~1,5,0;~0,20,2"
    >>> parse_transcript(line).exons, parse_transcript(line).blocks
    (((100, 136),), ((100, 110, 27), (111, 116, 22), (116, 136, 0)))
    """
    cells = line.split("\t")
    accession, protein, ensembl, gene, hgnc, kind, chrom, strand, start, end, lrg, cds, differences, exons = (
        cells
    )
    stretches = _stretches(int(start), exons)
    blocks: list[tuple[int, int]] = []
    for low, high, _, joined in stretches:
        if joined:
            blocks[-1] = blocks[-1][0], high
        else:
            blocks.append((low, high))
    if blocks[-1][1] != int(end):
        raise ValueError(f"the exons of {accession} end at {blocks[-1][1]}, not at {end}")
    gapped = any(skipped or joined for _, _, skipped, joined in stretches)
    coding = tuple(int(n) for n in cds.split("-")) if cds else None
    return Transcript(
        accession=accession,
        protein=protein or None,
        ensembl=ensembl or None,
        gene=gene,
        hgnc_id=hgnc or None,
        kind=kind,
        chrom=chrom,
        strand=1 if strand == "+" else -1,
        exons=tuple(blocks),
        cds=(coding[0], coding[1]) if coding else None,
        differences=tuple(
            (int(offset), base) for offset, base in (d.split(":") for d in differences.split(",") if d)
        ),
        lrg=lrg or None,
        blocks=_placed(stretches, forward=strand == "+") if gapped else (),
    )


def _stretches(start: int, text: str) -> list[tuple[int, int, int, bool]]:
    """Genomic start and end, transcript bases skipped before, and whether no intron lies before."""
    first, *others = text.split(";")
    found = [(start, start + int(first), 0, False)]
    for other in others:
        gap, length, *skipped = other.split(",")
        low = found[-1][1] + int(gap.lstrip("~"))
        found.append((low, low + int(length), int(skipped[0]) if skipped else 0, gap[0] == "~"))
    return found


def _placed(
    stretches: Sequence[tuple[int, int, int, bool]], *, forward: bool
) -> tuple[tuple[int, int, int], ...]:
    """Stretches with the transcript offset of the first transcribed base of each."""
    placed, offset = [], 0
    for start, end, skipped, _ in stretches if forward else reversed(stretches):
        offset += skipped if forward else 0
        placed.append((start, end, offset))
        offset += end - start + (0 if forward else skipped)
    return tuple(placed if forward else reversed(placed))

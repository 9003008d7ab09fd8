"""Transcript models on GRCh38, and the catalogue that finds them by place, accession or gene."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from service.domain.assembly import Assembly

MANE_SELECT = "MANE Select"
MANE_PLUS_CLINICAL = "MANE Plus Clinical"
EARLIER = "earlier version"
MITOCHONDRIAL = "mitochondrial gene"
# Imported by alignment alone: earlier versions, transcripts that are not MANE.
OTHER = "other transcript"
# As OTHER, where GRCh37 alone has an alignment: exons lie on GRCh37.
OTHER_GRCH37 = "other transcript on GRCh37"
# Genes are indexed in bins of 2**14 bases, with the flank in which Ensembl VEP still names a gene (5 kb).
_BIN_BITS = 14
FLANK = 5000


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


@dataclass(frozen=True, slots=True)
class AgreedNumbering:
    """A stretch of an unknown transcript whose published names agree with a known one.

    Coding positions `first` to `last` (1-based, as written) have the place that the known transcript has at a
    number less by `shift`: names at `positions` different positions, these two among them, agree, and none
    contradicts.
    """

    earlier: str
    known: str
    first: int
    last: int
    positions: int
    shift: int = 0

    @property
    def there(self) -> str:
        """Where in the known transcript, in words."""
        if not self.shift:
            return "at the same number"
        return f"at a number {abs(self.shift)} {'lower' if self.shift > 0 else 'higher'}"


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


class TranscriptSource(Protocol):
    """Transcripts beside the shipped ones. None and empty mean that it does not know them."""

    def transcript(self, accession: str) -> Transcript | None:
        """The transcript of a versioned accession."""

    def versions(self, stem: str) -> Sequence[str]:
        """Versioned accessions of an accession without version."""

    def of_protein(self, accession: str) -> Transcript | None:
        """The transcript of a versioned protein accession."""

    def problem(self) -> str | None:
        """Why the source does not answer, a sentence for people; None where it does."""


def _none(_: str) -> tuple[str, ...]:
    return ()


@dataclass(slots=True)
class TranscriptCatalogue:
    """All known transcripts. Lines are parsed when asked for, and kept.

    Look-ups by place find MANE transcripts, and earlier versions of those genes alone that have no other.
    `aliases` are lines of another name of a gene and its symbol; `numbering` of an `AgreedNumbering`;
    `codons` of a transcript and what published names leave of its codons. `others` gives the model lines that
    begin with a text, of imported transcripts, `others_of_protein` those with a protein accession; these are
    found by accession alone. `sources` are asked first, in order.
    """

    lines: Sequence[str]
    aliases: Sequence[str] = ()
    numbering: Sequence[str] = ()
    codons: Sequence[str] = ()
    others: Callable[[str], Sequence[str]] = _none
    others_of_protein: Callable[[str], Sequence[str]] = _none
    sources: tuple[TranscriptSource, ...] = ()
    # Lines of a known transcript and the number of its Ensembl protein that end in such a number.
    ensembl_proteins: Callable[[str], Sequence[str]] = _none
    _parsed: dict[int, Transcript] = field(default_factory=dict)
    _by_name: dict[str, int] = field(default_factory=dict)
    _by_gene: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _bins: dict[tuple[str, int], list[tuple[int, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _aliases: dict[str, str] = field(default_factory=dict)
    _numbering: dict[str, list[AgreedNumbering]] = field(default_factory=lambda: defaultdict(list))
    _codons: dict[str, dict[int, tuple[str, ...]]] = field(default_factory=dict)
    _versions: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _others: dict[str, Transcript] = field(default_factory=dict)

    def __post_init__(self) -> None:
        by_name, by_gene, bins, versions = self._by_name, self._by_gene, self._bins, self._versions
        others: list[tuple[str, str, int, int, int]] = []
        current: set[str] = set()
        for number, line in enumerate(self.lines):
            accession, _, ensembl, gene, _, kind, chrom, _, low, high, lrg, _ = line.split("\t", 11)
            by_name[accession] = number
            if ensembl:
                by_name[ensembl] = number
            if lrg:
                by_name[lrg] = number
            by_gene[gene].append(number)
            versions[accession[: accession.index(".")]].append(accession)
            if ensembl:
                versions[ensembl[: ensembl.index(".")]].append(ensembl)
            start, end = int(low), int(high)
            if kind == EARLIER:
                others.append((gene, chrom, start, end, number))
                continue
            current.add(gene)
            span = (start, end, number)
            for place in range((start - FLANK) >> _BIN_BITS, ((end + FLANK) >> _BIN_BITS) + 1):
                bins[chrom, place].append(span)
        for gene, chrom, start, end, number in others:
            if gene not in current:
                for place in range((start - FLANK) >> _BIN_BITS, ((end + FLANK) >> _BIN_BITS) + 1):
                    bins[chrom, place].append((start, end, number))

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Transcript]:
        return (self._at(number) for number in range(len(self.lines)))

    def _at(self, number: int) -> Transcript:
        known = self._parsed.get(number)
        if known is None:
            known = self._parsed[number] = parse_transcript(self.lines[number])
        return known

    def near(self, chrom: str, start: int, end: int) -> list[Transcript]:
        """MANE transcripts within 5 kb of start..end; mitochondrial genes that overlap it."""
        first, last = start >> _BIN_BITS, end >> _BIN_BITS
        found: Iterable[tuple[int, int, int]] = self._bins.get((chrom, first), ())
        if first != last:
            found = {hit for place in range(first, last + 1) for hit in self._bins.get((chrom, place), ())}
        flank = FLANK if chrom != "MT" else 0
        low, high = start - flank, max(end, start + 1) + flank
        return [self._at(number) for s, e, number in found if s < high and e > low]

    def get(self, accession: str) -> Transcript | None:
        """The transcript of a versioned RefSeq or Ensembl accession or an LRG name such as `LRG_1t1`.

        Sources come first; where they have the known alignment, the known model counts, which says more.
        """
        number = self._by_name.get(accession)
        known = None if number is None else self._at(number)
        if "." in accession:
            for source in self.sources:
                found = source.transcript(accession)
                if found is not None and known is not None and _same_place(found, known):
                    return known
                if found is not None:
                    return found
        return known or self._other(accession)

    def _other(self, accession: str) -> Transcript | None:
        known = self._others.get(accession)
        if known is None and "." in accession:
            for line in self.others(f"{accession}\t"):
                known = self._others[accession] = parse_transcript(line)
        return known

    def versions(self, accession: str) -> tuple[str, ...]:
        """Known versioned accessions of an accession, its own version disregarded."""
        stem = accession.partition(".")[0]
        others = (line.partition("\t")[0] for line in self.others(f"{stem}."))
        elsewhere = (version for source in self.sources for version in source.versions(stem))
        return tuple(dict.fromkeys((*self._versions.get(stem, ()), *others, *elsewhere)))

    def of_gene(self, symbol: str) -> tuple[Transcript, ...]:
        """Transcripts of a gene, MANE Select first; empty when the gene is not known."""
        order = (MANE_SELECT, MITOCHONDRIAL, MANE_PLUS_CLINICAL, EARLIER)
        found = [self._at(number) for number in self._by_gene.get(symbol, ())]
        return tuple(sorted(found, key=lambda t: (order.index(t.kind), t.accession)))

    def agreed_numbering(self, accession: str) -> tuple[AgreedNumbering, ...]:
        """Stretches of an unknown transcript that are numbered like a known one; empty where none."""
        if not self._numbering:
            for line in self.numbering:
                if line:
                    earlier, known, *numbers = line.split("\t")
                    self._numbering[earlier].append(AgreedNumbering(earlier, known, *map(int, numbers)))
        return tuple(self._numbering.get(accession, ()))

    def published_codon(self, accession: str, number: int) -> tuple[str, ...]:
        """Codons that published names leave for residue `number` of a transcript; empty where none tell."""
        if not self._codons:
            for line in self.codons:
                transcript, _, cells = line.partition("\t")
                pairs = (cell.split(":") for cell in cells.split(";") if cell)
                self._codons[transcript] = {int(at): tuple(left.split(",")) for at, left in pairs}
        return self._codons.get(accession, {}).get(number, ())

    def symbol(self, name: str) -> str:
        """The symbol in use of a gene named by symbol, earlier symbol or alias; else the name."""
        for written in (name, name.upper()):
            if written in self._by_gene:
                return written
        if not self._aliases:
            pairs = (line.partition("\t") for line in self.aliases if line)
            self._aliases.update((alias, symbol) for alias, _, symbol in pairs)
        return self._aliases.get(name) or self._aliases.get(name.upper(), name)

    def of_protein(self, accession: str) -> Transcript | None:
        """The transcript of a versioned protein accession, MANE first."""
        found = [t for t in self._with_protein(accession) if t.protein == accession]
        if found:
            return min(found, key=lambda t: t.kind == EARLIER)
        if accession.startswith("ENSP"):
            number = accession.removeprefix("ENSP").lstrip("0")
            for line in self.ensembl_proteins(number):
                return self.get(line.partition("\t")[0])
        if lines := self.others_of_protein(accession):
            return parse_transcript(lines[0])
        return next((t for source in self.sources if (t := source.of_protein(accession))), None)

    def protein_versions(self, accession: str) -> tuple[str, ...]:
        """Known versioned protein accessions of an accession."""
        stem = f"{accession.partition('.')[0]}."
        others = (line.split("\t", 2)[1] for line in self.others_of_protein(stem))
        return tuple(sorted({*others, *(t.protein for t in self._with_protein(accession) if t.protein)}))

    def _with_protein(self, accession: str) -> list[Transcript]:
        stem = f"\t{accession.partition('.')[0]}."
        return [self._at(number) for number, line in enumerate(self.lines) if stem in line]

    def genes(self) -> frozenset[str]:
        """Symbols of all genes with a transcript."""
        return frozenset(self._by_gene)


def _same_place(found: Transcript, known: Transcript) -> bool:
    """Whether two models of one accession lie alike."""
    place = (known.chrom, known.strand, known.exons, known.cds, known.blocks)
    return (found.chrom, found.strand, found.exons, found.cds, found.blocks) == place

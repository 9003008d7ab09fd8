"""The catalogue that finds transcripts by place, accession or gene."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from service.domain.published import AgreedNumbering, PublishedAllele, parse_published_alleles
from service.domain.transcript import (
    EARLIER,
    MANE_PLUS_CLINICAL,
    MANE_SELECT,
    MITOCHONDRIAL,
    Transcript,
    parse_transcript,
)

# Genes are indexed in bins of 2**14 bases, with the flank in which Ensembl VEP still names a gene (5 kb).
_BIN_BITS = 14
FLANK = 5000


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
    alleles: Sequence[str] = ()
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
    _alleles: dict[str, tuple[PublishedAllele, ...] | str] = field(default_factory=dict)
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

    def published_alleles(self, accession: str) -> tuple[PublishedAllele, ...]:
        """Published changes of a transcript without sequence, ascending; empty where none is known."""
        if not self._alleles:
            pairs = (line.partition("\t") for line in self.alleles if line)
            self._alleles.update((transcript, cells) for transcript, _, cells in pairs)
        found = self._alleles.get(accession, ())
        if isinstance(found, str):
            found = self._alleles[accession] = parse_published_alleles(found)
        return found

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

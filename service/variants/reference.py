"""Reference bases: from a configured FASTA where there is one, else from the shipped regions, else N."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from service.domain.assembly import CHROMOSOMES, Assembly, accession, chromosome_length
from service.domain.sequence import SequenceRegions
from service.errors import ConfigurationError

# Every byte of two-bit sequence as its four bases.
_QUADS = np.frombuffer(
    b"".join(bytes(b"ACGT"[byte >> shift & 3] for shift in (6, 4, 2, 0)) for byte in range(256)), "<u4"
)
# Genome-wide FASTA is fetched in pieces of this many bases, with this much beyond either edge.
_PIECE, _OVERLAP = 1 << 16, 4096
_KEPT_PIECES = 768
_UNKNOWN = bytes(b if chr(b) in "ACGT" else ord("N") for b in range(256))
# How many places of a configured FASTA are compared with the shipped regions.
_PROBES = 24


@dataclass(frozen=True, slots=True)
class Piece:
    """Decoded bases `text` that begin at interbase `start`."""

    start: int
    text: str

    def __len__(self) -> int:
        return len(self.text)


class GenomeSequence(Protocol):
    """A genome's bases, such as an indexed FASTA file."""

    @property
    def chromosomes(self) -> frozenset[str]:
        """Those that it holds."""

    def fetch(self, chrom: str, start: int, end: int) -> str:
        """Upper-case bases, N where unknown, never longer than the chromosome."""


@dataclass(frozen=True, slots=True)
class GenomesInOrder:
    """Several sources of one assembly: for each chromosome the first that holds it."""

    genomes: Sequence[GenomeSequence]

    @property
    def chromosomes(self) -> frozenset[str]:
        """Those that any of them holds."""
        return frozenset().union(*(genome.chromosomes for genome in self.genomes))

    def fetch(self, chrom: str, start: int, end: int) -> str:
        """Bases of the interval, N for a chromosome that none holds."""
        for genome in self.genomes:
            if chrom in genome.chromosomes:
                return genome.fetch(chrom, start, end)
        return "N" * (end - start)


class ReferenceSequence:
    """Bases of the reference. What is not known is N; an answer is always as long as what was asked."""

    def __init__(
        self, regions: SequenceRegions | None, genomes: dict[Assembly, GenomeSequence] | None = None
    ):
        self._regions = regions
        self._genomes = genomes or {}
        decode: Callable[[str, int], Piece] = lru_cache(maxsize=_KEPT_PIECES)(self._decode_region)
        self._region = decode
        fetch: Callable[[Assembly, str, int], Piece] = lru_cache(maxsize=_KEPT_PIECES)(self._fetch_piece)
        self._fetched = fetch

    def bases(self, assembly: Assembly, chrom: str, start: int, end: int) -> str:
        """Upper-case bases of the interbase interval; N where unknown or outside the chromosome."""
        if end <= start:
            return ""
        piece = self.piece(assembly, chrom, start, end)
        if piece is not None:
            return piece.text[start - piece.start : end - piece.start]
        if self._genomes and self._in_genome(assembly, chrom):
            return self._across_genome(assembly, chrom, start, end)
        return self._across_regions(assembly, chrom, start, end)

    def has(self, assembly: Assembly) -> bool:
        """Whether any base of an assembly is known."""
        return assembly in self._genomes or (self._regions is not None and self._regions.assembly is assembly)

    def knows(self, assembly: Assembly, chrom: str, start: int, end: int) -> bool:
        """Whether every base of the interval is known."""
        return end > start and "N" not in self.bases(assembly, chrom, start, end)

    def piece(self, assembly: Assembly, chrom: str, start: int, end: int) -> Piece | None:
        """A decoded piece that contains start..end whole; None when no single piece does."""
        if self._genomes and self._in_genome(assembly, chrom):
            if start < 0 or end > chromosome_length(assembly, chrom):
                return None
            number = start // _PIECE
            if end > (number + 1) * _PIECE + _OVERLAP:
                return None
            return self._fetched(assembly, chrom, number)
        if self._regions is None or assembly is not self._regions.assembly:
            return None
        spans = self._regions.spans.get(chrom)
        if spans is None:
            return None
        number = bisect_right(spans[0], start) - 1
        if number < 0 or spans[1][number] < end:
            return None
        return self._region(chrom, number)

    def _in_genome(self, assembly: Assembly, chrom: str) -> bool:
        """Whether a configured genome holds a chromosome: then the shipped regions are not asked."""
        genome = self._genomes.get(assembly)
        return genome is not None and chrom in genome.chromosomes

    def _decode_region(self, chrom: str, number: int) -> Piece:
        assert self._regions is not None
        starts, ends, offsets = self._regions.spans[chrom]
        start, length, offset = starts[number], ends[number] - starts[number], offsets[number]
        packed = np.frombuffer(self._regions.packed[offset : offset + -(-length // 4)], np.uint8)
        return Piece(start, _QUADS[packed].tobytes()[:length].decode("ascii"))

    def _fetch_piece(self, assembly: Assembly, chrom: str, number: int) -> Piece:
        low = max(0, number * _PIECE - _OVERLAP)
        high = min(chromosome_length(assembly, chrom), (number + 1) * _PIECE + _OVERLAP)
        return Piece(low, self._genomes[assembly].fetch(chrom, low, high))

    def _across_genome(self, assembly: Assembly, chrom: str, start: int, end: int) -> str:
        low, high = max(0, start), min(end, chromosome_length(assembly, chrom))
        middle = self._genomes[assembly].fetch(chrom, low, high) if high > low else ""
        return "N" * min(low - start, end - start) + middle + "N" * (end - max(high, low, start))

    def _across_regions(self, assembly: Assembly, chrom: str, start: int, end: int) -> str:
        if (
            self._regions is None
            or assembly is not self._regions.assembly
            or chrom not in self._regions.spans
        ):
            return "N" * (end - start)
        starts, ends, _ = self._regions.spans[chrom]
        parts, at = [], start
        for number in range(max(0, bisect_right(starts, start) - 1), len(starts)):
            low, high = max(at, starts[number]), min(end, ends[number])
            if starts[number] >= end:
                break
            if low < high:
                piece = self._region(chrom, number)
                parts += ["N" * (low - at), piece.text[low - piece.start : high - piece.start]]
                at = high
        return "".join(parts) + "N" * (end - at)


@dataclass(slots=True)
class FastaGenome:
    """An indexed FASTA file of one assembly. Contigs may be bare, `chr`-prefixed or RefSeq accessions."""

    path: Path
    assembly: Assembly
    _handle: Any = field(init=False, default=None)
    _contigs: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        import pysam  # only where a FASTA is configured

        try:
            self._handle = pysam.FastaFile(str(self.path))
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"the reference FASTA or its .fai index cannot be read: {error}", where=self.path.name
            ) from error
        lengths = dict(zip(self._handle.references, self._handle.lengths, strict=True))
        for chrom in CHROMOSOMES:
            names = (
                chrom,
                f"chr{chrom}",
                accession(self.assembly, chrom),
                *(("chrM",) if chrom == "MT" else ()),
            )
            name = next((n for n in names if n in lengths), None)
            if name is None:
                continue
            expected = chromosome_length(self.assembly, chrom)
            if lengths[name] != expected and not (chrom == "MT" and self.assembly is Assembly.GRCH37):
                raise ConfigurationError(
                    f"contig {name} has {lengths[name]} bases; {self.assembly} has {expected}",
                    where=self.path.name,
                )
            if lengths[name] == expected:
                self._contigs[chrom] = name
        if not self._contigs:
            raise ConfigurationError(
                f"no chromosome of {self.assembly} is in the FASTA", where=self.path.name
            )

    @property
    def chromosomes(self) -> frozenset[str]:
        """Those that the file holds."""
        return frozenset(self._contigs)

    def fetch(self, chrom: str, start: int, end: int) -> str:
        """Bases of the interval, N for a chromosome that the file does not hold."""
        name = self._contigs.get(chrom)
        if name is None:
            return "N" * (end - start)
        text: str = self._handle.fetch(name, start, end)
        return text.upper().encode("ascii").translate(_UNKNOWN).decode("ascii")


def open_reference(
    regions: SequenceRegions | None,
    fasta: Path | None = None,
    repository: Callable[[Assembly], GenomeSequence] | None = None,
) -> ReferenceSequence:
    """The reference in the order of its sources: a sequence repository, a GRCh38 FASTA, what is shipped.

    Raises:
        ConfigurationError: a source cannot be read, or is not of its assembly.
    """
    genomes: dict[Assembly, list[GenomeSequence]] = {assembly: [] for assembly in Assembly}
    if repository is not None:
        for assembly in Assembly:
            genomes[assembly].append(repository(assembly))
            _compare(genomes[assembly][0], assembly, regions, "the configured repository")
    if fasta is not None:
        genome = FastaGenome(fasta, Assembly.GRCH38)
        _compare(genome, Assembly.GRCH38, regions, "the FASTA", where=fasta.name)
        genomes[Assembly.GRCH38].append(genome)
    known = {
        a: found[0] if len(found) == 1 else GenomesInOrder(found) for a, found in genomes.items() if found
    }
    return ReferenceSequence(regions, known)


def _compare(
    genome: GenomeSequence,
    assembly: Assembly,
    regions: SequenceRegions | None,
    title: str,
    where: str | None = None,
) -> None:
    """Refuses a genome whose bases differ from the shipped ones at places spread over it."""
    if regions is None or regions.assembly is not assembly:
        return
    shipped = ReferenceSequence(regions)
    places = [
        (chrom, start)
        for chrom, (starts, _, _) in regions.spans.items()
        if chrom in genome.chromosomes
        for start in starts
    ]
    for chrom, start in places[:: max(1, len(places) // _PROBES)]:
        ours, theirs = (
            shipped.bases(regions.assembly, chrom, start, start + 40),
            genome.fetch(chrom, start, start + 40),
        )
        if set(theirs) != {"N"} and ours != theirs:
            raise ConfigurationError(
                f"{title} differs from {regions.assembly} at {chrom}:{start + 1}", where=where
            )

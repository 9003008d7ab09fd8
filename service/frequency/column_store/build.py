"""Building a column store from a sites VCF: AC, AN and nhomalt of every allele that passed."""

import hashlib
import json
import os
import re
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np

from service.domain.assembly import Assembly, parse_contig
from service.errors import InvalidInput
from service.frequency.allele_counts import homozygous_people
from service.frequency.bcf import open_gzip
from service.frequency.column_store.alleles import LONG, NOT_SNV, allele_key, parsimonious, snv_code
from service.frequency.column_store.blocks import SiteBlock, read_blocks
from service.frequency.column_store.chunk import UNKNOWN, Sites, encode
from service.frequency.count_files import read_counts
from service.frequency.snapshot import STORE_MAGIC as MAGIC

CHUNK_SITES = 1 << 16
_INFO = re.compile(rb"(?<=[\t;])(AC|AN|nhomalt|AC_Hom|AC_Het|AC_Hemi)=([^;\t\r]*)")
_BASES = frozenset(b"ACGTN")


@dataclass(slots=True)
class Chromosome:
    """Sites of one chromosome as they are read; `long` holds alleles too long for an exact key, by start."""

    start: "array[int]" = field(default_factory=lambda: array("q"))
    code: bytearray = field(default_factory=bytearray)
    key: "array[int]" = field(default_factory=lambda: array("Q"))
    count: "array[int]" = field(default_factory=lambda: array("q"))
    number: "array[int]" = field(default_factory=lambda: array("q"))
    homozygotes: "array[int]" = field(default_factory=lambda: array("q"))
    long: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, start: int, ref: bytes, alt: bytes, count: int, number: int, homozygotes: int) -> None:
        """One allele."""
        start, ref, alt = parsimonious(start, ref, alt)
        code = snv_code(ref, alt)
        key = 0
        if code == NOT_SNV:
            key = allele_key(ref, alt)
            if key >= LONG:
                self.long.setdefault(start, []).append((ref.decode(), alt.decode()))
        self.start.append(start)
        self.code.append(code)
        self.key.append(key)
        self.count.append(count)
        self.number.append(number)
        self.homozygotes.append(homozygotes)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What was read: alleles kept, records left out because a filter named them, or without counts."""

    sites: int
    filtered: int
    without_counts: int


def build_store(
    sources: Iterable[Path],
    out: Path,
    *,
    assembly: Assembly,
    dataset: str,
    version: str,
    on_block: Callable[[int], None] = lambda _records: None,
) -> BuildReport:
    """Compile files of counts into one store; whole or not at all.

    VCFs (AC, AN, and nhomalt or AC_Hom with AC_Het) are read in blocks; BCF and TSV, by record.
    """
    chunks: dict[str, list[tuple[int, int, int, int, int]]] = {}
    long_alleles: dict[str, dict[str, list[tuple[str, str]]]] = {}
    counts = {"sites": 0, "filtered": 0, "without_counts": 0}
    descriptor, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(MAGIC + bytes(8))
            for chrom, sites in _chromosomes(sources, counts, on_block):
                if chrom in chunks:
                    raise InvalidInput(
                        f"chromosome {chrom} comes twice; expected sorted files", where=dataset
                    )
                chunks[chrom] = _write_chromosome(handle, sites)
                long_alleles[chrom] = {str(start): alleles for start, alleles in sites.long.items()}
                counts["sites"] += len(sites.start)
            index_at = handle.tell()
            index = {
                "assembly": assembly.value,
                "dataset": dataset,
                "version": version,
                "sites": counts["sites"],
                "chunks": chunks,
                "long": long_alleles,
            }
            handle.write(json.dumps(index, separators=(",", ":")).encode())
            handle.seek(8)
            handle.write(index_at.to_bytes(8, "little"))
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)
    return BuildReport(counts["sites"], counts["filtered"], counts["without_counts"])


def _chromosomes(
    sources: Iterable[Path], counts: dict[str, int], on_block: Callable[[int], None]
) -> Iterator[tuple[str, Chromosome]]:
    current: tuple[str, Chromosome] | None = None
    for source in sources:
        if not _is_vcf(source):
            for chrom, sites in _from_records(source):
                if current is not None and current[0] == chrom:
                    raise InvalidInput(f"chromosome {chrom} is in two files", where=source.name)
                if current is not None:
                    yield current
                current = (chrom, sites)
            continue
        for block in read_blocks(source):
            for low, high, name in block.contigs:
                contig = parse_contig(name.decode("ascii", "replace"))
                if contig is None:
                    continue
                if current is None or current[0] != contig.chrom:
                    if current is not None:
                        yield current
                    current = (contig.chrom, Chromosome())
                _add_records(block, low, high, current[1], counts)
            on_block(len(block.start))
    if current is not None:
        yield current


def _add_records(
    block: SiteBlock, low: int, high: int, chromosome: Chromosome, counts: dict[str, int]
) -> None:
    content = block.content
    starts = block.start[low:high].tolist()
    tabs = block.tabs[low:high].tolist()
    for start, (_, _, before_ref, before_alt, before_qual) in zip(starts, tabs, strict=True):
        after_qual = content.index(b"\t", before_qual + 1)
        after_filter = content.index(b"\t", after_qual + 1)
        end = content.index(b"\n", after_filter)
        if content[after_qual + 1 : after_filter] not in (b"PASS", b"."):
            counts["filtered"] += 1
            continue
        info = dict(_INFO.findall(content, after_filter + 1, end))
        if b"AC" not in info or b"AN" not in info:
            counts["without_counts"] += 1
            continue
        ref = content[before_ref + 1 : before_alt]
        alts = content[before_alt + 1 : before_qual].split(b",")
        _add_alleles(chromosome, start, ref, alts, info)


def _add_alleles(
    chromosome: Chromosome, start: int, ref: bytes, alts: list[bytes], info: dict[bytes, bytes]
) -> None:
    try:
        allele_counts = [int(text) for text in info[b"AC"].split(b",")]
        number = int(info[b"AN"])
        homozygotes = _homozygotes(info, allele_counts)
    except ValueError as error:
        raise InvalidInput("AC, AN or nhomalt is not a number", where="sites VCF") from error
    if len(allele_counts) != len(alts) or max(allele_counts) > number:
        raise InvalidInput("AC does not fit ALT or AN", where="sites VCF")
    for alt, count, hom in zip(alts, allele_counts, homozygotes, strict=True):
        if _BASES.issuperset(alt) and _BASES.issuperset(ref):
            chromosome.add(start, ref, alt, count, number, hom)


def _homozygotes(info: dict[bytes, bytes], allele_counts: list[int]) -> list[int]:
    """People homozygous for each allele; UNKNOWN where the file does not say in which unit it counts."""
    if b"nhomalt" in info:
        found = [int(text) for text in info[b"nhomalt"].split(b",")]
        return found if len(found) == len(allele_counts) else [UNKNOWN] * len(allele_counts)
    columns = [info[key].split(b",") if key in info else None for key in (b"AC_Het", b"AC_Hom", b"AC_Hemi")]
    if columns[1] is None or any(c is not None and len(c) != len(allele_counts) for c in columns):
        return [UNKNOWN] * len(allele_counts)
    people = []
    for index, count in enumerate(allele_counts):
        het, hom, hemi = (None if column is None else int(column[index]) for column in columns)
        known = homozygous_people(count, het, hom, hemi or 0)
        people.append(UNKNOWN if known is None else known)
    return people


def digest_of(files: Iterable[Path]) -> str:
    """A version for files that state none: 16 hex digits over their bytes."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:16]


def _is_vcf(path: Path) -> bool:
    with path.open("rb") as raw:
        compressed = raw.read(2) == b"\x1f\x8b"
    with open_gzip(path) if compressed else path.open("rb") as stream:
        return stream.read(16).startswith(b"##fileformat=VCF")


def _from_records(source: Path) -> Iterator[tuple[str, Chromosome]]:
    """Chromosomes of a BCF or TSV file, whose records are grouped by chromosome."""
    for chrom, rows in groupby(read_counts(source), key=lambda row: row.chrom):
        sites = Chromosome()
        for row in rows:
            people = UNKNOWN if row.homozygotes is None else row.homozygotes
            sites.add(
                row.start, row.ref.encode(), row.alt.encode(), row.allele_count, row.allele_number, people
            )
        yield chrom, sites


def _write_chromosome(handle: BinaryIO, sites: Chromosome) -> list[tuple[int, int, int, int, int]]:
    start = np.array(sites.start, np.int64)
    code = np.frombuffer(bytes(sites.code), np.uint8)
    key = np.array(sites.key, np.uint64)
    columns = [np.array(c, np.int64) for c in (sites.count, sites.number, sites.homozygotes)]
    order = np.lexsort((key, code, start))
    places = []
    edges = _edges(start[order])
    for low, high in pairwise(edges):
        rows = order[low:high]
        snv = rows[code[rows] != NOT_SNV]
        other = rows[code[rows] == NOT_SNV]
        keys, values = encode(
            Sites(start[snv], code[snv].astype(np.uint64), *(c[snv] for c in columns)),
            Sites(start[other], key[other], *(c[other] for c in columns)),
        )
        places.append((int(start[rows[0]]), int(start[rows[-1]]), handle.tell(), len(keys), len(values)))
        handle.write(keys + values)
    return places


def _edges(ordered: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> list[int]:
    """Chunk borders that never part the alleles of one position."""
    edges = [0]
    while edges[-1] < len(ordered):
        high = edges[-1] + CHUNK_SITES
        if high < len(ordered):
            high = int(np.searchsorted(ordered, ordered[high], "left"))
            if high <= edges[-1]:
                high = int(np.searchsorted(ordered, ordered[edges[-1]], "right"))
        edges.append(min(high, len(ordered)))
    return edges

"""Building a column store from a sites VCF: AC, AN and nhomalt of every allele that passed."""

import json
import os
import re
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np

from service.domain.assembly import Assembly, parse_contig
from service.errors import InvalidInput
from service.frequency.column_store.alleles import LONG, NOT_SNV, allele_key, parsimonious, snv_code
from service.frequency.column_store.blocks import SiteBlock, read_blocks
from service.frequency.column_store.chunk import UNKNOWN, Sites, encode
from service.frequency.column_store.store import MAGIC

CHUNK_SITES = 1 << 16
_INFO = re.compile(rb"(?<=[\t;])(AC|AN|nhomalt|AC_Hom|AC_hom)=([^;\t\r]*)")
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
    """Compile sites VCFs (gnomAD's layout: AC, AN, nhomalt) into one store; whole or not at all."""
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
        homozygotes = _homozygotes(info, len(alts))
    except ValueError as error:
        raise InvalidInput("AC, AN or nhomalt is not a number", where="sites VCF") from error
    if len(allele_counts) != len(alts) or max(allele_counts) > number:
        raise InvalidInput("AC does not fit ALT or AN", where="sites VCF")
    for alt, count, hom in zip(alts, allele_counts, homozygotes, strict=True):
        if _BASES.issuperset(alt) and _BASES.issuperset(ref):
            chromosome.add(start, ref, alt, count, number, hom)


def _homozygotes(info: dict[bytes, bytes], alleles: int) -> list[int]:
    """People homozygous for each allele. `AC_Hom` of bcftools +fill-tags counts alleles, two a person."""
    if b"nhomalt" in info:
        found = [int(text) for text in info[b"nhomalt"].split(b",")]
    elif b"AC_Hom" in info:
        found = [int(text) // 2 for text in info[b"AC_Hom"].split(b",")]
    else:
        return [UNKNOWN] * alleles
    return found if len(found) == alleles else [UNKNOWN] * alleles


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

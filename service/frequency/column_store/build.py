"""Building a column store from a sites VCF: AC, AN and nhomalt of every allele that passed."""

import hashlib
import json
import os
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from service.domain.assembly import Assembly, parse_contig
from service.errors import InvalidInput
from service.frequency.allele_counts import UncountedAllele, WhyUncounted, homozygous_people
from service.frequency.bcf import open_gzip
from service.frequency.column_store.alleles import LONG, NOT_SNV, allele_key, parsimonious, snv_code
from service.frequency.column_store.blocks import SiteBlock, read_blocks
from service.frequency.column_store.chunk import UNKNOWN, Sites, encode_groups, encode_keys, encode_values
from service.frequency.column_store.columns import Int
from service.frequency.column_store.layout import Layout, layout_of
from service.frequency.column_store.magic import MAGIC
from service.frequency.count_files import read_counts, tell_uncounted
from service.frequency.repeats import Repeats

CHUNK_SITES = 1 << 16
_GENOTYPES = (b"nhomalt", b"AC_Het", b"AC_Hom", b"AC_Hemi")
_MISSING = (None, b"", b".")
_BASES = frozenset(b"ACGTN")


@dataclass(slots=True)
class Chromosome:
    """Sites of one chromosome as they are read; `long` holds alleles too long for an exact key, by start.

    `grouped` are the indexes of the sites that have groups; `groups` their AC and AN, group after group.
    """

    start: "array[int]" = field(default_factory=lambda: array("q"))
    code: bytearray = field(default_factory=bytearray)
    key: "array[int]" = field(default_factory=lambda: array("Q"))
    count: "array[int]" = field(default_factory=lambda: array("q"))
    number: "array[int]" = field(default_factory=lambda: array("q"))
    homozygotes: "array[int]" = field(default_factory=lambda: array("q"))
    long: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    grouped: "array[int]" = field(default_factory=lambda: array("q"))
    groups: "array[int]" = field(default_factory=lambda: array("q"))

    def add(
        self,
        start: int,
        ref: bytes,
        alt: bytes,
        count: int,
        number: int,
        homozygotes: int,
        groups: Sequence[int] = (),
    ) -> None:
        """One allele; `count` is minus WhyUncounted where it has no counts.

        An allele seen once has FAF 0 in whatever group: its groups are not kept.
        """
        start, ref, alt = parsimonious(start, ref, alt)
        code = snv_code(ref, alt)
        key = 0
        if code == NOT_SNV:
            key = allele_key(ref, alt)
            if key >= LONG:
                self.long.setdefault(start, []).append((ref.decode(), alt.decode()))
        if groups and count >= 2:
            self.grouped.append(len(self.start))
            self.groups.extend(groups)
        self._append(start, code, key, count, number, homozygotes)

    def _append(self, start: int, code: int, key: int, count: int, number: int, homozygotes: int) -> None:
        self.start.append(start)
        self.code.append(code)
        self.key.append(key)
        self.count.append(count)
        self.number.append(number)
        self.homozygotes.append(homozygotes)

    def add_snv(self, start: int, code: int, info: dict[bytes, bytes]) -> bool:
        """The usual record: one SNV with plain counts; whether it was one. Raises ValueError."""
        homozygotes = info.get(b"nhomalt")
        if code == NOT_SNV or homozygotes is None or homozygotes == b".":
            return False
        count, number = int(info[b"AC"]), int(info[b"AN"])
        if count > number:
            return False  # said by whoever reads it in full
        self._append(start, code, 0, count, number, int(homozygotes))
        return True


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What was read: alleles with counts, records that a filter named (left out), that have no counts, or
    that name an allele again, and alleles whose records have different counts.
    """

    sites: int
    filtered: int
    without_counts: int
    repeated: int = 0
    contradictory: int = 0


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

    VCFs (AC, AN, and nhomalt or AC_Hom with AC_Het) are read in blocks; BCF and TSV, by record. Groups
    that the header names (AC_afr, AN_afr and so on) are kept.
    """
    sources = list(sources)
    layouts = [layout_of(source) for source in sources]
    layout = next((each for each in layouts if each.groups), layouts[0] if layouts else Layout())
    chunks: dict[str, list[tuple[int, ...]]] = {}
    long_alleles: dict[str, dict[str, list[tuple[str, str]]]] = {}
    counts = {"sites": 0, "filtered": 0, "without_counts": 0, "records": 0, "first_without": 0}
    repeats = Repeats()
    descriptor, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(MAGIC + bytes(8))
            for chrom, sites in _chromosomes(sources, layout, counts, on_block):
                if chrom in chunks:
                    raise InvalidInput(
                        f"chromosome {chrom} comes twice; expected sorted files", where=dataset
                    )
                chunks[chrom], counted = _write_chromosome(handle, sites, len(layout.groups), repeats)
                long_alleles[chrom] = {str(start): alleles for start, alleles in sites.long.items()}
                counts["sites"] += counted
            index_at = handle.tell()
            index = {
                "assembly": assembly.value,
                "dataset": dataset,
                "version": version,
                "sites": counts["sites"],
                "groups": layout.groups,
                "chunks": chunks,
                "long": long_alleles,
            }
            handle.write(json.dumps(index, separators=(",", ":")).encode())
            handle.seek(8)
            handle.write(index_at.to_bytes(8, "little"))
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)
    if counts["first_without"]:
        tell_uncounted(dataset, counts["without_counts"], counts["first_without"])
    repeats.tell(dataset)
    left_out = counts["filtered"], counts["without_counts"]
    return BuildReport(counts["sites"], *left_out, repeats.records, repeats.unlike)


def _chromosomes(
    sources: Iterable[Path], layout: Layout, counts: dict[str, int], on_block: Callable[[int], None]
) -> Iterator[tuple[str, Chromosome]]:
    current: tuple[str, Chromosome] | None = None
    for source in sources:
        if not _is_vcf(source):
            for chrom, sites in _from_records(source, layout, counts):
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
                _add_records(block, low, high, current[1], layout, counts)
            counts["records"] += len(block.start)
            on_block(len(block.start))
    if current is not None:
        yield current


def _add_records(
    block: SiteBlock, low: int, high: int, chromosome: Chromosome, layout: Layout, counts: dict[str, int]
) -> None:
    content = block.content
    starts = block.start[low:high].tolist()
    tabs = block.tabs[low:high].tolist()
    codes = block.code[low:high].tolist()
    plain = not layout.groups
    for start, code, (_, _, before_ref, before_alt, before_qual) in zip(starts, codes, tabs, strict=True):
        after_qual = content.index(b"\t", before_qual + 1)
        after_filter = content.index(b"\t", after_qual + 1)
        end = content.index(b"\n", after_filter)
        if content[after_qual + 1 : after_filter] not in (b"PASS", b"."):
            counts["filtered"] += 1
            continue
        info = layout.counts_in(content, after_filter + 1, end)
        uncounted = _is_unknown(info.get(b"AC")) or _is_unknown(info.get(b"AN"))
        if uncounted:
            counts["without_counts"] += 1
            if not counts["first_without"]:
                counts["first_without"] = counts["records"] + content.count(b"\n", 0, before_ref) + 1
        try:
            if plain and not uncounted and chromosome.add_snv(start, code, info):
                continue
        except ValueError as error:
            raise InvalidInput("AC, AN or nhomalt is not a number", where=_place(start)) from error
        ref = content[before_ref + 1 : before_alt]
        alts = content[before_alt + 1 : before_qual].split(b",")
        _add_alleles(chromosome, start, ref, alts, info, layout)


def _add_alleles(
    chromosome: Chromosome,
    start: int,
    ref: bytes,
    alts: list[bytes],
    info: dict[bytes, bytes],
    layout: Layout,
) -> None:
    try:
        allele_counts = _allele_counts(info, len(alts))
        number = 0 if _is_unknown(info.get(b"AN")) else int(info[b"AN"])
        homozygotes = _homozygotes(info, allele_counts)
        groups = layout.group_counts(info, len(alts)) if layout.groups and max(allele_counts) >= 2 else None
    except ValueError as error:
        raise InvalidInput(
            "AC, AN, nhomalt or a group's count is not a number", where=_place(start)
        ) from error
    if len(allele_counts) != len(alts) or max(allele_counts) > number:
        raise InvalidInput("AC does not fit ALT or AN", where=_place(start))
    for index, (alt, count, hom) in enumerate(zip(alts, allele_counts, homozygotes, strict=True)):
        if _BASES.issuperset(alt) and _BASES.issuperset(ref):
            chromosome.add(start, ref, alt, count, number, hom, groups[index] if groups else ())


def _allele_counts(info: dict[bytes, bytes], alleles: int) -> list[int]:
    """AC of each allele; minus WhyUncounted where it, or AN, is not stated. Raises ValueError."""
    if info.get(b"AC") in _MISSING or _is_unknown(info.get(b"AN")):
        return [-WhyUncounted.NO_COUNTS] * alleles
    return [-WhyUncounted.NO_COUNTS if text in _MISSING else int(text) for text in info[b"AC"].split(b",")]


def _homozygotes(info: dict[bytes, bytes], allele_counts: list[int]) -> list[int]:
    """People homozygous for each allele; UNKNOWN where the file does not say in which unit it counts."""
    stated = {key: None if _is_unknown(info.get(key)) else info[key].split(b",") for key in _GENOTYPES}
    if (people := stated[b"nhomalt"]) is not None:
        found = [int(text) for text in people]
        return found if len(found) == len(allele_counts) else [UNKNOWN] * len(allele_counts)
    columns = [stated[key] for key in (b"AC_Het", b"AC_Hom", b"AC_Hemi")]
    if columns[1] is None or any(c is not None and len(c) != len(allele_counts) for c in columns):
        return [UNKNOWN] * len(allele_counts)
    counted = []
    for index, count in enumerate(allele_counts):
        het, hom, hemi = (None if column is None else int(column[index]) for column in columns)
        known = homozygous_people(count, het, hom, hemi or 0)
        counted.append(UNKNOWN if known is None else known)
    return counted


def _is_unknown(value: bytes | None) -> bool:
    """Whether an INFO value is absent or empty, or a dot for any allele."""
    return not value or (b"." in value and b"." in value.split(b","))


def _place(start: int) -> str:
    return f"sites VCF, position {start + 1}"


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


def _from_records(source: Path, layout: Layout, counts: dict[str, int]) -> Iterator[tuple[str, Chromosome]]:
    """Chromosomes of a BCF or TSV file, whose records are grouped by chromosome."""
    for chrom, rows in groupby(read_counts(source), key=lambda row: row.chrom):
        sites = Chromosome()
        for row in rows:
            ref, alt = row.ref.encode(), row.alt.encode()
            if isinstance(row, UncountedAllele):
                counts["without_counts"] += 1
                sites.add(row.start, ref, alt, -row.why, 0, UNKNOWN)
                continue
            people = UNKNOWN if row.homozygotes is None else row.homozygotes
            split = {g.group: (g.frequency.allele_count, g.frequency.allele_number) for g in row.groups()}
            groups = [count for group in layout.groups for count in split.get(group, (0, 0))]
            sites.add(
                row.start,
                ref,
                alt,
                row.allele_count,
                row.allele_number,
                people,
                groups,
            )
        yield chrom, sites


def _write_chromosome(
    handle: BinaryIO, sites: Chromosome, groups: int, repeats: Repeats
) -> tuple[list[tuple[int, ...]], int]:
    """Where its chunks lie, and how many alleles with counts they hold."""
    start = np.array(sites.start, np.int64)
    code = np.frombuffer(bytes(sites.code), np.uint8)
    key = np.array(sites.key, np.uint64)
    row_of_site = np.full(len(start), -1, np.int64)
    row_of_site[np.array(sites.grouped, np.int64)] = np.arange(len(sites.grouped))
    table = np.array(sites.groups, np.int64).reshape(-1, 2 * groups) if groups else None
    count, number, homozygotes = (
        np.array(c, np.int64) for c in (sites.count, sites.number, sites.homozygotes)
    )
    order = np.lexsort((key, code, start))
    again = _named_again(order, start[order], code, key)
    if len(again):
        order = _once(order, again, count, number, repeats)
    counted = int((count[order] >= 0).sum())
    columns = _marked(count, number, homozygotes)
    places = []
    edges = _edges(start[order])
    for low, high in pairwise(edges):
        rows = order[low:high]
        snv = rows[code[rows] != NOT_SNV]
        other = rows[code[rows] == NOT_SNV]
        snvs = Sites(start[snv], code[snv].astype(np.uint64), *(c[snv] for c in columns))
        others = Sites(start[other], key[other], *(c[other] for c in columns))
        frames = [encode_keys(snvs, others), encode_values(snvs, others)]
        if table is not None:
            held = row_of_site[np.concatenate((snv, other))]
            grouped = np.flatnonzero(held >= 0)
            frames.append(encode_groups(grouped, list(table[held[grouped]].T)))
        else:
            frames.append(b"")
        span = (int(start[rows[0]]), int(start[rows[-1]]), handle.tell())
        places.append((*span, *map(len, frames)))
        handle.write(b"".join(frames))
    return places, counted


def _named_again(
    order: Int, ordered: Int, code: "npt.NDArray[np.uint8]", key: "npt.NDArray[np.uint64]"
) -> Int:
    """Indexes in the order of alleles that are the one before; `ordered` are the starts."""
    beside = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
    one, other = order[beside - 1], order[beside]
    again: Int = beside[(code[one] == code[other]) & (key[one] == key[other])]
    return again


def _once(order: Int, again: Int, count: Int, number: Int, repeats: Repeats) -> Int:
    """The order without what is named again; an allele of unlike counts loses its `count`."""
    kept = np.ones(len(order), np.bool_)
    kept[again] = False
    once = order[kept]
    first, later = once[np.cumsum(kept)[again] - 1], order[again]
    differs = (count[first] != count[later]) | ((number[first] != number[later]) & (count[later] >= 0))
    unlike = np.unique(first[differs])
    count[unlike] = -WhyUncounted.CONTRADICTORY
    repeats.records += len(again)
    repeats.unlike += len(unlike)
    return once


def _marked(count: Int, number: Int, homozygotes: Int) -> tuple[Int, Int, Int]:
    """The columns as they are written: what has no counts by AC 0 with homozygotes, and the AN of most."""
    uncounted = count < 0
    # A source that says so means nothing by it.
    homozygotes[(count == 0) & (homozygotes != UNKNOWN)] = 0
    if uncounted.any():
        numbers, times = np.unique(number[~uncounted], return_counts=True)
        usual = numbers[times.argmax()] if len(numbers) else 0
        homozygotes = np.where(uncounted, -count, homozygotes)
        number = np.where(uncounted, usual, number)
        count = np.where(uncounted, 0, count)
    return count, number, homozygotes


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

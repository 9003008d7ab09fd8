"""Re-encode published transcript models and GRCh38 gene regions for `knowledgebase/transcripts`.

Usage: python knowledgebase/tools/transcripts.py FOLDER OUT [--margin BASES]

FOLDER holds `mane_transcripts.grch38.tsv.gz`, `lrg_fixed_transcripts.json.gz`, `regions.grch38.fa.gz`, and
beside it (`../raredisease`) the tables that pair gene symbols with HGNC ids. Sequence is kept within
`--margin` bases of an exon of a transcript in the regions; deeper introns are left out.
`coding_sequences.fa` in OUT has the coding sequence of further MANE transcripts, whose bases become regions too.
"""

import argparse
import csv
import gzip
import itertools
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import zstandard
from fasta import records

from service.domain.genetic_code import STANDARD

MANE_COLUMNS = [
    *("nm", "np", "enst", "ensp", "gene", "gene_id", "mane", "ac", "strand", "start0", "end"),
    *("cds_start_i", "cds_end_i", "exons0", "seq_status"),
]
COMPLEMENT = str.maketrans("ACGT", "TGCA")
CODE = {"A": 0, "C": 1, "G": 2, "T": 3}
Span = tuple[int, int]


def chromosome(accession: str) -> str:
    """Bare chromosome of a RefSeq accession."""
    number = int(accession[3:9])
    return {23: "X", 24: "Y"}.get(number, str(number))


def read_regions(path: Path) -> dict[str, list[tuple[int, int, str]]]:
    """Chromosome -> (start, end, bases) of every region."""
    regions: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for name, bases in records(path):
        accession, low, high = re.match(r"(\S+):(\d+)-(\d+)", name).groups()
        if len(bases) != int(high) - int(low) + 1:
            raise SystemExit(f"{name}: {len(bases)} bases")
        regions[chromosome(accession)].append((int(low) - 1, int(high), bases))
    return regions


def merge(spans: Iterable[Span]) -> list[Span]:
    """Disjoint spans, ascending."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def read_hgnc(folder: Path) -> dict[str, str]:
    """Gene symbol -> HGNC id, from ClinGen's gene-disease validity and the carrier-gene table."""
    pairs: dict[str, str] = {}
    with gzip.open(next(folder.glob("clingen_gene_validity_*.csv.gz")), "rt") as handle:
        for row in csv.reader(handle):
            if len(row) > 1 and row[1].startswith("HGNC:"):
                pairs[row[0]] = row[1]
    with (folder / "carrier_genes.tsv").open() as handle:
        pairs |= {row["gene"]: row["hgnc"] for row in csv.DictReader(handle, delimiter="\t") if row["hgnc"]}
    return pairs


def encode_exons(exons: list[Span]) -> str:
    """Length of the first exon, then gap and length of each further one."""
    steps = [str(exons[0][1] - exons[0][0])]
    steps += [f"{s - before},{e - s}" for (_, before), (s, e) in itertools.pairwise(exons)]
    return ";".join(steps)


def pack(bases: str) -> bytes:
    """Four bases a byte, the first in the highest bits."""
    padded = bases + "A" * (-len(bases) % 4)
    codes = [CODE[base] for base in padded]
    quads = zip(codes[0::4], codes[1::4], codes[2::4], codes[3::4], strict=True)
    return bytes(a << 6 | b << 4 | c << 2 | d for a, b, c, d in quads)


def genomic(regions: dict[str, list[tuple[int, int, str]]], chrom: str, start: int, end: int) -> str:
    """Bases of an interval that lies in one region."""
    for low, high, bases in regions[chrom]:
        if low <= start and end <= high:
            return bases[start - low : end - low]
    raise SystemExit(f"{chrom}:{start}-{end} has no sequence")


def coding_regions(
    path: Path, models: dict[str, tuple[str, str, list[Span], Span]]
) -> Iterator[tuple[str, int, int, str]]:
    """(chromosome, start, end, bases) of each coding exon of the sequences in a FASTA file.

    `models` are chromosome, strand, exons and coding interval by accession. A sequence that is not as long as the
    coding interval, or not one open reading frame, ends the run.
    """
    for header, bases in records(path):
        accession = header.split()[0]
        chrom, strand, exons, (first, last) = models[accession]
        residues = "".join(STANDARD[bases[i : i + 3]] for i in range(0, len(bases), 3))
        if len(bases) != last - first or residues[0] != "M" or residues.find("*") != len(residues) - 1:
            raise SystemExit(f"{accession}: {len(bases)} bases are not its coding sequence")
        if strand == "-":
            length = sum(e - s for s, e in exons)
            first, last, bases = length - last, length - first, bases.translate(COMPLEMENT)[::-1]
        offset = 0
        for start, end in exons:
            low, high = max(first, offset), min(last, offset + end - start)
            if low < high:
                yield chrom, start + low - offset, start + high - offset, bases[low - first : high - first]
            offset += end - start


def main() -> None:
    """Read the folder, write models.tsv.zst, regions.tsv and regions.2bit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--margin", type=int, default=6000)
    options = parser.parse_args()
    hgnc = read_hgnc(options.folder.parent / "raredisease")
    regions = read_regions(options.folder / "regions.grch38.fa.gz")
    lines: list[tuple[str, int, str]] = []
    wanted: dict[str, list[Span]] = defaultdict(list)
    mane: dict[str, str] = {}
    models: dict[str, tuple[str, str, list[Span], Span]] = {}

    with (options.folder / "lrg_fixed_transcripts.json.gz").open("rb") as handle:
        earlier = json.loads(gzip.decompress(handle.read()))
    lrg = {row["nm"]: row["lrg"] for row in earlier}

    with gzip.open(options.folder / "mane_transcripts.grch38.tsv.gz", "rt") as handle:
        next(handle)
        for text in handle:
            row = dict(zip(MANE_COLUMNS, text.rstrip("\n").split("\t"), strict=True))
            exons = [tuple(map(int, e.split("-"))) for e in row["exons0"].split(",")]
            chrom = chromosome(row["ac"])
            cds = f"{row['cds_start_i']}-{row['cds_end_i']}"
            kind = f"MANE {row['mane'].removeprefix('MANE ')}"
            cells = (
                *(row["nm"], row["np"], row["enst"], row["gene"], hgnc.get(row["gene"], ""), kind, chrom),
                *(row["strand"], exons[0][0], exons[-1][1], lrg.get(row["nm"], ""), cds, ""),
                encode_exons(exons),
            )
            mane[row["nm"]] = row["gene"]
            coding = int(row["cds_start_i"] or 0), int(row["cds_end_i"] or 0)
            models[row["nm"]] = chrom, row["strand"], exons, coding
            lines.append((chrom, exons[0][0], "\t".join(map(str, cells))))
            wanted[chrom] += [(s - options.margin, e + options.margin) for s, e in exons]

    left_out = 0
    for row in earlier:
        if row["nm"] in mane:
            continue
        alignment = row["aln"].get("GRCh38")
        if alignment is None:
            left_out += 1
            continue
        chrom, exons = chromosome(alignment["ac"]), sorted(tuple(e) for e in alignment["exons"])
        bases = "".join(genomic(regions, chrom, s, e) for s, e in exons)
        if alignment["strand"] < 0:
            bases = bases.translate(COMPLEMENT)[::-1]
        pairs = zip(bases, row["seq"], strict=True)
        differences = ",".join(f"{i}:{theirs}" for i, (ours, theirs) in enumerate(pairs) if ours != theirs)
        cds = f"{row['cds'][0]}-{row['cds'][1]}" if row["cds"][0] is not None else ""
        strand = "+" if alignment["strand"] > 0 else "-"
        cells = (
            *(
                row["nm"],
                row["np"] or "",
                "",
                row["gene"],
                hgnc.get(row["gene"], ""),
                "earlier version",
                chrom,
            ),
            *(strand, exons[0][0], exons[-1][1], row["lrg"], cds, differences, encode_exons(exons)),
        )
        lines.append((chrom, exons[0][0], "\t".join(map(str, cells))))
        wanted[chrom] += [(s - options.margin, e + options.margin) for s, e in exons]

    for chrom, start, end, bases in coding_regions(options.out / "coding_sequences.fa", models):
        if not any(
            low <= start and end <= high for low, high, _ in regions[chrom]
        ):  # an exon of two transcripts
            regions[chrom].append((start, end, bases))
    options.out.mkdir(parents=True, exist_ok=True)
    text = "\n".join(line for _, _, line in sorted(lines)) + "\n"
    (options.out / "models.tsv.zst").write_bytes(zstandard.compress(text.encode(), 22))
    index, packed = [], bytearray()
    for chrom in sorted(regions, key=lambda c: int({"X": 23, "Y": 24}.get(c, c))):
        keep = merge(wanted[chrom])
        for low, high, bases in sorted(regions[chrom]):
            for start, end in keep:
                s, e = max(low, start), min(high, end)
                if s < e:
                    index.append(f"{chrom}\t{s}\t{e}")
                    packed += pack(bases[s - low : e - low])
    (options.out / "regions.tsv").write_text("\n".join(index) + "\n")
    (options.out / "regions.2bit").write_bytes(packed)
    counts = (
        f"{len(lines)} models, {left_out} without an alignment, {len(index)} regions, {len(packed)} bytes"
    )
    print(counts, file=sys.stderr)


if __name__ == "__main__":
    main()

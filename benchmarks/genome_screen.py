"""A synthetic genome read and screened, beside `bcftools view -H` of the same file.

    python -m benchmarks.genome_screen [--records 4500000] [--genome FILE] [--artifact DIR]

Seeded. One sample, every record carries an alternate allele, 12 % are indels; REF is true wherever the
knowledge base knows it. Both sides run in fresh processes; CPU seconds are user and system together.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pysam

from benchmarks.runs import bcftools_view, run
from service.domain.assembly import CHROMOSOMES, Assembly, chromosome_length
from service.domain.case import CaseRequest, Subject
from service.knowledge import build, liftover, screen, transcripts
from service.variants.case_reader import CaseReader
from service.variants.liftover import Liftover
from service.variants.reference import open_reference

SEED = 20261124
RATIO_LIMIT = 2.0
MEMORY_LIMIT_MB = 1024
CHROMS = CHROMOSOMES[:23]
PARTS = ("pharmacogenes", "transcripts", "liftover", "assertions", "diseases", "screen")

_HEADER = (
    '##FILTER=<ID=PASS,Description="All filters passed">',
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="Allele count">',
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##INFO=<ID=MQ,Number=1,Type=Float,Description="Mapping quality">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allele depths">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">',
)


def write_genome(path: Path, records: int, artifact: Path) -> None:
    """A bgzipped, sorted single-sample VCF of about that many records."""
    generator = np.random.default_rng(SEED)
    reference = open_reference(transcripts.load(artifact / "transcripts").regions)
    sites = screen.load(artifact / "screen").known_sites[Assembly.GRCH38]
    known = {(site.chrom, site.start): site.ref[0] for site in sites}
    lengths = [chromosome_length(Assembly.GRCH38, chrom) for chrom in CHROMS]
    with pysam.BGZFile(str(path), "wb") as stream:
        contigs = (
            f"##contig=<ID=chr{chrom},length={length},assembly=GRCh38>"
            for chrom, length in zip(CHROMS, lengths, strict=True)
        )
        columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tSYNTHETIC"
        stream.write("\n".join(("##fileformat=VCFv4.2", *_HEADER, *contigs, columns, "")).encode())
        for chrom, length in zip(CHROMS, lengths, strict=True):
            count = records * length // sum(lengths)
            starts = np.unique(generator.integers(10_000, length - 100, count)).tolist()
            draws = generator.integers(0, 1 << 30, len(starts)).tolist()
            lines = []
            for start, draw in zip(starts, draws, strict=True):
                base = known.get((chrom, start)) or reference.bases(Assembly.GRCH38, chrom, start, start + 1)
                ref = base if base != "N" else "ACGT"[draw & 3]
                lines.append(_line(chrom, start + 1, ref, draw >> 2))
            stream.write("".join(lines).encode())


def _line(chrom: str, pos: int, ref: str, draw: int) -> str:
    others = "ACGT".replace(ref, "")
    alt = others[draw % 3] if draw % 100 >= 12 else ref + others[draw % 3] * (1 + draw % 4)
    depth = 20 + (draw >> 8) % 30
    genotype, alternate = ("0/1", depth // 2) if (draw >> 13) % 3 else ("1/1", depth)
    return (
        f"chr{chrom}\t{pos}\t.\t{ref}\t{alt}\t{100 + (draw >> 16) % 900}.77\tPASS\tAC=1;DP={depth};MQ=60.00\t"
        f"GT:AD:DP:GQ\t{genotype}:{depth - alternate},{alternate}:{depth}:99\n"
    )


def read_genome(path: Path, artifact: Path) -> None:
    """Read one genome as the service does, in this process; prints what was found as JSON."""
    reference = open_reference(transcripts.load(artifact / "transcripts").regions)
    alignment = Liftover(liftover.load(artifact / "liftover"), reference)
    reader = CaseReader(screen.load(artifact / "screen"), alignment, reference)
    case = reader.read(path, CaseRequest(Subject("synthetic")))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"records": case.record_count, "calls": len(case.calls), "peak_mb": round(peak_mb)}))


def compiled(folder: Path) -> Path:
    """The parts that reading needs, compiled into a folder."""
    content = build.default_content()
    if content is None:
        raise SystemExit("the curated content is not here: pass --artifact")
    for name in PARTS:
        module = __import__(build.PARTS[name], fromlist=["build"])
        module.build(content, folder / name)
    return folder


def main() -> int:
    """Make the genome, run both sides, print the figures beside their limits; 1 when one is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=4_500_000)
    parser.add_argument("--genome", type=Path)
    parser.add_argument("--artifact", type=Path)
    parser.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        read_genome(options.genome, options.artifact)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        artifact = options.artifact or compiled(Path(folder))
        genome = options.genome or Path(folder) / "genome.vcf.gz"
        if not genome.exists():
            started = time.monotonic()
            write_genome(genome, options.records, artifact)
            print(f"made      {genome.stat().st_size / 1e6:.0f} MB in {time.monotonic() - started:.0f} s")
        return compare(genome, artifact)


def compare(genome: Path, artifact: Path) -> int:
    """Both sides on one file."""
    theirs = bcftools_view(genome)
    command = [sys.executable, "-m", "benchmarks.genome_screen", "--read"]
    ours = run([*command, "--genome", str(genome), "--artifact", str(artifact)])
    found = json.loads(ours.output)
    ratio, peak_mb = ours.cpu_s / theirs, found["peak_mb"]
    print(f"bcftools  {theirs:.2f} CPU s")
    print(f"reading   {ours.cpu_s:.2f} CPU s for {found['records']:,} records, {found['calls']:,} calls kept")
    print(f"ratio     {ratio:.2f} (limit {RATIO_LIMIT} for the whole interpretation)")
    print(f"memory    {peak_mb} MB at its peak (limit {MEMORY_LIMIT_MB})")
    return 0 if ratio <= RATIO_LIMIT and peak_mb <= MEMORY_LIMIT_MB else 1


if __name__ == "__main__":
    sys.exit(main())

"""The frequency column store beside its limit, reading the VCF alone, and beside bcftools annotate.

    python -m benchmarks.column_store [--sites 20000000] [--variants 4500000] [--folder DIR]

Synthetic, seeded data: 15 % indels, half of the queries listed. CPU seconds include child processes.
"""

import argparse
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from service.domain.assembly import CHROMOSOMES, Assembly, chromosome_length, parse_contig
from service.frequency.column_store.blocks import read_blocks
from service.frequency.column_store.build import build_store
from service.frequency.column_store.queries import questions
from service.frequency.column_store.store import ColumnStore

BASES = "ACGT"


def cpu_s() -> float:
    """User and system seconds of this process and of its finished children."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """CPU seconds, and what the work returned."""
    before = cpu_s()
    result = work()
    return cpu_s() - before, result


def write_files(folder: Path, sites: int, variants: int) -> tuple[Path, Path]:
    """A sites VCF and a single-sample genome, both bgzipped."""
    generator = np.random.default_rng(20261124)
    random.seed(20261124)
    sites_path, genome_path = folder / "sites.vcf.gz", folder / "genome.vcf.gz"
    total = sum(chromosome_length(Assembly.GRCH38, c) for c in CHROMOSOMES[:22])
    with bgzip(sites_path) as out_sites, bgzip(genome_path) as out_genome:
        contigs = "".join(
            f"##contig=<ID=chr{c},length={chromosome_length(Assembly.GRCH38, c)}>\n" for c in CHROMOSOMES[:22]
        )
        info = "".join(f'##INFO=<ID={k},Number=A,Type=Integer,Description="c">\n' for k in ("AC", "nhomalt"))
        an = '##INFO=<ID=AN,Number=1,Type=Integer,Description="c">\n'
        an += "".join(f'##FORMAT=<ID={k},Number=1,Type=String,Description="g">\n' for k in ("GT", "DP", "GQ"))
        head = (
            "##fileformat=VCFv4.2\n" + contigs + info + an + "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
        )
        out_sites.write((head + "\n").encode())
        out_genome.write((head + "\tFORMAT\tS1\n").encode())
        for chrom in CHROMOSOMES[:22]:
            length = chromosome_length(Assembly.GRCH38, chrom)
            n = int(sites * length / total)
            pos = np.unique(generator.integers(10_000, length - 10_000, n))
            ref = generator.integers(0, 4, len(pos))
            alt = (ref + generator.integers(1, 4, len(pos))) % 4
            indel = generator.random(len(pos)) < 0.15
            count = np.minimum(generator.zipf(1.6, len(pos)), 150_000)
            number = np.where(
                generator.random(len(pos)) < 0.6, 152_000, 152_000 - 2 * generator.integers(0, 900, len(pos))
            )
            carried = generator.random(len(pos)) < variants / sites / 2
            extra = generator.random(len(pos)) < variants / sites / 2
            lines, calls = [], []
            for p, r, a, is_indel, c, m, here, other in zip(
                pos.tolist(), ref.tolist(), alt.tolist(), indel.tolist(), count.tolist(), number.tolist(),
                carried.tolist(), extra.tolist(), strict=True,
            ):  # fmt: skip
                reference = BASES[r]
                alternate = reference + BASES[a] * random.randint(1, 6) if is_indel else BASES[a]
                lines.append(
                    f"chr{chrom}\t{p}\t.\t{reference}\t{alternate}\t.\tPASS\tAC={c};AN={m};nhomalt={c // 9}\n"
                )
                if here:
                    calls.append(
                        f"chr{chrom}\t{p}\t.\t{reference}\t{alternate}\t50\tPASS\t.\tGT:DP:GQ\t0/1:31:99\n"
                    )
                elif other:
                    unlisted = BASES[(r + 5 - a) % 4 or a]
                    calls.append(
                        f"chr{chrom}\t{p}\t.\t{reference}\t{unlisted}\t50\tPASS\t.\tGT:DP:GQ\t1/1:29:90\n"
                    )
            out_sites.write("".join(lines).encode())
            out_genome.write("".join(calls).encode())
    return sites_path, genome_path


class bgzip:  # noqa: N801 - reads as the program it runs
    """A file written through bgzip."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._process = subprocess.Popen(["bgzip", "-c", "-l", "1"], stdin=subprocess.PIPE, stdout=self._file)

    def __enter__(self) -> "bgzip":
        return self

    def write(self, content: bytes) -> None:
        """Pass content on."""
        assert self._process.stdin is not None
        self._process.stdin.write(content)

    def __exit__(self, *_exception: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._file.close()


def read_alone(genome: Path) -> int:
    """Our own screening read: decompress, find the first five columns."""
    return sum(len(block.start) for block in read_blocks(genome))


def annotate(store: ColumnStore, genome: Path) -> tuple[int, int]:
    """Records read, and alleles found in the store."""
    records = found = 0
    for block in read_blocks(genome):
        records += len(block.start)
        for low, high, name in block.contigs:
            contig = parse_contig(name.decode())
            if contig is None:
                continue
            asked = questions(block, low, high)
            count, _, _ = store.lookup(contig.chrom, asked.start, asked.code, asked.key, asked.long_alleles)
            found += int((count >= 0).sum())
    return records, found


def main() -> int:
    """Print every figure beside its limit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sites", type=int, default=20_000_000)
    parser.add_argument("--variants", type=int, default=4_500_000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    sites, genome = folder / "sites.vcf.gz", folder / "genome.vcf.gz"
    if not (sites.exists() and genome.exists()):
        write_files(folder, options.sites, options.variants)
    store_path = folder / "store.gwc"
    started = time.perf_counter()
    before = cpu_s()
    report = build_store([sites], store_path, assembly=Assembly.GRCH38, dataset="synthetic", version="1")
    elapsed, spent = time.perf_counter() - started, cpu_s() - before
    print(
        f"build     {report.sites:,} sites in {spent:.1f} CPU s: {report.sites / spent:,.0f} sites/s on one "
        f"core (at least 200,000), {elapsed:.1f} s of wall clock with what else runs here"
    )
    size = store_path.stat().st_size / 1e6
    print(f"disk      {size:.0f} MB, {1e6 * size / report.sites:.2f} octets a site (at most 150 MB for 20 M)")
    here = [sys.executable, "-m", "benchmarks.column_store_run", str(store_path), str(genome)]
    print(subprocess.run(here, check=True, capture_output=True, text=True).stdout, end="")
    if shutil.which("bcftools") and shutil.which("tabix"):
        subprocess.run(["tabix", "-f", "-p", "vcf", str(sites)], check=True)
        subprocess.run(["tabix", "-f", "-p", "vcf", str(genome)], check=True)
        command = [
            "bcftools",
            "annotate",
            "-a",
            str(sites),
            "-c",
            "INFO/AC,INFO/AN,INFO/nhomalt",
            "-Ou",
            "-o",
            "/dev/null",
            str(genome),
        ]
        seconds, _ = timed(lambda: subprocess.run(command, check=True))
        print(f"bcftools  annotate {seconds:.1f} CPU s (ours must be at least 3 times faster)")
    return 0


if __name__ == "__main__":
    sys.exit(main())

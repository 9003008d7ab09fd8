"""A whole exome interpreted with HPO terms and five synced nodes, beside `bcftools view -H` of the same file.

    python -m benchmarks.exome [--records 100000] [--listed 200000] [--rounds 3] [--profile FILE]

The exome is that of `benchmarks.exome_background`: in and beside the coding exons of MANE transcripts.
A node's store holds every gene range of the knowledge base: what its cohort would have seen of the exome
there, and `--listed` variants of other people. Every run is a process of its own, start and reading of the
stores included; CPU seconds are user and system together, the best of the rounds.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path

import pysam

from benchmarks.exome_background import Background, Carried
from benchmarks.runs import Run, bcftools_view, run
from service.bootstrap import open_nomenclature, prepare_knowledge
from service.domain.assembly import CHROMOSOMES, Assembly, chromosome_length
from service.domain.disease import asserts_pathogenic
from service.domain.frequency import AlleleFrequency, Outcome, SourceAnswer
from service.domain.frequency_sources import GeneRange
from service.frequency.synced_lines import Key
from service.frequency.synced_store import SyncedManifest, packed, write_synced
from service.knowledge.gene_ranges import gene_ranges
from service.knowledge.repository import Knowledge, open_knowledge
from service.settings import Settings

LIMIT_S = 5.0
NODES = 5
ALLELES = 20_000  # of a node's cohort
INDICATION = "BRCA1,BRCA2,MYH7,MYBPC3"
PHENOTYPES = "HP:0001639,HP:0001644,HP:0002875,HP:0001279"  # cardiomyopathies, dyspnoea, syncope


def write_exome(path: Path, exome: Sequence[Carried]) -> None:
    """A bgzipped VCF as an exome pipeline writes it, frequencies left to the nodes."""
    header = [
        "##fileformat=VCFv4.2",
        '##FILTER=<ID=PASS,Description="All filters passed">',
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allele depths">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">',
        *(
            f"##contig=<ID=chr{chrom},length={chromosome_length(Assembly.GRCH38, chrom)},assembly=GRCh38>"
            for chrom in CHROMOSOMES[:22]
        ),
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tSYNTHETIC",
    ]
    with pysam.BGZFile(str(path), "wb") as stream:
        stream.write("".join(f"{line}\n" for line in header).encode())
        for carried in exome:
            v, depths = carried.variant, "0,60" if carried.genotype == "1/1" else "31,29"
            line = f"chr{v.chrom}\t{v.start + 1}\t.\t{v.ref}\t{v.alt}\t812.77\tPASS\tDP=60\tGT:AD:DP:GQ\t"
            stream.write(f"{line}{carried.genotype}:{depths}:60:99\n".encode())


def sync(root: Path, exome: Sequence[Carried], ranges: Sequence[GeneRange], listed: int) -> None:
    """Five stores as `node sync` leaves them, without asking anybody."""
    complete = tuple((r.gene, r.chrom, r.start, r.end) for r in ranges)
    inside = [carried for carried in exome if _within(carried, ranges)]
    others = [packed(key, _observed(1, ALLELES)) for key in _others(ranges, listed)]
    for number in range(NODES):
        rows = [*_known(inside, ALLELES + 2 * number), *others]
        manifest = SyncedManifest(
            f"node{number}", "GRCh38", "v1", "2026-01-01T00:00:00+00:00", complete, len(rows), _url(number)
        )
        write_synced(root, manifest, rows)
    print(f"made        {len(exome):,} records; {NODES} synced nodes of {len(rows):,} variants each")


def _within(carried: Carried, ranges: Sequence[GeneRange]) -> bool:
    """Whether a gene range holds the variant; `ranges` are in order of place."""
    here = (carried.variant.chrom, carried.variant.start)
    # Ranges overlap little: the last ones that begin before the place are enough.
    end = bisect_right(ranges, here, key=lambda r: (r.chrom, r.start))
    return any(r.chrom == here[0] and here[1] < r.end for r in ranges[max(0, end - 5) : end])


def _known(exome: Sequence[Carried], alleles: int) -> Iterator[bytes]:
    """Lines of the exome's variants that a cohort of that size would have seen."""
    for carried in exome:
        count = round(carried.frequency * alleles)
        if count:
            v = carried.variant
            yield packed((v.chrom, v.start, v.ref, v.alt), _observed(count, alleles))


def _others(ranges: Sequence[GeneRange], count: int) -> Iterator[Key]:
    """Variants of other people, spread over the ranges."""
    draw = random.Random(7)
    for place in draw.choices(ranges, weights=[r.end - r.start for r in ranges], k=count):
        ref, alt = draw.sample("ACGT", 2)
        yield place.chrom, draw.randrange(place.start, place.end), ref, alt


def _observed(count: int, alleles: int) -> SourceAnswer:
    return SourceAnswer("", None, Outcome.OBSERVED, AlleleFrequency(count, alleles))


def _url(number: int) -> str:
    return f"http://127.0.0.1:1/{number}"  # nothing listens there, and nothing may ask


def write_nodes(path: Path) -> None:
    """nodes.toml of the five."""
    path.write_text(
        "".join(
            f'[[node]]\nid = "node{n}"\ncountry = "{"ABCDE"[n]}{"ABCDE"[n]}"\nurl = "{_url(n)}"\n\n'
            for n in range(NODES)
        )
    )


def make(folder: Path, knowledge: Knowledge, records: int, listed: int) -> None:
    """exome.vcf.gz, nodes.toml and the state folder with its stores."""
    nomenclature = open_nomenclature(Settings(state=folder / "state"), knowledge)
    catalogue, assertions = knowledge.part("transcripts").catalogue, knowledge.part("assertions")
    background = Background(
        catalogue,
        nomenclature.reference,
        lambda v: any(map(asserts_pathogenic, assertions.at(v.chrom, v.start, v.ref, v.alt))),
    )
    drawn = background.exome(1, records + records // 20)
    kept = sorted(random.Random(1).sample(range(len(drawn)), min(records, len(drawn))))
    exome = [drawn[n] for n in kept]
    definitions, diseases = knowledge.part("pharmacogenes"), knowledge.part("diseases")
    found = gene_ranges(definitions, diseases, catalogue, knowledge.part("liftover"))
    ranges = [place for place in found if place.assembly is Assembly.GRCH38]
    ranges.sort(key=lambda r: (r.chrom, r.start))
    write_exome(folder / "exome.vcf.gz", exome)
    sync(folder / "state" / "synced", exome, ranges, listed)
    write_nodes(folder / "nodes.toml")


def interpreted(exome: Path, output: str, *, profile: Path | None = None) -> Run:
    """One run of the command line; its output is the answer."""
    profiler = ["-m", "cProfile", "-o", str(profile)] if profile else []
    command = [sys.executable, *profiler, "-m", "service.cli", "interpret", str(exome), "--format", output]
    command += ["--indication", INDICATION, "--phenotypes", PHENOTYPES]
    folder = exome.parent
    places = {"GENOMEWARD_STATE": str(folder / "state"), "GENOMEWARD_NODES": str(folder / "nodes.toml")}
    return run(command, places)


def main() -> int:
    """Make the exome, run both sides, print the figures beside the limit; 1 when it is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--listed", type=int, default=200_000, help="others' variants in a node's store")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", type=Path, metavar="FILE", help="cProfile's output of one more run")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        make(options.make, open_knowledge(None), options.records, options.listed)
        return 0
    slow = False
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare_knowledge(Settings(state=folder / "state"))
        exome = folder / "exome.vcf.gz"
        # In a process of its own: a child's peak memory begins with its parent's.
        making = ["--records", str(options.records), "--listed", str(options.listed), "--make", str(folder)]
        subprocess.run([sys.executable, "-m", "benchmarks.exome", *making], check=True)
        theirs = min(bcftools_view(exome) for _ in range(options.rounds))
        print(f"bcftools    {theirs:.2f} CPU s reads the file")
        for output in ("bundle", "findings"):
            runs = (interpreted(exome, output) for _ in range(options.rounds))
            ours = min(runs, key=lambda one: one.cpu_s)
            size_mb = len(ours.output) / 1e6
            print(
                f"{output:11} {ours.cpu_s:.2f} CPU s (limit {LIMIT_S:g}), {size_mb:.1f} MB, "
                f"peak {ours.peak_mb} MB"
            )
            slow |= ours.cpu_s > LIMIT_S
        if options.profile:
            interpreted(exome, "bundle", profile=options.profile)
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())

"""A synthetic genome interpreted whole, beside `bcftools view -H` of the same file.

    python -m benchmarks.whole_genome [--records 4500000] [--genome FILE]

The genome is that of `benchmarks.genome_screen`: seeded, one sample, every record carries an alternate
allele. The whole interpretation is `genomeward interpret`: start, screen, names, classes, pharmacogenes,
frequencies from the shipped snapshots, Bundle. Both sides run in fresh processes; CPU seconds are user and
system together.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.genome_screen import MEMORY_LIMIT_MB, RATIO_LIMIT, write_genome
from benchmarks.runs import Run, bcftools_view, run
from service.bootstrap import prepare_knowledge
from service.knowledge.build import default_artifact
from service.settings import Settings

INDICATION = "BRCA1,BRCA2,MLH1,MSH2"


def interpreted(genome: Path, state: Path) -> Run:
    """One run of the command line; its output is the Bundle."""
    command = [sys.executable, "-m", "service.cli", "interpret", str(genome), "--indication", INDICATION]
    return run(command, {"GENOMEWARD_STATE": str(state)})


def main() -> int:
    """Make the genome, run both sides, print the figures beside their limits; 1 when one is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=4_500_000)
    parser.add_argument("--genome", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        prepare_knowledge(Settings(state=Path(folder)))
        genome = options.genome or Path(folder) / "genome.vcf.gz"
        if not genome.exists():
            started = time.monotonic()
            write_genome(genome, options.records, default_artifact())
            print(f"made       {genome.stat().st_size / 1e6:.0f} MB in {time.monotonic() - started:.0f} s")
        theirs = bcftools_view(genome)
        ours = interpreted(genome, Path(folder) / "state")
    ratio = ours.cpu_s / theirs
    print(f"bcftools   {theirs:.2f} CPU s")
    print(f"genomeward {ours.cpu_s:.2f} CPU s for a Bundle of {len(ours.output) / 1e6:.1f} MB")
    print(f"ratio      {ratio:.2f} (limit {RATIO_LIMIT})")
    print(f"memory     {ours.peak_mb} MB at its peak (limit {MEMORY_LIMIT_MB})")
    return 0 if ratio <= RATIO_LIMIT and ours.peak_mb <= MEMORY_LIMIT_MB else 1


if __name__ == "__main__":
    sys.exit(main())

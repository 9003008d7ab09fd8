"""The same file to FHIR: genomeward, annotating, beside vcf2fhir, which converts alone.

    python -m benchmarks.vcf2fhir --python ENVIRONMENT/bin/python [--records 20000]

vcf2fhir runs only with older packages: make an environment of its own with
`pip install "numpy<2" "pandas<2" pysam PyVCF3 pyranges==0.0.129 fhirclient==3.2.0 pytz vcf2fhir`.
The file holds the first records of the synthetic genome of `benchmarks.genome_screen`; every one carries an
alternate allele. Both sides are whole processes; CPU seconds are user and system together, per 1,000 records.
What start-up costs is told apart by a run over one record, since vcf2fhir's own is large and ours is not
free. Ours runs several times and the least counts: its records cost so little that one start may differ from
the next by more. That difference is the least that they are taken to cost.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.genome_screen import write_genome
from benchmarks.runs import run
from service.bootstrap import prepare_knowledge
from service.knowledge.build import default_artifact
from service.settings import Settings

RATIO_LIMIT = 50.0
RUNS = 5
CONVERT = """import sys, vcf2fhir
converter = vcf2fhir.Converter(sys.argv[1], "GRCh38", "P1", genomic_source_class="germline")
converter.convert(sys.argv[2])
"""


def spread(genome: Path, path: Path, records: int) -> int:
    """Every n-th record of the genome as plain VCF, so that all chromosomes are in it; how many there are."""
    text = subprocess.run(["bcftools", "view", str(genome)], check=True, stdout=subprocess.PIPE).stdout
    lines = text.splitlines(keepends=True)
    body = [line for line in lines if not line.startswith(b"#")]
    chosen = body[:: max(1, len(body) // records)][:records]
    path.write_bytes(b"".join([line for line in lines if line.startswith(b"#")] + chosen))
    return len(chosen)


def main() -> int:
    """Run both sides, print the ratio beside its limit; 1 when it is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", required=True, help="interpreter of the environment with vcf2fhir")
    parser.add_argument("--records", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["GENOMEWARD_STATE"] = str(folder / "state")
        prepare_knowledge(Settings(state=folder / "state"))
        write_genome(folder / "genome.vcf.gz", 20 * options.records, default_artifact())
        files = {}
        for records in (1, options.records):
            files[spread(folder / "genome.vcf.gz", folder / f"{records}.vcf", records)] = (
                folder / f"{records}.vcf"
            )
        theirs, ours = {}, {}
        for records, path in files.items():
            theirs[records] = run([options.python, "-c", CONVERT, str(path), str(folder / "out.json")]).cpu_s
            interpret = [sys.executable, "-m", "service.cli", "interpret", str(path)]
            runs = sorted(run(interpret).cpu_s for _ in range(RUNS))
            ours[records] = runs[0]
            if records == 1:
                unsure = runs[RUNS // 2] - runs[0]
    most = max(files)
    per_theirs = 1000 * (theirs[most] - theirs[1]) / most
    per_ours = 1000 * max(ours[most] - ours[1], unsure) / most
    for name, seconds, each in (("vcf2fhir", theirs, per_theirs), ("genomeward", ours, per_ours)):
        start = f"of which start {seconds[1]:.2f}"
        print(f"{name:11} {seconds[most]:.2f} CPU s for {most:,} records, {start}; {each:.3f} per 1,000")
    ratio = per_theirs / per_ours
    whole = theirs[most] / ours[most]
    print(f"ratio       {ratio:.0f} (limit {RATIO_LIMIT:.0f} or more); {whole:.0f} with both starts")
    return 0 if ratio >= RATIO_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())

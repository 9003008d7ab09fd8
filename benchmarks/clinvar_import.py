"""ClinVar's VCF imported, beside reading the same file alone.

    python -m benchmarks.clinvar_import CLINVAR.vcf.gz [--records 3000000]

The given VCF (`clinvar.vcf.gz` or a slice of it) is repeated until it has that many records: then its place,
allele and rs columns are as long as a whole ClinVar's, its dictionaries (conditions, genes) as small as the
slice's. Both sides run in fresh processes; CPU seconds are user and system together.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from isal import igzip

from service.knowledge.importers import clinvar
from service.knowledge.importers.reading import open_bytes, whole_lines
from service.knowledge.importers.registry import Context
from service.knowledge.repository import open_shipped

RATE_AIM = 100_000


def repeat(source: Path, target: Path, records: int) -> int:
    """Write the source's records until there are so many; their number."""
    with open_bytes(source) as stream:
        text = stream.read()
    start = text.index(b"\n", text.index(b"\n#CHROM") + 1) + 1
    own = text.count(b"\n", start)
    times = -(-records // own)
    with igzip.open(target, "wb", compresslevel=1) as out:
        out.write(text[:start])
        for _ in range(times):
            out.write(text[start:])
    return own * times


def read_alone(path: Path) -> int:
    """Lines of the file: decompressed and cut, nothing else."""
    with open_bytes(path) as stream:
        return sum(len(block.split(b"\n")) - 1 for block in whole_lines(stream))


def import_all(path: Path) -> int:
    """Assertions imported."""
    with tempfile.TemporaryDirectory() as folder:
        context = Context(open_shipped(None).part)
        return clinvar.run({"clinvar.vcf.gz": path}, Path(folder) / "content", context).rows["assertions"]


TASKS = {"read": read_alone, "import": import_all}


def measured(task: str, path: Path) -> dict[str, float]:
    """Seconds and megabytes of a task in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.clinvar_import", str(path), "--task", task]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Print rate, memory and the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vcf", type=Path)
    parser.add_argument("--records", type=int, default=3_000_000)
    parser.add_argument("--task", choices=sorted(TASKS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        wall = time.perf_counter()
        count = TASKS[options.task](options.vcf)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        print(
            json.dumps(
                {
                    "count": count,
                    "cpu_s": usage.ru_utime + usage.ru_stime,
                    "wall_s": time.perf_counter() - wall,
                    "mb": usage.ru_maxrss / 1024,
                }
            )
        )
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clinvar.vcf.gz"
        records = repeat(options.vcf, path, options.records)
        limit, done = measured("read", path), measured("import", path)
    print(f"{records:,} records")
    print(f"read alone   {limit['cpu_s']:6.1f} CPU s, {records / limit['cpu_s']:>9,.0f} records a CPU second")
    print(
        f"imported     {done['cpu_s']:6.1f} CPU s, {records / done['cpu_s']:>9,.0f} records a CPU second "
        f"(aim {RATE_AIM:,}), {done['wall_s']:.1f} s by the clock, {done['mb']:.0f} MB"
    )


if __name__ == "__main__":
    main()

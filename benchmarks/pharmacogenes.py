"""All pharmacogenes of a patient, the worst genotypes, a batch, the load: python -m benchmarks.pharmacogenes.

CPU seconds throughout: wall time on a shared machine says little. The batch is one process, from files to
Bundle and Findings on disk; two free cores do twice as much. With `--batch 1000` so many files go through
`genomeward batch` itself, two workers, by the clock: for a machine with nothing else to do.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random

from examples.compose import COMMON, GENES, Person, vcf
from service.batch.manifest import SampleTask
from service.batch.task import BatchOptions, run_task
from service.bootstrap import open_nomenclature, open_pharmacogenomics, open_reader
from service.domain.assembly import Assembly
from service.domain.case import Case, CaseRequest, InterpretOptions, Sex, Subject
from service.domain.pgx import GeneDefinition
from service.domain.variant import GenotypeRecord
from service.knowledge.pharmacogenes import read_gene
from service.knowledge.repository import open_knowledge
from service.pgx.recommend import recommend
from service.pgx.room import PharmacogenomicsRoom
from service.settings import Settings
from service.variants.case_reader import CaseReader

PATIENTS = 120
PATIENT_LIMIT_MS = 20.0
BATCH_LIMIT_MS = 2 * 1000 / 50  # 50 patients a second on two cores
WORST_LIMIT_S, WORST_LIMIT_MB, WORST_SITES = 1.0, 200.0, 30
LOAD_LIMIT_MS = 300.0
GUIDANCE_LOAD_LIMIT_MS, GUIDANCE_LIMIT_MS = 60.0, 8.0
BATCH_LIMIT_PER_SECOND = 50.0
# Frequent alleles beside the reference, so that patients differ.
FREQUENT = {
    "CYP2B6": ("*1", "*6", "*9"),
    "CYP2C19": ("*1", "*2", "*17", "*38"),
    "CYP2C9": ("*1", "*2", "*3"),
    "CYP3A5": ("*1", "*3"),
    "NAT2": ("*4", "*5", "*6", "*7"),
    "SLCO1B1": ("*1", "*5", "*15", "*37"),
    "TPMT": ("*1", "*3A", "*3C"),
    "UGT1A1": ("*1", "*80+*28"),
}


def cpu_ms(work: Callable[[], object]) -> float:
    """CPU milliseconds of one run."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def patients(count: int) -> Iterable[tuple[str, bytes]]:
    """Composed files of every defining site, by name."""
    for number in range(count):
        chance = Random(number)
        pairs = {gene: (chance.choice(a), chance.choice(a)) for gene, a in FREQUENT.items()}
        yield f"P{number:04}", vcf(f"P{number:04}", Person(COMMON | pairs))


def unphased(definition: GeneDefinition, sites: int) -> tuple[GenotypeRecord, ...]:
    """So many unphased heterozygous sites, the others reference."""
    found = []
    for line, site in enumerate(definition.sites, start=1):
        single = len(site.ref) == 1 and all(len(alt) == 1 for alt in site.alts)
        genotype = (0, 1) if single and sites > 0 else (0, 0)
        sites -= genotype == (0, 1)
        place = (site.chrom, site.start, site.ref, site.alts[:1])
        found.append(GenotypeRecord(*place, genotype, False, None, (), True, None, None, None, line))
    return tuple(found)


def batch(room: PharmacogenomicsRoom, reader: CaseReader, settings: Settings) -> bool:
    """One patient warm, and one of a batch; whether a limit was exceeded."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        tasks = []
        for name, content in patients(PATIENTS):
            path = folder / f"{name}.vcf"
            path.write_bytes(content)
            tasks.append(SampleTask(name, path, {}, {}))
        cases = [reader.read(task.vcf, CaseRequest(Subject(task.sample_id))) for task in tasks[:20]]
        warm = min(cpu_ms(lambda: [room.assess(case) for case in cases]) for _ in range(4)) / len(cases)

        options = BatchOptions(folder / "out", ("bundle", "findings"), False, settings)
        first, rest = tasks[:10], tasks[10:]
        for task in first:
            run_task(task, options)
        each = cpu_ms(lambda: [run_task(task, options) for task in rest]) / len(rest)
        alone = cpu_ms(lambda: [task.vcf.read_bytes().split(b"\n") for task in rest]) / len(rest)
    what = f"a patient of a batch ({1000 / each:.0f} a second and core; splitting its lines {alone:.2f} ms)"
    slow = exceeds("all genes and all guidance of a patient, warm", warm, PATIENT_LIMIT_MS, "ms CPU")
    return exceeds(what, each, BATCH_LIMIT_MS, "ms CPU") or slow


def guidance(room: PharmacogenomicsRoom, reader: CaseReader, settings: Settings) -> bool:
    """Load of the guidance alone, and every drug answered for one patient; whether a limit was exceeded."""
    load = min(cpu_ms(lambda: open_knowledge(settings.knowledge).part("guidance")) for _ in range(5))
    slow = exceeds("load of the guidance", load, GUIDANCE_LOAD_LIMIT_MS, "ms CPU")
    ((name, content),) = patients(1)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"{name}.vcf"
        path.write_bytes(content)
        case = reader.read(path, CaseRequest(Subject(name)))
    calls, _ = room.caller.call(case)
    every = min(cpu_ms(lambda: recommend(calls, room.guidance, case.options)) for _ in range(7))
    what = f"all guidance ({len(room.guidance.drugs)} drugs) for called genes, warm"
    return exceeds(what, every, GUIDANCE_LIMIT_MS, "ms CPU") or slow


def command(count: int) -> bool:
    """So many files through the command, by the clock; whether it was too slow."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        lines = ["sample_id\tvcf"]
        for name, content in patients(count):
            (folder / f"{name}.vcf").write_bytes(content)
            lines.append(f"{name}\t{name}.vcf")
        (folder / "manifest.tsv").write_text("\n".join(lines) + "\n", "utf-8")
        options = ["--out", str(folder / "out"), "--workers", "2", "--outputs", "bundle,findings"]
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        run = [sys.executable, "-m", "service.cli", "batch", str(folder / "manifest.tsv"), *options]
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
        rate = count / (time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    each = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000 / count
    what = f"{count} patients through `genomeward batch` with two workers"
    print(f"{what}: {rate:.3g} a second (limit {BATCH_LIMIT_PER_SECOND:g} or more), {each:.3g} ms CPU each")
    return rate < BATCH_LIMIT_PER_SECOND


def worst(room: PharmacogenomicsRoom, gene: str) -> bool:
    """A gene with many sites whose phase is not known; whether a limit was exceeded."""
    records = unphased(read_gene(GENES / f"{gene}.toml"), WORST_SITES)
    case = Case(Subject("s"), "s", Assembly.GRCH38, InterpretOptions(sex=Sex.FEMALE), records=records)
    seconds = cpu_ms(lambda: room.assess(case)) / 1000
    tracemalloc.start()
    room.assess(case)
    taken = tracemalloc.get_traced_memory()[1] / 1024**2
    tracemalloc.stop()
    slow = exceeds(f"{gene}, {WORST_SITES} unphased heterozygous sites", seconds, WORST_LIMIT_S, "s CPU")
    return exceeds(f"{gene}, memory taken at most meanwhile", taken, WORST_LIMIT_MB, "MB") or slow


def exceeds(what: str, figure: float, limit: float, unit: str) -> bool:
    """Print a figure beside its limit; whether it is over it."""
    print(f"{what}: {figure:.3g} {unit} (limit {limit:g})")
    return figure > limit


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every figure; 1 when a limit is exceeded."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pharmacogenes")
    parser.add_argument("--batch", type=int, metavar="COUNT", help="so many files through `genomeward batch`")
    count = parser.parse_args(arguments).batch
    with tempfile.TemporaryDirectory() as state:
        settings = Settings(state=Path(state), id_key=b"a key for the benchmark")
        knowledge = open_knowledge(settings.knowledge)
        load = cpu_ms(lambda: open_pharmacogenomics(settings, knowledge))
        slow = exceeds("load of definitions, guidance and co-medication", load, LOAD_LIMIT_MS, "ms CPU")
        room = open_pharmacogenomics(settings, knowledge)
        reader = open_reader(knowledge, open_nomenclature(settings, knowledge))
        slow |= guidance(room, reader, settings)
        slow |= batch(room, reader, settings)
    for gene in ("RYR1", "DPYD"):
        slow |= worst(room, gene)
    if count:
        slow |= command(count)
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())

"""The main job, warm: a pharmacogene-sized VCF in process and over HTTP, and the command line's start.

    python -m benchmarks.interpret [--vcf FILE] [--rounds 30]

Frequencies come from the shipped snapshots. CPU milliseconds are what counts on a shared machine; the
wall-clock median stands beside them. `POST` runs the real application over ASGI on one worker, storing each
result.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fastapi.testclient import TestClient

from service.api.app import create_app
from service.bootstrap import open_genomeward
from service.domain.case import Subject
from service.intake import Attachments, read_request
from service.settings import Settings

VCF = Path(__file__).parents[1] / "examples" / "cyp2c19-poor-metaboliser.vcf"
IN_PROCESS_MS, POST_MS, HELP_MS = 100.0, 150.0, 300.0
WARM_UP = 3


def medians(rounds: int, work: Callable[[], object]) -> tuple[float, float]:
    """Median CPU and wall-clock milliseconds, the first rounds left out."""
    cpu, wall = [], []
    for number in range(WARM_UP + rounds):
        before, started = time.process_time(), time.perf_counter()
        work()
        if number >= WARM_UP:
            cpu.append(1000 * (time.process_time() - before))
            wall.append(1000 * (time.perf_counter() - started))
    return statistics.median(cpu), statistics.median(wall)


def in_process(vcf: Path, rounds: int, settings: Settings) -> tuple[float, float]:
    """File to Bundle and report."""
    request = read_request({"medications": "32968"}, Attachments(), Subject("benchmark"))
    with open_genomeward(settings) as genomeward:

        def work() -> None:
            findings = genomeward.interpret_path(vcf, request)
            genomeward.project("bundle", findings)

        return medians(rounds, work)


def posted(vcf: Path, rounds: int, settings: Settings) -> tuple[float, float]:
    """`POST /fhir/$interpret` to the answered Bundle; every round is another subject."""
    content, number = vcf.read_bytes(), iter(range(10_000))
    with TestClient(create_app(settings)) as client:

        def work() -> None:
            headers = {"Content-Type": "text/vcf", "Genomeward-Subject": f"benchmark-{next(number)}"}
            answer = client.post("/fhir/$interpret", content=content, headers=headers)
            assert answer.status_code == 201, answer.text

        return medians(rounds, work)


def start_of_help(rounds: int) -> float:
    """Wall-clock milliseconds of `genomeward --help`, the best of the rounds: a process of its own."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "service.cli", "--help"], check=True, stdout=subprocess.DEVNULL)
        times.append(1000 * (time.perf_counter() - started))
    return min(times)


def main() -> int:
    """Print the figures beside their limits; 1 when a CPU figure exceeds its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vcf", type=Path, default=VCF)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(state=Path(folder), id_key=b"a key for the benchmark of 32 by")
        cpu, wall = in_process(options.vcf, options.rounds, settings)
        print(f"in process  {cpu:.0f} CPU ms, {wall:.0f} ms wall (limit {IN_PROCESS_MS:.0f})")
        post_cpu, post_wall = posted(options.vcf, options.rounds, settings)
        print(f"POST p50    {post_cpu:.0f} CPU ms, {post_wall:.0f} ms wall (limit {POST_MS:.0f})")
        started = start_of_help(5)
        print(f"--help      {started:.0f} ms wall (limit {HELP_MS:.0f})")
    return 0 if cpu <= IN_PROCESS_MS and post_cpu <= POST_MS and started <= HELP_MS else 1


if __name__ == "__main__":
    sys.exit(main())

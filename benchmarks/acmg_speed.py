"""CPU time to classify 1,000 candidates, beside describing them alone.

    GENOMEWARD_SHARED=FOLDER python -m benchmarks.acmg_speed

The limit is what describing the same variants takes: a class needs their names. Prints medians of rounds.
"""

import json
import statistics
import time
from collections.abc import Callable

from benchmarks.acmg_panels import SUPPLIED, line, variants
from service.bootstrap import open_genomeward
from service.domain.assembly import Assembly
from service.settings import read_settings

CANDIDATES, ROUNDS = 1000, 5


def median_cpu(run: Callable[[], object]) -> float:
    """Median CPU seconds of the rounds."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        run()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def main() -> None:
    """Describe, then classify, the same candidates."""
    placed = [row for row in variants() if row["pos"]]
    rows = [placed[n % len(placed)] for n in range(CANDIDATES)]
    lines = [line(row, SUPPLIED, "add") for row in rows]
    notations = [json.loads(text)["variant"] for text in lines]
    with open_genomeward(read_settings()) as genomeward:
        describe = median_cpu(lambda: list(genomeward.describe_lines(notations, Assembly.GRCH38)))
        classify = median_cpu(lambda: list(genomeward.classify_lines(lines)))
    ratio = classify / describe
    print(f"describe {CANDIDATES}: {describe:.3f} CPU s (the limit)")
    print(f"classify {CANDIDATES}: {classify:.3f} CPU s, {ratio:.1f} times the limit (aim: 1 s)")


if __name__ == "__main__":
    main()

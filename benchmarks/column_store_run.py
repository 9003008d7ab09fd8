"""One fresh process: read a genome alone, then look it up; the least CPU seconds of three, and memory."""

import re
import sys
from pathlib import Path

from benchmarks.column_store import annotate, read_alone, timed
from service.frequency.column_store.store import ColumnStore


def main() -> int:
    """Arguments: store, genome."""
    store, genome = ColumnStore(Path(sys.argv[1])), Path(sys.argv[2])
    read_alone(genome)  # warm the file cache
    # In turns, and the least of each: what else runs on the machine takes cache and clock.
    rounds = [(timed(lambda: read_alone(genome)), timed(lambda: annotate(store, genome))) for _ in range(3)]
    alone, records = min(first for first, _ in rounds)
    looked_up, (_, found) = min(second for _, second in rounds)  # type: ignore[misc,type-var]
    memory = int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))[0]) / 1024
    print(f"read      {records:,} records, first five columns: {alone:.2f} CPU s (the limit)")
    ratio = looked_up / alone
    print(f"look up   {found:,} found: {looked_up:.2f} CPU s, {ratio:.2f} times the read alone (at most 1.6)")
    print(f"memory    {memory:.0f} MB resident (at most 400)")
    return 0


if __name__ == "__main__":
    sys.exit(main())

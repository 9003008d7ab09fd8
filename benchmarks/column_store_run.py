"""One fresh process: read a genome alone, then read and look it up; CPU seconds, ratio and memory."""

import re
import sys
from pathlib import Path

from benchmarks.column_store import annotate, read_alone, timed
from service.frequency.column_store.store import ColumnStore


def main() -> int:
    """Arguments: store, genome."""
    store, genome = ColumnStore(Path(sys.argv[1])), Path(sys.argv[2])
    read_alone(genome)  # warm the file cache
    alone, records = timed(lambda: read_alone(genome))
    looked_up, (_, found) = timed(lambda: annotate(store, genome))  # type: ignore[misc]
    memory = int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))[0]) / 1024
    print(f"read      {records:,} records, first five columns: {alone:.2f} CPU s (the limit)")
    ratio = looked_up / alone
    print(f"look up   {found:,} found: {looked_up:.2f} CPU s, {ratio:.2f} times the read alone (at most 1.6)")
    print(f"memory    {memory:.0f} MB resident (at most 400)")
    return 0


if __name__ == "__main__":
    sys.exit(main())

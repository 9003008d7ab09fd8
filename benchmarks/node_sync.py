"""Memory of `genomeward node sync` of every gene of the knowledge base, at two sizes of a node.

    python -m benchmarks.node_sync [--variants 50000 400000]

The node is our own, in a process beside it, with substitutions spread over all gene ranges. What a sync holds
is the answers of one round of genes, and in the end two numbers for each line; the rest is on disk.
"""

import argparse
import random
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.runs import Run, run
from service.bootstrap import open_nomenclature, prepare_knowledge
from service.domain.assembly import Assembly
from service.knowledge.gene_ranges import gene_ranges
from service.knowledge.repository import open_knowledge
from service.settings import Settings

# Not a limit of the issue: what a small machine has to spare.
LIMIT_MB = 400
CANARY = "10\t94781859\tG\tA\t43\t198\t39\t4\t0\t26\t122\t17\t76"
COLUMNS = "chrom\tpos\tref\talt\tac\tan\tac_het\tac_hom_alleles\tac_hemi\tac_f\tan_f\tac_m\tan_m"


def counts_file(path: Path, variants: int) -> int:
    """A node's counts in every gene range; how many ranges there are."""
    settings = Settings(state=path.parent, id_key=b"benchmark")
    prepare_knowledge(settings)
    knowledge = open_knowledge(settings.knowledge, settings.imports)
    ranges = [
        gene
        for gene in gene_ranges(
            knowledge.part("pharmacogenes"),
            knowledge.part("diseases"),
            knowledge.part("transcripts").catalogue,
            open_nomenclature(settings, knowledge).alignment,
        )
        if gene.assembly is Assembly.GRCH38
    ]
    draw = random.Random(11)
    rows = {CANARY: None}
    for gene in draw.choices(ranges, k=variants):
        place, count = draw.randrange(gene.start, gene.end) + 1, draw.randrange(1, 100)
        rows[f"{gene.chrom}\t{place}\tA\tG\t{count}\t20000\t{count}\t0\t0\t{count}\t10000\t0\t10000"] = None
    path.write_text("\n".join([COLUMNS, *rows]) + "\n")
    return len(ranges)


def synced(folder: Path, counts: Path) -> Run:
    """One sync of all genes in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "service.cli"]
    serve = ["node", "serve", "--counts", str(counts), "--country", "FI", "--port", str(port)]
    node = subprocess.Popen([*command, *serve], stderr=subprocess.PIPE, text=True)
    try:
        assert node.stderr is not None
        node.stderr.readline()
        time.sleep(1)
        nodes = folder / "nodes.toml"
        nodes.write_text(f'[[node]]\nid="fi"\ncountry="FI"\nurl="http://127.0.0.1:{port}/api"\n')
        state = folder / f"state-{counts.stem}"
        return run([*command, "node", "sync", "--nodes", str(nodes)],
                   {"GENOMEWARD_STATE": str(state)})  # fmt: skip
    finally:
        node.kill()
        node.wait()


def main() -> int:
    """Print both figures; 1 when the larger misses the limit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--variants", type=int, nargs="+", default=[50_000, 400_000])
    sizes = parser.parse_args().variants
    largest = 0
    with tempfile.TemporaryDirectory() as name:
        for variants in sizes:
            counts = Path(name) / f"{variants}.tsv"
            ranges = counts_file(counts, variants)
            found = synced(Path(name), counts)
            largest = max(largest, found.peak_mb)
            print(f"{variants:,} variants in {ranges:,} ranges: {found.peak_mb} MB (limit {LIMIT_MB}), "
                  f"{found.cpu_s:.1f} CPU s")  # fmt: skip
    return int(largest > LIMIT_MB)


if __name__ == "__main__":
    sys.exit(main())

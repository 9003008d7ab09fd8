"""Count, per gene, published pathogenic variants and how many of them are null by their name.

    python knowledgebase/tools/mechanism.py CLINVAR_TABLE OUT

CLINVAR_TABLE is a table of ClinVar records with `genes`, `classification`, `name`; OUT is `mechanism.tsv.zst`.
Only records whose name states a protein change, or a canonical splice site, are counted.
"""

import csv
import gzip
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

import zstandard

NULL = re.compile(r"\(p\.[^)]*(?:fs|Ter)[^)]*\)|[0-9][+-][12](?:_[^ ]*)?(?:[ACGT]>|del|dup|ins)")
NAMED = re.compile(r"\(p\.")


def main() -> None:
    """Read, count, write."""
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    with gzip.open(source, "rt", encoding="utf-8") as handle:
        for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE):
            label, name = row["classification"].lower(), row["name"]
            if "pathogenic" not in label or "conflict" in label:
                continue
            null = bool(NULL.search(name)) and "ext" not in name
            if not null and not NAMED.search(name):
                continue
            gene = re.split(r"[|;,]", row["genes"])[0]
            counts[gene]["pathogenic"] += 1
            counts[gene]["null"] += null
    lines = ["gene\tpathogenic\tnull"]
    lines += [f"{g}\t{c['pathogenic']}\t{c['null']}" for g, c in sorted(counts.items()) if g]
    out.write_bytes(zstandard.ZstdCompressor(level=22).compress(("\n".join(lines) + "\n").encode()))
    print(f"{len(lines) - 1} genes, {out.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()

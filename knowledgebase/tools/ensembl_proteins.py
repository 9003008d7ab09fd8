"""Ensembl's protein accessions of the MANE transcripts.

    python knowledgebase/tools/ensembl_proteins.py mane_transcripts.grch38.tsv.gz knowledgebase/transcripts

Writes `ensembl_proteins.tsv.zst`: RefSeq transcript, and the Ensembl protein without `ENSP` and leading zeros.
"""

import csv
import gzip
import sys
from pathlib import Path

import zstandard


def main() -> None:
    """Read MANE's table, write one line a transcript in order of the accessions."""
    table, out = map(Path, sys.argv[1:])
    with gzip.open(table, "rt") as handle:
        rows = sorted((row["#nm"], row["ensp"]) for row in csv.DictReader(handle, delimiter="\t"))
    lines = [f"{nm}\t{ensp.removeprefix('ENSP').lstrip('0')}" for nm, ensp in rows if ensp.startswith("ENSP")]
    packed = zstandard.compress("".join(f"{line}\n" for line in lines).encode(), 22)
    (out / "ensembl_proteins.tsv.zst").write_bytes(packed)


main()

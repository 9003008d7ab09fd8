"""Amino acids of the reference protein that names of published variants state, for genes without sequence.

    python knowledgebase/tools/residues.py CLINVAR_TABLE knowledgebase

`NM_000018.4(ACADVL):c.34C>T (p.Arg12Ter)` states that residue 12 is arginine, whatever the variant is said to cause.
Only names on the MANE Select transcript of a gene whose coding sequence is not part of the knowledge base are read;
a residue that two names state differently is left out. Writes `raredisease/known_residues.tsv.zst`.
"""

import csv
import gzip
import re
import sys
from bisect import bisect_right
from collections import defaultdict
from pathlib import Path

import zstandard

from service.domain.genetic_code import THREE_LETTERS

NAME = re.compile(r"(NM_\d+)\.\d+\(([^)]+)\):c\.[^ ]+ \(p\.([^)]+)\)")
RESIDUE = re.compile(r"([A-Z][a-z]{2})(\d+)")
ONE = {three: one for one, three in THREE_LETTERS.items() if one not in "U*X"}


def unsequenced(content: Path) -> dict[str, str]:
    """Gene and transcript stem of MANE Select models whose exons are not all within known regions."""
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for line in (content / "transcripts" / "regions.tsv").read_text().splitlines():
        chrom, start, end = line.split("\t")
        spans[chrom].append((int(start), int(end)))
    for regions in spans.values():
        regions.sort()

    def known(chrom: str, start: int, end: int) -> bool:
        regions = spans.get(chrom, [])
        at = bisect_right(regions, (start, 1 << 40)) - 1
        return at >= 0 and regions[at][1] >= end

    found = {}
    packed = (content / "transcripts" / "models.tsv.zst").read_bytes()
    for line in zstandard.ZstdDecompressor().decompress(packed).decode().splitlines():
        cells = line.split("\t")
        accession, gene, kind, chrom, start, exons = (
            cells[0],
            cells[3],
            cells[5],
            cells[6],
            cells[8],
            cells[13],
        )
        if kind != "MANE Select" or not cells[11]:
            continue
        first, *others = exons.split(";")
        blocks = [(int(start), int(start) + int(first))]
        for other in others:
            gap, length = other.split(",")
            low = blocks[-1][1] + int(gap)
            blocks.append((low, low + int(length)))
        if not all(known(chrom, low, high) for low, high in blocks):
            found[gene] = accession.partition(".")[0]
    return found


def main() -> None:
    """Read names, keep what they agree on, write."""
    source, content = Path(sys.argv[1]), Path(sys.argv[2])
    transcripts = unsequenced(content)
    stated: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    with gzip.open(source, "rt", encoding="utf-8") as handle:
        for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE):
            found = NAME.match(row["name"])
            if found is None or transcripts.get(found[2]) != found[1]:
                continue
            # What follows ins, delins or ext names other residues than those of the reference.
            for residue, position in RESIDUE.findall(re.split(r"ins|ext", found[3])[0]):
                if residue in ONE:
                    stated[found[2]][int(position)].add(ONE[residue])
    lines = ["gene\tresidues"]
    count = 0
    for gene, residues in sorted(stated.items()):
        agreed = sorted((position, *letters) for position, letters in residues.items() if len(letters) == 1)
        count += len(agreed)
        lines.append(gene + "\t" + ";".join(f"{letter}{position}" for position, letter in agreed))
    out = content / "raredisease" / "known_residues.tsv.zst"
    out.write_bytes(zstandard.ZstdCompressor(level=22).compress(("\n".join(lines) + "\n").encode()))
    print(f"{count} residues of {len(lines) - 1} genes, {out.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()

"""Draw the demo nodes' allele counts from full per-population counts.

Run: python knowledgebase/tools/frequency.py FOLDER
FOLDER holds frequency/nodes/<CC>.GRCh38.tsv.gz, frequency/key-variants.GRCh38.tsv and pgx/genes/*.json.
Written: knowledgebase/frequency/demo/<CC>.tsv with every listed allele at a pharmacogene's defining position
and every key variant.
"""

import gzip
import json
import sys
from pathlib import Path

COUNTRIES = {"GB": "GBR", "FI": "FIN", "ES": "IBS", "IT": "TSI"}
HEADER = """\
## Allele counts of population {population} of the 1000 Genomes Project, unrelated people, GRCh38
## source: https://www.internationalgenome.org/ (doi:10.1038/nature15393, doi:10.1016/j.cell.2022.08.004)
## licence: open data without restriction of use
"""


def defining_positions(folder: Path) -> set[tuple[str, int]]:
    """1-based positions of pharmacogene definitions, and the base before each (anchors of indels)."""
    positions = set()
    for path in sorted((folder / "pgx/genes").glob("*.json")):
        gene = json.loads(path.read_text("utf-8"))
        for row in gene.get("positions", ()):
            chrom = row.get("chrom", gene["chrom"])
            positions |= {(chrom, row["pos"]), (chrom, row["pos"] - 1)}
    return positions


def key_variants(folder: Path) -> set[tuple[str, int]]:
    """1-based positions of the key variants."""
    lines = (folder / "frequency/key-variants.GRCh38.tsv").read_text("utf-8").splitlines()[1:]
    places = (line.split("\t")[1].split(":") for line in lines)
    return {(chrom, int(pos)) for chrom, pos in places}


def main(folder: Path) -> None:
    """Write one TSV per country."""
    wanted = defining_positions(folder) | key_variants(folder)
    out = Path(__file__).resolve().parent.parent / "frequency/demo"
    for country, population in COUNTRIES.items():
        with gzip.open(folder / f"frequency/nodes/{country}.GRCh38.tsv.gz", "rt", encoding="ascii") as counts:
            columns = next(counts)
            rows = [
                line for line in counts if (line.split("\t", 2)[0], int(line.split("\t", 2)[1])) in wanted
            ]
        text = HEADER.format(population=population) + columns + "".join(rows)
        (out / f"{country}.tsv").write_text(text, "utf-8")
        print(country, len(rows), file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Re-encode published gene names, cytogenetic bands and the mitochondrial sequence for `knowledgebase/transcripts`.

Usage: python knowledgebase/tools/gene_names.py HGNC MANE BANDS MITOCHONDRION OUT

HGNC is the complete set of HGNC as a table with the columns `HGNC ID`, `Approved symbol`, `Status`, `Alias symbols`,
`NCBI Gene ID(supplied by NCBI)` and `Previous symbols`. MANE is `mane_transcripts.grch38.tsv.gz`, whose NCBI gene
ids tie the symbols of the models to HGNC. BANDS is NCBI's ideogram table at 850 bands of GRCh38, MITOCHONDRION a
FASTA of NC_012920.1, which is held against its refget digest.
"""

import csv
import gzip
import sys
from base64 import urlsafe_b64encode
from hashlib import sha512
from pathlib import Path

import zstandard

REFGET = "SQ.k3grVkjY-hoWcCUojHw6VU6GE3MZ8Sct"


def symbols(cell: str) -> list[str]:
    """Symbols of a comma-separated cell, without those that have a space."""
    return sorted({s.strip() for s in cell.split(",") if s.strip() and " " not in s.strip()})


def gene_names(hgnc: Path, mane: Path) -> list[str]:
    """Symbol, HGNC id, previous symbols and aliases of every gene of HGNC that has a symbol in the models, and of
    those without protein that an earlier version names.
    """
    with gzip.open(mane, "rt") as handle:
        header = next(handle).lstrip("#").rstrip("\n").split("\t")
        rows = [dict(zip(header, line.rstrip("\n").split("\t"), strict=True)) for line in handle]
    of_id = {row["gene_id"]: row["gene"] for row in rows}
    lines = []
    with hgnc.open() as handle:
        for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE):
            ncbi = row["NCBI Gene ID(supplied by NCBI)"]
            approved = row["Approved symbol"]
            others = approved in ("RMRP", "TERC") or approved.startswith("MT-")
            if row["Status"] != "Approved" or not (ncbi in of_id or others):
                continue
            symbol = of_id.get(ncbi, row["Approved symbol"])
            previous = set(symbols(row["Previous symbols"]))
            if row["Approved symbol"] != symbol:
                previous.add(row["Approved symbol"])
            aliases = set(symbols(row["Alias symbols"])) - previous
            lines.append(
                "\t".join((symbol, row["HGNC ID"], ",".join(sorted(previous)), ",".join(sorted(aliases))))
            )
    return sorted(lines)


def bands(path: Path) -> list[str]:
    """Chromosome, interbase start and end, and band."""
    with path.open() as handle:
        rows = csv.DictReader(handle, delimiter="\t")
        return [
            f"{r['#chromosome']}\t{int(r['bp_start']) - 1}\t{r['bp_stop']}\t{r['arm']}{r['band']}"
            for r in rows
        ]


def mitochondrion(path: Path) -> str:
    """The bases, when their digest is that of NC_012920.1."""
    bases = "".join(path.read_text().split("\n")[1:]).upper()
    digest = "SQ." + urlsafe_b64encode(sha512(bases.encode()).digest()[:24]).decode()
    if digest != REFGET:
        raise SystemExit(f"{path.name} is {digest}, not NC_012920.1")
    return bases


def main() -> None:
    """Write gene_names.tsv.zst, bands.tsv and mitochondrion.fa."""
    hgnc, mane, band_table, fasta, out = map(Path, sys.argv[1:6])
    text = "symbol\thgnc\tprevious\talias\n" + "\n".join(gene_names(hgnc, mane)) + "\n"
    (out / "gene_names.tsv.zst").write_bytes(zstandard.compress(text.encode(), 22))
    (out / "bands.tsv").write_text("chrom\tstart\tend\tband\n" + "\n".join(bands(band_table)) + "\n")
    bases = mitochondrion(fasta)
    wrapped = "\n".join(bases[i : i + 100] for i in range(0, len(bases), 100))
    (out / "mitochondrion.fa").write_text(f">NC_012920.1\n{wrapped}\n")


if __name__ == "__main__":
    main()

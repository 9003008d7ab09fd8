"""Import gnomAD's gene constraint: the table by gene of v2.1.1, or by transcript of v4.

v4 has several transcripts a gene; taken is MANE Select, as Ensembl names it. Up to v4.1 pLI stands under
`lof.pLI`, in v4.1.1 under `pLI`. LOEUF of v4 and v2.1.1 are not
on one scale: gnomAD proposes < 0.6 for v4 and < 0.35 for v2, so a rule written for v2 is strict on v4.
"""

from pathlib import Path

from service.errors import InvalidInput
from service.knowledge.importers.reading import read_text, rows_of, tabbed
from service.knowledge.importers.registry import Context, Outcome, only, release_of
from service.knowledge.tables import write_table

HEADER = ("gene", "pli", "loeuf")
# What the columns are called, by release; of several the first that the file has.
_PLI, _UPPER = ("lof.pLI", "pLI"), ("lof.oe_ci.upper", "oe_lof_upper")


def run(files: dict[str, Path], out: Path, context: Context) -> Outcome:
    """Write `constraint.tsv`: one row per gene. Raises InvalidInput for another layout or no release."""
    file = only(files)
    release = release_of(file, r"v(\d+(?:\.\d+)+)", context)
    lines = (line for line in read_text(file, context.advance) if not line.startswith("##"))
    header = next(lines, "").lstrip("#").split("\t")
    pli, upper = (next((n for n in names if n in header), names[0]) for names in (_PLI, _UPPER))
    found: dict[str, tuple[str, str, str]] = {}
    genes, without_figures = set(), set()
    for row in rows_of(tabbed(lines), header, ("gene", pli, upper), file.name):
        genes.add(row["gene"])
        if row.get("mane_select", "true").lower() != "true" or row.get("transcript", "ENST")[:4] != "ENST":
            continue
        try:
            found[row["gene"]] = (row["gene"], f"{float(row[pli]):.3g}", f"{float(row[upper]):.3g}")
        except ValueError:  # NA: too few expected variants
            without_figures.add(row["gene"])
    count = write_table(out / "constraint.tsv", HEADER, [found[gene] for gene in sorted(found)])
    if not count:
        raise InvalidInput("names no gene with constraint", where=file.name)
    left_out = {
        "genes without figures": len(without_figures - found.keys()),
        "genes without a MANE Select transcript": len(genes - found.keys() - without_figures),
    }
    return Outcome(release, "", {"genes": count}, {what: n for what, n in left_out.items() if n})

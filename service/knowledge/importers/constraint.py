"""Import gnomAD's gene constraint: the table by gene of v2.1.1, or by transcript of v4.

v4 has several transcripts a gene; taken is MANE Select, as Ensembl names it. LOEUF of v4 and v2.1.1 are not
on one scale: gnomAD proposes < 0.6 for v4 and < 0.35 for v2, so a rule written for v2 is strict on v4.
"""

import re
from pathlib import Path

from service.errors import InvalidInput
from service.knowledge.importers.reading import read_text, rows_of, tabbed
from service.knowledge.importers.registry import Context, Outcome, only
from service.knowledge.tables import write_table

HEADER = ("gene", "pli", "loeuf")
_V2 = ("pLI", "oe_lof_upper")
_V4 = ("lof.pLI", "lof.oe_ci.upper")


def run(files: dict[str, Path], out: Path, context: Context) -> Outcome:
    """Write `constraint.tsv`: one row per gene. Raises InvalidInput for another layout or no release."""
    file = only(files)
    named = re.search(r"v(\d+(?:\.\d+)+)", file.name)
    release = context.release or (named[1] if named else None)
    if release is None:
        raise InvalidInput("its name does not say the release; name it with --release", where=file.name)
    lines = (line for line in read_text(file) if not line.startswith("##"))
    header = next(lines, "").lstrip("#").split("\t")
    pli, upper = _V4 if _V4[0] in header else _V2
    found: dict[str, tuple[str, str, str]] = {}
    skipped = 0
    for row in rows_of(tabbed(lines), header, ("gene", pli, upper), file.name):
        if row.get("mane_select", "true").lower() != "true" or row.get("transcript", "ENST")[:4] != "ENST":
            continue
        try:
            found[row["gene"]] = (row["gene"], f"{float(row[pli]):.3g}", f"{float(row[upper]):.3g}")
        except ValueError:  # NA: too few expected variants
            skipped += 1
    count = write_table(out / "constraint.tsv", HEADER, [found[gene] for gene in sorted(found)])
    if not count:
        raise InvalidInput("names no gene with constraint", where=file.name)
    return Outcome(release, "", {"genes": count}, {"genes without figures": skipped} if skipped else {})

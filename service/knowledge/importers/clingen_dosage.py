"""Import ClinGen's dosage sensitivity by gene (`ClinGen_gene_curation_list_GRCh38.tsv`)."""

import re
from datetime import UTC, datetime
from pathlib import Path

from service.errors import InvalidInput
from service.knowledge.importers.reading import read_text, rows_of, tabbed
from service.knowledge.importers.registry import Context, Outcome, only
from service.knowledge.tables import write_table

HEADER = ("gene", "haploinsufficiency", "date", "location")
_NEEDED = ("Gene Symbol", "Genomic Location", "Haploinsufficiency Score", "Date Last Evaluated")
# ClinGen's scores; anything else ("Not yet evaluated", -1) is no score. Source: ClinGen dosage SOP.
_SCORES = frozenset({"0", "1", "2", "3", "30", "40"})


def run(files: dict[str, Path], out: Path, context: Context) -> Outcome:
    """Write `dosage.tsv`: one row per gene. Raises InvalidInput for another layout."""
    file = only(files)
    lines = read_text(file, context.advance)
    release = context.release
    for line in lines:
        if created := re.fullmatch(r"#(\d\d? \w{3}),? ?(\d{4})", line.strip()):
            day = datetime.strptime(f"{created[1]} {created[2]}", "%d %b %Y").replace(tzinfo=UTC)
            release = release or day.date().isoformat()
        if line.startswith("#Gene Symbol"):
            header = line[1:].split("\t")
            break
        if not line.startswith("#"):
            raise InvalidInput("is no table of dosage sensitivity", where=file.name)
    else:
        raise InvalidInput("is no table of dosage sensitivity", where=file.name)
    if release is None:
        raise InvalidInput("does not say when it was created; name it with --release", where=file.name)
    rows = [
        (
            row["Gene Symbol"],
            score if (score := row["Haploinsufficiency Score"]) in _SCORES else "",
            row["Date Last Evaluated"],
            row["Genomic Location"],
        )
        for row in rows_of(tabbed(lines), header, _NEEDED, file.name)
    ]
    return Outcome(release, release[:10], {"genes": write_table(out / "dosage.tsv", HEADER, rows)})

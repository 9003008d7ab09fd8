"""Import ClinGen's gene-disease validity, the CSV that its website offers under "Download"."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from service.domain.gene import Inheritance
from service.errors import InvalidInput
from service.knowledge.importers.reading import read_text
from service.knowledge.importers.registry import Context, Outcome, only
from service.knowledge.tables import write_table

COLUMNS = ("GENE SYMBOL", "GENE ID (HGNC)", "DISEASE LABEL", "DISEASE ID (MONDO)", "MOI", "CLASSIFICATION",
           "CLASSIFICATION DATE", "GCEP")  # fmt: skip
HEADER = ("gene", "hgnc", "disease", "mondo", "inheritance", "validity", "date", "panel")


def run(files: dict[str, Path], out: Path, context: Context) -> Outcome:
    """Write `validity.tsv.zst`: one row per curation. Raises InvalidInput for another layout."""
    file = only(files)
    date = context.release
    header: list[str] | None = None
    rows = []
    unknown = 0
    for cells in _rows(file, context):
        if header is None:
            if cells and (created := re.search(r"FILE CREATED: (\d{4}-\d\d-\d\d)", cells[0])):
                date = date or created[1]
            if "GENE SYMBOL" in cells:
                header = cells
            continue
        if cells and len(cells) != len(header):
            raise InvalidInput(
                f"has a row of {len(cells)} columns, expected {len(header)}: was it cut short?",
                where=file.name,
            )
        row = dict(zip(header, cells, strict=False))
        if not row.get("GENE ID (HGNC)", "").startswith("HGNC:"):
            continue  # rows of plus signs frame the header
        picked = [row.get(name, "") for name in COLUMNS]
        picked[6] = picked[6][:10]
        if picked[4] not in Inheritance.__members__.values():
            unknown += picked[4] != ""
            picked[4] = Inheritance.UNDETERMINED.value
        rows.append(picked)
    if header is None or not rows or any(name not in header for name in COLUMNS):
        raise InvalidInput(
            f"is no gene-disease validity table: it needs {', '.join(COLUMNS)}", where=file.name
        )
    if date is None:
        raise InvalidInput("does not say when it was created; name it with --release", where=file.name)
    count = write_table(out / "validity.tsv.zst", HEADER, rows)
    left_out = {"modes of inheritance that are read as undetermined": unknown} if unknown else {}
    return Outcome(date, date[:10], {"curations": count}, left_out)


def _rows(file: Path, context: Context) -> Iterator[list[str]]:
    try:
        yield from csv.reader(read_text(file, context.advance), strict=True)
    except csv.Error as error:  # a quote that nothing closes
        raise InvalidInput(f"is no whole table: {error}", where=file.name) from error

"""Import GenCC's gene-disease submissions (TSV or CSV), one row per gene, disease and mode.

Until 2026 a submission had a `uuid`, since then `sgc_id` and `version_number`: the last version counts.

Several submitters may have classified a pair. What stands is the strongest of their words, unless one of them
disputes or refutes the pair: then that does, because a statement must not rest on a disputed pair.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from service.domain.gene import parse_inheritance
from service.errors import InvalidInput
from service.knowledge.importers.reading import read_text, rows_of
from service.knowledge.importers.registry import Context, Outcome, only
from service.knowledge.tables import write_table

HEADER = ("gene", "hgnc", "disease", "mondo", "inheritance", "validity", "date", "panel")
# Words in the order in which they stand: the first that any submitter uses. "Supportive" is below Moderate.
# Source: DiStefano 2022, doi:10.1016/j.gim.2022.04.017.
ORDER = ("Refuted Evidence", "Disputed Evidence", "Definitive", "Strong", "Moderate", "Supportive", "Limited",
         "No Known Disease Relationship")  # fmt: skip
# GenCC's words in ClinGen's spelling.
_SPELLING = {"Refuted Evidence": "Refuted", "Disputed Evidence": "Disputed"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NEEDED = ("gene_curie", "gene_symbol", "disease_curie", "disease_title", "classification_title", "moi_title",
           "submitter_title", "submitted_as_date", "submitted_run_date")  # fmt: skip


def run(files: dict[str, Path], out: Path, context: Context) -> Outcome:
    """Write `gencc.tsv.zst`. Raises InvalidInput for another layout."""
    file = only(files)
    first = next(read_text(file), "")
    # Notes hold line ends within quotes.
    lines = csv.reader(read_text(file, context.advance), delimiter="\t" if "\t" in first else ",")
    header = next(lines, [])
    pairs: dict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
    names: dict[str, str] = {}
    last, unknown = "", 0
    for row in _last_versions(rows_of(lines, header, _NEEDED, file.name)):
        if _DAY.match(row["submitted_run_date"]):
            last = max(last, row["submitted_run_date"][:10])
        if row["classification_title"] not in ORDER:
            unknown += 1
            continue
        mode = parse_inheritance(row["moi_title"])
        pairs[row["gene_symbol"], row["disease_curie"], mode.value if mode else "UD"].append(row)
        names[row["disease_curie"]] = row["disease_title"]
    release = context.release or last
    if not pairs or not release:
        raise InvalidInput("holds no dated submission", where=file.name)
    rows = []
    for (gene, mondo, mode_name), found in sorted(pairs.items()):
        word = min((row["classification_title"] for row in found), key=ORDER.index)
        submitters = sorted({row["submitter_title"] for row in found if row["classification_title"] == word})
        date = max(row["submitted_as_date"][:10] for row in found)
        rows.append(
            (gene, found[0]["gene_curie"], names[mondo], mondo, mode_name, _SPELLING.get(word, word), date,
             ", ".join(submitters))
        )  # fmt: skip
    count = write_table(out / "gencc.tsv.zst", HEADER, rows)
    return Outcome(
        release, last, {"pairs": count}, {"submissions of unknown class": unknown} if unknown else {}
    )


def _last_versions(rows: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Each submission once, in the order in which they first stand."""
    found: dict[str, dict[str, str]] = {}
    for number, row in enumerate(rows):
        key = row.get("sgc_id") or f"row {number}"
        earlier = found.get(key)
        if earlier is None or _version(row) >= _version(earlier):
            found[key] = row
    yield from found.values()


def _version(row: dict[str, str]) -> int:
    text = row.get("version_number", "")
    return int(text) if text.isdecimal() else 0

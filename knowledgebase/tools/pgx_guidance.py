"""Bring CPIC's rows into our guideline files, and say which texts must be read again.

    python knowledgebase/tools/pgx_guidance.py FACTS_FOLDER [--write]

FACTS_FOLDER holds `guidance_*.json.gz` and `reference-wording/`. Every row finds the statement that was
written for its wording (`source_texts` are digests of the wordings that a statement stands for). Rows are
then regrouped and written back with their figures. A row whose wording is new is listed and nothing is
written: someone has to write and check its text first. Facts go in; sentences never do.
"""

import argparse
import gzip
import hashlib
import html
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from service.knowledge.wording import drugs_named, figures_of

HERE = Path(__file__).resolve().parent.parent
GUIDELINES = HERE / "pgx" / "guidelines" / "cpic"


def plain(markup: str | None) -> str:
    """The words of a piece of HTML, with single spaces."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", markup or ""))).strip()


def digest(row: dict[str, Any]) -> str:
    """Identity of one source wording: recommendation and implications together."""
    text = "\n".join([row["wording"], *row["implications"]])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def source_rows(folder: Path) -> list[dict[str, Any]]:
    """CPIC rows with their wording: the full export, then drugs seen only in the later sample."""
    rows = []
    for facts, wording, key in (
        ("guidance_2024-05.json.gz", "recommendation_text_2024-05.json.gz", "id"),
        ("guidance_observed_2025-11.json.gz", "recommendation_text_observed_2025-11.json.gz", "i"),
    ):
        texts = json.loads(gzip.decompress((folder / "reference-wording" / wording).read_bytes()))
        by_key = {text[key]: text for text in texts}
        known = {row["drug"] for row in rows}
        for i, row in enumerate(json.loads(gzip.decompress((folder / facts).read_bytes()))):
            if not row["source"].startswith("CPIC") or (key == "i" and row["drug"] in known):
                continue
            text = by_key[row["id"] if key == "id" else i]
            row.setdefault("id", f"observed-2025-11:{row['drug']}:{i}")
            row.setdefault("version", "2025-11-05")
            row["wording"] = plain(text["text_html"])
            row["implications"] = [plain(x) for x in text["implications"]]
            rows.append(row)
    return rows


def facts_of(rows: list[dict[str, Any]], names: list[str]) -> dict[str, list[str]]:
    """Figures and drug names that every one of these source rows states."""
    whole = [" ".join([row["wording"], *row["implications"]]) for row in rows]
    figures = set.intersection(*(set(figures_of(text)) for text in whole))
    named = set.intersection(*(set(drugs_named(text, names)) for text in whole))
    return {
        "figures": sorted(figures, key=lambda figure: (float(figure), figure)),
        "names": sorted(named),
        "source_texts": sorted({digest(row) for row in rows}),
    }


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def write_toml(document: dict[str, Any]) -> str:
    """A guideline file: header, drug, then one table per statement with one row per line."""
    lines = [f"# {document['title']}: CPIC {document['guideline_id']}, in our own words."]
    lines += [f"{k} = {_value(v)}" for k, v in document.items() if k not in ("drug", "statement")]
    lines += ["", "[drug]", *(f"{k} = {_value(v)}" for k, v in document["drug"].items())]
    for statement in document.get("statement", []):
        lines += ["", "[[statement]]"]
        lines += [f"{k} = {_value(v)}" for k, v in statement.items() if k != "rows"]
        lines += ["rows = [", *(f"  {_value(row)}," for row in statement["rows"]), "]"]
    return "\n".join(lines) + "\n"


def regroup(document: dict[str, Any], rows: list[dict[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    """The rows that no statement of this file was written for; the document's statements are refilled.

    A row stays with the statement that lists it as long as its wording, strength and population are those
    that the statement was written for; a new row joins the first statement written for its wording.
    """
    statements = document.get("statement", [])
    listed = {row[0]: i for i, statement in enumerate(statements) for row in statement["rows"]}
    filled: dict[int, list[dict[str, Any]]] = {}
    homeless = []
    for row in rows:
        fitting = [i for i, statement in enumerate(statements) if _written_for(statement, row)]
        if not fitting:
            homeless.append(row)
            continue
        own = listed.get(row["id"])
        filled.setdefault(own if own in fitting else fitting[0], []).append(row)
    for i, mine in filled.items():
        statements[i]["rows"] = [[r["id"], *(r["lookup"][0][g] for g in document["genes"])] for r in mine]
        statements[i].update(facts_of(mine, names))
    return homeless


def _written_for(statement: dict[str, Any], row: dict[str, Any]) -> bool:
    strength, population = row["strength"] or "N/A", row["population"] or "general"
    if (statement["strength"], statement["population"]) != (strength, population):
        return False
    return digest(row) in statement.get("source_texts", ())


def lexicon() -> list[str]:
    """Every drug name that a text could mention: guidelines, modulators, and the list of other names."""
    names = {tomllib.loads(p.read_text("utf-8"))["drug"]["name"] for p in GUIDELINES.glob("*/*.toml")}
    for table, column in (("drug_names.tsv", 0), ("phenoconversion.tsv", 0)):
        path = HERE / "pgx" / table
        rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]
        names |= {row[column] for row in rows[1:]}
    return sorted(names)


def main() -> int:
    """0 when every row has its text, 1 when wordings are new or changed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("facts", type=Path)
    parser.add_argument("--write", action="store_true", help="write the regrouped files")
    options = parser.parse_args()
    names = lexicon()
    by_drug: dict[str, list[dict[str, Any]]] = {}
    for row in source_rows(options.facts):
        if row["lookup"]:
            by_drug.setdefault(row["drug"], []).append(row)
    homeless = 0
    for path in sorted(GUIDELINES.glob("*/*.toml")):
        document = tomllib.loads(path.read_text("utf-8"))
        lacking = regroup(document, by_drug.pop(document["drug"]["name"], []), names)
        homeless += len(lacking)
        for row in lacking:
            print(f"{path.name}: no text for row {row['id']} {row['lookup']}", file=sys.stderr)
        if options.write and not lacking:
            path.write_text(write_toml(document), "utf-8")
    for drug in by_drug:
        print(f"no guideline file for {drug}", file=sys.stderr)
    return 1 if homeless or by_drug else 0


if __name__ == "__main__":
    sys.exit(main())

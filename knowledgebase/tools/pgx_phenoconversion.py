"""Write `knowledgebase/pgx/phenoconversion.tsv` from a facts table of enzyme inhibitors and inducers.

    python knowledgebase/tools/pgx_phenoconversion.py FACTS_FOLDER

Washout days, preparations without systemic exposure, and dose notes are our curation; see WASHOUT, LOCAL and
DOSE below for what they rest on.
"""

import csv
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "pgx" / "phenoconversion.tsv"
COLUMNS = [
    "drug",
    "rxnorm",
    "atc",
    "local_atc",
    "enzyme",
    "effect",
    "strength",
    "washout_days",
    "dose_note",
    "evidence",
    "rxnorm_evidence",
    "source",
]
HEADER = """\
# Drugs that inhibit or induce an enzyme or transporter. One row per drug and enzyme.
# strength: FDA grade (strong >= 5-fold AUC, moderate 2 to 5, weak 1.25 to 2), else `not graded`.
# washout_days: days after the last dose during which the effect may last. Fluoxetine and norfluoxetine
#   clear in 5 to 6 weeks, terbinafine and amiodarone in months, rolapitant in 4 weeks or more; induction
#   fades in 2 to 3 weeks.
# local_atc: preparations without relevant systemic exposure; they never count.
# evidence: `published` was read in a public copy; `expert` rests on expert memory and awaits verification.
# CYP3A5 follows the CYP3A4 rows (FDA grades CYP3A together).
# FDA's lists are examples: not listed is not no effect.
"""
WASHOUT = {"fluoxetine": 35, "terbinafine": 60, "amiodarone": 180, "rolapitant": 28}
STRONG_INDUCER_DAYS, OTHER_DAYS = 21, 7
# ATC groups for skin, eye, ear, nose, mouth and gut; D01B and D05B are systemic.
# Oral and vaginal miconazole count.
LOCAL = ("D", "S", "C05A", "R01A", "A01A", "A07A", "G01A")
SYSTEMIC = ("D01B", "D05B", "A01AB09", "G01AF04")
DOSE = {  # PMC7292748 unless marked
    "celecoxib": "no inhibition up to 200 mg/day, weak at 400 mg/day",
    "mirabegron": "moderate at the labelled dose in normal metabolisers, weaker otherwise",
    "sertraline": "weak at usual doses; moderate from 150 mg/day by some (expert opinion)",
    "desvenlafaxine": "negligible at the usual dose",
    "cinacalcet": "usually moderate",
    "fluvoxamine": "weak unless several pathways are affected",
    "cimetidine": "weak unless several pathways are affected",
    "ritonavir": "weak unless several pathways are affected",
    "duloxetine": "evidence is inconsistent",
    "abiraterone": "evidence is inconsistent",
}
OTHER_NOTES = {
    ("fluoxetine", "CYP2C19"): "graded moderate by the All of Us study",
    ("voriconazole", "CYP2C19"): "graded moderate by the All of Us study",
    ("rifampin", "CYP2C19"): "graded moderate by the All of Us study",
    ("ticlopidine", "CYP2B6"): "graded strong by the All of Us study",
    ("carbamazepine", "CYP2B6"): "graded moderate by the All of Us study",
    ("omeprazole", "CYP2C19"): "40 mg matters for clopidogrel (label warning)",
    ("esomeprazole", "CYP2C19"): "matters for clopidogrel (label warning)",
    ("ciprofloxacin", "CYP1A2"): "strong with tizanidine, moderate with caffeine or theophylline",
    ("vemurafenib", "CYP1A2"): "moderate by its label",
    (
        "tobacco smoking",
        "CYP1A2",
    ): "smoke induces, nicotine products do not; stopping reverses it in about a week",
    ("St. John's wort", "CYP3A4"): "depends on hyperforin content",
    ("rifampin", "SLCO1B1"): "a single dose inhibits, repeated doses also induce",
}


def source_in_words(source: str) -> str:
    """What the grade rests on."""
    parts = []
    if source.startswith("FDA examples"):
        parts.append(
            "FDA examples of inhibitors and inducers (page of 2026-05-29, public copy); PharMe at fc465fa"
        )
    if "FDA table" in source:
        parts.append("FDA table of clinical inhibitors and inducers")
    if "label" in source:
        parts.append("product labels")
    if "AoU" in source:
        parts.append("modulator list of the All of Us phenoconversion study")
    return "; ".join(parts)


def convert(row: dict[str, str]) -> dict[str, str]:
    """One row of ours from one of the facts."""
    codes = [code for code in row["atc"].split(",") if code]
    local = [c for c in codes if c.startswith(LOCAL) and not c.startswith(SYSTEMIC)]
    strength = "not graded" if row["strength"] == "unclassified" else row["strength"]
    strong_inducer = row["effect"] == "inducer" and strength == "strong"
    days = WASHOUT.get(row["drug"], STRONG_INDUCER_DAYS if strong_inducer else OTHER_DAYS)
    notes = [DOSE.get(row["drug"]) if row["enzyme"] == "CYP2D6" else None]
    notes.append(OTHER_NOTES.get((row["drug"], row["enzyme"])))
    return {
        "drug": row["drug"],
        "rxnorm": row["rxnorm"],
        "atc": ",".join(c for c in codes if c not in local),
        "local_atc": ",".join(local),
        "enzyme": row["enzyme"],
        "effect": row["effect"],
        "strength": strength,
        "washout_days": str(days),
        "dose_note": "; ".join(note for note in notes if note),
        "evidence": "expert" if "[K]" in row["source"] else "published",
        "rxnorm_evidence": "expert"
        if "[K]" in row["rxnorm_source"]
        else "published"
        if row["rxnorm"]
        else "",
        "source": source_in_words(row["source"]),
    }


def main() -> None:
    """Read the facts, write our table."""
    with (Path(sys.argv[1]) / "phenoconversion.tsv").open(encoding="utf-8") as handle:
        rows = [convert(row) for row in csv.DictReader(handle, delimiter="\t") if row["drug"][0] != "("]
    lines = ["\t".join(COLUMNS), *("\t".join(row[c] for c in COLUMNS) for row in rows)]
    OUT.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

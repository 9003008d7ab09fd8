"""Import ClinVar's `variant_summary.txt.gz`: beside the VCF it gives protein changes and evaluation dates.

Layout: https://ftp.ncbi.nlm.nih.gov/pub/clinvar/tab_delimited/ (README, "variant_summary.txt"). The file has
a row per allele and assembly, and no release date: monthly copies have it in their name.
"""

import re
from collections import Counter
from datetime import date
from pathlib import Path

from service.domain.assembly import parse_contig
from service.errors import InvalidInput
from service.knowledge.assertion_table import STARS, AssertionWriter
from service.knowledge.importers.clinvar import conditions_of
from service.knowledge.importers.reading import read_text, rows_of, tabbed
from service.knowledge.importers.registry import Context, Outcome, only, release_of

_NEEDED = ("Name", "GeneSymbol", "ClinicalSignificance", "LastEvaluated", "RS# (dbSNP)", "PhenotypeIDS",
           "PhenotypeList", "Assembly", "Chromosome", "ReviewStatus", "VariationID", "PositionVCF",
           "ReferenceAlleleVCF", "AlternateAlleleVCF")  # fmt: skip
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH = date(1970, 1, 1)
_PROTEIN = re.compile(r"\(p\.([A-Z][a-z]{2}\d+[A-Z][a-z]{2})\)")
_GENE = re.compile(r"\(([A-Za-z0-9-]+)\):")


def run(files: dict[str, Path], out: Path, context: Context) -> Outcome:
    """Compile the rows on GRCh38, and those without any place. Raises InvalidInput for another layout."""
    file = only(files)
    release = release_of(file, r"(\d{4}-\d\d(?:-\d\d)?)", context)
    lines = read_text(file, context.advance)
    header = next(lines, "").lstrip("#").split("\t")
    left_out: Counter[str] = Counter()
    with AssertionWriter(out) as writer:
        for row in rows_of(tabbed(lines), header, _NEEDED, file.name):
            if row["Assembly"] not in ("GRCh38", "na"):
                continue
            if row["ReviewStatus"] not in STARS:
                left_out[f"unknown review status {row['ReviewStatus']!r}"] += 1
            elif row["ClinicalSignificance"] in ("", "-"):
                left_out["no germline classification"] += 1
            else:
                writer.add(_encoded(row, release), f"{file.name}, variation {row['VariationID']}")
        rows = writer.finish({"release": release, "source": "ClinVar variant_summary"})
    if not rows["assertions"]:
        raise InvalidInput("has no germline classification on GRCh38", where=file.name)
    return Outcome(release, "", rows, dict(left_out))


def _encoded(row: dict[str, str], release: str) -> dict[str, str]:
    contig = parse_contig(row["Chromosome"])
    ref, alt = row["ReferenceAlleleVCF"], row["AlternateAlleleVCF"]
    # PositionVCF is -1 (or "na") where a record has no place.
    position = int(row["PositionVCF"]) if row["PositionVCF"].isdecimal() else 0
    placed = contig is not None and position > 0 and not (ref + alt).strip("ACGTN") and ref != alt
    conditions, identifiers = conditions_of(
        row["PhenotypeList"].replace(";", "|"), row["PhenotypeIDS"].replace(";", "|")
    )
    name = row["Name"]
    protein, gene = _PROTEIN.search(name), _GENE.search(name)
    symbol = gene[1] if gene else row["GeneSymbol"].split(";")[0]
    changes = protein is not None and protein[1][:3] != protein[1][-3:] and not protein[1].endswith("Ter")
    return {
        "chrom": contig.chrom if contig and placed else "",
        "start": str(position - 1) if placed else "",
        "ref": ref if placed else "",
        "alt": alt if placed else "",
        "spdi": "",
        "variation": row["VariationID"],
        "rs": row["RS# (dbSNP)"] if row["RS# (dbSNP)"] not in ("-1", "-") else "",
        "genes": "" if row["GeneSymbol"] == "-" else row["GeneSymbol"].replace(";", "|"),
        "classification": row["ClinicalSignificance"].replace("; ", "|"),
        "review": row["ReviewStatus"],
        "conditions": conditions,
        "condition_ids": identifiers,
        "conflict": "",
        "protein": f"{symbol}:{protein[1]}" if protein and changes else "",
        "evaluated": str(days_of(row["LastEvaluated"])),
        "release": release,
    }


def days_of(text: str) -> int:
    """Days from 1970 to a date as ClinVar writes it; 0 where there is none.

    >>> days_of("Jan 01, 2024"), days_of("-")
    (19723, 0)
    """
    found = re.fullmatch(r"([A-Z][a-z]{2}) (\d\d?), (\d{4})", text)
    if found is None or found[1] not in _MONTHS:
        return 0
    return (date(int(found[3]), _MONTHS.index(found[1]) + 1, int(found[2])) - _EPOCH).days

"""Importers over the first lines of the published files, columns and all.

Sources: ClinVar variant_summary.txt.gz of 2026-06 (public domain), gnomAD v4.1 constraint metrics (CC0),
GenCC submissions export (CC0). Of gnomAD v4.1.1 and of GenCC's format with `sgc_id` the columns are
described, and the lines made of the earlier ones.
"""

import csv
from pathlib import Path

import pytest

from service.knowledge import assertions
from service.knowledge.importers.registry import source_named
from service.knowledge.importers.run import import_source
from service.knowledge.imports import ImportedRelease, Imports
from service.knowledge.tables import read_table

PUBLISHED = Path(__file__).resolve().parents[3] / "truth" / "published"


def bring(imports: Imports, source: str, path: Path) -> ImportedRelease:
    return import_source(source_named(source), str(path), imports, lambda _: None).release


def table(imports: Imports, found: ImportedRelease, name: str) -> list[dict[str, str]]:
    return list(read_table(imports.path(found.source, found.release) / name))


def test_variant_summary_of_2026(imports: Imports) -> None:
    found = bring(imports, "clinvar-summary", PUBLISHED / "variant_summary_2026-06.tsv")
    assert (found.release, found.rows, found.left_out) == ("2026-06", {"assertions": 2}, {})
    known = assertions.load(imports.path("clinvar-summary", "2026-06"))
    (indel,) = known.at("7", 4781212, "GGAT", "TGCTGTAAACTGTAACTGTAAA")
    assert (indel.accession, indel.classification, indel.stars, indel.genes) == (
        "VCV000000002", "Pathogenic/Likely pathogenic", 2, ("AP5Z1",)
    )  # fmt: skip
    assert indel.last_evaluated == "2024-12-17"
    # Three conditions with identifiers, with none, and with MedGen's alone.
    assert list(indel.conditions)[:2] == [
        "Hereditary spastic paraplegia 48",
        "Macular dystrophy with or without extraocular features",
    ]
    (missense,) = known.at_residue("FOXRED1", 430)
    assert (missense.protein_change, missense.rsid) == ("Asn430Ser", "rs267606830")


def test_constraint_of_v4_1(imports: Imports) -> None:
    found = bring(imports, "gnomad-constraint", PUBLISHED / "gnomad.v4.1.constraint_metrics.tsv")
    assert (found.release, found.rows) == ("4.1", {"genes": 1})
    assert table(imports, found, "constraint.tsv") == [{"gene": "A1BG", "pli": "1.77e-16", "loeuf": "1.34"}]


def test_constraint_of_v4_1_1_names_pli_otherwise(imports: Imports, tmp_path: Path) -> None:
    lines = (PUBLISHED / "gnomad.v4.1.constraint_metrics.tsv").read_text("utf-8").splitlines()
    header = lines[0].replace("\tlof.pLI\t", "\tpLI\t")
    other = lines[3].replace("A1BG", "ZZZ3")  # has no MANE Select transcript here
    path = tmp_path / "gnomad.v4.1.1.constraint_metrics.tsv"
    path.write_text("\n".join((header, *lines[1:], other)) + "\n", "utf-8")
    found = bring(imports, "gnomad-constraint", path)
    assert (found.release, found.rows) == ("4.1.1", {"genes": 1})
    assert found.left_out == {"genes without a MANE Select transcript": 1}
    assert table(imports, found, "constraint.tsv")[0]["pli"] == "1.77e-16"


SKI = [{
    "gene": "SKI", "hgnc": "HGNC:10896", "disease": "Shprintzen-Goldberg syndrome", "mondo": "MONDO:0008426",
    "inheritance": "AD", "validity": "Definitive", "date": "2018-03-30", "panel": "Ambry Genetics",
}]  # fmt: skip


def test_gencc_until_2026(imports: Imports) -> None:
    found = bring(imports, "gencc", PUBLISHED / "gencc-submissions.tsv")
    assert (found.release, found.rows) == ("2020-12-24", {"pairs": 1})
    assert table(imports, found, "gencc.tsv.zst") == SKI


@pytest.mark.parametrize("delimiter", ["\t", ","], ids=["tsv", "csv"])
def test_gencc_since_2026_counts_the_last_version_of_a_submission(
    imports: Imports, tmp_path: Path, delimiter: str
) -> None:
    with (PUBLISHED / "gencc-submissions.tsv").open(encoding="utf-8", newline="") as handle:
        header, row = csv.reader(handle, delimiter="\t")
    path = tmp_path / f"gencc-submissions-new.{'tsv' if delimiter == chr(9) else 'csv'}"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerow(["sgc_id", "version_number", *header[1:]])
        earlier = ["Disputed Evidence" if cell == "Definitive" else cell for cell in row[1:]]
        writer.writerow(["SGC-107616", "2", *row[1:]])
        writer.writerow(["SGC-107616", "1", *earlier])
    found = bring(imports, "gencc", path)
    assert (found.release, found.rows) == ("2020-12-24", {"pairs": 1})
    assert table(imports, found, "gencc.tsv.zst") == SKI

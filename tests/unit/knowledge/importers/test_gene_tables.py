"""ClinGen, GenCC, gnomAD and MONDO as they publish, and what becomes of the gene knowledge."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from service.domain.gene import GeneKnowledge, Inheritance
from service.errors import InvalidInput
from service.knowledge import diseases, source_tables
from service.knowledge.importers.registry import source_named
from service.knowledge.importers.run import import_source
from service.knowledge.imports import ImportedRelease, Imports
from service.knowledge.repository import open_shipped
from service.knowledge.tables import read_table

VALIDITY = """"CLINGEN GENE DISEASE VALIDITY CURATIONS","","","","","","","","",""
"FILE CREATED: 2026-10-30","","","","","","","","",""
"WEBPAGE: https://search.clinicalgenome.org/kb/gene-validity","","","","","","","","",""
"+++++++++++","++++","++++","++++","++++","++++","++++","++++","++++","++++"
"GENE SYMBOL","GENE ID (HGNC)","DISEASE LABEL","DISEASE ID (MONDO)","MOI","SOP","CLASSIFICATION","ONLINE REPORT","CLASSIFICATION DATE","GCEP"
"+++++++++++","++++","++++","++++","++++","++++","++++","++++","++++","++++"
"AARS1","HGNC:20","Charcot-Marie-Tooth disease, axonal, type 2N","MONDO:0013212","AD","SOP10","Limited","https://search.clinicalgenome.org/kb/x","2026-03-14T16:00:00.000Z","CMT GCEP"
"""  # noqa: E501 - as published
DOSAGE = (
    "#ClinGen Gene Curation Results\n#30 Oct,2026\n"
    "#Genomic Locations are reported on GRCh38 (hg38): GCF_000001405.36\n"
    "#Gene Symbol\tGene ID\tcytoBand\tGenomic Location\tHaploinsufficiency Score\t"
    "Haploinsufficiency Description\tTriplosensitivity Score\tDate Last Evaluated\tDisease\n"
    "AARS1\t16\t16q22.1\tchr16:70252295-70289543\t3\tSufficient\t0\t2026-02-28\tMONDO:0013212\n"
    "BRCA1\t672\t17q21.31\ttbd\tNot yet evaluated\tNot yet evaluated\t0\t\t\n"
)
GENCC_COLUMNS = (
    "uuid", "gene_curie", "gene_symbol", "disease_curie", "disease_title", "classification_curie",
    "classification_title", "moi_curie", "moi_title", "submitter_title", "submitted_as_date",
    "submitted_as_notes", "submitted_run_date",
)  # fmt: skip


def a_submission(gene: str, disease: str, word: str, submitter: str, notes: str = "") -> tuple[str, ...]:
    return ("id", "HGNC:20", gene, disease, "a disease", "GENCC:1", word, "HP:0000007",
            "Autosomal recessive", submitter, "2024-03-14 00:00:00", notes, "2026-10-01")  # fmt: skip


GENCC = "\n".join(
    "\t".join(f'"{cell}"' for cell in row)
    for row in (
        GENCC_COLUMNS,
        a_submission("AARS1", "MONDO:9999991", "Supportive", "Orphanet"),
        a_submission("AARS1", "MONDO:9999991", "Strong", "A laboratory", notes="two\nlines"),
        a_submission("AARS1", "MONDO:9999992", "Strong", "A laboratory"),
        a_submission("AARS1", "MONDO:9999992", "Disputed Evidence", "Another"),
        a_submission("AARS1", "MONDO:0013212", "Definitive", "A laboratory"),
    )
)
CONSTRAINT_V2 = (
    "gene\ttranscript\tpLI\toe_lof\toe_lof_upper\nAARS1\tENST00000261772\t9.9900e-01\t0.1\t2.1000e-01\n"
    "TTN\tENST00000589042\tNA\tNA\tNA\n"
)
CONSTRAINT_V4 = (
    "gene\tgene_id\ttranscript\tcanonical\tmane_select\tlof.pLI\tlof.oe_ci.upper\n"
    "AARS1\t16\tNM_001605.3\ttrue\ttrue\t0.1\t0.91\n"
    "AARS1\tENSG00000090861\tENST00000261772\ttrue\ttrue\t0.998\t0.31\n"
    "AARS1\tENSG00000090861\tENST00000675045\tfalse\tfalse\t0.5\t0.71\n"
)
MONDO_OBO = """format-version: 1.2
data-version: releases/2026-10-06

[Term]
id: MONDO:0000001
name: disease

[Term]
id: MONDO:0013212
name: Charcot-Marie-Tooth disease axonal type 2N
xref: OMIM:613287 {source="MONDO:equivalentTo", source="MONDO:OMIM"}
xref: OMIM:999999 {source="MONDO:relatedTo"}
xref: Orphanet:228174 {source="MONDO:equivalentTo"}
is_a: MONDO:0000001 {source="x"} ! disease

[Term]
id: MONDO:0000009
name: obsolete disease
is_obsolete: true

[Typedef]
id: MONDO:1111111
name: no term
"""
MONDO_JSON = {
    "graphs": [
        {
            "meta": {"version": "http://purl.obolibrary.org/obo/mondo/releases/2026-10-06/mondo.json"},
            "nodes": [
                {"id": "http://purl.obolibrary.org/obo/MONDO_0000001", "lbl": "disease"},
                {
                    "id": "http://purl.obolibrary.org/obo/MONDO_0013212",
                    "lbl": "Charcot-Marie-Tooth disease axonal type 2N",
                    "meta": {
                        "xrefs": [{"val": "OMIM:613287"}, {"val": "OMIM:999999"}],
                        "basicPropertyValues": [
                            {"pred": "http://www.w3.org/2004/02/skos/core#exactMatch", "val": match}
                            for match in ("https://omim.org/entry/613287",
                                          "http://www.orpha.net/ORDO/Orphanet_228174")
                        ],
                    },
                },
                {
                    "id": "http://purl.obolibrary.org/obo/MONDO_0000009",
                    "lbl": "obsolete disease",
                    "meta": {"deprecated": True},
                },
                {"id": "http://purl.obolibrary.org/obo/HP_0000001", "lbl": "All"},
            ],
            "edges": [
                {
                    "sub": "http://purl.obolibrary.org/obo/MONDO_0013212",
                    "pred": "is_a",
                    "obj": "http://purl.obolibrary.org/obo/MONDO_0000001",
                }
            ],
        }
    ]
}  # fmt: skip
FILES = {
    "clingen-validity": ("Clingen-Gene-Disease-Summary-2026-10-30.csv", VALIDITY),
    "clingen-dosage": ("ClinGen_gene_curation_list_GRCh38.tsv", DOSAGE),
    "gencc": ("gencc-submissions.tsv", GENCC),
    "gnomad-constraint": ("gnomad.v2.1.1.lof_metrics.by_gene.txt.bgz", CONSTRAINT_V2),
    "mondo": ("mondo.obo", MONDO_OBO),
}

Import = Callable[..., ImportedRelease]


@pytest.fixture
def bring(tmp_path: Path, imports: Imports) -> Import:
    """Imports a text as a published file: `bring(source, name, text)`."""

    def run(source: str, name: str, text: str, release: str | None = None) -> ImportedRelease:
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(("gz", "bgz")) else text.encode())
        return import_source(
            source_named(source), str(path), imports, lambda _: None, release=release
        ).release

    return run


def written(imports: Imports, release: ImportedRelease, table: str) -> list[dict[str, str]]:
    return list(read_table(imports.path(release.source, release.release) / table))


def test_validity(bring: Import, imports: Imports) -> None:
    found = bring("clingen-validity", *FILES["clingen-validity"])
    assert (found.release, found.date, found.rows) == ("2026-10-30", "2026-10-30", {"curations": 1})
    (row,) = written(imports, found, "validity.tsv.zst")
    assert row == {
        "gene": "AARS1", "hgnc": "HGNC:20", "disease": "Charcot-Marie-Tooth disease, axonal, type 2N",
        "mondo": "MONDO:0013212", "inheritance": "AD", "validity": "Limited", "date": "2026-03-14",
        "panel": "CMT GCEP",
    }  # fmt: skip


def test_dosage(bring: Import, imports: Imports) -> None:
    found = bring("clingen-dosage", *FILES["clingen-dosage"])
    assert found.release == "2026-10-30"
    rows = written(imports, found, "dosage.tsv")
    assert [(row["gene"], row["haploinsufficiency"]) for row in rows] == [("AARS1", "3"), ("BRCA1", "")]


def test_gencc_takes_the_strongest_word_unless_one_disputes(bring: Import, imports: Imports) -> None:
    found = bring("gencc", *FILES["gencc"])
    assert (found.release, found.rows) == ("2026-10-01", {"pairs": 3})
    rows = {row["mondo"]: row for row in written(imports, found, "gencc.tsv.zst")}
    words = {mondo: (row["validity"], row["panel"], row["inheritance"]) for mondo, row in rows.items()}
    assert words == {
        "MONDO:9999991": ("Strong", "A laboratory", "AR"),
        "MONDO:9999992": ("Disputed", "Another", "AR"),
        "MONDO:0013212": ("Definitive", "A laboratory", "AR"),
    }


@pytest.mark.parametrize(
    ("name", "text", "release", "figures"),
    [
        ("gnomad.v2.1.1.lof_metrics.by_gene.txt.bgz", CONSTRAINT_V2, "2.1.1", ("0.999", "0.21")),
        ("gnomad.v4.1.constraint_metrics.tsv", CONSTRAINT_V4, "4.1", ("0.998", "0.31")),
    ],
)
def test_constraint(
    bring: Import, imports: Imports, name: str, text: str, release: str, figures: tuple[str, str]
) -> None:
    found = bring("gnomad-constraint", name, text)
    (row,) = written(imports, found, "constraint.tsv")
    assert (found.release, row["gene"], (row["pli"], row["loeuf"])) == (release, "AARS1", figures)


@pytest.mark.parametrize(
    ("name", "text"), [("mondo.obo", MONDO_OBO), ("mondo.json", json.dumps(MONDO_JSON))], ids=["obo", "json"]
)
def test_mondo(bring: Import, imports: Imports, name: str, text: str) -> None:
    found = bring("mondo", name, text)
    assert (found.release, found.rows) == ("2026-10-06", {"terms": 2})
    assert written(imports, found, "mondo.tsv.zst")[1] == {
        "id": "0013212",
        "label": "Charcot-Marie-Tooth disease axonal type 2N",
        "parents": "0000001",
        "xrefs": "OMIM:613287|ORPHA:228174",
    }


@pytest.mark.parametrize("source", sorted(FILES))
def test_another_file_is_refused(bring: Import, imports: Imports, source: str) -> None:
    with pytest.raises(InvalidInput):
        bring(source, "v1.0.tsv", "a\tb\n1\t2\n")
    assert imports.current() == {}


@pytest.mark.parametrize("end", ["AARS1", "AD"])
def test_a_validity_table_that_was_cut_short_replaces_nothing(
    bring: Import, imports: Imports, end: str
) -> None:
    """Cut within quotes, and after the quotes of a column."""
    name, text = FILES["clingen-validity"]
    bring("clingen-validity", name, text)
    row = text.splitlines()[-1]
    last = {"AARS1": row[: row.index("AARS1") + 3], "AD": row[: row.index(',"AD"')]}[end]
    newer = (text + last).replace("2026-10-30", "2026-11-30")
    with pytest.raises(InvalidInput, match=r"whole table|cut short"):
        bring("clingen-validity", "Clingen-Gene-Disease-Summary-2026-11-30.csv", newer)
    assert imports.current()["clingen-validity"].release == "2026-10-30"


@pytest.mark.parametrize("source", ["clingen-dosage", "clingen-validity"])
def test_a_table_without_a_date_needs_a_release(bring: Import, source: str) -> None:
    name, text = FILES[source]
    undated = text.replace("#30 Oct,2026\n", "").replace("FILE CREATED: 2026-10-30", "")
    with pytest.raises(InvalidInput, match="--release"):
        bring(source, name, undated)
    assert bring(source, name, undated, release="2026-10").release == "2026-10"


@pytest.mark.parametrize(
    ("name", "text", "limit"),
    [
        ("gnomad.v2.1.1.lof_metrics.by_gene.txt.bgz", CONSTRAINT_V2, 0.35),
        ("gnomad.v4.1.constraint_metrics.tsv", CONSTRAINT_V4, 0.6),
    ],
    ids=["v2.1.1", "v4.1"],
)
def test_each_release_of_constraint_has_its_own_limit(
    bring: Import, imports: Imports, tmp_path: Path, name: str, text: str, limit: float
) -> None:
    """gnomAD: LOEUF below 0.35 in v2.1.1, below 0.6 in v4."""
    found = bring("gnomad-constraint", name, text)
    folders = {"gnomad-constraint": imports.path("gnomad-constraint", found.release)}
    source_tables.overlay(open_shipped(None).artifact / "tables", folders, tmp_path / "tables")
    diseases.build(tmp_path / "tables", tmp_path / "diseases")
    gene = diseases.load(tmp_path / "diseases").gene("AARS1")
    assert gene is not None
    assert gene.loeuf_limit == limit


def test_imported_tables_stand_for_shipped_ones(bring: Import, imports: Imports, tmp_path: Path) -> None:
    for source, (name, text) in FILES.items():
        bring(source, name, text)
    folders = {name: imports.path(name, found.release) for name, found in imports.current().items()}
    shipped = open_shipped(None)
    source_tables.overlay(shipped.artifact / "tables", folders, tmp_path / "tables")
    diseases.build(tmp_path / "tables", tmp_path / "diseases")
    known = diseases.load(tmp_path / "diseases")

    gene = known.gene("AARS1")
    assert isinstance(gene, GeneKnowledge)
    assert (gene.haploinsufficiency, gene.pli, gene.loeuf) == (3, 0.999, 0.21)
    said = {
        pair.mondo: (pair.validity, pair.inheritance, pair.source) for pair in gene.diseases if pair.validity
    }
    assert said == {
        "MONDO:0013212": ("Limited", Inheritance.DOMINANT, "ClinGen gene-disease validity 2026-10-30"),
        "MONDO:9999991": ("Strong", Inheritance.RECESSIVE, "GenCC 2026-10-01, A laboratory"),
        "MONDO:9999992": ("Disputed", Inheritance.RECESSIVE, "GenCC 2026-10-01, Another"),
    }
    assert known.mondo_of("OMIM:613287") == ("MONDO:0013212", "Charcot-Marie-Tooth disease axonal type 2N")
    other = known.gene("TTN")
    assert other is not None
    assert (other.haploinsufficiency, other.pli) == (None, None), "the new releases have no figure of it"
    assert other.secondary, "tables that no import replaces stay"


def test_shipped_tables_are_complete_for_what_is_compiled_from_them(tmp_path: Path) -> None:
    shipped = open_shipped(None)
    diseases.build(shipped.part("tables"), tmp_path / "diseases")
    assert (tmp_path / "diseases").read_bytes() == (shipped.artifact / "diseases").read_bytes()

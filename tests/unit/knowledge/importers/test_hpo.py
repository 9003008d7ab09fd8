"""HPO as it publishes, compiled to the ontology that cases are ranked with."""

import json
from pathlib import Path

import pytest

from service.errors import InvalidInput
from service.knowledge import ontology, source_tables
from service.knowledge.importers.registry import source_named
from service.knowledge.importers.run import import_source
from service.knowledge.imports import ImportedRelease, Imports
from service.knowledge.repository import open_shipped
from service.knowledge.tables import read_table

OBO = """format-version: 1.2
data-version: hp/releases/2026-10-01

[Term]
id: HP:0000001
name: All

[Term]
id: HP:0000118
name: Phenotypic abnormality
is_a: HP:0000001 ! All

[Term]
id: HP:0000707
name: Abnormality of the nervous system
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0001250
name: Seizure
alt_id: HP:0001275
is_a: HP:0000707 ! Abnormality of the nervous system

[Term]
id: HP:0002197
name: obsolete Generalized-onset seizure
is_obsolete: true
replaced_by: HP:0001250

[Term]
id: HP:0000006
name: Autosomal dominant inheritance
is_a: HP:0000001 ! All
"""
_BASE = "http://purl.obolibrary.org/obo/HP_"
GRAPH = {
    "graphs": [
        {
            "meta": {"version": "http://purl.obolibrary.org/obo/hp/releases/2026-10-01/hp.json"},
            "nodes": [
                *(
                    {"id": f"{_BASE}{number}", "lbl": label}
                    for number, label in (
                        ("0000001", "All"),
                        ("0000118", "Phenotypic abnormality"),
                        ("0000707", "Abnormality of the nervous system"),
                        ("0000006", "Autosomal dominant inheritance"),
                    )
                ),
                {
                    "id": f"{_BASE}0001250",
                    "lbl": "Seizure",
                    "meta": {
                        "basicPropertyValues": [
                            {
                                "pred": "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId",
                                "val": "HP:0001275",
                            }
                        ]
                    },
                },
                {
                    "id": f"{_BASE}0002197",
                    "lbl": "obsolete Generalized-onset seizure",
                    "meta": {
                        "deprecated": True,
                        "basicPropertyValues": [
                            {"pred": "http://purl.obolibrary.org/obo/IAO_0100001", "val": f"{_BASE}0001250"}
                        ],
                    },
                },
            ],
            "edges": [
                {"sub": _BASE + below, "pred": "is_a", "obj": _BASE + above}
                for below, above in (
                    ("0000118", "0000001"),
                    ("0000707", "0000118"),
                    ("0001250", "0000707"),
                    ("0000006", "0000001"),
                )
            ],
        }
    ]
}
HPOA = (
    '#description: "HPO annotations for rare diseases"\n#version: 2026-10-01\n'
    "database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\t"
    "aspect\tbiocuration\n"
    "OMIM:619340\tEpilepsy, made up\t\tHP:0001250\tPMID:31675180\tPCS\t\t1/2\t\t\tP\tHPO:probinson[2021]\n"
    "OMIM:619340\tEpilepsy, made up\t\tHP:0001250\tPMID:2\tPCS\t\t20-30%\t\t\tP\tHPO:x[2021]\n"
    "OMIM:619340\tEpilepsy, made up\tNOT\tHP:0000707\tPMID:2\tPCS\t\t\t\t\tP\tHPO:x[2021]\n"
    "OMIM:619340\tEpilepsy, made up\t\tHP:0000006\tPMID:2\tPCS\t\t\t\t\tI\tHPO:x[2021]\n"
    "OMIM:619340\tEpilepsy, made up\t\tHP:0003577\tPMID:2\tPCS\t\t\t\t\tC\tHPO:x[2021]\n"
    "DECIPHER:1\tOther\t\tHP:0001250\tDECIPHER:1\tIEA\t\t\t\t\tP\tHPO:x[2021]\n"
)
GENES = (
    "ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id\n"
    "10\tNAT2\tHP:0001250\tSeizure\t-\tOMIM:619340\n10\t-\tHP:0001250\tSeizure\t-\tOMIM:1\n"
)


def bring(folder: Path, imports: Imports, ontology_file: tuple[str, str]) -> ImportedRelease:
    (folder / "hpo").mkdir()
    for name, text in (ontology_file, ("phenotype.hpoa", HPOA), ("genes_to_phenotype.txt", GENES)):
        (folder / "hpo" / name).write_text(text, "utf-8")
    return import_source(source_named("hpo"), str(folder / "hpo"), imports, lambda _: None).release


@pytest.mark.parametrize(
    "ontology_file", [("hp.obo", OBO), ("hp.json", json.dumps(GRAPH))], ids=["obo", "json"]
)
def test_tables(tmp_path: Path, imports: Imports, ontology_file: tuple[str, str]) -> None:
    found = bring(tmp_path, imports, ontology_file)
    assert (found.release, found.rows) == (
        "2026-10-01", {"terms": 6, "annotations": 3, "diseases": 1, "gene pairs": 1}
    )  # fmt: skip
    assert found.left_out == {
        "annotations of other catalogues than OMIM and ORPHA": 1,
        "frequencies that are no share": 1,
    }
    folder = imports.path("hpo", found.release)
    terms = {row["term"]: row for row in read_table(folder / "hpo_terms.tsv.zst")}
    assert (terms["0001250"]["label"], terms["0001250"]["parents"]) == ("Seizure", "0000707")
    assert (terms["0002197"]["obsolete"], terms["0002197"]["replaced_by"]) == ("1", "0001250")
    assert list(read_table(folder / "hpo_alternatives.tsv.zst")) == [
        {"alternative": "0001275", "term": "0001250"}
    ]
    rows = [tuple(row.values()) for row in read_table(folder / "hpo_annotations.tsv.zst")]
    assert rows == [
        ("OMIM:619340", "0000006", "I", "", "2"),
        ("OMIM:619340", "0000707", "N", "", "2"),
        ("OMIM:619340", "0001250", "P", "1/2", "2|31675180"),
    ]
    assert [tuple(r.values()) for r in read_table(folder / "hpo_gene_disease.tsv.zst")] == [
        ("NAT2", "OMIM:619340")
    ]


def test_the_ontology_is_compiled_from_them(tmp_path: Path, imports: Imports) -> None:
    found = bring(tmp_path, imports, ("hp.obo", OBO))
    shipped = open_shipped(None).artifact
    source_tables.overlay(
        shipped / "tables", {"hpo": imports.path("hpo", found.release)}, tmp_path / "tables"
    )
    (tmp_path / "transcripts").symlink_to(shipped / "transcripts")
    counts = ontology.build(tmp_path / "tables", tmp_path / "ontology")
    assert {name: counts[name] for name in ("terms", "diseases", "genes")} == {
        "terms": 5,
        "diseases": 1,
        "genes": 1,
    }
    known = ontology.load(tmp_path / "ontology")
    assert known.version == "2026-10-01"
    assert list(known.term_numbers) == [1, 6, 118, 707, 1250]
    assert {known.term_numbers[a] for a in known.ancestors[4]} == {1, 118, 707, 1250}
    assert dict(zip(known.retired, known.replacements, strict=True)) == {1275: 1250, 2197: 1250}
    at = [known.disease_ids[n] for n in range(len(known.disease_ids))].index("OMIM:619340")
    assert (known.disease_labels[at], known.inheritance[at], known.genes[0]) == (
        "Epilepsy, made up",
        "AD",
        "NAT2",
    )


def test_another_ontology_is_refused(tmp_path: Path, imports: Imports) -> None:
    with pytest.raises(InvalidInput, match="HP:0000118"):
        bring(tmp_path, imports, ("hp.obo", "[Term]\nid: HP:0000001\nname: All\n"))

"""The part `tables`: gene, disease and phenotype tables as content has them; an import replaces one.

It is laid out like the content folder. The parts that are compiled from these tables (`diseases`, `ontology`)
are compiled in the same way from the shipped ones and from ones in which imported tables stand for shipped.
"""

import json
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

from service.errors import KnowledgeError
from service.knowledge.gene_names import read_gene_names
from service.knowledge.tables import read_table, write_table

FOLDERS = ("raredisease", "terminology")
# Compiled as parts of their own.
ELSEWHERE = frozenset({"clinvar.tsv.zst"})
GENES = "raredisease/genes.tsv.zst"
HGNC = "raredisease/hgnc.tsv.zst"
DATES = "dates.json"
# Imported source -> (file that its importer wrote, place in this layout). Dosage and constraint share one.
REPLACED = {
    "clingen-validity": (("validity.tsv.zst", "raredisease/validity.tsv.zst"),),
    "gencc": (("gencc.tsv.zst", "raredisease/gencc.tsv.zst"),),
    "mondo": (("mondo.tsv.zst", "terminology/mondo.tsv.zst"),),
    "hpo": tuple(
        (name, f"terminology/{name}")
        for name in (
            "hpo_terms.tsv.zst",
            "hpo_annotations.tsv.zst",
            "hpo_diseases.tsv.zst",
            "hpo_gene_disease.tsv.zst",
            "hpo_alternatives.tsv.zst",
        )
    ),
}
# Imported source -> upstreams of RELEASE.toml whose dates it replaces, beside that of its own name.
_UPSTREAMS = {"hpo": ("hpo-annotations",)}
_GENE_COLUMNS = ("gene", "haploinsufficiency", "date", "location", "pli", "loeuf")


def build(content: Path, out: Path) -> dict[str, int]:
    """Copy the tables, with HGNC ids by symbol and the dates of the upstreams; their number."""
    count = 0
    for folder in FOLDERS:
        (out / folder).mkdir(parents=True)
        for table in sorted((content / folder).glob("*.tsv*")):
            if table.name not in ELSEWHERE:
                shutil.copyfile(table, out / folder / table.name)
                count += 1
    write_table(out / HGNC, ("gene", "hgnc"), sorted(hgnc_ids(content).items()))
    (out / DATES).write_text(json.dumps(dates(content)), "utf-8")
    return {"tables": count}


def load(path: Path) -> Path:
    """The folder itself: its tables are read by compilers, not by the running service."""
    if not (path / DATES).is_file():
        raise KnowledgeError("the source tables are missing; run `genomeward kb build`", where=path.name)
    return path


def overlay(shipped: Path, imported: Mapping[str, Path], out: Path) -> dict[str, int]:
    """The shipped tables with those of imported releases in their stead; how many were replaced.

    `imported` holds the folders of releases by source.
    """
    shutil.copytree(shipped, out)
    replaced = 0
    for source, pairs in REPLACED.items():
        for written, place in pairs if source in imported else ():
            shutil.copyfile(imported[source] / written, out / place)
            replaced += 1
    if {"clingen-dosage", "gnomad-constraint"} & imported.keys():
        replaced += _merge_genes(imported, out / GENES)
    if "transcripts" in imported:
        fresh = {row["gene"]: row["hgnc"] for row in read_table(imported["transcripts"] / "hgnc.tsv")}
        write_table(out / HGNC, ("gene", "hgnc"), sorted((hgnc_ids(shipped) | fresh).items()))
        replaced += 1
    known = dates(shipped)
    for source, folder in imported.items():
        release = json.loads((folder / "import.json").read_bytes())
        for upstream in (source, *_UPSTREAMS.get(source, ())):
            known[upstream] = release["date"] or release["release"]
    (out / DATES).write_text(json.dumps(known), "utf-8")
    return {"tables": sum(1 for _ in out.rglob("*.tsv*")), "replaced": replaced}


def _merge_genes(imported: Mapping[str, Path], table: Path) -> int:
    rows = {row["gene"]: row for row in read_table(table)}
    for source, name in (("clingen-dosage", "dosage.tsv"), ("gnomad-constraint", "constraint.tsv")):
        if source not in imported:
            continue
        fresh = {row["gene"]: row for row in read_table(imported[source] / name)}
        columns = [column for column in next(iter(fresh.values())) if column != "gene"]
        for row in rows.values():  # a gene that the new release does not have, has no figure of it
            row |= dict.fromkeys(columns, "")
        for gene, cells in fresh.items():
            rows[gene] = rows.get(gene, dict.fromkeys(_GENE_COLUMNS, "")) | cells
    write_table(table, _GENE_COLUMNS, ([rows[gene][c] for c in _GENE_COLUMNS] for gene in sorted(rows)))
    return 1


def dates(content: Path) -> dict[str, str]:
    """The date of every upstream, of content or of this part."""
    if (content / DATES).is_file():
        found: dict[str, str] = json.loads((content / DATES).read_bytes())
        return found
    try:
        upstreams = tomllib.loads((content / "RELEASE.toml").read_text("utf-8")).get("upstream", {})
    except OSError as error:
        raise KnowledgeError(
            f"cannot read the release file: {error.strerror}", where="RELEASE.toml"
        ) from error
    return {name: str(row["date"]) for name, row in upstreams.items()}


def hgnc_ids(content: Path) -> dict[str, str]:
    """HGNC id by symbol."""
    if (content / HGNC).is_file():
        return {row["gene"]: row["hgnc"] for row in read_table(content / HGNC)}
    panel = read_table(content / "raredisease" / "carrier_genes.tsv")
    return {r["gene"]: r["hgnc"] for r in panel if r["hgnc"]} | read_gene_names(content / "transcripts").hgnc

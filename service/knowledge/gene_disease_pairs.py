"""Pairs of gene and disease: those that ClinGen and GenCC curated, then those of HPO's catalogue."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from service.domain.gene import GeneDisease, Inheritance
from service.knowledge.source_tables import dates
from service.knowledge.tables import read_table

_MODES = {"HP:0000006": "AD", "HP:0000007": "AR", "HP:0001417": "XL", "HP:0001419": "XL", "HP:0001423": "XL",
          "HP:0032113": "SD", "HP:0001427": "MT"}  # fmt: skip
_X_LINKED_TERMS = ("HP:0001419", "HP:0001423")  # recessive, dominant


def read_pairs(content: Path, mondo_by_catalogue: Mapping[str, str]) -> dict[str, list[GeneDisease]]:
    """Pairs by gene: curations first; then catalogue pairs whose disease no curation of the gene names."""
    pairs: dict[str, list[GeneDisease]] = defaultdict(list)
    for pair in _curated(content):
        pairs[pair.gene].append(pair)
    catalogue = f"HPO genes_to_phenotype {dates(content)['hpo-annotations']}"
    terminology = content / "terminology"
    names = {row["disease"]: row["name"] for row in read_table(terminology / "hpo_diseases.tsv.zst")}
    modes: dict[str, set[str]] = defaultdict(set)
    narrower: dict[str, set[str]] = defaultdict(set)
    for row in read_table(terminology / "hpo_annotations.tsv.zst"):
        term = f"HP:{row['term']}"
        if row["aspect"] == "I" and (mode_name := _MODES.get(term)):
            modes[row["disease"]].add(mode_name)
            if term in _X_LINKED_TERMS:
                narrower[row["disease"]].add(term)
                narrower[mondo_by_catalogue.get(row["disease"], "")].add(term)
    by_mondo: dict[str, set[str]] = defaultdict(set)
    for disease, found in modes.items():
        by_mondo[mondo_by_catalogue.get(disease, "")] |= found
    founders = _founder_modes(content)
    for gene, curated in pairs.items():
        pairs[gene] = [
            replace(
                pair,
                inheritance_term=_only(narrower, pair.mondo),
                recessive_alone=pair.inheritance is Inheritance.SEMIDOMINANT
                and (by_mondo.get(pair.mondo or "-") or founders.get((gene, pair.disease.lower()))) == {"AR"},
            )
            for pair in curated
        ]
    for row in read_table(terminology / "hpo_gene_disease.tsv.zst"):
        gene, disease = row["gene"], row["disease"]
        mondo = mondo_by_catalogue.get(disease)
        if disease not in names or (mondo and any(d.mondo == mondo for d in pairs[gene])):
            continue
        found = modes[disease]
        mode = Inheritance(next(iter(found))) if len(found) == 1 else Inheritance.UNDETERMINED
        pairs[gene].append(
            GeneDisease(
                gene, names[disease], mondo, mode, None, None, catalogue, catalogue_id=disease,
                inheritance_term=_only(narrower, disease),
            )
        )  # fmt: skip
    return dict(pairs)


def _founder_modes(content: Path) -> dict[tuple[str, str], set[str]]:
    """Modes of gene and disease (lower case) in the founder table; HPO annotates few groups of diseases."""
    modes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in read_table(content / "raredisease" / "founder_variants.tsv"):
        modes[row["gene"], row["disease"].lower()].add(row["inheritance"])
    return modes


def _curated(content: Path) -> Iterator[GeneDisease]:
    """ClinGen's curations, and GenCC's where imported, of pairs that ClinGen has not curated."""
    known = set()
    dated = dates(content)
    for source, title, name in (
        ("clingen-validity", "ClinGen gene-disease validity", "validity.tsv.zst"),
        ("gencc", "GenCC", "gencc.tsv.zst"),
    ):
        table = content / "raredisease" / name
        rows = list(read_table(table)) if source == "clingen-validity" or table.is_file() else []
        for row in rows:
            if (row["gene"], row["mondo"]) not in known:
                mode = Inheritance(row["inheritance"] or "UD")
                label = f"{title} {dated[source]}" + (f", {row['panel']}" if source == "gencc" else "")
                # A term that MONDO withdrew stays what was curated; its label is not for readers.
                disease = row["disease"].removeprefix("obsolete ")
                yield GeneDisease(
                    row["gene"], disease, row["mondo"], mode, row["validity"], row["date"], label,
                    row["hgnc"],
                )  # fmt: skip
        known |= {(row["gene"], row["mondo"]) for row in rows}


def _only(terms: dict[str, set[str]], disease: str | None) -> str | None:
    """The one narrower term of an X-linked disease; None when there is none or several."""
    found = terms.get(disease or "-", set())
    return next(iter(found)) if len(found) == 1 else None

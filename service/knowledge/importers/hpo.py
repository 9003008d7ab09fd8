"""Import HPO: terms of `hp.obo` or `hp.json`, and the annotations that are published with them.

Layouts: https://hpo.jax.org/data/annotation-format (`phenotype.hpoa`, `genes_to_phenotype.txt`).
"""

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from service.errors import InvalidInput
from service.knowledge.importers.obo import read_ontology
from service.knowledge.importers.reading import read_text, rows_of, tabbed
from service.knowledge.importers.registry import Context, Outcome
from service.knowledge.tables import write_table

_ANNOTATION = ("database_id", "disease_name", "qualifier", "hpo_id", "reference", "frequency", "aspect")
_FREQUENCY = re.compile(r"\d+/[1-9]\d*|\d+(?:\.\d+)?%|HP:\d{7}")
_CATALOGUES = ("OMIM:", "ORPHA:")
# Phenotypic abnormality: without it these are not HPO's terms.
_ABNORMALITY = "0000118"


def run(files: dict[str, Path], out: Path, context: Context) -> Outcome:
    """Write the tables that the ontology is compiled from. Raises InvalidInput for another layout."""
    ontology, annotations, genes = files.values()
    version, terms = read_ontology(ontology, "HP", context.advance)
    if _ABNORMALITY not in {term.identifier for term in terms}:
        raise InvalidInput(f"has no HP:{_ABNORMALITY}", where=ontology.name)
    stated, rows, names, left_out = _annotations(annotations, context.advance)
    pairs = _gene_pairs(genes, context.advance)
    release = context.release or stated or version
    if release is None:
        raise InvalidInput("does not say its version; name it with --release", where=annotations.name)
    counts = {
        "terms": write_table(
            out / "hpo_terms.tsv.zst",
            ("term", "label", "parents", "obsolete", "replaced_by"),
            [
                (t.identifier, t.label, "|".join(t.parents), "1" if t.obsolete else "", t.replaced_by)
                for t in terms
            ],
        ),
        "annotations": write_table(
            out / "hpo_annotations.tsv.zst", ("disease", "term", "aspect", "frequency", "pmids"), rows
        ),
        "diseases": write_table(out / "hpo_diseases.tsv.zst", ("disease", "name"), sorted(names.items())),
        "gene pairs": write_table(out / "hpo_gene_disease.tsv.zst", ("gene", "disease"), sorted(pairs)),
    }
    alternatives = sorted((number, term.identifier) for term in terms for number in term.alternatives)
    write_table(out / "hpo_alternatives.tsv.zst", ("alternative", "term"), alternatives)
    return Outcome(release, release[:10], counts, left_out)


def _annotations(
    file: Path, advance: Callable[[int], None]
) -> tuple[str | None, list[tuple[str, ...]], dict[str, str], dict[str, int]]:
    """Version, rows by disease, term and aspect (N: denied), disease names, and what was left out."""
    version: str | None = None
    found: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    names: dict[str, str] = {}
    left_out: dict[str, int] = defaultdict(int)
    lines = read_text(file, advance)
    header: list[str] = []
    for line in lines:
        if dated := re.match(r"#(?:version|date): ?(\d{4}-\d\d-\d\d)", line):
            version = dated[1]
        if not line.startswith("#"):
            header = line.split("\t")
            break
    for row in rows_of(tabbed(lines), header, _ANNOTATION, file.name):
        disease, number = row["database_id"], row["hpo_id"].removeprefix("HP:")
        if not disease.startswith(_CATALOGUES):
            left_out["annotations of other catalogues than OMIM and ORPHA"] += 1
            continue
        names[disease] = row["disease_name"]
        if row["aspect"] not in ("P", "I"):
            continue
        frequency = row["frequency"]
        if frequency and not _FREQUENCY.fullmatch(frequency):
            left_out["frequencies that are no share"] += 1
            frequency = ""
        aspect = "N" if row["qualifier"] == "NOT" else row["aspect"]
        found[disease, number, aspect].append((frequency, row["reference"]))
    rows: list[tuple[str, ...]] = []
    for (disease, number, aspect), seen in sorted(found.items()):
        pmids = sorted({m for _, text in seen for m in re.findall(r"PMID:\s*(\d+)", text)}, key=int)
        frequencies = "|".join(frequency for frequency, _ in seen if frequency)
        rows.append((disease, number, aspect, frequencies, "|".join(pmids)))
    return version, rows, names, dict(left_out)


def _gene_pairs(file: Path, advance: Callable[[int], None]) -> set[tuple[str, str]]:
    lines = read_text(file, advance)
    header = next(lines, "").lstrip("#").split("\t")
    rows = rows_of(tabbed(lines), header, ("gene_symbol", "disease_id"), file.name)
    return {(row["gene_symbol"], row["disease_id"]) for row in rows if row["gene_symbol"] not in ("", "-")}

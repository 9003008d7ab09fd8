"""HPO terms and disease annotations, compiled to memory-mapped columns.

The ontology, and annotations up to its release, come from the package hpo3; references, frequencies and gene
pairs come from `terminology/`. An Orphanet entry that MONDO equates with one OMIM entry is folded into it.
"""

from array import array
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from service.domain.ontology import Lists, PhenotypeOntology, Texts
from service.knowledge.columns import ColumnFile, Columns
from service.knowledge.disease_equivalents import equivalences, fold, groups_of, unannotated
from service.knowledge.disease_families import expected_terms
from service.knowledge.phenotype_annotations import share_or_unstated
from service.knowledge.phenotype_sources import read_annotations
from service.knowledge.tables import read_table
from service.knowledge.term_evidence import diseases_with, explanations, information_content, patients_with

_Numbers: TypeAlias = "array[int] | array[float]"


def build(content: Path, out: Path) -> dict[str, int]:
    """Compile ontology and annotations into the folder `out`. Returns counts."""
    source = read_annotations(content)
    terms = list(read_table(content / "terminology" / "mondo.tsv.zst"))
    mondo, folded = equivalences(terms, source)
    equivalents = fold(source, folded)
    own = {
        d: {t: share_or_unstated(s) for t, s in sorted(f.items())} for d, f in source.annotated.items() if f
    }
    listed = unannotated(terms, source, own, mondo)
    groups = groups_of(terms, mondo)
    expected = expected_terms(own, {d: source.names[d] for d in (*own, *listed)}, groups)
    diseases = sorted({*own, *(d for d in listed if d in expected)})
    profiles = [own.get(d, {}) for d in diseases]
    inferred = [
        {t: s for t, s in sorted(expected.get(d, {}).items()) if t not in profile}
        for d, profile in zip(diseases, profiles, strict=True)
    ]
    information = information_content(source.ancestors, patients_with(source.ancestors, profiles))
    genes = sorted({g for disease in diseases for g in source.genes[disease]})
    gene_number = {gene: n for n, gene in enumerate(genes)}
    hgnc = _hgnc(out.parent / "transcripts")
    retired = sorted(source.retired)
    replaced = [source.current(n) for n in retired]
    explaining, evidence = explanations(source.ancestors, profiles, inferred, information)
    numbers: dict[str, _Numbers] = {
        "term_numbers": array("i", source.number_of),
        "information": array("f", information),
        "abnormalities": array("i", [source.is_abnormality(t) for t in range(len(source.number_of))]),
        "retired": array("i", retired),
        "replacements": array("i", [-1 if i is None else source.number_of[i] for i in replaced]),
        "frequencies": array("f", [share for profile in profiles for share in profile.values()]),
        "inferred_frequencies": array("f", [share for profile in inferred for share in profile.values()]),
        "evidence": evidence,
    }
    lists = {
        "ancestors": [sorted(a, key=lambda t: (information[t], t)) for a in source.ancestors],
        "annotations": [list(profile) for profile in profiles],
        "inferred": [list(profile) for profile in inferred],
        "absent": [sorted(source.denied[d]) for d in diseases],
        "postings": [sorted(found) for found in diseases_with(source.ancestors, profiles)],
        "explaining": explaining,
        "disease_genes": [sorted(gene_number[g] for g in source.genes[d]) for d in diseases],
    }
    texts = {
        "term_labels": source.labels,
        "disease_ids": diseases,
        "disease_labels": [source.names[d] for d in diseases],
        "disease_mondo": [mondo.get(d, "") for d in diseases],
        "equivalents": ["|".join(equivalents.get(d, ())) for d in diseases],
        "inheritance": ["|".join(sorted(source.modes[d])) for d in diseases],
        "genes": genes,
        "gene_hgnc": [hgnc.get(gene, "") for gene in genes],
    }
    with ColumnFile(out, {"version": source.version}) as file:
        for name, column in numbers.items():
            file.numbers(name, column.typecode, np.asarray(column))
        for name, rows in lists.items():
            file.lists(name, rows)
        for name, values in texts.items():
            file.texts(name, values)
    return {
        "terms": len(source.number_of),
        "diseases": len(own),
        "diseases known by relatives alone": len(diseases) - len(own),
        "genes": len(genes),
    }


def _hgnc(transcripts: Path) -> dict[str, str]:
    """HGNC ids by symbol, from the compiled transcript models; empty where these are not built."""
    if not transcripts.exists():
        return {}
    rows = (line.split("\t") for line in (transcripts / "models.tsv").read_text("utf-8").splitlines())
    return {cells[3]: cells[4] for cells in rows if cells[4]}


def load(path: Path) -> PhenotypeOntology:
    """The compiled ontology at `path`, memory-mapped. Raises KnowledgeError when it is missing or damaged."""
    columns = Columns(path)
    read: dict[object, Callable[[str], object]] = {Texts: columns.texts, Lists: columns.lists}
    found: dict[str, Any] = {
        item.name: read.get(item.type, columns.numbers)(item.name)
        for item in fields(PhenotypeOntology)
        if item.name != "version"
    }
    return PhenotypeOntology(columns.facts["version"], **found)

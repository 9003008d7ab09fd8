"""Reading what HPO publishes: the package hpo3 or an imported release, and the tables of `terminology/`."""

from pathlib import Path

from service.knowledge.phenotype_annotations import PhenotypeAnnotations, share_of_patients
from service.knowledge.source_tables import dates
from service.knowledge.tables import read_table

# What stands for the symbol of an entry that has none; several entries share it.
NAMELESS = ("", "-")


def read_annotations(content: Path) -> PhenotypeAnnotations:
    """Terms and annotations of content: an imported release where there is one, else the package's."""
    imported = content / "terminology" / "hpo_terms.tsv.zst"
    source = _read_terms(content, imported) if imported.is_file() else _read_package()
    _read_tables(content / "terminology", source)
    _infer_genes(source)
    return source


def _read_package() -> PhenotypeAnnotations:
    from pyhpo import Ontology  # the import name of the package hpo3

    Ontology()
    source = PhenotypeAnnotations(str(Ontology.version()))
    current = {}
    for term in Ontology:
        number = int(term)
        if term.is_obsolete:
            source.retired[number] = int(term.replaced_by[3:]) if term.replaced_by else None
        else:
            current[number] = term
    source.number_of = sorted(current)
    source.index_of = {number: index for index, number in enumerate(source.number_of)}
    source.labels = [current[n].name for n in source.number_of]
    for index, number in enumerate(source.number_of):
        parents = {source.index_of[int(p)] for p in current[number].all_parents if int(p) in source.index_of}
        source.ancestors.append(sorted(parents | {index}))
    for prefix, width, entries in (
        ("OMIM:", 6, Ontology.omim_diseases),
        ("ORPHA:", 0, Ontology.orpha_diseases),
    ):
        for entry in entries:
            disease = f"{prefix}{entry.id:0{width}d}"
            source.names[disease] = entry.name
            for number in map(int, entry.hpo):
                source.annotate(disease, number)
    for gene in Ontology.genes:
        if gene.name not in NAMELESS:
            source.genes[f"gene {gene.name}"] = {str(int(n)) for n in gene.hpo}
    return source


def _read_terms(content: Path, table: Path) -> PhenotypeAnnotations:
    """Terms of an imported release, in place of the package's; its annotations are in the other tables."""
    source = PhenotypeAnnotations(dates(content)["hpo"])
    parents: dict[int, list[int]] = {}
    for row in read_table(table):
        number = int(row["term"])
        if row["obsolete"]:
            source.retired[number] = int(row["replaced_by"]) if row["replaced_by"] else None
        else:
            parents[number] = [int(p) for p in row["parents"].split("|") if p]
            source.names[f"HP:{number}"] = row["label"]
    source.number_of = sorted(parents)
    source.index_of = {number: index for index, number in enumerate(source.number_of)}
    source.labels = [source.names.pop(f"HP:{number}") for number in source.number_of]
    above: dict[int, set[int]] = {}

    def ancestors(number: int) -> set[int]:
        if number not in above:
            own = {source.index_of[number]}
            above[number] = own.union(*(ancestors(p) for p in parents[number] if p in parents))
        return above[number]

    source.ancestors = [sorted(ancestors(number)) for number in source.number_of]
    return source


def _read_tables(folder: Path, source: PhenotypeAnnotations) -> None:
    for row in read_table(folder / "hpo_alternatives.tsv.zst"):
        if int(row["alternative"]) not in source.index_of:
            source.retired.setdefault(int(row["alternative"]), int(row["term"]))
    for row in read_table(folder / "hpo_diseases.tsv.zst"):
        source.names.setdefault(row["disease"], row["name"])
    for row in read_table(folder / "hpo_annotations.tsv.zst"):
        if row["aspect"] == "N":
            term = source.current(int(row["term"]))
            if term is not None:
                source.denied[row["disease"]].add(term)
        else:
            source.annotate(row["disease"], int(row["term"]), share_of_patients(row["frequency"]))
    for row in read_table(folder / "hpo_gene_disease.tsv.zst"):
        if row["gene"] not in NAMELESS:
            source.genes[row["disease"]].add(row["gene"])


def _infer_genes(source: PhenotypeAnnotations) -> None:
    """Genes of diseases that the gene table is too old for: the one gene that carries all of its terms."""
    terms_of = {
        key[5:]: {i for n in found if (i := source.current(int(n))) is not None}
        for key, found in source.genes.items()
        if key.startswith("gene ")
    }
    for gene in terms_of:
        del source.genes[f"gene {gene}"]
    for disease, terms in source.annotated.items():
        if len(terms) >= 5 and not source.genes.get(disease):
            carrying = [gene for gene, carried in terms_of.items() if terms.keys() <= carried]
            if len(carrying) == 1:
                source.genes[disease].add(carrying[0])

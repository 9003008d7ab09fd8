"""HPO terms and disease annotations, compiled to memory-mapped columns.

The ontology, and annotations up to its release, come from the package hpo3; references, frequencies and gene
pairs come from `terminology/`. An Orphanet entry that MONDO equates with one OMIM entry is folded into it.
"""

import math
import mmap
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from service.domain.ontology import Lists, PhenotypeOntology, Texts
from service.errors import KnowledgeError
from service.knowledge.tables import read_table

PHENOTYPIC_ABNORMALITY = 118
_MODES = {6: "AD", 7: "AR", 1417: "XL", 1419: "XL", 1423: "XL", 32113: "SD", 1427: "MT"}

# Numbers, lists of numbers or texts: what a column holds.
_Column: TypeAlias = "array[int] | array[float] | Sequence[Sequence[int]] | Sequence[str]"


@dataclass(slots=True)
class _Source:
    """Terms and annotations under collection. Terms by index; `number_of` the HPO number of an index."""

    version: str
    number_of: list[int] = field(default_factory=list)
    index_of: dict[int, int] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    ancestors: list[list[int]] = field(default_factory=list)
    retired: dict[int, int | None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    annotated: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    denied: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    modes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    genes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def current(self, number: int) -> int | None:
        """Index of a term, following replacements; None when nothing replaces it."""
        for _ in range(5):
            if number in self.index_of:
                return self.index_of[number]
            replacement = self.retired.get(number)
            if replacement is None:
                return None
            number = replacement
        return None


def build(content: Path, out: Path) -> dict[str, int]:
    """Compile ontology and annotations into the folder `out`. Returns counts."""
    source = _read_package()
    _read_tables(content / "terminology", source)
    _infer_genes(source)
    diseases = sorted(d for d, terms in source.annotated.items() if terms)
    number = {disease: n for n, disease in enumerate(diseases)}
    mondo, folded = _equivalences(content, number)
    postings: list[set[int]] = [set() for _ in source.number_of]
    for disease, terms in source.annotated.items():
        for term in {a for t in terms for a in source.ancestors[t]}:
            postings[term].add(number[disease])
    information = _information(source, [len(p) for p in postings], len(diseases))
    genes = sorted({g for found in source.genes.values() for g in found})
    gene_number = {gene: n for n, gene in enumerate(genes)}
    retired = sorted(source.retired)
    replaced = [source.current(n) for n in retired]
    columns: dict[str, _Column] = {
        "term_numbers": array("i", source.number_of),
        "term_labels": source.labels,
        "information": array("f", information),
        "ancestors": [sorted(a, key=lambda t: (information[t], t)) for a in source.ancestors],
        "retired": array("i", retired),
        "replacements": array("i", [-1 if i is None else source.number_of[i] for i in replaced]),
        "disease_ids": diseases,
        "disease_labels": [source.names[d] for d in diseases],
        "disease_mondo": [mondo.get(d, "") for d in diseases],
        "folded_into": array("i", [folded.get(n, n) for n in range(len(diseases))]),
        "inheritance": ["|".join(sorted(source.modes[d])) for d in diseases],
        "annotations": [sorted(source.annotated[d]) for d in diseases],
        "absent": [sorted(source.denied[d]) for d in diseases],
        "postings": [sorted(p) for p in postings],
        "genes": genes,
        "disease_genes": [sorted(gene_number[g] for g in source.genes[d]) for d in diseases],
    }
    _write(source.version, columns, out)
    return {"terms": len(source.number_of), "diseases": len(diseases), "genes": len(genes)}


def _read_package() -> _Source:
    from pyhpo import Ontology  # the import name of the package hpo3

    Ontology()
    source = _Source(str(Ontology.version()))
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
                _annotate(source, disease, number)
    for gene in Ontology.genes:
        source.genes[f"gene {gene.name}"] = {str(int(n)) for n in gene.hpo}
    return source


def _annotate(source: _Source, disease: str, number: int) -> None:
    term = source.current(number)
    if number in _MODES:
        source.modes[disease].add(_MODES[number])
    if term is not None and source.index_of[PHENOTYPIC_ABNORMALITY] in source.ancestors[term]:
        source.annotated[disease].add(term)


def _read_tables(folder: Path, source: _Source) -> None:
    for row in read_table(folder / "hpo_diseases.tsv.zst"):
        source.names.setdefault(row["disease"], row["name"])
    for row in read_table(folder / "hpo_annotations.tsv.zst"):
        if row["aspect"] == "N":
            term = source.current(int(row["term"]))
            if term is not None:
                source.denied[row["disease"]].add(term)
        else:
            _annotate(source, row["disease"], int(row["term"]))
    for row in read_table(folder / "hpo_gene_disease.tsv.zst"):
        source.genes[row["disease"]].add(row["gene"])


def _infer_genes(source: _Source) -> None:
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
            carrying = [gene for gene, carried in terms_of.items() if terms <= carried]
            if len(carrying) == 1:
                source.genes[disease].add(carrying[0])


def _equivalences(content: Path, number: dict[str, int]) -> tuple[dict[str, str], dict[int, int]]:
    """MONDO id by disease, and OMIM index by the index of an Orphanet entry that equals it."""
    mondo: dict[str, str] = {}
    folded: dict[int, int] = {}
    for term in read_table(content / "terminology" / "mondo.tsv.zst"):
        references = [x for x in term["xrefs"].split("|") if x in number]
        mondo |= dict.fromkeys(references, f"MONDO:{term['id']}")
        omim = [x for x in references if x.startswith("OMIM:")]
        if len(omim) == 1:
            folded |= {number[x]: number[omim[0]] for x in references if x.startswith("ORPHA:")}
    return mondo, folded


def _information(source: _Source, counts: list[int], diseases: int) -> list[float]:
    """-ln(share of diseases annotated); a term that no disease has is as informative as its best ancestor."""
    own = [-math.log(count / diseases) if count else -1.0 for count in counts]
    return [
        value if value >= 0 else max((own[a] for a in source.ancestors[term]), default=0.0)
        for term, value in enumerate(own)
    ]


class _Section(msgspec.Struct):
    """Where one column lies in `columns.bin`: byte offset, count and item format."""

    offset: int
    count: int
    format: str


class _Directory(msgspec.Struct):
    version: str
    sections: dict[str, _Section]


def _write(version: str, columns: Mapping[str, _Column], out: Path) -> None:
    out.mkdir(parents=True)
    sections: dict[str, _Section] = {}
    with (out / "columns.bin").open("wb") as handle:

        def put(name: str, kind: str, count: int, content: bytes) -> None:
            handle.write(b"\0" * (-handle.tell() % 8))
            sections[name] = _Section(handle.tell(), count, kind)
            handle.write(content)

        for name, column in columns.items():
            if isinstance(column, array):
                put(name, column.typecode, len(column), column.tobytes())
                continue
            offsets = array("i", [0])
            body = array("i")
            text = bytearray()
            for item in column:
                if isinstance(item, str):
                    text += item.encode()
                    offsets.append(len(text))
                else:
                    body.extend(item)
                    offsets.append(len(body))
            put(f"{name}.offsets", "i", len(offsets), offsets.tobytes())
            if text:
                put(f"{name}.content", "B", len(text), bytes(text))
            else:
                put(f"{name}.content", "i", len(body), body.tobytes())
    (out / "directory.json").write_bytes(msgspec.json.encode(_Directory(version, sections)))


def load(path: Path) -> PhenotypeOntology:
    """The compiled ontology at `path`, memory-mapped. Raises KnowledgeError when it is missing or damaged."""
    try:
        directory = msgspec.json.decode((path / "directory.json").read_bytes(), type=_Directory)
        with (path / "columns.bin").open("rb") as handle:
            content = memoryview(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, msgspec.MsgspecError) as error:
        raise KnowledgeError("the compiled ontology cannot be read; run `genomeward kb build`") from error
    columns: dict[str, Any] = {}
    for name, section in directory.sections.items():
        width = 1 if section.format == "B" else 4
        window = content[section.offset : section.offset + section.count * width]
        columns[name] = window if width == 1 else window.cast(section.format)  # type: ignore[call-overload]
    return PhenotypeOntology(directory.version, **_assembled(columns))  # type: ignore[arg-type]


def _assembled(columns: dict[str, Any]) -> dict[str, memoryview | Texts | Lists]:
    found: dict[str, memoryview | Texts | Lists] = {}
    for item in fields(PhenotypeOntology):
        if item.name == "version":
            continue
        if item.name in columns:
            found[item.name] = columns[item.name]
        else:
            kind = Texts if item.type is Texts else Lists
            found[item.name] = kind(columns[f"{item.name}.offsets"], columns[f"{item.name}.content"])
    return found

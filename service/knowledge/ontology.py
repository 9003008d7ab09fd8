"""HPO terms and disease annotations, compiled to memory-mapped columns.

The ontology, and annotations up to its release, come from the package hpo3; references, frequencies and gene
pairs come from `terminology/`. An Orphanet entry that MONDO equates with one OMIM entry is folded into it.

How a disease explains a term that a patient has: the patient shows one of the disease's own terms, more often
a frequent one, and the term is written down more or less exactly. A term `t` of the disease is generalised to
its ancestor `a` with weight exp(-VAGUENESS * (I(t) - I(a))), I being information content, and any term below
`a` is then written as often as it is annotated elsewhere. Against chance that is the ratio
`sum over t, sum over a: share(t) * exp(-VAGUENESS * (I(t) - I(a))) * exp(I(a))`, a in the ancestors of both.
Summed over `t` it is a number per disease and ancestor, which is what is compiled (`evidence`). The more
terms a disease has, the less each of them is worth, though not in full proportion (BREADTH): annotations are
uneven, and a well-described disease is not a less likely one.

A disease with few terms of its own is expected to have those of its relatives too (`disease_families`): they
count BORROWED / (BORROWED + own terms). With that, diseases that MONDO lists and HPO has not annotated can be
ranked by their relatives alone.
"""

import math
import mmap
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from service.domain.ontology import Lists, PhenotypeOntology, Texts
from service.errors import KnowledgeError
from service.knowledge.disease_families import Profile, expected_terms
from service.knowledge.source_tables import dates
from service.knowledge.tables import read_table

PHENOTYPIC_ABNORMALITY = 118
# Share of patients where an annotation states none, or states it in words. Source of the words' ranges:
# HPO release 2025-11-24, children of HP:0040279 (their middles).
UNSTATED = 0.5
_IN_WORDS = {"HP:0040280": 1.0, "HP:0040281": 0.9, "HP:0040282": 0.55, "HP:0040283": 0.17, "HP:0040284": 0.03}
# The model's constants, chosen on published cases with the annotations of their own papers left out
# (benchmarks/phenotype_ranking.py).
FLOOR, BREADTH, SMOOTHING, VAGUENESS, BORROWED = 0.1, 0.6, 2.0, 1.5, 10.0
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
    annotated: dict[str, dict[int, float | None]] = field(default_factory=lambda: defaultdict(dict))
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

    def is_abnormality(self, term: int) -> bool:
        """Whether a term, by index, lies below Phenotypic abnormality."""
        return self.index_of[PHENOTYPIC_ABNORMALITY] in self.ancestors[term]


def build(content: Path, out: Path) -> dict[str, int]:
    """Compile ontology and annotations into the folder `out`. Returns counts."""
    imported = content / "terminology" / "hpo_terms.tsv.zst"
    source = _read_terms(content, imported) if imported.is_file() else _read_package()
    _read_tables(content / "terminology", source)
    _infer_genes(source)
    terms = list(read_table(content / "terminology" / "mondo.tsv.zst"))
    mondo, folded = _equivalences(terms, source)
    equivalents = _fold(source, folded)
    own = {d: {t: _share(s) for t, s in sorted(f.items())} for d, f in source.annotated.items() if f}
    unannotated = _unannotated(terms, source, own, mondo)
    groups = groups_of(terms, mondo)
    expected = expected_terms(own, {d: source.names[d] for d in (*own, *unannotated)}, groups)
    diseases = sorted({*own, *(d for d in unannotated if d in expected)})
    profiles = [own.get(d, {}) for d in diseases]
    inferred = [
        {t: s for t, s in sorted(expected.get(d, {}).items()) if t not in profile}
        for d, profile in zip(diseases, profiles, strict=True)
    ]
    holders = _holders(source, profiles)
    information = _information(source, _patients(source, profiles))
    genes = sorted({g for disease in diseases for g in source.genes[disease]})
    gene_number = {gene: n for n, gene in enumerate(genes)}
    hgnc = _hgnc(out.parent / "transcripts")
    retired = sorted(source.retired)
    replaced = [source.current(n) for n in retired]
    explaining, evidence = _evidence(source, profiles, inferred, information)
    columns: dict[str, _Column] = {
        "term_numbers": array("i", source.number_of),
        "term_labels": source.labels,
        "information": array("f", information),
        "abnormalities": array("i", [source.is_abnormality(t) for t in range(len(source.number_of))]),
        "ancestors": [sorted(a, key=lambda t: (information[t], t)) for a in source.ancestors],
        "retired": array("i", retired),
        "replacements": array("i", [-1 if i is None else source.number_of[i] for i in replaced]),
        "disease_ids": diseases,
        "disease_labels": [source.names[d] for d in diseases],
        "disease_mondo": [mondo.get(d, "") for d in diseases],
        "equivalents": ["|".join(equivalents.get(d, ())) for d in diseases],
        "inheritance": ["|".join(sorted(source.modes[d])) for d in diseases],
        "annotations": [list(profile) for profile in profiles],
        "frequencies": array("f", [share for profile in profiles for share in profile.values()]),
        "inferred": [list(profile) for profile in inferred],
        "inferred_frequencies": array("f", [share for profile in inferred for share in profile.values()]),
        "absent": [sorted(source.denied[d]) for d in diseases],
        "postings": [sorted(found) for found in holders],
        "explaining": explaining,
        "evidence": evidence,
        "genes": genes,
        "gene_hgnc": [hgnc.get(gene, "") for gene in genes],
        "disease_genes": [sorted(gene_number[g] for g in source.genes[d]) for d in diseases],
    }
    _write(source.version, columns, out)
    return {
        "terms": len(source.number_of),
        "diseases": len(own),
        "diseases known by relatives alone": len(diseases) - len(own),
        "genes": len(genes),
    }


def _share(stated: float | None) -> float:
    return UNSTATED if stated is None else stated


def share_of_patients(text: str) -> float | None:
    """The share, 0..1, that a frequency states (`7/8`, `45%`, an HPO id, several joined by `|`); else None.

    Counts are pulled towards one half by half a patient, so that 1/1 is no certainty.

    >>> share_of_patients("3/4"), share_of_patients("HP:0040281"), share_of_patients("")
    (0.7, 0.9, None)
    """
    first = text.split("|", maxsplit=1)[0]
    if "/" in first:
        patients, of = map(float, first.split("/"))
        return (patients + 0.5) / (of + 1)
    return float(first[:-1]) / 100 if first.endswith("%") else _IN_WORDS.get(first)


def _fold(source: _Source, folded: Mapping[str, str]) -> dict[str, list[str]]:
    """Take the annotations and genes of Orphanet entries into their OMIM equivalents; which went where."""
    equivalents: dict[str, list[str]] = defaultdict(list)
    for entry, into in sorted(folded.items()):
        own = source.annotated[into]
        for term, share in source.annotated.pop(entry).items():
            stated = own.get(term)
            # The larger share: a term that one source finds frequent is not made rare by another's silence.
            own[term] = share if term not in own else max((stated, share), key=_share)
        source.denied[into] |= source.denied[entry]
        source.modes[into] |= source.modes[entry] if not source.modes[into] else set()
        source.genes[into] |= source.genes[entry] if not source.genes[into] else set()
        equivalents[into].append(entry)
    return equivalents


def _unannotated(
    terms: Iterable[Mapping[str, str]],
    source: _Source,
    own: Collection[str],
    mondo: dict[str, str],
) -> list[str]:
    """OMIM entries that MONDO lists and HPO has not annotated, with their names and MONDO ids taken down."""
    found = []
    for term in terms:
        for reference in term["xrefs"].split("|"):
            if reference.startswith("OMIM:") and reference not in own and reference not in mondo:
                mondo[reference] = f"MONDO:{term['id']}"
                source.names.setdefault(reference, term["label"])
                found.append(reference)
    return found


def groups_of(terms: Iterable[Mapping[str, str]], mondo: Mapping[str, str]) -> dict[str, list[str]]:
    """The MONDO terms right above each disease."""
    above = {f"MONDO:{t['id']}": [f"MONDO:{p}" for p in t["parents"].split("|") if p] for t in terms}
    return {disease: above.get(identifier, []) for disease, identifier in mondo.items()}


def _holders(source: _Source, profiles: Sequence[Profile]) -> list[set[int]]:
    """Diseases annotated with each term or with something narrower."""
    holders: list[set[int]] = [set() for _ in source.number_of]
    for number, profile in enumerate(profiles):
        for term in {a for t in profile for a in source.ancestors[t]}:
            holders[term].add(number)
    return holders


def _patients(source: _Source, profiles: Sequence[Profile]) -> list[float]:
    """Patients with each term or something narrower, one patient a disease: sums of shares."""
    sums = [0.0] * len(source.number_of)
    for profile in profiles:
        found: dict[int, float] = {}
        for term, share in profile.items():
            for a in source.ancestors[term]:
                if share > found.get(a, 0.0):
                    found[a] = share
        for term, share in found.items():
            sums[term] += share
    return sums


def weight(share: float) -> float:
    """What a term counts within its disease, by the share of patients who have it."""
    return FLOOR + (1 - FLOOR) * share


def weights_of(own: Profile, inferred: Profile) -> dict[int, float]:
    """What each term of a disease counts, the terms that its relatives have included."""
    borrowed = BORROWED / (BORROWED + len(own))
    return {t: weight(s) for t, s in own.items()} | {t: borrowed * weight(s) for t, s in inferred.items()}


def _evidence(
    source: _Source,
    profiles: Sequence[Profile],
    inferred: Sequence[Profile],
    information: Sequence[float],
) -> tuple[list[list[int]], "array[float]"]:
    """Diseases by term, ascending, and the evidence of each; the module says what that is."""
    found: list[list[tuple[int, float]]] = [[] for _ in source.number_of]
    gain = [math.exp((1 + VAGUENESS) * value) for value in information]
    loss = [math.exp(-VAGUENESS * value) for value in information]
    for number, (profile, expected) in enumerate(zip(profiles, inferred, strict=True)):
        weights = weights_of(profile, expected)
        scale = (sum(weights.values()) + SMOOTHING) ** -BREADTH
        sums: dict[int, float] = defaultdict(float)
        for term, counted in weights.items():
            worth = counted * loss[term]
            for ancestor in source.ancestors[term]:
                sums[ancestor] += worth * gain[ancestor]
        for ancestor, total in sums.items():
            found[ancestor].append((number, total * scale))
    return [[n for n, _ in rows] for rows in found], array(
        "f", [value for rows in found for _, value in rows]
    )


def _hgnc(transcripts: Path) -> dict[str, str]:
    """HGNC ids by symbol, from the compiled transcript models; empty where these are not built."""
    if not transcripts.exists():
        return {}
    rows = (line.split("\t") for line in (transcripts / "models.tsv").read_text("utf-8").splitlines())
    return {cells[3]: cells[4] for cells in rows if cells[4]}


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


def _read_terms(content: Path, table: Path) -> _Source:
    """Terms of an imported release, in place of the package's; its annotations are in the other tables."""
    source = _Source(dates(content)["hpo"])
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


def _annotate(source: _Source, disease: str, number: int, share: float | None = None) -> None:
    term = source.current(number)
    if number in _MODES:
        source.modes[disease].add(_MODES[number])
    if term is not None and source.is_abnormality(term):
        source.annotated[disease][term] = share


def _read_tables(folder: Path, source: _Source) -> None:
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
            _annotate(source, row["disease"], int(row["term"]), share_of_patients(row["frequency"]))
    for row in read_table(folder / "hpo_gene_disease.tsv.zst"):
        if row["gene"] not in ("", "-"):
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
            carrying = [gene for gene, carried in terms_of.items() if terms.keys() <= carried]
            if len(carrying) == 1:
                source.genes[disease].add(carrying[0])


def _equivalences(
    terms: Iterable[Mapping[str, str]], source: _Source
) -> tuple[dict[str, str], dict[str, str]]:
    """MONDO id by disease, and the one OMIM entry that equals an Orphanet entry.

    MONDO names an Orphanet entry at several terms at times, its subtypes for one: then only the term of the
    same name counts, and none where no name is the same.
    """
    claims: dict[str, list[tuple[str, str, tuple[str, ...]]]] = defaultdict(list)
    for term in terms:
        listed = term["xrefs"].split("|")
        references = [x for x in listed if x in source.annotated]
        omim = tuple(x for x in references if x.startswith("OMIM:")) or tuple(
            x for x in listed if x.startswith("OMIM:")
        )
        for reference in references:
            claims[reference].append((f"MONDO:{term['id']}", term["label"], omim))
    mondo: dict[str, str] = {}
    folded: dict[str, str] = {}
    for reference, found in claims.items():
        name = source.names[reference].casefold()
        chosen = found if len(found) == 1 else [c for c in found if c[1].casefold() == name]
        if len(chosen) == 1:
            mondo[reference] = chosen[0][0]
            if reference.startswith("ORPHA:") and len(chosen[0][2]) == 1:
                (into,) = chosen[0][2]
                folded[reference] = into
                # An OMIM entry that HPO has not annotated: what Orphanet says of the same disease is its own.
                mondo.setdefault(into, chosen[0][0])
                source.names.setdefault(into, chosen[0][1])
    return mondo, folded


def _information(source: _Source, patients: Sequence[float]) -> list[float]:
    """-ln(share of patients, one a disease) below Phenotypic abnormality; see `PhenotypeOntology`.

    A term that no disease has is as informative as its best ancestor.
    """
    most = max(patients, default=1.0)
    own = [-math.log(count / most) if count else -1.0 for count in patients]
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

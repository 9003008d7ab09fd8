"""Import MONDO, as OBO or OBO graph (JSON): ids, labels, parents, equivalent OMIM and ORPHA ids."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from service.errors import InvalidInput
from service.knowledge.importers.reading import read_text
from service.knowledge.importers.registry import Context, Outcome, only
from service.knowledge.tables import write_table

HEADER = ("id", "label", "parents", "xrefs")
_IRI = re.compile(r"http://purl\.obolibrary\.org/obo/MONDO_(\d{7})")
_EXACT = "http://www.w3.org/2004/02/skos/core#exactMatch"
_EQUIVALENT = (
    (re.compile(r"(?:OMIM:|https?://omim\.org/entry/)(\d{6})$"), "OMIM:"),
    (re.compile(r"(?:Orphanet:|http://www\.orpha\.net/ORDO/Orphanet_)(\d+)$"), "ORPHA:"),
)


@dataclass(slots=True)
class Term:
    """A term that is in use."""

    identifier: str = ""
    label: str = ""
    parents: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    obsolete: bool = False


def run(files: dict[str, Path], out: Path, context: Context) -> Outcome:
    """Write `mondo.tsv.zst`: one row per term in use. Raises InvalidInput for another layout."""
    file = only(files)
    first = next(read_text(file), "")
    version, terms = _from_json(file) if first.lstrip().startswith("{") else _from_obo(file)
    release = context.release or version
    if release is None:
        raise InvalidInput("does not say its version; name it with --release", where=file.name)
    rows = [
        (
            term.identifier,
            term.label,
            "|".join(dict.fromkeys(term.parents)),
            "|".join(dict.fromkeys(filter(None, map(equivalent, term.references)))),
        )
        for term in sorted(terms, key=lambda term: term.identifier)
        if not term.obsolete and term.label
    ]
    if not rows:
        raise InvalidInput("holds no MONDO term", where=file.name)
    return Outcome(release, release[:10], {"terms": write_table(out / "mondo.tsv.zst", HEADER, rows)})


def equivalent(reference: str) -> str:
    """The OMIM or ORPHA id that a reference names; empty for any other catalogue.

    >>> equivalent("Orphanet:144"), equivalent("https://omim.org/entry/614350"), equivalent("OMIMPS:120435")
    ('ORPHA:144', 'OMIM:614350', '')
    """
    return next((f"{prefix}{m[1]}" for pattern, prefix in _EQUIVALENT if (m := pattern.match(reference))), "")


def _from_obo(file: Path) -> tuple[str | None, list[Term]]:
    version: str | None = None
    terms: list[Term] = []
    reading = False
    for line in read_text(file):
        if line.startswith("["):
            reading = line == "[Term]"
            if reading:
                terms.append(Term())
            continue
        key, _, value = line.partition(": ")
        if key == "data-version":
            found = re.search(r"\d{4}-\d\d-\d\d", value)
            version = found[0] if found else None
        elif reading:
            _add(terms[-1], key, value)
    return version, [term for term in terms if term.identifier]


def _add(term: Term, key: str, value: str) -> None:
    bare = value.split(" ", 1)[0]
    if key == "id" and value.startswith("MONDO:"):
        term.identifier = value[6:]
    elif key == "name":
        term.label = value
    elif key == "is_a" and bare.startswith("MONDO:"):
        term.parents.append(bare[6:])
    elif key == "xref" and ("source=" not in value or "equivalentTo" in value):
        # A reference with sources is equivalent only where one of them says so.
        term.references.append(bare)
    elif key == "is_obsolete":
        term.obsolete = value == "true"


class _Value(msgspec.Struct):
    val: str = ""
    pred: str = ""


class _Meta(msgspec.Struct):
    version: str = ""
    deprecated: bool = False
    xrefs: list[_Value] = []
    basicPropertyValues: list[_Value] = []  # noqa: N815 - the published name


class _Node(msgspec.Struct):
    id: str
    lbl: str = ""
    meta: _Meta | None = None


class _Edge(msgspec.Struct):
    sub: str
    pred: str
    obj: str


class _Graph(msgspec.Struct):
    nodes: list[_Node]
    edges: list[_Edge]
    meta: _Meta | None = None


class _Graphs(msgspec.Struct):
    graphs: list[_Graph]


def _from_json(file: Path) -> tuple[str | None, list[Term]]:
    try:
        graph = msgspec.json.decode("\n".join(read_text(file)), type=_Graphs).graphs[0]
    except (msgspec.MsgspecError, IndexError) as error:
        raise InvalidInput(f"is no OBO graph: {error}", where=file.name) from error
    version = re.search(r"\d{4}-\d\d-\d\d", graph.meta.version if graph.meta else "")
    return version[0] if version else None, list(_nodes(graph))


def _nodes(graph: _Graph) -> Iterator[Term]:
    terms: dict[str, Term] = {}
    for node in graph.nodes:
        if named := _IRI.fullmatch(node.id):
            meta = node.meta or _Meta()
            exact = [value.val for value in meta.basicPropertyValues if value.pred == _EXACT]
            references = exact or [value.val for value in meta.xrefs]
            terms[node.id] = Term(named[1], node.lbl, [], references, meta.deprecated)
    for edge in graph.edges:
        parent = _IRI.fullmatch(edge.obj)
        if edge.pred == "is_a" and edge.sub in terms and parent:
            terms[edge.sub].parents.append(parent[1])
    yield from terms.values()

"""Ontologies as OBO or as the JSON of an OBO graph: MONDO, HPO."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from service.errors import InvalidInput
from service.knowledge.importers.reading import read_text

_EXACT = "http://www.w3.org/2004/02/skos/core#exactMatch"
_ALTERNATIVE = "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId"
_REPLACED_BY = "http://purl.obolibrary.org/obo/IAO_0100001"


@dataclass(slots=True)
class Term:
    """A term by its bare number. `references` are identifiers elsewhere that mean the same."""

    identifier: str = ""
    label: str = ""
    parents: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    alternatives: list[str] = field(default_factory=list)
    replaced_by: str = ""
    obsolete: bool = False


def read_ontology(
    file: Path, prefix: str, advance: Callable[[int], None] = lambda _: None
) -> tuple[str | None, list[Term]]:
    """Version date (None where the file does not say) and the terms with a prefix, obsolete ones included.

    Raises InvalidInput where the file is damaged or has no such term.
    """
    first = next(read_text(file), "")
    version, terms = (_from_json if first.lstrip().startswith("{") else _from_obo)(file, prefix, advance)
    if not terms:
        raise InvalidInput(f"holds no term {prefix}:...", where=file.name)
    return version, sorted(terms, key=lambda term: term.identifier)


def _number(text: str, prefix: str) -> str:
    """The number of an identifier or IRI of this ontology; empty for any other."""
    found = re.fullmatch(rf"(?:http://purl\.obolibrary\.org/obo/)?{prefix}[:_](\d{{7}})", text)
    return found[1] if found else ""


def _from_obo(file: Path, prefix: str, advance: Callable[[int], None]) -> tuple[str | None, list[Term]]:
    version: str | None = None
    terms: list[Term] = []
    reading = False
    for line in read_text(file, advance):
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
            _add(terms[-1], key, value, prefix)
    return version, [term for term in terms if term.identifier]


def _add(term: Term, key: str, value: str, prefix: str) -> None:
    bare = value.split(" ", 1)[0]
    number = _number(bare, prefix)
    if key == "id":
        term.identifier = number
    elif key == "name":
        term.label = value
    elif key == "is_a" and number:
        term.parents.append(number)
    elif key == "alt_id" and number:
        term.alternatives.append(number)
    elif key == "replaced_by":
        term.replaced_by = number
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
    lbl: str | None = None
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


def _from_json(file: Path, prefix: str, advance: Callable[[int], None]) -> tuple[str | None, list[Term]]:
    try:
        graph = msgspec.json.decode("\n".join(read_text(file, advance)), type=_Graphs).graphs[0]
    except (msgspec.MsgspecError, IndexError) as error:
        raise InvalidInput(f"is no OBO graph: {error}", where=file.name) from error
    version = re.search(r"\d{4}-\d\d-\d\d", graph.meta.version if graph.meta else "")
    return version[0] if version else None, list(_nodes(graph, prefix))


def _nodes(graph: _Graph, prefix: str) -> Iterator[Term]:
    terms: dict[str, Term] = {}
    for node in graph.nodes:
        if number := _number(node.id, prefix):
            meta = node.meta or _Meta()
            said = [(value.pred, value.val) for value in meta.basicPropertyValues]
            exact = [value for name, value in said if name == _EXACT]
            terms[node.id] = Term(
                number,
                node.lbl or "",
                references=exact or [value.val for value in meta.xrefs],
                alternatives=[n for name, v in said if name == _ALTERNATIVE and (n := _number(v, prefix))],
                replaced_by=next((_number(v, prefix) for name, v in said if name == _REPLACED_BY), ""),
                obsolete=meta.deprecated,
            )
    for edge in graph.edges:
        parent = _number(edge.obj, prefix)
        if edge.pred == "is_a" and edge.sub in terms and parent:
            terms[edge.sub].parents.append(parent)
    yield from terms.values()

"""`genomeward classify`: one JSON document per line, in input order, errors in place."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from service.domain.assembly import Assembly
from service.domain.disease import Assertion, Criterion, VariantClassification
from service.domain.variant import MolecularDescription
from service.errors import GenomewardError, InvalidVariant, UnknownReference
from service.raredisease.classifier import Classifier
from service.raredisease.request import KEYS, ClassifyRequest, parse_request, request_of


@dataclass(frozen=True, slots=True)
class Named:
    """A described variant, and what could not be said of it."""

    description: MolecularDescription | None
    notes: tuple[str, ...] = ()


# Notation, assembly and preferred gene -> description. Raises InvalidVariant for what is no variant.
Describe = Callable[[str, Assembly, str | None], Named]


def classify_lines(
    lines: Iterable[str], classifier: Classifier, describe: Describe
) -> Iterator[dict[str, Any]]:
    """One document per input line; a line that cannot be read becomes `{variant, error}`.

    A first line of tab-separated column names, `variant` among them, makes the rest a table: `criteria` are
    codes with commas or semicolons between them, columns that are no key of a request are scores, an empty
    cell states nothing.
    """
    columns: tuple[str, ...] = ()
    for number, line in enumerate(lines):
        if number == 0 and (columns := _columns(line)):
            continue
        request = None
        try:
            request = request_of(_cells(columns, line)) if columns else parse_request(line)
            named = _placed(request, describe)
        except GenomewardError as error:
            yield {
                "variant": request.variant if request is not None else _variant_of(line),
                "error": {"code": error.fhir_code, "message": str(error)},
            }
        else:
            found, published = classifier.classify(request, named.description)
            yield classification_document(request, named, found, published)


def _placed(request: ClassifyRequest, describe: Describe) -> Named:
    """The described variant; without a place where the lack is ours, or where criteria are supplied.

    Raises InvalidVariant for a notation that contradicts itself or the reference while nothing is supplied.
    """
    try:
        return describe(request.variant, request.assembly, request.gene)
    except InvalidVariant as error:
        if not request.criteria and not isinstance(error, UnknownReference):
            raise
        return Named(
            None, (f"the variant could not be placed, so nothing was judged automatically: {error}",)
        )


def _columns(line: str) -> tuple[str, ...]:
    """The column names of a table's first line; empty where the line is a request."""
    names = tuple(name.strip() for name in line.split("\t"))
    return names if len(names) > 1 and "variant" in map(str.lower, names) else ()


def _cells(columns: tuple[str, ...], line: str) -> dict[str, Any]:
    stated = {n: c.strip() for n, c in zip(columns, line.split("\t"), strict=False) if c.strip()}
    cells: dict[str, Any] = {n.lower(): c for n, c in stated.items() if n.lower() in KEYS}
    scores = {n: c for n, c in stated.items() if n.lower() not in KEYS}
    return cells | {"scores": scores} if scores else cells


def _variant_of(line: str) -> str | None:
    """The variant as written, for a line whose other keys cannot be read."""
    try:
        document = json.loads(line)
    except ValueError:
        return None
    variant = document.get("variant") if isinstance(document, dict) else None
    return variant if isinstance(variant, str) else None


def classification_document(
    request: ClassifyRequest, named: Named, found: VariantClassification, published: tuple[Assertion, ...]
) -> dict[str, Any]:
    """The JSON-ready document of one variant."""
    names = named.description
    return {
        "variant": request.variant,
        "classification": found.classification.value,
        "points": found.points,
        "scheme": found.scheme,
        "gene": names.gene if names else request.gene,
        "transcript": names.transcript if names else None,
        "hgvs_c": names.hgvs_c if names else None,
        "hgvs_p": names.hgvs_p if names else None,
        "consequence": names.consequence if names else None,
        "criteria": [criterion_document(criterion) for criterion in found.criteria],
        "suggested": [criterion_document(criterion) for criterion in found.suggested],
        "assertions": [assertion_document(assertion) for assertion in published],
        "conflicts": list(found.conflicts),
        "notes": [*named.notes, *request.notes, *(names.notes if names else ())],
        "not_used": list(request.lost),
    }


def criterion_document(criterion: Criterion) -> dict[str, Any]:
    """One criterion; `strength` is null unless it is met."""
    return {
        "code": criterion.code,
        "strength": criterion.strength,
        "verdict": criterion.verdict,
        "reason": criterion.reason,
        "source": criterion.source or None,
        "supplied": criterion.supplied,
    }


def assertion_document(assertion: Assertion) -> dict[str, Any]:
    """A published class, with what says how far to trust it."""
    return {
        "source": assertion.source,
        "accession": assertion.accession,
        "classification": assertion.classification,
        "review_status": assertion.review_status,
        "stars": assertion.stars,
        "conditions": list(assertion.conditions),
        "last_evaluated": assertion.last_evaluated,
        "release": assertion.release,
        "conflict_counts": assertion.conflict_counts,
    }

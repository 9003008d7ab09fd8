"""The publications that the page rests on: each once, with the medicines and rows that it is cited for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from service.domain.pgx import Recommendation
from service.report.medicines import MedicineGroup

# What a source says of itself: guideline, its document, its papers, its version and its row.
_PARTS = re.compile(
    r"(?P<guideline>\S+) (?P<document>\S+) \(.*\)(, PMID [\d, ]+)?, version (?P<version>\S+?)"
    r"(, row (?P<row>\S+))?"
)


@dataclass(frozen=True, slots=True)
class Cited:
    """One medicine of a reference. `document` and `rows` are the source's own names, empty without any."""

    drug: str
    document: str
    rows: tuple[str, ...]
    url: str | None


@dataclass(frozen=True, slots=True)
class Reference:
    """One publication in one version. `sources` are the source texts that it stands for, in their order."""

    number: int
    source: str
    pmids: tuple[str, ...]
    cited: tuple[Cited, ...]
    sources: tuple[str, ...]


def references(
    recommendations: Iterable[Recommendation], shown: Iterable[MedicineGroup]
) -> tuple[Reference, ...]:
    """References numbered in the order in which the medicines are shown.

    Sources share a number when guideline, version and papers are the same; a source that does not say them
    stands alone.
    """
    place = {drug: n for n, drug in enumerate(_drugs(shown))}
    cited = [r for r in recommendations if r.source and r.action != "no-guideline"]
    cited.sort(key=lambda r: place.get(r.drug, len(place)))
    together: dict[tuple[str, tuple[str, ...]], dict[tuple[str, str], list[Recommendation]]] = {}
    for recommendation in cited:
        parts = _PARTS.fullmatch(recommendation.source)
        label = f"{parts['guideline']} {parts['version']}" if parts else recommendation.source
        document = parts["document"] if parts else ""
        of_paper = together.setdefault((label, recommendation.pmids), {})
        of_paper.setdefault((recommendation.drug, document), []).append(recommendation)
    return tuple(
        Reference(
            number,
            label,
            pmids,
            tuple(
                Cited(drug, document, _rows(alike), alike[0].guideline_url)
                for (drug, document), alike in of_paper.items()
            ),
            tuple(dict.fromkeys(r.source for alike in of_paper.values() for r in alike)),
        )
        for number, ((label, pmids), of_paper) in enumerate(together.items(), 1)
    )


def _drugs(shown: Iterable[MedicineGroup]) -> list[str]:
    names = []
    for group in shown:
        names += [one.drug for row in group.rows for one in (row, *row.alike)]
        names += [drug for row in group.compact for drug in row.drugs]
    return names


def _rows(alike: Iterable[Recommendation]) -> tuple[str, ...]:
    found = [_PARTS.fullmatch(r.source) for r in alike]
    return tuple(dict.fromkeys(parts["row"] for parts in found if parts and parts["row"]))

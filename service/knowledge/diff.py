"""What changed between two releases of assertions: class, review, added, removed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from service.domain.disease import Assertion, asserts_pathogenic
from service.errors import InvalidOption
from service.knowledge import assertions
from service.knowledge.assertion_release import Release
from service.knowledge.assertion_table import STARS, Numbers
from service.knowledge.clinvar import ClinVar
from service.knowledge.imports import Imports

KINDS = ("class", "review", "added", "removed")


@dataclass(frozen=True, slots=True)
class Change:
    """One record in two releases. `kind` is one of KINDS; `old` or `new` is None where it has no record.

    `variant` is `chrom-pos-ref-alt` on GRCh38, empty for a record without place.
    """

    kind: str
    variant: str
    old: Assertion | None
    new: Assertion | None

    @property
    def crosses(self) -> bool:
        """Whether one release calls it (likely) pathogenic and the other does not."""
        return (self.old is not None and asserts_pathogenic(self.old)) != (
            self.new is not None and asserts_pathogenic(self.new)
        )

    def document(self) -> dict[str, Any]:
        """Flat, for JSON lines."""
        known = self.new or self.old
        return {
            "change": self.kind,
            "accession": known.accession if known else "",
            "variant": self.variant,
            "genes": list(known.genes) if known else [],
            "old": _said(self.old),
            "new": _said(self.new),
            "crosses_pathogenic": self.crosses,
        }


def _said(assertion: Assertion | None) -> dict[str, Any] | None:
    if assertion is None:
        return None
    return {
        "classification": assertion.classification,
        "stars": assertion.stars,
        "release": assertion.release,
    }


def differences(old: ClinVar, new: ClinVar) -> Iterator[Change]:
    """Changes in the order of the new release's places, then what was removed; wording alone is no change."""
    before, after = _Side(old), _Side(new)
    common, at_old, at_new = np.intersect1d(before.variation, after.variation, return_indices=True)
    of_class = _recoded(before, after)[at_old] != after.classes[at_new]
    of_review = before.stars[at_old] != after.stars[at_new]
    changed = np.flatnonzero(of_class | of_review)
    for index in changed[np.argsort(at_new[changed], kind="stable")].tolist():
        kind = "class" if of_class[index] else "review"
        yield _change(kind, before.row(at_old[index]), after.row(at_new[index]))
    for place in np.flatnonzero(~np.isin(after.variation, common)).tolist():
        row = after.row(place)
        earlier = _same_variant(old, row)
        if earlier is None:
            yield _change("added", None, row)
        elif differing := _differ(earlier, row):
            yield _change(differing, earlier, row)
    gone = [before.row(place) for place in np.flatnonzero(~np.isin(before.variation, common)).tolist()]
    for row in (*gone, *before.unnumbered):
        # A record that got another number was compared above, at its variant.
        if _same_variant(new, row) is None:
            yield _change("removed", row, None)


class _Side:
    """All numbered rows of a release and their codes, over its layers."""

    def __init__(self, clinvar: ClinVar) -> None:
        rows: list[tuple[Release, Numbers]] = []
        self.unnumbered: list[tuple[Release, int]] = []
        for depth, release in enumerate(clinvar.releases):
            in_force = (
                np.arange(len(release)) if depth == 0 else np.array(clinvar.rows_below(depth), dtype=np.int64)
            )
            numbered = np.asarray(release.column("variation"))[in_force] > 0
            self.unnumbered += [(release, row) for row in in_force[~numbered].tolist()]
            rows.append((release, in_force[numbered]))
        self.texts: dict[str, int] = {}
        self._releases = [release for release, _ in rows]
        self._borders = np.cumsum([0, *(len(numbers) for _, numbers in rows)])
        self._rows = np.concatenate([numbers for _, numbers in rows])
        self.variation = np.concatenate([np.asarray(r.column("variation"))[n] for r, n in rows])
        self.classes = np.concatenate(
            [self._classes(r)[np.asarray(r.column("classification"))[n]] for r, n in rows]
        )
        self.stars = np.concatenate([_stars(r)[np.asarray(r.column("review"))[n]] for r, n in rows])

    def _classes(self, release: Release) -> Numbers:
        texts = release.dictionary("classification")
        return np.array(
            [self.texts.setdefault(_wording(texts[code]), len(self.texts)) for code in range(len(texts))],
            dtype=np.int64,
        )

    def row(self, place: int) -> tuple[Release, int]:
        """Release and row of the numbered row at a place of the columns."""
        layer = int(np.searchsorted(self._borders, place, side="right")) - 1
        return self._releases[layer], int(self._rows[place])


def _stars(release: Release) -> Numbers:
    texts = release.dictionary("review")
    return np.array([STARS.get(texts[code], 0) for code in range(len(texts))], dtype=np.int64)


def _wording(classification: str) -> str:
    """ClinVar renamed interpretations to classifications in 2024; that changed no class."""
    return classification.replace("interpretations", "classifications").replace("; ", "|")


def _recoded(before: _Side, after: _Side) -> Numbers:
    """The old classes in the new side's codes; -1 where the new side has no such class."""
    codes = np.full(len(before.texts) + 1, -1, dtype=np.int64)
    for text, code in before.texts.items():
        codes[code] = after.texts.get(text, -1)
    recoded: Numbers = codes[before.classes]
    return recoded


def _same_variant(clinvar: ClinVar, row: tuple[Release, int]) -> tuple[Release, int] | None:
    """The record of another release at the very variant of a row; None where there is none, or no place."""
    spelling = row[0].spelling(row[1])
    if not spelling[0]:
        return None
    return next(((release, at) for release in clinvar.releases for at in release.rows_at(*spelling)), None)


def _differ(old: tuple[Release, int], new: tuple[Release, int]) -> str | None:
    texts = [_wording(release.text("classification", row)) for release, row in (old, new)]
    if texts[0] != texts[1]:
        return "class"
    reviews = [STARS[release.text("review", row)] for release, row in (old, new)]
    return "review" if reviews[0] != reviews[1] else None


def _change(kind: str, old: tuple[Release, int] | None, new: tuple[Release, int] | None) -> Change:
    at = new or old
    assert at is not None
    chrom, start, ref, alt = at[0].spelling(at[1])
    return Change(
        kind,
        f"{chrom}-{start + 1}-{ref}-{alt}" if chrom else "",
        old[0].assertion(old[1]) if old else None,
        new[0].assertion(new[1]) if new else None,
    )


def open_release(name: str, artifacts: Mapping[str, Path], imports: Imports) -> ClinVar:
    """Assertions of a named artifact, an imported ClinVar release by its label, or a folder of either.

    Raises InvalidOption for any other name.
    """
    if name in artifacts:
        return assertions.load(artifacts[name] / "assertions")
    kept = {found.release for found in imports.releases() if found.source == "clinvar"}
    label = name.removeprefix("clinvar:").removeprefix("clinvar-")
    if label in kept:
        return assertions.load(imports.path("clinvar", label))
    folder = Path(name)
    for place in (folder / "assertions", folder):
        if (place / "directory.json").is_file() or (place / assertions.LAYERS).is_file():
            return assertions.load(place)
    known = ", ".join([*artifacts, *sorted(kept)])
    raise InvalidOption(f"read {name!r}; expected a folder or one of {known}", where="kb diff")

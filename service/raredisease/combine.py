"""Combining criteria into a class: points by default, the table of 2015 as a second scheme.

Every point total has exactly one class. A criterion that stands alone makes a variant benign, unless evidence
that people supplied argues strongly against it: then a person decides. Neither is ever subtracted in silence.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from service.domain.disease import Classification, Criterion
from service.errors import InvalidOption
from service.raredisease.codes import is_pathogenic
from service.raredisease.strength import Strength

# Richards 2015 asks two supporting criteria for likely benign: -2, which Tavtigian 2020 names as an option.
LIKELY_BENIGN_AT = -2
POINT_SCHEME, TABLE_SCHEME = "points", "richards-2015"
_MET = "met"
# Both sides hold at least this many points: a person should look.
_CONFLICT_POINTS = 2
# Supplied evidence that is likely pathogenic by itself keeps a stand-alone criterion from deciding: where
# those for benign and for pathogenic are both met a variant is uncertain. Source: Richards 2015, table 5.
CONTESTED_FROM = 6
# Predictors and constraint weigh a variant without having seen a person or an assay with it.
_PREDICTED = frozenset({"PP2", "PP3"})


@dataclass(frozen=True, slots=True)
class Scheme:
    """How criteria make a class. `likely_benign_at` is the highest total that is likely benign, below 0."""

    name: str = POINT_SCHEME
    likely_benign_at: int = LIKELY_BENIGN_AT

    def __post_init__(self) -> None:
        if self.name not in _SCHEMES:
            raise InvalidOption(f"read the scheme {self.name!r}; expected one of {', '.join(_SCHEMES)}")
        if not -6 <= self.likely_benign_at <= -1:
            raise InvalidOption(
                f"likely benign begins between -1 and -6 points, not at {self.likely_benign_at}"
            )

    @property
    def label(self) -> str:
        """The name with what was configured, for the reader of a result."""
        return (
            f"{self.name}, likely benign at {self.likely_benign_at}"
            if self.name == POINT_SCHEME
            else self.name
        )

    def classify(self, criteria: Iterable[Criterion]) -> Classification:
        """The class of met criteria; others do not count."""
        met = [c for c in criteria if c.verdict == _MET and c.strength]
        if any(Strength(c.strength or "") is Strength.STAND_ALONE for c in met):
            return Classification.UNCERTAIN if _contesting(met) else Classification.BENIGN
        return _SCHEMES[self.name](met, self)


def points_of(criteria: Iterable[Criterion]) -> int:
    """Sum over met criteria, benign ones negative.

    >>> points_of([Criterion("PVS1", "Very Strong", "met", ""), Criterion("BP4", "Supporting", "met", "")])
    7
    """
    return sum(criterion.points for criterion in criteria)


def class_of_points(points: float, likely_benign_at: int = LIKELY_BENIGN_AT) -> Classification:
    """The class of a point total.

    Source: Tavtigian 2020, doi:10.1002/humu.24088, table 3.

    >>> [class_of_points(n).value for n in (10, 9, -1, -2)]
    ['Pathogenic', 'Likely pathogenic', 'Uncertain significance', 'Likely benign']
    """
    floors = (
        (10, Classification.PATHOGENIC),
        (6, Classification.LIKELY_PATHOGENIC),
        (likely_benign_at + 1, Classification.UNCERTAIN),
        (-6, Classification.LIKELY_BENIGN),
        (-math.inf, Classification.BENIGN),
    )
    return next(tier for floor, tier in floors if points >= floor)


def _by_points(met: Sequence[Criterion], scheme: Scheme) -> Classification:
    return class_of_points(points_of(met), scheme.likely_benign_at)


def _by_table(met: Sequence[Criterion], scheme: Scheme) -> Classification:  # noqa: ARG001 - one signature
    """Table 5 of Richards 2015, doi:10.1038/gim.2015.30.

    Criteria that later work raised or lowered count at the level that they were given: a second very strong
    one as one more strong, a moderate benign one as supporting.
    """
    very_strong, strong, moderate, supporting = (
        sum(1 for c in met if is_pathogenic(c.code) and c.strength == level.value)
        for level in (Strength.VERY_STRONG, Strength.STRONG, Strength.MODERATE, Strength.SUPPORTING)
    )
    benign = [c for c in met if not is_pathogenic(c.code)]
    benign_strong = sum(
        1 for c in benign if c.strength in (Strength.STRONG.value, Strength.VERY_STRONG.value)
    )
    benign_supporting = len(benign) - benign_strong
    if very_strong > 1:
        very_strong, strong = 1, strong + very_strong - 1
    pathogenic = _pathogenic(very_strong, strong, moderate, supporting)
    if benign_strong >= 2:
        other: Classification | None = Classification.BENIGN
    elif (benign_strong and benign_supporting) or benign_supporting >= 2:
        other = Classification.LIKELY_BENIGN
    else:
        other = None
    # One strong benign criterion makes no benign class, and still contradicts a pathogenic one.
    if pathogenic and (other or benign_strong):
        return Classification.UNCERTAIN
    return pathogenic or other or Classification.UNCERTAIN


def _pathogenic(very_strong: int, strong: int, moderate: int, supporting: int) -> Classification | None:
    """Pathogenic (i)-(iii) and likely pathogenic (i)-(vi) of the table; None when no row fits."""
    if very_strong and (strong or moderate >= 2 or (moderate and supporting) or supporting >= 2):
        return Classification.PATHOGENIC
    if strong >= 2:
        return Classification.PATHOGENIC
    if strong and (moderate >= 3 or (moderate >= 2 and supporting >= 2) or (moderate and supporting >= 4)):
        return Classification.PATHOGENIC
    if very_strong and moderate:
        return Classification.LIKELY_PATHOGENIC
    # SVI 2020: PVS1 with PM2 at supporting is likely pathogenic.
    if very_strong and supporting:
        return Classification.LIKELY_PATHOGENIC
    if strong and (moderate or supporting >= 2):
        return Classification.LIKELY_PATHOGENIC
    if moderate >= 3 or (moderate >= 2 and supporting >= 2) or (moderate and supporting >= 4):
        return Classification.LIKELY_PATHOGENIC
    return None


_SCHEMES: dict[str, Callable[[Sequence[Criterion], Scheme], Classification]] = {
    POINT_SCHEME: _by_points,
    TABLE_SCHEME: _by_table,
}


def _contesting(met: Iterable[Criterion]) -> list[Criterion]:
    """Supplied pathogenic evidence that contests a criterion that stands alone; else empty.

    Expert panels overrule BA1 where affected families show that a common variant causes disease. What
    software found by itself never does.
    """
    seen = [c for c in met if c.supplied and is_pathogenic(c.code) and c.code not in _PREDICTED]
    return seen if points_of(seen) >= CONTESTED_FROM else []


def conflicts_of(criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """Sentences on evidence that points both ways; empty when there is none."""
    met = [c for c in criteria if c.verdict == _MET and c.strength]
    towards = [c for c in met if is_pathogenic(c.code)]
    against = [c for c in met if not is_pathogenic(c.code)]
    if not towards or not against:
        return ()
    names = f"{_names(towards)} against {_names(against)}"
    if any(c.strength == Strength.STAND_ALONE.value for c in against):
        if _contesting(met):
            contested = "a criterion that stands alone is contested by supplied evidence"
            return (f"{contested} ({names}): uncertain until a person decides",)
        return (f"a criterion that stands alone decides although others disagree ({names}); review",)
    if min(points_of(towards), -points_of(against)) >= _CONFLICT_POINTS:
        return (f"evidence points both ways ({names}); review",)
    return ()


def _names(criteria: Sequence[Criterion]) -> str:
    return ", ".join(f"{c.code} {c.strength}" for c in criteria)

"""Strength of a criterion: its words, the spellings that callers use, and its points."""

import re
from enum import StrEnum

from service.domain.disease import STRENGTH_POINTS
from service.errors import InvalidInput


class Strength(StrEnum):
    """The levels of Richards 2015, doi:10.1038/gim.2015.30, in ClinGen's spelling."""

    SUPPORTING = "Supporting"
    MODERATE = "Moderate"
    STRONG = "Strong"
    VERY_STRONG = "Very Strong"
    STAND_ALONE = "Stand Alone"


POINTS = {strength: STRENGTH_POINTS[strength.value] for strength in Strength}
LADDER = (Strength.SUPPORTING, Strength.MODERATE, Strength.STRONG, Strength.VERY_STRONG)
_SPELLINGS = {
    "supporting": Strength.SUPPORTING,
    "support": Strength.SUPPORTING,
    "supp": Strength.SUPPORTING,
    "sup": Strength.SUPPORTING,
    "p": Strength.SUPPORTING,
    "moderate": Strength.MODERATE,
    "mod": Strength.MODERATE,
    "m": Strength.MODERATE,
    "strong": Strength.STRONG,
    "str": Strength.STRONG,
    "s": Strength.STRONG,
    "verystrong": Strength.VERY_STRONG,
    "vstrong": Strength.VERY_STRONG,
    "vstr": Strength.VERY_STRONG,
    "vs": Strength.VERY_STRONG,
    "standalone": Strength.STAND_ALONE,
    "alone": Strength.STAND_ALONE,
    "sa": Strength.STAND_ALONE,
    "a": Strength.STAND_ALONE,
}


def parse_strength(text: str) -> Strength:
    """The strength that a word or an abbreviation stands for.

    Raises:
        InvalidInput: the text names no strength.

    >>> parse_strength("Very_Strong"), parse_strength("stand-alone"), parse_strength("P").value
    (<Strength.VERY_STRONG: 'Very Strong'>, <Strength.STAND_ALONE: 'Stand Alone'>, 'Supporting')
    """
    found = strength_or_none(text)
    if found is None:
        words = ", ".join(strength.value for strength in Strength)
        raise InvalidInput(f"read the strength {text[:40]!r}; expected one of {words}")
    return found


def strength_or_none(text: str) -> Strength | None:
    """The strength that a text names; None when it names none."""
    words = re.sub(r"\b(strength|evidence|level)\b", "", text.lower().replace("_", " "))
    return _SPELLINGS.get(re.sub(r"[^a-z]", "", words))


def one_level_down(strength: Strength, levels: int = 1) -> Strength | None:
    """The strength that many levels lower; None below Supporting.

    >>> one_level_down(Strength.VERY_STRONG), one_level_down(Strength.SUPPORTING)
    (<Strength.STRONG: 'Strong'>, None)
    """
    at = LADDER.index(strength) - levels
    return LADDER[at] if at >= 0 else None

"""Predictor scores as callers write them."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Spelling without case and punctuation -> the predictor. The first of a predictor's spellings that is given
# counts; BayesDel is the variant without allele frequency, as calibrated.
_SPELLINGS = {
    "REVEL": ("revel", "revelscore", "revelmax"),
    "BayesDel": ("bayesdel", "bayesdelnoaf", "bayesdelnoafscore", "bayesdelscore"),
    "VEST4": ("vest4", "vest4score", "vest"),
    "MutPred2": ("mutpred2", "mutpred2score", "mutpred", "mutpredscore"),
    "CADD": ("cadd", "caddphred", "caddscore", "caddphredscore"),
    "SpliceAI": (
        "spliceai", "spliceaimax", "spliceaidsmax", "spliceaimaxdelta", "spliceaidelta", "spliceaideltamax",
        "dsmax", "spliceaiscore", "spliceaimaxscore", "spliceaipredds",
    ),
}  # fmt: skip
_NAMES = {spelling: name for name, spellings in _SPELLINGS.items() for spelling in spellings}
# Lowest and highest value that a predictor gives. Sources: the predictors' own papers; CADD as PHRED.
_RANGES = {
    "REVEL": (0.0, 1.0), "BayesDel": (-1.5, 1.0), "VEST4": (0.0, 1.0), "MutPred2": (0.0, 1.0),
    "CADD": (0.0, 99.0), "SpliceAI": (0.0, 1.0),
}  # fmt: skip
_DELTAS = ("dsag", "dsal", "dsdg", "dsdl")


def predictor_of(name: str) -> str | None:
    """The predictor that a name stands for, whatever its case and punctuation; None for no calibrated one.

    >>> predictor_of("BayesDel_noAF_score"), predictor_of("SIFT") is None
    ('BayesDel', True)
    """
    return _NAMES.get(re.sub(r"[^a-z0-9]", "", name.lower()))


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores by predictor, sentences on values that were lost, and on scores that none is calibrated for."""

    values: dict[str, float]
    lost: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def parse_scores(stated: Any) -> Scores:
    """Scores by predictor, and what was not used.

    Accepts an object from name to number (case and punctuation do not matter; `SpliceAI` may also be the INFO
    text `T|GENE|0.00|...` or an object of its four deltas, of which the highest counts), or a list of objects
    with `name` and `value`.

    >>> parse_scores({"revel_score": "0.91", "SpliceAI": "T|G|0.00|0.31|0.00|0.02|1|2|3|4"}).values
    {'REVEL': 0.91, 'SpliceAI': 0.31}
    >>> parse_scores({"REVEL": 3}).lost
    ('REVEL lies between 0 and 1; 3 was not used',)
    """
    found: dict[str, float] = {}
    deltas: list[float] = []
    notes: list[str] = []
    lost: list[str] = []
    for name, value in _pairs(stated, notes):
        bare = re.sub(r"[^a-z0-9]", "", name.lower())
        delta = next((d for d in _DELTAS if bare.endswith(d)), None)
        if delta:
            if (number := _number(value)) is not None and _in_range("SpliceAI", number, lost):
                deltas.append(number)
            continue
        predictor = _NAMES.get(bare)
        if predictor is None:
            notes.append(f"the score {name[:40]!r} has no calibrated thresholds here and was not used")
            continue
        number = _splice_delta(value) if predictor == "SpliceAI" else _number(value)
        if number is not None:
            if _in_range(predictor, number, lost):
                found.setdefault(predictor, number)
        elif value not in (None, "", ".", "NA", "nan"):
            lost.append(f"the value of {name[:40]!r} is no number and was not used")
    if deltas:
        found.setdefault("SpliceAI", max(deltas))
    return Scores(found, tuple(lost), tuple(notes))


def _in_range(predictor: str, number: float, lost: list[str]) -> bool:
    low, high = _RANGES[predictor]
    if low <= number <= high:
        return True
    lost.append(f"{predictor} lies between {low:g} and {high:g}; {number:g} was not used")
    return False


def _pairs(stated: Any, notes: list[str]) -> list[tuple[str, Any]]:
    if stated is None:
        return []
    if isinstance(stated, Mapping):
        return [(str(name), value) for name, value in stated.items()]
    if isinstance(stated, Sequence) and not isinstance(stated, str):
        rows = [row for row in stated if isinstance(row, Mapping)]
        return [
            (
                str(row.get("name") or row.get("predictor") or row.get("tool") or row.get("source") or ""),
                row.get("value", row.get("score")),
            )
            for row in rows
        ]
    notes.append("scores are an object from predictor to number; what was given was not used")
    return []


def _number(value: Any) -> float | None:
    """A finite number; of several (one per transcript) the highest."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return _number(value.get("value", value.get("score", value.get("max"))))
    parts = (
        value
        if isinstance(value, Sequence) and not isinstance(value, str)
        else re.split(r"[,;&|]", str(value))
    )
    numbers = []
    for part in parts:
        try:
            number = float(part)
        except (TypeError, ValueError):
            continue
        if math.isfinite(number):
            numbers.append(number)
    return max(numbers, default=None)


def _splice_delta(value: Any) -> float | None:
    """The highest of the four delta scores."""
    if isinstance(value, Mapping):
        numbers = [
            number
            for key, part in value.items()
            if re.sub(r"[^a-z]", "", str(key).lower()).endswith((*_DELTAS, "max", "value", "score"))
            and (number := _number(part)) is not None
        ]
        return max(numbers, default=None)
    if isinstance(value, str) and "|" in value:
        numbers = [
            number
            for record in value.split(",")
            for part in record.split("|")[2:6]
            if (number := _number(part)) is not None
        ]
        return max(numbers, default=None)
    return _number(value)

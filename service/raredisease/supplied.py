"""Criteria that a caller supplies: codes with or without a strength, in the spellings that panels use."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.domain.disease import Criterion
from service.errors import InvalidInput
from service.raredisease.codes import CODES, DEFAULT_STRENGTH, WITHDRAWN, is_pathogenic
from service.raredisease.strength import POINTS, Strength, parse_strength, strength_or_none

MET, NOT_MET, NOT_ASSESSED = "met", "not met", "not assessed"
SUPPLIED = "supplied by the caller"
_NO_STRENGTH = frozenset({"", "-", ".", "default", "na", "n/a", "nan", "none", "null", "not specified"})
_CODE = re.compile(
    r"\s*(PVS1|PS[1-4]|PM[1-6]|PP[1-5]|BA1|BS[1-4]|BP[1-7])(?![0-9])(.*)", re.IGNORECASE | re.DOTALL
)
_VERDICTS = {
    "met": MET, "applied": MET, "yes": MET, "true": MET, "applicable": MET,
    "not met": NOT_MET, "notmet": NOT_MET, "no": NOT_MET, "false": NOT_MET, "not applied": NOT_MET,
    "not applicable": NOT_MET,
    "not assessed": NOT_ASSESSED, "not evaluated": NOT_ASSESSED, "unknown": NOT_ASSESSED,
}  # fmt: skip


def parse_code(text: str) -> tuple[str, Strength | None]:
    """Code and, where the text names one, strength.

    Raises:
        InvalidInput: the text begins with none of the 28 codes, or its end names no strength.

    >>> parse_code("PVS1_Moderate"), parse_code("pm5-PTC_Strong"), parse_code("PVS1 (RNA)")
    (('PVS1', <Strength.MODERATE: 'Moderate'>), ('PM5', <Strength.STRONG: 'Strong'>), ('PVS1', None))
    """
    found = _CODE.match(text)
    if found is None:
        raise InvalidInput(
            f"{text[:40]!r} is none of the 28 codes; expected one such as PVS1, PM2_Supporting or BA1"
        )
    code, rest = found[1].upper(), found[2]
    bare = re.sub(
        r"\(?\b(RNA|PTC|splic\w*|protein|variable|weight)\b\)?",
        " ",
        rest.replace("_", " "),
        flags=re.IGNORECASE,
    )
    if not re.search(r"[A-Za-z]", bare):
        return code, None
    strength = strength_or_none(bare)
    if strength is None:
        raise InvalidInput(f"in {text[:40]!r} {rest.strip(' _-')[:30]!r} names no strength")
    return code, strength


@dataclass(frozen=True, slots=True)
class Supplied:
    """Criteria by code, sentences on items that were not read, and on strengths that were not stated."""

    criteria: dict[str, Criterion]
    lost: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_supplied(items: Any) -> Supplied:
    """Supplied criteria as `parse_supplied`, and what was not read of them.

    One item that cannot be read leaves the others in force: a class is never missing for its sake.

    >>> found = read_supplied(["PM2", "PX1"])
    >>> list(found.criteria), found.notes
    (['PM2'], ('no strength is stated for PM2: counted as supporting',))
    >>> found.lost[0].startswith("a criterion was not used: 'PX1' is none")
    True
    """
    found: dict[str, Criterion] = {}
    lost, bare = [], []
    for item in _items(items):
        try:
            criterion = _criterion(item)
        except InvalidInput as error:
            lost.append(f"a criterion was not used: {error}")
            continue
        _keep(found, criterion)
        if criterion.verdict == MET and not _states_strength(item):
            bare.append(criterion)
    return Supplied(found, tuple(lost), _without_strength(bare))


def _states_strength(item: Any) -> bool:
    text, stated = (item, None) if isinstance(item, str) else (item.get("code"), item.get("strength"))
    return not _silent(stated) or (isinstance(text, str) and parse_code(text)[1] is not None)


def _without_strength(bare: Sequence[Criterion]) -> tuple[str, ...]:
    if not bare:
        return ()
    codes = ", ".join(dict.fromkeys(criterion.code for criterion in bare))
    levels = {c.code: str(c.strength).lower() for c in bare}
    return (f"no strength is stated for {codes}: counted as {', '.join(levels.values())}",)


def parse_supplied(items: Any) -> dict[str, Criterion]:
    """Supplied criteria by code; of one code stated twice the stronger counts.

    `items` is a list of codes (`"PM2_Supporting"`) or of objects with `code` and, optionally, `strength`,
    `verdict` (or `met`) and `reason`; an object from code to strength; or a text with commas between codes.

    Raises:
        InvalidInput: an item is no criterion, or a strength does not fit it.

    >>> list(parse_supplied(["PM2", {"code": "PVS1", "strength": "Strong"}]))
    ['PM2', 'PVS1']
    """
    found: dict[str, Criterion] = {}
    for item in _items(items):
        _keep(found, _criterion(item))
    return found


def _keep(found: dict[str, Criterion], criterion: Criterion) -> None:
    known = found.get(criterion.code)
    if known is None or _weight(criterion) > _weight(known):
        found[criterion.code] = criterion


def _items(items: Any) -> Sequence[Any]:
    if items is None:
        return ()
    if isinstance(items, str):
        return [part for part in re.split(r"[,;|]", items) if part.strip()]
    if isinstance(items, Mapping):
        if "code" in items or "criterion" in items:
            return [items]
        return [{"code": code, **_stated(value)} for code, value in items.items()]
    if isinstance(items, Sequence):
        return items
    raise InvalidInput("criteria are a list of codes or of objects with code and strength")


def _stated(value: Any) -> dict[str, Any]:
    """What stands beside a code in an object from code to something."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, bool):
        return {"met": value}
    if isinstance(value, str) and value.strip().lower() in _VERDICTS:
        return {"verdict": value}
    return {"strength": value}


def _criterion(item: Any) -> Criterion:
    if isinstance(item, str):
        item = {"code": item}
    if not isinstance(item, Mapping):
        raise InvalidInput("a criterion is a code, or an object with code and strength")
    text = item.get("code") or item.get("criterion") or item.get("name")
    if not isinstance(text, str):
        raise InvalidInput("a criterion needs a code")
    code, strength = parse_code(text)
    stated = item.get("strength")
    if not _silent(stated):
        if not isinstance(stated, str):
            raise InvalidInput(f"the strength of {code} is a word")
        strength = parse_strength(stated)
    verdict = _verdict(item)
    reason = str(item.get("reason") or item.get("evidence") or SUPPLIED)
    if code in WITHDRAWN:
        return Criterion(code, None, NOT_MET, WITHDRAWN[code], supplied=True)
    if verdict != MET:
        return Criterion(code, None, verdict, reason, supplied=True)
    strength = strength or DEFAULT_STRENGTH[code]
    if strength is Strength.STAND_ALONE and is_pathogenic(code):
        # No scheme lets a pathogenic criterion decide by itself; the caller means the most that there is.
        strength, reason = Strength.VERY_STRONG, f"{reason}; stated as stand-alone, counted as very strong"
    return Criterion(code, strength.value, MET, reason, supplied=True)


def _silent(strength: Any) -> bool:
    """Whether a strength is not stated, in the words of tables and of JSON writers: the code's own holds."""
    if strength is None or (isinstance(strength, float) and math.isnan(strength)):
        return True
    return isinstance(strength, str) and strength.strip().lower() in _NO_STRENGTH


def _verdict(item: Mapping[str, Any]) -> str:
    stated = item.get("verdict", item.get("met", item.get("status")))
    if stated is None:
        return MET
    text = str(stated).strip().lower().replace("_", " ").replace("-", " ")
    if text not in _VERDICTS:
        raise InvalidInput(f"read the verdict {text[:30]!r}; expected met, not met or not assessed")
    return _VERDICTS[text]


def _weight(criterion: Criterion) -> int:
    return POINTS[Strength(criterion.strength)] if criterion.strength else 0


def in_order(criteria: Mapping[str, Criterion]) -> tuple[Criterion, ...]:
    """The criteria in the order of Richards 2015."""
    return tuple(criteria[code] for code in CODES if code in criteria)

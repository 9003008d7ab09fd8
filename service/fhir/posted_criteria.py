"""ACMG/AMP criteria in posted Observations: on the Variant itself, or on an implication derived from it."""

import re
from collections.abc import Iterable, Iterator

from service.fhir.posted import Located, Posted, codings
from service.fhir.terminology import LOINC, Json

_CODE = re.compile(r"(?:PVS1|PS[1-4]|PM[1-6]|PP[1-5]|BA1|BS[1-4]|BP[1-7])(?:_[A-Za-z_ ]+)?\Z")
_VERDICTS = frozenset({"met", "not met", "not assessed"})
_SAID_OF_THEM = "supplied by the caller"
# Stands where a strength would and is none, so that the criterion is refused and not taken as met.
_UNREAD = "a value of another type"


def posted_criteria(
    variant: Located, posted: Posted, observations: Iterable[Located]
) -> tuple[dict[str, str], ...]:
    """The criteria of one Variant: `code`, and `strength`, `verdict`, `reason` where stated.

    A criterion is a component whose code is one of the 28 (`PVS1`, also `PVS1_Strong`) in any system but
    LOINC; its value, a concept or a string, is a strength, a verdict, or both with commas between them, and
    after a colon the reason: the form in which this service writes them.
    """
    found = list(_components(variant.resource))
    for other in observations:
        links = other.resource.get("derivedFrom", [])
        if any(posted.resolve(link, other.resource) is variant.resource for link in links):
            found += _components(other.resource)
    return tuple(found)


def _components(resource: Json) -> Iterator[dict[str, str]]:
    for component in resource.get("component", []):
        given = [c for c in codings(component.get("code")) if c.get("system") != LOINC]
        code = next((str(c["code"]) for c in given if _CODE.match(str(c["code"]))), None)
        if code is not None and "dataAbsentReason" not in component:
            yield {"code": code, **_said(_value(component))}


def _value(component: Json) -> str:
    if isinstance(text := component.get("valueString"), str):
        return text
    if isinstance(flag := component.get("valueBoolean"), bool):
        return "met" if flag else "not met"
    concept = component.get("valueCodeableConcept")
    if not isinstance(concept, dict):
        return _UNREAD if any(name.startswith("value") for name in component) else ""
    shown = [str(c.get("display") or c["code"]) for c in codings(concept)]
    return str(concept.get("text") or next(iter(shown), ""))


def _said(value: str) -> dict[str, str]:
    """
    >>> _said("met, Very Strong: nonsense at codon 74 [a source]")
    {'verdict': 'met', 'strength': 'Very Strong', 'reason': 'nonsense at codon 74 [a source]'}
    """
    head, _, reason = value.partition(":")
    said = {}
    for part in (part.strip() for part in head.split(",")):
        if part.lower() in _VERDICTS:
            said["verdict"] = part.lower()
        elif part and part != _SAID_OF_THEM:
            said["strength"] = part
    return said | ({"reason": reason.strip()} if reason.strip() else {})

"""Which drug a medication is: by RxNorm ingredient, ATC code or name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from service.domain.case import Medication
from service.domain.guidance import DrugName

# Shorter ATC codes name groups too wide to say anything about a drug.
_SHORTEST_CLASS = 4
_ATC_LENGTH = 7
_COMBINED = re.compile(r"[/+,&;]|\band\b|\bwith\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Names, aliases and codes of drugs, lower case, to the drug's name."""

    by_rxnorm: dict[str, str]
    by_atc: dict[str, tuple[str, ...]]
    by_name: dict[str, str]

    @classmethod
    def of(cls, names: Iterable[DrugName]) -> "NameIndex":
        """An index of these drugs; the first drug with a code keeps it, an ATC code may name several."""
        rxnorm: dict[str, str] = {}
        atc: dict[str, tuple[str, ...]] = {}
        by_name: dict[str, str] = {}
        for drug in names:
            if drug.rxnorm:
                rxnorm.setdefault(drug.rxnorm, drug.name)
            for code in drug.atc:
                atc[code] = tuple(dict.fromkeys((*atc.get(code, ()), drug.name)))
            for name in (drug.name, *drug.aliases):
                by_name.setdefault(name.lower(), drug.name)
        return cls(rxnorm, atc, by_name)

    def drugs_of(self, medication: Medication) -> tuple[str, ...]:
        """Drugs that this medication is or contains; several for an ATC class; empty when not known here."""
        if medication.rxnorm and (drug := self.by_rxnorm.get(medication.rxnorm.strip())):
            return (drug,)
        if medication.name and (drugs := self._by_names(medication.name)):
            return drugs
        if medication.atc:
            return self._by_atc(medication.atc.strip().upper())
        return ()

    def _by_names(self, text: str) -> tuple[str, ...]:
        """By the whole name, else by each part of a combination ("codeine and paracetamol")."""
        if whole := self.by_name.get(text.lower().strip()):
            return (whole,)
        found = (self._by_name(part) for part in _COMBINED.split(text))
        return tuple(dict.fromkeys(drug for drug in found if drug))

    def _by_name(self, text: str) -> str | None:
        """By the whole name, or by the name without what follows it (salt, strength, form)."""
        words = text.lower().strip().split()
        for end in range(len(words), 0, -1):
            if drug := self.by_name.get(" ".join(words[:end])):
                return drug
        return None

    def _by_atc(self, code: str) -> tuple[str, ...]:
        if code in self.by_atc:
            return self.by_atc[code]
        if not _SHORTEST_CLASS <= len(code) < _ATC_LENGTH:
            return ()
        named = (drug for known, drugs in self.by_atc.items() if known.startswith(code) for drug in drugs)
        return tuple(dict.fromkeys(named))


def is_class(medication: Medication) -> bool:
    """True for a medication given only as an ATC group: which drug of it is taken is not stated."""
    return bool(
        medication.atc
        and not medication.rxnorm
        and not medication.name
        and _SHORTEST_CLASS <= len(medication.atc.strip()) < _ATC_LENGTH
    )


def day_of(text: str, *, latest: bool) -> date | None:
    """The day of an ISO 8601 date or time; a month or year gives its last or first day; None if unreadable.

    >>> day_of("2026-02", latest=True)
    datetime.date(2026, 2, 28)
    """
    try:
        if len(text) >= len("2026-02-28"):
            return date.fromisoformat(text[:10])
        year, _, month = text.partition("-")
        first = date(int(year), int(month or (12 if latest else 1)), 1)
    except ValueError:
        return None
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1) if latest else first


def is_taken(medication: Medication, today: date | None) -> bool:
    """True unless it ended before today or starts later. An unreadable date counts as taken."""
    if today is None:
        return True
    end = day_of(medication.end, latest=True) if medication.end else None
    start = day_of(medication.start, latest=False) if medication.start else None
    return (end is None or end >= today) and (start is None or start <= today)


def label(medication: Medication) -> str:
    """How to name a medication to people: its name, or else its code."""
    if medication.name:
        return medication.name.strip().lower()
    return f"RxNorm {medication.rxnorm}" if medication.rxnorm else f"ATC {medication.atc}"

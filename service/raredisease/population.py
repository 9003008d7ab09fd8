"""Allele frequencies as callers write them, turned into rows that criteria can weigh."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Founder populations that gnomAD leaves out of its group maximum. Source: gnomAD v4, grpmax FAF
# documentation.
BOTTLENECKED = frozenset(
    {
        "fin",
        "asj",
        "ami",
        "fi",
        "finnish",
        "ashkenazi",
        "ashkenazi jewish",
        "amish",
        "remaining",
        "oth",
        "other",
    }
)
_QUANTITY = {
    "ac": "count", "allelecount": "count", "count": "count",
    "an": "number", "allelenumber": "number", "number": "number", "alleles": "number",
    "af": "frequency", "allelefrequency": "frequency", "frequency": "frequency", "freq": "frequency",
    "maf": "frequency", "popmax": "frequency", "grpmax": "frequency", "afpopmax": "frequency",
    "afgrpmax": "frequency", "reportedfrequency": "frequency",
    "faf": "faf", "faf95": "faf", "fafmax": "faf", "faf95max": "faf", "faf95popmax": "faf",
    "faf95grpmax": "faf", "grpmaxfaf95": "faf", "popmaxfaf95": "faf", "grpmaxfaf": "faf", "popmaxfaf": "faf",
    "filteringaf": "faf", "filteringallelefrequency": "faf", "fafpopmax": "faf", "fafgrpmax": "faf",
    "hom": "homozygotes", "homozygotes": "homozygotes", "nhomalt": "homozygotes",
    "homozygotecount": "homozygotes", "homozygous": "homozygotes", "homalt": "homozygotes",
    "nhom": "homozygotes", "hemi": "hemizygotes", "hemizygotes": "hemizygotes",
    "hemizygotecount": "hemizygotes", "hemizygous": "hemizygotes", "achemi": "hemizygotes",
}  # fmt: skip
_LABELS = ("source", "population", "pop", "group", "ancestry", "label", "name", "dataset", "country", "id")
_NESTED = (
    "populations", "groups", "ancestries", "subpopulations", "by_population", "frequencies", "answers",
    "sources",
    "genome", "exome", "genomes", "exomes", "joint",
)  # fmt: skip
_IGNORED = frozenset(
    (
        "outcome", "reason", "version", "ci95", "criteria", "heterogeneity", "variant", "note",
        "sources", "silent",
        "grpmax_group", "popmax_group", "filters", "assembly", "pooled_group",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FrequencyRow:
    """One cohort or group. `frequency` and `faf95` are fractions 0..1; None means not stated.

    `bottlenecked` rows take no part in maxima. A filtering frequency alone (`faf95`) speaks for itself.
    """

    label: str
    count: int | None = None
    number: int | None = None
    frequency: float | None = None
    faf95: float | None = None
    homozygotes: int | None = None
    hemizygotes: int | None = None
    bottlenecked: bool = False

    @property
    def value(self) -> float | None:
        """AC / AN where both are stated, else the stated frequency."""
        if self.count is not None and self.number:
            return self.count / self.number
        return self.frequency


@dataclass(frozen=True, slots=True)
class PopulationEvidence:
    """What is known of a variant's frequency. Empty rows: nothing was given.

    `silent` names sources that were asked and gave no counts: they are no absence.
    """

    rows: tuple[FrequencyRow, ...] = ()
    notes: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()

    @property
    def general(self) -> tuple[FrequencyRow, ...]:
        """Rows that take part in maxima."""
        return tuple(row for row in self.rows if not row.bottlenecked)


def parse_frequencies(stated: Any) -> PopulationEvidence:
    """Rows from a list of rows, from one row, or from an object by source, group or quantity.

    Rows have `source` or `population`, and any of `allele_count`, `allele_number`, `frequency`, `faf95`,
    `homozygotes`, `hemizygotes` (or AC, AN, AF, hom, hemi). Objects may nest (`{"gnomad": {"af": ..,
    "populations": {"afr": {..}}}}`) or be flat (`{"gnomad_af": .., "gnomad_faf95": ..}`). The answer of
    `genomeward frequency` is accepted as it is.

    >>> parse_frequencies({"gnomad_ac": 3, "gnomad_an": 150000}).rows[0].value
    2e-05
    >>> [row.label for row in parse_frequencies({"gnomad": {"afr": 0.01, "fin": 0.2}}).general]
    ['gnomad afr']
    """
    notes: list[str] = []
    rows: list[FrequencyRow] = []
    for label, quantities in _tables(stated, "", notes):
        row = _row(label, quantities, notes)
        if row is not None:
            rows.append(row)
    return PopulationEvidence(tuple(rows), tuple(dict.fromkeys(notes)), tuple(_silent(stated)))


def _silent(stated: Any) -> Iterator[str]:
    """Sources whose stated outcome is anything but counts."""
    if isinstance(stated, Mapping):
        outcome = stated.get("outcome")
        if isinstance(outcome, str) and outcome.upper() not in ("OBSERVED", "CALLED_ABSENT"):
            yield f"{stated.get('source') or 'a source'} ({outcome.replace('_', ' ').lower()})"
        for value in stated.values():
            yield from _silent(value)
    elif isinstance(stated, list | tuple):
        for entry in stated:
            yield from _silent(entry)


def _tables(stated: Any, label: str, notes: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Tables of quantities with their label."""
    if stated is None:
        return
    if isinstance(stated, bool):
        notes.append("a frequency is a number between 0 and 1; what was given was not used")
    elif isinstance(stated, int | float | str):
        yield label or "stated", {"frequency": stated}
    elif isinstance(stated, Mapping):
        yield from _of_mapping(stated, label, notes)
    elif isinstance(stated, Sequence):
        for entry in stated:
            yield from _tables(entry, label, notes)
    else:
        notes.append("frequencies were not understood and not used")


def _of_mapping(
    stated: Mapping[str, Any], label: str, notes: list[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    named = " ".join(str(stated[key]) for key in _LABELS if isinstance(stated.get(key), str))
    label = " ".join(part for part in (label, named) if part)
    own: dict[str, Any] = {}
    flat: dict[str, dict[str, Any]] = {}
    for key, value in stated.items():
        name = str(key)
        if isinstance(value, list | tuple) and len(value) == 1 and not isinstance(value[0], Mapping):
            value = value[0]
        quantity = _QUANTITY.get(_bare(name))
        if _is_aside(name, value):
            continue
        if quantity and isinstance(value, Mapping):
            yield from ((f"{label} {group}".strip(), {quantity: part}) for group, part in _numbers(value))
        elif isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str)):
            inner = label if name.lower() in _NESTED else f"{label} {name}".strip()
            yield from _tables(value, inner, notes)
        elif quantity:
            _keep(own, quantity, value)
        elif value is True and "absent" in name.lower():
            _keep(own, "frequency", 0.0)
        else:
            prefix, quantity = _split(name)
            _keep(flat.setdefault(prefix, {}), quantity, value)
    if own:
        yield label or "stated", own
    for prefix, quantities in flat.items():
        yield f"{label} {prefix}".strip() or "stated", quantities


def _is_aside(name: str, value: Any) -> bool:
    """What stands beside the numbers: labels, names of groups, and what other keys say better."""
    lower = name.lower()
    if isinstance(value, str) and _real(value) is None:
        words = ("population", "group", "ancestry", "popmax", "grpmax")
        return lower in _LABELS or lower in _IGNORED or any(word in lower for word in words)
    if lower == "sources":
        return not (isinstance(value, Sequence) and any(isinstance(entry, Mapping) for entry in value))
    return lower in _IGNORED and not isinstance(value, Mapping)


def _numbers(stated: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    return [(str(group), part) for group, part in stated.items() if _real(part) is not None]


def _keep(quantities: dict[str, Any], quantity: str, value: Any) -> None:
    """Of one quantity stated twice (an overall and a highest frequency) the higher counts."""
    known, number = _real(quantities.get(quantity)), _real(value)
    if known is None or (number is not None and number > known):
        quantities[quantity] = value


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _split(name: str) -> tuple[str, str]:
    """A flat key as label and quantity; a key that names no quantity is a label with a frequency.

    >>> _split("gnomad_faf95_popmax"), _split("gnomAD_NFE_AF"), _split("afr")
    (('gnomad', 'faf'), ('gnomAD NFE', 'frequency'), ('afr', 'frequency'))
    """
    words = re.split(r"[_\-. ]+", name)
    for size in (3, 2, 1):
        for at in range(len(words) - size + 1):
            quantity = _QUANTITY.get(_bare("".join(words[at : at + size])))
            if quantity:
                rest = words[:at] + words[at + size :]
                return " ".join(rest), quantity
    return " ".join(words), "frequency"


def _row(label: str, quantities: Mapping[str, Any], notes: list[str]) -> FrequencyRow | None:
    count, number = _whole(quantities.get("count")), _whole(quantities.get("number"))
    frequency, faf = (
        _fraction(quantities.get("frequency"), label, notes),
        _fraction(quantities.get("faf"), label, notes),
    )
    homozygotes, hemizygotes = _whole(quantities.get("homozygotes")), _whole(quantities.get("hemizygotes"))
    if count is not None and number is not None and count > number:
        notes.append(f"{label}: more alleles counted than genotyped; the row was not used")
        return None
    if all(value is None for value in (count, number, frequency, faf, homozygotes, hemizygotes)):
        return None
    return FrequencyRow(
        label, count, number, frequency, faf, homozygotes, hemizygotes, is_bottlenecked(label)
    )


def is_bottlenecked(label: str) -> bool:
    """Whether a label names a founder population.

    >>> is_bottlenecked("gnomad FIN"), is_bottlenecked("gnomAD nfe")
    (True, False)
    """
    words = [word for word in re.split(r"[^a-z]+", label.lower()) if word]
    return any(word in BOTTLENECKED for word in words) or "ashkenazi" in label.lower()


def _whole(value: Any) -> int | None:
    number = _real(value)
    return int(number) if number is not None and number >= 0 else None


def _fraction(value: Any, label: str, notes: list[str]) -> float | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.strip().lower() in ("absent", "not observed", "none observed"):
        return 0.0
    number = _real(value)
    if number is None:
        if str(value).strip() not in (".", "NA", "-"):
            notes.append(f"{label}: {str(value)[:30]!r} is no frequency and was not used")
        return None
    if not 0 <= number <= 1:
        notes.append(f"{label}: a frequency is a fraction between 0 and 1, not {number:g}; it was not used")
        return None
    return number


def _real(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(str(value).strip().rstrip("%")) / (100 if str(value).strip().endswith("%") else 1)
    except ValueError:
        return None
    return number if math.isfinite(number) else None

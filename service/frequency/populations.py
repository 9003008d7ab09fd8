"""Rows of `frequencyInPopulations`: labels, numbers as nodes really write them, and the whole cohort."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.domain.frequency import AlleleFrequency, GroupFrequency
from service.frequency.allele_counts import homozygous_people

# Labels of ancestry groups as nodes spell gnomAD's; the ids are gnomAD's.
_ANCESTRY = {
    "african/african-american": "afr", "african": "afr", "admixed american": "amr", "east asian": "eas",
    "amish": "ami", "european (non-finnish)": "nfe", "european (non-finish)": "nfe", "finnish": "fin",
    "european (finnish)": "fin", "ashkenazi jewish": "asj", "remaining individuals": "remaining",
    "south asian": "sas", "middle eastern": "mid", "other": "remaining",
}  # fmt: skip
# Keys as nodes write them, without case and separators.
_KEYS = {
    "population": "population", "populationname": "population", "allelecount": "alleleCount",
    "ac": "alleleCount", "allelenumber": "alleleNumber", "an": "alleleNumber",
    "allelefrequency": "alleleFrequency", "af": "alleleFrequency", "nhomalt": "genotypeHomozygous",
    "homozygotecount": "genotypeHomozygous", "genotypehomozygous": "genotypeHomozygous",
    "genotypeheterozygous": "genotypeHeterozygous", "hemizygotecount": "genotypeHemizygous",
    "genotypehemizygous": "genotypeHemizygous", "allelecounthomozygous": "alleleCountHomozygous",
    "allelecountheterozygous": "alleleCountHeterozygous", "allelecounthemizygous": "alleleCountHemizygous",
}  # fmt: skip
_USUAL = {"population", "alleleCount", "alleleNumber"}
_WHOLE = frozenset({"total", "all", "global"})
# "FeXYs" is shipped in a real template: a replacement of "mal" in "Females".
_SEXES = {
    "m": "XY", "male": "XY", "males": "XY", "xy": "XY",
    "f": "XX", "female": "XX", "females": "XX", "fexys": "XX", "xx": "XX",
}  # fmt: skip
_ALPHA3 = {
    "aut": "AT", "bel": "BE", "bgr": "BG", "hrv": "HR", "cyp": "CY", "cze": "CZ", "dnk": "DK", "est": "EE",
    "fin": "FI", "fra": "FR", "deu": "DE", "ger": "DE", "grc": "GR", "hun": "HU", "irl": "IE", "ita": "IT",
    "lva": "LV", "ltu": "LT", "lux": "LU", "mlt": "MT", "nld": "NL", "nor": "NO", "pol": "PL", "prt": "PT",
    "rou": "RO", "svk": "SK", "svn": "SI", "esp": "ES", "swe": "SE", "che": "CH", "gbr": "GB", "isl": "IS",
}  # fmt: skip
# A two-letter label is a country's: of another country than the node's, it is not the node's cohort.
_OTHER_COUNTRY = re.compile(r"[A-Za-z]{2}(_[MFmf])?")
_BELOW = re.compile(r"<\s*(\d{1,6})")


class Unreadable(ValueError):  # noqa: N818 - a fact about a row
    """A row whose numbers cannot be true or cannot be understood."""


@dataclass(frozen=True, slots=True)
class PopulationRow:
    """One labelled row. Counts are None where the node does not give them."""

    label: str
    allele_count: int | None
    allele_number: int | None
    reported: float | None
    homozygotes: int | None = None
    hemizygotes: int | None = None
    suppressed_below: int | None = None
    imprecise: bool = False

    def frequency(self) -> AlleleFrequency | None:
        """The counts; None where either is missing."""
        if self.allele_count is None or self.allele_number is None:
            return None
        return AlleleFrequency(self.allele_count, self.allele_number, self.homozygotes, self.hemizygotes)

    @property
    def contradicts_itself(self) -> bool:
        """Whether the stated AF is not AC/AN, beyond rounding."""
        if self.reported is None or not self.allele_number or self.allele_count is None:
            return False
        expected = self.allele_count / self.allele_number
        return abs(self.reported - expected) > max(5e-4, 0.01 * expected)


def number(value: object) -> float | None:
    """A number written as number, text or one-element array; None for null and empty text.

    Raises Unreadable for anything else, and for an array whose elements differ.

    >>> number(7102.0), number([43]), number("198"), number(None), number("")
    (7102.0, 43.0, 198.0, None, None)
    """
    if isinstance(value, list):
        different = {number(element) for element in value}
        if len(different) != 1:
            raise Unreadable(f"an array of {len(value)} different numbers where one is expected")
        return different.pop()
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable("something else where a number is expected")
    try:
        return float(value)
    except ValueError as error:
        raise Unreadable("text where a number is expected") from error


def count(value: object, name: str) -> int | None:
    """A whole number, zero or more; None where it is not given."""
    found = number(value)
    if found is None:
        return None
    if not found.is_integer() or found < 0 or found > 2**53:
        raise Unreadable(f"{name} is not a count")
    return int(found)


def canonical(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row under the keys of the GDI convention; a key that is spelled so already wins.

    >>> canonical({"allele_count": 43, "AN": 198, "population": "FI"})
    {'alleleCount': 43, 'alleleNumber': 198, 'population': 'FI'}
    """
    if row.keys() >= _USUAL:
        return dict(row)
    renamed = {_KEYS.get(re.sub(r"[_\s-]", "", key).casefold(), key): value for key, value in row.items()}
    return renamed | {key: row[key] for key in _KEYS.values() if key in row}


def read_row(named: Mapping[str, Any], unit: str = "unknown") -> PopulationRow:
    """One row, whatever its keys are called. Raises Unreadable for impossible numbers."""
    row = canonical(named)
    label = str(row.get("population", "")).strip()
    imprecise = row.get("countPrecision") in ("imprecise", "rounded")
    below = None
    for key in ("alleleCount", "alleleNumber"):
        stated = row.get(key)
        if isinstance(stated, str) and (found := _BELOW.fullmatch(stated.strip())):
            below = int(found[1])
    if below is not None or imprecise:
        size = (
            None
            if isinstance(row.get("alleleNumber"), str)
            else count(row.get("alleleNumber"), "alleleNumber")
        )
        return PopulationRow(label, None, size, None, suppressed_below=below, imprecise=True)
    ac = count(row.get("alleleCount"), "alleleCount")
    an = count(row.get("alleleNumber"), "alleleNumber")
    try:
        reported = number(row.get("alleleFrequency"))
    except Unreadable:
        if ac is None or an is None:
            raise
        reported = None  # recomputed from the counts anyway
    if ac is not None and an is not None and ac > an:
        raise Unreadable(f"alleleCount exceeds alleleNumber ({ac} of {an})")
    if reported is not None and not 0 <= reported <= 1:
        if ac is None or an is None:
            raise Unreadable("alleleFrequency lies outside 0..1")
        reported = None
    hemizygotes = _people(row, "Hemizygous")
    return PopulationRow(label, ac, an, reported, _homozygotes(row, ac, hemizygotes, unit), hemizygotes)


def _people(row: Mapping[str, Any], kind: str) -> int | None:
    try:
        for key in (f"alleleCount{kind}", f"genotype{kind}"):
            if (found := count(row.get(key), key)) is not None:
                return found
    except Unreadable:
        return None  # an unreadable genotype count does not spoil AC and AN
    return None


def _homozygotes(row: Mapping[str, Any], ac: int | None, hemizygotes: int | None, unit: str) -> int | None:
    stated, het = _people(row, "Homozygous"), _people(row, "Heterozygous")
    if ac is None or stated is None:
        return None
    if unit == "unknown" and het is None and row.get("alleleCountHomozygous") is None:
        return stated if 2 * stated <= ac else None  # genotypes are people
    if unit == "people" or (unit == "alleles" and stated % 2 == 0):
        return stated if unit == "people" else stated // 2
    return homozygous_people(ac, het, stated, hemizygotes or 0)


@dataclass(frozen=True, slots=True)
class Cohort:
    """The row that stands for everybody in a cohort, its groups, and what a reader must know."""

    whole: PopulationRow
    groups: tuple[GroupFrequency, ...]
    notes: tuple[str, ...] = ()


def choose_cohort(rows: Sequence[PopulationRow], country: str, population: str | None) -> Cohort | None:
    """One row per person: the configured label, the country, Total, else women and men added up.

    None when no row or pair of rows can be taken for the cohort.
    """
    by_label = _by_label(rows, country)
    groups = _groups(by_label, country)
    for label in filter(None, (population and population.casefold(), country.casefold(), "total")):
        if label in by_label:
            return Cohort(by_label[label], groups, _notes(by_label[label]))
    for label in _WHOLE:
        if label in by_label:
            return Cohort(by_label[label], groups, _notes(by_label[label]))
    women, men = by_label.get("XX"), by_label.get("XY")
    if women is not None and men is not None:
        return Cohort(_added(women, men, country), groups, ("women and men added up",))
    only = women or men
    if only is not None:
        sex = "women" if only is women else "men"
        return Cohort(only, groups, (f"only the {sex} of the cohort are given ({only.label})", *_notes(only)))
    if len(rows) == 1 and not _OTHER_COUNTRY.fullmatch(rows[0].label):
        return Cohort(rows[0], groups, (f"the cohort is labelled {rows[0].label[:40]!r}", *_notes(rows[0])))
    return None


def _notes(row: PopulationRow) -> tuple[str, ...]:
    if row.contradicts_itself:
        return (f"the stated frequency {row.reported:g} contradicts the counts and was recomputed",)
    return ()


def _by_label(rows: Iterable[PopulationRow], country: str) -> dict[str, PopulationRow]:
    """Rows by normalised label: the country's sexes are XX and XY. Raises Unreadable for two unlike rows."""
    found: dict[str, PopulationRow] = {}
    for row in rows:
        label = normal_label(row.label, country)
        before = found.setdefault(label, row)
        same = (before.allele_count, before.allele_number) == (row.allele_count, row.allele_number)
        if before is not row and not same:
            raise Unreadable(f"two rows for {row.label[:40]!r} with different counts")
    return found


def normal_label(label: str, country: str) -> str:
    """`XX`, `XY`, the country's label, or the label itself in lower case.

    >>> normal_label("FI_M", "FI"), normal_label("FeXYs", "FI"), normal_label("COVID_pop11_fin_1", "FI")
    ('XY', 'XX', 'fi')
    >>> normal_label("FR_M", "FI"), normal_label("FIN", "FI"), normal_label("FIN-female", "FI")
    ('fr_m', 'fi', 'XX')
    """
    folded = label.casefold()
    if folded in _SEXES:
        return _SEXES[folded]
    parts = re.split(r"[_\s-]+", folded)
    here = {country.casefold()} | {code for code, two in _ALPHA3.items() if two == country.upper()}
    if len(parts) == 2 and parts[1] in _SEXES and (parts[0] in here or parts[0] in _WHOLE):
        return _SEXES[parts[1]]
    if parts[0] in here and len(parts) == 1:
        return country.casefold()
    if any(part in here and len(part) > 2 for part in parts[1:]):
        return country.casefold()
    return folded


def _groups(by_label: Mapping[str, PopulationRow], country: str) -> tuple[GroupFrequency, ...]:
    groups = []
    for label, row in by_label.items():
        frequency = row.frequency()
        if frequency is None or label in _WHOLE or label == country.casefold():
            continue
        groups.append(GroupFrequency(_ANCESTRY.get(label, label), frequency))
    return tuple(groups)


def _added(women: PopulationRow, men: PopulationRow, country: str) -> PopulationRow:
    def added(first: int | None, second: int | None) -> int | None:
        return None if first is None or second is None else first + second

    return PopulationRow(
        country,
        added(women.allele_count, men.allele_count),
        added(women.allele_number, men.allele_number),
        None,
        added(women.homozygotes, men.homozygotes),
        added(women.hemizygotes or 0, men.hemizygotes),
        imprecise=women.imprecise or men.imprecise,
    )

"""One VCF line -> one GenotypeRecord. The only place where 1-based positions and GT text are read."""

import re
from dataclasses import dataclass
from functools import lru_cache

from service.domain.variant import GenotypeRecord
from service.errors import InvalidVcf

Genotype = tuple[int | None, ...]

_GT = re.compile(r"[/|]?(?:\.|\d+)(?:[/|](?:\.|\d+))*")
_SEPARATOR = re.compile(r"[/|]")
_BASES = frozenset("ACGTN")
# Allele depths count one per allele (R); where a header says otherwise they mean something else.
_DEPTHS_PER_ALLELE = ("R", None)
_FRACTION_KEYS = ("AF", "VAF")
PREPROCESSOR_CODES = "PCATx"


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """A record as the sample carries it, with what GenotypeRecord does not hold.

    `fractions` are variant allele fractions (0..1), one per alternate allele, None where not stated;
    `father` and `mother` are the parents' genotypes, None when they are not in the file.
    """

    record: GenotypeRecord
    fractions: tuple[float | None, ...]
    father: Genotype | None = None
    mother: Genotype | None = None


@lru_cache(maxsize=4096)
def parse_genotype(text: str) -> tuple[Genotype, bool]:
    """Allele indices (None for `.`) and whether they are phased; a single allele counts as phased.

    A leading separator (VCF 4.4) is read. Raises InvalidVcf for anything else.

    >>> parse_genotype("0|1"), parse_genotype("./1"), parse_genotype("1")
    (((0, 1), True), ((None, 1), False), ((1,), True))
    """
    if not _GT.fullmatch(text):
        raise InvalidVcf("GT is not made of allele numbers separated by / or |; the record was not read")
    alleles = _SEPARATOR.split(text.lstrip("/|"))
    phased = "/" not in text[1:] and (len(alleles) > 1 or not text.startswith("/"))
    return tuple(None if allele == "." else int(allele) for allele in alleles), phased


class RecordReader:
    """Turns lines of one file into records."""

    def __init__(self, format_numbers: dict[str, str], *, father: bool = False, mother: bool = False) -> None:
        self._depths_declared = format_numbers.get("AD") in _DEPTHS_PER_ALLELE
        self._parents = (father, mother)

    def read(self, line: str, *, chrom: str, start: int, number: int) -> SampleRecord:
        """The record of one line: nine columns, the sample, then the father and the mother where present.

        Raises:
            InvalidVcf: REF or GT cannot be read, or GT names an allele that ALT does not have.
        """
        _, _, ids, ref, alt, _, filters, entries, keys, *samples = line.rstrip("\r").split("\t")
        ref = ref.upper()
        if not ref or not _BASES.issuperset(ref):
            raise InvalidVcf("REF is not made of A, C, G, T and N; the record was not read")
        alts = _alternates(alt)
        said = _sample_cells(keys, samples[0])
        if said.highest > len(alts):
            raise InvalidVcf(_beyond(len(alts)))
        reasons = filter_reasons(filters, said.filters)
        record = GenotypeRecord(
            chrom,
            start,
            ref,
            alts,
            said.genotype,
            said.phased,
            said.phase_set,
            reasons,
            not reasons,
            said.depth,
            said.depths if self._depths_declared else None,
            _stated(ids),
            number,
            _entries(entries),
        )
        fractions = _fractions(said, len(alts))
        if not any(self._parents):
            return SampleRecord(record, fractions)
        father, mother = self._parent_genotypes(keys, samples[1:], len(alts))
        return SampleRecord(record, fractions, father, mother)

    def _parent_genotypes(
        self, keys: str, samples: list[str], alts: int
    ) -> tuple[Genotype | None, Genotype | None]:
        texts = iter(samples)
        genotypes: list[Genotype | None] = []
        for present in self._parents:
            if not present:
                genotypes.append(None)
                continue
            fields = dict(zip(keys.split(":"), next(texts).split(":"), strict=False))
            genotype, _ = parse_genotype(fields.get("GT", "."))
            _check_indices(genotype, alts)
            genotypes.append(genotype)
        return genotypes[0], genotypes[1]


def filter_reasons(filters: str, sample_filter: str | None) -> tuple[str, ...]:
    """Reasons named by FILTER and by the sample's FT; empty when both passed or were not applied.

    Codes of PharmCAT's preprocessor are passed over: they compare a record with its positions.

    >>> filter_reasons("q10;s50", "PASS"), filter_reasons(".", None), filter_reasons("PCATxALT", None)
    (('q10', 's50'), (), ())
    """
    if filters == "PASS" and sample_filter is None:
        return ()
    reasons: list[str] = []
    for stated in (filters, sample_filter):
        if stated not in (None, "PASS", ".", ""):
            reasons += [
                reason
                for reason in stated.split(";")
                if reason not in reasons and not reason.startswith(PREPROCESSOR_CODES)
            ]
    return tuple(reasons)


@lru_cache(maxsize=4096)
def _alternates(alt: str) -> tuple[str, ...]:
    """ALT alleles, bases in upper case, symbolic ones as written; empty for `.`."""
    if alt == ".":
        return ()
    alts = tuple(
        allele if "<" in allele or "[" in allele or "]" in allele else allele.upper()
        for allele in alt.split(",")
    )
    if not all(alts):
        raise InvalidVcf("ALT holds an empty allele; the record was not read")
    return alts


def _check_indices(genotype: Genotype, alts: int) -> None:
    if any(index is not None and index > alts for index in genotype):
        raise InvalidVcf(_beyond(alts))


def _beyond(alts: int) -> str:
    return f"GT names an allele beyond the {alts} of ALT; the record was not read"


@dataclass(frozen=True, slots=True)
class _SampleCells:
    """What one sample column says, read once for all records that say the same."""

    genotype: Genotype
    phased: bool
    highest: int
    phase_set: str | None
    filters: str | None
    depth: int | None
    depths: tuple[int, ...] | None
    fractions: tuple[str | None, ...]


@lru_cache(maxsize=4096)
def _sample_cells(keys: str, cells: str) -> _SampleCells:
    """FORMAT and a sample's column. Raises InvalidVcf when GT cannot be read."""
    fields = dict(zip(keys.split(":"), cells.split(":"), strict=False))
    genotype, phased = parse_genotype(fields["GT"]) if "GT" in fields else ((), False)
    depths = _integers(fields.get("AD"))
    return _SampleCells(
        genotype,
        phased,
        max((index for index in genotype if index is not None), default=0),
        _stated(fields.get("PS")),
        fields.get("FT"),
        _depth(fields.get("DP"), depths),
        depths,
        tuple(fields.get(key) for key in _FRACTION_KEYS),
    )


@lru_cache(maxsize=4096)
def _integers(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    values = text.split(",")
    return tuple(map(int, values)) if all(value.isdecimal() for value in values) else None


def _depth(text: str | None, depths: tuple[int, ...] | None) -> int | None:
    if text is not None and text.isdecimal():
        return int(text)
    return sum(depths) if depths else None


def _fractions(said: _SampleCells, alts: int) -> tuple[float | None, ...]:
    if not alts:
        return ()
    depths = said.depths
    if depths is not None and len(depths) == alts + 1 and (total := sum(depths)):
        return tuple(depth / total for depth in depths[1:])
    for stated in said.fractions:
        values = stated.split(",") if stated else ()
        if len(values) == alts:
            return tuple(_fraction(value) for value in values)
    return (None,) * alts


def _fraction(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


@lru_cache(maxsize=1024)
def _entries(text: str) -> tuple[tuple[str, str], ...]:
    """INFO as (key, value) in file order; a flag has an empty value."""
    if text == ".":
        return ()
    return tuple((key, value) for key, _, value in (entry.partition("=") for entry in text.split(";")) if key)


def _stated(text: str | None) -> str | None:
    return None if text in (None, "", ".") else text

"""Results of other callers: read from tab-separated text, and put in the place of ours."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.domain.pgx import Diplotype, OutsideCall
from service.errors import InvalidOption
from service.pgx.names import diplotype_name, sorted_names
from service.pgx.phenotype import INDETERMINATE, NO_RESULT, NOT_ASSIGNED, Phenotypes
from service.pgx.scores import normalized_score

ONE_ALLELE_GENES = frozenset(("HLA-A", "HLA-B", "MT-RNR1", "G6PD"))
NO_CALLS = frozenset(("", ".", "./."))
_SUB_ALLELE = re.compile(r"(\*\d+)\.\d+")
_COPIES = re.compile(r"(?P<allele>\*\d+)x(?P<copies>≥?\d+)")
_HLA_FIELDS = re.compile(r"(\*\d+:\d+)(?::\d+)*[A-Z]?")
_TANDEM = re.compile(r"\s*\+\s*")
_ABBREVIATIONS = {
    "PM": "Poor Metabolizer",
    "IM": "Intermediate Metabolizer",
    "NM": "Normal Metabolizer",
    "RM": "Rapid Metabolizer",
    "UM": "Ultrarapid Metabolizer",
}


def parse_outside_calls(text: str) -> tuple[OutsideCall, ...]:
    """Calls of tab-separated lines: gene, diplotype, phenotype, activity score; further columns are ignored.

    Lines that are blank or start with `#` are skipped, so is a header line.

    Raises:
        InvalidOption: a line without a gene, or without any result.

    >>> parse_outside_calls("CYP2D6\\t*1/*4\\nHLA-B\\t\\t*57:01 positive")[1].phenotype
    '*57:01 positive'
    """
    calls: list[OutsideCall] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        gene, *rest = (part.strip() for part in line.split("\t"))
        if gene.lower() == "gene" and not calls:
            continue
        diplotype, phenotype, score = (part or None for part in (*rest, "", "", "")[:3])
        if not gene or not (diplotype or phenotype or score):
            raise InvalidOption(
                "expected a gene and at least one of diplotype, phenotype and activity score, tab-separated",
                where=f"outside calls, line {number}",
            )
        calls.append(OutsideCall(gene, diplotype, phenotype, score, number))
    return tuple(calls)


@dataclass
class OutsideResult:
    """The outside calls of one gene as diplotypes; `problems` are lines that could not be used."""

    diplotypes: list[Diplotype] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def outside_result(calls: Sequence[OutsideCall], tables: Phenotypes) -> OutsideResult:
    """What the outside calls of a gene say, looked up in the gene's tables."""
    result = OutsideResult()
    for call in calls:
        where = f"line {call.line}" if call.line is not None else "posted genotype"
        try:
            diplotype = _diplotype(call, tables, result.notes)
        except InvalidOption as error:
            result.problems.append(f"{where}: {error.message}")
            continue
        if diplotype is None:
            result.notes.append("The other caller made no call.")
        elif diplotype not in result.diplotypes:
            result.diplotypes.append(diplotype)
    return result


def _diplotype(call: OutsideCall, tables: Phenotypes, notes: list[str]) -> Diplotype | None:
    """The call with what it leaves out looked up; None for a no-call."""
    names = _alleles(call, tables, notes)
    phenotype, score = _from_alleles(names, tables, notes)
    given_phenotype = _known_spelling(call.phenotype, tables)
    given_score = normalized_score(call.activity_score) if tables.definition.activity_score else None
    if not names and given_phenotype is None and given_score is None:
        return None
    if not names:
        phenotype, score = _from_given(given_phenotype, given_score, tables)
    elif given_phenotype is not None and given_phenotype != phenotype:
        notes.append(_mismatch("phenotype", given_phenotype, phenotype))
        phenotype = given_phenotype
    if names and given_score is not None and given_score != score:
        notes.append(_mismatch("activity score", given_score, score or NOT_ASSIGNED))
        score = given_score
        by_score = tables.of_score(given_score)
        if given_phenotype is None and len(by_score) == 1:
            phenotype = by_score[0]
    shown = sorted_names(names)
    return Diplotype(diplotype_name(shown), shown, score, phenotype)


def _mismatch(what: str, given: str, expected: str) -> str:
    return f"The outside call gives {what} {given}, its alleles stand for {expected}; the given one is kept."


def _from_given(phenotype: str | None, score: str | None, tables: Phenotypes) -> tuple[str, str | None]:
    """Phenotype and score of a call without alleles."""
    scored = NOT_ASSIGNED if tables.definition.activity_score else None
    if score is None:
        return phenotype or NO_RESULT, scored
    if phenotype is not None:
        return phenotype, score
    by_score = tables.of_score(score)
    return (by_score[0] if len(by_score) == 1 else INDETERMINATE), score


def _alleles(call: OutsideCall, tables: Phenotypes, notes: list[str]) -> tuple[str, ...]:
    """Allele names in the spelling of the facts; empty when the call names none."""
    gene = tables.definition.gene
    if (call.diplotype or "").strip() in NO_CALLS:
        return ()
    parts = [_TANDEM.sub(" + ", part.strip()) for part in (call.diplotype or "").split("/")]
    if tables.alleles.get(call.diplotype or ""):
        parts = [call.diplotype or ""]
    if len(parts) > 2 or not all(parts):
        raise InvalidOption(f"expected two alleles of {gene} separated by /")
    if len(parts) == 1 and gene not in ONE_ALLELE_GENES:
        raise InvalidOption(f"expected two alleles of {gene} separated by /, one was read")
    names = tuple(_allele(part, gene, notes) for part in parts)
    if tables.alleles:
        unknown = [name for name in names if name not in tables.alleles and not _composed(name)]
        notes += [
            f"{gene} {name} is not an allele of the tables used here." for name in dict.fromkeys(unknown)
        ]
    return names


def _allele(text: str, gene: str, notes: list[str]) -> str:
    name = text.removeprefix(gene).strip(" :_") if text != gene else text
    if gene.startswith("HLA-"):
        name = name.removeprefix("HLA-").removeprefix(gene.removeprefix("HLA-"))
        if not name.startswith("*"):
            raise InvalidOption(f"expected an allele of {gene} such as *57:01")
        return _HLA_FIELDS.sub(r"\1", name)
    if gene == "CYP2D6":
        whole = _SUB_ALLELE.sub(r"\1", name)
        if whole != name:
            notes.append(f"The sub-allele {name} of the outside call is read as {whole}.")
        return whole
    return name


def _composed(name: str) -> bool:
    return " + " in name or _COPIES.search(name) is not None


def _from_alleles(names: tuple[str, ...], tables: Phenotypes, notes: list[str]) -> tuple[str, str | None]:
    if not names:
        return NO_RESULT, None
    if tables.alleles and any(name not in tables.alleles and not _composed(name) for name in names):
        return NO_RESULT, NOT_ASSIGNED if tables.definition.activity_score else None
    keys = [_key(name, tables, notes) for name in names]
    return tables.of_keys(keys, names)


def _key(name: str, tables: Phenotypes, notes: list[str]) -> str | None:
    """What an allele of an outside call is looked up by.

    Three copies or more are looked up as `x≥3` where the tables have it. Where they have no entry for a
    duplication or tandem, its activity value is the sum over its copies (CYP2D6 consensus 2020,
    doi:10.1111/cts.12692).
    """
    if name in tables.alleles or not _composed(name):
        return tables.lookup_key(name)
    copies = _COPIES.fullmatch(name)
    if copies and int(copies["copies"].lstrip("≥")) >= 3:
        table_name = f"{copies['allele']}x≥3"
        if table_name in tables.alleles:
            notes.append(f"{name} is looked up as {table_name}.")
            return tables.lookup_key(table_name)
    total = _summed(name, tables)
    if total is not None:
        notes.append(f"The activity value of {name} is the sum over its gene copies: {total}.")
    return total


def _summed(name: str, tables: Phenotypes) -> str | None:
    if not tables.definition.activity_score:
        return None
    total = 0.0
    for part in name.split(" + "):
        copies = _COPIES.fullmatch(part)
        if copies and "≥" in copies["copies"]:
            return None
        value = tables.lookup_key(copies["allele"] if copies else part)
        try:
            total += float(value or "") * (int(copies["copies"]) if copies else 1)
        except ValueError:
            return None
    return normalized_score(str(total))


def _known_spelling(phenotype: str | None, tables: Phenotypes) -> str | None:
    """A phenotype in the words of the tables where it is one of theirs, whatever its case or abbreviation."""
    if phenotype is None or phenotype in NO_CALLS:
        return None
    text = phenotype.removeprefix(tables.definition.gene).strip()
    text = _ABBREVIATIONS.get(text.upper(), text)
    known = {name.casefold(): name for name in tables.known_phenotypes}
    return known.get(text.casefold(), text)

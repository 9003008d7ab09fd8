"""Results of other callers: read from tab-separated text, and put in the place of ours."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from service.domain.pgx import Diplotype, OutsideCall
from service.errors import InvalidOption
from service.pgx.allele_names import AlleleNames, StrandName
from service.pgx.combine import Strand
from service.pgx.names import diplotype_name, sorted_names
from service.pgx.phenotype import INDETERMINATE, NO_RESULT, NOT_ASSIGNED, Phenotypes
from service.pgx.scores import SCORE_GENES, normalized_score, phenotype_of_score, score_value
from service.pgx.stated import NO_CALLS, in_its_place, stated

ONE_ALLELE_GENES = frozenset(("HLA-A", "HLA-B", "MT-RNR1", "G6PD"))
ONE_COPY_GENE = "MT-RNR1"
SUB_ALLELE = "{name} of the outside call, a sub-allele or former name, is read as {core}."
NOT_IN_TABLES = "{gene} {name} is not an allele of the tables used here."
ONE_ALLELE = "One {gene} allele was given: that others are absent rests on it alone."
DENIED_ALLELE = "expected statuses of {gene} that deny none of the alleles beside them"
NOT_USED = "Part of the outside call was not used: {expected}."
ONE_MITOCHONDRIAL = (
    "expected one allele of MT-RNR1, or the same one twice: for a mixture of two (heteroplasmy) the tables "
    "have no phenotype"
)
_COPIES = re.compile(r"(?P<allele>\*\d+)x(?P<copies>≥?[1-9]\d*)")
# Several possible results in one field, as Cyrius writes them.
_OR = re.compile(r"\s*;\s*|\s+or\s+")
_HLA_FIELDS = re.compile(r"(\*\d+:\d+)(?::\d+)*[A-Z]?")


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
    placed = (_as_one_pair(in_its_place(call, tables), tables) for call in calls)
    for call in chain.from_iterable(map(_possibilities, placed)):
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


def _as_one_pair(call: OutsideCall, tables: Phenotypes) -> OutsideCall:
    """HLA typing lists the two alleles of a person: `*57:01;*08:01` and `B*57:01, B*08:01` are one pair.

    Read as two possible results either could be absent, and with it the warning that hangs on it.
    """
    parts = [part.strip() for part in re.split(r"[;,]", call.diplotype or "") if part.strip()]
    if not tables.definition.presence_alleles or len(parts) != 2 or "/" in (call.diplotype or ""):
        return call
    return replace(call, diplotype="/".join(parts))


def _possibilities(call: OutsideCall) -> Iterator[OutsideCall]:
    """A call per possible diplotype of its field."""
    text = call.diplotype or ""
    parts = [part for part in _OR.split(text) if part]
    by_comma = [part.strip() for part in text.split(",")]
    if len(by_comma) > 1 and all("/" in part for part in by_comma):
        parts = by_comma
    yield from (replace(call, diplotype=part) for part in parts or [call.diplotype])


def _diplotype(call: OutsideCall, tables: Phenotypes, notes: list[str]) -> Diplotype | None:
    """The call with what it leaves out looked up; None for a no-call."""
    strands = _strands(call, tables, notes)
    names = tuple(strand.name for strand in strands)
    phenotype, score = _from_strands(strands, tables, notes)
    given = stated(call, tables)
    if not names and given.empty:
        if given.unread:
            raise InvalidOption(given.unread[0])
        return None
    notes += [NOT_USED.format(expected=expected) for expected in given.unread]
    if not names:
        phenotype, score = _from_given(given.phenotype, given.activity_score, tables)
    else:
        expected = score
        if given.phenotype is not None and _denies(given.phenotype, phenotype, tables):
            raise InvalidOption(DENIED_ALLELE.format(gene=call.gene))
        if given.phenotype is not None and not _is_said(given.phenotype, phenotype, tables):
            if phenotype != NO_RESULT:
                notes.append(_mismatch("phenotype", given.phenotype, phenotype))
            phenotype = given.phenotype
            score = NOT_ASSIGNED if tables.definition.activity_score else None
        if given.activity_score is not None and given.activity_score != expected:
            if expected not in (None, NOT_ASSIGNED):
                notes.append(_mismatch("activity score", given.activity_score, expected))
            if given.phenotype is None:
                phenotype = _of_score(given.activity_score, tables)
        score = given.activity_score or score
    shown = sorted_names(names)
    return Diplotype(diplotype_name(shown), shown, score, phenotype)


def _is_said(given: str, phenotype: str, tables: Phenotypes) -> bool:
    """Whether the alleles say it too; of allele statuses a caller may give some."""
    if tables.definition.presence_alleles:
        return {part.strip() for part in given.split(",")} <= {part.strip() for part in phenotype.split(",")}
    return given == phenotype


def _denies(given: str, phenotype: str, tables: Phenotypes) -> bool:
    """Whether a status says negative of an allele that stands beside it: which is right nobody can tell."""
    if not tables.definition.presence_alleles:
        return False
    present = {part.strip() for part in phenotype.split(",") if part.strip().endswith(" positive")}
    return any(part.strip().replace(" negative", " positive") in present
               for part in given.split(",") if part.strip().endswith(" negative"))  # fmt: skip


def _mismatch(what: str, given: str, expected: str) -> str:
    return f"The outside call gives {what} {given}, its alleles stand for {expected}; the given one is kept."


def _from_given(phenotype: str | None, score: str | None, tables: Phenotypes) -> tuple[str, str | None]:
    """Phenotype and score of a call without alleles."""
    scored = NOT_ASSIGNED if tables.definition.activity_score else None
    if score is None:
        return phenotype or NO_RESULT, scored
    if phenotype is not None:
        return phenotype, score
    return _of_score(score, tables), score


def _of_score(score: str, tables: Phenotypes) -> str:
    """The phenotype of an activity score: by the rules, and by the bands where no rule has the score."""
    by_rules = tables.of_score(score)
    if len(by_rules) == 1:
        return by_rules[0]
    if by_rules or tables.definition.gene not in SCORE_GENES:
        return INDETERMINATE
    return phenotype_of_score(tables.definition.gene, score)


def _strands(call: OutsideCall, tables: Phenotypes, notes: list[str]) -> tuple[StrandName, ...]:
    """What lies on each strand, in the spelling of the facts; none when the call names nothing."""
    gene = tables.definition.gene
    text = (call.diplotype or "").strip()
    if text.casefold() in NO_CALLS:
        return ()
    parts = [part.strip() for part in text.split("/" if "/" in text else "|")]
    if len(parts) > 2 or not all(parts):
        raise InvalidOption(f"expected two alleles of {gene} separated by /")
    if len(parts) == 1 and gene not in ONE_ALLELE_GENES:
        raise InvalidOption(f"expected two alleles of {gene} separated by /, one was read")
    if tables.definition.presence_alleles:
        if len(parts) == 1:
            notes.append(ONE_ALLELE.format(gene=gene))
        return tuple(StrandName(name, (name,)) for name in (_hla_allele(part, gene) for part in parts))
    names = AlleleNames(tables.definition)
    strands = tuple(names.strand(part) for part in parts)
    if gene == ONE_COPY_GENE and len(strands) > 1:
        # Homoplasmic: mitochondria carry no pair, whatever a caller's table needs.
        if strands[0] != strands[1]:
            raise InvalidOption(ONE_MITOCHONDRIAL)
        strands = strands[:1]
    for strand in strands:
        notes += [SUB_ALLELE.format(name=name, core=strand.name) for name in strand.sub_alleles]
    unknown = [c for strand in strands for c in strand.components if not _is_known(c, tables)]
    notes += [NOT_IN_TABLES.format(gene=gene, name=name) for name in dict.fromkeys(unknown)]
    return strands


def _hla_allele(text: str, gene: str) -> str:
    name = text.removeprefix("HLA-").removeprefix(gene.removeprefix("HLA-")).strip(" :_")
    match = _HLA_FIELDS.fullmatch(name)
    if match is None:
        raise InvalidOption(f"expected an allele of {gene} with two fields or more, such as *57:01")
    return match[1]


def _is_known(name: str, tables: Phenotypes) -> bool:
    copies = _COPIES.fullmatch(name)
    return name in tables.alleles or (copies is not None and copies["allele"] in tables.alleles)


def _from_strands(
    strands: tuple[StrandName, ...], tables: Phenotypes, notes: list[str]
) -> tuple[str, str | None]:
    """(phenotype, activity score) of what the tables know of both strands."""
    scored = NOT_ASSIGNED if tables.definition.activity_score else None
    components = [component for strand in strands for component in strand.components]
    if not strands:
        return NO_RESULT, None
    if tables.definition.presence_alleles:
        return tables.of_keys((), components)
    if not all(_is_known(component, tables) for component in components):
        return NO_RESULT, scored
    keys = [_key(strand, tables, notes) for strand in strands]
    phenotype, score = tables.of_keys(keys, components)
    if score == NOT_ASSIGNED and (total := _total(keys)) is not None:
        return phenotype_of_score(tables.definition.gene, total), total
    return phenotype, score


def _key(strand: StrandName, tables: Phenotypes, notes: list[str]) -> str | None:
    """What a strand of an outside call is looked up by.

    Three copies or more are looked up as `x≥3` where the tables have it. Where they have no entry for a
    duplication or tandem, its activity value is the sum over its copies (CYP2D6 consensus 2020,
    doi:10.1111/cts.12692).
    """
    if len(strand.components) == 1 and strand.name in tables.alleles:
        return tables.lookup_key(strand.name)
    if tables.definition.lowest_function:
        return tables.lookup_key(tables.leading(Strand(strand.components)))
    copies = _COPIES.fullmatch(strand.name)
    if copies and int(copies["copies"].lstrip("≥")) >= 3:
        table_name = f"{copies['allele']}x≥3"
        if table_name in tables.alleles:
            notes.append(f"{strand.name} is looked up as {table_name}.")
            return tables.lookup_key(table_name)
    total = _total([_copies_key(component, tables) for component in strand.components])
    if total is not None and tables.definition.activity_score:
        notes.append(f"The activity value of {strand.name} is the sum over its gene copies: {total}.")
    return total


def _copies_key(name: str, tables: Phenotypes) -> str | None:
    """The activity value of one component with its copies; None where it has none."""
    copies = _COPIES.fullmatch(name)
    if name in tables.alleles or copies is None:
        return tables.lookup_key(name)
    value = normalized_score(tables.lookup_key(copies["allele"]))
    if value is None or copies["copies"].startswith("≥"):
        return None
    return str(score_value(value) * int(copies["copies"]))


def _total(keys: Sequence[str | None]) -> str | None:
    """The sum of activity values; None where one is not a number."""
    values = [normalized_score(key) for key in keys]
    if not values or None in values:
        return None
    total = sum(score_value(value) for value in values if value is not None)
    at_least = any(value is not None and value.startswith("≥") for value in values)
    return normalized_score(f"{'≥' if at_least else ''}{total}")

"""Contradictions between gene files and guideline files, for `genomeward kb check`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

from service.domain.guidance import DrugGuidance, DrugName, Guidance, LookupTable, Statement
from service.domain.pgx import Dose, GeneDefinition
from service.knowledge.drug_names import drug_names
from service.knowledge.pharmacogenes import contradictions
from service.knowledge.wording import drugs_named, figures_of

# Keys that rows may use beside what a gene's rules give: nothing known of the gene, or copies not stated.
_ALWAYS = {"No Result", "n/a", "xN combinations"}
_UNKNOWN = {"Indeterminate", "n/a", "No Result"}


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One thing that the knowledge base says against itself, or leaves open.

    `kind` is allele-without-function, no-phenotype, two-phenotypes, gene-file, uncovered, unknown-key,
    figure, drug-name or unsourced.
    `severity` is `error`, or `warning` for what the upstream itself leaves open.
    """

    kind: str
    where: str
    text: str
    severity: str = "error"

    def __str__(self) -> str:
        return f"{self.severity}: {self.where}: {self.text} ({self.kind})"


def check(
    definitions: Mapping[str, GeneDefinition], guidance: Guidance, others: Iterable[DrugName] = ()
) -> list[Contradiction]:
    """Every contradiction, gene files first, then guideline files in their order; empty when all agree."""
    found = [item for gene in definitions.values() for item in _of_gene(gene)]
    names = drug_names(guidance, others)
    for drug in guidance.drugs:
        found += _unsourced(drug)
        found += _keys(drug, definitions)
        found += _uncovered(drug, definitions)
        for statement in drug.statements:
            if statement.wording == "own":
                found += _figures(drug, statement)
                found += _names(drug, statement, names)
    return found


def _of_gene(gene: GeneDefinition) -> Iterator[Contradiction]:
    for allele in gene.alleles:
        if gene.rules and allele.function is None:
            text = f"{allele.name} has no function: pairs with it have no phenotype"
            yield Contradiction("allele-without-function", gene.gene, text, "warning")
    for text in contradictions(gene):
        yield Contradiction("gene-file", gene.gene, text)
    yield from _rules(gene)


def _rules(gene: GeneDefinition) -> Iterator[Contradiction]:
    """Functions without a phenotype, and rules that answer the same question in two ways."""
    answers: dict[tuple[str, ...], set[tuple[str, str | None]]] = {}
    phenotypes: dict[str, set[str]] = {}
    for rule in gene.rules:
        key = tuple(sorted(rule.lookup))
        answers.setdefault(key, set()).add((rule.phenotype, rule.activity_score))
        if not rule.phenotype:
            yield Contradiction("no-phenotype", gene.gene, f"{' and '.join(key)} has an empty phenotype")
        if rule.activity_score:
            phenotypes.setdefault(rule.activity_score, set()).add(rule.phenotype)
    for key, given in answers.items():
        if len(given) > 1:
            yield Contradiction("two-phenotypes", gene.gene, f"{' and '.join(key)} has {len(given)} answers")
    for score, given_phenotypes in phenotypes.items():
        if len(given_phenotypes) > 1:
            named = ", ".join(sorted(given_phenotypes))
            yield Contradiction("two-phenotypes", gene.gene, f"activity score {score} is {named}")
    if gene.activity_score or not gene.rules:
        return  # the pairs of activity values are the gene file's own check
    functions = sorted({allele.function for allele in gene.alleles if allele.function})
    for size in sorted({len(key) for key in answers}):
        for wanted in combinations_with_replacement(functions, size):
            if wanted not in answers:
                text = f"{' and '.join(wanted)} has no phenotype"
                yield Contradiction("no-phenotype", gene.gene, text)


def _unsourced(drug: DrugGuidance) -> Iterator[Contradiction]:
    parts = ("guideline_id", "url", "version", "licence", "source")
    if lacking := [part for part in parts if not getattr(drug, part)]:
        yield Contradiction("unsourced", _where(drug), f"lacks {', '.join(lacking)}")
    for statement in drug.statements:
        if not statement.text or not statement.strength:
            yield Contradiction("unsourced", _where(drug), "a statement lacks its text or strength")


def _keys(drug: DrugGuidance, definitions: Mapping[str, GeneDefinition]) -> Iterator[Contradiction]:
    """Row keys that no result of the gene can have: a misspelt phenotype would never match."""
    for table in drug.tables:
        if table.diplotype:
            continue
        for gene, held in zip(table.genes, _columns(table), strict=True):
            if gene not in definitions:
                yield Contradiction("unknown-key", _where(drug), f"no gene file for {gene}")
                continue
            strange = sorted(held - keys_of(definitions[gene]) - _ALWAYS)
            if strange:
                yield Contradiction("unknown-key", _where(drug), f"{gene} has no result {', '.join(strange)}")


def _uncovered(drug: DrugGuidance, definitions: Mapping[str, GeneDefinition]) -> Iterator[Contradiction]:
    """Assigned phenotypes without a row, by population. Results that say nothing need none."""
    for table in drug.tables:
        if table.diplotype or not set(table.genes) <= definitions.keys():
            continue
        wanted = [sorted(keys_of(definitions[gene]) - _UNKNOWN) for gene in table.genes]
        columns = _columns(table)
        for population, held in _by_population(drug, table).items():
            lacking = [
                keys
                for keys in product(*wanted)
                if "\t".join(keys) not in held and not _other_alleles(keys, columns)
            ]
            if lacking:
                shown = "; ".join(" and ".join(keys) for keys in lacking[:3])
                more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
                text = f"{population}: no row for {shown}{more}"
                yield Contradiction("uncovered", _where(drug), text)


def _by_population(drug: DrugGuidance, table: LookupTable) -> dict[str, set[str]]:
    """Keys with a row, by population; rows on unstated copies speak for every population."""
    held: dict[str, set[str]] = {}
    for key, rows in table.rows.items():
        if "xN combinations" in key:
            continue
        for _, index in rows:
            held.setdefault(drug.statements[index].population, set()).add(key)
    return held


def _other_alleles(keys: tuple[str, ...], held: list[set[str]]) -> bool:
    """True for an HLA status of an allele that this drug's rows do not ask for."""
    return any(
        key.endswith((" positive", " negative")) and not any(k.split()[0] == key.split()[0] for k in column)
        for key, column in zip(keys, held, strict=True)
    )


def keys_of(gene: GeneDefinition) -> set[str]:
    """Every lookup key that a result of this gene can have."""
    if gene.presence_alleles:
        return {
            f"{allele} {status}" for allele in gene.presence_alleles for status in ("positive", "negative")
        }
    return {rule.lookup_key for rule in gene.rules}


def _columns(table: LookupTable) -> list[set[str]]:
    return [set(column) for column in zip(*(key.split("\t") for key in table.rows), strict=True)]


def _figures(drug: DrugGuidance, statement: Statement) -> Iterator[Contradiction]:
    allowed = set(statement.figures)
    stated = set(figures_of(f"{statement.text} {statement.why}"))
    if statement.dose:
        stated |= set(figures_of(statement.dose.text or ""))
        stated |= {figure for figure in _dose_figures(statement.dose) if not _known(figure, allowed)}
    if strange := sorted(stated - allowed):
        where = f"{_where(drug)}: {statement.text}"
        yield Contradiction("figure", where, f"{', '.join(strange)} is not in the source row")


def _dose_figures(dose: Dose) -> set[str]:
    changes = dose.change_percent or ()
    figures = {format(abs(change), "g") for change in changes}
    return figures | ({format(dose.maximum, "g")} if dose.maximum is not None else set())


def _known(figure: str, allowed: set[str]) -> bool:
    """A change by 75 % may be written as a dose of 25 %, one by +50 % as 1.5 times, one by 100 % as none."""
    value = float(figure)
    spellings = {figure, format(100 - value, "g"), format(1 + value / 100, "g")}
    return bool(spellings & allowed) or value == 100


def _names(drug: DrugGuidance, statement: Statement, names: Iterable[str]) -> Iterator[Contradiction]:
    allowed = {*statement.names, drug.drug.name}
    strange = [n for n in drugs_named(f"{statement.text} {statement.why}", names) if n not in allowed]
    if strange:
        where = f"{_where(drug)}: {statement.text}"
        yield Contradiction("drug-name", where, f"{', '.join(strange)} is not in the source row")


def _where(drug: DrugGuidance) -> str:
    return f"{drug.source} {drug.guideline_id} {drug.drug.name}"

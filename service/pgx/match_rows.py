"""Rows of one guideline that fit a combination of gene results, grouped by what they say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from service.domain.guidance import DrugGuidance, LookupTable
from service.pgx.lookup import GeneEvidence, GeneResult
from service.pgx.scores import SCORE_GENES, scores_of_phenotype

# Diplotypes named in full where several lead to the same answer.
_SHOWN_NAMES = 4


@dataclass(frozen=True, slots=True)
class Match:
    """One set of rows, the keys that led to it by gene, and the results that share it.

    `basis` joins alternatives by " or " in the order of the results; `rows` is empty where no row fits.
    """

    basis: dict[str, str]
    names: tuple[str, ...]
    rows: tuple[tuple[str, int], ...]


def matches_of(drug: DrugGuidance, genes: Sequence[GeneEvidence]) -> list[Match]:
    """One entry per different set of statements, in the order of the first combination that leads to it."""
    found: dict[tuple[tuple[str, ...], ...], list[tuple[tuple[GeneResult, ...], dict[str, str]]]] = {}
    rows_of: dict[tuple[tuple[str, ...], ...], tuple[tuple[str, int], ...]] = {}
    by_genotype = any(table.diplotype for table in drug.tables)
    alternatives = [gene.results if by_genotype else _distinct(gene.results) for gene in genes]
    for combination in product(*alternatives):
        rows, basis = _rows(drug, combination)
        said = tuple(sorted(_said(drug, index) for _, index in rows))
        found.setdefault(said, []).append((combination, basis))
        rows_of.setdefault(said, rows)
    return [_joined(alternatives, rows_of[said]) for said, alternatives in found.items()]


def _distinct(results: Sequence[GeneResult]) -> tuple[GeneResult, ...]:
    """One result for each set of keys, named after all diplotypes that have it: few combinations remain."""
    names: dict[tuple[tuple[str, ...], str | None], list[str]] = {}
    first: dict[tuple[tuple[str, ...], str | None], GeneResult] = {}
    for result in results:
        key = (result.keys, result.band)
        first.setdefault(key, result)
        names.setdefault(key, []).append(result.name)
    return tuple(replace(result, name=_listed(names[key])) for key, result in first.items())


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN_NAMES
    return " or ".join(names[:_SHOWN_NAMES]) + (f" or {more} more" if more > 0 else "")


def _joined(
    alternatives: Sequence[tuple[tuple[GeneResult, ...], dict[str, str]]], rows: tuple[tuple[str, int], ...]
) -> Match:
    keys: dict[str, dict[str, None]] = {}
    for _, basis in alternatives:
        for gene, key in basis.items():
            keys.setdefault(gene, {})[key] = None
    names = dict.fromkeys(
        ", ".join(f"{result.gene} {result.name}" for result in combination if result.known)
        for combination, _ in alternatives
    )
    return Match({gene: " or ".join(seen) for gene, seen in keys.items()}, tuple(names), rows)


def _said(drug: DrugGuidance, index: int) -> tuple[str, ...]:
    statement = drug.statements[index]
    return statement.population, statement.action, statement.strength, statement.text


def _rows(
    drug: DrugGuidance, combination: tuple[GeneResult, ...]
) -> tuple[tuple[tuple[str, int], ...], dict[str, str]]:
    """Rows for one combination, and the keys that matched; the combination's own keys where none did."""
    results = {result.gene: result for result in combination}
    for diplotype_specific in (True, False):
        found: dict[str, int] = {}
        basis: dict[str, dict[str, None]] = {}
        for table in drug.tables:
            if table.diplotype is not diplotype_specific or not results.keys() >= set(table.genes):
                continue
            for keys, rows in _hits(table, [results[gene] for gene in table.genes]):
                found.update(rows)
                for gene, key in zip(table.genes, keys, strict=True):
                    basis.setdefault(gene, {})[key] = None
        if found:
            distinct = {(_said(drug, index), row): index for row, index in found.items()}
            rows = tuple((row, index) for (_, row), index in distinct.items())
            return _first_of_each(drug, rows), {gene: " or ".join(keys) for gene, keys in basis.items()}
    return (), {gene: _own_keys(result) for gene, result in results.items()}


def _first_of_each(drug: DrugGuidance, rows: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    """One row for each thing said: scores of one band often share a statement."""
    kept: dict[tuple[str, ...], tuple[str, int]] = {}
    for row, index in rows:
        kept.setdefault(_said(drug, index), (row, index))
    return tuple(kept.values())


def _hits(
    table: LookupTable, results: Sequence[GeneResult]
) -> Iterator[tuple[tuple[str, ...], tuple[tuple[str, int], ...]]]:
    if table.diplotype:
        keys = tuple(result.genotype for result in results)
        if rows := table.rows.get("\t".join(keys)):
            yield keys, rows
        return
    exact = list(_lookups(table, [result.keys for result in results]))
    if exact:
        yield from exact
        return
    if any(result.band for result in results):
        yield from _lookups(table, [_with_band(table, i, result) for i, result in enumerate(results)])


def _lookups(
    table: LookupTable, keys: Sequence[Sequence[str]]
) -> Iterator[tuple[tuple[str, ...], tuple[tuple[str, int], ...]]]:
    for combination in product(*keys):
        if rows := table.rows.get("\t".join(combination)):
            yield combination, rows


def _with_band(table: LookupTable, position: int, result: GeneResult) -> tuple[str, ...]:
    """The scores of the table that lie in the result's band; its own keys for other genes."""
    if result.band is None or result.gene not in SCORE_GENES:
        return result.keys
    held = dict.fromkeys(key.split("\t")[position] for key in table.rows)
    if result.keys and result.keys[0] in held:
        return result.keys
    return scores_of_phenotype(result.gene, result.band, held)


def _own_keys(result: GeneResult) -> str:
    return ", ".join(result.keys) or result.band or "" if result.known else result.name

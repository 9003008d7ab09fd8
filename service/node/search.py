"""Which rows of a count table a query names."""

import re
from collections.abc import Iterator

from service.frequency.allele_counts import ListedAllele
from service.node.refusal import Refusal
from service.node.request import VariantQuery, is_of_type
from service.node.table import CountTable


def find(table: CountTable, query: VariantQuery) -> list[ListedAllele]:
    """All rows that a query names, by place.

    Raises:
        Refusal: the query states a reference base that contradicts the one listed there.
    """
    if query.end:
        return [row for row in _in_range(table, query) if _passes(row, query)]
    start = query.start[0]
    if query.ref is not None and query.alt is not None and "N" not in query.ref + query.alt:
        row = table.exact(query.chrom, start, query.ref, query.alt)
        if row is not None:
            return [row] if _within(row, query.lengths) else []
        _check_reference(table, query.chrom, start, query.ref)
        return []
    rows = table.starting_between(query.chrom, start, start + 1)
    return [row for row in rows if _passes(row, query)]


def _in_range(table: CountTable, query: VariantQuery) -> Iterator[ListedAllele]:
    if len(query.start) == 1:
        return table.overlapping(query.chrom, query.start[0], query.end[0])
    rows = table.starting_between(query.chrom, query.start[0], query.start[1])
    return (row for row in rows if query.end[0] <= row.start + len(row.ref) < query.end[1])


def _passes(row: ListedAllele, query: VariantQuery) -> bool:
    return (
        _spelled_like(row.ref, query.ref)
        and _spelled_like(row.alt, query.alt)
        and is_of_type(query.variant_type, row.ref, row.alt)
        and _within(row, query.lengths)
    )


def _spelled_like(bases: str, asked: str | None) -> bool:
    """Whether bases match what was asked for, where N stands for any base."""
    return asked is None or re.fullmatch(asked.replace("N", "[ACGTN]"), bases) is not None


def _within(row: ListedAllele, lengths: tuple[int, int | None]) -> bool:
    length = max(len(row.ref), len(row.alt))
    low, high = lengths
    return length >= low and (high is None or length <= high)


def _check_reference(table: CountTable, chrom: str, start: int, ref: str) -> None:
    """A reference base that is not the reference's means another build or strand, not an absent allele."""
    listed = table.reference_base(chrom, start)
    if ref and listed is not None and listed != ref[0] and "N" not in (listed, ref[0]):
        raise Refusal(
            400,
            f"referenceBases begin with {ref[0]} at start {start}, where this node's assembly has {listed}",
        )

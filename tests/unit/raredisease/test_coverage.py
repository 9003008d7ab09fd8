"""What was read of a gene: silence, no model, all, none and gaps are five different answers."""

from collections.abc import Sequence
from typing import Any

import pytest

from service.domain.assembly import Assembly
from service.domain.case import Case, InterpretOptions, Subject
from service.domain.variant import CoveredIntervals, GenotypeRecord, Interval
from service.raredisease.coverage import NO_MODEL, SILENT, Unanswered, gene_coverage, unanswered

# Two exons of 100 coding bases each.
EXONS = (Interval("1", 1000, 1100), Interval("1", 2000, 2100))


def coding(gene: str, assembly: Assembly) -> Sequence[Interval]:
    return EXONS if gene == "GENE" else ()


def a_case(*covered: Interval, **more: Any) -> Case:
    options, intervals = InterpretOptions(), CoveredIntervals(covered)
    return Case(Subject("s"), "s", Assembly.GRCH38, options, covered=intervals, **more)


def a_record(start: int, genotype: tuple[int | None, ...], *, passed: bool = True) -> GenotypeRecord:
    return GenotypeRecord("1", start, "A", ("G",), genotype, False, None, (), passed, 30, None, None, 1)


@pytest.mark.parametrize(
    ("gene", "covered", "fraction", "note"),
    [
        ("GENE", (), None, SILENT),
        ("NO-MODEL", (Interval("1", 0, 5000),), None, NO_MODEL),
        ("GENE", (Interval("1", 0, 5000),), 1.0, "all 200 coding bases"),
        ("GENE", EXONS, 1.0, "all 200 coding bases"),
        ("GENE", (Interval("2", 0, 5000),), 0.0, "none of 200 coding bases"),
        ("GENE", (EXONS[0],), 0.5, "100 of 200 coding bases not read: 1:2001-2100 (GRCh38)"),
        ("GENE", (Interval("1", 0, 2099),), 0.995, "1 of 200 coding bases not read: 1:2100-2100 (GRCh38)"),
    ],
)
def test_what_was_read_is_said_in_full(
    gene: str, covered: tuple[Interval, ...], fraction: float | None, note: str
) -> None:
    (found,) = gene_coverage((gene,), a_case(*covered), coding)
    assert (found.gene, found.fraction, found.note) == (gene, fraction, note)


@pytest.mark.parametrize(
    ("record", "unread"),
    [
        (a_record(1050, (0, 1)), 199),
        (a_record(1050, (0, 0)), 199),
        (a_record(1050, (None, 1)), 200),
        (a_record(1050, ()), 200),
        (a_record(1050, (0, 1), passed=False), 200),
        (a_record(1500, (0, 1)), 200),
    ],
    ids=["called", "reference", "half a call", "no genotype", "filtered", "in the intron"],
)
def test_a_called_position_was_read_and_no_other(record: GenotypeRecord, unread: int) -> None:
    (found,) = gene_coverage(("GENE",), a_case(Interval("2", 0, 1), records=(record,)), coding)
    assert found.fraction == pytest.approx(1 - unread / 200)


def test_only_the_first_gaps_are_named() -> None:
    islands = tuple(Interval("1", at, at + 5) for at in range(1000, 1100, 10))
    (found,) = gene_coverage(("GENE",), a_case(*islands), coding)
    assert found.note.startswith("150 of 200 coding bases not read: 1:1006-1010, 1:1016-1020, ")
    assert found.note.endswith(" and 6 more stretches (GRCh38)")


@pytest.mark.parametrize(
    ("start", "said"), [(999, False), (1000, True), (1500, True), (2099, True), (2100, False)]
)
def test_a_record_that_could_not_be_read_counts_between_the_first_and_last_coding_base(
    start: int, said: bool
) -> None:
    case = a_case(unread=CoveredIntervals((Interval("1", start, start + 1),)))
    found = unanswered(("GENE", "NO-MODEL"), case, coding)
    assert found == ({"GENE": Unanswered(records=f"1:{start + 1}-{start + 1} (GRCh38)")} if said else {})

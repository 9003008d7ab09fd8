"""Frequencies by country: every configured source has a cell, whatever it answered."""

from collections.abc import Iterable
from dataclasses import dataclass

from service.domain.findings import Findings, VariantFinding
from service.domain.frequency import Outcome, PooledFrequency, SourceAnswer, SourceStatus
from service.report.disease import title_of


@dataclass(frozen=True, slots=True)
class FrequencyRow:
    """One source's answer: `value` and `interval` are fractions; None where it gave no counts."""

    source: str
    country: str | None
    outcome: str
    value: float | None
    interval: tuple[float, float] | None
    allele_count: int | None
    allele_number: int | None
    homozygotes: int | None
    reported: float | None
    reason: str | None
    dataset: str | None
    version: str | None
    bottlenecked: bool


@dataclass(frozen=True, slots=True)
class FrequencyTable:
    """All answers about one variant; `top` is the end of the plots' common axis, a fraction."""

    title: str
    gene: str | None
    rsid: str | None
    rows: tuple[FrequencyRow, ...]
    top: float
    pooled: PooledFrequency | None
    grpmax_faf95: float | None
    grpmax_group: str | None


@dataclass(frozen=True, slots=True)
class FrequencyMatrix:
    """Tables whose rows are of the same sources, in the same order."""

    tables: tuple[FrequencyTable, ...]


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many configured sources answered, and the names of the others."""

    configured: int
    answered: tuple[SourceStatus, ...]
    partial: tuple[SourceStatus, ...]
    failed: tuple[SourceStatus, ...]
    not_asked: tuple[SourceStatus, ...]


def completeness(findings: Findings) -> Completeness:
    """One count over all frequency sources of this interpretation."""

    def having(outcome: str) -> tuple[SourceStatus, ...]:
        return tuple(source for source in findings.sources if source.outcome == outcome)

    answered, partial, not_asked = having("answered"), having("partial"), having("not asked")
    known = {*answered, *partial, *not_asked}
    return Completeness(
        configured=len(findings.sources),
        answered=answered,
        partial=partial,
        # Whatever is not said to have answered has failed, in this count.
        failed=tuple(source for source in findings.sources if source not in known),
        not_asked=not_asked,
    )


def frequency_tables(variants: Iterable[VariantFinding]) -> tuple[FrequencyTable, ...]:
    """One table per variant that any source was configured for."""
    return tuple(_table(variant) for variant in variants if variant.frequencies.answers)


def frequency_matrices(variants: Iterable[VariantFinding]) -> tuple[FrequencyMatrix, ...]:
    """One matrix per set of sources that answered about the same variants; in most reports one."""
    alike: dict[tuple[tuple[str, str | None], ...], list[FrequencyTable]] = {}
    for table in frequency_tables(variants):
        alike.setdefault(tuple((row.source, row.country) for row in table.rows), []).append(table)
    return tuple(FrequencyMatrix(tuple(tables)) for tables in alike.values())


def _table(variant: VariantFinding) -> FrequencyTable:
    frequencies = variant.frequencies
    rows = tuple(_row(answer) for answer in frequencies.answers)
    return FrequencyTable(
        title=title_of(variant),
        gene=variant.description.gene,
        rsid=variant.call.rsid,
        rows=rows,
        top=axis_end(rows),
        pooled=frequencies.pooled,
        grpmax_faf95=frequencies.grpmax_faf95,
        grpmax_group=frequencies.grpmax_group,
    )


def _row(answer: SourceAnswer) -> FrequencyRow:
    counted = answer.frequency if answer.outcome in (Outcome.OBSERVED, Outcome.CALLED_ABSENT) else None
    return FrequencyRow(
        source=answer.source,
        country=answer.country,
        outcome=answer.outcome.value,
        value=counted.value if counted else None,
        interval=counted.ci95 if counted else None,
        allele_count=counted.allele_count if counted else None,
        allele_number=counted.allele_number if counted else None,
        homozygotes=counted.homozygotes if counted else None,
        reported=answer.reported_frequency,
        reason=answer.reason,
        dataset=answer.dataset,
        version=answer.version,
        bottlenecked=answer.bottlenecked,
    )


def axis_end(rows: Iterable[FrequencyRow]) -> float:
    """A round fraction (1, 2 or 5 times a power of ten) not below any estimate or interval; at most 1."""
    highest = max((max(r.value, *(r.interval or (0.0,))) for r in rows if r.value is not None), default=0.0)
    if highest <= 0:
        return 1.0
    for exponent in range(-8, 1):
        for digit in (1, 2, 5):
            end = float(f"{digit}e{exponent}")
            if end >= highest:
                return min(end, 1.0)
    return 1.0

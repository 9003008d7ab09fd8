"""From answers to what a reader gets: bounds on every count, a pool, the highest group, criteria."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from service.domain.frequency import (
    AlleleFrequency,
    FrequencyCriterion,
    GroupFrequency,
    PooledFrequency,
    SourceAnswer,
    VariantFrequencies,
)
from service.domain.variant import Variant
from service.frequency.criteria import CriteriaOptions, exception_of, frequency_criteria
from service.frequency.pooling import grpmax, ploidy_warning, pool
from service.frequency.statistics import bounded

_MOST_PATTERNS = 50_000


@dataclass(frozen=True, slots=True)
class _Computed:
    pooled: PooledFrequency | None
    highest: tuple[float, str, int] | None
    criteria: tuple[FrequencyCriterion, ...]


class Assessor:
    """Assesses answers of one fixed list of sources.

    Rare variants are alike: what depends on counts alone is computed once per pattern of counts, and kept.
    """

    def __init__(self, options: CriteriaOptions) -> None:
        self._options = options
        self._known: dict[Hashable, _Computed] = {}
        # Alleles of men on autosomes, by source: on X, outside its ends, half of them is right.
        self._men: dict[str, int] = {}

    def assess(
        self, variants: Sequence[Variant], table: Sequence[Sequence[SourceAnswer]]
    ) -> tuple[VariantFrequencies, ...]:
        """One entry per variant. `table` holds one row of answers per source, one answer per variant."""
        rows = [self._checked_ploidy(variants, _with_bounds(row)) for row in table]
        if len(self._known) > _MOST_PATTERNS:
            self._known = {}
        known = self._known
        if not rows:
            return tuple(_assess_one(variant, (), self._options, known) for variant in variants)
        return tuple(
            _assess_one(variant, answers, self._options, known)
            for variant, answers in zip(variants, zip(*rows, strict=True), strict=True)
        )

    def _checked_ploidy(self, variants: Sequence[Variant], row: list[SourceAnswer]) -> list[SourceAnswer]:
        """Answers of one source, those on X and Y with a word where the ploidy cannot be right."""
        if not any(answer.groups for answer in row):
            return row
        for variant, answer in zip(variants, row, strict=True):
            if answer.groups and variant.chrom not in ("X", "Y", "MT"):
                men = next((g.frequency.allele_number for g in answer.groups if g.group == "XY"), 0)
                self._men[answer.source] = max(men, self._men.get(answer.source, 0))
        for index, (variant, answer) in enumerate(zip(variants, row, strict=True)):
            if answer.groups and variant.chrom in ("X", "Y"):
                warning = ploidy_warning(variant, answer, self._men.get(answer.source))
                if warning is not None:
                    row[index] = replace(answer, reason="; ".join(filter(None, (answer.reason, warning))))
        return row


def _with_bounds(answers: Sequence[SourceAnswer]) -> list[SourceAnswer]:
    """Answers with an interval and FAF95 on every count; computed together."""
    bare = [a for a in answers if a.frequency is not None and a.frequency.ci95 is None]
    if not bare:
        return list(answers)
    counts = [a.frequency for a in bare if a.frequency is not None]
    found = iter(bounded([*counts, *(g.frequency for a in bare for g in a.groups)]))
    frequencies = list(islice(found, len(bare)))
    done: dict[int, SourceAnswer] = {}
    for answer, frequency in zip(bare, frequencies, strict=True):
        split = tuple(GroupFrequency(g.group, next(found)) for g in answer.groups)
        done[id(answer)] = _rebuilt(answer, frequency, split)
    return [done.get(id(answer), answer) for answer in answers]


def _rebuilt(
    answer: SourceAnswer, frequency: AlleleFrequency, groups: tuple[GroupFrequency, ...]
) -> SourceAnswer:
    """`dataclasses.replace` by hand: this is done for every count of a genome."""
    return SourceAnswer(
        answer.source,
        answer.country,
        answer.outcome,
        frequency,
        groups,
        answer.reported_frequency,
        answer.dataset,
        answer.version,
        answer.reason,
        answer.asked_at,
        answer.bottlenecked,
        answer.overlaps_with,
        answer.suppressed_below,
        answer.suppressed_allele_number,
    )


def _assess_one(
    variant: Variant,
    answers: tuple[SourceAnswer, ...],
    options: CriteriaOptions,
    known: dict[Hashable, _Computed],
) -> VariantFrequencies:
    exception = exception_of(variant, options.exceptions)
    pattern = (
        variant.chrom == "MT",
        exception,
        tuple(
            a.outcome
            if a.frequency is None and a.reported_frequency is None and a.suppressed_below is None
            else (
                a.frequency,
                a.groups,
                a.overlaps_with,
                a.reported_frequency,
                a.suppressed_below,
                a.suppressed_allele_number,
                a.outcome,
            )
            for a in answers
        ),
    )
    computed = known.get(pattern)
    if computed is None:
        # Mitochondrial cohorts count people with any, or only with full, heteroplasmy: they are not added up.
        computed = known[pattern] = _Computed(
            pool(answers) if variant.chrom != "MT" else None,
            grpmax(answers, include_bottlenecked=options.include_bottlenecked),
            frequency_criteria(variant, answers, options),
        )
    highest = computed.highest
    return VariantFrequencies(
        answers,
        computed.pooled,
        highest[0] if highest else None,
        highest[1] if highest else None,
        computed.criteria,
    )

"""From answers to what a reader gets: bounds on every count, a pool, the highest group, criteria."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from service.domain.frequency import GroupFrequency, SourceAnswer, VariantFrequencies
from service.domain.variant import Variant
from service.frequency.criteria import CriteriaOptions, frequency_criteria
from service.frequency.pooling import grpmax, ploidy_warning, pool
from service.frequency.statistics import bounded


def assess(
    variants: Sequence[Variant], table: Sequence[Sequence[SourceAnswer]], options: CriteriaOptions
) -> tuple[VariantFrequencies, ...]:
    """One entry per variant. `table` holds one row of answers per source, one answer per variant."""
    rows = [_with_bounds(row) for row in table]
    return tuple(
        _assess_one(variant, tuple(row[index] for row in rows), options)
        for index, variant in enumerate(variants)
    )


def _with_bounds(answers: Sequence[SourceAnswer]) -> list[SourceAnswer]:
    """Answers with an interval and FAF95 on every count; computed together."""
    bare = [a for a in answers if a.frequency is not None and a.frequency.ci95 is None]
    counts = [a.frequency for a in bare if a.frequency is not None]
    groups = [g.frequency for a in bare for g in a.groups]
    found = bounded([*counts, *groups])
    of_groups = iter(found[len(counts) :])
    done: dict[int, SourceAnswer] = {}
    for answer, frequency in zip(bare, found, strict=False):
        split = tuple(GroupFrequency(g.group, next(of_groups)) for g in answer.groups)
        done[id(answer)] = replace(answer, frequency=frequency, groups=split)
    return [done.get(id(answer), answer) for answer in answers]


@lru_cache(maxsize=20_000)
def _assess_one(
    variant: Variant, answers: tuple[SourceAnswer, ...], options: CriteriaOptions
) -> VariantFrequencies:
    answers = tuple(_checked_ploidy(variant, answer) for answer in answers)
    # Mitochondrial cohorts count people with any, or only with full, heteroplasmy: they are not added up.
    pooled = pool(answers) if variant.chrom != "MT" else None
    highest = grpmax(answers, include_bottlenecked=options.include_bottlenecked)
    return VariantFrequencies(
        answers,
        pooled,
        highest[0] if highest else None,
        highest[1] if highest else None,
        frequency_criteria(variant, answers, options),
    )


def _checked_ploidy(variant: Variant, answer: SourceAnswer) -> SourceAnswer:
    if not answer.groups or variant.chrom not in ("X", "Y"):
        return answer
    warning = ploidy_warning(variant, answer)
    if warning is None:
        return answer
    return replace(answer, reason="; ".join(filter(None, (answer.reason, warning))))

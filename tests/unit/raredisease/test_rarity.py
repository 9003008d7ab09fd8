"""What counts as rare: cohorts that gave counts decide, silence and founder populations do not."""

from typing import Any

import pytest

from service.domain.frequency import (
    AlleleFrequency,
    GroupFrequency,
    Outcome,
    SourceAnswer,
    VariantFrequencies,
)
from service.domain.gene import Inheritance
from service.raredisease.call_evidence import population_of
from service.raredisease.rarity import rarity_of
from tests.raredisease import a_gene

COMMON = AlleleFrequency(500, 10_000, faf95=0.046)


def said(outcome: Outcome, counts: AlleleFrequency | None = None, **more: Any) -> VariantFrequencies:
    return VariantFrequencies((SourceAnswer("cohort", "GB", outcome, counts, **more),))


@pytest.mark.parametrize(
    ("frequencies", "rare", "highest"),
    [
        (VariantFrequencies(), True, None),
        (said(Outcome.OBSERVED, COMMON), False, 0.046),
        (said(Outcome.OBSERVED, AlleleFrequency(500, 10_000)), False, 0.05),
        (said(Outcome.CALLED_ABSENT, AlleleFrequency(0, 10_000, faf95=0.0)), True, 0.0),
        (said(Outcome.OBSERVED, reported_frequency=0.3), False, 0.3),
        (said(Outcome.OBSERVED, COMMON, bottlenecked=True), True, None),
        (said(Outcome.FAILED, reported_frequency=0.3), True, None),
        (said(Outcome.NOT_LISTED), True, None),
        (VariantFrequencies(grpmax_faf95=0.046), False, 0.046),
    ],
    ids=[
        "nobody asked", "seen, FAF95", "seen, AF", "not seen", "bare AF", "founders", "failed", "not listed",
        "grpmax",
    ],
)  # fmt: skip
def test_only_answers_with_counts_make_a_variant_common(
    frequencies: VariantFrequencies, rare: bool, highest: float | None
) -> None:
    found = rarity_of(frequencies, "1", a_gene(Inheritance.DOMINANT))
    assert (found.rare, found.highest) == (rare, highest)


@pytest.mark.parametrize(
    ("chrom", "mode", "highest_rare"),
    [
        ("1", Inheritance.DOMINANT, 0.001),
        ("1", Inheritance.RECESSIVE, 0.02),
        ("X", Inheritance.X_LINKED, 0.02),
        ("1", Inheritance.UNDETERMINED, 0.02),
        ("1", None, 0.02),
        ("MT", Inheritance.DOMINANT, 0.002),
    ],
)
def test_the_bound_goes_by_inheritance(chrom: str, mode: Inheritance | None, highest_rare: float) -> None:
    gene = a_gene(mode) if mode else None
    for frequency, rare in ((highest_rare, True), (highest_rare * 1.01, False)):
        answers = said(Outcome.OBSERVED, AlleleFrequency(1, 10, faf95=frequency))
        assert rarity_of(answers, chrom, gene).rare is rare


@pytest.mark.parametrize(
    ("source", "stated", "group", "founders"),
    [
        ("cohort", False, "nfe", [False, False]),
        ("cohort", False, "fin", [False, True]),
        ("cohort", True, "nfe", [True, True]),
        ("Finnish node", False, "nfe", [True, True]),
    ],
)
def test_founders_are_known_by_the_source_or_by_the_name(
    source: str, stated: bool, group: str, founders: list[bool]
) -> None:
    groups = (GroupFrequency(group, COMMON),)
    answer = SourceAnswer(source, None, Outcome.OBSERVED, COMMON, groups, bottlenecked=stated)
    rows = population_of(VariantFrequencies((answer,))).rows
    assert [row.bottlenecked for row in rows] == founders


def test_silence_gives_no_row() -> None:
    silent = [
        said(outcome, COMMON)
        for outcome in Outcome
        if outcome not in (Outcome.OBSERVED, Outcome.CALLED_ABSENT)
    ]
    assert [population_of(answers).rows for answers in silent] == [()] * 5

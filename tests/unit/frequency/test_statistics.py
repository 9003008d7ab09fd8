"""Bounds, filtering frequencies and heterogeneity against vectors and SciPy."""

import csv
from math import isclose
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from service.domain.frequency import AlleleFrequency
from service.frequency.criteria import DiseaseParameters, maximum_credible_frequency
from service.frequency.statistics import (
    birge_interval,
    bounded,
    clopper_pearson,
    filtering_allele_frequency,
    heterogeneity,
    random_effects,
)

TRUTH = Path(__file__).parents[2] / "truth"


def truth(name: str) -> list[dict[str, str]]:
    with (TRUTH / name).open() as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@pytest.mark.parametrize("row", truth("frequency_faf95.tsv"), ids=lambda row: row["allele_count"])
def test_faf95_is_the_published_closed_form(row: dict[str, str]) -> None:
    found = filtering_allele_frequency(int(row["allele_count"]), int(row["allele_number"]))
    assert isclose(found, float(row["faf95"]), rel_tol=1e-5)


def test_faf99_is_below_faf95() -> None:
    assert isclose(filtering_allele_frequency(10, 1000, 0.99), stats.chi2.ppf(0.01, 20) / 2 / 1000)
    assert filtering_allele_frequency(10, 1000, 0.99) < filtering_allele_frequency(10, 1000)


@pytest.mark.parametrize(
    ("alleles", "upper"), [(198, 0.0185), (2000, 1.84e-3), (100_000, 3.7e-5), (200_000, 1.84e-5)]
)
def test_nobody_among_few_does_not_show_rarity(alleles: int, upper: float) -> None:
    assert clopper_pearson(0, alleles)[1] == pytest.approx(upper, rel=0.01)


@given(st.integers(0, 500), st.integers(1, 100_000))
def test_clopper_pearson_is_scipys_exact_interval(ac: int, an: int) -> None:
    ac = min(ac, an)
    expected = stats.binomtest(ac, an).proportion_ci(method="exact")
    assert clopper_pearson(ac, an) == pytest.approx((expected.low, expected.high), abs=1e-9, rel=1e-6)


# Few alleles in a cohort size that nothing else asks for, so that no bounds are at hand from before.
@example([(count, 7919) for count in range(4)])
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(300, 9000)), min_size=1, max_size=20))
def test_bounds_computed_together_are_those_computed_alone(counts: list[tuple[int, int]]) -> None:
    for found, (ac, an) in zip(bounded(AlleleFrequency(*c) for c in counts), counts, strict=True):
        assert found.ci95 is not None
        assert found.ci95 == pytest.approx(clopper_pearson(ac, an), rel=1e-9)
        assert found.faf95 == pytest.approx(filtering_allele_frequency(ac, an), rel=1e-9)
        assert found.ci95[0] <= ac / an <= found.ci95[1]


def test_counts_that_cannot_be_are_refused() -> None:
    for ac, an in ((1, 0), (3, 2), (-1, 5)):
        with pytest.raises(ValueError, match="AC must lie"):
            clopper_pearson(ac, an)


@pytest.mark.parametrize("row", truth("frequency_heterogeneity.tsv"), ids=lambda row: row["variant"])
def test_real_cohorts_differ_as_published(row: dict[str, str]) -> None:
    counts = tuple((int(a), int(b)) for a, b in (pair.split("/") for pair in row["counts"].split()))
    found = heterogeneity(counts)
    assert found is not None
    table = np.array([[ac, an - ac] for ac, an in counts])
    pearson = stats.chi2_contingency(table, correction=False)
    assert found.q == pytest.approx(pearson.statistic)
    assert found.q == pytest.approx(float(row["q"]), rel=0.01)
    assert pearson.pvalue == pytest.approx(float(row["p_value"]), rel=0.06)
    assert found.i2 == pytest.approx(float(row["i2"]), abs=0.01)
    if found.method.startswith("Pearson"):
        assert found.p_value == pytest.approx(pearson.pvalue)


@pytest.mark.parametrize("counts", [((2, 40), (9, 50)), ((0, 30), (4, 44)), ((49, 50), (37, 40))])
def test_two_small_cohorts_are_tested_by_fisher(counts: tuple[tuple[int, int], ...]) -> None:
    found = heterogeneity(counts)
    assert found is not None
    assert found.method == "Fisher-Freeman-Halton, exact"
    fisher = stats.fisher_exact([[ac, an - ac] for ac, an in counts])
    assert found.p_value == pytest.approx(fisher.pvalue, rel=1e-6)


def test_many_small_cohorts_are_tested_by_seeded_draws() -> None:
    counts = (*((5 + n % 3, 150 + 10 * n) for n in range(12)), (0, 40))
    heterogeneity.cache_clear()
    first = heterogeneity(counts)
    heterogeneity.cache_clear()
    again = heterogeneity(counts)
    assert first is not None
    assert first == again
    assert first.method == "Fisher-Freeman-Halton, Monte-Carlo"
    table = np.array([[ac, an - ac] for ac, an in counts])
    assert first.p_value == pytest.approx(stats.chi2_contingency(table).pvalue, abs=0.08)


def test_nothing_to_compare_is_no_heterogeneity() -> None:
    assert heterogeneity(((3, 100),)) is None
    assert heterogeneity(((0, 100), (0, 50))) is None
    assert heterogeneity(((3, 100), (0, 0))) is None


def test_random_effects_lie_between_the_cohorts_and_widen_with_their_scatter() -> None:
    alike, apart = random_effects(((20, 200), (20, 200))), random_effects(((5, 200), (60, 200)))
    assert alike is not None
    assert apart is not None
    assert alike[0] == pytest.approx(0.1)
    assert 5 / 200 < apart[0] < 60 / 200
    assert apart[2] - apart[1] > alike[2] - alike[1]
    assert random_effects(((3, 100),)) is None


def test_the_birge_ratio_widens_only_where_cohorts_scatter() -> None:
    apart = heterogeneity(((5, 200), (60, 200)))
    alike = heterogeneity(((20, 200), (21, 200)))
    assert apart is not None
    assert alike is not None
    low, high = birge_interval(65, 400, apart)
    plain = clopper_pearson(65, 400)
    assert low < plain[0]
    assert high > plain[1]
    assert birge_interval(41, 400, alike) == pytest.approx(clopper_pearson(41, 400))


@pytest.mark.parametrize("row", truth("frequency_credible.tsv"))
def test_maximum_credible_frequency(row: dict[str, str]) -> None:
    disease = DiseaseParameters(
        float(row["prevalence"]),
        float(row["allelic"]),
        float(row["genetic"]),
        float(row["penetrance"]),
        row["biallelic"] == "yes",
    )
    assert maximum_credible_frequency(disease) == pytest.approx(float(row["maximum"]), abs=1e-6)

"""Exact bounds, filtering frequencies, heterogeneity and random effects of allele counts.

All functions are pure. scipy.special is imported on first use: short commands do not pay for it.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import exp, inf, lgamma, log, sqrt

import numpy as np
from numpy.typing import NDArray

from service.domain.frequency import AlleleFrequency, Heterogeneity

CONFIDENCE = 0.95
# Exome and genome counts that differ with p below this are flagged by gnomAD; I2 above a half is substantial.
HETEROGENEITY_P = 1e-4
HETEROGENEITY_I2 = 0.5
SMALL_EXPECTED = 5.0
_EXACT_TABLES = 20_000
_DRAWS = 20_000
_SEED = 20_17_03_07
_Z = 1.959963984540054  # two-sided 95 % of the normal distribution

Bounds = tuple[float, float]
_bounds: dict[tuple[int, int], tuple[Bounds, float]] = {}


def clopper_pearson(allele_count: int, allele_number: int, confidence: float = CONFIDENCE) -> Bounds:
    """Two-sided exact binomial interval of an allele frequency.

    Source: Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404.

    >>> round(clopper_pearson(0, 198)[1], 4)
    0.0185
    """
    from scipy.special import betaincinv

    _check(allele_count, allele_number)
    tail = (1 - confidence) / 2
    rest = allele_number - allele_count
    low = float(betaincinv(allele_count, rest + 1, tail)) if allele_count else 0.0
    high = float(betaincinv(allele_count + 1, rest, 1 - tail)) if rest else 1.0
    return low, high


def filtering_allele_frequency(
    allele_count: int, allele_number: int, confidence: float = CONFIDENCE
) -> float:
    """The highest population frequency that is still unlikely to give this AC or more; 0.0 for AC 0 or 1.

    Garwood's lower limit of a Poisson count over AN. `confidence` 0.95 gives FAF95, 0.99 FAF99.
    Source: Whiffin 2017, doi:10.1038/gim.2017.26; singletons as in its R code and in Hail.

    >>> round(filtering_allele_frequency(43, 198), 6), filtering_allele_frequency(1, 198)
    (0.165715, 0.0)
    """
    from scipy.special import gammaincinv

    _check(allele_count, allele_number)
    if allele_count <= 1:
        return 0.0
    return float(gammaincinv(allele_count, 1 - confidence)) / allele_number


def _check(allele_count: int, allele_number: int) -> None:
    if allele_number < 1 or not 0 <= allele_count <= allele_number:
        raise ValueError(f"AC must lie within 0..AN and AN be positive, not {allele_count}/{allele_number}")


def bounded(frequencies: Iterable[AlleleFrequency]) -> list[AlleleFrequency]:
    """The same counts with their Clopper-Pearson interval and FAF95, in order.

    Bounds of counts seen before come from memory; new ones are computed together.
    """
    wanted = list(frequencies)
    missing = {(f.allele_count, f.allele_number) for f in wanted if f.allele_number} - _bounds.keys()
    if missing:
        if len(_bounds) > 200_000:
            _bounds.clear()
        _compute_bounds(sorted(missing))
    return [
        AlleleFrequency(
            f.allele_count,
            f.allele_number,
            f.homozygotes,
            f.hemizygotes,
            *_bounds[f.allele_count, f.allele_number],
        )
        if f.allele_number
        else f
        for f in wanted
    ]


def _compute_bounds(counts: Sequence[tuple[int, int]]) -> None:
    from scipy.special import betaincinv, gammaincinv

    tail = (1 - CONFIDENCE) / 2
    ac, an = np.array(counts, dtype=float).T
    # The parameters 1 stand in where a limit is fixed: betaincinv needs positive ones.
    low = np.where(ac > 0, betaincinv(np.maximum(ac, 1), an - ac + 1, tail), 0.0)
    high = np.where(ac < an, betaincinv(ac + 1, np.maximum(an - ac, 1), 1 - tail), 1.0)
    faf = np.where(ac > 1, gammaincinv(np.maximum(ac, 1), 1 - CONFIDENCE) / an, 0.0)
    for key, lower, upper, filtering in zip(counts, low.tolist(), high.tolist(), faf.tolist(), strict=True):
        _bounds[key] = ((lower, upper), filtering)


@lru_cache(maxsize=50_000)
def heterogeneity(counts: tuple[tuple[int, int], ...]) -> Heterogeneity | None:
    """Whether cohorts share one allele frequency; None for fewer than two cohorts, or where none can differ.

    Pearson's Q with its chi-square p-value; where an expected count is below 5, the exact conditional test
    (Fisher-Freeman-Halton), or a seeded Monte-Carlo of it where the tables are too many.
    """
    cohorts = tuple((ac, an) for ac, an in counts if an)
    total, alleles = sum(ac for ac, _ in cohorts), sum(an for _, an in cohorts)
    if len(cohorts) < 2 or total in (0, alleles):
        return None
    pooled = total / alleles
    q = sum((ac - an * pooled) ** 2 / (an * pooled * (1 - pooled)) for ac, an in cohorts)
    df = len(cohorts) - 1
    i2 = max(0.0, (q - df) / q) if q else 0.0
    smallest = min(an * min(pooled, 1 - pooled) for _, an in cohorts)
    if smallest >= SMALL_EXPECTED:
        p_value, method = _chi_square_tail(q, df), "Pearson chi-square"
    else:
        p_value, method = _conditional_test(cohorts, total, alleles)
    fractions = [ac / an for ac, an in cohorts]
    return Heterogeneity(
        q,
        df,
        p_value,
        i2,
        method,
        p_value < HETEROGENEITY_P or i2 > HETEROGENEITY_I2,
        (min(fractions), max(fractions)),
        random_effects(cohorts),
    )


def _chi_square_tail(q: float, df: int) -> float:
    from scipy.special import gammaincc

    return float(gammaincc(df / 2, q / 2))


def _conditional_test(cohorts: Sequence[tuple[int, int]], total: int, alleles: int) -> tuple[float, str]:
    """Probability of a table no likelier than this one, given the cohort sizes and the total count."""
    # Alternate and reference allele are symmetric: count the rarer one.
    rarer = total <= alleles - total
    observed = [ac if rarer else an - ac for ac, an in cohorts]
    sizes = [an for _, an in cohorts]
    drawn = sum(observed)
    if _table_count(drawn, len(sizes)) <= _EXACT_TABLES:
        return _exact_p(tuple(sizes), drawn, tuple(observed)), "Fisher-Freeman-Halton, exact"
    draws = np.random.default_rng(_SEED).multivariate_hypergeometric(
        sizes, drawn, size=_DRAWS, method="marginals"
    )
    chances = _log_weights(np.asarray(sizes), draws)
    own = _log_weights(np.asarray(sizes), np.asarray([observed]))[0]
    extreme = int((chances <= own + 1e-7).sum())
    return (extreme + 1) / (_DRAWS + 1), "Fisher-Freeman-Halton, Monte-Carlo"


def _table_count(drawn: int, cohorts: int) -> float:
    """Number of ways to spread `drawn` alleles over cohorts (an upper bound: sizes are not looked at).

    >>> round(_table_count(3, 4))  # 6 choose 3
    20
    """
    return exp(lgamma(drawn + cohorts) - lgamma(drawn + 1) - lgamma(cohorts))


def _exact_p(sizes: tuple[int, ...], drawn: int, observed: tuple[int, ...]) -> float:
    weights, chances, total = _weighted_tables(sizes, drawn)
    own = -sum(lgamma(n + 1) + lgamma(size - n + 1) for n, size in zip(observed, sizes, strict=True))
    return float(min(1.0, chances[weights <= own + 1e-7].sum() / total))


@lru_cache(maxsize=1024)
def _weighted_tables(
    sizes: tuple[int, ...], drawn: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Log weight and relative chance of every table, and the sum of the chances."""
    weights = _table_weights(sizes, drawn)
    chances = np.exp(weights - weights.max())
    return weights, chances, float(chances.sum())


def _table_weights(sizes: tuple[int, ...], drawn: int) -> NDArray[np.float64]:
    """Log weight of every way to spread `drawn` alleles over the cohorts."""
    weights, left = np.zeros(1), np.array([drawn])
    for size in sizes[:-1]:
        choices = np.minimum(left, size) + 1
        ends = np.cumsum(choices)
        taken = np.arange(ends[-1]) - np.repeat(ends - choices, choices)
        weights = np.repeat(weights, choices) + _column_weights(size, drawn)[taken]
        left = np.repeat(left, choices) - taken
    kept = left <= sizes[-1]
    whole: NDArray[np.float64] = weights[kept] + _column_weights(sizes[-1], drawn)[left[kept]]
    return whole


@lru_cache(maxsize=1024)
def _column_weights(size: int, drawn: int) -> NDArray[np.float64]:
    """Log weight of 0, 1, ... alleles in a cohort, up to all that were drawn or that it has."""
    taken = np.arange(min(size, drawn) + 1)[:, None]
    return _log_weights(np.asarray([size]), taken)


def _log_weights(sizes: NDArray[np.int64], tables: NDArray[np.int64]) -> NDArray[np.float64]:
    """Logarithm of the product of binomial coefficients: proportional to each table's probability."""
    from scipy.special import gammaln

    weights: NDArray[np.float64] = -(gammaln(tables + 1) + gammaln(sizes - tables + 1)).sum(axis=1)
    return weights


def random_effects(cohorts: Sequence[tuple[int, int]]) -> tuple[float, float, float] | None:
    """Mean allele frequency over cohorts that truly differ, and its 95 % interval; None for one cohort.

    DerSimonian-Laird on the logit scale, with half an allele added to each cell of every cohort when one is
    empty. Source: DerSimonian & Laird 1986, doi:10.1016/0197-2456(86)90046-2.
    """
    if len(cohorts) < 2:
        return None
    add = 0.5 if any(ac in (0, an) for ac, an in cohorts) else 0.0
    logits = [log((ac + add) / (an - ac + add)) for ac, an in cohorts]
    variances = [1 / (ac + add) + 1 / (an - ac + add) for ac, an in cohorts]
    weights = [1 / v for v in variances]
    total = sum(weights)
    fixed = sum(w * y for w, y in zip(weights, logits, strict=True)) / total
    q = sum(w * (y - fixed) ** 2 for w, y in zip(weights, logits, strict=True))
    scale = total - sum(w * w for w in weights) / total
    between = max(0.0, (q - (len(cohorts) - 1)) / scale) if scale else 0.0
    weights = [1 / (v + between) for v in variances]
    total = sum(weights)
    mean = sum(w * y for w, y in zip(weights, logits, strict=True)) / total
    half = _Z / sqrt(total)
    return _expit(mean), _expit(mean - half), _expit(mean + half)


def birge_interval(allele_count: int, allele_number: int, found: Heterogeneity) -> Bounds:
    """The pooled interval, widened where cohorts scatter more than chance allows.

    Counts are scaled by 1/B², B = max(1, sqrt(Q/df)): the exact interval of the effective sample size.
    Source: Birge 1932, doi:10.1103/PhysRev.40.207.
    """
    from scipy.special import betaincinv

    _check(allele_count, allele_number)
    squared = max(1.0, found.q / found.df)
    ac, an = allele_count / squared, allele_number / squared
    tail = (1 - CONFIDENCE) / 2
    low = float(betaincinv(ac, an - ac + 1, tail)) if ac else 0.0
    high = float(betaincinv(ac + 1, an - ac, 1 - tail)) if an > ac else 1.0
    return low, high


def _expit(x: float) -> float:
    return 1 / (1 + exp(-x)) if x > -inf else 0.0


def with_bounds(frequency: AlleleFrequency) -> AlleleFrequency:
    """One frequency with its bounds."""
    if not frequency.allele_number:
        return frequency
    key = (frequency.allele_count, frequency.allele_number)
    if key not in _bounds:
        _compute_bounds([key])
    return AlleleFrequency(*key, frequency.homozygotes, frequency.hemizygotes, *_bounds[key])

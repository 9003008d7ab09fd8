"""Activity scores as text, and the phenotype bands of the genes that guidelines key by score."""

import re
from collections.abc import Iterable

# Upper bounds are inclusive. CYP2D6: consensus 2020 (PMC6951851); CYP2C9: CPIC 2020 (PMC8288266) and DPYD:
# CPIC 2017 with its 2018 update (doi:10.1002/cpt.911), as in the rules of knowledgebase/pgx/genes.
BANDS: dict[str, tuple[tuple[float, str], ...]] = {
    "CYP2D6": (
        (0.0, "Poor Metabolizer"),
        (1.0, "Intermediate Metabolizer"),
        (2.25, "Normal Metabolizer"),
        (float("inf"), "Ultrarapid Metabolizer"),
    ),
    "CYP2C9": (
        (0.5, "Poor Metabolizer"),
        (1.5, "Intermediate Metabolizer"),
        (2.0, "Normal Metabolizer"),
    ),
    "DPYD": (
        (0.5, "Poor Metabolizer"),
        (1.5, "Intermediate Metabolizer"),
        (2.0, "Normal Metabolizer"),
    ),
}
SCORE_GENES = frozenset(BANDS)
_SCORE = re.compile(r"\s*(≥|>=)?\s*(\d{1,3}(?:\.\d{1,3})?)\s*")


def normalized_score(text: str | None) -> str | None:
    """A score as guidelines write it, or None where the text states no number.

    >>> normalized_score("1"), normalized_score(">=3"), normalized_score("1.250"), normalized_score("n/a")
    ('1.0', '≥3.0', '1.25', None)
    """
    match = _SCORE.fullmatch(text or "")
    if match is None:
        return None
    value = format(float(match[2]), "g")
    return ("≥" if match[1] else "") + (value if "." in value else value + ".0")


def score_value(score: str) -> float:
    """The number of a normalised score; the lower bound where it is open.

    >>> score_value("≥3.0")
    3.0
    """
    return float(score.removeprefix("≥"))


def phenotype_of_score(gene: str, score: str) -> str:
    """The phenotype whose band holds a score; `Indeterminate` above the last band.

    Between two bands of CYP2D6 (1.0 and 1.25) a converted score belongs to the lower one: intermediate is
    below 1.25 (PMC6951851).

    >>> phenotype_of_score("CYP2D6", "1.125"), phenotype_of_score("CYP2D6", "2.5")
    ('Intermediate Metabolizer', 'Ultrarapid Metabolizer')
    """
    value = score_value(score)
    if gene == "CYP2D6" and 1.0 < value < 1.25:
        return "Intermediate Metabolizer"
    return next((phenotype for upper, phenotype in BANDS[gene] if value <= upper), "Indeterminate")


def scores_of_phenotype(gene: str, phenotype: str, scores: Iterable[str]) -> tuple[str, ...]:
    """Those of `scores` whose band is `phenotype`, lowest first; empty for a phenotype without a band.

    >>> scores_of_phenotype("CYP2C9", "Intermediate Metabolizer", ["n/a", "0.5", "1.0", "1.5"])
    ('1.0', '1.5')
    """
    fitting = (
        score
        for score in scores
        if normalized_score(score) == score and phenotype_of_score(gene, score) == phenotype
    )
    return tuple(sorted(fitting, key=lambda score: (score_value(score), score)))

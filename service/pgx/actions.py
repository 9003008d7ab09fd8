"""The actions of a recommendation, by how much they ask of the prescriber, and the order of a list.

The action of a statement is the strongest thing that the guideline asks because of the genotype. A first
`avoid`, `choose another drug` or dose change wins over what follows ("if it is needed, ..."). A later dose
change counts as one ("usual dose at first, then consider half"); a change that only a poor response would
bring is `monitor`.
"""

from service.domain.pgx import Recommendation

AVOID = "avoid"
USE_ALTERNATIVE = "use-alternative"
REDUCE_DOSE = "reduce-dose"
INCREASE_DOSE = "increase-dose"
MONITOR = "monitor"
STANDARD = "standard"
NO_RECOMMENDATION = "no-recommendation"
NOT_CALLED = "not-called"
NO_GUIDELINE = "no-guideline"

BY_SEVERITY = (
    AVOID,
    USE_ALTERNATIVE,
    REDUCE_DOSE,
    INCREASE_DOSE,
    MONITOR,
    NOT_CALLED,
    NO_RECOMMENDATION,
    STANDARD,
    NO_GUIDELINE,
)
_SEVERITY = {action: rank for rank, action in enumerate(BY_SEVERITY)}
_STRENGTH = {"Strong": 0, "Moderate": 1, "Optional": 2}
_SOURCE = {"CPIC": 0, "DPWG": 1, "FDA": 2}


def order(recommendation: Recommendation) -> tuple[bool, int, bool, int, str, int, str]:
    """Sort key: current medicines first, then the most severe action, certain before possible, strength."""
    return (
        not recommendation.current_medication,
        _SEVERITY[recommendation.action],
        recommendation.possible is not None,
        _STRENGTH.get(recommendation.strength, 3),
        recommendation.drug,
        _SOURCE.get(recommendation.guideline, 3),
        recommendation.population,
    )

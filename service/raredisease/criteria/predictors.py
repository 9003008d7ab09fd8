"""PP3 and BP4 from calibrated predictors."""

import math
from collections.abc import Callable, Sequence

from service.domain.disease import Criterion
from service.raredisease.criteria.verdict import met, not_assessed, not_met
from service.raredisease.effect import LOSS_OF_FUNCTION, Kind
from service.raredisease.evidence import Evidence
from service.raredisease.strength import Strength

_S = Strength
PEJAVER = "Pejaver 2022, doi:10.1016/j.ajhg.2022.10.013, table 2"
WALKER = "Walker 2023, doi:10.1016/j.ajhg.2023.06.002"
# Lowest score of each pathogenic strength, strongest first. Source: PEJAVER.
PATHOGENIC_FROM: dict[str, tuple[tuple[float, Strength], ...]] = {
    "REVEL": ((0.932, _S.STRONG), (0.773, _S.MODERATE), (0.644, _S.SUPPORTING)),
    "BayesDel": ((0.50, _S.STRONG), (0.27, _S.MODERATE), (0.13, _S.SUPPORTING)),
    "VEST4": ((0.965, _S.STRONG), (0.861, _S.MODERATE), (0.764, _S.SUPPORTING)),
    "MutPred2": ((0.932, _S.STRONG), (0.829, _S.MODERATE), (0.737, _S.SUPPORTING)),
    "CADD": ((28.1, _S.MODERATE), (25.3, _S.SUPPORTING)),
}
# Highest score of each benign strength, strongest first. Source: PEJAVER.
BENIGN_TO: dict[str, tuple[tuple[float, Strength], ...]] = {
    "REVEL": ((0.003, _S.VERY_STRONG), (0.016, _S.STRONG), (0.183, _S.MODERATE), (0.290, _S.SUPPORTING)),
    "BayesDel": ((-0.36, _S.MODERATE), (-0.18, _S.SUPPORTING)),
    "CADD": ((0.15, _S.STRONG), (17.3, _S.MODERATE), (22.7, _S.SUPPORTING)),
}
# One tool, chosen beforehand: the first of these that is given. A site may configure another order.
MISSENSE_TOOLS = ("REVEL", "BayesDel", "VEST4", "MutPred2", "CADD")
# Source: WALKER. Between the two a score says nothing.
SPLICE_PATHOGENIC, SPLICE_BENIGN = 0.2, 0.1


def predicted_pathogenic(evidence: Evidence) -> Criterion:
    """PP3 from one missense predictor, or from SpliceAI; never beside a null variant."""
    kind = evidence.effect.kind
    if kind in LOSS_OF_FUNCTION:
        return not_met("PP3", f"a {kind.value} variant is weighed as PVS1", PEJAVER)
    found: list[tuple[Strength, str, str]] = []
    tool = _missense_tool(evidence)
    if tool is not None:
        score = evidence.scores[tool]
        strength = _strongest(PATHOGENIC_FROM[tool], score, lambda value, bound: value >= bound)
        if strength is not None:
            found.append((strength, f"{tool} {score:g}", PEJAVER))
    delta = evidence.scores.get("SpliceAI")
    if delta is not None and delta >= SPLICE_PATHOGENIC:
        found.append((Strength.SUPPORTING, f"SpliceAI {delta:g}, at least {SPLICE_PATHOGENIC}", WALKER))
    if found:
        order = list(Strength)
        strength, reason, source = max(found, key=lambda entry: order.index(entry[0]))
        return met("PP3", strength, reason, source)
    if tool is None and delta is None:
        return not_assessed("PP3", _nothing_given(evidence))
    return not_met("PP3", _shown(evidence, tool), PEJAVER if tool else WALKER)


def predicted_benign(evidence: Evidence) -> Criterion:
    """BP4: missense by its predictor, everything by splicing; a splice prediction forbids it."""
    kind = evidence.effect.kind
    if kind in LOSS_OF_FUNCTION:
        return not_met("BP4", f"a {kind.value} variant is not judged by these predictors")
    delta = evidence.scores.get("SpliceAI")
    if delta is not None and delta >= SPLICE_PATHOGENIC:
        return not_met("BP4", f"SpliceAI {delta:g}, at least {SPLICE_PATHOGENIC}", WALKER)
    tool = _missense_tool(evidence)
    if _is_missense(evidence):
        if tool is None:
            return not_assessed("BP4", "no calibrated missense score was given")
        if tool not in BENIGN_TO:
            return not_assessed("BP4", f"{tool} has no benign thresholds here")
        score = evidence.scores[tool]
        strength = _strongest(BENIGN_TO[tool], score, lambda value, bound: value <= bound)
        if strength is None:
            return not_met("BP4", _shown(evidence, tool), PEJAVER)
        if delta is not None and delta > SPLICE_BENIGN:
            return not_met("BP4", f"{tool} {score:g}, but SpliceAI {delta:g} is not benign", WALKER)
        return met("BP4", strength, f"{tool} {score:g}", PEJAVER)
    if delta is None:
        return not_assessed("BP4", "no SpliceAI score was given")
    if delta <= SPLICE_BENIGN:
        return met("BP4", Strength.SUPPORTING, f"SpliceAI {delta:g}, at most {SPLICE_BENIGN}", WALKER)
    return not_met("BP4", f"SpliceAI {delta:g}", WALKER)


def _is_missense(evidence: Evidence) -> bool:
    """Missense, or a coding substitution for which a missense score was given."""
    kind = evidence.effect.kind
    return kind is Kind.MISSENSE or (
        kind in (Kind.CODING_UNKNOWN, Kind.OTHER) and _tool(evidence) is not None
    )


def _tool(evidence: Evidence) -> str | None:
    return next((tool for tool in MISSENSE_TOOLS if tool in evidence.scores), None)


def _missense_tool(evidence: Evidence) -> str | None:
    return _tool(evidence) if _is_missense(evidence) else None


def _strongest(
    steps: Sequence[tuple[float, Strength]], score: float, holds: Callable[[float, float], bool]
) -> Strength | None:
    return next((strength for bound, strength in steps if holds(score, bound)), None)


def _nothing_given(evidence: Evidence) -> str:
    if evidence.effect.kind is Kind.MISSENSE:
        return f"none of {', '.join(MISSENSE_TOOLS)} and SpliceAI was given"
    return "no SpliceAI score was given"


def _shown(evidence: Evidence, tool: str | None) -> str:
    parts = [f"{tool} {evidence.scores[tool]:g}"] if tool else []
    delta = evidence.scores.get("SpliceAI", math.nan)
    if not math.isnan(delta):
        parts.append(f"SpliceAI {delta:g}")
    return f"{' and '.join(parts)} below the thresholds" if parts else "no score speaks for it"

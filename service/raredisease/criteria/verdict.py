"""Making a criterion with its verdict."""

from service.domain.disease import Criterion
from service.raredisease.strength import Strength


def met(code: str, strength: Strength, reason: str, source: str = "") -> Criterion:
    """The criterion applies at this strength."""
    return Criterion(code, strength.value, "met", reason, source)


def not_met(code: str, reason: str, source: str = "") -> Criterion:
    """Looked at, and does not apply."""
    return Criterion(code, None, "not met", reason, source)


def not_assessed(code: str, reason: str, source: str = "") -> Criterion:
    """Could not be looked at; the reason says what is missing."""
    return Criterion(code, None, "not assessed", reason, source)

"""Expert panels' rules on codons, read from their table: only what was read in the registry decides."""

import re
from dataclasses import dataclass

from service.domain.gene import PanelRule
from service.raredisease.criteria.conditions import is_for
from service.raredisease.evidence import Evidence
from service.raredisease.strength import Strength, strength_or_none


@dataclass(frozen=True, slots=True)
class CodonRule:
    """A confirmed rule about codons, as half-open spans; `rule` is what it was read from."""

    rule: PanelRule
    strength: Strength
    spans: tuple[tuple[int, int], ...]
    decay: bool = False

    @property
    def status(self) -> str:
        """The rule's kind, or the strength that it gives."""
        return self.rule.status

    @property
    def specification(self) -> str:
        """The registry's id and version."""
        return self.rule.specification

    def holds(self, first: int, last: int) -> bool:
        """Whether any codon of first..last lies in a span."""
        return any(first < high and last >= low for low, high in self.spans)


def confirmed_rules(evidence: Evidence, criterion: str) -> list[CodonRule]:
    """Confirmed rules of a criterion that name codons, strongest first."""
    if evidence.gene is None:
        return []
    found = []
    for rule in evidence.gene.rules:
        if rule.criterion != criterion or not rule.confirmed or not is_for(rule, evidence):
            continue
        spans = codon_spans(rule.rule)
        strength = _strength(rule)
        if spans and strength is not None:
            found.append(CodonRule(rule, strength, spans, "decay" in rule.rule))
    order = list(Strength)
    return sorted(found, key=lambda rule: -order.index(rule.strength))


def _strength(rule: PanelRule) -> Strength | None:
    stated = re.search(r"strength=(\w+)", rule.rule)
    return strength_or_none(stated[1]) if stated else strength_or_none(rule.status)


def codon_spans(rule: str) -> tuple[tuple[int, int], ...]:
    """Half-open spans of the codons that a rule lists.

    >>> codon_spans("codon_ranges=507-520;617-641 ; codons=7,9")
    ((507, 521), (617, 642), (7, 8), (9, 10))
    """
    spans = []
    for listed in re.findall(r"[\w]+=([\d,;\- ]+)", rule):
        for part in re.split(r"[,; ]+", listed):
            low, _, high = part.partition("-")
            if low.isdigit():
                spans.append((int(low), int(high or low) + 1))
    return tuple(spans)


def panel_statement(evidence: Evidence, criterion: str, status: str) -> PanelRule | None:
    """The confirmed rule of a criterion with this status; None where the panel has none."""
    if evidence.gene is None:
        return None
    rules = evidence.gene.rules
    return next(
        (
            r
            for r in rules
            if r.criterion == criterion and r.status == status and r.confirmed and is_for(r, evidence)
        ),
        None,
    )


def unconfirmed(evidence: Evidence, criterion: str) -> str | None:
    """A sentence on a rule that is known only at second hand, to be shown; None where there is none."""
    if evidence.gene is None:
        return None
    for rule in evidence.gene.rules:
        if rule.criterion == criterion and not rule.confirmed and "applicable" not in rule.status:
            return f"{rule.specification} has a rule that was not confirmed: {rule.rule[:80]}"
    return None


def inapplicable(evidence: Evidence, criterion: str) -> PanelRule | None:
    """The rule by which a panel does not use a criterion; None where it does or is silent."""
    if evidence.gene is None:
        return None
    return next(
        (
            rule
            for rule in evidence.gene.rules
            if rule.criterion == criterion and rule.status.replace("_", " ") == "not applicable"
        ),
        None,
    )

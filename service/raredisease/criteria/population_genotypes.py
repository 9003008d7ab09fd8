"""BS2: people of population databases with a genotype that should be ill."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.disease import Criterion
from service.raredisease.criteria.frequency import more_common_than_disease
from service.raredisease.criteria.verdict import met, not_assessed, not_met
from service.raredisease.evidence import Evidence
from service.raredisease.population import FrequencyRow
from service.raredisease.strength import POINTS, Strength, parse_strength


def healthy_carriers(evidence: Evidence) -> Criterion:
    """BS2 by the homozygotes and hemizygotes of population databases, where the gene's panel counts them.

    Such a panel judges its disease early and penetrant enough that nobody of a database has it. In any other
    gene the counts are shown and not assessed: a frequency does not tell who was healthy at what age.
    """
    rules = _genotype_rules(evidence)
    rows = [row for row in evidence.population.rows if _counted(row, ("homozygotes", "hemizygotes"))]
    if not rows:
        return not_assessed("BS2", "needs counts of healthy people with the genotype that should be ill")
    if not rules:
        counts = [words for row in rows if (words := _genotypes(row))]
        shown = "; ".join(counts) or "no homozygote and no hemizygote"
        return not_assessed("BS2", f"{shown}; no panel of the gene counts people of population databases")
    counted = [(rule, row) for rule in rules for row in rows if _counted(row, rule.kinds)]
    source, asked = rules[0].specification, f"the panel asks {_asked(rules)}"
    if not counted:
        return not_assessed("BS2", f"{asked}; these were not counted", source)
    reached = [(rule, row) for rule, row in counted if _number(row, rule.kinds) >= rule.least]
    if not reached:
        return not_met("BS2", f"fewer than needed: {asked}", source)
    rule, row = max(reached, key=lambda pair: POINTS[pair[0].strength])
    shown = f"{_number(row, rule.kinds)} {' and '.join(rule.kinds)} ({row.label}); {asked}"
    if rule.alone and more_common_than_disease(evidence).verdict == "met":
        return not_met("BS2", f"{shown}; counted in BS1", source)
    return met("BS2", rule.strength, shown, source)


@dataclass(frozen=True, slots=True)
class GenotypeRule:
    """So many people of a database with these genotypes give a strength; `alone`: not beside BS1."""

    kinds: tuple[str, ...]
    least: int
    strength: Strength
    specification: str
    alone: bool


def _genotype_rules(evidence: Evidence) -> list[GenotypeRule]:
    """A panel's confirmed counts: `homozygotes: 3=Strong, 1=Supporting; hemizygotes: ...`."""
    found = []
    for rule in evidence.gene.rules if evidence.gene is not None else ():
        if rule.criterion != "BS2" or rule.status != "population" or not rule.confirmed:
            continue
        for part in rule.rule.split(";"):
            kinds = tuple(kind for kind in ("homozygotes", "hemizygotes") if kind in part)
            for least, word in re.findall(r"(\d+)=(\w+)", part):
                alone = "not with BS1" in rule.rule
                found.append(GenotypeRule(kinds, int(least), parse_strength(word), rule.specification, alone))
    return found


def _asked(rules: Sequence[GenotypeRule]) -> str:
    return ", ".join(f"{r.least} {' or '.join(r.kinds)} for {r.strength.value.lower()}" for r in rules)


def _number(row: FrequencyRow, kinds: Sequence[str]) -> int:
    return sum(getattr(row, kind) or 0 for kind in kinds)


def _counted(row: FrequencyRow, kinds: Sequence[str]) -> bool:
    return any(getattr(row, kind) is not None for kind in kinds)


def _genotypes(row: FrequencyRow) -> str:
    counted = [(row.homozygotes, "homozygotes"), (row.hemizygotes, "hemizygotes")]
    words = ", ".join(f"{number} {kind}" for number, kind in counted if number)
    return f"{row.label}: {words}" if words else ""

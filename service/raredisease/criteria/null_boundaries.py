"""Expert panels' own boundaries of PVS1: codons, exons and start, as their rules write them."""

import re
from dataclasses import dataclass, replace

from service.domain.gene import PanelRule
from service.raredisease.criteria.conditions import is_for
from service.raredisease.evidence import Evidence
from service.raredisease.strength import Strength

_STRENGTHS = {
    "verystrong": Strength.VERY_STRONG,
    "strong": Strength.STRONG,
    "moderate": Strength.MODERATE,
    "supporting": Strength.SUPPORTING,
}


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Codon ranges of a panel's tree with their strength (None: not applicable), as read in the registry."""

    specification: str
    stops: tuple[tuple[int, int, Strength | None], ...]
    frameshifts: tuple[tuple[int, int, Strength | None], ...]
    start_lost: Strength | None
    start_lost_known: bool
    # Exon, exon with a side (`3d` donor, `3a` acceptor), `default`, `in-frame` or `escape` (frame lost
    # without decay) -> strength.
    splice: tuple[tuple[str, Strength | None], ...] = ()
    # Strength of any premature stop without decay.
    escape: Strength | None = None

    def splice_strength(self, exon: int, *, donor: bool) -> tuple[Strength | None] | None:
        """Strength at a splice site of an exon; None where the panel leaves it to the general tree."""
        stated = dict(self.splice)
        for key in (f"{exon}{'d' if donor else 'a'}", str(exon), "default"):
            if key in stated:
                return (stated[key],)
        return None

    def strength_at(self, first: int, stop: int, *, frameshift: bool) -> tuple[Strength | None, str] | None:
        """Strength of a premature stop; None where no range holds it."""
        ranges, at, kind = self.stops, stop, "stop"
        if frameshift and self.frameshifts:
            ranges, at, kind = self.frameshifts, first, "frameshift"
        for low, high, strength in ranges:
            if low <= at <= high:
                return strength, f"the panel's {kind} range {low}-{high}"
        return None


_RANGE = re.compile(r"(\d+)-(\d+):(VeryStrong|Strong|Moderate|Supporting|N/A)")


def panel_boundaries(evidence: Evidence) -> Boundaries | None:
    """The panel's codon boundaries; None where there are none, or none that were read in the registry's text.

    A tree that is known only at second hand, or that counts another protein than the transcript's, is not
    used.
    """
    if evidence.gene is None:
        return None
    rules = [r for r in evidence.gene.rules if r.criterion == "PVS1" and r.read and is_for(r, evidence)]
    if not rules:
        return None
    # Each part is taken from the first rule that states it.
    joined = replace(rules[0], rule="; ".join(rule.rule for rule in rules))
    shape = evidence.effect.shape
    return _boundaries(joined, shape.residues if shape is not None else None)


def _boundaries(rule: PanelRule, residues: int | None) -> Boundaries | None:
    parts = [part.strip() for part in rule.rule.split(";")]
    stops = _ranges(next((part for part in parts if part.startswith("PTC codon")), ""))
    frameshifts = _ranges(next((part for part in parts if part.startswith("frameshift codon")), ""))
    whole = re.search(r" of (\d+)", rule.rule)
    length = int(whole[1]) if whole else max((high for _, high, _ in stops), default=0)
    if residues is not None and stops and abs(length - residues) > 1:
        return None
    start = next((part.partition(":")[2].strip() for part in parts if part.startswith("start-loss")), "")
    escape = next((part.partition(":")[2].strip() for part in parts if part.startswith("escape")), "")
    return Boundaries(
        rule.specification,
        stops,
        frameshifts,
        _STRENGTHS.get(start.lower()),
        start.lower() in _STRENGTHS or start == "N/A",
        _splice_exons(next((part for part in parts if part.startswith("splice exons")), "")),
        _STRENGTHS.get(escape.lower()),
    )


def _splice_exons(text: str) -> tuple[tuple[str, Strength | None], ...]:
    found = re.findall(
        r"(\d+[ad]?|default|in-frame|escape)=(VeryStrong|Strong|Moderate|Supporting|N/A)", text
    )
    return tuple((exon, _STRENGTHS.get(word.lower())) for exon, word in found)


def _ranges(text: str) -> tuple[tuple[int, int, Strength | None], ...]:
    return tuple(
        (int(low), int(high), _STRENGTHS.get(word.lower())) for low, high, word in _RANGE.findall(text)
    )

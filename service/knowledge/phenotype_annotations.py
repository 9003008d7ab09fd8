"""Terms, diseases and genes as HPO annotates them, under collection, before anything is made of them."""

from collections import defaultdict
from dataclasses import dataclass, field

PHENOTYPIC_ABNORMALITY = 118
_MODES = {6: "AD", 7: "AR", 1417: "XL", 1419: "XL", 1423: "XL", 32113: "SD", 1427: "MT"}
# Share of patients where an annotation states none, or states it in words. Source of the words' ranges:
# HPO release 2025-11-24, children of HP:0040279 (their middles).
UNSTATED = 0.5
_IN_WORDS = {"HP:0040280": 1.0, "HP:0040281": 0.9, "HP:0040282": 0.55, "HP:0040283": 0.17, "HP:0040284": 0.03}


@dataclass(slots=True)
class PhenotypeAnnotations:
    """Terms by index, `number_of` the HPO number of an index; annotations by OMIM or Orphanet id.

    `retired` are obsolete and alternative HPO numbers and what replaces them. `annotated` are a disease's
    terms with the share of patients, None where none is stated; `denied` those that it is said not to have.
    """

    version: str
    number_of: list[int] = field(default_factory=list)
    index_of: dict[int, int] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    ancestors: list[list[int]] = field(default_factory=list)
    retired: dict[int, int | None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    annotated: dict[str, dict[int, float | None]] = field(default_factory=lambda: defaultdict(dict))
    denied: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    modes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    genes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def current(self, number: int) -> int | None:
        """Index of a term, following replacements; None when nothing replaces it."""
        for _ in range(5):
            if number in self.index_of:
                return self.index_of[number]
            replacement = self.retired.get(number)
            if replacement is None:
                return None
            number = replacement
        return None

    def is_abnormality(self, term: int) -> bool:
        """Whether a term, by index, lies below Phenotypic abnormality."""
        return self.index_of[PHENOTYPIC_ABNORMALITY] in self.ancestors[term]

    def annotate(self, disease: str, number: int, share: float | None = None) -> None:
        """Take down a term, by HPO number, as a mode of inheritance or an abnormality; others are let go."""
        term = self.current(number)
        if number in _MODES:
            self.modes[disease].add(_MODES[number])
        if term is not None and self.is_abnormality(term):
            self.annotated[disease][term] = share


def share_or_unstated(stated: float | None) -> float:
    """The share of patients, 0..1, that counts for an annotation."""
    return UNSTATED if stated is None else stated


def share_of_patients(text: str) -> float | None:
    """The share, 0..1, that a frequency states (`7/8`, `45%`, an HPO id, several joined by `|`); else None.

    Counts are pulled towards one half by half a patient, so that 1/1 is no certainty.

    >>> share_of_patients("3/4"), share_of_patients("HP:0040281"), share_of_patients("")
    (0.7, 0.9, None)
    """
    first = text.split("|", maxsplit=1)[0]
    if "/" in first:
        patients, of = map(float, first.split("/"))
        return (patients + 0.5) / (of + 1)
    return float(first[:-1]) / 100 if first.endswith("%") else _IN_WORDS.get(first)

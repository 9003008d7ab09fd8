"""What a patient shows, in HPO terms, and the diseases and genes ranked by it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PhenotypeQuery:
    """HPO ids (`HP:0001250`) that a patient shows and ids that were looked for and are absent; any order."""

    observed: tuple[str, ...]
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhenotypeTerms:
    """A query as it was read against one HPO release: term indices, ascending, without duplicates.

    `replaced` are (id given, id used) of obsolete and alternative ids; `ignored` are (id given, reason).
    """

    observed: tuple[int, ...]
    excluded: tuple[int, ...]
    replaced: tuple[tuple[str, str], ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TermMatch:
    """How one of the patient's terms speaks for or against a disease.

    `score` is a natural logarithm of a likelihood ratio; `match` is the disease's own term that is nearest,
    None where the disease has nothing related; `frequency` is the share of its patients, 0..1. `inferred`: it
    is a term of the disease's relatives, and the share is theirs.
    """

    term: int
    score: float
    match: int | None = None
    frequency: float | None = None
    excluded: bool = False
    inferred: bool = False

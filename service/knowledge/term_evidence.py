"""How much better than chance a disease explains a term that a patient has.

The patient shows one of the disease's own terms, more often a frequent one, and the term is written down more
or less exactly. A term `t` of the disease is generalised to its ancestor `a` with weight
exp(-VAGUENESS * (I(t) - I(a))), I being information content, and any term below `a` is then written as often
as it is annotated elsewhere. Against chance that is the ratio
`sum over t, sum over a: share(t) * exp(-VAGUENESS * (I(t) - I(a))) * exp(I(a))`, a in the ancestors of both.
Summed over `t` it is a number per disease and ancestor, which is what is compiled (`explanations`). The
more terms a disease has, the less each of them is worth, though not in full proportion (BREADTH): annotations
are uneven, and a well-described disease is not a less likely one.

A disease with few terms of its own is expected to have those of its relatives too (`disease_families`): they
count BORROWED / (BORROWED + own terms). With that, diseases that MONDO lists and HPO has not annotated can be
ranked by their relatives alone.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Sequence
from typing import TypeAlias

from service.knowledge.disease_families import Profile

# The model's constants, chosen on published cases with the annotations of their own papers left out
# (benchmarks/phenotype_ranking.py).
FLOOR, BREADTH, SMOOTHING, VAGUENESS, BORROWED = 0.1, 0.6, 2.0, 1.5, 10.0
# The ancestors of each term, by index, the term itself among them.
Ancestors: TypeAlias = Sequence[Sequence[int]]


def weight(share: float) -> float:
    """What a term counts within its disease, by the share of patients who have it."""
    return FLOOR + (1 - FLOOR) * share


def weights_of(own: Profile, inferred: Profile) -> dict[int, float]:
    """What each term of a disease counts, the terms that its relatives have included."""
    borrowed = BORROWED / (BORROWED + len(own))
    return {t: weight(s) for t, s in own.items()} | {t: borrowed * weight(s) for t, s in inferred.items()}


def diseases_with(ancestors: Ancestors, profiles: Sequence[Profile]) -> list[set[int]]:
    """Diseases annotated with each term or with something narrower."""
    holders: list[set[int]] = [set() for _ in ancestors]
    for number, profile in enumerate(profiles):
        for term in {a for t in profile for a in ancestors[t]}:
            holders[term].add(number)
    return holders


def patients_with(ancestors: Ancestors, profiles: Sequence[Profile]) -> list[float]:
    """Patients with each term or something narrower, one patient a disease: sums of shares."""
    sums = [0.0] * len(ancestors)
    for profile in profiles:
        found: dict[int, float] = {}
        for term, share in profile.items():
            for a in ancestors[term]:
                if share > found.get(a, 0.0):
                    found[a] = share
        for term, share in found.items():
            sums[term] += share
    return sums


def information_content(ancestors: Ancestors, patients: Sequence[float]) -> list[float]:
    """-ln(share of patients, one a disease) below Phenotypic abnormality; see `PhenotypeOntology`.

    A term that no disease has is as informative as its best ancestor.
    """
    most = max(patients, default=1.0)
    own = [-math.log(count / most) if count else -1.0 for count in patients]
    return [
        value if value >= 0 else max((own[a] for a in ancestors[term]), default=0.0)
        for term, value in enumerate(own)
    ]


def explanations(
    ancestors: Ancestors,
    profiles: Sequence[Profile],
    inferred: Sequence[Profile],
    information: Sequence[float],
) -> tuple[list[list[int]], "array[float]"]:
    """Diseases by term, ascending, and the evidence of each; the module says what that is."""
    found: list[list[tuple[int, float]]] = [[] for _ in ancestors]
    gain = [math.exp((1 + VAGUENESS) * value) for value in information]
    loss = [math.exp(-VAGUENESS * value) for value in information]
    for number, (profile, expected) in enumerate(zip(profiles, inferred, strict=True)):
        weights = weights_of(profile, expected)
        scale = (sum(weights.values()) + SMOOTHING) ** -BREADTH
        sums: dict[int, float] = defaultdict(float)
        for term, counted in weights.items():
            worth = counted * loss[term]
            for ancestor in ancestors[term]:
                sums[ancestor] += worth * gain[ancestor]
        for ancestor, total in sums.items():
            found[ancestor].append((number, total * scale))
    return [[n for n, _ in rows] for rows in found], array(
        "f", [value for rows in found for _, value in rows]
    )

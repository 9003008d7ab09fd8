"""What a statement rests on: the variants with their assertions, their class, the mode of inheritance."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.assessment import DescribedCall
from service.domain.disease import (
    Assertion,
    Classification,
    VariantClassification,
    asserts_only_likely,
)
from service.domain.gene import (
    INHERITANCE_HPO,
    GeneDisease,
    GeneKnowledge,
    Inheritance,
)
from service.raredisease.criteria.mechanism import loss_is_recessive
from service.raredisease.inheritance import Carriage, Copies

PATHOGENIC = (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)
COUNSELLING = "Genetic counselling recommended"
CONFIRMATION = "Confirmatory testing recommended"
PARENTS = "Parental testing recommended"
_NARROWER = {"HP:0001419": "X-linked recessive inheritance", "HP:0001423": "X-linked dominant inheritance"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One variant of a statement: its published assertions that are (likely) pathogenic, and our class."""

    entry: DescribedCall
    asserted: tuple[Assertion, ...]
    ours: VariantClassification | None = None
    origin: str | None = None
    too_common: str | None = None
    risk: tuple[Assertion, ...] = ()


def follow_up(statement: str, found: Sequence[Evidence]) -> tuple[str, ...]:
    """What to do next; parents are tested where they decide, or where a new variant needs their
    confirmation."""
    parents = statement == "possible-compound-heterozygote" or any(e.origin == "de-novo" for e in found)
    return (COUNSELLING, CONFIRMATION, *((PARENTS,) if parents else ()))


def follow_up_of_unknown(found: Sequence[Evidence]) -> tuple[str, ...]:
    """What to do next where the variants explain no disease: a risk or an unknown meaning is talked over, a
    call is confirmed where it may be an artefact, parents are tested where it may be new."""
    new = any(e.origin == "de-novo" for e in found)
    doubtful = new or not all(e.entry.call.passed for e in found)
    return (COUNSELLING, *((CONFIRMATION,) if doubtful else ()), *((PARENTS,) if new else ()))


def rests_on_one_lost_copy(
    pair: GeneDisease, knowledge: GeneKnowledge, found: Sequence[Evidence], carriage: Carriage
) -> bool:
    """Whether a disease would be stated for nothing but one lost copy, which is not known to cause it.

    That is a dominant disease of a gene whose loss is known to cause recessive disease alone, or a
    semidominant one without strong validity.
    """
    if carriage.copies is not Copies.ONE or not all(
        not evidence.asserted and _by_loss(evidence.ours) for evidence in found
    ):
        return False
    if pair.inheritance is Inheritance.SEMIDOMINANT:
        return pair.validity not in ("Definitive", "Strong")
    return pair.inheritance is Inheritance.DOMINANT and loss_is_recessive(knowledge)


def _by_loss(ours: VariantClassification | None) -> bool:
    criteria = ours.criteria if ours else ()
    return any(c.code == "PVS1" and c.verdict == "met" and not c.supplied for c in criteria)


def class_of(found: Sequence[Evidence]) -> Classification | None:
    """The weakest of the variants' classes as asserted, else as classified here: a pair is as sure as its
    weaker member."""
    classes = []
    for evidence in found:
        if evidence.asserted:
            likely = all(asserts_only_likely(a) for a in evidence.asserted)
            classes.append(Classification.LIKELY_PATHOGENIC if likely else Classification.PATHOGENIC)
        elif evidence.ours:
            classes.append(evidence.ours.classification)
        else:
            return None
    order = list(Classification)
    return max(classes, key=order.index, default=None)


def mode_of(pair: GeneDisease) -> tuple[str | None, str | None]:
    """HPO id and words of the mode of inheritance; (None, None) where it is not determined."""
    if pair.inheritance is Inheritance.X_LINKED and pair.inheritance_term in _NARROWER:
        return pair.inheritance_term, _NARROWER[pair.inheritance_term]
    return INHERITANCE_HPO.get(pair.inheritance, (None, None))

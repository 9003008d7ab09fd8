"""What is inferred of a substitution without sequence, against all 64 codons tried one by one."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest

from service.domain.assembly import Assembly
from service.domain.disease import AssertedVariant, Assertion
from service.domain.genetic_code import STANDARD, THREE_LETTERS
from service.domain.variant import Variant
from service.raredisease.codon import inferred
from service.raredisease.effect import Effect, Kind
from tests.raredisease import a_transcript, an_effect

RESIDUE, START = 50, 250
OTHER_STRAND = {"A": "T", "C": "G", "G": "C", "T": "A"}
Known = dict[int, str]  # place in the codon -> base


def kind_of(before: str, after: str) -> Kind:
    if before == after:
        return Kind.SYNONYMOUS
    return Kind.NONSENSE if after == "*" else Kind.MISSENSE


def expected(at: int, alt: str, known: Known, residue: str | None) -> tuple[Kind, str | None]:
    """The one kind that every codon which fits the facts leads to, and the change where it is told."""
    fitting = [
        (codon, acid)
        for codon, acid in STANDARD.items()
        if acid != "*" and residue in (None, acid) and all(codon[p] == base for p, base in known.items())
    ]
    changes = {(acid, STANDARD[codon[:at] + alt + codon[at + 1 :]]) for codon, acid in fitting}
    kinds = {kind_of(before, after) for before, after in changes}
    if len(kinds) != 1:
        return Kind.CODING_UNKNOWN, None
    kind, befores = kinds.pop(), {before for before, _ in changes}
    if kind is not Kind.MISSENSE or len(befores) != 1:
        return kind, None
    afters = "/".join(sorted(THREE_LETTERS[after] for _, after in changes))
    return kind, f"{THREE_LETTERS[befores.pop()]}{RESIDUE}{afters}"


def told(place: int, at: int, base: str, acid: str, strand: int) -> AssertedVariant:
    """A published missense variant of the codon's base at `place`."""
    assertion = Assertion("ClinVar", "VCV1", "Pathogenic", "", 2, ())
    ref = base if strand > 0 else OTHER_STRAND[base]
    change = f"{THREE_LETTERS[acid]}{RESIDUE}Xaa"
    return AssertedVariant(assertion, "1", START + (place - at) * strand, ref, "N", protein_change=change)


def substitutions(strand: int) -> Iterator[tuple[Effect, Variant, str, str, int, str]]:
    model = replace(a_transcript(), strand=strand)
    for (codon, acid), at, alt in product(STANDARD.items(), range(3), "ACGT"):
        if acid == "*" or alt == codon[at]:
            continue
        position = 3 * (RESIDUE - 1) + at + 1
        effect = replace(an_effect(Kind.CODING_UNKNOWN, RESIDUE, coding_position=position), transcript=model)
        bases = (codon[at], alt) if strand > 0 else (OTHER_STRAND[codon[at]], OTHER_STRAND[alt])
        yield effect, Variant(Assembly.GRCH38, "1", START, *bases), codon, acid, at, alt


@pytest.mark.parametrize("strand", [1, -1])
def test_what_is_inferred_is_what_every_fitting_codon_says(strand: int) -> None:
    decided = 0
    for effect, own, codon, acid, at, alt in substitutions(strand):
        others = [place for place in range(3) if place != at]
        for residue, places in product((None, acid), ((), others[:1], others[1:], others)):
            neighbours = [told(place, at, codon[place], acid, strand) for place in places]
            known = {at: codon[at], **{place: codon[place] for place in places}}
            found = inferred(effect, own, neighbours, residue)
            assert (found.kind, found.change) == expected(at, alt, known, acid if places else residue)
            decided += found.kind is not Kind.CODING_UNKNOWN
    assert decided > 1_000


def test_a_base_beyond_the_codon_tells_no_base_of_it() -> None:
    """Of a codon that an intron splits, a neighbour may lie far away: it names the residue alone."""
    effect, own, _, acid, at, _ = next(
        s for s in substitutions(1) if s[2] == "CGT" and s[4] == 0 and s[5] == "T"
    )
    far = replace(told(2, at, "T", acid, 1), start=START + 900)
    assert inferred(effect, own, [far]) == inferred(effect, own, [], acid)
    assert inferred(effect, own, [far]).kind is Kind.CODING_UNKNOWN  # CGA to a stop, CGT to Cys
    assert inferred(effect, own, [told(2, at, "T", acid, 1)]).change == "Arg50Cys"


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": Kind.MISSENSE},
        {"transcript": None},
        {"coding_position": None},
    ],
    ids=["known already", "no transcript", "not coding"],
)
def test_without_what_it_needs_nothing_is_inferred(changed: dict[str, object]) -> None:
    effect, own, *_ = next(substitutions(1))
    given = replace(effect, **changed)  # type: ignore[arg-type]
    assert inferred(given, own, [], "F") == given


@pytest.mark.parametrize(("ref", "alt"), [("TT", "A"), ("T", "AA"), ("TT", "AA")])
def test_more_than_one_base_is_not_inferred(ref: str, alt: str) -> None:
    effect, _, *_ = next(substitutions(1))
    assert inferred(effect, Variant(Assembly.GRCH38, "1", START, ref, alt), [], "F") == effect


def test_neighbours_that_contradict_each_other_leave_it_open() -> None:
    effect, own, codon, acid, at, _ = next(substitutions(1))
    others = [told(1, at, codon[1], acid, 1), told(2, at, codon[2], "W", 1)]
    assert inferred(effect, own, others) == effect

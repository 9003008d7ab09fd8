"""Two spellings of one insertion or deletion make the same sequence; what is not known is never settled."""

from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.frequency.allele_counts import trim
from service.frequency.equivalence import Allele, judge

REPEATS = st.lists(st.sampled_from(["A", "C", "AT", "CAG", "G"]), min_size=6, max_size=30).map("".join)


def made(reference: str, allele: Allele) -> str:
    """The reference with the allele in place of what it replaces."""
    start, ref, alt = allele
    assert reference[start : start + len(ref)] == ref
    return reference[:start] + alt + reference[start + len(ref) :]


def spellings(reference: str, allele: Allele) -> Iterator[Allele]:
    """Every trimmed insertion or deletion that makes the same sequence: the slow, obvious way."""
    result, (_, ref, alt) = made(reference, allele), allele
    for start in range(len(reference) - len(ref) + 1):
        brought = result[start : start + len(alt)]
        same = (start, reference[start : start + len(ref)], brought)
        if made(reference, same) == result:
            yield same


@st.composite
def indels(draw: st.DrawFn) -> tuple[str, Allele]:
    """A reference with flat ends, and an insertion or deletion that copies or removes bases of it."""
    reference = "GC" + draw(REPEATS) + "TG"
    start = draw(st.integers(1, len(reference) - 4))
    bases = reference[start : start + draw(st.integers(1, 3))]
    return reference, (start, bases, "") if draw(st.booleans()) else (start, "", bases)


@given(indel=indels(), data=st.data())
def test_with_the_sequence_a_spelling_is_found_and_nothing_else(
    indel: tuple[str, Allele], data: st.DataObject
) -> None:
    reference, change = indel
    same = list(spellings(reference, change))
    listed = data.draw(st.sampled_from(same))
    sequence = dict(enumerate(reference))
    assert judge(change, [listed], sequence, 0, len(reference)).listed == listed
    other = data.draw(indels().map(lambda each: each[1]))
    assume(other not in same)
    verdict = judge(change, [other], sequence, 0, len(reference))
    assert verdict.listed is None


@given(indel=indels(), data=st.data())
def test_whatever_is_known_no_listed_spelling_is_denied_and_no_other_is_taken(
    indel: tuple[str, Allele], data: st.DataObject
) -> None:
    """Some bases of the reference, some other records: a verdict is the truth or a doubt."""
    reference, change = indel
    same = list(spellings(reference, change))
    listed = data.draw(st.sampled_from(same))
    places = data.draw(st.sets(st.integers(0, len(reference) - 1)))
    sequence = {place: reference[place] for place in places}
    substitutions = [(p, reference[p], "N") for p in data.draw(st.sets(st.integers(0, len(reference) - 1)))]
    spelled = data.draw(st.booleans())
    record = listed if spelled else (listed[0], "N" * len(listed[1]), listed[2])
    verdict = judge(change, [*substitutions, record], sequence, 0, len(reference))
    assert verdict.listed == record or verdict.doubt
    start, ref, alt = data.draw(indels().map(lambda each: each[1]))
    assume(reference[start : start + len(ref)] == ref and (start, ref, alt) not in same)
    verdict = judge(change, [*substitutions, (start, ref, alt)], sequence, 0, len(reference))
    assert verdict.listed is None


# What is known, what is listed, and what may be said of the deletion of AT at 100 that is not listed as such.
DELETION: Allele = (100, "AT", "")
BOTH_SIDES = {99: "C", 110: "G", **dict(zip(range(100, 110), "ATATATATAT", strict=True))}
FLAWS = [(96, "G", "A"), (112, "C", "T")]  # substitutions whose reference no repeat of AT has
CASES = {
    "sequence, nothing": (BOTH_SIDES, [], False, None),
    "sequence, elsewhere in the repeat": (BOTH_SIDES, [(107, "TA", "")], False, (107, "TA", "")),
    "sequence, turned as it cannot be": (BOTH_SIDES, [(107, "AT", "")], False, None),
    "sequence, behind the repeat": (BOTH_SIDES, [(112, "AT", "")], False, None),
    "sequence, not spelled": (BOTH_SIDES, [(100, "N" * 10, "ATATATAT")], False, (100, "N" * 10, "ATATATAT")),
    "no sequence, nothing": ({}, [], True, None),
    "no sequence, flaws on both sides": ({}, FLAWS, False, None),
    "no sequence, a flaw on one side": ({}, FLAWS[:1], True, None),
    "no sequence, may be the same": ({}, [*FLAWS, (106, "AT", "")], True, None),
    "no sequence, beside it": ({}, [*FLAWS, (101, "TA", "")], False, (101, "TA", "")),
    "no sequence, behind a flaw": ({}, [*FLAWS, (116, "AT", "")], False, None),
    "no sequence, another length": ({}, [*FLAWS, (102, "A", ""), (100, "", "AT")], False, None),
    "no sequence, not spelled": ({}, [*FLAWS, (99, "NNN", "C")], True, None),
    "no sequence, not spelled, another length": ({}, [*FLAWS, (99, "NN", "C")], False, None),
    "no sequence, records contradict": ({}, [(96, "G", "A"), (96, "A", "C"), FLAWS[1]], True, None),
}


@pytest.mark.parametrize("case", CASES)
def test_what_may_be_said(case: str) -> None:
    sequence, listed, doubt, expected = CASES[case]
    verdict = judge(DELETION, listed, sequence, 40, 164)
    assert (verdict.listed, verdict.doubt) == (expected, doubt)


def test_no_repeat_of_a_gene_goes_on_for_thousands_of_bases() -> None:
    """Nothing is known but that no other deletion of two bases is listed in so wide a range."""
    change: Allele = (10_000, "AT", "")
    verdict = judge(change, [(9_000, "A", "")], {}, 5_000, 15_000)
    assert (verdict.listed, verdict.doubt) == (None, False)
    assert judge(change, [(9_000, "AT", "")], {}, 5_000, 15_000).doubt
    assert judge(change, [], {}, 7_000, 15_000).farther


def test_a_change_that_removes_and_brings_bases_has_one_place() -> None:
    change: Allele = (100, "AT", "GC")
    assert judge(change, [(100, "NN", "GC")], {100: "A", 101: "T"}, 60, 140).listed == (100, "NN", "GC")
    assert not judge(change, [(102, "AT", "GC")], {}, 60, 140).doubt


def test_the_slow_way_knows_the_spellings_of_a_repeat() -> None:
    assert list(spellings("GCATATG", (2, "AT", ""))) == [(2, "AT", ""), (3, "TA", ""), (4, "AT", "")]
    assert trim(1, "CATAT", "CAT") == (2, "AT", "")

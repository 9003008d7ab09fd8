"""Alleles after normalisation: minimal, left-most, and still the same change."""

from hypothesis import given
from hypothesis import strategies as st

from service.domain.assembly import Assembly
from service.domain.variant import Variant
from service.variants.normalize import left_align, trim

bases = st.text("ACGT", min_size=1, max_size=8)


class Sequence:
    """A short chromosome."""

    def __init__(self, text: str) -> None:
        self.text = text

    def bases(self, assembly: Assembly, chrom: str, start: int, end: int) -> str:
        known = self.text[max(0, start) : end]
        return "N" * max(0, -start) + known + "N" * (end - max(0, start) - len(known))

    def changed(self, variant: Variant) -> str:
        assert self.text[variant.start : variant.end] == variant.ref
        return self.text[: variant.start] + variant.alt + self.text[variant.end :]


@given(st.integers(0, 1000), bases, bases)
def test_trimming_twice_is_trimming_once(start: int, ref: str, alt: str) -> None:
    once = trim(start, ref, alt)
    assert trim(*once) == once
    assert once[1]
    assert once[2]


@given(st.text("AC", min_size=2, max_size=150), st.data())
def test_left_alignment_keeps_the_change_and_is_unique(text: str, data: st.DataObject) -> None:
    sequence = Sequence(text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, min(len(text), start + 6)))
    alt = data.draw(st.text("AC", min_size=1, max_size=6))
    if alt == text[start:end]:
        return
    written = Variant(Assembly.GRCH38, "1", start, text[start:end], alt)
    aligned = left_align(written, sequence)
    assert sequence.changed(aligned) == sequence.changed(written)
    assert left_align(aligned, sequence) == aligned
    if len(aligned.ref) != len(aligned.alt) and 1 in (len(aligned.ref), len(aligned.alt)) and aligned.start:
        # Left-most: the slow obvious search finds no spelling further left.
        result, size = sequence.changed(aligned), len(aligned.alt) - len(aligned.ref)
        earlier = [
            s
            for s in range(aligned.start)
            if (size < 0 and text[: s + 1] + text[s + 1 - size :] == result)
            or (size > 0 and text[: s + 1] + result[s + 1 : s + 1 + size] + text[s + 1 :] == result)
        ]
        assert earlier == []


def test_without_a_reference_alleles_are_trimmed() -> None:
    written = Variant(Assembly.GRCH38, "1", 10, "CAGG", "CAG")
    assert left_align(written, None) == Variant(Assembly.GRCH38, "1", 11, "AG", "A")


def test_an_allele_anchored_behind_is_anchored_before() -> None:
    written = Variant(Assembly.GRCH38, "1", 1, "A", "CA")
    assert left_align(written, Sequence("GA")) == Variant(Assembly.GRCH38, "1", 0, "G", "GC")


def test_shifting_stops_where_the_reference_is_unknown() -> None:
    sequence = Sequence("N" * 10 + "TTTTTT")
    aligned = left_align(Variant(Assembly.GRCH38, "1", 14, "TT", "T"), sequence)
    assert aligned == Variant(Assembly.GRCH38, "1", 10, "TT", "T")


def test_a_substitution_of_several_bases_stays_one_variant() -> None:
    variant = Variant(Assembly.GRCH38, "1", 10, "CA", "TG")
    assert left_align(variant, None) == variant

"""Sites without a genotype, and what is asserted there."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from service.domain.assembly import Assembly
from service.domain.disease import AssertedVariant
from service.domain.variant import CoveredIntervals, Interval, UncalledRecord
from service.raredisease.uncalled import uncalled_blocks, uncalled_sites
from tests.unit.raredisease.test_same_residue import asserted

CODING = (Interval("1", 100, 400),)


class Published:
    def __init__(self, *variants: AssertedVariant) -> None:
        self.variants = variants

    def within(self, chrom: str, start: int, end: int) -> tuple[AssertedVariant, ...]:
        return tuple(v for v in self.variants if v.chrom == chrom and start <= (v.start or 0) <= end)


def at(start: int, ref: str, alt: str, classification: str = "Pathogenic") -> AssertedVariant:
    return replace(asserted("Arg50His", classification), chrom="1", start=start, ref=ref, alt=alt)


@pytest.mark.parametrize(
    ("record", "published", "hidden"),
    [
        (("A", "."), at(200, "A", "G"), True),  # a substitution of the very base
        (("A", "."), at(201, "C", "G"), False),  # of the next base: another record's
        (("A", "."), at(201, "CT", ""), True),  # a deletion that a VCF writes from this base on
        (("A", "."), at(201, "", "T"), True),  # an insertion, likewise
        (("A", "."), at(200, "A", "G", "Benign"), False),
        (("AC", "<*>"), at(201, "C", "G"), True),  # the record holds two bases
        (("A", "."), at(201, "C" * 49, ""), True),
        (("A", "."), at(201, "C" * 50, ""), False),  # a copy-number change: one base does not hide it
        (("N", "."), at(200, "A", "G"), False),  # no base, no place
        (("A", "T"), at(200, "A", "G"), True),  # the same base is replaced
        (("A", "AT"), at(200, "A", "G"), False),  # another change was asked about
    ],
)
def test_what_a_site_without_a_genotype_hides(
    record: tuple[str, str], published: AssertedVariant, hidden: bool
) -> None:
    case: Any = SimpleNamespace(assembly=Assembly.GRCH38, uncalled=(UncalledRecord("1", 200, *record),))
    found = uncalled_sites(["GENE"], case, lambda *_: CODING, Published(published), lambda variant: variant)
    assert bool(found) is hidden


@pytest.mark.parametrize(
    ("published", "place"),
    [
        (at(200, "A", "G"), (200, 201)),  # the block's first base
        (at(208, "CT", "GG"), (208, 210)),
        (at(209, "A", "G"), (209, 210)),  # its last base
        (at(199, "A", "G"), None),
        (at(210, "A", "G"), None),
        (at(210, "CT", ""), (209, 210)),  # a VCF writes the deletion from the block's last base on
        (at(210, "", "T"), (209, 210)),  # an insertion, likewise
        (at(204, "A", "G", "Benign"), None),
        (at(205, "C" * 49, ""), (204, 210)),
        (at(205, "C" * 50, ""), None),  # a copy-number change: five bases do not hide it
        (at(204, "A", "G", "Likely pathogenic"), (204, 205)),
        (replace(at(204, "A", "G"), assertion=replace(at(204, "A", "G").assertion, genes=("OTHER",))), None),
    ],
)
@pytest.mark.parametrize("shift", [0, 1000])
def test_what_a_block_without_a_genotype_hides(
    published: AssertedVariant, place: tuple[int, int] | None, shift: int
) -> None:
    """On the assembly of the input, whose places differ from those of the assertions by a shift."""
    assembly = Assembly.GRCH37 if shift else Assembly.GRCH38
    blocks = CoveredIntervals([Interval("1", 200 + shift, 210 + shift)])
    case: Any = SimpleNamespace(assembly=assembly, uncalled_blocks=blocks)

    def between(interval: Interval, source: Assembly, target: Assembly) -> list[Interval]:
        by = 0 if source is target else shift if target is Assembly.GRCH37 else -shift
        return [Interval(interval.chrom, interval.start + by, interval.end + by)]

    coding = (Interval("1", 100 + shift, 400 + shift),)
    found = uncalled_blocks(["GENE"], case, lambda *_: coding, Published(published), between)
    assert found == ({"GENE": [Interval("1", place[0] + shift, place[1] + shift)]} if place else {})


@pytest.mark.parametrize(("end", "hidden"), [(260, True), (259, False)])
def test_a_block_over_all_of_a_long_deletion_hides_it(end: int, hidden: bool) -> None:
    blocks = CoveredIntervals([Interval("1", 200, end)])
    case: Any = SimpleNamespace(assembly=Assembly.GRCH38, uncalled_blocks=blocks)
    published = Published(at(205, "C" * 55, ""))
    found = uncalled_blocks(["GENE"], case, lambda *_: CODING, published, lambda interval, *_: [interval])
    assert bool(found) is hidden

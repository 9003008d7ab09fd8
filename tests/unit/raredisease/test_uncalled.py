"""Sites without a genotype, and what is asserted there."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from service.domain.assembly import Assembly
from service.domain.disease import AssertedVariant
from service.domain.variant import Interval, UncalledRecord
from service.raredisease.uncalled import uncalled_sites
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

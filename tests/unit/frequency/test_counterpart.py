"""A variant on the other build, whose reference is known: also where that is the alternate allele."""

from typing import Any

import pytest

from service.bootstrap.frequency import counterpart
from service.domain.assembly import Assembly
from service.domain.variant import Variant
from service.variants.liftover import Liftover
from tests.nomenclature import describer, shipped_alignment

# Factor V Leiden: GRCh38 has C at 1:169549811, GRCh37 has T at 1:169519049. Source: dbSNP rs6025.
LEIDEN = Variant(Assembly.GRCH38, "1", 169_549_810, "C", "T")


class Grch37:
    """The base of one place of GRCh37."""

    def __init__(self, base: str) -> None:
        self.base = base

    def has(self, _assembly: Assembly) -> bool:
        return True

    def bases(self, assembly: Assembly, chrom: str, start: int, end: int) -> str:
        assert (assembly, chrom, start, end) == (Assembly.GRCH37, "1", 169_519_048, 169_519_049)
        return self.base


@pytest.mark.parametrize(("base", "found"), [("C", True), ("T", True), ("N", True), ("G", False)])
def test_a_place_is_refused_only_where_neither_allele_is_the_reference(base: str, found: bool) -> None:
    reference: Any = Grch37(base)
    there = counterpart(Liftover(shipped_alignment(), reference), LEIDEN, Assembly.GRCH37)
    assert there == (Variant(Assembly.GRCH37, "1", 169_519_048, "C", "T") if found else None)


def test_without_the_other_sequence_the_place_alone_decides() -> None:
    assert counterpart(describer().liftover, LEIDEN, Assembly.GRCH37) is not None

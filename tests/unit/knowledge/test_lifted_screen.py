"""GRCh37 records are looked at where a configured alignment places what we look for."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from service.bootstrap import nomenclature
from service.domain.assembly import CHROMOSOMES, Assembly
from service.domain.screening import ScreenIndex
from service.domain.sequence import AlignmentBlocks, AssemblyAlignment
from service.domain.variant import Interval
from service.knowledge.lifted_screen import under_alignment

CHR2 = CHROMOSOMES.index("2")


def blocks(start: int, end: int, target: int, strand: int = 1) -> AlignmentBlocks:
    return AlignmentBlocks([start], [end], [target], [CHR2], [strand])


def places(index: ScreenIndex, chrom: str) -> list[tuple[int, int]]:
    spans = index.carriers[Assembly.GRCH37, chrom]
    return list(zip(spans.starts, spans.ends, strict=True))


SHIPPED = ScreenIndex.of(Assembly.GRCH38, carriers=[Interval("2", 100, 120), Interval("2", 160, 200)])


def test_a_block_of_grch37_brings_the_spans_that_it_leads_into() -> None:
    # GRCh37 7:1000-1100 lies on GRCh38 2:90-190.
    found = under_alignment(SHIPPED, AssemblyAlignment({(Assembly.GRCH37, "7"): blocks(1000, 1100, 90)}))
    assert places(found, "7") == [(1010, 1030), (1070, 1100)]
    assert found.carriers[Assembly.GRCH38, "2"] == SHIPPED.carriers[Assembly.GRCH38, "2"]


def test_a_block_on_the_other_strand_is_read_backwards() -> None:
    # GRCh37 7:1000 lies on GRCh38 2:189, and 7:1099 on 2:90.
    turned = blocks(1000, 1100, 189, -1)
    found = under_alignment(SHIPPED, AssemblyAlignment({(Assembly.GRCH37, "7"): turned}))
    assert places(found, "7") == [(1000, 1030), (1070, 1090)]


def test_a_block_of_grch38_brings_its_spans_and_the_shipped_ones_stay() -> None:
    index = ScreenIndex(
        {}, {**SHIPPED.carriers, **ScreenIndex.of(Assembly.GRCH37, carriers=[Interval("2", 5, 9)]).carriers}
    )
    found = under_alignment(index, AssemblyAlignment({(Assembly.GRCH38, "2"): blocks(110, 170, 510)}))
    assert places(found, "2") == [(5, 9), (510, 520), (560, 570)]


@pytest.mark.parametrize("configured", [False, True])
def test_a_reader_looks_by_the_configured_alignment(
    monkeypatch: pytest.MonkeyPatch, configured: bool
) -> None:
    shipped = AssemblyAlignment({})
    other = AssemblyAlignment({(Assembly.GRCH37, "7"): blocks(1000, 1100, 90)})
    parts = {"screen": SHIPPED, "liftover": shipped}
    knowledge = cast(Any, SimpleNamespace(part=parts.get))
    room = cast(Any, SimpleNamespace(liftover=None, reference=None))
    room.alignment = other if configured else shipped
    monkeypatch.setattr("service.variants.case_reader.CaseReader", lambda index, *_: index)
    found = cast(Any, nomenclature.open_reader(knowledge, room))
    assert ((Assembly.GRCH37, "7") in found.carriers) is configured

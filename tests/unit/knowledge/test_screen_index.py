"""The compiled screening index: written, mapped, and refused where it would be silent."""

from pathlib import Path

import pytest

from service.domain.assembly import Assembly
from service.domain.screening import KnownSite, ScreenIndex, Spans
from service.domain.sequence import AlignmentBlocks, AssemblyAlignment
from service.domain.variant import Interval
from service.errors import KnowledgeError
from service.knowledge import liftover, screen, transcripts
from service.knowledge.repository import open_shipped
from service.variants.liftover import Liftover

ALIGNMENT = AssemblyAlignment(
    {
        (Assembly.GRCH38, "1"): AlignmentBlocks((100, 300), (200, 400), (1100, 5399), (0, 1), (1, -1)),
    }
)


def test_an_index_survives_being_written(tmp_path: Path) -> None:
    index = ScreenIndex.of(
        Assembly.GRCH37,
        every=[Interval("10", 5, 9), Interval("X", 1, 2)],
        carriers=[Interval("10", 50, 90), Interval("10", 60, 95)],
        known_sites=[KnownSite("10", 6, "G", "rs1")],
    )
    assert screen.write(index, tmp_path / "screen") == {"every": 2, "carriers": 1, "sites": 1}
    loaded = screen.load(tmp_path / "screen")
    spans = loaded.carriers[Assembly.GRCH37, "10"]
    assert (list(spans.starts), list(spans.ends)) == ([50], [95])
    assert list(loaded.every[Assembly.GRCH37, "X"].ends) == [2]
    assert loaded.known_sites == index.known_sites


def test_a_missing_or_damaged_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="cannot be read"):
        screen.load(tmp_path / "screen")
    screen.write(ScreenIndex.of(Assembly.GRCH38, every=[Interval("1", 0, 5)]), tmp_path / "screen")
    (tmp_path / "screen" / "spans.i32").write_bytes(b"\0" * 4)
    with pytest.raises(KnowledgeError, match="does not match its directory"):
        screen.load(tmp_path / "screen")


def test_a_missing_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="needs the part 'pharmacogenes'"):
        screen.build(tmp_path, tmp_path / "screen")


@pytest.mark.parametrize(
    ("interval", "pieces"),
    [
        (Interval("1", 110, 120), [Interval("1", 1110, 1120)]),
        (Interval("1", 50, 120), [Interval("1", 1100, 1120)]),
        (Interval("1", 190, 310), [Interval("1", 1190, 1200), Interval("2", 5390, 5400)]),
        (Interval("1", 210, 290), []),
        (Interval("7", 210, 290), []),
        (Interval("MT", 5, 9), [Interval("MT", 5, 9)]),
    ],
)
def test_intervals_are_projected_block_by_block(interval: Interval, pieces: list[Interval]) -> None:
    assert list(screen.on_grch37(interval, ALIGNMENT)) == pieces


@pytest.fixture(scope="module")
def compiled() -> Path:
    """This checkout's content, built where it changed."""
    return open_shipped(None).artifact


def test_the_curated_content_is_screened_in_both_assemblies(compiled: Path) -> None:
    index = screen.load(compiled / "screen")
    for assembly, cyp2c19_2, brca1_185delag in (
        (Assembly.GRCH38, 94_781_858, 43_124_027),
        (Assembly.GRCH37, 96_541_615, 41_276_044),
    ):
        assert _meets(index.every[assembly, "10"], cyp2c19_2)
        assert _meets(index.carriers[assembly, "17"], brca1_185delag)
        assert _meets(index.carriers[assembly, "MT"], 1554)


@pytest.mark.parametrize(
    ("gene", "hgnc_id"), [("CFTR", "HGNC:1884"), ("VKORC1", "HGNC:23663"), ("BRCA1", "HGNC:1100")]
)
def test_pharmacogenes_and_disease_genes_have_their_hgnc_id(compiled: Path, gene: str, hgnc_id: str) -> None:
    models = transcripts.load(compiled / "transcripts").catalogue.of_gene(gene)
    assert {model.hgnc_id for model in models} == {hgnc_id}


def test_exons_of_mane_transcripts_have_margins(compiled: Path) -> None:
    catalogue = transcripts.load(compiled / "transcripts").catalogue
    (model,) = catalogue.of_gene("CYP2C19")
    found = list(screen.disease_exons(catalogue, {"CYP2C19", "NOT-A-GENE"}))
    assert [(i.start, i.end) for i in found] == [(start - 50, end + 50) for start, end in model.exons]


def test_projected_exons_agree_with_the_liftover_of_points(compiled: Path) -> None:
    alignment = liftover.load(compiled / "liftover")
    points = Liftover(alignment)
    exons = list(
        screen.disease_exons(transcripts.load(compiled / "transcripts").catalogue, ("BRCA1", "LDLR", "TTN"))
    )
    assert len(exons) > 300
    for exon in exons:
        pieces = list(screen.on_grch37(exon, alignment))
        middle = (exon.start + exon.end) // 2
        placed = points.lift_interval(
            Assembly.GRCH38, Interval(exon.chrom, middle, middle + 1), Assembly.GRCH37
        )
        assert isinstance(placed, Interval)
        assert any(p.chrom == placed.chrom and p.start <= placed.start < p.end for p in pieces)


def _meets(spans: Spans, start: int) -> bool:
    pairs = zip(spans.starts, spans.ends, strict=True)
    return any(low <= start < high for low, high in pairs)

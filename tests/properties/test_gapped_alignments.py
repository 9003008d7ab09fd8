"""Alignments with gaps: our geometry against the package's, which goes by CIGAR texts."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.alignment import AlignedExon, aligned_blocks, block_steps, has_gaps
from service.domain.transcript import OTHER, Transcript, parse_transcript
from service.domain.transcript_catalogue import TranscriptCatalogue
from service.errors import InvalidVariant
from service.variants.coding import Geometry, TranscriptPosition
from service.variants.hgvs_provider import METHOD, TableProvider
from service.variants.reference import ReferenceSequence
from service.variants.transcripts import TranscriptModels

ACCESSION, CHROMOSOME = "NM_999999999.1", "NC_000001.11"


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A model line of a transcript of one to four exons, some with gaps, on either strand."""
    forward, place, offset = draw(st.booleans()), 1000, 0
    exons: list[tuple[int, int, tuple[tuple[str, int], ...]]] = []
    count = draw(st.integers(1, 4))
    for number in range(count):
        operations = [("M", draw(st.integers(5, 30)))]
        for _ in range(draw(st.integers(0, 2))):
            operations += [
                (draw(st.sampled_from("ID")), draw(st.integers(1, 4))),
                ("M", draw(st.integers(5, 30))),
            ]
        # Bases of the transcript alone may lie between two exons; seen along the transcript.
        if draw(st.booleans()) and (number + 1 < count if forward else number > 0):
            operations.append(("I", draw(st.integers(1, 3))))
        size = sum(n for kind, n in operations if kind != "I")
        exons.append((place, place + size, tuple(operations)))
        # Introns of even length: the package counts the middle base of an odd one from the lower genomic
        # side, the nomenclature from the upstream exon.
        place += size + 2 * draw(st.integers(5, 20))
    aligned: list[AlignedExon] = []
    for start, end, steps in exons if forward else exons[::-1]:
        aligned.append(AlignedExon(start, end, offset, steps))
        offset += aligned[-1].length
    aligned.sort(key=lambda exon: exon.start)
    blocks, spans = aligned_blocks(aligned, forward=forward), [(e.start, e.end) for e in aligned]
    steps = block_steps(blocks, spans, forward=forward)
    assert has_gaps(blocks, len(spans), forward=forward) == any(len(e.operations) > 1 for e in aligned)
    first = draw(st.integers(0, 5))
    cells = (ACCESSION, "NP_9.1", "", "G", "", OTHER, "1", "+" if forward else "-", spans[0][0], spans[-1][1])
    return "\t".join(map(str, (*cells, "", f"{first}-{first + 3}", "", steps)))


def mapper_of(line: str) -> Any:
    """The package's mapper over our provider."""
    from hgvs.alignmentmapper import AlignmentMapper

    models = TranscriptModels(TranscriptCatalogue([], others=lambda _: [line]), ReferenceSequence(None))
    return AlignmentMapper(TableProvider(models), ACCESSION, CHROMOSOME, METHOD)


def theirs(mapper: Any, position: int) -> tuple[int, int]:
    """Transcript offset and intronic offset of a genomic base as the package maps it."""
    from hgvs.location import Interval, SimplePosition

    place = SimplePosition(position + 1)
    start = mapper.g_to_n(Interval(start=place, end=place)).start
    return start.base - 1, start.offset


def edges(model: Transcript) -> list[int]:
    """Genomic bases of the transcript from its first to its last."""
    return list(range(model.start, model.end))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines())
def test_positions_equal_the_packages(line: str) -> None:
    model, mapper = parse_transcript(line), mapper_of(line)
    geometry = Geometry(model)
    gaps = list(geometry._gaps())
    for position in edges(model):
        place = geometry.locate(position)
        if any(start <= position < end for start, end in gaps):
            assert place is None
            continue
        assert place == theirs(mapper, position)
        assert geometry.genomic(TranscriptPosition(*place)) == position


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines())
def test_what_lies_in_a_gap_is_refused_and_all_else_returns(line: str) -> None:
    model = parse_transcript(line)
    geometry, paired = Geometry(model), set()
    for start, end, first in model.blocks or [
        (s, e, f) for (s, e), f in zip(model.exons, Geometry(model).first_offsets, strict=True)
    ]:
        paired |= set(range(first, first + end - start))
    for offset in range(model.length):
        if offset in paired:
            found = geometry.locate(geometry.genomic(TranscriptPosition(offset)))
            assert found == (offset, 0)
        else:
            with pytest.raises(InvalidVariant, match="the alignment has a gap there"):
                geometry.genomic(TranscriptPosition(offset))


def test_intronic_offsets_are_of_exons_not_of_gaps() -> None:
    line = f"{ACCESSION}\tNP_9.1\t\tG\t\t{OTHER}\t1\t+\t100\t140\t\t0-3\t\t10;~2,8,0;10,10,0"
    geometry = Geometry(parse_transcript(line))
    assert [geometry.exon_number(p) for p in (105, 111, 125, 135)] == [
        ("exon", 1, 2), ("exon", 1, 2), ("intron", 1, 1), ("exon", 2, 2),
    ]  # fmt: skip
    with pytest.raises(InvalidVariant, match="not at the edge of its exon, which is 1 to"):
        geometry.genomic(TranscriptPosition(9, 1))
    assert geometry.genomic(TranscriptPosition(17, 1)) == 120
    assert geometry.gap_within(109, 113)
    assert not geometry.gap_within(112, 113)


def test_an_alignment_without_gaps_has_no_blocks() -> None:
    plain = f"{ACCESSION}\tNP_9.1\t\tG\t\t{OTHER}\t1\t-\t100\t130\t\t0-3\t\t10;10,10"
    model = parse_transcript(plain)
    assert model.blocks == ()
    assert replace(model, blocks=((100, 110, 10), (120, 130, 0))).length == model.length == 20

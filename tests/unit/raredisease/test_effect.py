"""What a variant does, read from its names: kind, residue, new stop, decay, skipped exon."""

import pytest

from service.domain.assembly import Assembly
from service.domain.variant import MolecularDescription, Variant
from service.raredisease.effect import Effect, Kind, effect_of
from service.raredisease.repeat import in_repeat
from service.raredisease.transcript_shape import shape_of
from tests.raredisease import a_transcript

# `a_transcript`: exons of 150 bases, 30 before the start; junctions at coding 120, 270, 420 and 570.
UNKNOWN = ("protein change unavailable: sequence not configured",)


def read(name: str, *terms: str, ref: str = "C", alt: str = "T", **more: object) -> Effect:
    variant = Variant(Assembly.GRCH38, "1", 250, ref, alt)
    description = MolecularDescription(
        variant,
        "1:250:C:T",
        hgvs_c=f"NM_1.1:{name}",
        consequences=terms,
        gene="GENE",
        **more,  # type: ignore[arg-type]
    )
    return effect_of(description, a_transcript(), variant)


def test_a_frameshift_by_its_name() -> None:
    effect = read("c.148del", "frameshift_variant", hgvs_p="NP_1.1:p.(Arg50GlyfsTer12)", nmd=True)
    assert (effect.kind, effect.residue, effect.stop, effect.decay) == (Kind.FRAMESHIFT, 50, 61, True)


def test_a_missense_change_by_its_name() -> None:
    effect = read("c.148C>T", "missense_variant", hgvs_p="NP_1.1:p.(Arg50Cys)")
    assert (effect.kind, effect.residue, effect.change) == (Kind.MISSENSE, 50, "Arg50Cys")


def test_an_in_frame_deletion_spans_its_residues() -> None:
    effect = read("c.148_156del", "inframe_deletion", hgvs_p="NP_1.1:p.(Arg50_Gly52del)")
    assert (effect.kind, effect.residue, effect.last_residue) == (Kind.IN_FRAME, 50, 52)


@pytest.mark.parametrize(
    ("name", "ref", "alt", "kind", "residue"),
    [
        ("c.148del", "CA", "C", Kind.FRAMESHIFT, 50),
        ("c.148_150del", "CAGT", "C", Kind.IN_FRAME, 50),
        ("c.148C>T", "C", "T", Kind.CODING_UNKNOWN, 50),
        ("c.2T>C", "T", "C", Kind.START_LOST, 1),
    ],
)
def test_place_and_length_tell_what_sequence_would(
    name: str, ref: str, alt: str, kind: Kind, residue: int
) -> None:
    effect = read(name, "coding_sequence_variant", ref=ref, alt=alt, notes=UNKNOWN)
    assert (effect.kind, effect.residue) == (kind, residue)


@pytest.mark.parametrize(
    ("position", "decay"),
    # The stop of codon n ends at 3n; from 50 bases before the last junction (570) on it escapes: codon 174.
    [(3 * 172 + 1, True), (3 * 173 + 1, False), (3 * 200 + 1, False)],
)
def test_decay_without_sequence_by_the_place_of_the_change(position: int, decay: bool) -> None:
    effect = read(f"c.{position}del", "coding_sequence_variant", ref="CA", alt="C", notes=UNKNOWN)
    assert effect.decay is decay


@pytest.mark.parametrize(
    ("exon", "term", "skipped"),
    [
        ("intron 2/4", "splice_donor_variant", 2),
        ("intron 2/4", "splice_acceptor_variant", 3),
        ("3/5", "splice_donor_variant", 3),
    ],
)
def test_the_exon_that_a_splice_site_serves(exon: str, term: str, skipped: int) -> None:
    effect = read("c.270+1G>T", term, exon=exon)
    assert effect.kind is Kind.SPLICE_SITE
    assert effect.skip is not None
    assert effect.skip.exon == skipped


def test_intron_offsets_and_edges() -> None:
    assert read("c.270+7G>T", "intron_variant").intron_offset == 7
    assert read("c.271-21G>T", "intron_variant").intron_offset == -21
    assert read("c.270G>A", "synonymous_variant").edge == (149, 0)
    assert read("c.271G>A", "synonymous_variant").edge == (0, 149)


def test_nothing_known_is_said_as_such() -> None:
    assert effect_of(None, None, None).kind is Kind.OTHER


def test_an_exon_without_coding_bases_is_not_skipped_in_the_protein() -> None:
    shape = shape_of(a_transcript())
    assert shape is not None
    assert shape.skip(0) is None
    assert shape.skip(6) is None
    first = shape.skip(1)
    assert first is not None
    assert (first.start, first.coding_bases) == (True, 120)


@pytest.mark.parametrize(
    ("protein", "first", "last", "expected"),
    [
        ("MKAAAAAAGT", 4, 4, True),  # six alanines
        ("MKAAAAAGT", 4, 4, False),  # five
        ("MKQPLQPLQPLQPLGT", 6, 8, True),  # four copies of QPL
        ("MKQPLQPLQPLGT", 6, 8, False),  # three
        ("MK", 9, 9, False),
    ],
)
def test_repeats(protein: str, first: int, last: int, expected: bool) -> None:
    assert in_repeat(protein, first, last) is expected

"""Where a change lies, base by base around an exon's two borders."""

import pytest

from service.domain.assembly import Assembly
from service.domain.variant import Variant
from service.raredisease.place import Place, place_of
from tests.raredisease import a_transcript

SITE, REGION, INTRON, CODING = Place.SPLICE_SITE, Place.SPLICE_REGION, Place.INTRON, Place.CODING


# Exons are [0, 150), [250, 400), ...; positions are interbase. Terms: Sequence Ontology as in Ensembl VEP.
@pytest.mark.parametrize(
    ("start", "place"),
    [
        (149, CODING), (150, SITE), (151, SITE), (152, REGION), (157, REGION), (158, INTRON),
        (241, INTRON), (242, REGION), (247, REGION), (248, SITE), (249, SITE), (250, CODING),
        (29, Place.UNTRANSLATED), (30, CODING), (1149, Place.UNTRANSLATED), (1150, Place.OUTSIDE),
    ],
)  # fmt: skip
def test_a_substitution_is_placed_to_the_base(start: int, place: Place) -> None:
    assert place_of(Variant(Assembly.GRCH38, "1", start, "A", "G"), a_transcript()) is place


@pytest.mark.parametrize(
    ("start", "ref", "alt", "place"),
    [
        (147, "AAAAA", "A", SITE),  # takes two bases of the exon and two of the intron
        (152, "AAA", "A", REGION),
        (246, "AA", "A", REGION),
        (247, "AA", "A", SITE),
        (149, "A", "AG", CODING),  # an insertion at a border may lengthen the coding sequence
        (249, "A", "AG", CODING),
        (150, "A", "AG", REGION),
    ],
)
def test_the_anchor_of_an_indel_is_not_part_of_it(start: int, ref: str, alt: str, place: Place) -> None:
    found = place_of(Variant(Assembly.GRCH38, "1", start, ref, alt), a_transcript())
    assert found is place

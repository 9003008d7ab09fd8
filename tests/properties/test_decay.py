"""Decay of new stops, worked out again from bases and exons alone."""

import random

from service.domain.assembly import Assembly
from service.domain.transcript import MANE_SELECT, Transcript
from service.domain.variant import Variant
from service.variants.coding import TranscriptPosition
from service.variants.justify import justify, reverse_complement
from tests.nomenclature import describer

OURS = describer()
STOPS = ("TAA", "TAG", "TGA")


def codons_to_stop(bases: str) -> int | None:
    """Codons up to and with the first stop; None without one."""
    return next((i // 3 + 1 for i in range(0, len(bases) - 2, 3) if bases[i : i + 3] in STOPS), None)


def expected(transcript: Transcript, offset: int, ref: str, alt: str) -> bool | None:
    """Whether the RNA decays: its first stop lies before the old one and at least 50 bases before the last
    junction of exons (Nagy and Maquat 1998); None where no new stop comes first.
    """
    assert transcript.cds is not None
    bases = OURS.models.sequence(transcript)
    changed = bases[:offset] + alt + bases[offset + len(ref) :]
    start, end = transcript.cds
    found = codons_to_stop(changed[start:])
    assert codons_to_stop(bases[start:]) == (end - start) // 3
    shift = len(alt) - len(ref)
    if found is None or (not shift % 3 and start + 3 * found >= end + shift):
        return None
    lengths = [high - low for low, high in transcript.exons]
    junction = sum(lengths) - (lengths[-1] if transcript.strand > 0 else lengths[0]) + shift
    return len(lengths) > 1 and junction - (start + 3 * found) >= 50


def test_decay_of_simulated_stops_is_what_bases_and_exons_give() -> None:
    dice = random.Random(50)
    plain = [
        t
        for t in OURS.models.catalogue
        if t.kind == MANE_SELECT
        and t.cds
        and not t.differences
        and (coding := OURS.models.coding(t)) is not None
        and "U" not in coding.residues
    ]
    told = {True: 0, False: 0, None: 0}
    for transcript in dice.sample(plain, 150):
        geometry, bases = OURS.models.geometry(transcript), OURS.models.sequence(transcript)
        assert transcript.cds is not None
        inside = range(transcript.cds[0] + 3, transcript.cds[1] - 6)
        for _ in range(8):
            offset = dice.choice(inside)
            position = geometry.genomic(TranscriptPosition(offset))
            ref, alt = bases[offset], dice.choice(("", bases[offset] + dice.choice("ACGT")))
            if dice.random() < 0.4:
                alt = dice.choice("ACGT".replace(ref, ""))
            alleles = (
                (ref, alt) if transcript.strand > 0 else (reverse_complement(ref), reverse_complement(alt))
            )
            change = justify(Variant(Assembly.GRCH38, transcript.chrom, position, *alleles), OURS.reference)
            places = [geometry.locate(at) for at in range(position - 20, position + 20)]
            if change.left + change.right > 15 or any(place is None or place[1] for place in places):
                continue  # near the edge of an exon a splice site may be meant
            effect = OURS.effects.effect(transcript, change)
            wanted = expected(transcript, offset, ref, alt)
            assert effect.nmd is wanted, (effect.hgvs_c, effect.hgvs_p)
            told[wanted] += 1
    assert told[True] > 300
    assert told[False] > 50

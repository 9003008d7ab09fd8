"""Names read by code of their own: done to the reference, they give what the change itself gives."""

import re
from collections.abc import Iterator

from hypothesis import assume, given

from service.domain.genetic_code import STANDARD, THREE_LETTERS
from service.domain.transcript import Transcript
from service.domain.variant import Variant
from service.variants.coding import TranscriptPosition
from tests.properties.test_nomenclature import OURS, common, effect_on, variants

ONE = {three: one for one, three in THREE_LETTERS.items()}
RESIDUE = "|".join(ONE)
OPPOSITE = str.maketrans("ACGT", "TGCA")


def product(bases: str, start: int) -> str:
    """Residues from a start codon to the first stop, or to the end."""
    residues = (STANDARD.get(bases[at : at + 3], "X") for at in range(start, len(bases) - 2, 3))
    return "".join(_to_first_stop(residues))


def _to_first_stop(residues: Iterator[str]) -> Iterator[str]:
    for residue in residues:
        yield residue
        if residue == "*":
            return


def changed_transcript(model: Transcript, variant: Variant) -> tuple[str, str] | None:
    """Bases before and after a change that lies within one exon; None for another."""
    geometry, bases = OURS.models.geometry(model), OURS.models.sequence(model)
    places = [geometry.locate(p) for p in range(variant.start - 1, variant.start + len(variant.ref) + 1)]
    if any(place is None or place[1] for place in places):
        return None
    offsets = sorted(place[0] for place in places if place is not None)
    if offsets != list(range(offsets[0], offsets[-1] + 1)):
        return None
    alt = variant.alt if model.strand > 0 else variant.alt.translate(OPPOSITE)[::-1]
    assert geometry.genomic(TranscriptPosition(offsets[0])) in (
        variant.start - 1,
        variant.start + len(variant.ref),
    )
    return bases, bases[: offsets[0] + 1] + alt + bases[offsets[-1] :]


def coding_name_applied(change: str, model: Transcript, bases: str) -> str:
    """The transcript with what a c. name without intronic offsets says done to it."""
    assert model.cds is not None
    start, end = model.cds
    found = re.fullmatch(r"([*-]?\d+)(?:_([*-]?\d+))?(.*)", change)
    assert found, change

    def offset(place: str) -> int:
        if place[0] == "*":
            return end + int(place[1:]) - 1
        return start + int(place) - (int(place) > 0)

    first = offset(found[1])
    last = offset(found[2]) if found[2] else first
    taken, word = bases[first : last + 1], found[3]
    if ">" in word:
        assert taken == word[0]
        put = word[2]
    elif word.startswith("ins"):
        assert last == first + 1
        put = taken[0] + word[3:] + taken[1]
    else:
        put = {"del": "", "dup": taken * 2, "inv": taken.translate(OPPOSITE)[::-1]}.get(word, word[6:])
    return bases[:first] + put + bases[last + 1 :]


def protein_name_applied(change: str, old: str, new: str) -> str:
    """The protein with what a p. name says done to it; of a frameshift or extension, which do not spell the
    product, `new` where residue and distance are its own.
    """
    found = re.fullmatch(rf"({RESIDUE})(\d+)(?:_({RESIDUE})(\d+))?(.*)", change)
    assert found, change
    first = int(found[2])
    last = int(found[4] or first)
    assert old[first - 1] == ONE[found[1]]
    assert not found[3] or old[last - 1] == ONE[found[3]]
    word = found[5]
    if lost := re.fullmatch(rf"({RESIDUE})?(fs|ext)Ter(\d+|\?)", word):
        assert new[: first - 1] == old[: first - 1]
        assert not lost[1] or (new[first - 1] == ONE[lost[1]] != old[first - 1])
        distance = len(new) - first + (1 if lost[2] == "fs" else 0)
        assert lost[3] == (str(distance) if new.endswith("*") else "?"), (change, distance)
        return new
    spelled = "".join(ONE[three] for three in re.findall(RESIDUE, word))
    taken = old[first - 1 : last]
    if word.startswith("ins"):
        assert last == first + 1
        put = taken[0] + spelled + taken[1]
    else:
        put = {"=": taken, "del": "", "dup": taken * 2}.get(word, spelled)
    return "".join(_to_first_stop(iter(old[: first - 1] + put + old[last:])))


@common
@given(variants(flank=0))
def test_names_say_what_the_change_does(drawn: tuple[Transcript, Variant]) -> None:
    model, variant = drawn
    pair = changed_transcript(model, variant)
    assume(pair is not None and not model.differences)
    assert pair is not None
    bases, changed = pair
    effect = effect_on(model, variant)
    assert effect.hgvs_c is not None
    name = effect.hgvs_c.split(":c.")[1]
    assume(not re.search(r"\d[+-]\d", name))  # at an exon's edge the most 3' place may be intronic
    assert coding_name_applied(name, model, bases) == changed
    protein = (effect.hgvs_p or "p.?").split("p.")[1].strip("()")
    assume(protein not in ("?", "Met1?"))
    assert model.cds is not None
    old, new = product(bases, model.cds[0]), product(changed, model.cds[0])
    start = "M" if old[0] != "M" else old[0]  # an initiation codon reads methionine
    assert protein_name_applied(protein, start + old[1:], start + new[1:]) == start + new[1:]

"""Whether an insertion or deletion is listed in another spelling, as far as the reference around it is known.

Without its padding it moves along a repeat of its own bases, and nowhere else. What is known of the reference
(sequence, and the reference alleles of all that is listed around) shows how far it may. Where that does not
settle it, nobody may say that it is not listed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.domain.assembly import Assembly
from service.frequency.allele_counts import trim
from service.frequency.indel_spelling import ReferenceBases

# Start (interbase), reference and alternate bases; N in the reference where a record does not spell it.
Allele = tuple[int, str, str]

# How far around a change is looked, at first and when that does not settle it. The last is taken to be
# farther than any repeat of a gene goes on without a flaw.
STEPS = (64, 512, 4096)
# Bases by which a record may begin before what it changes: nodes find by where a record begins.
PADDING = 32


@dataclass(frozen=True, slots=True)
class Verdict:
    """`listed` is the allele that is the change in another spelling, None where there is none.

    `doubt` is whether it may be listed all the same; then `farther` says that looking at more may settle it.
    """

    listed: Allele | None = None
    doubt: bool = False
    farther: bool = False


@dataclass(frozen=True, slots=True)
class _Reach:
    """Steps that a change moves in one direction: surely, and at most. `ended` if no more are possible."""

    sure: int
    most: int
    ended: bool


def is_indel(ref: str, alt: str) -> bool:
    """Whether trimmed alleles only bring or only remove bases: others have one place."""
    return not ref or not alt


def judge(
    change: Allele, listed: Iterable[Allele], sequence: Mapping[int, str], low: int, high: int
) -> Verdict:
    """Whether one of the listed alleles is a trimmed change that was not found as it is spelled.

    `listed` are all that begin in low..high (interbase), trimmed where their reference is spelled; `sequence`
    is the reference by position, as far as it is known.
    """
    alleles = list(listed)
    known = {**_spelled(alleles), **_spelled([change]), **sequence}
    start, ref, alt = change
    left = right = _Reach(0, 0, True)
    if is_indel(ref, alt):
        changed = ref or alt
        left = _reach(changed[::-1], known, start - 1, -1, start if low == 0 else start - low - PADDING)
        right = _reach(changed, known, start + len(ref), 1, high - start - len(ref))
    doubt = not (left.ended and right.ended)
    farther = doubt
    for allele in alleles:
        likely = _filled(allele, known)
        if "N" in likely[1]:
            doubt |= _may_fill(likely, change, left, right)
        elif _is_turned(likely, change):
            moved = likely[0] - start
            if -left.sure <= moved <= right.sure:
                return Verdict(allele)
            doubt |= -left.most <= moved <= right.most
    return Verdict(doubt=doubt, farther=farther)


def sequence_around(
    reference: ReferenceBases | None, assembly: Assembly, chrom: str, low: int, high: int
) -> dict[int, str]:
    """The known reference bases of low..high by position; empty without sequence."""
    if reference is None:
        return {}
    bases = reference.bases(assembly, chrom, low, high)
    return {place: base for place, base in enumerate(bases, low) if base != "N"}


def _spelled(alleles: Iterable[Allele]) -> dict[int, str]:
    """Reference bases that alleles state; a place of which two say different things is not known."""
    found: dict[int, str] = {}
    for start, ref, _ in alleles:
        for place, base in enumerate(ref, start):
            if base != "N":
                found[place] = base if found.get(place, base) == base else "N"
    return {place: base for place, base in found.items() if base != "N"}


def _reach(changed: str, known: Mapping[int, str], first: int, step: int, room: int) -> _Reach:
    """How far a change moves from the place `first` on, in `room` bases that were looked at."""
    sure = None
    for moved in range(min(room, STEPS[-1])):
        base = known.get(first + step * moved)
        if base is None:
            sure = moved if sure is None else sure
        elif base != changed[moved % len(changed)]:
            return _Reach(moved if sure is None else sure, moved, True)
    most = max(0, min(room, STEPS[-1]))
    whole = room >= STEPS[-1] or (step < 0 and first < room)
    return _Reach(most if sure is None else sure, most, whole)


def _filled(allele: Allele, known: Mapping[int, str]) -> Allele:
    """The allele with what is known of its reference bases; trimmed when all of them are."""
    start, ref, alt = allele
    if "N" not in ref:
        return allele
    ref = "".join(known.get(start + index, "N") for index in range(len(ref)))
    return (start, ref, alt) if "N" in ref else trim(start, ref, alt)


def _may_fill(allele: Allele, change: Allele, left: _Reach, right: _Reach) -> bool:
    """Whether an allele of unknown reference bases may be the change: it lies there and is as long."""
    (start, ref, alt), (place, gone, new) = allele, change
    if len(alt) - len(ref) != len(new) - len(gone):
        return False
    return start <= place + len(gone) + right.most and start + len(ref) >= place - left.most


def _is_turned(allele: Allele, change: Allele) -> bool:
    """Whether both replace the same bases by the same, turned as far as they lie apart."""
    (start, ref, alt), (place, gone, new) = allele, change
    return ref == _turned(gone, start - place) and alt == _turned(new, start - place)


def _turned(bases: str, steps: int) -> str:
    turn = steps % len(bases) if bases else 0
    return bases[turn:] + bases[:turn]

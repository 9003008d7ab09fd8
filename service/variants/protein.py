"""From a change of coding bases to the change of the protein, in HGVS p. terms."""

from dataclasses import dataclass
from typing import Literal

from service.domain.genetic_code import MITOCHONDRIAL, STANDARD, THREE_LETTERS

Kind = Literal[
    "synonymous", "missense", "stop_gained", "stop_lost", "stop_retained", "start_lost", "start_retained",
    "frameshift", "inframe_insertion", "inframe_deletion", "protein_altering",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProteinChange:
    """A predicted protein change.

    `text` is what stands within `p.(...)`. `first` is the 1-based residue at which it begins. `stop_end` is
    the interbase transcript offset just after a new stop codon, in the changed transcript; None without one.
    `length_change` is residues gained or lost; None when no stop codon follows.
    """

    kind: Kind
    text: str
    first: int
    stop_end: int | None = None
    length_change: int | None = 0


class CodingSequence:
    """Transcript bases with their coding interval and translation.

    `residues` ends with `*` where the coding interval does. Stop codons within it that the transcript reads
    through are selenocysteine. `known` is False when a coding base is not known.
    """

    __slots__ = ("bases", "codons", "end", "known", "residues", "start")

    def __init__(self, bases: str, start: int, end: int, codons: dict[str, str] | None = None) -> None:
        self.bases, self.start, self.end = bases, start, end
        self.codons = STANDARD if codons is None else codons
        coding = bases[start:end]
        self.known = "N" not in coding
        residues = [self.codons.get(coding[i : i + 3], "X") for i in range(0, len(coding) - 2, 3)]
        if len(coding) % 3 and self.codons is MITOCHONDRIAL:
            residues.append("*")  # the poly-A tail completes the stop codon
        if residues:
            residues[0] = "M"  # the initiation codon is read as methionine whatever it spells
        last = len(residues) - 1
        for i, residue in enumerate(residues):
            if residue == "*" and i != last and coding[3 * i : 3 * i + 3] == "TGA":
                residues[i] = "U"
        self.residues = "".join(residues)

    def residue(self, codon: str) -> str:
        """Amino acid of a codon; X where a base is unknown."""
        return self.codons.get(codon, "X")


def substitution_in_codon(coding: CodingSequence, offset: int, alt: str) -> ProteinChange | None:
    """The change by one substituted base at a transcript offset within the coding interval.

    None when a base is unknown, or when the codon is the stop codon or incomplete: see `protein_change`.
    """
    index, frame = divmod(offset - coding.start, 3)
    first = offset - frame
    bases = coding.bases
    codon = bases[first : first + 3]
    new = coding.codons.get(codon[:frame] + alt + codon[frame + 1 :])
    if new is None or index >= len(coding.residues):
        return None
    old = coding.residues[index]
    if old in "*X" or (index == 0 and codon[frame] != alt):
        return protein_change(coding, offset, offset + 1, alt)
    position = index + 1
    if old == "U" and codon[:frame] + alt + codon[frame + 1 :] == "TGA":
        new = "U"
    if new == old:
        return ProteinChange("synonymous", f"{THREE_LETTERS[old]}{position}=", position)
    text = f"{THREE_LETTERS[old]}{position}{THREE_LETTERS[new]}"
    if new == "*":
        return ProteinChange("stop_gained", text, position, first + 3, position - len(coding.residues))
    return ProteinChange("missense", text, position)


def codon_change(codon: str, frame: int, alt: str, index: int, length: int) -> ProteinChange | None:
    """The change by one base of a known codon of a protein of `length` residues; None at its first and at its stop.

    >>> codon_change("CGG", 0, "T", 407, 452).text
    'Arg408Trp'
    """
    old, new = STANDARD[codon], STANDARD[codon[:frame] + alt + codon[frame + 1 :]]
    position = index + 1
    if old == "*" or index == 0 or position > length:
        return None
    if new == old:
        return ProteinChange("synonymous", f"{THREE_LETTERS[old]}{position}=", position)
    text = f"{THREE_LETTERS[old]}{position}{THREE_LETTERS[new]}"
    if new == "*":
        return ProteinChange("stop_gained", text, position, None, index - length)
    return ProteinChange("missense", text, position)


def protein_change(coding: CodingSequence, start: int, end: int, alt: str) -> ProteinChange | None:
    """The change when transcript offsets start..end, which touch the coding interval, are replaced by `alt`.

    None when the result depends on a base that is not known.

    Sources: HGVS nomenclature 21.1, protein recommendations; stops named Ter.
    """
    if start < coding.start + 3 and _keeps_translation(coding, start, end, alt):
        return ProteinChange("start_retained", "Met1?", 1)
    if start < coding.start:
        return ProteinChange("start_lost", "Met1?", 1)
    shift = len(alt) - (end - start)
    index = (start - coding.start) // 3
    codon_start = coding.start + 3 * index
    old = coding.residues
    tail = coding.bases[end:]
    changed = coding.bases[codon_start:start] + alt + tail
    in_frame = shift % 3 == 0
    # In frame and before the stop codon, residues after the last changed codon are as before.
    last_codon = -(-(end - coding.start) // 3)
    resume = None
    if in_frame and end <= coding.end - 3:
        resume = codon_start_of(coding, last_codon) + shift - codon_start
    new, stopped = _translate(coding, changed, resume)
    if "X" in new:
        return None
    if index == 0 and not _same_start(coding, changed):
        return ProteinChange("start_lost", "Met1?", 1)
    if index == 0:
        new = "M" + new[1:]
    if resume is not None and not stopped:
        new_residues = old[:index] + new + old[last_codon:]
        stop_end = None
    else:
        new_residues = old[:index] + new
        stop_end = codon_start + 3 * len(new) if stopped else None
    span = (index, last_codon) if in_frame else (index, -1)
    return _name(old, new_residues, span, stop_end=stop_end, stopped=stopped)


def codon_start_of(coding: CodingSequence, index: int) -> int:
    """Transcript offset of a codon's first base."""
    return coding.start + 3 * index


def _keeps_translation(coding: CodingSequence, start: int, end: int, alt: str) -> bool:
    """Whether all from the initiation codon on is as before: c.1del of AATG leaves ATG.

    The protein name stays p.(Met1?), as the `hgvs` package has it: the bases around the start are others.
    Source: Ensembl VEP, start_retained_variant of insertions and deletions.
    """
    if len(alt) == end - start:
        return False
    return (coding.bases[:start] + alt + coding.bases[end:]).endswith(coding.bases[coding.start :])


def _same_start(coding: CodingSequence, changed: str) -> bool:
    """Whether the initiation codon still spells what it did, or ATG."""
    return changed[:3] in ("ATG", coding.bases[coding.start : coding.start + 3])


def _translate(coding: CodingSequence, bases: str, stop_at: int | None) -> tuple[str, bool]:
    """Residues up to the first stop codon (included) or `stop_at` bases; and whether a stop was met."""
    codons, limit = coding.codons, len(bases) - 2 if stop_at is None else stop_at
    residues = []
    for i in range(0, limit, 3):
        residue = codons.get(bases[i : i + 3], "X")
        residues.append(residue)
        if residue == "*":
            return "".join(residues), True
        if residue == "X":
            break
    return "".join(residues), False


def _name(old: str, new: str, span: tuple[int, int], *, stop_end: int | None, stopped: bool) -> ProteinChange:
    """The HGVS description of one residue sequence becoming another.

    `span` holds the first changed codon and the one after the last; -1 for the latter where the frame is
    lost.
    """
    index, after = span
    shortest = min(len(old), len(new))
    at = index
    while at < shortest and old[at] == new[at]:
        at += 1
    length_change = None if not stopped and not new.endswith("*") else len(new) - len(old)
    if old == new:
        return _unchanged(old, index, after)
    if at >= len(old) or old[at] == "*":
        return _extended(new, at, length_change)
    if at >= len(new):  # runs off the transcript without a stop
        return ProteinChange("frameshift", f"{_one(old, at)}fsTer?", at + 1, None, None)
    if new[at] == "*":
        # The last residues gone and the stop codon its own: named alike, and no new stop.
        kind: Kind = "inframe_deletion" if after >= 0 and stop_end is None else "stop_gained"
        return ProteinChange(kind, f"{_one(old, at)}Ter", at + 1, stop_end, length_change)
    if after < 0:
        distance = str(len(new) - at) if new.endswith("*") else "?"
        text = f"{_one(old, at)}{THREE_LETTERS[new[at]]}fsTer{distance}"
        return ProteinChange("frameshift", text, at + 1, stop_end, length_change)
    return _in_frame(old, new, (at, max(at, after)), stop_end, length_change)


def _unchanged(old: str, index: int, after: int) -> ProteinChange:
    kind: Kind = "stop_retained" if old[index] == "*" else "synonymous"
    last = max(index, min(after, len(old)) - 1)
    return ProteinChange(kind, f"{_span(old, index, last)}=", index + 1)


def _extended(new: str, at: int, length_change: int | None) -> ProteinChange:
    """Stop codon replaced: the protein runs on."""
    added = THREE_LETTERS[new[at]] if at < len(new) else ""
    distance = str(len(new) - at - 1) if new.endswith("*") else "?"
    return ProteinChange("stop_lost", f"Ter{at + 1}{added}extTer{distance}", at + 1, None, length_change)


def _in_frame(
    old: str, new: str, span: tuple[int, int], stop_end: int | None, length_change: int | None
) -> ProteinChange:
    """Deletion, duplication, insertion or deletion-insertion of whole residues, at its most C-terminal
    place.
    """
    at, after = span
    if stop_end is None:
        tail = 0
        shortest = min(len(old), len(new)) - at
        while tail < shortest and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        removed, added = old[at : len(old) - tail], new[at : len(new) - tail]
    else:
        removed, added = old[at:after], new[at:]
    first, last = at, at + len(removed) - 1
    kind: Kind
    if not added:
        kind, text = "inframe_deletion", f"{_span(old, first, last)}del"
    elif not removed:
        kind = "inframe_insertion"
        size = len(added)
        if old[at - size : at] == added:
            text = f"{_span(old, at - size, at - 1)}dup"
        else:
            text = f"{_span(old, at - 1, at)}ins{_spell(added)}"
    elif len(removed) == len(added) == 1:
        kind, text = "missense", f"{_one(old, first)}{THREE_LETTERS[added]}"
    else:
        change = len(added) - len(removed)
        kind = "missense" if change == 0 else "protein_altering"
        text = f"{_span(old, first, last)}delins{_spell(added)}"
    if "*" in removed:
        kind = "stop_lost"
    elif "*" in added:
        kind = "stop_gained"
    return ProteinChange(kind, text, at + 1, stop_end, length_change)


def _one(residues: str, index: int) -> str:
    return f"{THREE_LETTERS[residues[index]]}{index + 1}"


def _span(residues: str, first: int, last: int) -> str:
    return _one(residues, first) if first == last else f"{_one(residues, first)}_{_one(residues, last)}"


def _spell(residues: str) -> str:
    return "".join(THREE_LETTERS[residue] for residue in residues)

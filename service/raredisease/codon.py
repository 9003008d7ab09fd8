"""Amino acids of a substitution where the sequence is not at hand.

The place in the codon and the two bases often leave only one kind of change (a third base T to C is silent
in every codon); published missense variants of the residue name its amino acid and further bases. What is
left open by both stays unknown.
"""

from collections.abc import Iterable
from dataclasses import replace

from service.domain.disease import AssertedVariant
from service.domain.genetic_code import STANDARD, THREE_LETTERS
from service.domain.variant import Variant
from service.raredisease.effect import Effect, Kind

_AMINO = {codon: THREE_LETTERS[residue] for codon, residue in STANDARD.items()}
_COMPLEMENT = str.maketrans("ACGT", "TGCA")


def inferred(
    effect: Effect, own: Variant, neighbours: Iterable[AssertedVariant], residue: str | None = None
) -> Effect:
    """The effect with its kind where only one is possible, and its change where that is told; else as it was.

    `neighbours` are asserted missense variants of the same residue, without the variant itself; `residue`
    is its amino acid in one-letter code, where names of variants state it.
    """
    model, position = effect.transcript, effect.coding_position
    if effect.kind is not Kind.CODING_UNKNOWN or model is None or position is None or own.chrom == "MT":
        return effect
    if len(own.ref) != 1 or len(own.alt) != 1:
        return effect
    at = (position - 1) % 3
    known = {at: _base(own.ref, model.strand)}
    residues = {THREE_LETTERS[residue]} if residue else set()
    for neighbour in neighbours:
        if neighbour.protein_change is None or neighbour.start is None or len(neighbour.ref) != 1:
            continue
        residues.add(neighbour.protein_change[:3])
        place = at + (neighbour.start - own.start) * model.strand
        # Another exon may lie between; a base further away tells nothing.
        if 0 <= place <= 2:
            known[place] = _base(neighbour.ref, model.strand)
    if effect.shape is not None and effect.residue == effect.shape.residues + 1:
        residues = {"Ter"}
    if len(residues) > 1:
        return effect
    alt = _base(own.alt, model.strand)
    changes = {
        (amino, _AMINO[codon[:at] + alt + codon[at + 1 :]])
        for codon, amino in _AMINO.items()
        if (amino in residues or (not residues and amino != "Ter"))
        and all(codon[place] == base for place, base in known.items())
    }
    return _decided(effect, changes)


def _base(base: str, strand: int) -> str:
    return base if strand > 0 else base.translate(_COMPLEMENT)


def _decided(effect: Effect, changes: set[tuple[str, str]]) -> Effect:
    kinds = {_kind(before, after) for before, after in changes}
    if len(kinds) != 1:
        return effect
    kind = kinds.pop()
    if kind is Kind.NONSENSE:
        decay = effect.shape.stop_decays(3 * effect.residue) if effect.shape and effect.residue else None
        return replace(effect, kind=kind, stop=effect.residue, decay=decay)
    before = {before for before, _ in changes}
    if kind is Kind.MISSENSE and len(before) == 1:
        # Several amino acids may be left: the change equals a neighbour's only if it is the only one.
        after = "/".join(sorted(after for _, after in changes))
        return replace(effect, kind=kind, change=f"{before.pop()}{effect.residue}{after}")
    return replace(effect, kind=kind)


def _kind(before: str, after: str) -> Kind:
    if before == after:
        return Kind.SYNONYMOUS
    if after == "Ter":
        return Kind.NONSENSE
    return Kind.STOP_LOST if before == "Ter" else Kind.MISSENSE

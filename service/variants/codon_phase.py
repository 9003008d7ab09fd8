"""Substitutions of one chromosome copy within one codon: they change the protein together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from service.domain.variant import MolecularDescription, VariantCall, Zygosity
from service.variants.effects import Effects
from service.variants.transcript_effect import UNAVAILABLE
from service.variants.without_sequence import PUBLISHED, PUBLISHED_NAME

JOINED = "protein change stated together with {others} on the same chromosome copy"
PARTLY = "on one chromosome copy the same codon also carries {others}"

_BOTH_COPIES = (Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS, Zygosity.HOMOPLASMIC)


def join_codons(
    calls: Sequence[VariantCall], described: list[MolecularDescription], effects: Effects
) -> list[MolecularDescription]:
    """The descriptions, in order, with joint protein changes where calls in phase share a codon.

    Only what phase states is joined: calls of one phase set and copy, and those on every copy.
    """
    codons: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number, (call, names) in enumerate(zip(calls, described, strict=True)):
        if names.protein_position is None or names.transcript is None:
            continue
        if len(names.variant.ref) == 1 == len(names.variant.alt) and _haplotype(call) is not None:
            codons[names.transcript, names.protein_position].append(number)
    for (accession, _), numbers in codons.items():
        if len(numbers) > 1:
            _join(accession, numbers, calls, described, effects)
    return described


def _without_protein(names: MolecularDescription) -> MolecularDescription:
    """The description without the protein change that a published codon alone would give."""
    published = (PUBLISHED, PUBLISHED_NAME)
    if not any(note in published for note in names.notes):
        return names
    terms = ("coding_sequence_variant",)
    notes = (*(note for note in names.notes if note not in published), UNAVAILABLE)
    return replace(names, hgvs_p=None, consequence=terms[0], consequences=terms, nmd=None, notes=notes)


def _haplotype(call: VariantCall) -> tuple[str | None, int] | str | None:
    """The chromosome copy that a call lies on; `every` for all of them; None when it is not known."""
    if call.zygosity in _BOTH_COPIES:
        return "every"
    return (call.phase_set, call.copy) if call.phased and call.copy is not None else None


def _join(
    accession: str,
    numbers: list[int],
    calls: Sequence[VariantCall],
    described: list[MolecularDescription],
    effects: Effects,
) -> None:
    transcript = effects.models.catalogue.get(accession)
    if transcript is None:
        return
    everywhere = [n for n in numbers if _haplotype(calls[n]) == "every"]
    copies: dict[object, list[int]] = defaultdict(list)
    for number in numbers:
        if number not in everywhere:
            copies[_haplotype(calls[number])].append(number)
    for group in copies.values() or [[]]:
        members = sorted({*group, *everywhere})
        if len(members) < 2:
            continue
        bases = [(described[n].variant.start, described[n].variant.alt) for n in members]
        effect = effects.joint_effect(transcript, bases)
        if effect is None or effect.hgvs_p is None:
            for number in members:
                described[number] = _without_protein(described[number])
            continue
        for number in members:
            others = ", ".join(described[n].hgvs_c or described[n].spdi for n in members if n != number)
            if number in everywhere and group:
                note = PARTLY.format(others=others)
                described[number] = replace(described[number], notes=(*described[number].notes, note))
                continue
            described[number] = replace(
                described[number],
                hgvs_p=effect.hgvs_p,
                consequence=effect.consequences[0],
                consequences=effect.consequences,
                nmd=effect.nmd,
                protein_length_change=effect.protein_length_change,
                notes=(*described[number].notes, JOINED.format(others=others)),
            )

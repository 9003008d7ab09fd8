"""A parsed notation as plain JSON values: what `describe --parse-only` answers under `parsed`."""

from typing import Any

from service.variants.notation import (
    Datum,
    Edit,
    HgvsNotation,
    Identifier,
    Notation,
    OtherHgvs,
    Position,
    Spdi,
    VcfStyle,
)
from service.variants.protein_notation import ProteinNotation


def parsed_values(notation: Notation) -> dict[str, Any]:
    """`kind` is hgvs, spdi, vcf, rsid or variation; the other keys depend on it.

    hgvs: `reference`, `gene`, `type` (the letter), `precise`; then `edits` (`start`, `end`, `operation`,
    `ref`, `alt`, `count`) and, for several, their `phase` (`cis` or `unknown`); for what names no single
    precise change `change`; for protein `change`, `operation`, `first`, `last`, `alt`. A position is `base`
    as written, `offset` into an intron, and `datum` (`start` or `stop` codon).
    """
    if isinstance(notation, HgvsNotation):
        edits = [_edit(edit) for edit in notation.edits]
        phase = None if len(edits) == 1 else "unknown" if "(;)" in notation.text else "cis"
        values = _hgvs(notation.reference, notation.gene, notation.letter)
        return values | {"precise": True, "edits": edits, "phase": phase}
    if isinstance(notation, OtherHgvs):
        values = _hgvs(notation.reference, notation.gene, notation.letter)
        return values | {"precise": False, "change": notation.change}
    if isinstance(notation, ProteinNotation):
        return _hgvs(notation.reference, notation.gene, "p") | {
            "precise": notation.first is not None,
            "change": notation.change,
            "operation": notation.operation,
            "first": _residue(notation.first),
            "last": _residue(notation.last),
            "alt": notation.alt or None,
        }
    if isinstance(notation, Spdi):
        values = {"accession": notation.accession, "start": notation.start}
        return {"kind": "spdi", **values, "deleted": notation.deleted, "inserted": notation.inserted}
    if isinstance(notation, VcfStyle):
        build = notation.assembly.value if notation.assembly else None
        place = {"chrom": notation.chrom, "pos": notation.pos, "ref": notation.ref, "alt": notation.alt}
        return {"kind": "vcf", "assembly": build, **place}
    assert isinstance(notation, Identifier)
    return {"kind": notation.kind, "value": notation.value}


def _hgvs(reference: str | None, gene: str | None, letter: str | None) -> dict[str, Any]:
    return {"kind": "hgvs", "reference": reference, "gene": gene, "type": letter}


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "start": _position(edit.start),
        "end": _position(edit.end),
        "operation": edit.operation.value,
        "ref": edit.ref,
        "alt": edit.alt or None,
        "count": edit.count,
    }


def _position(position: Position) -> dict[str, Any]:
    datum = "stop" if position.datum is Datum.STOP else "start"
    return {"base": position.base, "offset": position.offset, "datum": datum}


def _residue(residue: tuple[str, int] | None) -> dict[str, Any] | None:
    return {"residue": residue[0], "number": residue[1]} if residue else None

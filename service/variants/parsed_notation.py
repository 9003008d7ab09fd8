"""A parsed notation as plain JSON values: what `describe --parse-only` answers under `parsed`."""

from typing import Any

from service.variants.hgvs_grammar import phased
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
from service.variants.protein_notation import ProteinNotation, parse_protein

# Phases in which an edit says which allele it is of.
_NUMBERED = ("trans", "mixed")


def parsed_values(notation: Notation) -> dict[str, Any]:
    """`kind` is hgvs, spdi, vcf, rsid or variation; the other keys depend on it.

    hgvs: `reference`, `gene`, `type` (the letter), `precise`; then `edits` (`start`, `end`, `operation`,
    `ref`, `alt`, `count`) and, for several, their `phase` (`cis`, `trans`, `unknown`, or `mixed`), in trans
    and mixed also with `allele`, which counts the alleles from 1 and is null where it is not known; for what
    names no single precise change `change`; for protein `change`, `operation`, `first`, `last`, `alt`, for
    several of them in `edits`. A position is `base` as written, `offset` into an intron, and `datum` (`start`
    or `stop` codon). An allele that is unchanged, not known or absent has no place, and the operation `=`,
    `?` or `0`.
    """
    if isinstance(notation, HgvsNotation):
        edits = [_edit(edit) for edit in notation.edits]
        phase = None if len(edits) == 1 else "unknown" if "(;)" in notation.text else "cis"
        values = _hgvs(notation.reference, notation.gene, notation.letter)
        return values | {"precise": True, "edits": edits, "phase": phase}
    if isinstance(notation, OtherHgvs):
        values = _hgvs(notation.reference, notation.gene, notation.letter)
        values |= {"precise": False, "change": notation.change}
        if not notation.edits:
            return values
        numbered = notation.phase in _NUMBERED
        edits = [
            (_whole(edit) if isinstance(edit, str) else _edit(edit))
            | ({"allele": allele} if numbered else {})
            for allele, edit in notation.edits
        ]
        precise = not any(edit["operation"] == "?" for edit in edits)
        return values | {"precise": precise, "edits": edits, "phase": notation.phase}
    if isinstance(notation, ProteinNotation):
        return _hgvs(notation.reference, notation.gene, "p") | _protein(notation) | _proteins(notation)
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


def _protein(notation: ProteinNotation) -> dict[str, Any]:
    return {
        "precise": notation.first is not None,
        "change": notation.change,
        "operation": notation.operation,
        "first": _residue(notation.first),
        "last": _residue(notation.last),
        "alt": notation.alt or None,
    }


def _proteins(notation: ProteinNotation) -> dict[str, Any]:
    """Edits and phase of several protein changes; empty for one, and for what is nested deeper."""
    found = phased(notation.change) if notation.operation == "several" else None
    if found is None:
        return {}
    parsed = [(allele, parse_protein(None, None, part, notation.text)) for allele, part in found.changes]
    if any(part.operation == "several" for _, part in parsed):
        return {}
    edits = []
    for allele, part in parsed:
        values = _protein(part)
        del values["precise"]
        edits.append(values | {"allele": allele} if found.phase in _NUMBERED else values)
    precise = all(part.first is not None or part.change == "=" for _, part in parsed)
    return {"precise": precise, "edits": edits, "phase": found.phase}


def _whole(word: str) -> dict[str, Any]:
    return {"start": None, "end": None, "operation": word, "ref": None, "alt": None, "count": None}


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

"""The edits of nucleotide HGVS, `76A>T` or `[76A>T;83G>C]`, and whether each agrees with itself."""

import re

from service.errors import InvalidVariant
from service.variants.hgvs_grammar import phased
from service.variants.notation import Datum, Edit, Operation, Position

_WHOLE_ALLELE = frozenset({"=", "?", "0"})
_POSITION = r"([*-]?)(\d+)([+-]\d+)?"
EDIT = re.compile(
    rf"{_POSITION}(?:_{_POSITION})?"
    r"(?:([ACGTN]+)>([ACGTN]+)"
    r"|del([ACGTN]*|\d+)(?:ins([ACGTN]+))?"
    r"|ins([ACGTN]+)"
    r"|dup([ACGTN]*|\d+)"
    r"|inv([ACGTN]*|\d+)"
    r"|([ACGTN]*)\[(\d+)\]"
    r"|([ACGTN]*)=)"
)


def read_edits(change: str, letter: str, text: str) -> tuple[Edit, ...] | None:
    """The edits of `76A>T` or `[76A>T;83G>C]`; None outside the fast grammar."""
    if change.startswith("[") and change.endswith("]") and "];[" not in change:
        parts = change[1:-1].split(";")
    elif "(;)" in change:
        inner = change[1:-1] if change.startswith("[") and change.endswith("]") else change
        parts = inner.split("(;)")
    elif change.startswith("(") and change.endswith(")") and "_" not in change:
        parts = [change[1:-1]]
    else:
        parts = [change]
    edits = []
    for part in parts:
        spelled = upper_bases(part)
        found = EDIT.fullmatch(spelled)
        if found is None:
            return None
        edits.append(checked(read_edit(found, spelled), letter, text))
    return tuple(edits)


def edits_by_allele(
    change: str, letter: str, text: str
) -> tuple[str, tuple[tuple[int | None, Edit | str], ...]] | None:
    """Phase, and each of several edits with the number of its allele; None for one edit, and where one is
    outside the fast grammar. One of `=`, `?` and `0` is an allele that is unchanged, not known, or absent.
    """
    found = phased(change)
    if found is None:
        return None
    edits: list[tuple[int | None, Edit | str]] = []
    for allele, part in found.changes:
        if part in _WHOLE_ALLELE:
            edits.append((allele, part))
            continue
        read = read_edits(part, letter, text)
        if read is None:
            return None
        edits += [(allele, edit) for edit in read]
    return found.phase, tuple(edits)


def upper_bases(change: str) -> str:
    """Bases in capitals, RNA's U as T, edit words in small letters.

    >>> upper_bases("76_78DELaugINScc")
    '76_78delATGinsCC'
    """
    words = re.split(r"(delins|del|ins|dup|inv)", change, flags=re.IGNORECASE)
    spelled = (w.lower() if number % 2 else w.upper().replace("U", "T") for number, w in enumerate(words))
    return "".join(spelled)


def read_edit(found: re.Match[str], text: str) -> Edit:
    (
        sign, base, offset, end_sign, end_base, end_offset,
        ref, alt, deleted, replaced, inserted, duplicated, inverted, unit, count, same,
    ) = found.groups()  # fmt: skip
    start = _position(sign, base, offset, text)
    end = start if end_base is None else _position(end_sign, end_base, end_offset, text)
    if ref is not None:
        if len(ref) != 1 or len(alt) != 1 or end_base is not None:
            raise InvalidVariant(
                f"{shown(text)}: a substitution is of one base by one; several are written as delins{alt}"
            )
        return Edit(start, end, Operation.SUBSTITUTION, ref, alt)
    if replaced is not None:
        kind = Operation.DELETION_INSERTION
        return Edit(start, end, kind, _written(deleted), replaced, length=_stated(deleted))
    if deleted is not None:
        return Edit(start, end, Operation.DELETION, _written(deleted), length=_stated(deleted))
    if inserted is not None:
        if end_base is None:
            raise InvalidVariant(
                f"{text}: an insertion is between two neighbouring positions, such as 76_77ins"
            )
        return Edit(start, end, Operation.INSERTION, None, inserted)
    if duplicated is not None:
        return Edit(start, end, Operation.DUPLICATION, _written(duplicated), length=_stated(duplicated))
    if inverted is not None:
        return Edit(start, end, Operation.INVERSION, _written(inverted), length=_stated(inverted))
    if count is not None:
        return Edit(start, end, Operation.REPEAT, unit or None, count=int(count))
    return Edit(start, end, Operation.REFERENCE, same or None)


def checked(edit: Edit, letter: str, text: str) -> Edit:
    """The edit, when it does not contradict itself.

    Raises:
        InvalidVariant: it does; the message says how.
    """
    size, operation = edit.size, edit.operation
    if letter in "gmo":
        for position in (edit.start, edit.end):
            if position.offset or position.base < 1 or position.datum is Datum.STOP:
                raise InvalidVariant(f"{shown(text)}: {letter}. positions are whole numbers from 1 on")
    if operation is Operation.SUBSTITUTION:
        if edit.ref == edit.alt:
            raise InvalidVariant(f"{shown(text)} leaves the base as it is")
        return edit
    if size is None:
        return edit
    if size < 1 and letter not in "mo":  # the mitochondrial sequence is a circle
        raise InvalidVariant(f"{shown(text)}: the first position comes after the second")
    if operation is Operation.INSERTION and size != 2:
        raise InvalidVariant(f"{shown(text)}: an insertion is between two neighbouring positions")
    if operation is Operation.INVERSION and size == 1:
        raise InvalidVariant(f"{shown(text)}: an inversion is of more than one base")
    if operation in (Operation.INSERTION, Operation.REPEAT):
        return edit
    stated = edit.length if edit.ref is None else len(edit.ref)
    if stated is not None and stated != size and size > 0:
        raise InvalidVariant(
            f"{shown(text)}: {stated} bases are written for {size} position{'s' if size > 1 else ''}"
        )
    return edit


def _stated(bases: str) -> int | None:
    """How many bases `del12` says; None where it is not written as a number."""
    return int(bases) if bases.isdigit() else None


def _written(bases: str) -> str | None:
    """Bases as written; None where there are none or only their number (`del3`)."""
    return bases if bases and not bases.isdigit() else None


def _position(sign: str, base: str, offset: str | None, text: str) -> Position:
    number = int(base)
    if number == 0:
        raise InvalidVariant(f"{shown(text)}: there is no position 0")
    intron = int(offset) if offset else 0
    if offset and not intron:
        raise InvalidVariant(f"{shown(text)}: intronic positions are counted from +1 and -1")
    if sign == "*":
        return Position(number, intron, Datum.STOP)
    return Position(-number if sign else number, intron)


def shown(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."

"""A protein change that stands beside a coding one: whether it can mean what the bases give."""

import re

from service.errors import InvalidVariant
from service.variants.protein_notation import ProteinNotation, parse_protein

_COMPARED = {"sub", "same", "frameshift"}
_NEW_RESIDUE = re.compile(r"[A-Za-z]{3}\d+([A-Za-z]{3})?fs(?:Ter)?(\d+)?")


def remarked_change(remark: str) -> str | None:
    """The change of a remark, without `p.` and brackets around it; None where it holds none.

    >>> [remarked_change(text) for text in (" (p.Gly542Ter)", "p.(G542*)", " (G542X)", ", p.Gly542fs*3")]
    ['Gly542Ter', 'G542*', 'G542X', 'Gly542fs*3']
    """
    change = remark.rpartition("p.")[2].strip(" ,;|/.")
    while change.startswith("(") or change.count(")") > change.count("("):
        change = change.removeprefix("(").removesuffix(")")
    return change or None


def contradict(theirs: str, ours: str) -> bool:
    """Whether two protein changes cannot be the same one. Shorter and older spellings are no contradiction,
    nor is what either leaves open.

    >>> [contradict(text, "(Gly551Asp)") for text in ("Gly542Ter", "G551D", "Gly551=", "?", "Gly551fs")]
    [True, False, True, False, True]
    >>> [contradict(text, "(Arg97ProfsTer23)") for text in ("Arg97fs", "R97PfsX23", "Arg97fs*9", "Arg97Ter")]
    [False, False, True, True]
    """
    try:
        read, known = (parse_protein(None, None, change, change) for change in (theirs, ours))
    except InvalidVariant:
        return False
    if known.first == ("M", 1):  # what becomes of a lost start is written in many ways
        return read.first is not None and read.first[1] != 1
    if _open(read) or _open(known):
        return False
    if known.operation == "whole" or read.operation == "whole":  # `=` and `0`
        return (_unchanged(read), _unchanged(known)) != (True, True)
    if known.operation == "extension" and known.change.startswith(read.change):  # older p.Ter596Gln
        return False
    operations = {read.operation, known.operation}
    if not operations <= _COMPARED:
        # What is inserted or replaced has several historical spellings, and may be written as a duplication.
        return not operations & {"other", "several"} and (len(operations) > 1 or read.first != known.first)
    if read.first != known.first:
        return True
    if "frameshift" in (read.operation, known.operation):
        return not _one_frameshift(read, known)
    return _residue(read) != _residue(known)


def _open(change: ProteinNotation) -> bool:
    return change.operation == "unknown" or change.change in {"?", "(?)", "0?"}


def _unchanged(change: ProteinNotation) -> bool:
    return change.change in {"=", "(=)"} or (change.first is not None and _residue(change) == change.first[0])


def _residue(change: ProteinNotation) -> str:
    """What stands at the residue afterwards; X is an older sign for a stop."""
    assert change.first is not None
    return change.first[0] if change.operation == "same" else change.alt.replace("X", "*")


def _one_frameshift(one: ProteinNotation, other: ProteinNotation) -> bool:
    """Whether they agree in the new residue and the distance of the stop, where both say so."""
    if one.operation != other.operation:  # at once a stop: p.Arg97Ter, older p.Arg97fs*1
        shift, stop = (one, other) if one.operation == "frameshift" else (other, one)
        return stop.alt == "*" and re.search(r"fs(?:Ter1)?$", shift.change) is not None
    found = [_NEW_RESIDUE.match(change.change) for change in (one, other)]
    if found[0] is None or found[1] is None:
        return True
    pairs = zip(found[0].groups(), found[1].groups(), strict=True)
    return all(left == right or None in (left, right) for left, right in pairs)

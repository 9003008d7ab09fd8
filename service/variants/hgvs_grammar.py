"""HGVS descriptions that are well formed without being one precise change of bases: uncertain ends, inserted
sequence that is described instead of written, mosaics, mixed repeats, and alleles of several changes.

Source: HGVS nomenclature 21.1, recommendations for DNA, RNA and protein, uncertain, and alleles.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

_ACCESSION = r"(?:LRG_\d+(?:t\d+)?|[A-Z]+_?\d+\.\d+(?:\([A-Z0-9_.]+\))?)"
_PLACE = r"(?:[*-]?[1-9]\d*(?:[+-](?:[1-9]\d*|\?))?|\?|pter|qter|cen)"
_POINT = rf"(?:\({_PLACE}_{_PLACE}\)|{_PLACE})"
_RANGE = rf"{_POINT}_{_POINT}"
_WHERE = rf"(?:\({_PLACE}_{_PLACE}\)|\({_RANGE}\)|{_RANGE}|{_POINT})"
_LENGTH = r"(?:\d+|\?|\((?:\d+|\?)_(?:\d+|\?)\))"


def _single(bases: str, *, rna: bool) -> re.Pattern[str]:
    """One change at one place, `bases` being the letters of its sequences."""
    sequence = rf"[{bases}]+"
    times = rf"\[{_LENGTH}\]"
    remote = rf"{_ACCESSION}:(?:[cgmnor]\.)?{_RANGE}(?:inv)?"
    # What is inserted is spelled out, or a range of this or another sequence; a bare number is not allowed.
    piece = rf"(?:{sequence}(?:{times})?|{_RANGE}(?:inv)?|{remote}|{_ACCESSION}|\({_LENGTH}\))"
    inserted = rf"(?:{piece}|\[{piece}(?:;{piece})*\]|\({_LENGTH}\)|\((?:\d+|\?)_(?:\d+|\?)\))"
    size = rf"(?:{sequence}(?:{times})?|\({_LENGTH}\))?"
    edit = (
        rf"(?:[{bases}]>[{bases}]"
        rf"|del{size}(?:ins{inserted})?|dup{size}|inv(?:{sequence})?|ins{inserted}|con{inserted}|sup"
        rf"|(?:{sequence}{times})+(?:;{times})*|{times}(?:;{times})*"
        rf"|{sequence}=|=" + ("" if rna else r"|\|(?:gom|lom|met=)") + ")"
    )
    whole = r"=|\?|0\??|\(=\)|\(\?\)" + (r"|spl\??|\(spl\??\)" if rna else "")
    change = rf"{_WHERE}{edit}(?://?(?:[{bases}]>[{bases}]|del|dup|inv|ins{inserted}|delins{inserted}))?"
    adjoined = rf"{_RANGE}::{_ACCESSION}:[r]\.{_RANGE}"
    return re.compile(rf"{whole}|{change}|\({change}\)" + (rf"|{adjoined}" if rna else ""))


_DNA = _single("ACGTRYSWKMBDHVN", rna=False)
_RNA = _single("acgurywskmbdhvn", rna=True)
# What a supernumerary chromosome is made of, such as `pter_8247756::15825266_cen_qter`.
_STRETCHES = re.compile(rf"{_PLACE}(?:_{_PLACE})+(?:::{_PLACE}(?:_{_PLACE})+)*")
# Separators of several letters are one letter while a text is split; `::` joins the ends of a ring.
_PHASE_UNKNOWN, _MARK = "(;)", "\x1f"
_JUNCTION, _JOINED = "::", "\x1e"
_SEPARATORS = (("^", True), (_MARK, True), (_JOINED, True), (";", False), (",", False))


def is_nucleotide_hgvs(change: str, letter: str) -> bool:
    """Whether what follows `c.` (or another letter but p) is well formed.

    >>> [is_nucleotide_hgvs(change, "c") for change in ("[296T>G];[476T>C]", "849_850ins858_895")]
    [True, True]
    >>> [is_nucleotide_hgvs(change, "g") for change in ("[pter_8247756::15825266_cen_qter]sup", "[pter]sup")]
    [True, False]
    >>> [is_nucleotide_hgvs(change, "c") for change in ("76_77ins6", "296T>G;476T>C", "76_77delins")]
    [False, False, False]
    """
    single = _RNA if letter == "r" else _DNA
    if change.startswith("[") and change.endswith("]sup"):  # a supernumerary chromosome
        change = change[1:-4]
        if _STRETCHES.fullmatch(change):
            return True
    return is_allele(change, lambda text: single.fullmatch(text) is not None)


def is_allele(change: str, single: Callable[[str], bool]) -> bool:
    """Whether a text is one change, or changes joined in brackets: `[a;b]`, `[a];[b]`, `a(;)b`, `[a,b]`."""
    marked = change.replace(_PHASE_UNKNOWN, _MARK).replace(_JUNCTION, _JOINED)
    return _is_allele(marked, single, within=False)


@dataclass(frozen=True, slots=True)
class Phased:
    """Several changes and how they lie to each other.

    `phase` is `cis`, `trans`, `unknown`, or `mixed` where some phases are known and others not. `changes` are
    each change's text with the number of its allele, from 1, in trans and mixed; None where not known.
    """

    phase: str
    changes: tuple[tuple[int | None, str], ...]


def phased(change: str) -> Phased | None:
    """The changes of an allele; None for one change and for what is nested otherwise.

    >>> phased("[76A>T;90del];[83G>C]").changes
    ((1, '76A>T'), (1, '90del'), (2, '83G>C'))
    >>> phased("76A>T(;)83G>C")
    Phased(phase='unknown', changes=((None, '76A>T'), (None, '83G>C')))
    >>> phased("[76A>T;(83G>C)]").phase, phased("76A>T")
    ('cis', None)
    >>> phased("[76A>T;90del](;)83G>C")
    Phased(phase='mixed', changes=((1, '76A>T'), (1, '90del'), (None, '83G>C')))
    """
    whole = _inner(change.replace(_PHASE_UNKNOWN, _MARK), "(", ")")
    text = _inner(_inner(whole, "[", "]"), "(", ")") if _bracketed(whole) else whole
    outer, first = _split(text, _MARK), _split(text, ";")
    if len(outer) == 1 and not first[0].startswith("["):
        return _in_cis(first) if _bracketed(whole) else None
    found: list[tuple[int | None, str]] = []
    alleles = 0
    for part in outer:
        groups = [_split(_inner(_inner(g, "[", "]"), "(", ")"), ";") for g in _split(part, ";")]
        if len(groups) > 1 and not all(map(_bracketed, _split(part, ";"))):
            return None
        known = len(groups) > 1 or len(groups[0]) > 1
        for group in groups:
            alleles += known
            found += [(alleles if known else None, one) for one in group]
    if any(_MARK in one or one.startswith("[") for _, one in found):
        return None
    if len(outer) == 1:
        return Phased("trans", tuple(found))
    return Phased("mixed" if alleles else "unknown", tuple(found))


def _in_cis(parts: list[str]) -> Phased | None:
    """Changes of one allele; None where there is one, or brackets within."""
    if len(parts) < 2 or any(_MARK in part or part.startswith("[") for part in parts):
        return None
    return Phased("cis", tuple((None, part) for part in parts))


def _inner(text: str, opening: str, closing: str) -> str:
    """The text without a pair of brackets around all of it."""
    return text[1:-1] if text.startswith(opening) and _closes(text, opening, closing) else text


def _is_allele(text: str, single: Callable[[str], bool], *, within: bool) -> bool:
    if single(text.replace(_MARK, _PHASE_UNKNOWN).replace(_JOINED, _JUNCTION)):
        return True
    for separator, anywhere in _SEPARATORS:
        parts = _split(text, separator)
        if len(parts) == 1:
            continue
        # Outside brackets `;` joins bracketed alleles alone, and `,` nothing.
        if not within and not anywhere and (separator == "," or not all(map(_bracketed, parts))):
            return False
        return all(_is_allele(part, single, within=within) for part in parts)
    if _bracketed(text):
        return _is_allele(text[1:-1], single, within=True)
    if text.startswith("(") and _closes(text, "(", ")"):
        return _is_allele(text[1:-1], single, within=within)
    return False


def _bracketed(text: str) -> bool:
    return text.startswith("[") and _closes(text, "[", "]")


def _closes(text: str, opening: str, closing: str) -> bool:
    """Whether the first character's bracket closes at the last one."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == opening) - (character == closing)
        if not depth:
            return at == len(text) - 1
    return False


def _split(text: str, separator: str) -> list[str]:
    """Parts between separators that stand outside all brackets."""
    parts, depth, begin = [], 0, 0
    for at, character in enumerate(text):
        if character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif character == separator and not depth:
            parts.append(text[begin:at])
            begin = at + 1
    return [*parts, text[begin:]]

"""HGVS p. as written by people: one- or three-letter, with or without parentheses."""

import re
from dataclasses import dataclass

from service.domain.genetic_code import THREE_LETTERS
from service.errors import InvalidVariant
from service.variants.hgvs_grammar import is_allele

ONE_LETTER = {three.upper(): one for one, three in THREE_LETTERS.items()} | {"STOP": "*"}

_RESIDUE = (
    r"(?:Ala|Arg|Asn|Asp|Cys|Gln|Glu|Gly|His|Ile|Leu|Lys|Met|Phe|Pro|Ser|Thr|Trp|Tyr|Val|Sec|Ter|Xaa"
    r"|[ARNDCQEGHILKMFPSTWYVUX*])"
)
_PLACE = rf"({_RESIDUE})([1-9]\d*)(?:_({_RESIDUE})([1-9]\d*))?"
_TIMES = r"\[(?:\d+|\?|\((?:\d+|\?)_(?:\d+|\?)\))\]"
_CHANGE = re.compile(
    rf"{_PLACE}(?:"
    rf"(?P<delins>delins|>)(?P<replaced>(?:{_RESIDUE})+|(?:Xaa|X){_TIMES})"
    rf"|(?P<frameshift>({_RESIDUE})?fs(?:(?:Ter|\*|X)?(?:\d+|\?)|Ter|\*)?)"
    rf"|(?P<extension>({_RESIDUE})?ext(?:(?:Ter|\*|X|(?:Met|M)?-)?(?:\d+|\?)|(?:{_RESIDUE})+(?:Ter|\*))?)"
    r"|(?P<del>del)|(?P<dup>dup)|(?P<unknown>\?)"
    rf"|(?P<mosaic>=//?(?:{_RESIDUE}|del|dup))|(?P<same>=)"
    rf"|ins(?P<inserted>(?:Ter|\*)\d+|(?:Xaa|X)?{_TIMES}|(?:{_RESIDUE})+|\(\d+\)|\d+|{_RESIDUE}\d+_{_RESIDUE}\d+)"
    rf"|(?P<count>{_TIMES}(?:;{_TIMES})*)"
    rf"|(?P<either>{_RESIDUE}(?:\^{_RESIDUE})+)"
    rf"|(?P<missense>{_RESIDUE}))"
)
_REPEATED = re.compile(rf"\({_RESIDUE}[1-9]\d*(?:_{_RESIDUE}[1-9]\d*)?\){_TIMES}")
# Whose place is not certain, `(Arg97)Trp`: repeats apart, which are written that way.
_UNCERTAIN_PLACE = re.compile(rf"^\(({_RESIDUE}[1-9]\d*)\)(?=[^[;()]*$)")
_WHOLE = re.compile(r"\?|0\??|=|\(=\)|\(\?\)")


@dataclass(frozen=True, slots=True)
class ProteinNotation:
    """A protein change. `text` is the input; `change` is in three letters, without parentheses.

    `first` and `last` are 1-based residues with their letters; None for `p.?`, `p.0` and `p.=`. `operation` is
    `sub`, `del`, or another word when no single codon explains it; `several` for alleles of several changes.
    """

    reference: str | None
    gene: str | None
    change: str
    text: str
    operation: str
    first: tuple[str, int] | None = None
    last: tuple[str, int] | None = None
    alt: str = ""


def parse_protein(reference: str | None, gene: str | None, change: str, text: str) -> ProteinNotation:
    """The protein change after `p.`.

    >>> parse_protein(None, None, "(R97*)", "p.(R97*)").change
    'Arg97Ter'

    Raises:
        InvalidVariant: not a protein change.
    """
    inner = change[1:-1] if change.startswith("(") and change.endswith(")") else change
    inner = _UNCERTAIN_PLACE.sub(r"\1", inner)
    if _WHOLE.fullmatch(inner):
        return ProteinNotation(reference, gene, inner, text, "whole")
    found = _CHANGE.fullmatch(inner)
    if found is None and (inner.islower() or inner.isupper()):  # p.TRP26CYS
        inner = _in_letters(inner)
        found = _CHANGE.fullmatch(inner)
    if found is None and is_allele(change, _is_single):
        return ProteinNotation(reference, gene, change, text, "several")
    if found is None:
        raise InvalidVariant(
            f"p.{change} is not a protein change; expected a residue, its number and what becomes of it, "
            "such as p.Arg97Trp, p.Gly10= or p.Arg97ProfsTer23"
        )
    first = (_letter(found[1]), int(found[2]))
    last = (_letter(found[3]), int(found[4])) if found[3] else first
    if last[1] < first[1]:
        raise InvalidVariant(f"p.{change}: the first residue comes after the second")
    if found["inserted"] and last[1] != first[1] + 1:
        raise InvalidVariant(
            f"p.{change}: an insertion is between two neighbouring residues, such as His4_Gln5insAla"
        )
    operation, alt = _operation(found)
    return ProteinNotation(reference, gene, _spelled(inner), text, operation, first, last, alt)


def _is_single(text: str) -> bool:
    inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    whole = _WHOLE.fullmatch(inner) or _CHANGE.fullmatch(inner) or _REPEATED.fullmatch(text)
    return whole is not None


def _operation(found: re.Match[str]) -> tuple[str, str]:
    if missense := found["missense"]:
        return "sub", _letter(missense)
    for name in ("del", "same", "frameshift", "extension", "dup", "unknown"):
        if found[name]:
            return name, ""
    return "other", ""


def _letter(residue: str) -> str:
    return residue if len(residue) == 1 else ONE_LETTER[residue.upper()]


_WORDS = re.compile(rf"(delins|del|ins|dup|fs|ext|{'|'.join(THREE_LETTERS.values())}|Xaa)|([A-Z*])")
_ANY_RESIDUE = re.compile("|".join(THREE_LETTERS.values()), re.IGNORECASE)
_ANY_WORD = re.compile("delins|del|ins|dup|fs|ext", re.IGNORECASE)
_OLD_STOP = re.compile(r"(?<=fs)X(?=[\d?])|(?<=ext)X(?=[\d?])")


def _in_letters(change: str) -> str:
    """Three-letter residues with a capital, words in small letters.

    >>> [_in_letters(change) for change in ("TRP26CYS", "glu23valfs", "LEU2_MET124DEL")]
    ['Trp26Cys', 'Glu23Valfs', 'Leu2_Met124del']
    """
    change = _ANY_WORD.sub(lambda found: found[0].lower(), change)
    return _ANY_RESIDUE.sub(lambda found: found[0].title(), change)


def _spelled(change: str) -> str:
    """One-letter residues written in three letters; the X of fsX10 is the stop that it meant.

    >>> [_spelled(change) for change in ("*327Argext*?", "V600Ter", "R97PfsX23", "Met1ext-5")]
    ['Ter327ArgextTer?', 'Val600Ter', 'Arg97ProfsTer23', 'Met1ext-5']
    """
    return _WORDS.sub(lambda m: m[1] or THREE_LETTERS[m[2]], _OLD_STOP.sub("*", change))

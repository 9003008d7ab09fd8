"""HGVS that spells its bases in pieces: mixed repeats, and inserted repeats and lists, written out.

Source: HGVS nomenclature 21.1, DNA repeated sequences (mixed repeats), insertion, uncertain.
"""

import re

from service.variants.notation import Edit, HgvsNotation, Operation, OtherHgvs
from service.variants.parse_notation import parse_notation

# More bases than this are not written out.
_MOST = 10_000
_PLACE = r"[*-]?\d+(?:[+-]\d+)?"
_PIECE = r"[ACGT]+(?:\[\d+\])?"
_MIXED = re.compile(rf"({_PLACE}_{_PLACE})((?:[ACGT]+\[\d+\]){{2,}})")
_INSERTED = re.compile(rf"({_PLACE}(?:_{_PLACE})?(?:del)?ins)(?:({_PIECE})|\[({_PIECE}(?:;{_PIECE})*)\])")
_REASONS = (
    (re.compile(r"\];\[|\(;\)"), "it describes several alleles; describe each change by itself"),
    (re.compile(r"=/"), "it describes a mixture of cells"),
    (re.compile(r"\|"), "it describes methylation"),
    (re.compile(r"::|sup|pter|qter|cen"), "it describes a rearranged chromosome"),
    (re.compile(r"\?|\([^()]*_[^()]*\)"), "its ends or its size are not known exactly"),
    (re.compile(r"con"), "it describes a conversion; expected delins"),
    (re.compile(r"ins.*(?:N|\(\d)"), "the inserted bases are not known"),
    (re.compile(r"ins.*\d"), "what it inserts is described by its place, not spelled"),
    (re.compile(r"^(?:=|\(=\)|0)$"), "it says what was not found changed, or that nothing is made"),
    (re.compile(r"[RYSWKMBDHV]"), "it holds letters for more than one base"),
)


def spelled_out(notation: OtherHgvs) -> HgvsNotation | None:
    """The same change as one deletion-insertion or insertion with its bases written; None where they are not.

    >>> spelled = spelled_out(parse_notation("NM_000492.4:c.1210-33_1210-6GT[13]T[5]"))
    >>> spelled.edits[0].operation.value, spelled.edits[0].alt
    ('delins', 'GTGTGTGTGTGTGTGTGTGTGTGTGTTTTTT')
    """
    change, bases = notation.change or "", ""
    if mixed := _MIXED.fullmatch(change):
        place, bases = f"{mixed[1]}delins", _written(mixed[2])
    elif inserted := _INSERTED.fullmatch(change):
        place, bases = inserted[1], _written(inserted[2] or inserted[3])
    if not bases or notation.letter not in ("c", "g", "m", "n"):
        return None
    parsed = parse_notation(f"{notation.letter}.{place}{bases}")
    assert isinstance(parsed, HgvsNotation)
    edits: tuple[Edit, ...] = parsed.edits
    if mixed and edits[0].operation is not Operation.DELETION_INSERTION:
        return None
    return HgvsNotation(notation.reference, notation.gene, notation.letter, edits, notation.text)


def why_imprecise(notation: OtherHgvs) -> str:
    """Why a description names no single change of bases, in words for people."""
    change = notation.change if notation.change is not None else notation.text
    return next((reason for found, reason in _REASONS if found.search(change)), "its bases are not spelled")


def _written(pieces: str) -> str:
    """The bases of `GT[13]T[5]` or `A;CG[2]`; empty where they are too many."""
    found = re.findall(r"([ACGT]+)(?:\[(\d+)\])?", pieces)
    if sum(len(unit) * int(count or 1) for unit, count in found) > _MOST:
        return ""
    return "".join(unit * int(count or 1) for unit, count in found)

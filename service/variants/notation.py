"""One variant written by a person, in any of the usual notations -> a parsed Notation. No reference needed.

A fast grammar covers what is written every day; the `hgvs` package reads the rest of the HGVS nomenclature.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from service.domain.assembly import Assembly, chromosome_of, parse_contig
from service.errors import InvalidVariant
from service.variants.protein_notation import ProteinNotation, parse_protein


class Operation(StrEnum):
    """What an HGVS edit does to the bases at its place."""

    SUBSTITUTION = "sub"
    DELETION = "del"
    INSERTION = "ins"
    DUPLICATION = "dup"
    INVERSION = "inv"
    DELETION_INSERTION = "delins"
    REPEAT = "repeat"
    REFERENCE = "="


class Datum(StrEnum):
    """From where a position is counted."""

    START = ""  # the coding start; the sequence's first base in g., m. and n.
    STOP = "*"  # the base after the stop codon


@dataclass(frozen=True, slots=True)
class Position:
    """`base` as written (negative before the coding start), with an intronic offset."""

    base: int
    offset: int = 0
    datum: Datum = Datum.START


@dataclass(frozen=True, slots=True)
class Edit:
    """A change at start..end. `ref` is None where it is not written; `count` is a repeat's number of units."""

    start: Position
    end: Position
    operation: Operation
    ref: str | None = None
    alt: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class HgvsNotation:
    """Nucleotide HGVS. `reference` and `gene` are None in a fragment; several edits are one allele."""

    reference: str | None
    gene: str | None
    letter: str
    edits: tuple[Edit, ...]
    text: str


@dataclass(frozen=True, slots=True)
class OtherHgvs:
    """HGVS that the package `hgvs` reads and that names no single precise change of bases."""

    text: str


@dataclass(frozen=True, slots=True)
class Spdi:
    """Sequence, interbase position, deleted bases (or how many), inserted bases."""

    accession: str
    start: int
    deleted: str | int
    inserted: str


@dataclass(frozen=True, slots=True)
class VcfStyle:
    """Chromosome, 1-based position, REF and ALT; assembly where written."""

    chrom: str
    pos: int
    ref: str
    alt: str
    assembly: Assembly | None = None


@dataclass(frozen=True, slots=True)
class Identifier:
    """A database identifier: `kind` is `rsid` or `variation` (ClinVar)."""

    kind: str
    value: str


Notation = HgvsNotation | OtherHgvs | ProteinNotation | Spdi | VcfStyle | Identifier

EXPECTED = (
    "expected HGVS (NM_000059.4:c.76A>T), SPDI (NC_000010.11:94781858:G:A), VCF style (10-94781859-G-A), "
    "an rsID or a ClinVar accession"
)

# What people paste: typographic dashes, arrows, entities, invisible and non-breaking spaces.
_PASTED = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
    | dict.fromkeys("\uff1e\u203a\u2192\u27f6\u02c3", ">")
    | dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000\t\r\n", " ")
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", "")
    | {"\uff1a": ":", "\uff08": "(", "\uff09": ")", "\u2217": "*", "\uff1d": "="}
)
_ENTITIES = (
    ("&gt;", ">"),
    ("&#62;", ">"),
    ("&lt;", "<"),
    ("&nbsp;", " "),
    ("&ndash;", "-"),
    ("&mdash;", "-"),
)

_POSITION = r"([*-]?)(\d+)([+-]\d+)?"
_EDIT = re.compile(
    rf"{_POSITION}(?:_{_POSITION})?"
    r"(?:([ACGTN]+)>([ACGTN]+)"
    r"|del([ACGTN]*|\d+)(?:ins([ACGTN]+))?"
    r"|ins([ACGTN]+)"
    r"|dup([ACGTN]*|\d+)"
    r"|inv([ACGTN]*|\d+)"
    r"|([ACGTN]*)\[(\d+)\]"
    r"|([ACGTN]*)=)"
)
_ACCESSION = r"(?:N[CMRGTPW]_\d+(?:\.\d+)?|X[MRP]_\d+(?:\.\d+)?|ENS[TPG]\d+(?:\.\d+)?|LRG_\d+(?:[tp]\d+)?)"
_HGVS = re.compile(
    rf"(?:({_ACCESSION})(?:\(([A-Za-z][A-Za-z0-9-]*)\))?|([A-Za-z][A-Za-z0-9-]*)(?:\(({_ACCESSION})\))?)"
    r":([cgmnpr])\.(.+)"
)
_FRAGMENT = re.compile(r"([cgmnpr])\.(.+)")
_SPDI = re.compile(r"((?:NC|NG|NM|NR|NT|NW)_\d+\.\d+):(\d+):([ACGTN]*|\d+):([ACGTN]*)")
_VCF = re.compile(
    r"(?:(GRCh37|GRCh38|hg19|hg38|b37|b38)[-:/ ])?"
    r"(?:chr)?([0-9]{1,2}|[XYM]|MT|NC_\d+\.\d+)[-:_/ ]g?\.?(\d+)[-:_/ ]?([ACGTN]+|[-.](?=[-:_/ >]))"
    r"[-:_/> ]([ACGTN]+|[-.])",
    re.IGNORECASE,
)
# Places that are not known to the base, and inserted sequence that is described instead of written.
_PLACE = r"(?:[*-]?\d+(?:[+-](?:\d+|\?))?|\?)"
_RANGE = rf"(?:\({_PLACE}_{_PLACE}\)|{_PLACE})"
_LENGTH = r"\(?[\d?]+(?:_[\d?]+)?\)?"
_IMPRECISE = re.compile(
    rf"\(?{_RANGE}(?:_{_RANGE})?\)?"
    rf"(?:(?:del[ACGTN]*ins|del|dup|inv|ins|con)"
    rf"(?:[ACGTN]+|{_LENGTH}|N\[[\d_()]+\]|[NL][A-Z]+_[^\[\]]+|\[[^\[\]]+\])?"
    rf"|[ACGTN]*\[{_LENGTH}\](?:;\[{_LENGTH}\])?|\?|0)"
)
_RSID = re.compile(r"(?:dbsnp:)?rs(\d+)", re.IGNORECASE)
_VARIATION = re.compile(
    r"(?:(?:clinvar|variation(?:[ _]?id)?)[: ]*)?(?:VCV0*(\d+)(?:\.\d+)?|(\d+))", re.IGNORECASE
)
_ASSEMBLIES = {
    "grch37": Assembly.GRCH37, "hg19": Assembly.GRCH37, "b37": Assembly.GRCH37,
    "grch38": Assembly.GRCH38, "hg38": Assembly.GRCH38, "b38": Assembly.GRCH38,
}  # fmt: skip
# How people speak of a protein change: BRAF V600E.
_BARE_PROTEIN = re.compile(
    r"([A-Z][A-Z0-9-]+)[ :]+((?:[ARNDCQEGHILKMFPSTWYV]|[A-Z][a-z]{2})\d+"
    r"(?:[ARNDCQEGHILKMFPSTWYVX*]|[A-Z][a-z]{2}|fs\S*|del))"
)
_LOWER_ACCESSION = re.compile(r"\[?(?:n[cmgrtp]_|x[mrp]_|lrg_|enst)", re.IGNORECASE)
# ClinVar's names carry the protein change after the coding one: NM_000059.4(BRCA2):c.1A>G (p.Met1Val).
_PROTEIN_REMARK = re.compile(r"\s*[(,;]?\s*\(?p\.[^\s]*\)?\s*$")
_SPACED_REFERENCE = re.compile(r"([A-Za-z0-9_.()-]+) *[: ] *(?=[cgmnpr]\.)")


def clean(text: str) -> str:
    """The text without what copying and typesetting added; single spaces remain where words were apart.

    >>> clean(" NM_000059.4 : c.76A&gt;T ")
    'NM_000059.4 : c.76A>T'
    """
    if not text.isascii() or "\t" in text:
        text = text.translate(_PASTED)
    if "&" in text:
        for entity, character in _ENTITIES:
            text = text.replace(entity, character)
    text = text.strip(" \"'`\n\r,;")
    return re.sub(" {2,}", " ", text) if "  " in text else text


def parse_notation(text: str) -> Notation:
    """The notation that a text is.

    Raises:
        InvalidVariant: it is none that is known; the message says where the text departs from the grammar.
    """
    found = _HGVS.fullmatch(text)
    if found is not None:
        accession, gene, symbol, inner, letter, change = found.groups()
        if letter in "cgmn":
            edit = _EDIT.fullmatch(change)
            if edit is not None:
                return HgvsNotation(accession or inner, gene or symbol, letter, (_edit(edit, change),), text)
    cleaned = clean(text)
    if not cleaned:
        raise InvalidVariant(f"the text is empty; {EXPECTED}")
    if len(cleaned) > 20_000:
        raise InvalidVariant(f"{len(cleaned)} characters are more than a variant has; {EXPECTED}")
    return _parse_cleaned(cleaned)


def _parse_cleaned(text: str) -> Notation:
    if spdi := _SPDI.fullmatch(text.replace(" ", "").upper()):
        accession, start, deleted, inserted = spdi.groups()
        return Spdi(accession, int(start), int(deleted) if deleted.isdigit() else deleted, inserted)
    if rsid := _RSID.fullmatch(text):
        return Identifier("rsid", f"rs{rsid[1]}")
    if variation := _VARIATION.fullmatch(text):
        return Identifier("variation", variation[1] or variation[2])
    if vcf := _VCF.fullmatch(text):
        return _vcf_style(vcf)
    if bare := _BARE_PROTEIN.fullmatch(text):
        return parse_protein(None, bare[1], bare[2], text)
    if not re.search(r"[cgmnpr]\.", text):
        raise InvalidVariant(f"{_shown(text)} is not a variant notation; {EXPECTED}")
    return _parse_hgvs(text)


def _vcf_style(found: re.Match[str]) -> VcfStyle:
    build, contig, pos, ref, alt = found.groups()
    named = parse_contig(contig.upper())
    if named is None:
        raise InvalidVariant(f"{contig} is not a primary human chromosome; expected 1-22, X, Y or MT")
    assembly = _ASSEMBLIES[build.lower()] if build else None
    if assembly is None and len(named.assemblies) == 1:
        assembly = next(iter(named.assemblies))
    ref, alt = ("" if allele in "-." else allele.upper() for allele in (ref, alt))
    return VcfStyle(named.chrom, int(pos), ref, alt, assembly)


def _parse_hgvs(text: str) -> Notation:
    """HGVS after cleaning: with or without reference, with a protein remark, or an allele of several
    changes.
    """
    if not re.match(r"\(?p\.", text) and ":p." not in text and re.search(r"[cgmn]\..*\bp\.", text):
        text = _PROTEIN_REMARK.sub("", text)
    if _LOWER_ACCESSION.match(text) and not text.startswith("LRG_"):
        head, colon, rest = text.partition(":")
        accession, paren, inner = head.partition("(")
        text = accession.upper() + paren + inner + colon + rest
    elif text.startswith(("lrg_", "Lrg_")):
        text = "LRG_" + text[4:]
    text = _SPACED_REFERENCE.sub(r"\1:", text, count=1).replace(" ", "")
    if text.startswith("[") and text.endswith("]"):
        return _parse_allele(text)
    found = _HGVS.fullmatch(text)
    if found is not None:
        accession, gene, symbol, inner, letter, change = found.groups()
        reference, name = accession or inner, gene or symbol
    elif fragment := _FRAGMENT.fullmatch(text):
        reference = name = None
        letter, change = fragment.groups()
    else:
        return _by_package(text)
    if letter == "p":
        return parse_protein(reference, name, change, text)
    edits = _edits(change)
    if edits is None and _is_imprecise(change):
        return OtherHgvs(text)
    if edits is None:
        return _by_package(text)
    return HgvsNotation(reference, name, letter, edits, text)


def _parse_allele(text: str) -> Notation:
    """`[c.76A>T;c.83G>C]`: changes that each carry their own prefix."""
    parts = [_parse_hgvs(part) for part in text[1:-1].split(";")]
    edits: list[Edit] = []
    for part in parts:
        if not isinstance(part, HgvsNotation) or len(part.edits) != 1:
            raise InvalidVariant(f"{_shown(text)}: each part of an allele must be one change of bases")
        edits += part.edits
    first = parts[0]
    assert isinstance(first, HgvsNotation)
    if any(isinstance(p, HgvsNotation) and p.letter != first.letter for p in parts):
        raise InvalidVariant(f"{_shown(text)}: the parts of an allele have different kinds of reference")
    return HgvsNotation(first.reference, first.gene, first.letter, tuple(edits), text)


def _edits(change: str) -> tuple[Edit, ...] | None:
    """The edits of `76A>T` or `[76A>T;83G>C]`; None outside the fast grammar."""
    if change.startswith("[") and change.endswith("]") and "];[" not in change:
        parts = change[1:-1].split(";")
    elif "(;)" in change:
        parts = change.strip("[]").split("(;)")
    elif change.startswith("(") and change.endswith(")") and "_" not in change:
        parts = [change[1:-1]]
    else:
        parts = [change]
    edits = []
    for part in parts:
        spelled = _upper_bases(part)
        found = _EDIT.fullmatch(spelled)
        if found is None:
            return None
        edits.append(_edit(found, spelled))
    return tuple(edits)


def _is_imprecise(change: str) -> bool:
    """Whether a change is HGVS without being one precise change: uncertain ends, or alleles in trans."""
    parts = change[1:-1].split("];[") if change.startswith("[") and change.endswith("]") else [change]
    if len(parts) > 1 and all(_edits(f"[{part}]") or part in ("=", "?", "0") for part in parts):
        return True
    return all(_IMPRECISE.fullmatch(part) for part in parts)


def _upper_bases(change: str) -> str:
    """Bases in capitals, RNA's U as T, edit words in small letters.

    >>> _upper_bases("76_78DELaugINScc")
    '76_78delATGinsCC'
    """
    words = re.split(r"(delins|del|ins|dup|inv)", change, flags=re.IGNORECASE)
    spelled = (w.lower() if number % 2 else w.upper().replace("U", "T") for number, w in enumerate(words))
    return "".join(spelled)


def _edit(found: re.Match[str], text: str) -> Edit:
    (
        sign, base, offset, end_sign, end_base, end_offset,
        ref, alt, deleted, replaced, inserted, duplicated, inverted, unit, count, same,
    ) = found.groups()  # fmt: skip
    start = _position(sign, base, offset, text)
    end = start if end_base is None else _position(end_sign, end_base, end_offset, text)
    if ref is not None:
        one = len(ref) == 1 == len(alt) and end_base is None
        return Edit(start, end, Operation.SUBSTITUTION if one else Operation.DELETION_INSERTION, ref, alt)
    if replaced is not None:
        return Edit(start, end, Operation.DELETION_INSERTION, _written(deleted), replaced)
    if deleted is not None:
        return Edit(start, end, Operation.DELETION, _written(deleted))
    if inserted is not None:
        if end_base is None:
            raise InvalidVariant(
                f"{text}: an insertion is between two neighbouring positions, such as 76_77ins"
            )
        return Edit(start, end, Operation.INSERTION, None, inserted)
    if duplicated is not None:
        return Edit(start, end, Operation.DUPLICATION, _written(duplicated))
    if inverted is not None:
        return Edit(start, end, Operation.INVERSION, _written(inverted))
    if count is not None:
        return Edit(start, end, Operation.REPEAT, unit or None, count=int(count))
    return Edit(start, end, Operation.REFERENCE, same or None)


def _written(bases: str) -> str | None:
    """Bases as written; None where there are none or only their number (`del3`)."""
    return bases if bases and not bases.isdigit() else None


def _position(sign: str, base: str, offset: str | None, text: str) -> Position:
    number = int(base)
    if number == 0:
        raise InvalidVariant(f"{text}: there is no position 0")
    intron = int(offset) if offset else 0
    if sign == "*":
        return Position(number, intron, Datum.STOP)
    return Position(-number if sign else number, intron)


def _by_package(text: str) -> OtherHgvs:
    """HGVS that the fast grammar does not cover, read by the package `hgvs`."""
    from service.variants.hgvs_package import read_hgvs

    read_hgvs(text)
    return OtherHgvs(text)


def _shown(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."


def accession_assembly(accession: str) -> tuple[Assembly, str] | None:
    """Assembly and chromosome of a versioned chromosome accession; GRCh38 where both share it."""
    found = chromosome_of(accession)
    if found is None:
        return None
    assemblies, chrom = found
    return (Assembly.GRCH38 if Assembly.GRCH38 in assemblies else Assembly.GRCH37), chrom

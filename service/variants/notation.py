"""One variant written by a person, in any of the usual notations -> a parsed Notation. No reference needed.

A fast grammar covers what is written every day; the `hgvs` package reads the rest of the HGVS nomenclature.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from html import unescape

from service.domain.assembly import Assembly, chromosome_of, parse_contig
from service.errors import InvalidVariant
from service.variants.hgvs_grammar import is_nucleotide_hgvs, phased
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
    """A change at start..end. `ref` is None where it is not written; `count` is a repeat's number of units,
    `length` how many bases a deletion or duplication states (`del12`).
    """

    start: Position
    end: Position
    operation: Operation
    ref: str | None = None
    alt: str = ""
    count: int | None = None
    length: int | None = None

    @property
    def size(self) -> int | None:
        """Positions from first to last, 0 or less when in the wrong order; None where exons decide."""
        start, end = self.start, self.end
        if start.base == end.base and start.datum is end.datum:
            return end.offset - start.offset + 1
        if start.datum is not end.datum:
            return 0 if start.datum is Datum.STOP else None
        if start.base > end.base:
            return 0
        if start.offset or end.offset:
            return None
        # There is no position 0.
        return end.base - start.base + (0 if start.base < 0 < end.base else 1)


@dataclass(frozen=True, slots=True)
class HgvsNotation:
    """Nucleotide HGVS. `reference` and `gene` are None in a fragment; several edits are one allele.

    `protein` is a protein change as it stands beside, such as `(p.Val600Glu)`; nothing of it was read.
    """

    reference: str | None
    gene: str | None
    letter: str
    edits: tuple[Edit, ...]
    text: str
    protein: str | None = None


@dataclass(frozen=True, slots=True)
class OtherHgvs:
    """Well-formed HGVS that names no single precise change of bases. `change` is what follows the letter.

    `in_trans` has the edits of each allele where there are several, as in `[76A>T];[83G>C]`; one of `=`, `?` and
    `0` stands for an allele that is unchanged, not known, or absent.
    """

    text: str
    reference: str | None = None
    gene: str | None = None
    letter: str | None = None
    change: str | None = None
    in_trans: tuple[tuple[Edit | str, ...], ...] = ()


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

_WHOLE_ALLELE = frozenset({"=", "?", "0"})

# What people paste: typographic dashes, arrows, entities, invisible and non-breaking spaces.
_PASTED = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
    | dict.fromkeys("\uff1e\u203a\u2192\u27f6\u02c3", ">")
    | dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000\t\r\n", " ")
    | dict.fromkeys("\u2018\u2019\u201c\u201d\u00ab\u00bb", "'")
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", "")
    | {"\uff1a": ":", "\uff08": "(", "\uff09": ")", "\u2217": "*", "\uff1d": "="}
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
_ACCESSION = (
    r"(?:N[CMRGTPW]_\d+(?:\.\d+)?|X[MRP]_\d+(?:\.\d+)?|ENS[TPG]\d+(?:\.\d+)?|LRG_\d+(?:[tp]\d+)?"
    r"|(?!N[CMRGTPW]|X[MRP])[A-Z]{1,2}\d{5,8}\.\d+)"  # GenBank
)
_HGVS = re.compile(
    rf"(?:({_ACCESSION})(?:\(([A-Za-z][A-Za-z0-9-]*|{_ACCESSION})\))?|([A-Za-z][A-Za-z0-9-]*)(?:\(({_ACCESSION})\))?)"
    r":([cgmnopr])\.(.+)"
)
_FRAGMENT = re.compile(r"([cgmnopr])\.(.+)")
_SPDI = re.compile(r"((?:NC|NG|NM|NR|NT|NW)_\d+\.\d+):(\d+):([ACGTN]*|\d+):([ACGTN]*)")
_VCF = re.compile(
    r"(?:(GRCh37|GRCh38|hg19|hg38|b37|b38)[-:/ ])?"
    r"(?:chr)?([0-9]{1,2}|[XYM]|MT|NC_\d+\.\d+)[-:_/ ](?:g\.)?(\d+|\d{1,3}(?:,\d{3})+)[-:_/ ]?(?:\. )?"
    r"([ACGTN]+|[-.](?=[-:_/ >]))[-:_/> ]([ACGTN]+|[-.])(?: ?\((GRCh37|GRCh38|hg19|hg38|b37|b38)\))?",
    re.IGNORECASE,
)
_TIGHT = re.compile(r" ?([:>/]) ?")
_RSID = re.compile(r"(?:dbsnp[: ] ?)?rs ?(\d+)", re.IGNORECASE)
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
_CAPITAL_LETTER = re.compile(r"(?:(?<=:)|^)[CGMNP](?=\.[*(?\[-]?[A-Za-z]{0,3}\d)")
# The kinds of sequence that each kind of accession has positions of.
_LETTERS = {
    "NC": "gmo", "NW": "g", "NT": "g", "NG": "gcnr", "NM": "cnrp", "XM": "cnrp", "NR": "nr", "XR": "nr",
    "NP": "p", "XP": "p", "ENST": "cnrp", "ENSP": "p", "ENSG": "g", "LRG": "gcnr", "LRGt": "cnr", "LRGp": "p",
}  # fmt: skip
_KIND = re.compile(r"(?:[NX][A-Z](?=_)|ENS[TPG]|LRG)")
# Alleles in trans whose changes each carry their own prefix.
_EACH_IN_TRANS = re.compile(r"\[((?:[^\[\];]+:)?[cgmnopr]\.)[^\[\]]+\];\[")
_LOWER_ACCESSION = re.compile(r"\[?(?:n[cmgrtpw]_|x[mrp]_|lrg_|ens[tpg])(?=\d)", re.IGNORECASE)
# ClinVar's names carry the protein change after the coding one: NM_000059.4(BRCA2):c.1A>G (p.Met1Val).
_PROTEIN_REMARK = re.compile(
    r"\s*[(,;|/]?\s*\(?p\.[^\s]*\)?\s*$"
    r"|\s+\((?:[ARNDCQEGHILKMFPSTWYV]|[A-Z][a-z]{2})\d+(?:[ARNDCQEGHILKMFPSTWYVX*=]|[A-Z][a-z]{2}|fs\S*|del|dup)\)$"
)
# NM_000492.4:c.1652G>A:p.Gly551Asp
_PROTEIN_AFTER_COLON = re.compile(r"(:[cgmn]\.[^:\s]*\d[^:\s]*):p\.[^:\s]+$")
# As ANNOVAR prints it: BRAF:NM_004333.6:exon15:c.T1799A:p.V600E.
_BY_EXON = re.compile(rf"([A-Za-z][A-Za-z0-9-]*):({_ACCESSION}):exon\d+:c\.([^:]+)(?::(p\.[^:]+))?")
_BASE_FIRST = re.compile(r"([ACGT])(\d+)([ACGT])")
_GENE_BEFORE = re.compile(rf"([A-Za-z][A-Za-z0-9-]*)[ ,:]+({_ACCESSION})(?=\W)")
_CHROMOSOME = re.compile(r"(?:([0-9]{1,2}|[XY]))(?=:g\.)")
_NO_UNDERSCORE = re.compile(r"(?:N[CMGRP]|X[MRP])[- ]?\d{5,}(?:\.\d+)?\b", re.IGNORECASE)
_SPACED_REFERENCE = re.compile(r"([A-Za-z0-9_.()-]+) *[:, ] *(?=[cgmnopr]\.)")
_NO_DOT = re.compile(r"(?:^|:)([cgmn])(?=[*-]?\d+(?:[+-]\d+)?(?:_|[ACGT]>|del|dup|ins|inv))")
_NO_LETTER = re.compile(r":(?=[*-]?\d+(?:[+-]\d+)?(?:[ACGT]+>[ACGT]|_[*-]?\d|del|dup))")


def clean(text: str) -> str:
    """The text without what copying and typesetting added; single spaces remain where words were apart.

    >>> clean(" NM_000059.4 : c.76A&gt;T ")
    'NM_000059.4 : c.76A>T'
    """
    if "&" in text:
        text = unescape(unescape(text))  # once more for what was escaped twice
    if not text.isascii() or "\t" in text:
        text = text.translate(_PASTED)
    text = text.strip(" \"'`\n\r,;")
    return re.sub(" {2,}", " ", text) if "  " in text else text


def parse_notation(text: str) -> Notation:
    """The notation that a text is.

    Raises:
        InvalidVariant: it is none that is known; the message says where the text departs from the grammar.
    """
    found = _HGVS.fullmatch(text)
    if found is not None:
        reference, gene, letter, change = _parts(found)
        if letter in "cgmn":
            edit = _EDIT.fullmatch(change)
            if edit is not None:
                return HgvsNotation(
                    reference, gene, letter, (_checked(_edit(edit, change), letter, text),), text
                )
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
    if vcf := _VCF.fullmatch(_TIGHT.sub(r"\1", text)):
        return _vcf_style(vcf)
    if bare := _BARE_PROTEIN.fullmatch(text):
        return parse_protein(None, bare[1], bare[2], text)
    text = _CAPITAL_LETTER.sub(lambda found: found[0].lower(), text)
    if not re.search(r"[cgmnopr]\.", text):
        raise InvalidVariant(f"{_shown(text)} {_why_unknown(text)}; {EXPECTED}")
    return _parse_hgvs(text)


def _why_unknown(text: str) -> str:
    """What keeps a text from being a notation, in words that follow it."""
    if found := _NO_DOT.search(text):
        return f"lacks the dot after {found[1]}"
    if _NO_LETTER.search(text):
        return "does not say what its positions count; c., g., m. or n. stands before them"
    if re.match(r"RCV\d{9}", text):
        return "is a ClinVar record of variant and condition; name the variation (VCV)"
    return "is not a variant notation"


def _vcf_style(found: re.Match[str]) -> VcfStyle:
    build, contig, digits, ref, alt, build_after = found.groups()
    build, pos = build or build_after, int(digits.replace(",", ""))
    named = parse_contig(contig.upper())
    if named is None:
        raise InvalidVariant(f"{contig} is not a primary human chromosome; expected 1-22, X, Y or MT")
    assembly = _ASSEMBLIES[build.lower()] if build else None
    if assembly is None and len(named.assemblies) == 1:
        assembly = next(iter(named.assemblies))
    if "." in (ref, alt):
        raise InvalidVariant("REF or ALT is `.`, which in VCF means that no other allele was seen")
    ref, alt = ("" if allele == "-" else allele.upper() for allele in (ref, alt))
    if not ref:
        raise InvalidVariant("an insertion needs the base before it in REF and ALT, such as 10-94781858-C-CA")
    if pos < 1:
        raise InvalidVariant("VCF positions are counted from 1")
    if ref == alt:
        raise InvalidVariant("REF and ALT are the same: the reference, not a variant")
    return VcfStyle(named.chrom, pos, ref, alt, assembly)


def _parse_hgvs(text: str) -> Notation:
    """HGVS after cleaning: with or without reference, with a protein remark, or an allele of several
    changes.
    """
    protein = None
    if by_exon := _BY_EXON.fullmatch(text):
        gene, reference, change, protein = by_exon.groups()
        text = f"{reference}({gene}):c." + _BASE_FIRST.sub(r"\2\1>\3", change)
    if ":p." in text and (remark := _PROTEIN_AFTER_COLON.search(text)):
        text, protein = text[: remark.end(1)], text[remark.end(1) + 1 :]
    nucleotides = ":p." not in text and re.search(r"(?<![a-z])[cgmn]\.\S*\d", text)
    if nucleotides and not re.match(r"\(?p\.", text) and (remark := _PROTEIN_REMARK.search(text)):
        text, protein = text[: remark.start()], remark[0]
    text = text.removesuffix(".")
    if text.startswith("(") and text.endswith(")") and ":" in text:
        text = text[1:-1]
    if accession := _LOWER_ACCESSION.match(text):
        text = accession[0].upper() + text[accession.end() :]
    if before := _GENE_BEFORE.match(text):  # BRCA1 NM_007294.4:c.5266dup
        text = f"{before[2]}({before[1]}){text[before.end() :]}"
    text = _CHROMOSOME.sub(r"chr\1", text, count=1) if text[0] in "0123456789XY" else text
    if mistaken := _NO_UNDERSCORE.match(text):
        kind, number = mistaken[0][:2].upper(), mistaken[0][2:].lstrip("- ")
        raise InvalidVariant(f"{mistaken[0]} is no accession; expected {kind}_{number}")
    text = _SPACED_REFERENCE.sub(r"\1:", text, count=1).replace(" ", "")
    _check_brackets(text)
    if prefix := _EACH_IN_TRANS.match(text):  # [c.76A>T];[c.83G>C]
        return _parse_hgvs(prefix[1] + re.sub(rf"(?<=[\[;]){re.escape(prefix[1])}", "", text))
    if text.startswith("[") and text.endswith("]"):
        return _parse_allele(text)
    if "^" in text and text.count(":") > 1:  # either of several places
        for part in text.split("^"):
            _parse_hgvs(part)
        return OtherHgvs(text)
    found = _HGVS.fullmatch(text)
    if found is not None:
        reference, name, letter, change = _parts(found)
    elif fragment := _FRAGMENT.fullmatch(text):
        reference = name = None
        letter, change = fragment.groups()
    else:
        return _by_package(text)
    if letter == "p":
        return parse_protein(reference, name, change, text)
    well_formed = is_nucleotide_hgvs(change, letter)
    edits = _edits(change, letter, text) if well_formed or letter != "r" else None
    if edits is not None:
        return HgvsNotation(reference, name, letter, edits, text, protein)
    if well_formed or (letter != "r" and is_nucleotide_hgvs(_upper_bases(change), letter)):
        return OtherHgvs(text, reference, name, letter, change, _in_trans(change, letter, text))
    return _by_package(text, reference, name, letter, change)


def _check_brackets(text: str) -> None:
    """Raises InvalidVariant for a bracket without its counterpart."""
    for opening, closing in ("()", "[]"):
        opened, closed = text.count(opening), text.count(closing)
        if opened != closed:
            lacking = closing if opened > closed else opening
            raise InvalidVariant(f"{_shown(text)}: a bracket has no counterpart; expected {lacking!r} too")


def _parts(found: re.Match[str]) -> tuple[str | None, str | None, str, str]:
    """Reference, gene, letter and change of a whole HGVS text; of two references the transcript counts.

    Raises:
        InvalidVariant: the reference has no positions of this letter.
    """
    accession, gene, symbol, inner, letter, change = found.groups()
    reference, name = accession or inner, gene or symbol
    if accession and name and re.fullmatch(_ACCESSION, name):
        reference, name = name, None
    if reference is not None:
        kind = _KIND.match(reference)
        key = kind[0] if kind else ""
        if key == "LRG" and (suffix := reference.lstrip("LRG_0123456789")):
            key += suffix[0]  # LRG_199t1, LRG_199p1
        if letter not in _LETTERS.get(key, letter):
            hint = "; name the transcript too, NC_000007.14(NM_004333.6):c." if key == "NC" else ""
            raise InvalidVariant(f"{_shown(found[0])}: {reference} has no {letter}. positions{hint}")
    return reference, name, letter, change


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


def _edits(change: str, letter: str, text: str) -> tuple[Edit, ...] | None:
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
        spelled = _upper_bases(part)
        found = _EDIT.fullmatch(spelled)
        if found is None:
            return None
        edits.append(_checked(_edit(found, spelled), letter, text))
    return tuple(edits)


def _in_trans(change: str, letter: str, text: str) -> tuple[tuple[Edit | str, ...], ...]:
    """The edits of each of several alleles; empty where there is one, or one is outside the fast grammar."""
    found = phased(change)
    if found is None or found[0] != "trans":
        return ()
    alleles: list[tuple[Edit | str, ...]] = []
    for parts in found[1]:
        edits = [(part,) if part in _WHOLE_ALLELE else _edits(part, letter, text) for part in parts]
        if any(edit is None for edit in edits):
            return ()
        alleles.append(tuple(edit for one in edits if one is not None for edit in one))
    return tuple(alleles)


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
        if len(ref) != 1 or len(alt) != 1 or end_base is not None:
            raise InvalidVariant(
                f"{_shown(text)}: a substitution is of one base by one; several are written as delins{alt}"
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


def _checked(edit: Edit, letter: str, text: str) -> Edit:
    """The edit, when it does not contradict itself.

    Raises:
        InvalidVariant: it does; the message says how.
    """
    size, operation = edit.size, edit.operation
    if letter in "gmo":
        for position in (edit.start, edit.end):
            if position.offset or position.base < 1 or position.datum is Datum.STOP:
                raise InvalidVariant(f"{_shown(text)}: {letter}. positions are whole numbers from 1 on")
    if operation is Operation.SUBSTITUTION:
        if edit.ref == edit.alt:
            raise InvalidVariant(f"{_shown(text)} leaves the base as it is")
        return edit
    if size is None:
        return edit
    if size < 1 and letter not in "mo":  # the mitochondrial sequence is a circle
        raise InvalidVariant(f"{_shown(text)}: the first position comes after the second")
    if operation is Operation.INSERTION and size != 2:
        raise InvalidVariant(f"{_shown(text)}: an insertion is between two neighbouring positions")
    if operation is Operation.INVERSION and size == 1:
        raise InvalidVariant(f"{_shown(text)}: an inversion is of more than one base")
    if operation in (Operation.INSERTION, Operation.REPEAT):
        return edit
    stated = edit.length if edit.ref is None else len(edit.ref)
    if stated is not None and stated != size and size > 0:
        raise InvalidVariant(
            f"{_shown(text)}: {stated} bases are written for {size} position{'s' if size > 1 else ''}"
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
        raise InvalidVariant(f"{_shown(text)}: there is no position 0")
    intron = int(offset) if offset else 0
    if offset and not intron:
        raise InvalidVariant(f"{_shown(text)}: intronic positions are counted from +1 and -1")
    if sign == "*":
        return Position(number, intron, Datum.STOP)
    return Position(-number if sign else number, intron)


def _by_package(
    text: str,
    reference: str | None = None,
    gene: str | None = None,
    letter: str | None = None,
    change: str | None = None,
) -> OtherHgvs:
    """HGVS that our grammars do not cover, read by the package `hgvs`."""
    from service.variants.hgvs_package import read_hgvs

    read_hgvs(text)
    return OtherHgvs(text, reference, gene, letter, change)


def _shown(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."


def accession_assembly(accession: str) -> tuple[Assembly, str] | None:
    """Assembly and chromosome of a versioned chromosome accession; GRCh38 where both share it."""
    found = chromosome_of(accession)
    if found is None:
        return None
    assemblies, chrom = found
    return (Assembly.GRCH38 if Assembly.GRCH38 in assemblies else Assembly.GRCH37), chrom

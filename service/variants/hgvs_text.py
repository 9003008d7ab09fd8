"""HGVS as people write it: reference, gene, alleles, and a protein change beside -> a parsed notation.

A fast grammar covers what is written every day; the `hgvs` package reads the rest of the nomenclature.
"""

import re

from service.errors import InvalidVariant
from service.variants.edit_text import edits_by_allele, read_edits, shown, upper_bases
from service.variants.hgvs_grammar import is_nucleotide_hgvs
from service.variants.notation import Edit, HgvsNotation, Notation, OtherHgvs
from service.variants.protein_notation import ProteinNotation, parse_protein

_ACCESSION = (
    r"(?:N[CMRGTPW]_\d+(?:\.\d+)?|X[MRP]_\d+(?:\.\d+)?|ENS[TPG]\d+(?:\.\d+)?|LRG_\d+(?:[tp]\d+)?"
    r"|(?!N[CMRGTPW]|X[MRP])[A-Z]{1,2}\d{5,8}\.\d+)"  # GenBank
)
HGVS = re.compile(
    rf"(?:({_ACCESSION})(?:\(([A-Za-z][A-Za-z0-9-]*|{_ACCESSION})\))?|([A-Za-z][A-Za-z0-9-]*)(?:\(({_ACCESSION})\))?)"
    r":([cgmnopr])\.(.+)"
)
_FRAGMENT = re.compile(r"([cgmnopr])\.(.+)")
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
_SPACED_REFERENCE = re.compile(r"(?<![A-Za-z0-9_.()-])([A-Za-z0-9_.()-]+) *[:, ] *(?=[cgmnopr]\.)")


def parse_hgvs(text: str) -> Notation:
    """HGVS after cleaning: with or without reference, with a protein remark, or an allele of several
    changes.
    """
    protein = None
    if twice := _written_twice(text):  # LRG_199p1:p.Trp24Ter (p.Trp24*)
        return _same_protein(*twice)
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
        return parse_hgvs(prefix[1] + re.sub(rf"(?<=[\[;]){re.escape(prefix[1])}", "", text))
    if text.startswith("[") and text.endswith("]"):
        return _parse_allele(text)
    if "^" in text and text.count(":") > 1:  # either of several places
        for part in text.split("^"):
            parse_hgvs(part)
        return OtherHgvs(text)
    found = HGVS.fullmatch(text)
    if found is not None:
        reference, name, letter, change = parts_of(found)
    elif fragment := _FRAGMENT.fullmatch(text):
        reference = name = None
        letter, change = fragment.groups()
    else:
        return _by_package(text)
    if letter == "p":
        return parse_protein(reference, name, change, text)
    well_formed = is_nucleotide_hgvs(change, letter)
    edits = read_edits(change, letter, text) if well_formed or letter != "r" else None
    if edits is not None:
        return HgvsNotation(reference, name, letter, edits, text, protein)
    if well_formed or (letter != "r" and is_nucleotide_hgvs(upper_bases(change), letter)):
        phase, edits_told = edits_by_allele(change, letter, text) or (None, ())
        return OtherHgvs(text, reference, name, letter, change, phase, edits_told)
    return _by_package(text, reference, name, letter, change)


def _written_twice(text: str) -> tuple[str, str] | None:
    """A protein change and the one after it, apart by a blank or a mark; None where there are not two."""
    if text.count("p.") != 2:
        return None
    at = text.rindex("p.")
    before, again = text[:at], text[at:]
    if before.endswith("("):
        before, again = before[:-1], again.removesuffix(")")
    first = before.rstrip(" ,;")
    return None if first == before or any(mark in again for mark in " ,;") else (first, again)


def _same_protein(text: str, again: str) -> Notation:
    """A protein change that is written once more behind.

    Raises:
        InvalidVariant: the second is another change.
    """
    first, second = parse_hgvs(text), parse_hgvs(again)
    changes = {notation.change for notation in (first, second) if isinstance(notation, ProteinNotation)}
    if len(changes) > 1:
        raise InvalidVariant(f"{shown(text)} and {shown(again)} are two changes; expected one")
    return first


def _check_brackets(text: str) -> None:
    """Raises InvalidVariant for a bracket without its counterpart."""
    for opening, closing in ("()", "[]"):
        opened, closed = text.count(opening), text.count(closing)
        if opened != closed:
            lacking = closing if opened > closed else opening
            raise InvalidVariant(f"{shown(text)}: a bracket has no counterpart; expected {lacking!r} too")


def parts_of(found: re.Match[str]) -> tuple[str | None, str | None, str, str]:
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
            raise InvalidVariant(f"{shown(found[0])}: {reference} has no {letter}. positions{hint}")
    return reference, name, letter, change


def _parse_allele(text: str) -> Notation:
    """`[c.76A>T;c.83G>C]`: changes that each carry their own prefix."""
    parts = [parse_hgvs(part) for part in text[1:-1].split(";")]
    edits: list[Edit] = []
    for part in parts:
        if not isinstance(part, HgvsNotation) or len(part.edits) != 1:
            raise InvalidVariant(f"{shown(text)}: each part of an allele must be one change of bases")
        edits += part.edits
    first = parts[0]
    assert isinstance(first, HgvsNotation)
    if any(isinstance(p, HgvsNotation) and p.letter != first.letter for p in parts):
        raise InvalidVariant(f"{shown(text)}: the parts of an allele have different kinds of reference")
    return HgvsNotation(first.reference, first.gene, first.letter, tuple(edits), text)


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

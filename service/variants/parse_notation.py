"""One variant as people write it, in any usual notation -> a parsed Notation. No reference needed."""

import re

from service.domain.assembly import Assembly, parse_contig
from service.errors import InvalidVariant
from service.variants.edit_text import EDIT, checked, read_edit, shown
from service.variants.hgvs_text import HGVS, parse_hgvs, parts_of
from service.variants.notation import HgvsNotation, Identifier, Notation, Spdi, VcfStyle
from service.variants.pasted_text import clean
from service.variants.protein_notation import parse_protein

EXPECTED = (
    "expected HGVS (NM_000059.4:c.76A>T), SPDI (NC_000010.11:94781858:G:A), VCF style (10-94781859-G-A), "
    "an rsID or a ClinVar accession"
)
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
_NO_DOT = re.compile(r"(?:^|:)([cgmn])(?=[*-]?\d+(?:[+-]\d+)?(?:_|[ACGT]>|del|dup|ins|inv))")
_NO_LETTER = re.compile(
    r"(?:^|[: ])[*-]?\d+(?:[+-]\d+)?(?:[ACGT]+ ?[>/] ?[ACGT]|_[*-]?\d|del|dup|ins[ACGT\d])"
)
_INTRON_NUMBER = re.compile(r"(?:^|[: .(])IVS-?[0-9IVX]")
_STAR_ALLELE = re.compile(r"[A-Z][A-Z0-9-]+ ?\*\d+[A-Z]?(?::\d+)*[A-Z]?")

# CFTR \u0394F508, the deletion of a residue in older papers.
_DELTA = re.compile(
    r"([A-Z][A-Z0-9-]+)[ :]+(?:[\u0394\u2206]|[Dd]elta) ?-?((?:[ARNDCQEGHILKMFPSTWYV]|[A-Z][a-z]{2})\d+)",
    re.ASCII,
)
_FOREIGN = re.compile(r"[^ -~]")
_NO_NUMBER = re.compile(r"\d{16}")


def parse_notation(text: str) -> Notation:
    """The notation that a text is.

    Raises:
        InvalidVariant: it is none that is known; the message says where the text departs from the grammar.
    """
    if _NO_NUMBER.search(text):
        raise InvalidVariant(f"{shown(text)}: no position or accession has 16 digits; {EXPECTED}")
    found = HGVS.fullmatch(text) if text.isascii() else None
    if found is not None:
        reference, gene, letter, change = parts_of(found)
        if letter in "cgmn":
            edit = EDIT.fullmatch(change)
            if edit is not None:
                return HgvsNotation(
                    reference, gene, letter, (checked(read_edit(edit, change), letter, text),), text
                )
    cleaned = clean(text)
    if not cleaned:
        raise InvalidVariant(f"the text is empty; {EXPECTED}")
    if len(cleaned) > 20_000:
        raise InvalidVariant(f"{len(cleaned)} characters are more than a variant has; {EXPECTED}")
    if delta := _DELTA.fullmatch(cleaned):
        return parse_protein(None, delta[1], f"{delta[2]}del", text)
    if foreign := _FOREIGN.search(cleaned):
        raise InvalidVariant(
            f"{shown(cleaned)} has the character U+{ord(foreign[0]):04X}, which no notation has; {EXPECTED}"
        )
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
    if not re.search(r"[cgmnopr]\.", text) or _INTRON_NUMBER.search(text):
        raise InvalidVariant(f"{shown(text)} {_why_unknown(text)}; {EXPECTED}")
    return parse_hgvs(text)


def _why_unknown(text: str) -> str:
    """What keeps a text from being a notation, in words that follow it."""
    if _INTRON_NUMBER.search(text):
        return "counts from an intron's number; name the exon base beside it, such as c.1905+1G>A"
    if _STAR_ALLELE.fullmatch(text):
        return "is a star allele, a haplotype and not one change of bases"
    if found := _NO_DOT.search(text):
        return f"lacks the dot after {found[1]}"
    if _NO_LETTER.search(text):
        return (
            "does not say what its positions count (older papers differ); c., g., m. or n. stands before them"
        )
    if re.match(r"\d\d,[XY]+(?:,|$)|arr[\[ (]", text):
        return "is a karyotype or an array result in ISCN, which names chromosomes and bands, not bases"
    if re.match(r"RCV\d{9}", text):
        return "is a ClinVar record of variant and condition; name the variation (VCV)"
    return "is not a variant notation"


def _vcf_style(found: re.Match[str]) -> VcfStyle:
    build, contig, digits, ref, alt, build_after = found.groups()
    build, pos = build or build_after, int(digits.replace(",", ""))
    named = parse_contig(contig.upper())
    if named is None:
        raise InvalidVariant(f"{contig} is not a primary human chromosome; expected 1-22, X, Y or MT")
    if build and build.lower() == "hg19" and contig.upper() == "M":
        raise InvalidVariant(
            "hg19's chrM is NC_001807.4, not the revised reference NC_012920.1; give the m. name"
        )
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

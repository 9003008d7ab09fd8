"""Consequences that an annotator wrote into the file, for places whose sequence is not at hand.

Read are VEP's `CSQ`, SnpEff's `ANN` and bcftools' `BCSQ`: records with commas between them, cells with bars.
The order of cells is the annotator's choice, so that cells are known by what they hold. Our own reading is
never replaced: only a substitution whose amino acids we cannot know takes what the file says of its gene. Of
our transcript's records where there are any, else of the gene's; where they differ nothing is taken.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from service.domain.variant import MolecularDescription, VariantCall

_KEYS = ("CSQ", "vep", "ANN", "BCSQ")
# What decides a substitution; bcftools writes some of them short.
_TERMS = {
    "missense_variant": "missense_variant",
    "missense": "missense_variant",
    "synonymous_variant": "synonymous_variant",
    "synonymous": "synonymous_variant",
    "stop_gained": "stop_gained",
    "stop_lost": "stop_lost",
    "start_lost": "start_lost",
}
_UNKNOWN = "coding_sequence_variant"
_PROTEIN = re.compile(r"(?:^|:)p\.\(?([A-Z][a-z]{2})(\d+)([A-Z][a-z]{2}|=|\*)\)?$")
_BASES, _CHANGE = re.compile(r"[ACGT]+"), re.compile(r"\d+[ACGT]+>([ACGT]+)")
STATED = "consequence as the file's annotation states it ({key}): sequence not configured"


def as_annotated(
    calls: Sequence[VariantCall], described: Sequence[MolecularDescription]
) -> list[MolecularDescription]:
    """The same descriptions, in order; coding substitutions of unknown effect with what the file says."""
    return [annotated(call, names) for call, names in zip(calls, described, strict=True)]


def annotated(call: VariantCall, names: MolecularDescription) -> MolecularDescription:
    """The same names, or with what the file says where they are of unknown effect."""
    if _UNKNOWN not in names.consequences or not names.gene or not call.info:
        return names
    for key in _KEYS:
        stated = dict(call.info).get(key)
        records = list(_of_gene(stated, names, call.variant.alt)) if stated else []
        terms = {term for cells in records for term in _terms(cells)}
        if len(terms) == 1:
            return _with(names, terms.pop(), _protein(records, names), STATED.format(key=key))
    return names


def _of_gene(stated: str, names: MolecularDescription, alt: str) -> Iterator[list[str]]:
    """Records of the described gene and allele; of the described transcript alone where there are any."""
    records = [cells for record in stated.split(",") if names.gene in (cells := record.split("|"))]
    records = [cells for cells in records if _is_of_allele(cells, names.gene, alt)]
    stem = (names.transcript or "").partition(".")[0]
    own = [cells for cells in records if stem and any(c.partition(".")[0] == stem for c in cells)]
    return iter(own or records)


def _is_of_allele(cells: Sequence[str], gene: str | None, alt: str) -> bool:
    """Whether no cell shows that a record is of another allele; genes may read as bases (CAT, GAA)."""
    if _BASES.fullmatch(cells[0]) and cells[0] != gene:
        return cells[0] == alt
    shown = {cell for cell in cells if cell != gene and _BASES.fullmatch(cell)}
    shown |= {change[1] for cell in cells if (change := _CHANGE.fullmatch(cell))}
    return not shown or alt in shown


def _terms(cells: Sequence[str]) -> Iterator[str]:
    for cell in cells:
        found = [_TERMS[part] for part in cell.split("&") if part in _TERMS]
        if found:
            yield from found
            return


def _protein(records: Sequence[Sequence[str]], names: MolecularDescription) -> str | None:
    """The one protein change at our residue; None where records differ, or count another protein."""
    found = {
        match.groups()
        for cells in records
        for cell in cells
        if (match := _PROTEIN.search(cell)) and int(match[2]) == names.protein_position
    }
    if len(found) != 1 or names.protein is None:
        return None
    before, position, after = found.pop()
    return f"{names.protein}:p.({before}{position}{'Ter' if after == '*' else after})"


def _with(names: MolecularDescription, term: str, protein: str | None, note: str) -> MolecularDescription:
    terms = tuple(term if known == _UNKNOWN else known for known in names.consequences)
    return replace(
        names,
        consequence=term if names.consequence == _UNKNOWN else names.consequence,
        consequences=terms,
        hgvs_p=protein or names.hgvs_p,
        notes=(*names.notes, note),
    )

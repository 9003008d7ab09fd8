"""What a variant notation says, once parsed."""

from dataclasses import dataclass
from enum import StrEnum

from service.domain.assembly import Assembly
from service.variants.protein_notation import ProteinNotation


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

    Of an allele of several changes that the fast grammar reads, `phase` is `cis`, `trans`, `unknown` or `mixed`
    and `edits` has each with the number of its allele, from 1; None where that is not known. One of `=`, `?` and
    `0` stands for an allele that is unchanged, not known, or absent.
    """

    text: str
    reference: str | None = None
    gene: str | None = None
    letter: str | None = None
    change: str | None = None
    phase: str | None = None
    edits: tuple[tuple[int | None, Edit | str], ...] = ()


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

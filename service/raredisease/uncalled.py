"""Asserted pathogenic variants at whose very place the sample has no genotype."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from service.domain.assembly import Assembly
from service.domain.case import Case
from service.domain.disease import AssertedVariant, asserts_pathogenic
from service.domain.variant import CoveredIntervals, Interval, UncalledRecord, Variant
from service.raredisease.coverage import CodingIntervals

# The variant on GRCh38, left-aligned; None where it has no place there.
OnGrch38 = Callable[[Variant], Variant | None]
# The pieces of an interval of the first assembly on the second.
Between = Callable[[Interval, Assembly, Assembly], Iterable[Interval]]
_BASES = frozenset("ACGTN")
# Asserted variants lie this far outside the coding bases at most: promoters and untranslated exons.
BESIDE = 10_000
# From this many bases on a deletion is a copy-number change, which is never assessed and which a few bases
# without a genotype do not hide.
LONG = 50


class AssertionsByPlace(Protocol):
    """Published assertions by place."""

    def within(self, chrom: str, start: int, end: int) -> tuple[AssertedVariant, ...]:
        """Asserted variants whose first changed base lies at an interbase start in start..end."""


def uncalled_sites(
    genes: Iterable[str],
    case: Case,
    coding: CodingIntervals,
    assertions: AssertionsByPlace,
    on_grch38: OnGrch38,
) -> dict[str, list[Interval]]:
    """Of each gene the records without a genotype at an asserted (likely) pathogenic variant: those that name
    an allele which replaces its very bases, and those that name none and lie over its first base.

    What was looked for was asked about there and not answered: more than a stretch that was not read, which
    is told as coverage. Intervals are those of the records, in the input's assembly.
    """
    found: dict[str, list[Interval]] = {}
    for gene in genes if case.uncalled else ():
        intervals = coding(gene, case.assembly)
        if not intervals:
            continue
        chrom = intervals[0].chrom
        low = min(i.start for i in intervals) - BESIDE
        high = max(i.end for i in intervals) + BESIDE
        for record in case.uncalled:
            if record.chrom != chrom or not low <= record.start < high:
                continue
            alts = [alt for alt in record.alts.split(",") if _BASES.issuperset(alt)]
            if alts:
                written = [
                    Variant(case.assembly, chrom, record.start, record.ref, alt)
                    for alt in alts
                    if alt != record.ref and _BASES.issuperset(record.ref)
                ]
                missed = any(_is_asserted(gene, on_grch38(variant), assertions) for variant in written)
            else:
                bases = (_any_change(case, record, at) for at in range(len(record.ref)))
                missed = any(_hides_asserted(gene, on_grch38(v), assertions) for v in bases if v is not None)
            if missed:
                end = record.start + len(record.ref)
                found.setdefault(gene, []).append(Interval(chrom, record.start, end))
    return found


def uncalled_blocks(
    genes: Iterable[str],
    case: Case,
    coding: CodingIntervals,
    assertions: AssertionsByPlace,
    between: Between,
) -> dict[str, list[Interval]]:
    """Of each gene the stretches of blocks without a genotype over which records of asserted (likely)
    pathogenic variants would begin and lie, in the input's assembly, merged and ascending.
    """
    found: dict[str, list[Interval]] = {}
    for gene in genes if case.uncalled_blocks else ():
        intervals = coding(gene, case.assembly)
        if not intervals:
            continue
        chrom = intervals[0].chrom
        low = max(0, min(i.start for i in intervals) - BESIDE)
        high = max(i.end for i in intervals) + BESIDE
        places = [
            place
            for start, end in case.uncalled_blocks.within(chrom, low, high)
            for piece in between(
                Interval(chrom, max(start, low), min(end, high)), case.assembly, Assembly.GRCH38
            )
            for hidden in _hidden(gene, piece, assertions)
            for place in between(hidden, Assembly.GRCH38, case.assembly)
        ]
        if places:
            found[gene] = list(CoveredIntervals(places).intervals())
    return found


def _hidden(gene: str, block: Interval, assertions: AssertionsByPlace) -> Iterator[Interval]:
    """The bases of a block, on GRCh38, that records of asserted variants would have which begin in it."""
    for other in assertions.within(block.chrom, block.start, block.end):
        if not _speaks_of(gene, other):
            continue
        first, bases = replaced(other.start or 0, other.ref, other.alt)
        if len(bases) >= LONG and first + len(bases) > block.end:
            continue
        start = first - (len(other.ref) != len(other.alt))  # the base before an indel anchors it
        if first >= block.start and start < block.end:
            yield Interval(block.chrom, max(start, block.start), min(first + len(bases), block.end))


def _speaks_of(gene: str, other: AssertedVariant) -> bool:
    """Whether a variant is asserted (likely) pathogenic, and for no other gene alone."""
    genes = other.assertion.genes
    return asserts_pathogenic(other.assertion) and (not genes or gene in genes)


def _any_change(case: Case, record: UncalledRecord, at: int) -> Variant | None:
    """Some substitution of one base of a record, to find its place on GRCh38."""
    base = record.ref[at]
    if base not in "ACGT":
        return None
    return Variant(case.assembly, record.chrom, record.start + at, base, "A" if base != "A" else "C")


def _hides_asserted(gene: str, base: Variant | None, assertions: AssertionsByPlace) -> bool:
    """Whether an asserted change begins at a base, or is of the length and is written from that base on."""
    if base is None:
        return False
    for other in assertions.within(base.chrom, base.start, base.start + 1):
        if not _speaks_of(gene, other):
            continue
        first, bases = replaced(other.start or 0, other.ref, other.alt)
        if len(bases) >= LONG:
            continue
        if first == base.start or (first == base.start + 1 and len(other.ref) != len(other.alt)):
            return True
    return False


def _is_asserted(gene: str, variant: Variant | None, assertions: AssertionsByPlace) -> bool:
    if variant is None:
        return False
    place = replaced(variant.start, variant.ref, variant.alt)
    return any(
        _speaks_of(gene, other) and replaced(other.start or 0, other.ref, other.alt) == place
        for other in assertions.within(variant.chrom, place[0], place[0])
    )


def replaced(start: int, ref: str, alt: str) -> tuple[int, str]:
    """Where and which reference bases a change replaces; none for an insertion.

    >>> replaced(99, "CAA", "CA"), replaced(5, "G", "T"), replaced(5, "G", "GT")
    ((100, 'A'), (5, 'G'), (6, ''))
    """
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    shared = 0
    while shared < min(len(ref), len(alt)) and ref[shared] == alt[shared]:
        shared += 1
    return start + shared, ref[shared:]

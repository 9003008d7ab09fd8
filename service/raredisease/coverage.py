"""What was read of a gene: reference blocks, called positions and stated regions over its coding bases."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.domain.assembly import Assembly
from service.domain.case import Case, Sex
from service.domain.findings import GeneCoverage
from service.domain.variant import CoveredIntervals, GenotypeRecord, Interval

# Coding intervals of a gene on an assembly; empty when the gene has no transcript model.
CodingIntervals = Callable[[str, Assembly], Sequence[Interval]]
SILENT = "the input does not say which bases of the gene were read"
NO_MODEL = "no transcript model of the gene in this knowledge release, so its bases cannot be counted"
SHOWN_GAPS = 5
NONE_UNCALLED: Mapping[str, Sequence[Interval]] = {}


def gene_coverage(genes: Iterable[str], case: Case, coding: CodingIntervals) -> tuple[GeneCoverage, ...]:
    """One entry per gene, in the order given; `fraction` is None where the input is silent."""
    if not case.covered:
        return tuple(GeneCoverage(gene, None, SILENT) for gene in genes)
    read = _with_called_positions(case)
    return tuple(_of_gene(gene, read, coding(gene, case.assembly), case.assembly) for gene in genes)


def _with_called_positions(case: Case) -> CoveredIntervals:
    """A position with a genotype that passed was read, whatever the genotype is."""
    called = [
        Interval(origin.chrom, origin.start, origin.end)
        for call in case.calls
        if call.passed and (origin := call.lifted_from or call.variant)
    ]
    called += [
        Interval(r.chrom, r.start, r.end)
        for r in case.records
        if r.passed and r.genotype and None not in r.genotype and not _contradicts_one_copy(r, case)
    ]
    return CoveredIntervals((*case.covered.without(case.filtered).intervals(), *called))


def _contradicts_one_copy(record: GenotypeRecord, case: Case) -> bool:
    """Two different alleles at a pharmacogene site of a male's X, none of which is pseudoautosomal."""
    return record.chrom == "X" and case.options.sex is Sex.MALE and len(set(record.genotype)) > 1


def _of_gene(
    gene: str, read: CoveredIntervals, coding: Sequence[Interval], assembly: Assembly
) -> GeneCoverage:
    total = sum(interval.end - interval.start for interval in coding)
    if not total:
        return GeneCoverage(gene, None, NO_MODEL)
    missing = [gap for interval in coding for gap in read.gaps(interval)]
    unread = sum(gap.end - gap.start for gap in missing)
    if not unread:
        return GeneCoverage(gene, 1.0, f"all {total:,} coding bases")
    if unread == total:
        return GeneCoverage(gene, 0.0, f"none of {total:,} coding bases")
    shown = ", ".join(f"{gap.chrom}:{gap.start + 1}-{gap.end}" for gap in missing[:SHOWN_GAPS])
    more = f" and {len(missing) - SHOWN_GAPS} more stretches" if len(missing) > SHOWN_GAPS else ""
    return GeneCoverage(
        gene, 1 - unread / total, f"{unread:,} of {total:,} coding bases not read: {shown}{more} ({assembly})"
    )


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Where a gene has records that may be what was looked for, in words; empty where it has none.

    `records` could not be read or interpreted, `filtered` are structural ones that did not pass filters,
    `uncalled` have no genotype where a (likely) pathogenic variant is asserted.
    """

    records: str = ""
    filtered: str = ""
    uncalled: str = ""

    def __bool__(self) -> bool:
        return bool(self.records or self.filtered or self.uncalled)


def unanswered(
    genes: Iterable[str],
    case: Case,
    coding: CodingIntervals,
    uncalled: Mapping[str, Sequence[Interval]] = NONE_UNCALLED,
) -> dict[str, Unanswered]:
    """Genes that stay without an answer, whatever the stated coverage is.

    A record that was not interpreted counts anywhere between the first and the last coding base; one that did
    not pass its filters, of which callers write many, only over coding bases.
    """
    found = {}
    for gene in genes if case.unread or case.filtered or uncalled else ():
        intervals = coding(gene, case.assembly)
        if not intervals:
            continue
        chrom = intervals[0].chrom
        ends = min(i.start for i in intervals), max(i.end for i in intervals)
        filtered = (span for i in intervals for span in case.filtered.within(chrom, i.start, i.end))
        missing = Unanswered(
            _places(chrom, case.unread.within(chrom, *ends), case.assembly),
            _places(chrom, sorted(set(filtered)), case.assembly),
            _places(chrom, sorted({(i.start, i.end) for i in uncalled.get(gene, ())}), case.assembly),
        )
        if missing:
            found[gene] = missing
    return found


def _places(chrom: str, spans: Sequence[tuple[int, int]], assembly: Assembly) -> str:
    if not spans:
        return ""
    shown = ", ".join(f"{chrom}:{low + 1}-{high}" for low, high in spans[:SHOWN_GAPS])
    more = f" and {len(spans) - SHOWN_GAPS} more places" if len(spans) > SHOWN_GAPS else ""
    return f"{shown}{more} ({assembly})"

"""What a case says at each defining site of a gene: base strings per strand, or why there are none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from service.domain.assembly import Assembly, in_pseudoautosomal_region
from service.domain.case import Case, Sex
from service.domain.pgx import SiteResult
from service.domain.variant import CoveredIntervals, GenotypeRecord, Interval
from service.pgx.merge import MergedGenotype, NotReadable, merged_genotype
from service.pgx.records import RecordIndex, Statement, statements
from service.pgx.site_view import SiteGenotype, SiteView

# Never assumed to be reference: something stands there.
UNREADABLE = "the record of the site could not be read; see the issues of the file"


@dataclass(frozen=True, slots=True)
class SiteReader:
    """Reads sites of one case. Missing is never reference, unless the caller asked for it."""

    case: Case
    index: RecordIndex
    # Reference blocks, and the bases of records between them: a longer site may lie across both.
    spanned: CoveredIntervals

    @classmethod
    def of(cls, case: Case) -> "SiteReader":
        """A reader over the case's records."""
        return cls(case, RecordIndex(case.records), _spanned(case))

    def read(self, views: Iterable[SiteView]) -> tuple[SiteGenotype, ...]:
        """One genotype per site, in order."""
        plain = self.index.plain
        one_copy = "X" if self.case.options.sex is Sex.MALE else None
        return tuple(
            view.reference_genotype
            if plain.get(view.place) == view.ref and view.single_base and view.chrom != one_copy
            else self._site(view)
            for view in views
        )

    def _site(self, view: SiteView) -> SiteGenotype:
        if view.substitution:
            return self._block_substitution(view)
        if view.single_base:
            records = self.index.at(view.place) or []
            reaching = self.index.reaching(view.place)
            if reaching is not None:
                return self._from_records(view, sorted((*records, *reaching), key=lambda r: r.line))
            if not records:
                return self._absent(view)
            return self._from_records(view, records)
        near = self.index.near(view)
        return self._from_records(view, near) if near else self._absent(view)

    def _absent(self, view: SiteView) -> SiteGenotype:
        if any((view.chrom, start) in self.case.refused for start in range(view.start, view.end)):
            return SiteGenotype(view, view.result("discarded", (), UNREADABLE))
        covered = self.case.covered if len(view.ref) == 1 else self.spanned
        if covered and covered.covers(view.chrom, view.start, view.end):
            return self._reference(view, "reference-block", "within a reference block")
        return self._missing(view, view.missing, carries_alternate=False)

    def _missing(self, view: SiteView, result: SiteResult, *, carries_alternate: bool) -> SiteGenotype:
        # A record that shows another allele is never overruled by the assumption.
        if self.case.options.assume_reference_for_missing and not carries_alternate:
            return self._reference(
                view, "assumed-reference", "read as reference because the caller asked for it"
            )
        return SiteGenotype(view, result)

    def _reference(self, view: SiteView, status: str, reason: str) -> SiteGenotype:
        copies = 1 if self._one_copy(view) else 2
        bases = (view.ref,) * copies
        return SiteGenotype(view, view.result(status, bases, reason), bases)

    def _one_copy(self, view: SiteView) -> bool:
        return (
            view.chrom == "X"
            and self.case.options.sex is Sex.MALE
            and not in_pseudoautosomal_region(Assembly.GRCH38, "X", view.site.start)
        )

    def _from_records(self, view: SiteView, records: Sequence[GenotypeRecord]) -> SiteGenotype:
        found, discarded = statements(view, records)
        if not found and not discarded:
            return self._absent(view)
        try:
            merged = merged_genotype(
                view,
                found,
                accept_filtered=self.case.options.accept_filtered,
                sex=self.case.options.sex,
                discarded=discarded,
            )
        except NotReadable as reason:
            result = view.result(reason.status, (), reason.text)
            return self._missing(view, result, carries_alternate=_any_alternate(found) or bool(discarded))
        return _as_site(view, merged)

    def _block_substitution(self, view: SiteView) -> SiteGenotype:
        """A site of several bases that change together: read base by base, then joined per strand."""
        parts = [self._site(_one_base(view, offset)) for offset in range(len(view.ref))]
        unread = next((p for p in parts if not p.read), None)
        if unread is not None:
            result = replace(unread.result, pos=view.site.start + 1, rsid=view.site.rsid)
            return SiteGenotype(view, result)
        if len({len(p.bases) for p in parts}) > 1 or any(p.partial for p in parts):
            return SiteGenotype(view, view.result("discarded", (), "its bases were read on unequal strands"))
        differing = [p for p in parts if p.heterozygous]
        together = all(p.phased for p in differing) and len({p.phase_set for p in differing}) < 2
        if len(differing) > 1 and not together:
            reason = "two neighbouring changes whose phase is not known"
            return SiteGenotype(view, view.result("discarded", (), reason))
        strands = tuple("".join(str(p.bases[i]) for p in parts) for i in range(len(parts[0].bases)))
        leader = differing[0] if differing else parts[0]
        result = view.result(parts[0].result.status, strands, parts[0].result.reason)
        return SiteGenotype(view, result, strands, leader.phased, leader.phase_set)


def _spanned(case: Case) -> CoveredIntervals:
    if not case.covered:
        return case.covered
    intervals = (Interval(r.chrom, r.start, r.end) for r in case.records if _is_called_base(r))
    return CoveredIntervals((*case.covered.intervals(), *intervals))


def _is_called_base(record: GenotypeRecord) -> bool:
    alleles = [record.allele(index) for index in record.genotype]
    return (
        record.passed and bool(alleles) and all(a is not None and len(a) == 1 for a in (record.ref, *alleles))
    )


def _one_base(view: SiteView, offset: int) -> SiteView:
    site = replace(view.site, start=view.site.start + offset, ref=view.site.ref[offset], context=None)
    return SiteView(
        site,
        view.start + offset,
        view.ref[offset],
        tuple(dict.fromkeys(allele[offset] for allele in view.documented)),
        view.swapped,
        block=(view.start, view.ref),
    )


def _as_site(view: SiteView, merged: MergedGenotype) -> SiteGenotype:
    first = merged.bases[0]
    if len(merged.bases) == 2 and first == merged.bases[1] and first in view.homozygous and not merged.reason:
        result = view.homozygous[first]
    else:
        result = view.result("called", merged.bases, merged.reason)
    return SiteGenotype(view, result, merged.bases, merged.phased, merged.phase_set)


def _any_alternate(found: Sequence[Statement]) -> bool:
    return any(index for statement in found for index in statement.record.genotype)

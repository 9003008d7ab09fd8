"""Criteria that people applied to the variants of a case: which belong to a call, which to nothing said."""

from collections.abc import Sequence

from service.domain.assessment import DescribedCall
from service.domain.case import Case, SuppliedCriteria
from service.domain.findings import VariantFinding
from service.domain.issue import Issue


def supplied_for(case: Case, entry: DescribedCall) -> SuppliedCriteria | None:
    """What people applied to this variant, however it is spelled."""
    for variant in (entry.description.variant, entry.call.variant):
        if found := case.criteria.get((variant.chrom, variant.start, variant.ref, variant.alt)):
            return found
    return None


def unused_criteria(case: Case, findings: Sequence[VariantFinding]) -> tuple[Issue, ...]:
    """A sentence where criteria rest on nothing reported; absent, withheld and not asked look alike."""
    used = {id(supplied_for(case, DescribedCall(f.call, f.description))) for f in findings}
    unused = sum(id(entry) not in used for entry in case.criteria.values())
    if not unused:
        return ()
    text = f"criteria were supplied for {unused} variants that are not among the reported ones"
    return (Issue("warning", "not-found", text, "criteria"),)

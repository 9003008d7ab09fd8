"""Asserted variants that another one is compared with."""

from collections.abc import Iterable, Sequence

from service.domain.disease import AssertedVariant, assertion_terms, asserts_pathogenic
from service.domain.variant import Variant

# A comparator needs criteria provided; to count in full, several submitters or an expert panel.
FEWEST_STARS, SURE_STARS = 1, 2


def is_sure(asserted: AssertedVariant) -> bool:
    """Whether an assertion is pathogenic without `likely`, by several submitters or an expert panel."""
    terms = assertion_terms(asserted.assertion.classification)
    return "likely pathogenic" not in terms and asserted.assertion.stars >= SURE_STARS


def counts(asserted: AssertedVariant, own: Variant | None) -> bool:
    """Whether it is asserted (likely) pathogenic by criteria, and is not the variant under evaluation."""
    assertion = asserted.assertion
    return assertion.stars >= FEWEST_STARS and asserts_pathogenic(assertion) and not is_same(asserted, own)


def is_same(asserted: AssertedVariant, own: Variant | None) -> bool:
    """Whether an asserted variant is the one under evaluation."""
    return own is not None and (asserted.chrom, asserted.start, asserted.ref, asserted.alt) == (
        own.chrom,
        own.start,
        own.ref,
        own.alt,
    )


def words(found: Sequence[AssertedVariant] | Iterable[AssertedVariant]) -> str:
    """Comparators as a reason names them, the first three."""
    named = [
        f"{v.protein_change or 'a variant'} ({v.assertion.classification}, {v.assertion.stars} stars, "
        f"{v.assertion.accession})"
        for v in found
    ]
    return ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")

"""The other variants of a gene in the same person, as PM3 and BP2 ask for them."""

from collections.abc import Sequence

from service.domain.assessment import DescribedCall
from service.domain.disease import Assertion, asserts_only_likely
from service.domain.variant import Zygosity
from service.raredisease.evidence import Partner
from service.raredisease.inheritance import Origins, Relation, relation

_IN_TRANS = {Relation.TRANS: True, Relation.CIS: False, Relation.UNKNOWN: None}
# An assertion counts from criteria provided on.
_FEWEST_STARS = 1


def partners_of(
    entry: DescribedCall, others: Sequence[tuple[DescribedCall, Sequence[Assertion]]], origins: Origins
) -> tuple[Partner, ...]:
    """Heterozygous variants of the same gene that are asserted (likely) pathogenic, with their phase.

    `others` are candidates with their pathogenic assertions; the variant itself is left out. The partner's
    class is the published one, never ours: two variants do not prove each other.
    """
    gene = entry.description.gene
    if gene is None or entry.call.zygosity is not Zygosity.HETEROZYGOUS:
        return ()
    found = []
    for other, assertions in others:
        trusted = [a for a in assertions if a.stars >= _FEWEST_STARS]
        if other is entry or other.description.gene != gene or not trusted:
            continue
        if other.call.zygosity is not Zygosity.HETEROZYGOUS:
            continue
        likely = all(asserts_only_likely(a) for a in trusted)
        where, _ = relation(entry.call, other.call, origins)
        found.append(Partner("likely pathogenic" if likely else "pathogenic", _IN_TRANS[where]))
    return tuple(found)

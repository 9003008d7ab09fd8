"""How many copies of a gene a person's variants take, and what that means for one mode of inheritance.

Two variants lie in trans when one record calls both alleles of a diploid place, when phase says so, or when
one comes from each parent. A pair inherited from one parent is in cis. A de novo variant is in trans with
nothing until phase shows it. Source: ACMG/AMP practice for recessive genes, SVI recommendation for PM3 v1.0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from service.domain.assessment import DescribedCall
from service.domain.case import Sex
from service.domain.gene import GeneDisease, Inheritance
from service.domain.variant import VariantCall, Zygosity

X_DOMINANT = "HP:0001423"
# A parent's word per variant, as the case carries it: father, mother, both, de-novo, unknown.
Origins = Mapping[tuple[str, int, str, str], str]
NO_ORIGINS: Origins = {}


class Relation(StrEnum):
    """Where two variants of a gene lie towards each other."""

    TRANS = "trans"
    CIS = "cis"
    UNKNOWN = "phase unknown"


class Copies(StrEnum):
    """How many of the gene's copies are affected."""

    ALL = "every copy"
    ONE = "one copy"
    UNSETTLED = "not settled"


@dataclass(frozen=True, slots=True)
class Carriage:
    """The copies that variants of one gene take, and the words for how that is known."""

    copies: Copies
    basis: str
    several: bool = False


def origin_of(call: VariantCall, origins: Origins) -> str | None:
    """From which parent the variant comes; None where no parent was in the file."""
    variant = call.variant
    return origins.get((variant.chrom, variant.start, variant.ref, variant.alt))


def relation(one: VariantCall, two: VariantCall, origins: Origins = NO_ORIGINS) -> tuple[Relation, str]:
    """Cis or trans of two heterozygous variants, and how it is known; unknown where evidence contradicts."""
    if one.line is not None and one.line == two.line and one.variant != two.variant:
        return Relation.TRANS, "both alleles of one record"
    by_phase, by_parents = _by_phase(one, two), _by_parents(one, two, origins)
    known = {found for found in (by_phase, by_parents) if found is not Relation.UNKNOWN}
    if len(known) > 1:
        return Relation.UNKNOWN, "phase in the file and the parents' genotypes contradict each other"
    if by_parents is not Relation.UNKNOWN:
        return by_parents, "the parents' genotypes"
    if by_phase is not Relation.UNKNOWN:
        return by_phase, "phase in the file"
    return Relation.UNKNOWN, "phase unknown"


def _by_phase(one: VariantCall, two: VariantCall) -> Relation:
    if not (one.phased and two.phased) or one.phase_set != two.phase_set:
        return Relation.UNKNOWN
    if one.copy is None or two.copy is None or one.variant.chrom != two.variant.chrom:
        return Relation.UNKNOWN
    return Relation.CIS if one.copy == two.copy else Relation.TRANS


def _by_parents(one: VariantCall, two: VariantCall, origins: Origins) -> Relation:
    parents = {origin_of(one, origins), origin_of(two, origins)}
    if parents == {"father", "mother"}:
        return Relation.TRANS
    return Relation.CIS if parents in ({"father"}, {"mother"}) else Relation.UNKNOWN


def carriage_of(found: Sequence[DescribedCall], sex: Sex, origins: Origins = NO_ORIGINS) -> Carriage:
    """The copies that the variants of one gene take. Nothing hemizygous is concluded while sex is unknown."""
    calls = [entry.call for entry in found]
    for call in calls:
        if call.zygosity is Zygosity.HOMOZYGOUS:
            return Carriage(Copies.ALL, "homozygous", len(calls) > 1)
        if call.zygosity is Zygosity.HEMIZYGOUS and (sex is Sex.MALE or call.variant.chrom not in ("X", "Y")):
            return Carriage(Copies.ALL, "hemizygous", len(calls) > 1)
    heterozygous = [call for call in calls if call.zygosity is Zygosity.HETEROZYGOUS]
    related = [relation(one, two, origins) for one, two in combinations(heterozygous, 2)]
    for where, basis in related:
        if where is Relation.TRANS:
            return Carriage(Copies.ALL, f"in trans by {basis}", several=True)
    if len(heterozygous) < len(calls):
        return Carriage(Copies.UNSETTLED, "how many copies carry it is not known", len(calls) > 1)
    if all(where is Relation.CIS for where, _ in related):
        basis = f"in cis by {related[0][1]}" if related else "heterozygous"
        return Carriage(Copies.ONE, basis, len(calls) > 1)
    return Carriage(Copies.UNSETTLED, next(b for w, b in related if w is Relation.UNKNOWN), several=True)


def statement_of(carriage: Carriage, pair: GeneDisease, *, mitochondrial: bool = False) -> str:
    """`positive`, `possible-compound-heterozygote`, `carrier` or `uncertain` for one gene and disease."""
    mode = pair.inheritance
    if mitochondrial or carriage.copies is Copies.ALL:
        return "positive"
    if mode is Inheritance.SEMIDOMINANT and pair.recessive_alone:
        unsettled = carriage.several and carriage.copies is Copies.UNSETTLED
        return "possible-compound-heterozygote" if unsettled else "uncertain"
    if mode in (Inheritance.DOMINANT, Inheritance.SEMIDOMINANT, Inheritance.MITOCHONDRIAL):
        return "positive"
    if mode is Inheritance.X_LINKED and pair.inheritance_term == X_DOMINANT:
        return "positive"
    if carriage.copies is Copies.UNSETTLED:
        return "possible-compound-heterozygote" if carriage.several else "uncertain"
    return "uncertain" if mode is Inheritance.UNDETERMINED else "carrier"

"""Substitutions in phase on one codon change the protein together; others by themselves."""

from service.domain.assembly import Assembly
from service.domain.variant import Variant, VariantCall, Zygosity
from tests.nomenclature import describer

# BRAF codon 600 is GTG: c.1798G>A and c.1799T>A together read AAG, p.(Val600Lys) (COSMIC COSV56057643).
FIRST = Variant(Assembly.GRCH38, "7", 140753336, "C", "T")
SECOND = Variant(Assembly.GRCH38, "7", 140753335, "A", "T")
HET, HOM = Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS


def proteins(*calls: VariantCall) -> list[str | None]:
    """Protein changes of calls described together."""
    return [names.hgvs_p and names.hgvs_p.split(":")[1] for names in describer().describe(calls)]


def test_two_on_one_copy_are_one_change_of_the_protein() -> None:
    calls = [VariantCall(v, HET, phased=True, phase_set="1", copy=0) for v in (FIRST, SECOND)]
    assert proteins(*calls) == ["p.(Val600Lys)", "p.(Val600Lys)"]
    assert "protein change stated together with" in describer().describe(calls)[0].notes[-1]


def test_two_on_every_copy_are_one_change_of_the_protein() -> None:
    assert proteins(VariantCall(FIRST, HOM), VariantCall(SECOND, HOM)) == ["p.(Val600Lys)", "p.(Val600Lys)"]


def test_without_phase_on_other_copies_or_in_other_phase_sets_each_stands_alone() -> None:
    alone = ["p.(Val600Met)", "p.(Val600Glu)"]
    assert proteins(VariantCall(FIRST, HET), VariantCall(SECOND, HET)) == alone
    for other in ({"phase_set": "1", "copy": 1}, {"phase_set": "2", "copy": 0}):
        first = VariantCall(FIRST, HET, phased=True, phase_set="1", copy=0)
        assert proteins(first, VariantCall(SECOND, HET, phased=True, **other)) == alone


def test_one_on_every_copy_joins_the_one_on_a_single_copy_there() -> None:
    calls = [VariantCall(FIRST, HOM), VariantCall(SECOND, HET, phased=True, phase_set="1", copy=0)]
    assert proteins(*calls) == ["p.(Val600Met)", "p.(Val600Lys)"]
    assert "the same codon also carries" in describer().describe(calls)[0].notes[-1]

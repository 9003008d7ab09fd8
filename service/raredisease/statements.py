"""Gene-disease statements from asserted pathogenic variants and their genotypes.

Inheritance is ClinGen's, per gene-disease pair. Two variants whose phase is not known are a possible compound
heterozygote, never a positive result.
"""

from collections.abc import Sequence

from service.domain.assessment import DescribedCall
from service.domain.case import Sex
from service.domain.disease import Assertion, Classification, Diagnosis
from service.domain.gene import INHERITANCE_HPO, GeneDisease, GeneKnowledge, Inheritance
from service.domain.variant import Zygosity

COUNSELLING = "Genetic counselling recommended"
CONFIRMATION = "Confirmatory testing recommended"
PARENTS = "Parental testing recommended"
NEGATIVE = (
    "No variant with a pathogenic or likely pathogenic ClinVar assertion was found in what was read of "
    "{gene}. This lowers the probability of {gene}-related disease and does not remove it: variants that "
    "nobody has asserted, copy-number changes and regions that were not read are not excluded."
)
TEXTS = {
    "positive": "{names} in {gene}, {zygosity}: asserted {asserted} in ClinVar for {disease}.",
    "possible-compound-heterozygote": (
        "Two variants asserted pathogenic or likely pathogenic in {gene} ({names}); whether they lie on one "
        "or on both copies is not known. Parental testing decides."
    ),
    "carrier": (
        "One variant asserted {asserted} in {gene} ({names}), {zygosity}. {disease} is recessive: one copy "
        "alone is a carrier state. A second variant, of any kind, was not found in what was read."
    ),
}


def diseases_of(knowledge: GeneKnowledge | None) -> list[GeneDisease]:
    """The pairs that a statement may rest on: established ones, else those that a catalogue names."""
    if knowledge is None:
        return []
    established = [pair for pair in knowledge.diseases if pair.established]
    return established[:3] or list(knowledge.diseases[:1])


def statement_of(found: Sequence[DescribedCall], inheritance: Inheritance, sex: Sex) -> str:
    """`positive`, `possible-compound-heterozygote` or `carrier` for the genotypes of one gene."""
    states = {d.call.zygosity for d in found}
    if inheritance in (Inheritance.DOMINANT, Inheritance.SEMIDOMINANT, Inheritance.MITOCHONDRIAL):
        return "positive"
    if inheritance is Inheritance.UNDETERMINED:
        return "positive"
    if Zygosity.HOMOZYGOUS in states or (Zygosity.HEMIZYGOUS in states and sex is Sex.MALE):
        return "positive"
    if len(found) >= 2:
        return "positive" if in_trans(found) else _unless_in_cis(found)
    return "carrier"


def in_trans(found: Sequence[DescribedCall]) -> bool:
    """Whether phase shows two of the variants on different copies."""
    return any(
        a.call.phased
        and b.call.phased
        and a.call.phase_set == b.call.phase_set
        and a.call.copy is not None
        and b.call.copy is not None
        and a.call.copy != b.call.copy
        for n, a in enumerate(found)
        for b in found[n + 1 :]
    )


def in_cis(found: Sequence[DescribedCall]) -> bool:
    """Whether phase shows all the variants on one copy."""
    places = {(d.call.phase_set, d.call.copy) for d in found}
    return len(places) == 1 and all(d.call.phased and d.call.copy is not None for d in found)


def _unless_in_cis(found: Sequence[DescribedCall]) -> str:
    return "carrier" if in_cis(found) else "possible-compound-heterozygote"


def diagnosis(
    pair: GeneDisease,
    knowledge: GeneKnowledge,
    found: Sequence[tuple[DescribedCall, tuple[Assertion, ...]]],
    sex: Sex,
    *,
    secondary: bool,
) -> Diagnosis:
    """The statement about one gene and disease."""
    calls = [call for call, _ in found]
    statement = statement_of(calls, pair.inheritance, sex)
    strongest = max((a for _, assertions in found for a in assertions), key=lambda a: a.stars)
    hpo = INHERITANCE_HPO.get(pair.inheritance)
    names = ", ".join(c.description.hgvs_c or c.description.hgvs_g or c.description.spdi for c in calls)
    asserted = strongest.classification
    pathogenic = asserted.lower().startswith("pathogenic")
    return Diagnosis(
        gene=pair.gene,
        hgnc_id=pair.hgnc_id or knowledge.hgnc_id,
        disease=pair.disease,
        mondo=pair.mondo,
        inheritance=hpo[1] if hpo else None,
        inheritance_hpo=hpo[0] if hpo else None,
        statement=statement,
        classification=Classification.PATHOGENIC if pathogenic else Classification.LIKELY_PATHOGENIC,
        variants=tuple(call.description.spdi for call in calls),
        text=TEXTS[statement].format(
            names=names,
            gene=pair.gene,
            zygosity=", ".join(call.call.zygosity.value for call in calls),
            asserted=asserted.lower(),
            disease=pair.disease,
        ),
        evidence=tuple(
            f"{a.source} {a.accession}: {a.classification}, {a.review_status}, release {a.release}"
            for _, assertions in found
            for a in assertions
        ),
        follow_up=(
            COUNSELLING,
            CONFIRMATION,
            *((PARENTS,) if statement == "possible-compound-heterozygote" else ()),
        ),
        secondary=secondary,
        stars=strongest.stars,
        validity=pair.validity,
        date=strongest.last_evaluated,
    )


def negative(gene: str, knowledge: GeneKnowledge | None, pair: GeneDisease | None) -> Diagnosis:
    """An indicated gene in which nothing asserted was found."""
    return Diagnosis(
        gene=gene,
        hgnc_id=knowledge.hgnc_id if knowledge else None,
        disease=pair.disease if pair else f"{gene}-related disease",
        mondo=pair.mondo if pair else None,
        inheritance=None,
        inheritance_hpo=None,
        statement="negative",
        classification=None,
        variants=(),
        text=NEGATIVE.format(gene=gene),
        validity=pair.validity if pair else None,
    )

"""Whether losing a gene's function causes its disease: the first question of PVS1's tree.

Source: Abou Tayoun 2018, doi:10.1002/humu.23626, table 1.
"""

from dataclasses import dataclass

from service.domain.gene import RECESSIVE_DOSAGE, GeneKnowledge, Inheritance, PanelRule
from service.raredisease.evidence import Evidence

# Loss-of-function variants that a gene needs among its pathogenic ones, and their share. Source: TREE,
# table 1.
FEWEST_LOF, LOF_SHARE = 3, 0.10


@dataclass(frozen=True, slots=True)
class Mechanism:
    """How sure it is that losing the gene's function causes the disease: levels to go down, or None
    for no PVS1.
    """

    levels_down: int | None
    reason: str


def mechanism_of(evidence: Evidence) -> Mechanism:
    """Whether loss of function is a mechanism, from dosage, validity, the panel and known null variants."""
    gene = evidence.gene
    if gene is None:
        return Mechanism(None, "no knowledge of the gene says that loss of function causes disease")
    panel = _panel_rule(gene.rules, "PVS1")
    if panel is not None and _inapplicable(panel):
        hand = "" if panel.confirmed else ", by its list of criteria"
        return Mechanism(
            None, f"the expert panel does not use PVS1 in {gene.gene} ({panel.specification}{hand})"
        )
    established = any(d.validity in ("Definitive", "Strong") for d in gene.diseases)
    moderate = any(d.established for d in gene.diseases)
    if panel is not None:
        hand = "" if panel.read else ", whose tree is known at second hand and is not used"
        return Mechanism(
            0, f"loss of function is a mechanism by the expert panel ({panel.specification}{hand})"
        )
    if gene.haploinsufficiency == 3:
        return Mechanism(0, "haploinsufficiency has sufficient evidence (ClinGen 3)")
    curated = gene.haploinsufficiency == RECESSIVE_DOSAGE and _may_be_recessive(evidence)
    recessive = curated or evidence.modes == {Inheritance.RECESSIVE}
    if recessive and established:
        return Mechanism(0, "recessive disease of strong or definitive validity")
    if curated:
        return Mechanism(0, "the dosage curation names the gene for recessive disease (ClinGen 30)")
    counts = (
        f"{gene.null_pathogenic} of {gene.pathogenic} pathogenic variants of the shipped ClinVar are null"
        if gene.pathogenic
        else "its pathogenic variants by kind are not counted here"
    )
    if many_null(gene) and (established or recessive):
        return Mechanism(0, counts)
    if moderate and (recessive or many_null(gene, FEWEST_LOF - 1)):
        return Mechanism(1, f"{counts}, validity moderate")
    if recessive_by_validity(gene) and _may_be_recessive(evidence):
        return Mechanism(
            0, "the gene's recessive disease has strong or definitive validity; no dominant one is stated"
        )
    if gene.haploinsufficiency == 2:
        return Mechanism(1, "haploinsufficiency has emerging evidence (ClinGen 2)")
    if recessive and gene.diseases:
        return Mechanism(1, "recessive disease without a strong validity curation")
    if moderate and gene.loeuf is not None and gene.loeuf < gene.loeuf_limit:
        return Mechanism(
            2, f"constrained against loss of function (LOEUF {gene.loeuf:g} below {gene.loeuf_limit:g})"
        )
    return Mechanism(None, f"loss of function is not shown to be a mechanism in {gene.gene} ({counts})")


def many_null(gene: GeneKnowledge, fewest: int = FEWEST_LOF) -> bool:
    """Whether so many known pathogenic variants are null, and a share of them all."""
    return gene.null_pathogenic >= fewest and gene.null_pathogenic > LOF_SHARE * gene.pathogenic


def recessive_by_validity(gene: GeneKnowledge) -> bool:
    """Whether a recessive disease of the gene has strong or definitive validity."""
    return any(
        d.inheritance is Inheritance.RECESSIVE and d.validity in ("Definitive", "Strong")
        for d in gene.diseases
    )


def loss_is_recessive(gene: GeneKnowledge) -> bool:
    """Whether losing the gene's function is known to cause recessive disease, and no other."""
    if gene.haploinsufficiency == RECESSIVE_DOSAGE:
        return True
    return gene.haploinsufficiency != 3 and recessive_by_validity(gene) and not many_null(gene)


def _may_be_recessive(evidence: Evidence) -> bool:
    """Whether a recessive disease of the gene may be meant: none dominant was stated or stands alone."""
    if evidence.stated_modes:
        return Inheritance.DOMINANT not in evidence.stated_modes
    modes = {d.inheritance for d in evidence.gene.diseases} if evidence.gene else set()
    return Inheritance.RECESSIVE in modes or Inheritance.DOMINANT not in modes


def _panel_rule(rules: tuple[PanelRule, ...], criterion: str) -> PanelRule | None:
    return next((rule for rule in rules if rule.criterion == criterion), None)


def _inapplicable(rule: PanelRule) -> bool:
    return rule.status.replace("_", " ") == "not applicable"

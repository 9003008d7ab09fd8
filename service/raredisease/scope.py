"""What may be said of which gene: the indication, consent, and the rules of the secondary-findings list.

Reported are variants with a pathogenic or likely pathogenic ClinVar assertion, at any frequency:
- in a gene of the stated indication (gene symbols, or MONDO ids through their genes), always;
- in a gene of the ACMG SF v3.3 list outside the indication, only with consent and by the list's rule;
- in a carrier-screening gene, where the caller asked for carrier states; a gene that is also on the
  secondary-findings list still needs consent.
Everything else is withheld before Findings exist, counts included.
Source: ACMG SF v3.3 (Lee 2025); carrier genes: Gregg 2021, doi:10.1038/s41436-021-01203-z.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.assessment import DescribedCall
from service.domain.case import Consent, InterpretOptions
from service.domain.gene import DiseaseKnowledge, ReportRule
from service.domain.variant import Zygosity

TRUNCATING = frozenset(
    {
        "frameshift_variant",
        "stop_gained",
        "splice_donor_variant",
        "splice_acceptor_variant",
        "start_lost",
        "transcript_ablation",
    }
)
# HFE p.Cys282Tyr, GRCh38, interbase. Source: ClinVar VCV000000009.
C282Y = ("6", 26092912, "G", "A")
TWO_ALLELES = (Zygosity.HOMOZYGOUS,)


@dataclass(frozen=True, slots=True)
class Scope:
    """Genes of the indication, and what consent adds."""

    indicated: frozenset[str]
    secondary_allowed: bool
    carriers: bool

    @classmethod
    def of(cls, options: InterpretOptions, diseases: DiseaseKnowledge) -> "Scope":
        """The scope of a case."""
        genes: set[str] = set()
        for item in options.indication:
            genes |= diseases.genes_of_disease(item) if item.startswith("MONDO:") else {item.upper(), item}
        return cls(frozenset(genes), options.consent_secondary is Consent.YES, options.carriers)

    def includes(self, gene: str, of_gene: Sequence[DescribedCall], diseases: DiseaseKnowledge) -> bool:
        """Whether the pathogenic variants found in a gene may be reported."""
        if gene in self.indicated:
            return True
        knowledge = diseases.gene(gene)
        if knowledge is None:
            return False
        if knowledge.secondary:
            rules = {row.rule for row in knowledge.secondary}
            return self.secondary_allowed and any(reportable(rule, of_gene) for rule in rules)
        return self.carriers and knowledge.carrier is not None


def reportable(rule: ReportRule, found: Sequence[DescribedCall]) -> bool:
    """Whether the genotypes found in a gene meet the list's rule."""
    biallelic = len(found) >= 2 or any(d.call.zygosity in TWO_ALLELES for d in found)
    hemizygous = any(d.call.zygosity is Zygosity.HEMIZYGOUS for d in found)
    if rule is ReportRule.ANY:
        return bool(found)
    if rule is ReportRule.BIALLELIC:
        return biallelic
    if rule is ReportRule.HEMIZYGOUS_OR_BIALLELIC:
        return biallelic or hemizygous
    if rule is ReportRule.TRUNCATING:
        return any(TRUNCATING & set(d.description.consequences) for d in found)
    return any(
        (d.call.variant.chrom, d.call.variant.start, d.call.variant.ref, d.call.variant.alt) == C282Y
        and d.call.zygosity is Zygosity.HOMOZYGOUS
        for d in found
    )

"""What was asked, and what may therefore be said of a gene.

- A gene of the stated indication (symbols, or MONDO ids through their genes) is answered, whatever is found.
- A gene of the ACMG SF list outside the indication is a secondary finding: withheld before Findings exist,
  counts included, unless consent is given; then the list's rule for the gene decides. Phenotypes do not
  change that.
- In any other gene, variants asserted pathogenic or likely pathogenic are kept at any frequency; a carrier
  state is put in words on request only.
Source of the list: ACMG SF v3.3 (Lee 2025).
"""

from collections.abc import Set
from dataclasses import dataclass

from service.domain.case import Consent, InterpretOptions
from service.domain.gene import DiseaseKnowledge
from service.domain.issue import Issue


@dataclass(frozen=True, slots=True)
class Question:
    """`named` are genes that the indication names itself, `indicated` adds those of its diseases.

    `conditions` are the MONDO ids of the indication, `unknown` its items that no table knows,
    `listed` the genes of the secondary-findings list.
    """

    named: tuple[str, ...]
    indicated: frozenset[str]
    conditions: frozenset[str]
    unknown: tuple[str, ...]
    secondary_allowed: bool
    carriers: bool
    listed: Set[str]

    @classmethod
    def of(cls, options: InterpretOptions, diseases: DiseaseKnowledge) -> "Question":
        """The question of a case."""
        named, conditions, unknown = [], [], []
        genes: set[str] = set()
        for item in options.indication:
            if item.startswith("MONDO:"):
                of_disease = diseases.genes_of_disease(item)
                conditions.append(item)
                genes |= of_disease
                known = bool(of_disease)
            elif symbol := gene_symbol(item, diseases):
                named.append(symbol)
                known = True
            else:
                known = False
            if not known:
                unknown.append(item)
        return cls(
            named=tuple(dict.fromkeys(named)),
            indicated=frozenset(genes.union(named)),
            conditions=frozenset(conditions),
            unknown=tuple(unknown),
            secondary_allowed=options.consent_secondary is Consent.YES,
            carriers=options.carriers,
            listed=diseases.secondary_genes,
        )

    def is_secondary(self, gene: str) -> bool:
        """Whether what is found in a gene is a secondary finding."""
        return gene not in self.indicated and gene in self.listed

    def may_say(self, gene: str) -> bool:
        """Whether consent lets a gene be spoken of."""
        return self.secondary_allowed or not self.is_secondary(gene)

    def genes(self, diseases: DiseaseKnowledge) -> tuple[str, ...]:
        """Every indicated gene, those named first, the rest by name; for a disease only its established
        genes, where there are any.
        """
        rest = sorted(self.indicated - set(self.named))
        established = [gene for gene in rest if _established(gene, diseases)]
        return (*self.named, *(established or rest))

    def issues(self) -> tuple[Issue, ...]:
        """One warning per item of the indication that means nothing to this knowledge release."""
        return tuple(
            Issue(
                "warning",
                "not-found",
                f"{item} is not a gene or disease of this knowledge release: nothing was looked for under it",
                "indication",
            )
            for item in self.unknown
        )


def gene_symbol(text: str, diseases: DiseaseKnowledge) -> str | None:
    """The gene's symbol as the tables write it, whatever the case of its letters; None when unknown."""
    for spelling in (text, text.upper()):
        if diseases.gene(spelling) is not None:
            return spelling
    lower = text.lower()
    return next((gene for gene in diseases.disease_genes if gene.lower() == lower), None)


def _established(gene: str, diseases: DiseaseKnowledge) -> bool:
    knowledge = diseases.gene(gene)
    return knowledge is not None and any(pair.established for pair in knowledge.diseases)

"""PM6 and PP4 as suggestions: what a case hints at and a person must judge. They never enter a class."""

from service.domain.disease import Criterion
from service.raredisease.evidence import Evidence
from service.raredisease.strength import Strength

# One term, such as seizures, hints at hundreds of genes.
FEWEST_TERMS = 2
SVI_DE_NOVO = "ClinGen SVI, PS2/PM6 v1.1"


def hints(evidence: Evidence) -> tuple[Criterion, ...]:
    """Criteria that parents' genotypes and phenotypes hint at, `not assessed` with the strength they would
    begin at; empty where the case says neither.
    """
    found = []
    if evidence.origin == "de-novo":
        found.append(
            Criterion(
                "PM6",
                Strength.SUPPORTING.value,
                "not assessed",
                "in neither parent's genotype: 0.5 points where the phenotype is consistent, 1 (moderate) "
                "where it is highly specific; PS2 once parentage is confirmed. In recessive disease only "
                "beside a pathogenic second allele",
                SVI_DE_NOVO,
            )
        )
    if len(evidence.fitting_terms) >= FEWEST_TERMS:
        terms = ", ".join(evidence.fitting_terms[:5])
        found.append(
            Criterion(
                "PP4",
                Strength.SUPPORTING.value,
                "not assessed",
                f"observed terms that are known of the gene's disease: {terms}; "
                "whether they are specific for one gene is a clinician's judgement, not a similarity",
                "Richards 2015, doi:10.1038/gim.2015.30",
            )
        )
    return tuple(found)

"""The 28 criteria of Richards 2015: order, direction, default strength, and why some are never automatic."""

from service.raredisease.strength import Strength

_S = Strength
# Code -> the strength that a bare code stands for. Source: Richards 2015, doi:10.1038/gim.2015.30; PM2 is
# supporting by ClinGen SVI's recommendation of 2020-09-04.
DEFAULT_STRENGTH = {
    "PVS1": _S.VERY_STRONG,
    "PS1": _S.STRONG,
    "PS2": _S.STRONG,
    "PS3": _S.STRONG,
    "PS4": _S.STRONG,
    "PM1": _S.MODERATE,
    "PM2": _S.SUPPORTING,
    "PM3": _S.MODERATE,
    "PM4": _S.MODERATE,
    "PM5": _S.MODERATE,
    "PM6": _S.MODERATE,
    "PP1": _S.SUPPORTING,
    "PP2": _S.SUPPORTING,
    "PP3": _S.SUPPORTING,
    "PP4": _S.SUPPORTING,
    "PP5": _S.SUPPORTING,
    "BA1": _S.STAND_ALONE,
    "BS1": _S.STRONG,
    "BS2": _S.STRONG,
    "BS3": _S.STRONG,
    "BS4": _S.STRONG,
    "BP1": _S.SUPPORTING,
    "BP2": _S.SUPPORTING,
    "BP3": _S.SUPPORTING,
    "BP4": _S.SUPPORTING,
    "BP5": _S.SUPPORTING,
    "BP6": _S.SUPPORTING,
    "BP7": _S.SUPPORTING,
}
CODES = tuple(DEFAULT_STRENGTH)

# Source: ClinGen SVI, Biesecker 2018, doi:10.1038/gim.2018.42: a class by others is not evidence.
WITHDRAWN = dict.fromkeys(
    ("PP5", "BP6"),
    "withdrawn by ClinGen SVI in 2018: a class given elsewhere is shown beside ours, never counted",
)
# What only people can bring; the sentence says what would be needed.
NOT_AUTOMATED = {
    "PS2": "needs confirmed parents and a phenotype that fits",
    "PS3": "needs a validated functional assay",
    "PS4": "needs counts of affected carriers or a case-control study",
    "PM6": "needs parents' genotypes and a phenotype that fits",
    "PP1": "needs segregation in a family",
    "PP4": "needs a clinician's judgement that the phenotype is specific",
    "BS3": "needs a validated functional assay",
    "BS4": "needs segregation in a family",
    "BP5": "needs another molecular diagnosis in the case",
}


def is_pathogenic(code: str) -> bool:
    """Whether a code argues for pathogenicity.

    >>> is_pathogenic("PM2"), is_pathogenic("BA1")
    (True, False)
    """
    return code.startswith("P")

"""PM3 and BP2: what the other variants of the gene in this person say."""

from service.domain.disease import Criterion
from service.domain.gene import Inheritance
from service.domain.variant import Zygosity
from service.raredisease.criteria.frequency import rare
from service.raredisease.criteria.verdict import met, not_assessed, not_met
from service.raredisease.evidence import Evidence, Partner
from service.raredisease.strength import Strength

SVI = "ClinGen SVI, PM3 v1.0"
# (significance of the partner, in trans) -> points of one case. Source: SVI.
_POINTS = {
    ("pathogenic", True): 1.0,
    ("likely pathogenic", True): 1.0,
    ("pathogenic", None): 0.5,
    ("likely pathogenic", None): 0.25,
    ("uncertain", True): 0.25,
}
_HOMOZYGOUS = 0.5
_LADDER = (
    (4.0, Strength.VERY_STRONG),
    (2.0, Strength.STRONG),
    (1.0, Strength.MODERATE),
    (0.5, Strength.SUPPORTING),
)


def in_trans_recessive(evidence: Evidence) -> Criterion:
    """PM3 from this one case: the strongest partner counts once."""
    if not evidence.partners and evidence.zygosity is not Zygosity.HOMOZYGOUS:
        return not_assessed("PM3", "no second variant of the gene in a person is given")
    if Inheritance.RECESSIVE not in evidence.modes:
        return not_met("PM3", "the disease is not recessive", SVI)
    points, words = max((case_points(p) for p in evidence.partners), default=(0.0, ""))
    if evidence.zygosity is Zygosity.HOMOZYGOUS and points < _HOMOZYGOUS:
        points, words = _HOMOZYGOUS, "homozygous"
    strength = next((strength for floor, strength in _LADDER if points >= floor), None)
    if strength is None:
        return not_met("PM3", f"{points:g} points ({words or 'no pathogenic partner'})", SVI)
    supplied = evidence.supplied.get("PM2")
    if (supplied or rare(evidence)).verdict != "met":
        return not_met("PM3", f"{words}, but the variant is not shown to be rare (PM2)", SVI)
    return met("PM3", strength, f"{words}: {points:g} points", SVI)


def case_points(partner: Partner) -> tuple[float, str]:
    """Points that a partner gives, and how to say it.

    >>> case_points(Partner("pathogenic", None))
    (0.5, 'phase unknown with a pathogenic variant')
    """
    points = _POINTS.get((partner.significance, partner.in_trans), 0.0)
    place = {True: "in trans", False: "in cis", None: "phase unknown"}[partner.in_trans]
    return points, f"{place} with a {partner.significance} variant"


def in_trans_dominant(evidence: Evidence) -> Criterion:
    """BP2: in trans with a pathogenic variant of a dominant disease, or in cis with one."""
    known = [p for p in evidence.partners if p.significance in ("pathogenic", "likely pathogenic")]
    if not known:
        return not_assessed("BP2", "no pathogenic second variant of the gene in a person is given")
    if any(p.in_trans is False for p in known):
        return met(
            "BP2",
            Strength.SUPPORTING,
            "in cis with a pathogenic variant",
            "Richards 2015, doi:10.1038/gim.2015.30",
        )
    if any(p.in_trans for p in known) and evidence.modes == {Inheritance.DOMINANT}:
        return met("BP2", Strength.SUPPORTING, "in trans with a pathogenic variant of a dominant disease",
                   "Richards 2015, doi:10.1038/gim.2015.30")  # fmt: skip
    return not_met("BP2", "neither in cis, nor in trans in a dominant disease")

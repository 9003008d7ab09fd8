"""What a panel's rule says beside its numbers: the disease or the mode that it is for, what it leaves out."""

import re

from service.domain.gene import PanelRule
from service.raredisease.evidence import Evidence

_MODES = frozenset({"AD", "AR", "XL", "SD"})


def parts_of(rule: str) -> list[str]:
    """The parts of a rule's text.

    >>> parts_of("codons=7; for malignant hyperthermia;with PM2")
    ['codons=7', 'for malignant hyperthermia', 'with PM2']
    """
    return [part.strip() for part in rule.split(";") if part.strip()]


def is_for(rule: PanelRule, evidence: Evidence) -> bool:
    """Whether a rule is meant for the stated disease or mode of inheritance.

    `for X` needs X to be stated, `not for X` holds unless it is; `for AD` holds unless another mode was
    stated.
    """
    for part in parts_of(rule.rule):
        found = re.fullmatch(r"(not )?for (.+)", part)
        if found is None:
            continue
        if found[2] in _MODES:
            modes = {mode.value for mode in evidence.stated_modes}
            held = not modes or found[2] in modes
        else:
            held = any(found[2] in name.lower() for name in evidence.disease_names)
        if held is bool(found[1]):
            return False
    return True


def excepted(rule: PanelRule, change: str | None) -> bool:
    """Whether a rule leaves out a change of amino acids, such as `except Gly>Ala, Asn>Ser`.

    >>> excepted(PanelRule("PM1", "Moderate", "codons=7; except Gly>Ala", "", ""), "Gly7Ala")
    True
    """
    if change is None:
        return False
    for part in parts_of(rule.rule):
        if part.startswith("except "):
            listed = {tuple(pair.strip().split(">")) for pair in part.removeprefix("except ").split(",")}
            return (change[:3], change[-3:]) in listed
    return False

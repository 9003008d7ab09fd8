"""What a sentence states that can be checked: its figures and the drugs it names."""

import re
from collections.abc import Iterable

# HLA alleles, gene symbols, star alleles, HGVS and identifiers carry digits that are names, not figures.
_NAMED = re.compile(
    r"""HLA-[AB]\*?[\d:]*|\*\d+(?::\d+)*(?:x≥?\d+|xN)?|\bPMIDs?:?\s*[\d+J, ]+|
        \b(?:CYP|UGT|ABC|SLCO|NUDT|TPM|CACNA|RYR|MT-RNR|VKORC|NAT|DPY|G6PD|P2Y|B7)[A-Z0-9]*|
        \bc\.\d+[ACGT]>[ACGT](?:/c\.\d+[ACGT]>[ACGT])?|https?://\S+|\b5-(?=fluorouracil|FU)|O-desmethyl|\brs\d+""",
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def figures_of(text: str) -> tuple[str, ...]:
    """Numbers that a text states, sorted, without those that are part of a name.

    >>> figures_of("At most 20 mg/day of it (CYP2C9*3, HLA-B*15:02, rs1); 25-50% less, 0.3 mg/kg/day")
    ('0.3', '20', '25', '50')
    """
    return tuple(sorted(set(_NUMBER.findall(_NAMED.sub(" ", text)))))


def drugs_named(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that occur in the text as whole words, sorted.

    >>> drugs_named("Use prasugrel, not escitalopram.", ["citalopram", "prasugrel"])
    ('prasugrel',)
    """
    lower = text.lower()
    return tuple(sorted(n for n in names if re.search(rf"(?<![a-z]){re.escape(n.lower())}(?![a-z])", lower)))

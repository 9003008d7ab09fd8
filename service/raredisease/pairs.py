"""Which gene-disease pairs a statement is made about.

Curated pairs of at least moderate validity come first (ClinGen). Where a gene has none, the pair of the
carrier-screening panel, then those of the catalogue that the assertion itself names, then the catalogue's
first.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from service.domain.disease import Assertion
from service.domain.gene import GeneDisease, GeneKnowledge, Inheritance, SecondaryFinding
from service.raredisease.disease_meant import diseases_meant

MOST_PAIRS = 5
_PANEL = "carrier-screening panel"
_LIST = "ACMG SF list"
# MONDO id and label of a catalogue id.
MondoOf = Callable[[str], tuple[str, str] | None]


def pairs_of(
    knowledge: GeneKnowledge, asserted: Iterable[Assertion] = (), conditions: Collection[str] = ()
) -> list[GeneDisease]:
    """The pairs of a gene, those that the indication or the assertions name before others; at least one."""
    established = [pair for pair in knowledge.diseases if pair.established]
    named = _named(asserted) | set(conditions)
    if established:
        return _matching(established, named) or diseases_meant(knowledge, established, named)[:MOST_PAIRS]
    if panel := knowledge.carrier:
        return [
            GeneDisease(
                panel.gene,
                panel.disease,
                panel.mondo,
                panel.inheritance,
                None,
                None,
                _PANEL,
                knowledge.hgnc_id,
            )
        ]
    catalogued = [pair for pair in knowledge.diseases if pair.validity is None]
    determined = [pair for pair in catalogued if pair.inheritance is not Inheritance.UNDETERMINED]
    chosen = _matching(determined, named) or _matching(catalogued, named) or determined or catalogued
    modes = {pair.inheritance for pair in chosen}
    if not _matching(chosen, named) and len(modes) > 1:
        # Diseases of different inheritance, and nothing says which one the variant was asserted for.
        return [replace(chosen[0], inheritance=Inheritance.UNDETERMINED, inheritance_term=None)]
    return chosen[:1] or [_unnamed(knowledge)]


def listed_pair(row: SecondaryFinding, knowledge: GeneKnowledge, mondo_of: MondoOf) -> GeneDisease:
    """The pair of a row of the secondary-findings list: the curated one, else the list's own words."""
    term = mondo_of(f"OMIM:{row.omim}") if row.omim.isdigit() else None
    established = [pair for pair in knowledge.diseases if pair.established]
    for pair in established:
        if term and pair.mondo == term[0]:
            return pair
    same_mode = [pair for pair in established if pair.inheritance is row.inheritance]
    if len(same_mode) == 1:
        return same_mode[0]
    return GeneDisease(
        row.gene,
        row.disease,
        term[0] if term else None,
        row.inheritance,
        None,
        None,
        f"{_LIST} {row.list_version}",
        knowledge.hgnc_id,
    )


def _named(asserted: Iterable[Assertion]) -> set[str]:
    return {
        name.lower() if not name.startswith("MONDO:") else name
        for assertion in asserted
        for name in (*assertion.condition_ids, *assertion.conditions)
        if name
    }


def _matching(pairs: Iterable[GeneDisease], named: Collection[str]) -> list[GeneDisease]:
    return [pair for pair in pairs if pair.mondo in named or pair.disease.lower() in named]


def _unnamed(knowledge: GeneKnowledge) -> GeneDisease:
    return GeneDisease(
        knowledge.gene,
        f"{knowledge.gene}-related disease",
        None,
        Inheritance.UNDETERMINED,
        None,
        None,
        "none",
        knowledge.hgnc_id,
    )

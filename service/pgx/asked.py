"""What the medication list asks of guidance: which drugs are taken, and what is said of the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from service.domain.case import Medication
from service.domain.guidance import Guidance
from service.domain.pgx import Recommendation
from service.pgx import actions, caveats
from service.pgx.lookup import GeneEvidence, keys_by_gene
from service.pgx.medications import NameIndex, is_class, is_taken, label
from service.pgx.phenoconversion import CONVERTED_GENE, governing, joined


@dataclass(frozen=True, slots=True)
class Asked:
    """Drugs on the medication list, by name, and medications that are no drug known here.

    `listed` has the places in the list, from 0, where a drug stands, be it `taken` now, ended or begun later.
    `unknown` has its place beside each.
    """

    listed: Mapping[str, tuple[int, ...]]
    taken: frozenset[str]
    by_class: Mapping[str, str]
    unknown: tuple[tuple[int, Medication], ...]


def asked_for(guidance: Guidance, medications: Sequence[Medication], today: date | None) -> Asked:
    """Each entry of the list by RxNorm code, name or ATC code; without `today` all count as taken."""
    index = NameIndex.of([*(drug.drug for drug in guidance.drugs), *guidance.names])
    listed: dict[str, tuple[int, ...]] = {}
    taken: set[str] = set()
    by_class: dict[str, str] = {}
    unknown = []
    for place, medication in enumerate(medications):
        drugs = index.drugs_of(medication)
        listed.update((drug, (*listed.get(drug, ()), place)) for drug in drugs)
        if not drugs:
            unknown.append((place, medication))
        elif is_taken(medication, today):
            taken.update(drugs)
            if is_class(medication) and medication.atc:
                by_class.update(dict.fromkeys(drugs, medication.atc))
    return Asked(listed, frozenset(taken), by_class, tuple(unknown))


def current(
    recommendation: Recommendation, asked: Asked, evidence: Mapping[str, GeneEvidence]
) -> Recommendation:
    """The recommendation, marked as one for a medicine that is listed or taken, with what that adds to it."""
    if recommendation.drug in asked.listed:
        recommendation = replace(recommendation, medications=asked.listed[recommendation.drug])
    if recommendation.drug not in asked.taken:
        return recommendation
    if CONVERTED_GENE in recommendation.genes and recommendation.action != actions.NOT_CALLED:
        entries = governing(keys_by_gene(evidence, CONVERTED_GENE).call, recommendation.drug)
        recommendation = caveats.beside_inhibitor(recommendation, joined(entries) if entries else None)
    group = asked.by_class.get(recommendation.drug)
    warnings = recommendation.warnings
    if group:
        warnings = (*warnings, f"The medication list names only the ATC group {group}, not this drug.")
    return replace(recommendation, current_medication=True, warnings=warnings)


def without_guideline(guidance: Guidance, asked: Asked, answered: Iterable[str]) -> list[Recommendation]:
    """An answer for drugs that no guideline here speaks of, and for codes that are not known here."""
    names = {name.name: name for name in guidance.names}
    found = []
    for drug in sorted(asked.listed.keys() - set(answered)):
        known = names.get(drug)
        text = f"No guideline in this release gives advice on {drug} from genes."
        answer = _no_guideline(drug, known.rxnorm if known else None, known.atc if known else (), text)
        found.append(replace(answer, current_medication=drug in asked.taken, medications=asked.listed[drug]))
    unknown: dict[tuple[str, str | None, tuple[str, ...]], Recommendation] = {}
    for place, medication in asked.unknown:
        name = label(medication)
        # A misspelt name or the code of a product must not read as "genes do not matter".
        text = (
            f"No guideline was found under {name}, which is not a name or code that this release knows. "
            "Guidance is held by ingredient: check the spelling, or give the ingredient's RxNorm code or a "
            "full ATC code."
        )
        atc = (medication.atc,) if medication.atc else ()
        key = (name, medication.rxnorm, atc)
        said = unknown.setdefault(key, _no_guideline(name, medication.rxnorm, atc, text))
        unknown[key] = replace(said, medications=(*said.medications, place))
    return [*found, *unknown.values()]


def _no_guideline(drug: str, rxnorm: str | None, atc: tuple[str, ...], text: str) -> Recommendation:
    return Recommendation(
        drug=drug,
        rxnorm=rxnorm,
        atc=atc,
        guideline="none",
        genes=(),
        basis={},
        population="general",
        strength="N/A",
        action=actions.NO_GUIDELINE,
        text=text,
        source="guidelines of this knowledge release",
        current_medication=True,
    )

"""The CYP2D6 phenotype expected while an inhibitor is taken, beside the genotype's and never instead of it.

Rules: CPIC opioid guideline 2021 (PMC8249478): a strong inhibitor takes the activity score to 0, a moderate
one halves it, a weak one changes nothing. Other enzymes have no guideline rule (CPIC 2023, PMC10564324): they
warn and convert nothing. No inducer of CYP2D6 is clinically relevant.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from operator import attrgetter

from service.domain.case import Medication
from service.domain.guidance import EnzymeModulator, Phenoconversion
from service.domain.issue import Issue
from service.domain.pgx import MedicationPhenotype, PharmacogeneCall
from service.pgx.lookup import GeneResult, evidence_of
from service.pgx.medications import NameIndex, day_of, is_class, label
from service.pgx.scores import normalized_score, phenotype_of_score, score_value

CONVERTED_GENE = "CYP2D6"
_FACTOR = {"strong": 0.0, "moderate": 0.5}
_RANK = {"strong": 0, "moderate": 1, "weak": 2, "not graded": 3}
# CYP3A5 follows CYP3A4: FDA grades CYP3A together.
_ALSO = {"CYP3A4": ("CYP3A5",)}
_LOCAL_ROUTES = (
    "topical",
    "cutaneous",
    "dermal",
    "skin",
    "ophthalm",
    "ocular",
    "eye",
    "otic",
    "auricular",
    "ear",
    "nasal",
    "nail",
    "vaginal",
    "dental",
)
# Transdermal systems deliver to the blood; so does miconazole from the vagina.
_SYSTEMIC_ROUTES = ("transdermal",)
_SYSTEMIC_PAIRS = {("miconazole", "vaginal")}


@dataclass(frozen=True, slots=True)
class _Exposure:
    """A modulator at work on a day: still taken, or ended and inside its washout."""

    modulator: EnzymeModulator
    ended: date | None


def expected_with_medications(
    calls: Sequence[PharmacogeneCall],
    medications: Sequence[Medication],
    knowledge: Phenoconversion,
    today: date,
) -> tuple[tuple[PharmacogeneCall, ...], tuple[Issue, ...]]:
    """The calls, CYP2D6 with its expected phenotype during co-medication, and what the reader must know."""
    exposures, issues = _exposures(medications, knowledge, today)
    on_cyp2d6 = [x for x in exposures if x.modulator.enzyme == CONVERTED_GENE]
    inhibitors = sorted(
        (x for x in on_cyp2d6 if x.modulator.effect == "inhibitor"),
        key=lambda x: _RANK[x.modulator.strength],
    )
    effective = [x for x in inhibitors if x.modulator.strength in _FACTOR]
    issues += [_unchanged(x) for x in on_cyp2d6 if x not in effective]
    if len(effective) > 1:
        issues.append(_several(effective))
    issues += _other_enzymes([x for x in exposures if x.modulator.enzyme != CONVERTED_GENE])
    converted = tuple(
        replace(call, expected_with_medications=_expected(call, effective))
        if call.gene == CONVERTED_GENE and effective
        else call
        for call in calls
    )
    return converted, tuple(issues)


def interactions(
    medications: Sequence[Medication], knowledge: Phenoconversion, today: date
) -> dict[str, tuple[EnzymeModulator, ...]]:
    """Drugs at work on enzymes that no guideline converts for them, by enzyme; weak ones are left out."""
    exposures, _ = _exposures(medications, knowledge, today)
    found: dict[str, tuple[EnzymeModulator, ...]] = {}
    for exposure in exposures:
        modulator = exposure.modulator
        if modulator.enzyme == CONVERTED_GENE or modulator.strength == "weak":
            continue
        for enzyme in (modulator.enzyme, *_ALSO.get(modulator.enzyme, ())):
            found[enzyme] = (*found.get(enzyme, ()), modulator)
    return found


def converted_score(score: str | None, strength: str) -> str | None:
    """The activity score under an inhibitor; None where it stays unknown.

    >>> converted_score("2.25", "moderate"), converted_score(None, "strong"), converted_score("n/a", "weak")
    ('1.125', '0.0', None)
    """
    if _FACTOR.get(strength) == 0.0:
        return "0.0"
    known = normalized_score(score)
    if known is None:
        return None
    if strength not in _FACTOR:
        return known
    halved = format(score_value(known) * _FACTOR[strength], "g")
    return ("≥" if known.startswith("≥") and float(halved) else "") + (
        halved if "." in halved else halved + ".0"
    )


def converted_result(result: GeneResult, strength: str) -> GeneResult | None:
    """The result as it is expected under an inhibitor of CYP2D6; None where nothing can be said."""
    score = converted_score(result.score, strength)
    if score is None:
        return None
    phenotype = phenotype_of_score(CONVERTED_GENE, score)
    return replace(result, keys=(score,), band=phenotype, score=score, phenotype=phenotype)


def governing(call: PharmacogeneCall | None, drug: str) -> tuple[MedicationPhenotype, ...]:
    """The entries of the inhibitor that applies to guidance for `drug`: a drug never converts its own."""
    entries = call.expected_with_medications if call else ()
    apply = [entry for entry in entries if drug in entry.for_drugs]
    apply = apply or [entry for entry in entries if not entry.for_drugs and entry.drug != drug]
    return tuple(entry for entry in apply if entry.drug == apply[0].drug)


def joined(entries: Sequence[MedicationPhenotype]) -> MedicationPhenotype:
    """Entries of one inhibitor as one: alternatives are joined by "or"."""
    return replace(
        entries[0],
        phenotype=_either(entry.phenotype for entry in entries) or "",
        activity_score=_either(entry.activity_score for entry in entries),
        genotype_phenotype=_either(entry.genotype_phenotype for entry in entries),
        genotype_activity_score=_either(entry.genotype_activity_score for entry in entries),
    )


def behind(entries: Sequence[MedicationPhenotype], keys: str) -> MedicationPhenotype:
    """Those entries that guidance rows with these keys ("0.5 or 0.75") were found by; all where none fits."""
    matched = keys.split(" or ")
    bands = {phenotype_of_score(CONVERTED_GENE, key) for key in matched if normalized_score(key)}
    exact = [entry for entry in entries if entry.activity_score in matched]
    banded = [entry for entry in entries if entry.activity_score and entry.phenotype in bands]
    return joined(list(dict.fromkeys((*exact, *(banded if len(matched) > len(exact) else ())))) or entries)


def _expected(call: PharmacogeneCall, effective: Sequence[_Exposure]) -> tuple[MedicationPhenotype, ...]:
    strongest = effective[0].modulator
    entries = _entries(call, effective[0], ())
    other = next((x for x in effective[1:] if x.modulator.drug.name != strongest.drug.name), None)
    if other is not None:
        entries += _entries(call, other, (strongest.drug.name,))
    return entries


def _entries(
    call: PharmacogeneCall, exposure: _Exposure, for_drugs: tuple[str, ...]
) -> tuple[MedicationPhenotype, ...]:
    """One entry per different expected result; several diplotypes may give several, or share one."""
    modulator = exposure.modulator
    sharing: dict[tuple[str, str | None], list[GeneResult]] = {}
    for result in evidence_of(call.gene, call).results:
        score = converted_score(result.score, modulator.strength)
        phenotype = "Indeterminate" if score is None else phenotype_of_score(CONVERTED_GENE, score)
        sharing.setdefault((phenotype, score), []).append(result)
    return tuple(
        MedicationPhenotype(
            phenotype=phenotype,
            activity_score=score,
            drug=modulator.drug.name,
            strength=modulator.strength,
            source=f"{modulator.source} ({modulator.evidence})",
            washout_days=modulator.washout_days,
            note=_note(exposure, results[0]),
            for_drugs=for_drugs,
            genotype_phenotype=_either(result.phenotype for result in results),
            genotype_activity_score=_either(result.score for result in results),
        )
        for (phenotype, score), results in sharing.items()
    )


def _either(stated: Iterable[str | None]) -> str | None:
    """The different texts joined by "or", None where none is stated."""
    return " or ".join(dict.fromkeys(text for text in stated if text)) or None


def _note(exposure: _Exposure, result: GeneResult) -> str:
    modulator = exposure.modulator
    rule = "takes the activity score to 0" if modulator.strength == "strong" else "halves the activity score"
    parts = [f"A {modulator.strength} inhibitor {rule} (CPIC opioid guideline 2021)"]
    if result.score is None and modulator.strength == "strong":
        parts.append("derived: the genotype gives no score, and a strong inhibitor leaves no activity")
    elif result.score is None:
        parts.append("the genotype gives no score, so none is expected")
    elif modulator.strength == "moderate" and result.score.startswith("≥"):
        parts.append("the score is a lower bound")
    if exposure.ended:
        parts.append(
            f"ended {exposure.ended.isoformat()}, still counted for {modulator.washout_days} days after"
        )
    if modulator.dose_note:
        parts.append(modulator.dose_note)
    return "; ".join(parts)


def _exposures(
    medications: Sequence[Medication], knowledge: Phenoconversion, today: date
) -> tuple[list[_Exposure], list[Issue]]:
    index = NameIndex.of(modulator.drug for modulator in knowledge.modulators)
    local = {(m.drug.name, code) for m in knowledge.modulators for code in m.local_atc}
    named_local = {code: name for name, code in local}
    by_name: dict[str, list[EnzymeModulator]] = {}
    for modulator in knowledge.modulators:
        by_name.setdefault(modulator.drug.name, []).append(modulator)
    exposures: dict[tuple[str, str, str], _Exposure] = {}
    issues: list[Issue] = []
    for medication in medications:
        drugs = index.drugs_of(medication)
        if not drugs and (name := named_local.get((medication.atc or "").strip().upper())):
            drugs = (name,)
        if drugs and is_class(medication):
            issues.append(_class_only(medication, drugs))
            continue
        for drug in drugs:
            if _is_local(medication, drug, local):
                issues.append(_local(drug))
                continue
            issues += _unreadable_dates(medication)
            for modulator in by_name[drug]:
                if (exposure := _exposure(medication, modulator, today)) is not None:
                    key = (drug, modulator.enzyme, modulator.effect)
                    if key not in exposures or exposure.ended is None:
                        exposures[key] = exposure
    return list(exposures.values()), issues


def _exposure(medication: Medication, modulator: EnzymeModulator, today: date) -> _Exposure | None:
    """The exposure on `today`, None before the start and after end plus washout."""
    start = day_of(medication.start, latest=False) if medication.start else None
    end = day_of(medication.end, latest=True) if medication.end else None
    if start is not None and start > today:
        return None
    if end is None or end >= today:
        return _Exposure(modulator, None)
    within = today <= end + timedelta(days=modulator.washout_days)
    return _Exposure(modulator, end) if within else None


def _is_local(medication: Medication, drug: str, local: set[tuple[str, str]]) -> bool:
    if medication.atc and (drug, medication.atc.strip().upper()) in local:
        return True
    route = (medication.route or "").lower()
    if any(word in route for word in _SYSTEMIC_ROUTES) or (drug, route) in _SYSTEMIC_PAIRS:
        return False
    words = route.replace("-", " ").replace("/", " ").split()
    return any(word.startswith(local_route) for word in words for local_route in _LOCAL_ROUTES)


def _unreadable_dates(medication: Medication) -> list[Issue]:
    unread = [
        name
        for name, text in (("start", medication.start), ("end", medication.end))
        if text and day_of(text, latest=True) is None
    ]
    return [
        Issue(
            "warning",
            "value",
            f"The {name} of {label(medication)} is not an ISO 8601 date; it is taken to be current.",
            "medications",
        )
        for name in unread
    ]


def _class_only(medication: Medication, drugs: Sequence[str]) -> Issue:
    text = f"{label(medication)} is a group of drugs ({', '.join(drugs)} among them): its effect on enzymes "
    return Issue("warning", "incomplete", text + "cannot be judged without the drug.", "medications")


def _local(drug: str) -> Issue:
    text = f"{drug} by this route reaches the blood too little to change an enzyme; it is not counted."
    return Issue("information", "informational", text, "medications")


def _unchanged(exposure: _Exposure) -> Issue:
    modulator = exposure.modulator
    note = f" ({modulator.dose_note})" if modulator.dose_note else ""
    text = (
        f"{modulator.drug.name} is a {modulator.strength} {modulator.effect} of {modulator.enzyme}{note}: "
        "the guideline does not change the phenotype for it."
    )
    return Issue("information", "informational", text, CONVERTED_GENE)


def _several(effective: Sequence[_Exposure]) -> Issue:
    names = ", ".join(f"{x.modulator.drug.name} ({x.modulator.strength})" for x in effective)
    text = f"Several CYP2D6 inhibitors: {names}. The strongest is used; their effects are not multiplied."
    return Issue("warning", "business-rule", text, CONVERTED_GENE)


def _other_enzymes(exposures: Sequence[_Exposure]) -> list[Issue]:
    """One warning per enzyme without a rule."""
    by_enzyme: dict[str, list[EnzymeModulator]] = {}
    for exposure in exposures:
        for enzyme in (exposure.modulator.enzyme, *_ALSO.get(exposure.modulator.enzyme, ())):
            by_enzyme.setdefault(enzyme, []).append(exposure.modulator)
    issues = []
    for enzyme, modulators in sorted(by_enzyme.items()):
        modulators.sort(key=attrgetter("drug.name"))
        named = "; ".join(_named(modulator) for modulator in modulators)
        matters = any(m.strength != "weak" for m in modulators)
        text = (
            f"{enzyme}: {named}. Levels of its substrates may change. The phenotype is not converted: "
            "no guideline defines how."
        )
        issues.append(
            Issue(
                "warning" if matters else "information",
                "business-rule" if matters else "informational",
                text,
                enzyme,
            )
        )
    return issues


def _named(modulator: EnzymeModulator) -> str:
    strength = "" if modulator.strength == "not graded" else f"{modulator.strength} "
    note = f", {modulator.dose_note}" if modulator.dose_note else ""
    return f"{modulator.drug.name} ({strength}{modulator.effect}{note})"

"""What must be said beside a recommendation: undocumented alleles, unread positions, co-medication, age."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from service.domain.guidance import EnzymeModulator
from service.domain.issue import Issue
from service.domain.pgx import CallStatus, MedicationPhenotype, PharmacogeneCall, Recommendation
from service.pgx.actions import MONITOR, NO_RECOMMENDATION, STANDARD
from service.pgx.lookup import GeneEvidence, GeneResult, why_not_called

_SHOWN_ALLELES = 8
_CONVERTED = "CYP2D6"
_PRACTICE = "Converting the phenotype for this drug is common practice, not part of its guideline."
_DERIVED = "The genotype is not known: derived, because a strong inhibitor leaves no activity whatever it is."
# Actions whose text may say that the usual dose fits.
_AS_USUAL = {STANDARD, MONITOR, NO_RECOMMENDATION}


def qualified(
    recommendation: Recommendation, genes: Sequence[GeneEvidence], note: str | None
) -> Recommendation:
    """The recommendation with the limits of what it rests on. Usual dosing is never left unqualified."""
    warnings = [note] if note else []
    possible = recommendation.possible
    text = recommendation.text
    undocumented = []
    hidden = []
    for gene in genes:
        if not gene.genotyped:
            warnings.append(f"{gene.gene} has no result: {why_not_called(gene.call)}.")
        if gene.call is None or not gene.genotyped:
            continue
        undocumented += [f"{gene.gene} {variant}" for variant in gene.call.undocumented]
        hidden += [f"{gene.gene} {allele}" for allele in gene.not_excluded]
        warnings += _of_call(gene.call)
        possible = _joined(possible, _limited_basis(gene))
    if undocumented:
        seen = ", ".join(undocumented)
        warnings.insert(0, f"No named allele contains {seen}; read here as reference, its effect is unknown.")
        if recommendation.action in _AS_USUAL:
            text = f"Not confirmed, because of a variant of unknown effect ({seen}): {text}"
            possible = _joined(possible, "a variant that no named allele contains was read as reference")
    if hidden and recommendation.action in _AS_USUAL:
        seen = f"{', '.join(hidden[:_SHOWN_ALLELES])} could not be excluded"
        if recommendation.action == STANDARD:
            text = f"Not confirmed, because {seen}: {text}"
        possible = _joined(possible, f"{seen}: positions that every test should read were not read")
    if recommendation.newer_version:
        text = f"{text} {recommendation.newer_version}: consult the current guideline before dosing."
    return replace(recommendation, text=text, possible=possible, warnings=tuple(warnings))


def under_medication(
    recommendation: Recommendation, entry: MedicationPhenotype, *, main: bool, by_guideline: bool
) -> Recommendation:
    """The recommendation for the phenotype expected under an inhibitor.

    `by_guideline` where the drug's guideline converts; `main` where it also has a genotype to convert.
    """
    genotype = (
        f"the genotype gives {entry.genotype_phenotype or 'no phenotype'} "
        f"(score {entry.genotype_activity_score or 'unknown'})"
    )
    expected = f"{entry.phenotype} (score {entry.activity_score or 'unknown'})"
    keys = recommendation.basis.get(_CONVERTED, "").split(" or ")
    unlisted = [score for score in (entry.activity_score or "").split(" or ") if score and score not in keys]
    if unlisted:
        note = (
            f"The guideline has no row for the expected activity score {' or '.join(unlisted)}: that of its "
            f"band ({entry.phenotype}) is shown."
        )
        recommendation = replace(recommendation, warnings=(*recommendation.warnings, note))
    why = (
        f"While {entry.drug} ({entry.strength} inhibitor) acts, CYP2D6 is expected as {expected}; {genotype}."
    )
    if main:
        return replace(recommendation, why=f"{why} {recommendation.why}".strip())
    reason = f"expected during co-medication with {entry.drug} ({entry.strength} CYP2D6 inhibitor)"
    return replace(
        recommendation,
        why=f"{why} {recommendation.why}".strip(),
        possible=_joined(recommendation.possible, reason),
        warnings=(*recommendation.warnings, _DERIVED if by_guideline else _PRACTICE),
    )


def beside_inhibitor(recommendation: Recommendation, entry: MedicationPhenotype | None) -> Recommendation:
    """A current medicine's recommendation from the genotype, with the inhibitor that is taken beside it."""
    if entry is None or entry.drug in f"{recommendation.why} {recommendation.possible}":
        return recommendation
    expected = f"{entry.phenotype} (score {entry.activity_score or 'unknown'})"
    warning = (
        f"{entry.drug} ({entry.strength} {_CONVERTED} inhibitor) is also taken: "
        f"while it acts, {_CONVERTED} is expected as {expected}."
    )
    return replace(recommendation, warnings=(*recommendation.warnings, warning))


def with_interactions(
    recommendation: Recommendation, modulators: Mapping[str, Sequence[EnzymeModulator]]
) -> Recommendation:
    """A current medicine's recommendation with the other medicines that act on its genes' enzymes."""
    if not recommendation.current_medication:
        return recommendation
    warnings = [
        f"{gene}: {modulator.drug.name} ({_strength(modulator)}) is also taken and may change the level of "
        f"{recommendation.drug}; no guideline converts {gene} for it."
        for gene in recommendation.genes
        for modulator in modulators.get(gene, ())
        if modulator.drug.name != recommendation.drug
    ]
    return replace(recommendation, warnings=(*recommendation.warnings, *warnings))


def _strength(modulator: EnzymeModulator) -> str:
    graded = "" if modulator.strength == "not graded" else f"{modulator.strength} "
    return f"{graded}{modulator.effect}"


def one_of_several(names: Iterable[str], of: int) -> str:
    """Why this is one of several possible recommendations."""
    return f"one of {of} answers: for {' or '.join(names)}"


def shown_keys(results: Sequence[GeneResult]) -> str:
    """The keys of a gene's possible results, for people."""
    return " or ".join(
        dict.fromkeys((", ".join(r.keys) or r.band or "") if r.known else r.name for r in results)
    )


def unsettled(calls: Sequence[PharmacogeneCall]) -> tuple[Issue, ...]:
    """What the reader of the whole answer must know: genes whose result is not one settled pair."""
    found = []
    for call in calls:
        phenotypes = {diplotype.phenotype for diplotype in call.diplotypes}
        if len(call.diplotypes) > 1:
            differ = "their phenotypes differ" if len(phenotypes) > 1 else "their phenotypes agree"
            text = (
                f"{len(call.diplotypes)} pairs of alleles fit and none was picked; {differ}. All are listed; "
                "where the advice differs each has its own."
            )
            found.append(Issue("warning", "multiple-matches", text, call.gene))
        if call.undocumented:
            text = (
                "a change that no named allele has was read; its effect is unknown, and advice to dose as "
                "usual is not confirmed."
            )
            found.append(Issue("warning", "incomplete", text, call.gene))
        if call.basis_alleles and not call.diplotypes:
            text = "the alleles found cannot be paired; advice rests on the two of lowest function."
            found.append(Issue("warning", "incomplete", text, call.gene))
    return tuple(found)


def _of_call(call: PharmacogeneCall) -> list[str]:
    """What the call itself says of its limits; from its facts where it says nothing."""
    if call.notes:
        # Undocumented variants have their own sentence; the call's begins with the position.
        told = tuple(variant.split()[0] for variant in call.undocumented)
        notes = [note for note in call.notes if not (told and note.startswith(told))]
        return [note if call.gene in note else f"{call.gene}: {note}" for note in notes]
    if call.uncallable_alleles:
        names = ", ".join(call.uncallable_alleles[:_SHOWN_ALLELES])
        more = len(call.uncallable_alleles) - _SHOWN_ALLELES
        names += f" and {more} more" if more > 0 else ""
        return [f"{call.gene}: {names} could not be excluded, because their positions were not read."]
    if call.missing_positions:
        number = len(call.missing_positions)
        return [f"{call.gene}: {number} position{'s were' if number > 1 else ' was'} not read."]
    return []


def _limited_basis(gene: GeneEvidence) -> str | None:
    """A gene without a call that still has a pair to look up (the SLCO1B1 fallback): what that rests on."""
    if gene.call is None or gene.call.status is not CallStatus.NO_CALL or not gene.called:
        return None
    return f"{gene.gene} could not be fully called; this rests on {gene.results[0].name}"


def _joined(first: str | None, second: str | None) -> str | None:
    return "; ".join(part for part in (first, second) if part) or None

"""What must be said beside a recommendation: undocumented alleles, unread positions, co-medication, age."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from service.domain.pgx import CallStatus, MedicationPhenotype, PharmacogeneCall, Recommendation
from service.pgx.actions import MONITOR, NO_RECOMMENDATION, STANDARD
from service.pgx.lookup import GeneEvidence, GeneResult, why_not_called

_SHOWN_ALLELES = 8
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
    for gene in genes:
        if not gene.genotyped:
            warnings.append(f"{gene.gene} has no result: {why_not_called(gene.call)}.")
        if gene.call is None:
            continue
        undocumented += [f"{gene.gene} {variant}" for variant in gene.call.undocumented]
        warnings += _of_call(gene.call)
        possible = _joined(possible, _limited_basis(gene))
    if undocumented:
        seen = ", ".join(undocumented)
        warnings.insert(0, f"No named allele contains {seen}; read here as reference, its effect is unknown.")
        if recommendation.action in _AS_USUAL:
            text = f"Not confirmed, because of a variant of unknown effect ({seen}): {text}"
            possible = _joined(possible, "a variant that no named allele contains was read as reference")
    if recommendation.newer_version:
        text = f"{text} {recommendation.newer_version}: consult the current guideline before dosing."
    return replace(recommendation, text=text, possible=possible, warnings=tuple(warnings))


def under_medication(
    recommendation: Recommendation, entry: MedicationPhenotype, *, main: bool
) -> Recommendation:
    """The recommendation for the phenotype expected under an inhibitor; `main` if the guideline converts."""
    genotype = (
        f"the genotype gives {entry.genotype_phenotype or 'no phenotype'} "
        f"(score {entry.genotype_activity_score or 'unknown'})"
    )
    expected = f"{entry.phenotype} (score {entry.activity_score or 'unknown'})"
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
        warnings=(
            *recommendation.warnings,
            "Converting the phenotype for this drug is common practice, not part of its guideline.",
        ),
    )


def one_of_several(names: Iterable[str], of: int) -> str:
    """Why this is one of several possible recommendations."""
    return f"one of {of} answers: for {' or '.join(names)}"


def shown_keys(results: Sequence[GeneResult]) -> str:
    """The keys of a gene's possible results, for people."""
    return " or ".join(
        dict.fromkeys((", ".join(r.keys) or r.band or "") if r.known else r.name for r in results)
    )


def _of_call(call: PharmacogeneCall) -> list[str]:
    found = []
    if call.uncallable_alleles:
        names = ", ".join(call.uncallable_alleles[:_SHOWN_ALLELES])
        more = len(call.uncallable_alleles) - _SHOWN_ALLELES
        found.append(
            f"{call.gene}: {names}{f' and {more} more' if more > 0 else ''} could not be excluded, "
            "because their positions were not read."
        )
    elif call.missing_positions:
        found.append(f"{call.gene}: {len(call.missing_positions)} positions were not read.")
    if call.gene == "G6PD" or call.status is CallStatus.NO_CALL:
        found += [f"{call.gene}: {note}" for note in call.notes]
    return found


def _limited_basis(gene: GeneEvidence) -> str | None:
    """A gene without a call that still has a pair to look up (the SLCO1B1 fallback): what that rests on."""
    if gene.call is None or gene.call.status is not CallStatus.NO_CALL or not gene.called:
        return None
    return f"{gene.gene} could not be fully called; this rests on {gene.results[0].name}"


def _joined(first: str | None, second: str | None) -> str | None:
    return "; ".join(part for part in (first, second) if part) or None

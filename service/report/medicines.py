"""Recommendations, grouped by what to do: one row per medicine, under its most cautious statement."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.domain.case import Medication
from service.domain.findings import Findings
from service.domain.pgx import Dose, Recommendation

# Which of the four states of a medicine each action stands in; in this order, the first that applies wins.
STATES = ("avoid", "change", "no-answer", "usual")
_STATE_OF = {
    "avoid": "avoid",
    "use-alternative": "avoid",
    "reduce-dose": "change",
    "increase-dose": "change",
    "monitor": "change",
    "not-called": "no-answer",
    "no-guideline": "no-answer",
    "not-answered": "no-answer",
    "standard": "usual",
}
# Rows are shown in another order than they win in: what changes first, then the usual, then no answer.
SHOWN = ("avoid", "change", "usual", "no-answer")
_ACTIONS = (
    "avoid",
    "use-alternative",
    "reduce-dose",
    "increase-dose",
    "monitor",
    "not-called",
    "no-guideline",
    "not-answered",
    "no-recommendation",
    "standard",
)
_DOSE_FIGURE = re.compile(r"\d\s?(%|‰|percent|per cent|mg|mcg|µg|μg|ug|g\b|ng|mL|ml|units?\b|IU\b)")


@dataclass(frozen=True, slots=True)
class Statement:
    """What one guideline says of one medicine. `text` is None where a newer version withdrew its figures."""

    action: str
    text: str | None
    dose: str | None
    why: str
    guideline: str
    population: str
    strength: str
    basis: tuple[tuple[str, str], ...]
    genes: tuple[str, ...]
    possible: str | None
    warnings: tuple[str, ...]
    source: str
    version: str | None
    newer_version: str | None
    url: str | None
    pmids: tuple[str, ...]

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Genes of the guideline that matched nothing in this person."""
        return unmatched_genes(self.genes, self.basis)


@dataclass(frozen=True, slots=True)
class MedicineRow:
    """One medicine with all its statements, most cautious first."""

    drug: str
    state: str
    current: bool
    taken: str | None
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class CompactRow:
    """Medicines that share an action and its basis, by exception in one row."""

    drugs: tuple[str, ...]
    action: str
    genes: tuple[str, ...]
    basis: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Genes of the guideline that matched nothing in this person."""
        return unmatched_genes(self.genes, self.basis)


@dataclass(frozen=True, slots=True)
class MedicineGroup:
    """All medicines in one state: rows in full, current medicines first, then the compact ones."""

    state: str
    rows: tuple[MedicineRow, ...]
    compact: tuple[CompactRow, ...]


def unmatched_genes(genes: tuple[str, ...], basis: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Genes without a fact in the basis, in order."""
    matched = {gene for gene, _ in basis}
    return tuple(gene for gene in genes if gene not in matched)


def medicine_groups(findings: Findings) -> tuple[MedicineGroup, ...]:
    """Non-empty groups in the order avoid, change, usual, no answer."""
    rows = [*_answered(findings), *_unanswered(findings)]
    groups = []
    for state in SHOWN:
        mine = [row for row in rows if row.state == state]
        full = [row for row in mine if not _by_exception(row)]
        full.sort(key=lambda row: (not row.current, _ACTIONS.index(_known(row.statements[0].action))))
        compact = _compact(row for row in mine if _by_exception(row))
        if full or compact:
            groups.append(MedicineGroup(state, tuple(full), compact))
    return tuple(groups)


def _answered(findings: Findings) -> list[MedicineRow]:
    by_drug: dict[str, list[Recommendation]] = {}
    for recommendation in findings.recommendations:
        by_drug.setdefault(recommendation.drug, []).append(recommendation)
    return [_row(drug, of_drug, findings.scope.medications) for drug, of_drug in by_drug.items()]


def _row(drug: str, of_drug: Sequence[Recommendation], medications: Sequence[Medication]) -> MedicineRow:
    statements = sorted(
        (_statement(recommendation) for recommendation in of_drug),
        key=lambda statement: _ACTIONS.index(_known(statement.action)),
    )
    states = {_STATE_OF.get(statement.action) for statement in statements}
    taken = next((m for m in medications for r in of_drug if _same_drug(m, r)), None)
    return MedicineRow(
        drug=drug,
        # A guideline that recommends nothing decides the state only where nothing else was said.
        state=next((state for state in STATES if state in states), "no-answer"),
        current=taken is not None or any(r.current_medication for r in of_drug),
        taken=_taken(taken) if taken else None,
        statements=tuple(statements),
    )


def _known(action: str) -> str:
    return action if action in _ACTIONS else "no-recommendation"


def _same_drug(medication: Medication, recommendation: Recommendation) -> bool:
    if medication.rxnorm and medication.rxnorm == recommendation.rxnorm:
        return True
    if medication.atc and medication.atc in recommendation.atc:
        return True
    return bool(medication.name) and str(medication.name).casefold() == recommendation.drug.casefold()


def _taken(medication: Medication) -> str | None:
    return ", ".join(part for part in (medication.dose, medication.route) if part) or None


def _statement(recommendation: Recommendation) -> Statement:
    replaced = recommendation.newer_version is not None
    withdrawn = replaced and _DOSE_FIGURE.search(recommendation.text) is not None
    return Statement(
        action=recommendation.action,
        text=None if withdrawn else recommendation.text,
        dose=None if replaced or recommendation.dose is None else dose_text(recommendation.dose),
        why=recommendation.why,
        guideline=_stated(recommendation.guideline),
        population=recommendation.population,
        strength=_stated(recommendation.strength),
        basis=tuple(recommendation.basis.items()),
        genes=recommendation.genes,
        possible=recommendation.possible,
        warnings=recommendation.warnings,
        source=recommendation.source,
        version=recommendation.version,
        newer_version=recommendation.newer_version,
        url=recommendation.guideline_url,
        pmids=recommendation.pmids,
    )


def _stated(text: str) -> str:
    """The text, or nothing where it says that there is nothing."""
    return "" if text.casefold() in {"none", "n/a"} else text


def dose_text(dose: Dose) -> str | None:
    """The guideline's figures, unrounded; None when it gives none.

    >>> dose_text(Dose(change_percent=(-50, -25))), dose_text(Dose(maximum=20, unit="mg/d"))
    ('−50% to −25%', '≤ 20 mg/d')
    """
    if dose.text:
        return dose.text
    parts = []
    if dose.change_percent is not None:
        low, high = (f"{change:+g}%".replace("-", "−") for change in dose.change_percent)
        parts.append(low if low == high else f"{low} to {high}")
    if dose.maximum is not None:
        parts.append(f"≤ {dose.maximum:g} {dose.unit or ''}".rstrip())
    return "; ".join(parts) or None


def _unanswered(findings: Findings) -> list[MedicineRow]:
    """Medicines taken that no recommendation speaks of: said, never left out."""
    rows = []
    for medication in findings.scope.medications:
        if any(_same_drug(medication, r) for r in findings.recommendations):
            continue
        name = medication.name or " ".join(
            f"{system} {code}"
            for system, code in (("RxNorm", medication.rxnorm), ("ATC", medication.atc))
            if code
        )
        silent = Statement(
            "not-answered", "", None, "", "", "", "", (), (), None, (), "", None, None, None, ()
        )
        rows.append(MedicineRow(name, "no-answer", True, _taken(medication), (silent,)))
    return rows


def _by_exception(row: MedicineRow) -> bool:
    """Whether a row says nothing beyond "as usual" or "no answer" of a medicine that is not taken."""
    if row.current or row.state in {"avoid", "change"}:
        return False
    first = row.statements[0]
    return all(
        s.action == first.action and s.basis == first.basis and s.genes == first.genes and s.possible is None
        and not s.warnings and s.newer_version is None
        for s in row.statements
    )  # fmt: skip


def _compact(rows: Iterable[MedicineRow]) -> tuple[CompactRow, ...]:
    shared: dict[tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]], list[MedicineRow]] = {}
    for row in rows:
        first = row.statements[0]
        shared.setdefault((first.action, first.genes, first.basis), []).append(row)
    return tuple(
        CompactRow(
            drugs=tuple(sorted((row.drug for row in alike), key=str.casefold)),
            action=action,
            genes=genes,
            basis=basis,
            sources=tuple(
                dict.fromkeys((s.guideline, s.version or "") for row in alike for s in row.statements)
            ),
        )
        for (action, genes, basis), alike in sorted(shared.items())
    )

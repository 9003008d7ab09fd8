"""Recommendations, grouped by what to do: one row per medicine, under its most cautious statement."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from service.domain.case import Medication
from service.domain.findings import Findings
from service.domain.pgx import PharmacogeneCall, Recommendation
from service.report.statements import Statement, caution, for_all_populations, statement_of, unmatched_genes

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


@dataclass(frozen=True, slots=True)
class MedicineRow:
    """One medicine with all its statements, most cautious first.

    `alike` are medicines of which, but for their names, exactly the same is said.
    """

    drug: str
    state: str
    current: bool
    taken: str | None
    statements: tuple[Statement, ...]
    alike: tuple["MedicineRow", ...] = ()


@dataclass(frozen=True, slots=True)
class CompactRow:
    """Medicines that share an action and its basis, by exception in one row.

    `sources` are guidelines with their versions, `citations` the source texts of all their statements.
    """

    drugs: tuple[str, ...]
    action: str
    genes: tuple[str, ...]
    basis: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    citations: tuple[str, ...]
    phenotypes: tuple[tuple[str, str], ...] = ()

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


def medicine_groups(findings: Findings) -> tuple[MedicineGroup, ...]:
    """Non-empty groups in the order avoid, change, usual, no answer."""
    rows = [*_answered(findings), *_unanswered(findings)]
    groups = []
    for state in SHOWN:
        mine = [row for row in rows if row.state == state]
        full = [row for row in mine if not _by_exception(row)]
        full.sort(key=lambda row: (not row.current, caution(row.statements[0].action)))
        compact = _compact(row for row in mine if _by_exception(row))
        if full or compact:
            groups.append(MedicineGroup(state, _folded(full), compact))
    return tuple(groups)


def _folded(rows: Sequence[MedicineRow]) -> tuple[MedicineRow, ...]:
    """The rows, each once for all medicines not taken of which the same is said."""
    folded: dict[object, list[MedicineRow]] = {}
    for row in rows:
        folded.setdefault(row.drug if row.current else _said(row), []).append(row)
    return tuple(replace(first, alike=tuple(others)) for first, *others in folded.values())


def _said(row: MedicineRow) -> tuple[object, ...]:
    """All that a row says beside its medicine's name and the rows of its sources."""

    def nameless(text: str) -> str:
        return re.sub(re.escape(row.drug), "\0", text, flags=re.IGNORECASE)

    return tuple(
        replace(
            statement,
            text=None if statement.text is None else nameless(statement.text),
            why=nameless(statement.why),
            newer_version=None if statement.newer_version is None else nameless(statement.newer_version),
            sources=(),
            url=None,
            pmids=(),
        )
        for statement in row.statements
    )


def _answered(findings: Findings) -> list[MedicineRow]:
    by_drug: dict[str, list[Recommendation]] = {}
    for recommendation in findings.recommendations:
        by_drug.setdefault(recommendation.drug, []).append(recommendation)
    calls = {call.gene: call for call in findings.pharmacogenes}
    day = findings.generated_at[:10]
    return [_row(drug, of_drug, _listed(findings, of_drug), calls, day) for drug, of_drug in by_drug.items()]


def _listed(findings: Findings, of_drug: Sequence[Recommendation]) -> list[Medication]:
    """The medications, as given, that recommendations are about."""
    places = sorted({place for recommendation in of_drug for place in findings.listed(recommendation)})
    return [findings.scope.medications[place] for place in places]


def _row(
    drug: str,
    of_drug: Sequence[Recommendation],
    medications: Sequence[Medication],
    calls: Mapping[str, PharmacogeneCall],
    day: str,
) -> MedicineRow:
    statements = for_all_populations(
        sorted(
            (statement_of(recommendation, calls) for recommendation in of_drug),
            key=lambda statement: caution(statement.action),
        )
    )
    states = {_STATE_OF.get(statement.action) for statement in statements}
    taken = next((m for m in medications if _on(m, day)), next(iter(medications), None))
    return MedicineRow(
        drug=drug,
        # A guideline that recommends nothing decides the state only where nothing else was said.
        state=next((state for state in STATES if state in states), "no-answer"),
        current=any(r.current_medication for r in of_drug) or _on(taken, day),
        taken=_taken(taken) if taken else None,
        statements=tuple(statements),
    )


def named_medications(findings: Findings) -> tuple[Medication, ...]:
    """The medications as given; one that came as a code alone with the name that its answer goes by."""
    return tuple(
        medication if medication.name or len(names) != 1 else replace(medication, name=next(iter(names)))
        for place, medication in enumerate(findings.scope.medications)
        for names in [{r.drug for r in findings.recommendations if place in findings.listed(r)}]
    )


def _on(medication: Medication | None, day: str) -> bool:
    """Taken on a day (ISO 8601), as far as its dates say."""
    return (
        medication is not None
        and (medication.start or day)[:10] <= day
        and (medication.end or day)[:10] >= day
    )


def _taken(medication: Medication) -> str | None:
    return ", ".join(part for part in (medication.dose, medication.route) if part) or None


def _unanswered(findings: Findings) -> list[MedicineRow]:
    """Medicines taken that no recommendation speaks of: said, never left out."""
    rows = []
    answered = {place for r in findings.recommendations for place in findings.listed(r)}
    for place, medication in enumerate(findings.scope.medications):
        if place in answered:
            continue
        name = medication.name or " ".join(
            f"{system} {code}"
            for system, code in (("RxNorm", medication.rxnorm), ("ATC", medication.atc))
            if code
        )
        silent = Statement(
            "not-answered", "", None, "", "", (), "", (), (), None, (), (), None, None, None, ()
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
            citations=tuple(dict.fromkeys(c for row in alike for s in row.statements for c in s.sources)),
            phenotypes=alike[0].statements[0].phenotypes,
        )
        for (action, genes, basis), alike in sorted(shared.items())
    )

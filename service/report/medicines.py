"""Recommendations, grouped by what to do: one row per medicine, under its most cautious statement."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from service.domain.case import Medication
from service.domain.findings import Findings
from service.domain.pgx import Dose, PharmacogeneCall, Recommendation

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


# An activity score, or several that lead to the same.
_SCORES = re.compile(r"≥?\d+(\.\d+)?( or ≥?\d+(\.\d+)?)*")
_EVERYONE = {"", "any", "n/a", "general"}


@dataclass(frozen=True, slots=True)
class Statement:
    """What one guideline says of one medicine, once for all populations that it says the same of.

    `text` is None where a newer version withdrew its figures. `populations` is empty for everyone.
    `phenotypes` has the genes of `basis` that an activity score matched, with what it means where known.
    `sources` has one entry per row.
    """

    action: str
    text: str | None
    dose: str | None
    why: str
    guideline: str
    populations: tuple[str, ...]
    strength: str
    basis: tuple[tuple[str, str], ...]
    genes: tuple[str, ...]
    possible: str | None
    warnings: tuple[str, ...]
    sources: tuple[str, ...]
    version: str | None
    newer_version: str | None
    url: str | None
    pmids: tuple[str, ...]
    phenotypes: tuple[tuple[str, str], ...] = ()

    @property
    def unmatched(self) -> tuple[str, ...]:
        """Genes of the guideline that matched nothing in this person."""
        return unmatched_genes(self.genes, self.basis)


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
    statements = _for_all_populations(
        sorted(
            (_statement(recommendation, calls) for recommendation in of_drug),
            key=lambda statement: _ACTIONS.index(_known(statement.action)),
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


def _for_all_populations(statements: Iterable[Statement]) -> list[Statement]:
    """Each statement once, with every population that it is made for."""
    folded: dict[Statement, Statement] = {}
    for statement in statements:
        key = replace(statement, populations=(), sources=())
        first = folded.get(key)
        if first is None:
            folded[key] = statement
            continue
        # One that is made for everyone is not narrowed by another that is not.
        both = (
            (*first.populations, *statement.populations)
            if first.populations and statement.populations
            else ()
        )
        folded[key] = replace(
            first,
            populations=tuple(dict.fromkeys(both)),
            sources=tuple(dict.fromkeys((*first.sources, *statement.sources))),
        )
    return list(folded.values())


def _known(action: str) -> str:
    return action if action in _ACTIONS else "no-recommendation"


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


def _statement(recommendation: Recommendation, calls: Mapping[str, PharmacogeneCall]) -> Statement:
    population = recommendation.population
    replaced = recommendation.newer_version is not None
    withdrawn = replaced and _DOSE_FIGURE.search(recommendation.text) is not None
    return Statement(
        action=recommendation.action,
        text=None if withdrawn else recommendation.text,
        dose=None if replaced or recommendation.dose is None else dose_text(recommendation.dose),
        why=recommendation.why,
        guideline=_stated(recommendation.guideline),
        populations=() if population.casefold() in _EVERYONE else (population,),
        strength=_stated(recommendation.strength),
        basis=tuple(recommendation.basis.items()),
        genes=recommendation.genes,
        possible=recommendation.possible,
        warnings=recommendation.warnings,
        sources=(recommendation.source,) if recommendation.source else (),
        version=recommendation.version,
        newer_version=recommendation.newer_version,
        url=recommendation.guideline_url,
        pmids=recommendation.pmids,
        phenotypes=tuple(
            (gene, (calls[gene].phenotype_of_score(key) if gene in calls else None) or "")
            for gene, key in recommendation.basis.items()
            if _SCORES.fullmatch(key)
        ),
    )


def _stated(text: str) -> str:
    """The text, or nothing where it says that there is nothing."""
    return "" if text.casefold() in {"none", "n/a"} else text


def dose_text(dose: Dose) -> str | None:
    """The guideline's figures, unrounded, and its words on them; None when it gives none.

    A figure that the words state already is not said twice.

    >>> dose_text(Dose(change_percent=(-50, -25))), dose_text(Dose(maximum=20, unit="mg/d"))
    ('−50% to −25%', '≤ 20 mg/d')
    >>> dose_text(Dose(change_percent=(-50, -50), text="maintenance dose"))
    '−50% (maintenance dose)'
    >>> dose_text(Dose(maximum=40, unit="mg/d", text="40 mg/day where nothing else can be given"))
    '40 mg/day where nothing else can be given'
    """
    words = dose.text or ""
    stated = set(re.findall(r"\d+(?:\.\d+)?", words))
    parts = []
    if dose.change_percent is not None:
        low, high = (f"{change:+g}%".replace("-", "−") for change in dose.change_percent)
        parts.append(low if low == high else f"{low} to {high}")
    if dose.maximum is not None and f"{dose.maximum:g}" not in stated:
        parts.append(f"≤ {dose.maximum:g} {dose.unit or ''}".rstrip())
    figures = "; ".join(parts)
    return f"{figures} ({words})" if figures and words else figures or words or None


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

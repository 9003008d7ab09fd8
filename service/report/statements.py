"""What one guideline says of one medicine, in the words of the page."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from service.domain.pgx import Dose, PharmacogeneCall, Recommendation

# What is said, the most cautious first.
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


def unmatched_genes(genes: tuple[str, ...], basis: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Genes without a fact in the basis, in order."""
    matched = {gene for gene, _ in basis}
    return tuple(gene for gene in genes if gene not in matched)


def caution(action: str) -> int:
    """Place of an action among all, the most cautious 0; one that is not known stands with no advice."""
    return _ACTIONS.index(action if action in _ACTIONS else "no-recommendation")


def statement_of(recommendation: Recommendation, calls: Mapping[str, PharmacogeneCall]) -> Statement:
    """The words of one recommendation; `calls` by gene tell what an activity score means."""
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


def for_all_populations(statements: Iterable[Statement]) -> list[Statement]:
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

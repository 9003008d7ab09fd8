"""Match a patient's pharmacogenes to guidance: one recommendation per drug, population and possible result.

Behaviour: diplotype-specific rows first, then phenotype, score and allele-status rows, over every combination
of the genes' possible results. Results that lead to different statements are listed each with its own; they
are never averaged and none is picked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from service.domain.case import InterpretOptions
from service.domain.guidance import DrugGuidance, Guidance
from service.domain.pgx import (
    GeneDefinition,
    MedicationPhenotype,
    PharmacogeneCall,
    Recommendation,
)
from service.pgx import actions, caveats
from service.pgx.asked import asked_for, current, without_guideline
from service.pgx.lookup import NO_RESULT, GeneEvidence, evidence_of, keys_by_gene, why_not_called
from service.pgx.match_rows import Match, matches_of
from service.pgx.phenoconversion import CONVERTED_GENE, behind, converted_result, governing

# The site of CYP2C9's gene file that CPIC's warfarin flow chart asks for beside the genes.
_PRESENTED_SITE_GENE = "CYP2C9"


def recommend(
    calls: Sequence[PharmacogeneCall],
    guidance: Guidance,
    options: InterpretOptions,
    *,
    definitions: Iterable[GeneDefinition] = (),
    today: date | None = None,
) -> tuple[Recommendation, ...]:
    """Recommendations for every drug of the guidance and every drug asked for.

    Args:
        calls: one per gene; a gene that is not among them counts as not called.
        guidance: the knowledge release's rows, imported ones included.
        options: `medications` mark current drugs and are answered also without guidance.
        definitions: gene rules, used where a call states `basis_alleles` and neither diplotype nor basis.
        today: medications that ended before it are not current; None takes all as current.

    Returns:
        Current medicines first, then by severity of the action (see `actions.order`).
    """
    by_gene = {definition.gene: definition for definition in definitions}
    evidence = {call.gene: evidence_of(call.gene, call, by_gene.get(call.gene)) for call in calls}
    asked = asked_for(guidance, options.medications, today)
    found = [
        current(answer, asked, evidence) for drug in guidance.drugs for answer in _for_drug(drug, evidence)
    ]
    found = _said_once(found)
    answered = {recommendation.drug for recommendation in found}
    found += without_guideline(guidance, asked, answered)
    return tuple(sorted(found, key=actions.order))


def _said_once(found: Sequence[Recommendation]) -> list[Recommendation]:
    """A gene that was not called is said once per drug, not once per guideline."""
    kept: dict[tuple[str, str], Recommendation] = {}
    for i, recommendation in enumerate(found):
        once = recommendation.action == actions.NOT_CALLED
        kept.setdefault((recommendation.drug, actions.NOT_CALLED if once else str(i)), recommendation)
    return list(kept.values())


def _for_drug(drug: DrugGuidance, evidence: Mapping[str, GeneEvidence]) -> list[Recommendation]:
    genes = [keys_by_gene(evidence, gene) for gene in drug.genes]
    if drug.presented:
        return [_presented(drug, genes, evidence)]
    if not any(gene.genotyped for gene in genes):
        return [_not_called(drug, genes), *_on_medication(drug, genes)]
    from_genotype = _matched(drug, genes)
    converted = _on_medication(drug, genes)
    if not converted:
        return from_genotype
    if drug.converts_on_medication:
        entry = governing(_call(genes, CONVERTED_GENE), drug.drug.name)[0]
        return [*converted, *(_when_stopped(r, entry) for r in from_genotype)]
    return [*from_genotype, *converted]


def _matched(drug: DrugGuidance, genes: Sequence[GeneEvidence]) -> list[Recommendation]:
    groups = matches_of(drug, genes)
    if not any(match.rows for match in groups):
        return [_no_row(drug, genes)]
    return [
        _statement(drug, genes, match, index, row_id, len(groups))
        for match in groups
        for row_id, index in match.rows
    ] + [_no_row(drug, genes, match) for match in groups if not match.rows]


def _statement(
    drug: DrugGuidance, genes: Sequence[GeneEvidence], match: Match, index: int, row_id: str, of: int
) -> Recommendation:
    statement = drug.statements[index]
    recommendation = Recommendation(
        drug=drug.drug.name,
        rxnorm=drug.drug.rxnorm,
        atc=drug.drug.atc,
        guideline=drug.source,
        genes=drug.genes,
        basis=match.basis,
        population=statement.population,
        strength=statement.strength,
        action=statement.action,
        text=statement.text,
        why=statement.why,
        dose=statement.dose,
        source=_citation(drug, row_id),
        guideline_url=drug.url,
        pmids=drug.pmids,
        version=drug.version,
        newer_version=drug.newer_version,
        possible=caveats.one_of_several(match.names, of) if of > 1 else None,
    )
    return caveats.qualified(recommendation, genes, drug.note)


def _no_row(drug: DrugGuidance, genes: Sequence[GeneEvidence], match: Match | None = None) -> Recommendation:
    """The guideline has no row for this result; a missing gene is the reason where one is missing."""
    if any(not gene.genotyped for gene in genes):
        return _not_called(drug, genes)
    basis = match.basis if match else {gene.gene: caveats.shown_keys(gene.results) for gene in genes}
    seen = ", ".join(f"{gene} {key}" for gene, key in basis.items())
    text = f"{drug.source} gives no recommendation on {drug.drug.name} for this result ({seen})."
    return caveats.qualified(_bare(drug, actions.NO_RECOMMENDATION, text, basis=basis), genes, drug.note)


def _not_called(drug: DrugGuidance, genes: Sequence[GeneEvidence]) -> Recommendation:
    """The drug is answered: which gene has no result, and why."""
    missing = [gene for gene in genes if not gene.genotyped]
    reasons = "; ".join(f"{gene.gene} has no result ({why_not_called(gene.call)})" for gene in missing)
    text = (
        f"No advice on {drug.drug.name} from genes: {reasons}. This does not mean that the usual dose fits."
    )
    basis = {gene.gene: caveats.shown_keys(gene.results) for gene in genes}
    return _bare(drug, actions.NOT_CALLED, text, basis=basis)


def _presented(
    drug: DrugGuidance, genes: Sequence[GeneEvidence], evidence: Mapping[str, GeneEvidence]
) -> Recommendation:
    """A guideline without lookup rows: the genotypes that it asks for, and where to take them."""
    basis = {name: _genotype(name, evidence) for name in drug.presented}
    if not any(gene.genotyped for gene in genes):
        return _not_called(drug, genes)
    if not drug.statements:
        seen = ", ".join(f"{name} {value}" for name, value in basis.items())
        text = f"{drug.note} The genotype: {seen}."
        return caveats.qualified(_bare(drug, actions.NO_RECOMMENDATION, text, basis=basis), genes, None)
    match = Match(basis, (), (("", 0),))
    return _statement(drug, genes, match, 0, "", 1)


def _genotype(name: str, evidence: Mapping[str, GeneEvidence]) -> str:
    gene = evidence.get(name)
    if gene is not None and gene.genotyped:
        return " or ".join(dict.fromkeys(result.name for result in gene.results))
    call = evidence[_PRESENTED_SITE_GENE].call if _PRESENTED_SITE_GENE in evidence else None
    for site in call.sites if call else ():
        if site.rsid == name and site.bases and None not in site.bases:
            return "/".join(base for base in site.bases if base)
    return NO_RESULT


def _on_medication(drug: DrugGuidance, genes: Sequence[GeneEvidence]) -> list[Recommendation]:
    """Guidance for the phenotype expected during co-medication, where it differs from the genotype's."""
    entries = governing(_call(genes, CONVERTED_GENE), drug.drug.name)
    if not entries:
        return []
    expected = [_converted(gene, entries[0]) if gene.gene == CONVERTED_GENE else gene for gene in genes]
    before = {_said(drug, row) for match in matches_of(drug, genes) for row in match.rows}
    # Rows of other genes alone (imported guidance has tables per gene) say nothing of an inhibitor.
    groups = [match for match in matches_of(drug, expected) if CONVERTED_GENE in match.basis]
    if {_said(drug, row) for match in groups for row in match.rows} == before:
        return []
    main = _is_main(drug, genes)
    return [
        caveats.under_medication(
            _statement(drug, expected, match, index, row_id, len(groups)),
            behind(entries, match.basis[CONVERTED_GENE]),
            main=main,
            by_guideline=drug.converts_on_medication,
        )
        for match in groups
        for row_id, index in match.rows
        if main or drug.statements[index].action != actions.NO_RECOMMENDATION
    ]


def _is_main(drug: DrugGuidance, genes: Sequence[GeneEvidence]) -> bool:
    """The guideline itself converts, and the genotype that it converts is known."""
    genotyped = next(gene.genotyped for gene in genes if gene.gene == CONVERTED_GENE)
    return drug.converts_on_medication and genotyped


def _when_stopped(recommendation: Recommendation, entry: MedicationPhenotype) -> Recommendation:
    days = f" and {entry.washout_days} days have passed" if entry.washout_days else ""
    reason = f"from the genotype alone: applies once {entry.drug} is stopped{days}"
    earlier = f"{recommendation.possible}; " if recommendation.possible else ""
    return replace(recommendation, possible=earlier + reason)


def _converted(gene: GeneEvidence, entry: MedicationPhenotype) -> GeneEvidence:
    results = (converted_result(result, entry.strength) or result for result in gene.results)
    return replace(gene, results=tuple(dict.fromkeys(results)))


def _said(drug: DrugGuidance, row: tuple[str, int]) -> tuple[str, str, str, str]:
    statement = drug.statements[row[1]]
    return statement.population, statement.action, statement.strength, statement.text


def _call(genes: Sequence[GeneEvidence], name: str) -> PharmacogeneCall | None:
    return next((gene.call for gene in genes if gene.gene == name), None)


def _bare(drug: DrugGuidance, action: str, text: str, *, basis: dict[str, str]) -> Recommendation:
    return Recommendation(
        drug=drug.drug.name,
        rxnorm=drug.drug.rxnorm,
        atc=drug.drug.atc,
        guideline=drug.source,
        genes=drug.genes,
        basis=basis,
        population="general",
        strength="N/A",
        action=action,
        text=text,
        source=_citation(drug, ""),
        guideline_url=drug.url,
        pmids=drug.pmids,
        version=drug.version,
        newer_version=drug.newer_version,
    )


def _citation(drug: DrugGuidance, row_id: str) -> str:
    pmids = f", PMID {', '.join(drug.pmids)}" if drug.pmids else ""
    row = f", row {row_id}" if row_id else ""
    return f"{drug.source} {drug.guideline_id} ({drug.title}){pmids}, version {drug.version}{row}"

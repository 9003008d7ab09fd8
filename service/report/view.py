"""Findings -> the typed view that the page is drawn from. Start here.

The view chooses order and grouping. It computes no clinical fact: every fact in it is in the Findings.
"""

from dataclasses import dataclass

from service.domain.case import Consent, Medication
from service.domain.findings import Findings, GeneCoverage
from service.domain.frequency import SourceStatus
from service.domain.issue import Issue
from service.report.caveats import Caveat, shared_caveats
from service.report.disease import (
    ACTIONABLE,
    DiagnosisCard,
    VariantCard,
    diagnosis_cards,
    is_pharmacogene_only,
    main_variants,
    reportable,
    variant_card,
)
from service.report.genes import GeneGroup, Reservation, gene_groups, reservations, unanswered_genes
from service.report.identity import Identity, identity_of
from service.report.medicines import (
    MedicineGroup,
    MedicineRow,
    medicine_groups,
    named_medications,
)
from service.report.population import (
    Completeness,
    FrequencyMatrix,
    FrequencyTable,
    completeness,
    frequency_matrices,
    frequency_tables,
)
from service.report.references import Reference, references

CARDS = 3
# A longer list is cut, and the page says so: everything is in the machine-readable findings.
LISTED = 60
_SEVERITY = ("fatal", "error", "warning", "information")


@dataclass(frozen=True, slots=True)
class ActionCard:
    """One thing to do now: about a medicine taken, or about a diagnostic statement."""

    state: str
    medicine: MedicineRow | None = None
    diagnosis: DiagnosisCard | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One kind of statement that asks for nothing now, with all that were made."""

    statement: str
    cards: tuple[DiagnosisCard, ...]

    @property
    def genes(self) -> tuple[str, ...]:
        """Genes, each once, in order."""
        return tuple(dict.fromkeys(card.gene for card in self.cards))


@dataclass(frozen=True, slots=True)
class ClinicianView:
    """All that the page says, in its order."""

    identity: Identity
    consent: Consent
    indication: tuple[str, ...]
    phenotypes: tuple[str, ...]
    medications: tuple[Medication, ...]
    assumptions: tuple[str, ...]
    actions: tuple[ActionCard, ...]
    further_current: tuple[MedicineRow, ...]
    further_diagnoses: tuple[DiagnosisCard, ...]
    settled: tuple[MedicineGroup, ...]
    answers: tuple[Answer, ...]
    if_prescribed: tuple[MedicineGroup, ...]
    reservations: tuple[Reservation, ...]
    unanswered: tuple[str, ...]
    medicines: tuple[MedicineGroup, ...]
    caveats: tuple[Caveat, ...]
    genes: tuple[GeneGroup, ...]
    diagnoses: tuple[DiagnosisCard, ...]
    variants: tuple[VariantCard, ...]
    other_variants: tuple[VariantCard, ...]
    other_variants_total: int
    pharmacogene_variants: tuple[VariantCard, ...]
    frequencies: tuple[FrequencyTable, ...]
    other_frequencies: tuple[FrequencyMatrix, ...]
    completeness: Completeness
    coverage: tuple[GeneCoverage, ...]
    not_assessed: tuple[str, ...]
    records_read: int | None
    issues: tuple[Issue, ...]
    sources: tuple[SourceStatus, ...]
    references: tuple[Reference, ...]
    sample: str
    assembly: str
    knowledge_release: str
    service_version: str
    generated_at: str
    input_digest: str

    def mark_of(self, warning: str) -> str | None:
        """The letter of a warning that several rows share; None for one that stands in its row."""
        return next((caveat.mark for caveat in self.caveats if caveat.text == warning), None)

    def cited(self, sources: tuple[str, ...]) -> tuple[int, ...]:
        """Numbers of the references that source texts stand behind, in order."""
        return tuple(r.number for r in self.references if not set(sources).isdisjoint(r.sources))

    def explained(self, gene: str) -> bool:
        """Whether the table of genes says why there is no answer for the gene."""
        return any(row.notes for group in self.genes for row in group.genes if row.gene == gene)

    def called_genes(self) -> tuple[str, ...]:
        """Pharmacogenes with an answer, alphabetical."""
        return tuple(
            sorted(g.gene for group in self.genes for g in group.genes if group.group != "no-answer")
        )

    def anything_read(self) -> bool:
        """Whether any gene, for medicines or for disease, is known to have been read: a variant of it tells
        so.
        """
        covered = any(gene.fraction for gene in self.coverage)
        return bool(self.called_genes()) or covered or any(card.variants for card in self.diagnoses)


def clinician_view(findings: Findings) -> ClinicianView:
    """The view of one answer; what consent withholds is not in it."""
    variants, diagnoses = reportable(findings)
    main = main_variants(variants, diagnoses)
    in_full = {variant.description.spdi for variant in main}
    rest = [variant for variant in variants if variant.description.spdi not in in_full]
    pharmacogene = [variant for variant in rest if is_pharmacogene_only(variant)]
    other = [variant for variant in rest if not is_pharmacogene_only(variant)]
    cards = diagnosis_cards(diagnoses, variants)
    medicines = medicine_groups(findings)
    genes = gene_groups(findings)
    actions, further_current, further_diagnoses = _actions(medicines, cards)
    scope = findings.scope
    return ClinicianView(
        identity=identity_of(findings),
        consent=scope.consent_secondary,
        indication=scope.indication,
        phenotypes=scope.phenotypes,
        medications=named_medications(findings),
        assumptions=scope.assumptions,
        actions=actions,
        further_current=further_current,
        further_diagnoses=further_diagnoses,
        settled=_settled(medicines),
        answers=_answers(cards),
        if_prescribed=_if_prescribed(medicines, genes),
        reservations=reservations(findings),
        unanswered=unanswered_genes(findings),
        medicines=medicines,
        caveats=shared_caveats(medicines),
        genes=genes,
        diagnoses=cards,
        variants=tuple(variant_card(variant) for variant in main),
        other_variants=tuple(variant_card(variant) for variant in other[:LISTED]),
        other_variants_total=len(other),
        pharmacogene_variants=tuple(variant_card(variant) for variant in pharmacogene),
        frequencies=frequency_tables(main),
        other_frequencies=frequency_matrices([*other[:LISTED], *pharmacogene]),
        completeness=completeness(findings),
        coverage=scope.genes_assessed,
        not_assessed=scope.not_assessed,
        records_read=scope.records_read,
        issues=tuple(sorted(findings.issues, key=lambda issue: _SEVERITY.index(issue.severity))),
        sources=findings.sources,
        references=references(findings.recommendations, medicines),
        sample=findings.sample,
        assembly=findings.assembly,
        knowledge_release=findings.knowledge_release,
        service_version=findings.service_version,
        generated_at=findings.generated_at,
        input_digest=findings.input_digest,
    )


def _actions(
    medicines: tuple[MedicineGroup, ...], diagnoses: tuple[DiagnosisCard, ...]
) -> tuple[tuple[ActionCard, ...], tuple[MedicineRow, ...], tuple[DiagnosisCard, ...]]:
    """At most three cards, and what did not fit: medicines taken first, one place kept for a statement."""
    taken = [
        row for group in medicines if group.state in ("avoid", "change") for row in group.rows if row.current
    ]
    refer = [card for card in diagnoses if card.statement in ACTIONABLE]
    places = CARDS - min(1, len(refer))
    shown = taken[:places]
    referred = refer[: CARDS - len(shown)]
    cards = (
        *(ActionCard(row.state, medicine=row) for row in shown),
        *(ActionCard("refer", diagnosis=card) for card in referred),
    )
    return cards, tuple(taken[places:]), tuple(refer[len(referred) :])


def _settled(medicines: tuple[MedicineGroup, ...]) -> tuple[MedicineGroup, ...]:
    """Medicines taken that no card speaks of: as usual, or without an answer."""
    groups = (
        MedicineGroup(group.state, tuple(row for row in group.rows if row.current), ())
        for group in medicines
        if group.state not in ("avoid", "change")
    )
    return tuple(group for group in groups if group.rows)


def _answers(cards: tuple[DiagnosisCard, ...]) -> tuple[Answer, ...]:
    """Statements that ask for nothing now, by kind: every question asked has an answer on the first page."""
    kinds = dict.fromkeys(card.statement for card in cards if card.statement not in ACTIONABLE)
    return tuple(Answer(kind, tuple(card for card in cards if card.statement == kind)) for kind in kinds)


def _if_prescribed(
    medicines: tuple[MedicineGroup, ...], genes: tuple[GeneGroup, ...]
) -> tuple[MedicineGroup, ...]:
    """Medicines not taken whose guidance differs from the usual because of a gene of this person."""
    ordinary = {row.gene for group in genes if group.group == "normal" for row in group.genes}

    def because_of_a_gene(row: MedicineRow) -> bool:
        return any(
            gene not in ordinary and key != "No Result" for s in row.statements for gene, key in s.basis
        )

    groups = []
    for group in medicines:
        rows = tuple(
            one
            for row in group.rows
            if not row.current and because_of_a_gene(row)
            for one in (row, *row.alike)
        )
        if rows and group.state in ("avoid", "change"):
            groups.append(MedicineGroup(group.state, rows, ()))
    return tuple(groups)

"""Variants and diagnostic statements, as a geneticist reads them."""

import re
from dataclasses import dataclass

from service.domain.case import Consent
from service.domain.disease import (
    STATEMENTS,
    STRENGTH_POINTS,
    Assertion,
    Classification,
    Criterion,
    Diagnosis,
    VariantClassification,
)
from service.domain.findings import Findings, VariantFinding

# Richards 2015, doi:10.1038/gim.2015.30, tables 3 and 4.
CRITERIA = (
    "PVS1", "PS1", "PS2", "PS3", "PS4", "PM1", "PM2", "PM3", "PM4", "PM5", "PM6", "PP1", "PP2", "PP3", "PP4",
    "PP5", "BA1", "BS1", "BS2", "BS3", "BS4", "BP1", "BP2", "BP3", "BP4", "BP5", "BP6", "BP7",
)  # fmt: skip
CLASSES = tuple(c.value for c in reversed(Classification))
UNANSWERED = ("negative", "not-assessed")
ACTIONABLE = ("positive", "possible-compound-heterozygote", "secondary-finding")
_STARS = 4
_POINTS = re.compile(r"points, likely benign at (-[1-6])")
_STAND_ALONE = "Stand Alone"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One criterion with its verdict: `met`, `not met`, `not assessed`, or `not stated`.

    `points` is what it adds to the total: 0 unless it is met.
    """

    code: str
    verdict: str
    strength: str | None
    reason: str
    source: str
    supplied: bool
    points: int = 0


@dataclass(frozen=True, slots=True)
class ClassView:
    """Our class: `step` is 0 (benign) to 4 (pathogenic); the ledger accounts for all 28 criteria.

    `ranges` are the point totals of the five classes, benign first, empty for a scheme without points.
    `stands_alone` is the code of the criterion that decided whatever the points are.
    """

    name: str
    step: int
    points: int
    scheme: str
    ranges: tuple[str, ...]
    stands_alone: str | None
    ledger: tuple[LedgerEntry, ...]
    suggested: tuple[LedgerEntry, ...]
    conflicts: tuple[str, ...]

    def entries(self, verdict: str) -> tuple[LedgerEntry, ...]:
        """Ledger entries with one verdict, in the order of the standard."""
        return tuple(entry for entry in self.ledger if entry.verdict == verdict)

    def reasons(self, verdict: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """(reason, codes that it holds for) of one verdict, in the order of the standard."""
        codes: dict[str, list[str]] = {}
        for entry in self.entries(verdict):
            if entry.reason:
                codes.setdefault(entry.reason, []).append(entry.code)
        return tuple((reason, tuple(group)) for reason, group in codes.items())


@dataclass(frozen=True, slots=True)
class VariantCard:
    """One variant's names, evidence in the sample, and what is known of it."""

    spdi: str
    title: str
    gene: str | None
    hgvs_c: str | None
    hgvs_p: str | None
    hgvs_g: str | None
    hgvs_g_grch37: str | None
    lifted: bool
    rsid: str | None
    consequences: tuple[str, ...]
    exon: str | None
    nonsense_mediated_decay: bool | None
    plus_clinical: tuple[str, ...]
    zygosity: str
    depth: int | None
    allele_fraction: float | None
    phase_set: str | None
    filters: tuple[str, ...]
    passed: bool
    secondary: bool
    parental_origin: str | None
    assertions: tuple[Assertion, ...]
    classification: ClassView | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DiagnosisCard:
    """One gene-disease statement with the variants that it rests on, by title."""

    gene: str
    disease: str
    mondo: str | None
    inheritance: str | None
    statement: str
    classification: str | None
    text: str
    evidence: tuple[str, ...]
    follow_up: tuple[str, ...]
    secondary: bool
    stars: int | None
    validity: str | None
    phenotype_score: float | None
    date: str | None
    variants: tuple[str, ...]


def reportable(findings: Findings) -> tuple[tuple[VariantFinding, ...], tuple[Diagnosis, ...]]:
    """Variants and statements that consent allows: a second lock, the pipeline withholds them before."""
    if findings.scope.consent_secondary is Consent.YES:
        return findings.variants, findings.diagnoses
    return (
        tuple(variant for variant in findings.variants if not variant.secondary),
        tuple(diagnosis for diagnosis in findings.diagnoses if not diagnosis.secondary),
    )


def diagnosis_cards(
    diagnoses: tuple[Diagnosis, ...], variants: tuple[VariantFinding, ...]
) -> tuple[DiagnosisCard, ...]:
    """Statements, those that ask for something first, negative ones last."""
    titles = {variant.description.spdi: title_of(variant) for variant in variants}
    ordered = sorted(
        diagnoses,
        key=lambda d: STATEMENTS.index(d.statement) if d.statement in STATEMENTS else len(STATEMENTS),
    )
    return tuple(
        DiagnosisCard(
            gene=d.gene,
            disease=d.disease,
            mondo=d.mondo,
            inheritance=d.inheritance,
            statement=d.statement,
            classification=d.classification.value if d.classification else None,
            text=d.text,
            evidence=d.evidence,
            follow_up=d.follow_up,
            secondary=d.secondary,
            stars=None if d.stars is None else min(max(d.stars, 0), _STARS),
            validity=d.validity,
            phenotype_score=d.phenotype_score,
            date=d.date,
            variants=tuple(titles.get(spdi, spdi) for spdi in d.variants),
        )
        for d in ordered
    )


def main_variants(
    variants: tuple[VariantFinding, ...], diagnoses: tuple[Diagnosis, ...]
) -> tuple[VariantFinding, ...]:
    """Variants that a statement rests on, or that are classified or asserted pathogenic: shown in full."""
    stated = {spdi for d in diagnoses if d.statement not in ("uncertain", *UNANSWERED) for spdi in d.variants}
    return tuple(v for v in variants if v.description.spdi in stated or _pathogenic(v))


def is_pharmacogene_only(variant: VariantFinding) -> bool:
    """Whether nothing but a pharmacogene's definition speaks of the variant."""
    return variant.classification is None and not variant.assertions


def _pathogenic(variant: VariantFinding) -> bool:
    wanted = (Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC)
    return variant.classification is not None and variant.classification.classification in wanted


def title_of(variant: VariantFinding) -> str:
    """The full name that people read: coding with its gene, else genomic, else SPDI."""
    return variant.description.label


def variant_card(variant: VariantFinding) -> VariantCard:
    """All facts of one variant."""
    call, names = variant.call, variant.description
    return VariantCard(
        spdi=names.spdi,
        title=title_of(variant),
        gene=names.gene,
        hgvs_c=names.hgvs_c,
        hgvs_p=names.hgvs_p,
        hgvs_g=names.hgvs_g,
        hgvs_g_grch37=names.hgvs_g_grch37,
        lifted=call.lifted_from is not None,
        rsid=call.rsid,
        consequences=names.consequences or ((names.consequence,) if names.consequence else ()),
        exon=names.exon,
        nonsense_mediated_decay=names.nmd,
        plus_clinical=tuple(c for _, c, _ in names.plus_clinical if c),
        zygosity=call.zygosity.value,
        depth=call.depth,
        allele_fraction=call.allele_fraction,
        phase_set=call.phase_set if call.phased else None,
        filters=call.filters,
        passed=call.passed,
        secondary=variant.secondary,
        parental_origin=variant.parental_origin,
        assertions=variant.assertions,
        classification=class_view(variant.classification) if variant.classification else None,
        notes=names.notes,
    )


def class_view(classification: VariantClassification) -> ClassView:
    """The class with a ledger in which each of the 28 criteria has a state."""
    by_code: dict[str, list[Criterion]] = {}
    for criterion in classification.criteria:
        by_code.setdefault(criterion.code, []).append(criterion)
    ledger = []
    for code in (*CRITERIA, *(code for code in by_code if code not in CRITERIA)):
        stated = [_entry(criterion) for criterion in by_code.get(code, ())]
        ledger += stated or [LedgerEntry(code, "not stated", None, "", "", supplied=False)]
    return ClassView(
        name=classification.classification.value,
        step=CLASSES.index(classification.classification.value),
        points=classification.points,
        scheme=classification.scheme,
        ranges=point_ranges(classification.scheme),
        stands_alone=_decided_alone(classification),
        ledger=tuple(ledger),
        suggested=tuple(_entry(criterion) for criterion in classification.suggested),
        conflicts=classification.conflicts,
    )


def _decided_alone(classification: VariantClassification) -> str | None:
    """Code of the criterion that made the variant benign by itself; None where it was contested."""
    if classification.classification is not Classification.BENIGN:
        return None
    met = (c for c in classification.criteria if c.verdict == "met")
    return next((c.code for c in met if c.strength == _STAND_ALONE), None)


def point_ranges(scheme: str) -> tuple[str, ...]:
    """Point totals of the five classes, benign first, under a scheme's name; empty if it adds no points.

    Source: Tavtigian 2020, doi:10.1002/humu.24088, table 3; where likely benign begins is in the name.

    >>> point_ranges("points, likely benign at -2")
    ('≤ −7', '−6 … −2', '−1 … 5', '6 … 9', '≥ 10')
    """
    named = _POINTS.fullmatch(scheme)
    if named is None:
        return ()
    first = int(named[1])
    totals = (f"{first}" if first == -6 else f"-6 … {first}", f"{first + 1} … 5")
    return tuple(text.replace("-", "−") for text in ("≤ -7", *totals, "6 … 9", "≥ 10"))


def _entry(criterion: Criterion) -> LedgerEntry:
    return LedgerEntry(
        criterion.code,
        criterion.verdict,
        criterion.strength,
        criterion.reason,
        criterion.source,
        criterion.supplied,
        criterion.points if criterion.strength in STRENGTH_POINTS else 0,
    )

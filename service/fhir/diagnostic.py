"""Gene-disease statements, classifications and published assertions as diagnostic implications."""

import re
from collections.abc import Mapping, Sequence

from service.domain.disease import Assertion, Criterion, Diagnosis, VariantClassification
from service.domain.findings import GeneCoverage, VariantFinding
from service.fhir.observation import (
    CLINICAL_SIGNIFICANCE,
    DIAGNOSTIC,
    EVIDENCE_LEVEL,
    SECONDARY_FINDING,
    VARIANT,
    Entry,
    Frame,
    concept_component,
    conclusion,
    gene_studied,
    note,
    observation,
)
from service.fhir.terminology import (
    ABSENT,
    ACMG_CRITERION,
    CLINVAR_STARS,
    HPO,
    INDETERMINATE,
    NO_CALL,
    SIGNIFICANCES,
    TBD,
    Json,
    citation,
    coded,
    condition_concept,
    follow_up_concept,
    loinc,
    meta,
    significance_concept,
)
from service.fhir.variant import variant_role

PREDICTED_PHENOTYPE = loinc("81259-4")
MODE_OF_INHERITANCE = coded(TBD, "condition-inheritance")
_FOLLOW_UP_RECOMMENDATION = meta("followup-recommendation")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?\Z")
_STARS = ("no-star", "1-star", "2-star", "3-star", "4-star")
UNDATED = "The source does not state when the assertion was last evaluated"
# Below this share of stated coverage nothing is said to be absent from a gene.
FULLY_COVERED = 0.995


def diagnosis_role(number: int, diagnosis: Diagnosis) -> str:
    """The role of a statement; the number tells two statements on one gene and disease apart."""
    return f"diagnosis|{number}|{diagnosis.gene}|{diagnosis.mondo or diagnosis.disease}"


def diagnosis_implication(
    frame: Frame, number: int, diagnosis: Diagnosis, variants: Sequence[VariantFinding]
) -> Entry:
    """What the variants of one gene say about one disease; `variants` are those it rests on, at least one."""
    secondary = diagnosis.secondary or any(variant.secondary for variant in variants)
    component = [conclusion(diagnosis.text)]
    if diagnosis.stars is not None:
        component.append(concept_component(EVIDENCE_LEVEL, _stars(diagnosis.stars)))
    if diagnosis.classification:
        component.append(concept_component(CLINICAL_SIGNIFICANCE, SIGNIFICANCES[diagnosis.classification]))
    component.append(
        concept_component(PREDICTED_PHENOTYPE, condition_concept(diagnosis.disease, diagnosis.mondo))
    )
    component += [
        concept_component(PREDICTED_PHENOTYPE, condition_concept(None, term)) for term in diagnosis.phenotypes
    ]
    inheritance = _inheritance(diagnosis)
    if inheritance:
        component.append(concept_component(MODE_OF_INHERITANCE, inheritance))
    remarks = [note(f"{diagnosis.gene}: {diagnosis.statement.replace('-', ' ')}.")]
    remarks += [note(text) for text in diagnosis.evidence]
    if diagnosis.date:
        remarks.append(_dated("The assertion was last evaluated", diagnosis.date))
    elif diagnosis.release:
        remarks.append(_dated(f"{UNDATED}; the assertion stands as in the release", diagnosis.release))
    for variant in variants:
        if variant.classification:
            label = _label(variant) if len(variants) > 1 else None
            component += _criteria(variant.classification, label)
            remarks.append(_classification_note(variant, variant.classification))
    return observation(
        frame,
        DIAGNOSTIC,
        diagnosis_role(number, diagnosis),
        derived_from=[_variant_reference(frame, variant.description.spdi) for variant in variants],
        extensions=[SECONDARY_FINDING] if secondary else None,
        notes=remarks,
        component=component,
    )


def negative_observation(
    frame: Frame, number: int, diagnosis: Diagnosis, coverage: Mapping[str, GeneCoverage]
) -> Entry:
    """No reportable variant in a gene: absent where all of it was covered, no call where nothing was read,
    indeterminate otherwise.

    An implication must derive from a finding, so the finding that there is none is a Variant Observation
    about the gene, and it says what it rests on.
    """
    covered = coverage.get(diagnosis.gene)
    complete = covered is not None and covered.fraction is not None and covered.fraction >= FULLY_COVERED
    remarks = [note(f"Looked for {diagnosis.disease}.")]
    if covered:
        share = "not stated" if covered.fraction is None else f"{covered.fraction:.1%}"
        remarks.append(note(f"Coverage of {diagnosis.gene}: {share} ({covered.note})."))
    else:
        remarks.append(note(f"Coverage of {diagnosis.gene}: not stated."))
    return observation(
        frame,
        VARIANT,
        f"negative|{diagnosis_role(number, diagnosis)}",
        value=NO_CALL if diagnosis.statement == "not-assessed" else ABSENT if complete else INDETERMINATE,
        notes=remarks,
        component=[conclusion(diagnosis.text), gene_studied(diagnosis.gene, diagnosis.hgnc_id)],
    )


def classification_implication(frame: Frame, variant: VariantFinding) -> Entry | None:
    """Our class of a variant that no statement rests on; None when it was not classified."""
    ours = variant.classification
    if ours is None:
        return None
    return observation(
        frame,
        DIAGNOSTIC,
        f"classification|{variant.description.spdi}",
        derived_from=[_variant_reference(frame, variant.description.spdi)],
        extensions=[SECONDARY_FINDING] if variant.secondary else None,
        notes=[_classification_note(variant, ours)],
        component=[
            concept_component(CLINICAL_SIGNIFICANCE, SIGNIFICANCES[ours.classification]),
            *_criteria(ours, None),
        ],
    )


def assertion_implications(frame: Frame, variant: VariantFinding) -> list[Entry]:
    """Published assertions as they stand: beside our class, never inside it."""
    return [_assertion(frame, variant, assertion) for assertion in variant.assertions]


def _assertion(frame: Frame, variant: VariantFinding, assertion: Assertion) -> Entry:
    release = f", release {assertion.release}" if assertion.release else ""
    ids = assertion.condition_ids
    # Names and ids are paired only where the source gives one id per name.
    paired = ids if len(ids) == len(assertion.conditions) else (None,) * len(assertion.conditions)
    conditions = [
        condition_concept(name, curie) for name, curie in zip(assertion.conditions, paired, strict=True)
    ]
    if paired is not ids:
        conditions += [condition_concept(None, curie) for curie in ids]
    remarks = [note(f"{assertion.source} {assertion.accession}: {assertion.review_status}{release}.")]
    if assertion.conflict_counts:
        remarks.append(note(f"Submitters disagree: {assertion.conflict_counts}."))
    if assertion.last_evaluated:
        remarks.append(_dated("Last evaluated", assertion.last_evaluated))
    elif assertion.release:
        remarks.append(_dated(f"{UNDATED}; it stands as in the release", assertion.release))
    else:
        remarks.append(note(f"{UNDATED}."))
    return observation(
        frame,
        DIAGNOSTIC,
        f"assertion|{variant.description.spdi}|{assertion.accession}",
        derived_from=[_variant_reference(frame, variant.description.spdi)],
        extensions=[
            *([SECONDARY_FINDING] if variant.secondary else []),
            citation(f"{assertion.source} {assertion.accession}{release}"),
        ],
        notes=remarks,
        component=[
            concept_component(EVIDENCE_LEVEL, _stars(assertion.stars)),
            concept_component(CLINICAL_SIGNIFICANCE, significance_concept(assertion.classification)),
            *(concept_component(PREDICTED_PHENOTYPE, condition) for condition in conditions),
        ],
    )


def follow_up_tasks(frame: Frame, number: int, diagnosis: Diagnosis) -> list[Entry]:
    """One Task per follow-up, with the implication as its reason; a negative statement has none to name."""
    role = diagnosis_role(number, diagnosis)
    reason = None
    if any(spdi in frame.by_spdi for spdi in diagnosis.variants):
        reason = frame.ids.place("Observation", role).reference
    tasks = []
    for follow_up in dict.fromkeys(diagnosis.follow_up):
        place = frame.ids.place("Task", f"task|{role}|{follow_up}")
        resource: Json = {
            "resourceType": "Task",
            "id": place.id,
            "meta": _FOLLOW_UP_RECOMMENDATION,
            "status": "requested",
            "intent": "proposal",
            "code": follow_up_concept(follow_up),
            "description": follow_up,
            "for": frame.subject,
            "authoredOn": frame.issued,
        }
        if reason:
            resource["reasonReference"] = reason
        tasks.append(Entry(place, resource))
    return tasks


def _criteria(classification: VariantClassification, label: str | None) -> list[Json]:
    """One component per criterion that is met; our own code system, since none is published.

    Where none is, one component says so and names the others, so that a code is never read as met.
    """
    verdicts: dict[str, list[str]] = {}
    for criterion in classification.criteria:
        verdicts.setdefault(criterion.verdict, []).append(criterion.code)
    if verdicts and "met" not in verdicts:
        words = f"No criterion is met ({label})" if label else "No criterion is met"
        others = "; ".join(f"{verdict}: {', '.join(codes)}" for verdict, codes in verdicts.items())
        return [concept_component(coded(ACMG_CRITERION, "none-met", text=words), {"text": others})]
    return [
        concept_component(
            coded(
                ACMG_CRITERION,
                criterion.code,
                text=f"{criterion.code} ({label})" if label else criterion.code,
            ),
            {"text": _criterion_text(criterion)},
        )
        for criterion in classification.criteria
        if criterion.verdict == "met"
    ]


def _criterion_text(criterion: Criterion) -> str:
    strength = f", {criterion.strength}" if criterion.strength else ""
    supplied = ", supplied by the caller" if criterion.supplied else ""
    source = f" [{criterion.source}]" if criterion.source else ""
    return f"{criterion.verdict}{strength}{supplied}: {criterion.reason}{source}"


def _classification_note(variant: VariantFinding, classification: VariantClassification) -> Json:
    """Every criterion accounted for, in one sentence per verdict."""
    ours = classification.classification.value
    words = [f"{_label(variant)}: {ours}, {classification.points} points ({classification.scheme})."]
    for verdict in ("met", "not met", "not assessed"):
        codes = [c.code for c in classification.criteria if c.verdict == verdict]
        if codes:
            words.append(f"{verdict.capitalize()}: {', '.join(codes)}.")
    if classification.suggested:
        words.append(f"Suggested: {', '.join(c.code for c in classification.suggested)}.")
    words += [f"Conflict: {conflict}." for conflict in classification.conflicts]
    return note(" ".join(words))


def _label(variant: VariantFinding) -> str:
    return variant.description.label


def _inheritance(diagnosis: Diagnosis) -> Json | None:
    if diagnosis.inheritance_hpo:
        return coded(HPO, diagnosis.inheritance_hpo, text=diagnosis.inheritance)
    return {"text": diagnosis.inheritance} if diagnosis.inheritance else None


def _stars(stars: int) -> Json:
    return coded(CLINVAR_STARS, _STARS[stars])


def _dated(words: str, date: str) -> Json:
    return note(f"{words} on {date}.", time=date) if _DATE.match(date) else note(f"{words}: {date}.")


def _variant_reference(frame: Frame, spdi: str) -> dict[str, str]:
    return frame.ids.place("Observation", variant_role(spdi)).reference

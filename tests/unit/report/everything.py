"""One Findings that holds a bit of everything, and one whose every text is hostile."""

import dataclasses
from dataclasses import replace
from typing import Any

from service.domain.case import Consent, Medication
from service.domain.findings import Findings
from service.domain.pgx import Dose, Recommendation
from tests.findings_builder import (
    CLOPIDOGREL_CPIC,
    ambiguous_diplotypes,
    brca1_carrier,
    cyp2c19_poor_metabolizer_on_clopidogrel,
    dpyd_haplotype_list,
    hemizygous_g6pd,
    hla_b_status,
    lifted_from_grch37,
    negative_findings,
    not_called_and_assumed,
    outside_cyp2d6_with_co_medication,
)

SERTRALINE = Medication(rxnorm="36437", name="sertraline", dose="100 mg daily", route="oral")
VITAMIN_D = Medication(rxnorm="11253", name="vitamin D")


def a_recommendation(drug: str, action: str, **changes: Any) -> Recommendation:
    """A CPIC statement for CYP2C19 of a medicine that is not taken; `changes` replace fields."""
    plain = replace(
        CLOPIDOGREL_CPIC,
        drug=drug,
        action=action,
        rxnorm=None,
        atc=(),
        text=f"What to do with {drug}.",
        why="",
        current_medication=False,
        population="any",
        source=f"CPIC {drug}",
        pmids=(),
        guideline_url=None,
    )
    return replace(plain, **changes)


def everything() -> Findings:
    """Medicines in all four states, genes in all groups, disease found, carried and not found."""
    base = cyp2c19_poor_metabolizer_on_clopidogrel()
    disease = brca1_carrier()
    parts = (
        ambiguous_diplotypes(),
        dpyd_haplotype_list(),
        hemizygous_g6pd(),
        hla_b_status(),
        not_called_and_assumed(),
        outside_cyp2d6_with_co_medication(),
    )
    calls = [call for part in (base, *parts) for call in part.pharmacogenes]
    sertraline = a_recommendation(
        "sertraline",
        "reduce-dose",
        rxnorm="36437",
        dose=Dose(change_percent=(-50, -50)),
        current_medication=True,
    )
    usual = [
        a_recommendation(drug, "standard", genes=("CYP2C9",), basis={"CYP2C9": "Normal Metabolizer"})
        for drug in ("celecoxib", "ibuprofen", "phenytoin")
    ]
    return replace(
        base,
        pharmacogenes=tuple(sorted(calls, key=lambda call: call.gene)),
        recommendations=(
            *base.recommendations,
            sertraline,
            *(r for part in parts for r in part.recommendations),
            *usual,
        ),
        variants=(
            *base.variants,
            *disease.variants,
            *hemizygous_g6pd().variants,
            *lifted_from_grch37().variants,
        ),
        diagnoses=(*disease.diagnoses, *lifted_from_grch37().diagnoses, *negative_findings().diagnoses),
        scope=replace(
            disease.scope,
            consent_secondary=Consent.YES,
            medications=(*base.scope.medications, SERTRALINE, VITAMIN_D),
            genes_assessed=(*disease.scope.genes_assessed, *negative_findings().scope.genes_assessed),
            assumptions=not_called_and_assumed().scope.assumptions,
        ),
    )


# Values that decide how a fact is drawn; all other texts of a Findings may be anything.
_KEPT = {"status", "action", "outcome", "severity", "statement", "verdict", "generated_at", "assembly"}


def with_texts(value: Any, text: str, name: str = "") -> Any:
    """The same Findings with `text` added to every free text in it."""
    if isinstance(value, str) and not hasattr(value, "value"):
        return value if name in _KEPT else value + text
    if isinstance(value, tuple):
        return tuple(with_texts(item, text, name) for item in value)
    if isinstance(value, list):
        return [with_texts(item, text, name) for item in value]
    if isinstance(value, dict):
        return {key: with_texts(item, text, key) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and type(value).__name__ != "Variant":
        return replace(
            value,  # type: ignore[type-var]
            **{
                field.name: with_texts(getattr(value, field.name), text, field.name)
                for field in dataclasses.fields(value)
            },
        )
    return value

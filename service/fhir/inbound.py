"""FHIR in: Parameters or a Bundle with a patient's variants, as the parts of a Case."""

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from typing import TypeVar

from service.domain.case import CaseRequest, Consent, InterpretOptions, Sex, Subject
from service.domain.issue import Issue
from service.domain.pgx import OutsideCall
from service.errors import InvalidResource
from service.fhir.posted import Located, Posted, read_posted
from service.fhir.posted_context import (
    consent_to_secondary,
    indication,
    medications,
    phenotypes,
    recorded_sex,
    subject_id,
    the_patient,
)
from service.fhir.posted_criteria import posted_criteria
from service.fhir.posted_genotype import is_genotype, read_genotype
from service.fhir.posted_variant import InboundVariant, is_variant, names_of, presence, read_variant
from service.fhir.terminology import Json

Item = TypeVar("Item")
_VOID = frozenset({"entered-in-error", "cancelled"})


@dataclass(frozen=True, slots=True)
class InboundCase:
    """What was posted, read but not yet interpreted.

    `variants` carry notations as text. `parameters` are the primitive Parameters by name, in order: options
    as `interpret` knows them, for the caller to read. `digest` is SHA-256 of the body.
    """

    variants: tuple[InboundVariant, ...]
    request: CaseRequest
    issues: tuple[Issue, ...]
    parameters: tuple[tuple[str, str], ...]
    digest: str
    # Whether any variant or genotype was stated, be it absent or unusable.
    has_results: bool = True

    def completing(self, asked: CaseRequest) -> CaseRequest:
        """The caller's request, completed with what was posted.

        Lists are joined, the caller's first. Where both state sex, assembly or the subject they must agree;
        of two statements on consent the more restrictive holds.

        Raises:
            InvalidResource: the request and the resources contradict each other.
        """
        ours, theirs = asked.options, self.request.options
        return replace(
            asked,
            subject=replace(self.request.subject, id=self._subject(asked.subject.id)),
            assembly=_agreed(asked.assembly, self.request.assembly, None, "assembly"),
            options=replace(
                ours,
                sex=_agreed(ours.sex, theirs.sex, Sex.UNKNOWN, "sex"),
                phenotypes=_joined(ours.phenotypes, theirs.phenotypes),
                excluded_phenotypes=_joined(ours.excluded_phenotypes, theirs.excluded_phenotypes),
                medications=_joined(ours.medications, theirs.medications),
                indication=_joined(ours.indication, theirs.indication),
                consent_secondary=_stricter(ours.consent_secondary, theirs.consent_secondary),
            ),
            outside_calls=_joined(asked.outside_calls, self.request.outside_calls),
        )

    def _subject(self, asked: str) -> str:
        posted = self.request.subject
        known = {posted.id, *(i.get("value") for i in (posted.patient or {}).get("identifier", []))}
        if asked and posted.id and asked.removeprefix("Patient/") not in known:
            raise InvalidResource(
                "the resources are about another subject than the one stated", where="subject"
            )
        return asked or posted.id


def read_inbound(body: bytes) -> InboundCase:
    """Variants, outside calls and context of a posted Parameters, Bundle or Observation.

    Raises:
        InvalidResource: not FHIR R4, or a variant, genotype or subject that cannot be understood; `where` is
            the FHIRPath. Nothing of the content is repeated in the message.
    """
    posted = read_posted(body)
    patient = the_patient(posted)
    variants, passed_over = _variants(posted)
    calls, uncalled = _outside_calls(posted)
    drugs, drug_issues = medications(posted)
    observed, excluded = phenotypes(posted)
    assemblies = {variant.assembly for variant in variants if variant.assembly}
    request = CaseRequest(
        subject=Subject(
            id=subject_id(posted, patient) or "",
            patient=patient.resource if patient else None,
            service_request=_one(posted, "ServiceRequest"),
            specimen=_one(posted, "Specimen"),
        ),
        assembly=assemblies.pop() if len(assemblies) == 1 else None,
        options=InterpretOptions(
            sex=recorded_sex(patient),
            phenotypes=observed,
            excluded_phenotypes=excluded,
            medications=drugs,
            indication=indication(posted),
            consent_secondary=consent_to_secondary(posted),
        ),
        outside_calls=calls,
    )
    digest = hashlib.sha256(body).hexdigest()
    issues = (*passed_over, *uncalled, *drug_issues)
    stated = bool(variants or calls or passed_over or uncalled)
    return InboundCase(variants, request, issues, posted.parameters, digest, has_results=stated)


def _variants(posted: Posted) -> tuple[tuple[InboundVariant, ...], tuple[Issue, ...]]:
    """Variants said to be present; the others are counted, since absent is not the same as not read."""
    found: list[InboundVariant] = []
    others: Counter[str] = Counter()
    denied: list[tuple[str, str, Located]] = []
    for located in _observations(posted):
        if not is_variant(located.resource):
            continue
        said = presence(located)
        if said == "present":
            criteria = posted_criteria(located, posted, _observations(posted))
            found.append(replace(read_variant(located), criteria=criteria))
        else:
            others[said] += 1
            denied += [(name, said, located) for name in names_of(located)]
    present = {name for variant in found for name in (variant.text, *variant.also)}
    contradictions = {
        located.path: Issue(
            "warning",
            "conflict",
            f"This variant is said to be {said}, and present by another Observation; it was read as present.",
            located.path,
        )
        for name, said, located in denied
        if name in present
    }
    issues = (
        Issue("information", "informational", f"Variant Observations that say {said}: {number}; not carried.")
        for said, number in sorted(others.items())
    )
    return tuple(found), (*issues, *contradictions.values())


def _outside_calls(posted: Posted) -> tuple[tuple[OutsideCall, ...], tuple[Issue, ...]]:
    """One call per Genotype, and an Issue for each that does not settle on one pair of alleles."""
    calls: list[OutsideCall] = []
    issues: list[Issue] = []
    for located in _observations(posted):
        if not is_genotype(located.resource):
            continue
        call = read_genotype(located, posted)
        if call:
            calls.append(call)
        else:
            text = "A Genotype Observation states no single pair of alleles and was not used."
            issues.append(Issue("warning", "incomplete", text, located.path))
    return tuple(calls), tuple(issues)


def _observations(posted: Posted) -> list[Located]:
    return [found for found in posted.of("Observation") if found.resource.get("status") not in _VOID]


def _one(posted: Posted, kind: str) -> Json | None:
    found = list(posted.of(kind))
    if len(found) > 1:
        raise InvalidResource(f"expected one {kind}", where=found[1].path)
    return found[0].resource if found else None


def _joined(first: tuple[Item, ...], second: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _agreed(asked: Item, posted: Item, unknown: Item, name: str) -> Item:
    if unknown not in (asked, posted) and asked != posted:
        raise InvalidResource(f"the request and the resources state a different {name}")
    return posted if asked == unknown else asked


def _stricter(asked: Consent, posted: Consent) -> Consent:
    said = {asked, posted}
    return Consent.NO if Consent.NO in said else Consent.YES if Consent.YES in said else Consent.UNKNOWN

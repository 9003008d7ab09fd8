"""What this server can do, as a CapabilityStatement."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from service import __version__
from service.fhir.terminology import Json, profile

# The day on which this statement last changed; it changes with the code, not with the request.
STATED_ON = "2026-11-24"
GUIDE = "http://hl7.org/fhir/uv/genomics-reporting/ImplementationGuide/hl7.fhir.uv.genomics-reporting|3.0.0"

SUPPORTED_PROFILES = {
    "DiagnosticReport": ("genomic-report",),
    "Observation": (
        "variant",
        "genotype",
        "haplotype",
        "sequence-phase-relationship",
        "diagnostic-implication",
        "therapeutic-implication",
        "molecular-consequence",
    ),
    "Procedure": ("genomic-study", "genomic-study-analysis"),
    "Task": ("medication-recommendation", "followup-recommendation"),
}
READABLE = ("Bundle", "DiagnosticReport", "Observation", "Procedure", "Provenance", "Task")
READ_ONLY: Mapping[str, Sequence[str]] = dict.fromkeys(READABLE, ("read",))
OPERATIONS: Mapping[str, str] = {"interpret": "urn:genomeward:operation:interpret"}


def capability_statement(
    knowledge_release: str,
    *,
    resources: Mapping[str, Sequence[str]] = READ_ONLY,
    operations: Mapping[str, str] = OPERATIONS,
    base_url: str | None = None,
) -> dict[str, Any]:
    """The CapabilityStatement of this instance.

    Args:
        knowledge_release: the release that answers are drawn from.
        resources: interactions by resource type, as the routing table offers them.
        operations: canonical definition by operation name (without `$`).
        base_url: the public FHIR endpoint, where configured.
    """
    implementation: Json = {
        "description": f"genomeward {__version__} with knowledge release {knowledge_release}"
    }
    if base_url:
        implementation["url"] = base_url
    rest: Json = {
        "mode": "server",
        "resource": [_resource(kind, interactions) for kind, interactions in sorted(resources.items())],
    }
    if operations:
        rest["operation"] = [{"name": name, "definition": url} for name, url in sorted(operations.items())]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": STATED_ON,
        "kind": "instance",
        "software": {"name": "genomeward", "version": __version__},
        "implementation": implementation,
        "fhirVersion": "4.0.1",
        "format": ["json", "application/fhir+json"],
        "implementationGuide": [GUIDE],
        "rest": [rest],
    }


def capability_bytes(knowledge_release: str, **offered: Any) -> bytes:
    """The CapabilityStatement on one line of UTF-8 JSON; arguments as in `capability_statement`."""
    return orjson.dumps(capability_statement(knowledge_release, **offered))


def _resource(kind: str, interactions: Sequence[str]) -> Json:
    stated: Json = {"type": kind}
    profiles = SUPPORTED_PROFILES.get(kind)
    if profiles:
        stated["supportedProfile"] = [profile(name) for name in profiles]
    stated["interaction"] = [{"code": code} for code in interactions]
    return stated

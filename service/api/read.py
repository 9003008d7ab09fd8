"""FHIR read: stored resources by id."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from service.api.auth import actor
from service.api.errors import FHIR_JSON
from service.api.negotiation import FHIR_ANSWERS, answers_with
from service.errors import NotFound
from service.findings_document import read_archive

router = APIRouter(prefix="/fhir", tags=["fhir"], dependencies=[Depends(answers_with(FHIR_ANSWERS))])
READABLE = (
    "Bundle",
    "Device",
    "DiagnosticReport",
    "MedicationStatement",
    "Observation",
    "Procedure",
    "Provenance",
    "Task",
)


def fhir_response(content: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """FHIR JSON that no cache keeps."""
    return Response(
        content, status, headers={"Cache-Control": "no-store", **(headers or {})}, media_type=FHIR_JSON
    )


def fhir_base(request: Request) -> str:
    """The address of this FHIR endpoint as the caller reached it."""
    return f"{str(request.base_url).rstrip('/')}/fhir"


@router.get("/metadata", summary="CapabilityStatement", response_class=Response)
def metadata(request: Request) -> Response:
    """What this server can do; needs no credentials."""
    return fhir_response(request.app.state.capability)


def _read(kind: str, resource_id: str, request: Request, who: str) -> Response:
    state = request.app.state
    result = state.store.results.owner(kind, resource_id)
    findings = read_archive(result.findings)
    state.store.record(who, f"read-{kind}", result.id, "success")
    standing = state.store.desk.state(result)
    resource = state.genomeward.resources(findings, fhir_base(request), standing).get(f"{kind}/{resource_id}")
    if resource is None:
        raise NotFound(f"no {kind} with this id is stored")
    return fhir_response(orjson.dumps(resource))


def _add_read(kind: str) -> None:
    def read(resource_id: str, request: Request, who: Annotated[str, Depends(actor)]) -> Response:
        return _read(kind, resource_id, request, who)

    router.get(
        f"/{kind}/{{resource_id}}",
        summary=f"Read a stored {kind}",
        operation_id=f"read{kind}",
        response_class=Response,
    )(read)


for _kind in READABLE:
    _add_read(_kind)

"""POST /fhir/DiagnosticReport/{id}/$release: a named person signs, and the report is final."""

from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from service.api.auth import actor
from service.api.errors import FHIR_JSON
from service.api.negotiation import FHIR_ANSWERS, answers_with, body_packing
from service.api.read import fhir_base, fhir_response
from service.api.upload import body_in_memory
from service.errors import InvalidResource, UnsupportedContent
from service.findings_document import read_archive

router = APIRouter(prefix="/fhir", tags=["fhir"], dependencies=[Depends(answers_with(FHIR_ANSWERS))])
FHIR_TYPES = {FHIR_JSON, "application/json"}
BODY_LIMIT_BYTES = 64 * 1024
NAMES = ("name", "role", "reason")


@router.post(
    "/DiagnosticReport/{report_id}/$release",
    summary="Release a report",
    operation_id="release",
    response_class=Response,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/fhir+json": {
                    "schema": {
                        "type": "object",
                        "description": "Parameters name, role and (for an amendment) reason, as valueString",
                    }
                }
            },
        }
    },
)
async def release(report_id: str, request: Request, who: Annotated[str, Depends(actor)]) -> Response:
    """Sign a stored report with a name and a role; answers with the released DiagnosticReport."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind not in FHIR_TYPES:
        raise UnsupportedContent(f"expected {FHIR_JSON}", where="Content-Type")
    body_packing(request, gzip=False)
    stated = read_signature(await body_in_memory(request, BODY_LIMIT_BYTES))
    return await run_in_threadpool(_release, report_id, request, stated, who)


def _release(report_id: str, request: Request, stated: dict[str, str], who: str) -> Response:
    state = request.app.state
    result = state.store.results.owner("DiagnosticReport", report_id)
    standing = state.store.desk.release(
        result.id,
        stated.get("name", ""),
        stated.get("role", ""),
        stated.get("reason"),
        datetime.now(UTC),
    )
    state.store.record(who, "release", result.id, "success")
    findings = read_archive(result.findings)
    resources = state.genomeward.resources(findings, fhir_base(request), standing)
    return fhir_response(orjson.dumps(resources[f"DiagnosticReport/{report_id}"]))


def read_signature(body: bytes) -> dict[str, str]:
    """Name, role and reason of a FHIR Parameters resource. Raises InvalidResource.

    >>> read_signature(b'{"resourceType": "Parameters", "parameter": [{"name": "name", "valueString": "A"}]}')
    {'name': 'A'}
    """
    try:
        document: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidResource(f"not JSON: {error.msg}") from None
    parameters = document.get("parameter") if isinstance(document, dict) else None
    if not isinstance(parameters, list) or document.get("resourceType") != "Parameters":
        raise InvalidResource("expected FHIR Parameters with name, role and reason")
    found: dict[str, str] = {}
    for parameter in parameters:
        name, value = (
            (parameter.get("name"), parameter.get("valueString"))
            if isinstance(parameter, dict)
            else (None, None)
        )
        if name not in NAMES or not isinstance(value, str) or name in found:
            raise InvalidResource("expected name, role and reason, each once, as valueString")
        found[name] = value
    return found

"""POST /fhir/$interpret: a VCF or FHIR resources in, the Bundle out."""

import gzip
from collections.abc import Mapping
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from service.api.auth import actor
from service.api.read import fhir_base, fhir_response
from service.api.upload import body_in_memory, body_on_disk
from service.domain.case import Subject
from service.domain.findings import Findings
from service.errors import InvalidOption, UnsupportedOperation
from service.intake import Attachments, read_request

router = APIRouter(prefix="/fhir", tags=["fhir"])

PREFIX = "genomeward-"
VCF_TYPES = {"text/vcf", "text/plain", "application/gzip", "application/x-gzip", "application/octet-stream"}
FHIR_TYPES = {"application/fhir+json", "application/json"}
FHIR_LIMIT_BYTES = 64 * 1024**2
OPTIONS = frozenset(
    {
        "subject", "sample", "assembly", "sex", "phenotypes", "medications", "indication",
        "consent-secondary", "accept-filtered", "assume-reference-for-missing", "all-diplotypes",
        "combinations", "call-cyp2d6", "carriers",
    }
)  # fmt: skip


def header_options(headers: Mapping[str, str]) -> dict[str, str]:
    """Options from `Genomeward-*` headers, keyed as in a manifest; an unknown one is refused."""
    found = {
        name.lower().removeprefix(PREFIX): value
        for name, value in headers.items()
        if name.lower().startswith(PREFIX)
    }
    unknown = sorted(set(found) - OPTIONS)
    if unknown:
        raise InvalidOption(f"unknown header Genomeward-{unknown[0].title()}", where="headers")
    return {name.replace("-", "_"): value for name, value in found.items()}


@router.post(
    "/$interpret",
    summary="Interpret a patient's variants",
    operation_id="interpret",
    response_class=Response,
    status_code=201,
    responses={201: {"description": "The Bundle; Location names the stored DiagnosticReport"}},
    openapi_extra={
        "parameters": [
            {"name": f"Genomeward-{name.title()}", "in": "header", "schema": {"type": "string"}}
            for name in sorted(OPTIONS)
        ],
        "requestBody": {
            "required": True,
            "content": {
                "text/vcf": {"schema": {"type": "string"}},
                "application/gzip": {"schema": {"type": "string", "format": "binary"}},
                "application/fhir+json": {"schema": {"type": "object"}},
            },
        },
    },
)
async def interpret(request: Request, who: Annotated[str, Depends(actor)]) -> Response:
    """Interpret, store, answer with the Bundle. Nothing of the request appears in the URL or the log."""
    state = request.app.state
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    options = header_options(request.headers)
    if kind in FHIR_TYPES:
        body = await body_in_memory(request, min(FHIR_LIMIT_BYTES, state.settings.upload_limit_bytes))
        if request.headers.get("content-encoding", "").lower() == "gzip":
            body = gzip.decompress(body)
        findings = await run_in_threadpool(state.genomeward.interpret_fhir, body, options)
        return await run_in_threadpool(_store, request, findings, who)
    if kind not in VCF_TYPES:
        expected = ", ".join(sorted(VCF_TYPES | FHIR_TYPES))
        raise UnsupportedOperation(f"read {kind or 'no type'}; expected {expected}", where="Content-Type")
    subject = options.pop("subject", "")
    if not subject:
        raise InvalidOption("say whose variants these are", where="Genomeward-Subject")
    async with body_on_disk(request, state.settings.upload_limit_bytes) as path:
        case_request = read_request(options, Attachments(), Subject(subject))
        findings = await run_in_threadpool(state.genomeward.interpret_path, path, case_request)
    return await run_in_threadpool(_store, request, findings, who)


def _store(request: Request, findings: Findings, who: str) -> Response:
    state = request.app.state
    report_id = state.store.keep(state.genomeward, findings)
    state.store.record(who, "interpret", report_id, "success")
    base = fhir_base(request)
    *_, bundle = state.genomeward.resources(findings, base).values()
    return fhir_response(orjson.dumps(bundle), 201, {"Location": f"{base}/DiagnosticReport/{report_id}"})

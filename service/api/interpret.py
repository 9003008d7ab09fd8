"""POST /fhir/$interpret: a VCF or FHIR resources in, the Bundle out."""

from collections.abc import Mapping
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from service.api.auth import actor
from service.api.multipart import ATTACHMENT_LIMIT_BYTES, VARIANTS, Parts, parts_on_disk
from service.api.negotiation import FHIR_ANSWERS, answers_with, body_packing
from service.api.read import fhir_base, fhir_response
from service.api.upload import body_in_memory, body_on_disk, refuse_stated_length, unpacked
from service.bootstrap import Genomeward
from service.domain.case import Subject
from service.domain.findings import Findings
from service.errors import InvalidOption, UnsupportedContent
from service.intake import SWITCHES, TEXT_OPTIONS, Attachments, read_request

router = APIRouter(prefix="/fhir", tags=["fhir"], dependencies=[Depends(answers_with(FHIR_ANSWERS))])

PREFIX = "genomeward-"
VCF_TYPES = {"text/vcf", "text/plain", "application/gzip", "application/x-gzip", "application/octet-stream"}
FHIR_TYPES = {"application/fhir+json", "application/json"}
MULTIPART = "multipart/form-data"
FHIR_LIMIT_BYTES = 64 * 1024**2
OPTIONS = frozenset(name.replace("_", "-") for name in ("subject", *TEXT_OPTIONS, *SWITCHES))
# Parts of a multipart body beside the options; the names are those of the command line.
FILES = {
    "outside-calls": "TSV: gene, diplotype, phenotype, activity score",
    "medications-file": "TSV: rxnorm, atc or name, and dose, route, start, end",
    "pedigree": "PED: family members in the same VCF",
    "coverage": "BED: regions that were covered",
    "criteria": "TSV: ACMG/AMP criteria by variant",
    "patient": "FHIR Patient, or Bundle with Patient, ServiceRequest and Specimen",
}


def header_options(headers: Mapping[str, str]) -> dict[str, str]:
    """Options from `Genomeward-*` headers, keyed as in a manifest.

    Raises InvalidOption for an unknown header, and for one sent twice: of two subjects neither is right.
    """
    found: dict[str, str] = {}
    for name, value in headers.items():
        option = name.lower().removeprefix(PREFIX)
        if option == name.lower():
            continue
        if option in found:
            raise InvalidOption("the header was sent twice", where=f"Genomeward-{option.title()}")
        found[option] = _as_utf8(value)
    unknown = sorted(set(found) - OPTIONS)
    if unknown:
        raise InvalidOption(f"unknown header Genomeward-{unknown[0].title()}", where="headers")
    return {name.replace("-", "_"): value for name, value in found.items()}


def _as_utf8(value: str) -> str:
    """What the sender wrote: the framework reads headers as Latin-1, clients send UTF-8."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


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
                MULTIPART: {
                    "schema": {
                        "type": "object",
                        "required": [VARIANTS],
                        "properties": {
                            VARIANTS: {"type": "string", "format": "binary", "description": "the VCF"},
                            **{
                                name: {"type": "string", "format": "binary", "description": text}
                                for name, text in FILES.items()
                            },
                            **{name: {"type": "string"} for name in sorted(OPTIONS)},
                        },
                    }
                },
            },
        },
    },
)
async def interpret(request: Request, who: Annotated[str, Depends(actor)]) -> Response:
    """Interpret, store, answer with the Bundle. Nothing of the request appears in the URL or the log."""
    state = request.app.state
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    packing = body_packing(request, gzip=kind != MULTIPART)
    options = header_options(request.headers)
    if kind in FHIR_TYPES:
        document = await body_in_memory(request, min(FHIR_LIMIT_BYTES, state.settings.upload_limit_bytes))
        if packing:
            document = unpacked(document, FHIR_LIMIT_BYTES)
        findings = await run_in_threadpool(state.genomeward.interpret_fhir, document, options)
        return await run_in_threadpool(_store, request, findings, who)
    if kind == MULTIPART:
        refuse_stated_length(request, state.settings.upload_limit_bytes + ATTACHMENT_LIMIT_BYTES)
        async with parts_on_disk(request, state.settings.upload_limit_bytes, _is_part) as parts:
            findings = await run_in_threadpool(_interpret_parts, state.genomeward, parts, options)
        return await run_in_threadpool(_store, request, findings, who)
    if kind not in VCF_TYPES:
        expected = ", ".join(sorted({*VCF_TYPES, *FHIR_TYPES, MULTIPART}))
        raise UnsupportedContent(f"read {kind or 'no type'}; expected {expected}", where="Content-Type")
    case_request = read_request(options, Attachments(), _subject(options))
    async with body_on_disk(request, state.settings.upload_limit_bytes) as body:
        findings = await run_in_threadpool(state.genomeward.interpret_stream, body, case_request)
    return await run_in_threadpool(_store, request, findings, who)


def _is_part(name: str) -> bool:
    return name in FILES or name in OPTIONS


def _interpret_parts(genomeward: Genomeward, parts: Parts, stated: Mapping[str, str]) -> Findings:
    """Options may come in headers or as parts; a header comes first."""
    options = {
        name.replace("-", "_"): text
        for name in parts.attachments
        if name in OPTIONS and (text := parts.text(name)) is not None
    } | dict(stated)
    attachments = Attachments.read(lambda name: parts.text(name.replace("_", "-")))
    subject = Subject("") if attachments.patient and not options.get("subject") else _subject(options)
    request = read_request(options, attachments, subject)
    return genomeward.interpret_stream(parts.variants, request)


def _subject(options: Mapping[str, str]) -> Subject:
    if not options.get("subject"):
        raise InvalidOption("say whose variants these are", where="Genomeward-Subject")
    return Subject(options["subject"])


def _store(request: Request, findings: Findings, who: str) -> Response:
    state = request.app.state
    report_id = state.store.keep(state.genomeward, findings, who)
    base = fhir_base(request)
    standing = state.store.desk.state(state.store.results.get(report_id))
    *_, bundle = state.genomeward.resources(findings, base, standing).values()
    return fhir_response(orjson.dumps(bundle), 201, {"Location": f"{base}/DiagnosticReport/{report_id}"})

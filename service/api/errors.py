"""Every error, once, as an OperationOutcome."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from service.errors import (
    GenomewardError,
    InvalidOption,
    NotFound,
    SourceUnavailable,
    StorageUnavailable,
    UnsupportedOperation,
    defect,
)
from service.fhir.outcome import operation_outcome_bytes

FHIR_JSON = "application/fhir+json"
log = logging.getLogger("genomeward.api")


class Unexpected(GenomewardError):  # noqa: N818
    """A defect of ours; what happened is in the log under the same reference, without any input."""


def outcome_response(error: GenomewardError, status: int | None = None) -> Response:
    """An error as a response; `status` overrides the error's own."""
    headers = {"Cache-Control": "no-store"}
    if error.http_status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, SourceUnavailable | StorageUnavailable):
        headers["Retry-After"] = "5"
    return Response(
        operation_outcome_bytes(error), status or error.http_status, headers=headers, media_type=FHIR_JSON
    )


def install(app: FastAPI) -> None:
    """Register the handlers."""

    @app.exception_handler(GenomewardError)
    async def known(_request: Request, error: GenomewardError) -> Response:
        return outcome_response(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return outcome_response(InvalidOption(first["msg"], where=where))

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return outcome_response(NotFound("there is nothing at this address"))
        message = f"{request.method} is not offered here" if error.status_code == 405 else str(error.detail)
        answer = outcome_response(UnsupportedOperation(message), error.status_code)
        answer.headers.update(error.headers or {})  # 405 says what is allowed
        return answer

    @app.exception_handler(Exception)
    async def unexpected(_request: Request, error: Exception) -> Response:
        log.error(defect(error))
        return outcome_response(Unexpected("an unexpected error; it was logged without your input"))

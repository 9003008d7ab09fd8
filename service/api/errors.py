"""Every error, once, as an OperationOutcome."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import (
    GenomewardError,
    InvalidInput,
    InvalidOption,
    NotFound,
    SourceUnavailable,
    StorageFull,
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
    if isinstance(error, SourceUnavailable | StorageUnavailable) and not isinstance(error, StorageFull):
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
        answer.headers.update(error.headers or {})
        if answer.headers.get("Allow") == "GET":
            answer.headers["Allow"] = "GET, HEAD"
        return answer

    @app.exception_handler(ClientDisconnect)
    async def gone(_request: Request, _error: ClientDisconnect) -> Response:
        return outcome_response(InvalidInput("the request ended before its body did", where="body"))

    app.add_middleware(Defects)


class Defects:
    """ASGI middleware: what nobody expected becomes an OperationOutcome too, and a log line without input.

    The framework's own handler would hand the exception on to the server, which logs its text.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer for what fails before the answer began."""
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            if scope["type"] != "http":
                raise
            log.error(defect(error))
            if not started:
                told = Unexpected("an unexpected error; it was logged without your input")
                await outcome_response(told)(scope, receive, send)

"""The node's HTTP surface: FastAPI for what it says about itself, bare ASGI for the questions."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from service import __version__
from service.domain.assembly import Assembly
from service.errors import InvalidInput
from service.node.access import Budget, RegisteredAccess
from service.node.answer import AnswerWriter
from service.node.batch import read_batch, write_batch
from service.node.description import NodeDescription
from service.node.refusal import Refusal
from service.node.request import BeaconRequest, RequestReader, VariantQuery
from service.node.search import find
from service.node.short_form import Reference
from service.node.table import CountDataset

ROOT = "/api"
LARGEST_BODY = 1 << 20

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class NodeOptions:
    """How a node is run. `low_count` 1 and `budget` None switch suppression and budgets off."""

    country: str
    assembly: Assembly = Assembly.GRCH38
    low_count: int = 1
    budget: int | None = None
    tokens: frozenset[str] = frozenset()
    base_url: str = "http://127.0.0.1:8080/api"

    def __post_init__(self) -> None:
        if self.low_count < 1 or (self.budget is not None and self.budget < 1):
            raise InvalidInput("low count and budget must be 1 or more")
        if not self.country.strip() or not self.country.isprintable():
            raise InvalidInput("the country label must be printable text")


class Node:
    """An ASGI application. `g_variants` does not pass the framework: an answer costs tens of microseconds."""

    def __init__(
        self, dataset: CountDataset, options: NodeOptions, reference: Reference | None = None
    ) -> None:
        beacon_id = f"org.genomeward.node.{options.country.lower().replace(' ', '-')}"
        self._table = dataset.table
        self._writer = AnswerWriter(
            beacon_id,
            options.country,
            dataset.dataset_id,
            dataset.version,
            options.assembly,
            options.base_url,
            options.low_count,
        )
        self._reader = RequestReader(options.assembly, dataset.dataset_id, reference)
        self._budget = Budget(options.budget)
        self._access = RegisteredAccess(options.tokens)
        description = NodeDescription(
            self._writer,
            options.base_url,
            bool(options.tokens),
            len(dataset.table),
            dataset.updated,
        )
        self.framework = framework_app(self._writer, description)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(f"{ROOT}/g_variants"):
            await self.framework(scope, receive, send)
            return
        headers: tuple[tuple[str, str], ...] = ()
        try:
            status, body = 200, await self._answer(scope, receive)
        except Refusal as refusal:
            status, headers = refusal.status, refusal.headers
            body = self._writer.error(refusal.status, refusal.message)
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [
                    (b"content-type", b"application/json"),
                    (b"content-length", str(len(body)).encode()),
                    *((name.lower().encode(), value.encode()) for name, value in headers),
                ],
            }
        )
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> bytes:
        authorization = next(
            (v.decode("latin-1") for k, v in scope["headers"] if k == b"authorization"), None
        )
        self._access.check(authorization)
        client = authorization or (scope["client"][0] if scope.get("client") else "unknown")
        method, path = scope["method"], scope["path"].removeprefix(f"{ROOT}/g_variants").rstrip("/")
        if path == "/batch" and method == "POST":
            batch = read_batch(await _body(receive), self._reader)
            self._budget.spend(client, len(batch))
            return write_batch(batch, self._table, self._writer)
        if method not in ("GET", "POST") or (path and method != "GET"):
            raise Refusal(405, f"{method} is not served here", (("Allow", "GET, POST"),))
        if path:
            request = self._by_id(unquote(path.removeprefix("/")))
        elif method == "GET":
            request = self._reader.from_query_string(_parameters(scope["query_string"]))
        else:
            request = self._reader.from_body(await _body(receive))
        self._budget.spend(client)
        rows = find(self._table, request.query)
        if path and not rows:
            raise Refusal(404, "no variant with this id")
        return self._writer.variants(request, rows)

    def _by_id(self, text: str) -> BeaconRequest:
        parts = text.split(":")
        if len(parts) != 5 or parts[0] != self._reader.assembly or not parts[2].isascii():
            raise Refusal(404, "no variant with this id")
        names = ("assemblyId", "referenceName", "start", "referenceBases", "alternateBases")
        query: VariantQuery = self._reader.query(dict(zip(names, parts, strict=True)))
        received = {
            "apiVersion": "v2.0.0",
            "requestedSchemas": [],
            "pagination": {"skip": 0, "limit": 10},
            "requestedGranularity": "record",
        }
        return BeaconRequest(query, received=received)


def _parameters(query_string: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, strict_parsing=bool(query_string)
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise Refusal(400, f"the query string cannot be read: {error}") from error
    joined: dict[str, str] = {}
    for name, value in pairs:
        # A repeated parameter is a list, like a comma-joined one.
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "the request ended before its body did")
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise Refusal(413, f"the body exceeds {LARGEST_BODY} bytes")
        if not message.get("more_body"):
            return bytes(body)


def framework_app(writer: AnswerWriter, description: NodeDescription) -> FastAPI:
    """Information, configuration, map, entry types, filtering terms and datasets, rendered once."""
    app = FastAPI(title=f"genomeward node {writer.country}", version=__version__, redirect_slashes=False)
    for path, document in description.documents().items():
        constant = _constant(orjson.dumps(document))
        for spelled in (path, f"{path}/"):
            app.get(f"{ROOT}{spelled}", name=path.strip("/") or "root")(constant)
    datasets = _constant(orjson.dumps(description.datasets()))
    for path in ("/datasets", f"/datasets/{writer.dataset_id}"):
        app.get(f"{ROOT}{path}", name="datasets")(datasets)
    app.post(f"{ROOT}/datasets", name="datasets")(datasets)

    async def refuse(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = str(error.detail) if isinstance(error, HTTPException) else "internal error"
        return Response(writer.error(status, detail), status, media_type="application/json")

    app.add_exception_handler(HTTPException, refuse)
    app.add_exception_handler(500, refuse)
    return app


def _constant(body: bytes) -> Callable[[], Awaitable[Response]]:
    async def answer() -> Response:
        return Response(body, media_type="application/json")

    return answer

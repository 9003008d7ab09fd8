"""HTTP to one node: pooled connections, bounded bodies, credentials, careful retries."""

import asyncio
import importlib.util
import random
import ssl
import sys
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import orjson

from service.domain.frequency_sources import NodeAccess
from service.errors import SourceUnavailable
from service.frequency.breaker import CircuitBreaker
from service.frequency.credentials import Credentials
from service.frequency.dialect import BeaconQuestion
from service.frequency.http_refusal import HttpRefusal, refusal_of
from service.frequency.http_settings import HttpSettings

if importlib.util.find_spec("sniffio") is None:
    # httpcore imports it with every request, where it is there. A failed import is searched for anew each
    # time, which costs a third of a request; None tells Python that the search is over.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

LARGEST_ANSWER = 4 << 20
LARGEST_PAGE = 64 << 20
# Only what surely was not answered is sent again; a node with a budget is never asked twice.
RETRIED_STATUSES = frozenset({502, 503, 504})
_RETRIES = 2
_FIRST_PAUSE_S = 0.1
# A node that asks to wait no longer than this is waited for, within the caller's deadline.
_SHORT_WAIT_S = 2.0
# Large pages of a sync may take this many times longer than an answer about one variant.
_PAGE_PATIENCE = 6
_REDIRECTS = frozenset({301, 302, 307, 308})
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "genomeward"}
# Made once: they are a tenth of a request's cost.
_PLAIN = httpx.Headers(_HEADERS)
_WITH_BODY = httpx.Headers({**_HEADERS, "Content-Type": "application/json"})
_read = lru_cache(maxsize=1024)(httpx.URL)


class NodeWire:
    """The connection to one node. All methods raise SourceUnavailable, with the reason in words."""

    def __init__(self, url: str, access: NodeAccess, settings: HttpSettings, *, may_retry: bool) -> None:
        self.url = url.rstrip("/").removesuffix("/g_variants")
        self.breaker = CircuitBreaker()
        self._settings = settings
        self._may_retry = may_retry
        self._transport: httpx.AsyncBaseTransport | None = None
        waits = httpx.Timeout(settings.read_timeout_s, connect=settings.connect_timeout_s)
        self._timeouts = {"timeout": waits.as_dict()}
        self._credentials = Credentials(access, self._timeouts)

    async def ask(self, question: BeaconQuestion, largest: int = LARGEST_ANSWER) -> bytes:
        """The body of the HTTP 200 answer to a question about variants."""
        return await self.send(
            question.method, f"{self.url}/g_variants", question.parameters, question.body, largest
        )

    async def send(
        self,
        method: str,
        url: str,
        parameters: dict[str, str] | None = None,
        body: dict[str, Any] | None = None,
        largest: int = LARGEST_ANSWER,
    ) -> bytes:
        """The body of an HTTP 200 answer, retried where that is safe."""
        refused = self.breaker.refuses()
        if refused is not None:
            raise SourceUnavailable(refused)
        attempt = 0
        patience_s = self._settings.read_timeout_s * (_PAGE_PATIENCE if largest > LARGEST_ANSWER else 1)
        while True:
            try:
                # Reads time out one by one; a node that drips is stopped by the sum.
                async with asyncio.timeout(patience_s):
                    content = await self._once(method, url, parameters, body, largest)
            except HttpRefusal as refusal:
                # A refusal is an answer: the node is alive. Only its being overloaded rests it; HTTP 500 may
                # mean no more than a question that it did not expect.
                wait_s = self._wait_after(refusal, attempt)
                if wait_s is not None:
                    attempt += 1
                    await asyncio.sleep(wait_s)
                    continue
                if refusal.status == 429:
                    self.breaker.failed(str(refusal), refusal.retry_after_s or 10.0)
                elif refusal.status in RETRIED_STATUSES:
                    self.breaker.failed(str(refusal))
                raise
            except httpx.ConnectError as error:
                if _is_tls(error):
                    self.breaker.failed("TLS failure")
                    raise SourceUnavailable("the TLS connection failed: certificate or protocol") from error
                if self._may_retry and attempt < _RETRIES:
                    attempt += 1
                    await asyncio.sleep(_pause_s(attempt))
                    continue
                self.breaker.failed("connection refused")
                raise SourceUnavailable("no connection: refused or not reachable") from error
            except (httpx.TimeoutException, TimeoutError) as error:
                self.breaker.failed("no answer in time")
                raise SourceUnavailable(f"no answer in time ({type(error).__name__})") from error
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
                self.breaker.failed("connection broken")
                raise SourceUnavailable(f"the connection broke ({type(error).__name__})") from error
            self.breaker.succeeded()
            return content

    def _wait_after(self, refusal: HttpRefusal, attempt: int) -> float | None:
        """How long to wait before asking again; None where that would not be safe or welcome."""
        if not self._may_retry or attempt >= _RETRIES:
            return None
        if refusal.status == 429 and refusal.retry_after_s is not None:
            return refusal.retry_after_s if refusal.retry_after_s <= _SHORT_WAIT_S else None
        return _pause_s(attempt + 1) if refusal.status in RETRIED_STATUSES else None

    async def _once(
        self,
        method: str,
        url: str,
        parameters: dict[str, str] | None,
        body: dict[str, Any] | None,
        largest: int,
    ) -> bytes:
        content = None if body is None else orjson.dumps(body)
        headers = _PLAIN if content is None else _WITH_BODY
        if authorization := await self._credentials.header(self._pool()):
            headers = httpx.Headers([*headers.raw, *httpx.Headers(authorization).raw])
        request = httpx.Request(
            method, _read(url), params=parameters, headers=headers, content=content, extensions=self._timeouts
        )
        # The transport has no redirects, cookies or proxies: a question goes where it was configured to go.
        # The one exception is another path of the same node, such as one with a slash at its end.
        response = await self._pool().handle_async_request(request)
        moved = _moved_within(url, response)
        if moved is not None:
            await response.aclose()
            request = httpx.Request(
                method, moved, params=parameters, headers=headers, content=content, extensions=self._timeouts
            )
            response = await self._pool().handle_async_request(request)
        try:
            response.request = request
            if response.status_code != 200:
                raise refusal_of(response)
            received = bytearray()
            async for chunk in response.aiter_bytes():
                received += chunk
                if len(received) > largest:
                    raise SourceUnavailable(f"the answer is larger than {largest >> 20} MB")
            return bytes(received)
        finally:
            await response.aclose()

    def _pool(self) -> httpx.AsyncBaseTransport:
        if self._transport is None:
            settings = self._settings
            self._transport = settings.transport or httpx.AsyncHTTPTransport(
                http2=self.url.startswith("https://"),
                verify=settings.trust,
                trust_env=False,
                limits=httpx.Limits(
                    max_connections=settings.connections, max_keepalive_connections=settings.connections
                ),
            )
        return self._transport

    async def close(self) -> None:
        """Close all connections."""
        if self._transport is not None:
            await self._transport.aclose()
            self._transport = None


def _pause_s(attempt: int) -> float:
    # Jitter keeps many clients from returning at the same moment; nothing secret depends on it.
    return float(_FIRST_PAUSE_S * 2 ** (attempt - 1) * (0.5 + random.random()))  # noqa: S311


def _moved_within(url: str, response: httpx.Response) -> str | None:
    """The other address of the same node that a redirect names; None for anything else."""
    if response.status_code not in _REDIRECTS:
        return None
    target: str = urljoin(url, response.headers.get("location", ""))
    here, there = urlsplit(url), urlsplit(target)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc) or here.path == there.path:
        return None
    return target.partition("?")[0]


def _is_tls(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False

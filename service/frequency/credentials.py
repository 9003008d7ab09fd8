"""How a node knows us: nothing, name and password, a token of ours, or one that is granted (OAuth2)."""

import asyncio
from base64 import b64encode
from time import time
from typing import Any

import httpx

from service.domain.frequency_sources import NodeAccess
from service.errors import SourceUnavailable

_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "genomeward"}


class Credentials:
    """Those of one node; a granted token is kept until shortly before it ends."""

    def __init__(self, access: NodeAccess, timeouts: dict[str, Any]) -> None:
        self._access = access
        self._timeouts = timeouts
        self._token: tuple[str, float] | None = None
        self._token_lock = asyncio.Lock()

    async def header(self, pool: httpx.AsyncBaseTransport) -> dict[str, str]:
        """The Authorization header, empty without credentials; a token is fetched over `pool`.

        Raises:
            SourceUnavailable: no token was granted.
            httpx.HTTPError: the address of tokens was not reached.
        """
        access = self._access
        if access.kind == "none":
            return {}
        if access.kind == "basic":
            return {"Authorization": _basic(access.user, access.secret)}
        if access.kind == "bearer":
            return {"Authorization": f"Bearer {access.secret}"}
        return {"Authorization": f"Bearer {await self._client_token(pool)}"}

    async def _client_token(self, pool: httpx.AsyncBaseTransport) -> str:
        """An OAuth2 token by client credentials (RFC 6749, 4.4), kept until shortly before it ends."""
        async with self._token_lock:
            if self._token is not None and self._token[1] > time():
                return self._token[0]
            form = {"grant_type": "client_credentials"}
            if self._access.scope:
                form["scope"] = self._access.scope
            signed = _basic(self._access.user, self._access.secret)
            request = httpx.Request(
                "POST",
                self._access.token_url,
                data=form,
                headers={**_HEADERS, "Authorization": signed},
                extensions=self._timeouts,
            )
            answer = await pool.handle_async_request(request)
            answer.request = request
            try:
                await answer.aread()
            finally:
                await answer.aclose()
            try:
                document = answer.json()
                token, lifetime = str(document["access_token"]), float(document.get("expires_in", 300))
            except (ValueError, KeyError, TypeError) as error:
                raise SourceUnavailable(f"no token was granted (HTTP {answer.status_code})") from error
            self._token = (token, time() + max(0.0, lifetime - 30))
            return token


def _basic(user: str, secret: str) -> str:
    return "Basic " + b64encode(f"{user}:{secret}".encode()).decode("ascii")

"""Who is asking: bearer tokens where configured, loopback only where not."""

import hashlib
import hmac

from fastapi import Request

from service.errors import AccessDenied


def actor(request: Request) -> str:
    """A stable name for the caller, for the audit record; never the token itself.

    Raises AccessDenied when tokens are configured and none of them is presented.
    """
    tokens: tuple[str, ...] = request.app.state.settings.tokens
    if not tokens:
        return "loopback"
    scheme, _, presented = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        for token in tokens:
            if hmac.compare_digest(token.encode(), presented.strip().encode()):
                return "token-" + hashlib.sha256(token.encode()).hexdigest()[:12]
    raise AccessDenied("a bearer token is needed")

"""What a node says instead of an answer, in words, and how long it asks us to wait."""

from email.utils import parsedate_to_datetime
from time import time

import httpx

from service.errors import SourceUnavailable

_LONGEST_REST_S = 3600.0
_HTTP_WORDS = {
    400: "refused the question (HTTP 400)",
    401: "asked for credentials (HTTP 401)",
    403: "denied access (HTTP 403)",
    404: "has no such address (HTTP 404)",
    405: "does not take this method (HTTP 405)",
    429: "has spent our budget (HTTP 429)",
}


class HttpRefusal(SourceUnavailable):
    """A node's answer with another status than 200."""

    def __init__(self, status: int, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s


def refusal_of(response: httpx.Response) -> HttpRefusal:
    """An answer with another status than 200 as what it says."""
    status = response.status_code
    words = _HTTP_WORDS.get(status, f"answered HTTP {status}")
    wait = _retry_after(response.headers.get("retry-after"))
    if wait is not None:
        words = f"{words}; it asks to wait {wait:.0f} s"
    return HttpRefusal(status, f"the node {words}", wait)


def _retry_after(text: str | None) -> float | None:
    if not text:
        return None
    if text.strip().isdigit():
        return min(float(text), _LONGEST_REST_S)
    try:
        return min(max(0.0, parsedate_to_datetime(text).timestamp() - time()), _LONGEST_REST_S)
    except (TypeError, ValueError):
        return None

"""Who may ask a node, and how often."""

import hmac
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from service.node.refusal import Refusal

BUDGET_WINDOW_S = 60.0
_MOST_CLIENTS = 10_000


@dataclass(slots=True)
class Budget:
    """At most `limit` questions per client in any minute; None is no limit."""

    limit: int | None
    clock: Callable[[], float] = time.monotonic
    _asked: dict[str, deque[float]] = field(default_factory=dict)

    def spend(self, client: str, questions: int = 1) -> None:
        """Count questions of a client. Raises Refusal 429 with Retry-After beyond the budget."""
        if self.limit is None:
            return
        now = self.clock()
        asked = self._asked.setdefault(client, deque())
        while asked and asked[0] <= now - BUDGET_WINDOW_S:
            asked.popleft()
        if len(asked) + questions > self.limit:
            wait = math.ceil(asked[0] + BUDGET_WINDOW_S - now) if asked else math.ceil(BUDGET_WINDOW_S)
            raise Refusal(
                429,
                f"the budget of {self.limit} questions a minute is spent; ask again in {wait} s",
                (("Retry-After", str(wait)),),
            )
        asked.extend([now] * questions)
        if len(self._asked) > _MOST_CLIENTS:
            self._forget(now)

    def _forget(self, now: float) -> None:
        quiet = [
            name for name, asked in self._asked.items() if not asked or asked[-1] <= now - BUDGET_WINDOW_S
        ]
        for name in quiet:
            del self._asked[name]


@dataclass(frozen=True, slots=True)
class RegisteredAccess:
    """Bearer tokens of registered clients; an empty set means that the node is public."""

    tokens: frozenset[str] = frozenset()

    def check(self, authorization: str | None) -> None:
        """Raises Refusal 401 unless the header carries a registered token."""
        if not self.tokens:
            return
        scheme, _, token = (authorization or "").partition(" ")
        # Every token is compared, in constant time each.
        known = [hmac.compare_digest(token.strip().encode(), kept.encode()) for kept in self.tokens]
        if scheme.lower() != "bearer" or not any(known):
            raise Refusal(
                401,
                "this node serves registered clients; a bearer token is required",
                (("WWW-Authenticate", 'Bearer realm="beacon"'),),
            )

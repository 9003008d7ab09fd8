"""A circuit breaker per node: a node that keeps failing is left alone for a while."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class CircuitBreaker:
    """Opens after `threshold` failures in a row, for `rest_s`; then one question may try again."""

    threshold: int = 3
    rest_s: float = 30.0
    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    open_until: float = 0.0
    reason: str = ""

    def refuses(self) -> str | None:
        """Why no question may be sent now; None when one may."""
        left = self.open_until - self.clock()
        return f"left alone for {left:.0f} s more after: {self.reason}" if left > 0 else None

    def failed(self, reason: str, rest_s: float | None = None) -> None:
        """Count a failure. `rest_s` opens at once, for as long as the node asked for."""
        self.failures += 1
        self.reason = reason
        if rest_s is not None:
            self.open_until = self.clock() + rest_s
        elif self.failures >= self.threshold:
            self.open_until = self.clock() + self.rest_s

    def succeeded(self) -> None:
        """Forget failures."""
        self.failures, self.open_until = 0, 0.0

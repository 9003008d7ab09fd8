"""How many questions a minute a node may be asked by us."""

import time
from collections import deque
from collections.abc import Callable

_MINUTE_S = 60.0


class QuestionBudget:
    """Questions of the last minute against the configured number; None is no limit."""

    def __init__(self, per_minute: int | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._spent: deque[float] = deque()

    def take(self) -> bool:
        """Whether one more question may be asked now; then it is counted."""
        if self.per_minute is None:
            return True
        moment = self._clock()
        while self._spent and self._spent[0] <= moment - _MINUTE_S:
            self._spent.popleft()
        if len(self._spent) >= self.per_minute:
            return False
        self._spent.append(moment)
        return True

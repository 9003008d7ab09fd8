"""What published names tell of transcripts beside their models."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgreedNumbering:
    """A stretch of an unknown transcript whose published names agree with a known one.

    Coding positions `first` to `last` (1-based, as written) have the place that the known transcript has at a
    number less by `shift`: names at `positions` different positions, these two among them, agree, and none
    contradicts.
    """

    earlier: str
    known: str
    first: int
    last: int
    positions: int
    shift: int = 0

    @property
    def there(self) -> str:
        """Where in the known transcript, in words."""
        if not self.shift:
            return "at the same number"
        return f"at a number {abs(self.shift)} {'lower' if self.shift > 0 else 'higher'}"

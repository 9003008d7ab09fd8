"""Warnings that several rows share: stated once under the table, named by a letter in the rows.

A medicine that is taken has its warnings in its own row, always.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from service.report.medicines import MedicineGroup


@dataclass(frozen=True, slots=True)
class Caveat:
    """One shared warning and the letter that rows name it by."""

    mark: str
    text: str


def shared_caveats(groups: Iterable[MedicineGroup]) -> tuple[Caveat, ...]:
    """Warnings of more than one statement on medicines not taken, in the order in which rows name them."""
    statements = [s for group in groups for row in group.rows if not row.current for s in row.statements]
    count = Counter(text for s in statements for text in dict.fromkeys(s.warnings))
    shared = [text for text, number in count.items() if number > 1]
    return tuple(Caveat(letters(n), text) for n, text in enumerate(shared))


def letters(number: int) -> str:
    """A letter for 0, 1, 2...

    >>> letters(0), letters(25), letters(26), letters(27)
    ('a', 'z', 'aa', 'ab')
    """
    first = letters(number // 26 - 1) if number >= 26 else ""
    return first + chr(ord("a") + number % 26)

"""The bar of an import: what comes is told to the end, and nothing where nobody looks."""

import io
import re
import sys

import pytest

from service.cli.progress import byte_progress


class Screen(io.StringIO):
    """A terminal's stand-in."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "file"])
def test_a_bar_ends_at_the_last_byte(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    screen = Screen(terminal=terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with byte_progress("reference") as start:
        came = start(3_000_000)
        for _ in range(3):
            came(1_000_000)
    shown = re.findall(r"reference.*?(\d\.\d)/(\d\.\d) MB", screen.getvalue())
    assert shown[-1:] == ([("3.0", "3.0")] if terminal else [])
    assert terminal or not screen.getvalue()

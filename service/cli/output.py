"""How commands write: ASCII JSON lines, exit codes, whole files."""

import re
import sys
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from pathlib import Path

from service.errors import InvalidOption
from service.files import write_whole

_NON_ASCII = re.compile("[^\x00-\x7f]")


def _escape(match: "re.Match[str]") -> str:
    code = ord(match.group())
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def ascii_json(line: bytes) -> bytes:
    """The same JSON with every character outside ASCII as an escape.

    >>> ascii_json('{"score":"≥3.0"}'.encode())
    b'{"score":"\\\\u22653.0"}'
    """
    if line.isascii():
        return line
    return _NON_ASCII.sub(_escape, line.decode("utf-8")).encode("ascii")


def write_result(content: bytes, out: str | None) -> None:
    """To standard output, or whole to a file."""
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write_whole(Path(out), content)


def input_lines(items: list[str], source: str | None, *, empty: bool = False) -> Iterator[str]:
    """The items given, then the lines of the input file; '-' is standard input.

    Bytes that are no UTF-8 become U+FFFD. Empty lines are passed over; with `empty` they keep their place,
    but for those at the end.

    Raises InvalidOption where a VCF comes in the place of a list: its records are never repeated as names.
    """
    yield from items
    if source == "-":
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")  # as a file, whatever the locale
        yield from _listed(sys.stdin, empty)
    elif source is not None:
        try:
            handle = Path(source).open(encoding="utf-8-sig", errors="replace")  # noqa: SIM115 - closed below
        except OSError as error:
            raise InvalidOption(f"cannot read: {error.strerror}", where=source) from error
        with handle:
            yield from _listed(handle, empty)


def _listed(lines: Iterable[str], empty: bool) -> Iterator[str]:
    passed: list[str] = []
    for line in lines:
        if line.startswith("##fileformat=VCF"):
            raise InvalidOption("read a VCF, expected a list; `interpret -` reads a VCF", where="--input")
        bare = line.rstrip("\r\n")
        if not bare.strip():
            if empty:
                passed.append(bare)
            continue
        yield from passed
        passed.clear()
        yield bare

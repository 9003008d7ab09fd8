"""Which of the files at hand are those of a source, by the names that it publishes them under."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from typing import TypeVar

from service.knowledge.importers.registry import Source

_File = TypeVar("_File")


def needed(source: Source) -> list[str]:
    """Entries of `Source.files` that may not be missing."""
    return [entry for entry in source.files if not _may_lack(entry)]


def files_of(source: Source, known: Mapping[str, _File]) -> tuple[dict[str, _File], str | None]:
    """Files by the source's entries, out of files by name, and the first entry that is needed and missing."""
    found = {}
    for entry in source.files:
        name = matching(entry, known)
        if name is not None:
            found[entry] = known[name]
        elif not _may_lack(entry):
            return found, entry
    return found, None


def matching(entry: str, names: Iterable[str]) -> str | None:
    """The name that an entry of `Source.files` means: alternatives in order, the last name of a pattern."""
    known = sorted(names)
    for pattern in entry.lstrip("?").split("|"):
        found = [name for name in known if fnmatch(name, pattern)]
        if found:
            return found[-1]
    return None


def _may_lack(entry: str) -> bool:
    return entry.startswith("?")

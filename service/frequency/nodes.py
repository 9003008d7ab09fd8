"""Reading a nodes.toml that replaces the configured sources."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from service.domain.frequency_sources import NodeEntry, snapshot_entry
from service.errors import ConfigurationError
from service.frequency.gnomad_entry import GnomadEntry


def load_nodes(path: Path, secrets: Mapping[str, str] | None = None) -> tuple[NodeEntry, ...]:
    """The `[[node]]` and `[[snapshot]]` entries of a file, in order; snapshots are relative to the file.

    Raises:
        ConfigurationError: the file cannot be read, or an entry contradicts itself.
    """
    document = _document(path)
    entries = []
    tables = [(kind, table) for kind in ("node", "snapshot") for table in _tables(document, kind, path)]
    for number, (kind, table) in enumerate(tables, start=1):
        where = f"{path.name}, {kind} {table.get('id', number)}"
        try:
            entry = NodeEntry.from_table(table, secrets) if kind == "node" else snapshot_entry(table)
        except (ValueError, TypeError) as error:
            raise ConfigurationError(str(error), where=where) from error
        if entry.snapshot is not None:
            entry = replace(entry, snapshot=str(path.parent / entry.snapshot))
        entries.append(entry)
    if not entries and "gnomad" not in document:
        raise ConfigurationError("the file has no [[node]] and no [[snapshot]]", where=path.name)
    ids = [entry.id for entry in entries]
    if len(set(ids)) < len(ids):
        raise ConfigurationError("two nodes have the same id", where=path.name)
    return tuple(entries)


def load_gnomad(path: Path) -> GnomadEntry | None:
    """The `[gnomad]` table of a nodes.toml (url, dataset, exact, requests_per_minute); None without one."""
    table = _document(path).get("gnomad")
    if table is None:
        return None
    exact = table.get("exact", "forbidden")
    if exact not in ("allowed", "forbidden"):
        raise ConfigurationError("exact must be allowed or forbidden", where=f"{path.name}, gnomad")
    try:
        return GnomadEntry(**{**table, "exact": exact == "allowed"})
    except TypeError as error:
        raise ConfigurationError(str(error), where=f"{path.name}, gnomad") from error


def _tables(document: Mapping[str, Any], kind: str, path: Path) -> list[dict[str, Any]]:
    tables = document.get(kind, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigurationError(f"{kind} is written as [[{kind}]]", where=path.name)
    return tables


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"cannot read the nodes: {error}", where=path.name) from error

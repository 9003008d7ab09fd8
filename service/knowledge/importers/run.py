"""Import one published source: find its files, compile them beside the releases, put the new one into use."""

import dataclasses
import fnmatch
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from service.errors import InvalidInput
from service.knowledge.importers.registry import Context, Source
from service.knowledge.imports import ImportedRelease, Imports


@dataclass(frozen=True, slots=True)
class Imported:
    """The release that is now in use, and whether these very files were in use before."""

    release: ImportedRelease
    unchanged: bool


def import_source(
    source: Source,
    location: str,
    imports: Imports,
    part: Callable[[str], Any],
    *,
    release: str | None = None,
    progress: Callable[[int], Callable[[int], None]] = lambda _: lambda _: None,
) -> Imported:
    """Bring a published source into use. `part` opens parts of the knowledge in force.

    `progress` is told the bytes to come and returns what is told of the bytes read. Until everything is
    complete the release in use stays in use.

    Raises:
        InvalidInput: a file is missing, damaged, or not what the source publishes.
        StorageUnavailable: the state folder cannot be written.
    """
    files = local_files(source, Path(location))
    digest = _digest(files)
    before = imports.current().get(source.name)
    if before is not None and before.sha256 == digest and release in (None, before.release):
        return Imported(before, unchanged=True)
    context = Context(part, progress(sum(path.stat().st_size for path in files.values())), release)
    with imports.workspace(source.name) as workspace:
        content = workspace / "content"
        module = import_module(f"service.knowledge.importers.{source.module}")
        outcome = module.run(files, content, context)
        found = ImportedRelease(
            source=source.name,
            release=release or outcome.release,
            date=outcome.date,
            sha256=digest,
            location=location if "://" in location else Path(location).name,
            imported_at=datetime.now(UTC).isoformat(timespec="seconds"),
            rows=outcome.rows,
            left_out=outcome.left_out,
        )
        imports.adopt(content, found)
    return Imported(dataclasses.replace(found), unchanged=False)


def local_files(source: Source, location: Path) -> dict[str, Path]:
    """The source's files: the one named, or those that a folder has under their published names."""
    if location.is_file():
        wanted = [name for name in source.files if not name.startswith("?")]
        named = next((n for n in source.files if fnmatch.fnmatch(location.name, n.lstrip("?"))), wanted[0])
        if len(wanted) > 1:
            raise InvalidInput(
                f"{source.title} comes as {', '.join(wanted)}; name the folder", where=location.name
            )
        return {named.lstrip("?"): location}
    if not location.is_dir():
        raise InvalidInput("there is no such file or folder", where=location.name)
    found = {}
    for name in source.files:
        matching = sorted(location.rglob(name.lstrip("?")))
        if matching:
            found[name.lstrip("?")] = matching[-1]
        elif not name.startswith("?"):
            raise InvalidInput(f"the folder has no {name}", where=location.name)
    return found


def _digest(files: dict[str, Path]) -> str:
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        with path.open("rb") as handle:
            digest.update(f"{name}\0{hashlib.file_digest(handle, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()

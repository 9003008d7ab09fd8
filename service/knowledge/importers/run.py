"""Import one published source: find its files, compile them beside the releases, put the new one into use."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from service.errors import InvalidInput
from service.knowledge.importers.fetch import Progress, fetch, is_url, verify_local
from service.knowledge.importers.published_names import files_of, needed
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
    progress: Progress = lambda _: lambda _: None,
) -> Imported:
    """Bring a published source into use. `part` opens parts of the knowledge in force.

    `location` is a file, a folder or a URL; `progress` is told the bytes to come and returns what is told of
    the bytes that came. Until everything is
    complete the release in use stays in use.

    Raises:
        InvalidInput: a file is missing, damaged, or not what the source publishes.
        SourceUnavailable: a download broke off; the same call goes on where it stopped.
        StorageUnavailable: the state folder cannot be written.
    """
    with imports.only_one(source.name):
        downloads = imports.folder / "downloads" / source.name
        if is_url(location):
            fetched = fetch(source, location, downloads, progress)
            files, verified = fetched.files, fetched.verified
        else:
            files = local_files(source, Path(location))
            verified = {path.name: verify_local(path) for path in files.values()}
        try:
            return _import(source, files, location, verified, imports, part, release, progress)
        finally:  # also when it is refused: the next call must not meet the same bytes again
            shutil.rmtree(downloads, ignore_errors=True)


def _import(
    source: Source,
    files: dict[str, Path],
    location: str,
    verified: dict[str, str],
    imports: Imports,
    part: Callable[[str], Any],
    release: str | None,
    progress: Progress,
) -> Imported:
    digest = _digest(files)
    before = imports.in_use(source.name)
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
            location=location if is_url(location) else Path(location).name,
            imported_at=datetime.now(UTC).isoformat(timespec="seconds"),
            rows=outcome.rows,
            left_out=outcome.left_out,
            verified=verified,
        )
        imports.adopt(content, found)
    return Imported(found, unchanged=False)


def local_files(source: Source, location: Path) -> dict[str, Path]:
    """The source's files: the one named, or those that a folder has under their published names."""
    entries = needed(source)
    if location.is_file():
        if len(entries) > 1:
            raise InvalidInput(
                f"{source.title} comes as {', '.join(entries)}; name the folder", where=location.name
            )
        return {entries[0]: location}
    if not location.is_dir():
        raise InvalidInput("there is no such file or folder", where=location.name)
    known = {path.name: path for path in location.rglob("*") if path.is_file()}
    found, missing = files_of(source, known)
    if missing is not None:
        raise InvalidInput(f"the folder has no {missing}", where=location.name)
    return found


def _digest(files: dict[str, Path]) -> str:
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        with path.open("rb") as handle:
            digest.update(f"{name}\0{hashlib.file_digest(handle, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()

"""One artifact, opened: each part is loaded when it is first asked for."""

import fcntl
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service.errors import KnowledgeError
from service.knowledge.build import (
    PARTS,
    Manifest,
    build,
    content_digest,
    default_artifact,
    default_content,
    read_manifest,
)
from service.knowledge.effective import compose, effective_artifact
from service.knowledge.imports import Imports


class Knowledge:
    """A compiled knowledge base. Raises KnowledgeError when there is none at `artifact`."""

    def __init__(self, artifact: Path) -> None:
        manifest = read_manifest(artifact)
        if manifest is None:
            raise KnowledgeError(
                "there is no compiled knowledge base; run `genomeward kb build`", where=artifact.name
            )
        self.manifest: Manifest = manifest
        self.artifact = artifact
        self._parts: dict[str, Any] = {}

    @property
    def release(self) -> str:
        """The exact release: label, content and compiler."""
        return self.manifest.release

    def part(self, name: str, **options: Any) -> Any:
        """A part's typed content, loaded once."""
        if name not in self._parts:
            module = importlib.import_module(PARTS[name])
            self._parts[name] = module.load(self.artifact / name, **options)
        return self._parts[name]


def open_knowledge(configured: Path | None, imports: Path | None = None) -> Knowledge:
    """The knowledge in force: what is imported over the configured knowledge base, else over the bundled one.

    Where this is a checkout the bundled one is built first.
    """
    shipped = open_shipped(configured)
    if imports is None or not imports.is_dir():
        return shipped
    over = shipped.artifact, shipped.manifest, Imports(imports)
    artifact = effective_artifact(*over)
    if read_manifest(artifact) is None:
        with _only_one(imports / "effective"):
            artifact = compose(*over)  # another process may have compiled it meanwhile
    return Knowledge(artifact)


def open_shipped(configured: Path | None) -> Knowledge:
    """The knowledge base without imports."""
    artifact = configured or default_artifact()
    # A configured knowledge base is used as it is: another release stays another release.
    content = default_content() if configured is None else None
    if content is not None and not _is_current(artifact, content):
        with _only_one(artifact):
            if not _is_current(artifact, content):  # another process may have built it meanwhile
                build(content, artifact)
    return Knowledge(artifact)


def _is_current(artifact: Path, content: Path) -> bool:
    manifest = read_manifest(artifact)
    return manifest is not None and manifest.release.endswith(content_digest(content)[:12])


@contextmanager
def _only_one(artifact: Path) -> Iterator[None]:
    """One build at a time on this machine."""
    artifact.parent.mkdir(parents=True, exist_ok=True)
    with (artifact.parent / ".building.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

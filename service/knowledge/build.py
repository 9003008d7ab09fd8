"""Compile `knowledgebase/` into one versioned, read-only artifact.

The artifact is a folder: `manifest.json` beside one file or folder per part. It is written under a temporary
name and renamed when complete, so a reader never sees half of it.
"""

import hashlib
import importlib
import json
import os
import shutil
import tempfile
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from service.errors import KnowledgeError
from service.files import put_in_place

# Name of the part -> module with `build(content: Path, out: Path) -> dict[str, int]` (row counts).
PARTS = {
    "pharmacogenes": "service.knowledge.pharmacogenes",
    "guidance": "service.knowledge.guidance",
    "phenoconversion": "service.knowledge.phenoconversion",
    "transcripts": "service.knowledge.transcripts",
    "liftover": "service.knowledge.liftover",
    "assertions": "service.knowledge.assertions",
    "tables": "service.knowledge.source_tables",
    "diseases": "service.knowledge.diseases",
    "frequency": "service.knowledge.frequency",
    "ontology": "service.knowledge.ontology",  # after transcripts, which have the HGNC ids
    "screen": "service.knowledge.screen",  # last: reads the parts before it from `out.parent`
}


@dataclass(frozen=True, slots=True)
class Upstream:
    """An upstream source as named in RELEASE.toml."""

    name: str
    version: str
    url: str
    licence: str
    date: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an artifact contains and rests on. `release` names content and compiler together."""

    release: str
    upstreams: tuple[Upstream, ...]
    rows: dict[str, dict[str, int]]


def read_upstreams(content: Path) -> tuple[str, tuple[Upstream, ...]]:
    """Release label and upstreams. Refuses one without version, URL, licence or date, and tables of none."""
    path = content / "RELEASE.toml"
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise KnowledgeError(f"cannot read the release file: {error}", where=path.name) from error
    upstreams = []
    for name, row in document.get("upstream", {}).items():
        lacking = [key for key in ("version", "url", "licence", "date") if not row.get(key)]
        if lacking:
            raise KnowledgeError(f"upstream {name} lacks {', '.join(lacking)}", where=path.name)
        upstreams.append(Upstream(name, str(row["version"]), row["url"], row["licence"], str(row["date"])))
    claimed = {table for row in document.get("upstream", {}).values() for table in row.get("tables", ())}
    for table in sourced_tables(content):
        if table not in claimed:
            raise KnowledgeError("no upstream names this table as its own", where=table)
    return str(document["release"]), tuple(upstreams)


def sourced_tables(content: Path) -> list[str]:
    """Tables that must belong to an upstream; other content names its source in each file."""
    return sorted(
        path.relative_to(content).as_posix()
        for folder in ("raredisease", "terminology")
        for path in (content / folder).glob("*.tsv*")
    )


def content_digest(content: Path) -> str:
    """SHA-256 over names and bytes of all content files and of the compilers, in sorted order."""
    digest = hashlib.sha256()
    compilers = Path(__file__).parent
    for root in (content, compilers):
        for path in sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0")
                digest.update(path.read_bytes())
    return digest.hexdigest()


def build(content: Path, artifact: Path) -> Manifest:
    """Compile `content` into `artifact`, replacing what is there only once all parts are complete."""
    label, upstreams = read_upstreams(content)
    release = f"{label}+{content_digest(content)[:12]}"
    artifact.parent.mkdir(parents=True, exist_ok=True)
    workspace = Path(tempfile.mkdtemp(prefix=".building-", dir=artifact.parent))
    try:
        rows = {
            name: importlib.import_module(module).build(content, workspace / name)
            for name, module in PARTS.items()
        }
        manifest = Manifest(release, upstreams, rows)
        (workspace / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1), "utf-8")
        put_in_place(workspace, artifact)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
    return manifest


def read_manifest(artifact: Path) -> Manifest | None:
    """The manifest of a complete artifact; None when there is none."""
    path = artifact / "manifest.json"
    if not path.is_file():
        return None
    document = json.loads(path.read_text("utf-8"))
    return Manifest(
        document["release"],
        tuple(Upstream(**row) for row in document["upstreams"]),
        document["rows"],
    )


def default_artifact() -> Path:
    """Where the compiled knowledge base lives unless configured: inside the package, as wheels do."""
    return Path(__file__).resolve().parent.parent / "_knowledge"


def default_content() -> Path | None:
    """The curated content of a source checkout; None in an installed wheel."""
    content = Path(__file__).resolve().parent.parent.parent / "knowledgebase"
    return content if (content / "RELEASE.toml").is_file() and os.access(content, os.R_OK) else None

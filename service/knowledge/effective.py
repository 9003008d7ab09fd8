"""The knowledge in force: the shipped artifact with imported releases over it.

An effective artifact is a folder like the shipped one. Parts that no import touches are links to the shipped
ones; the others are compiled from both. It is named by a digest of everything it rests on, so a new import or
a new version of the service makes a new one, and a process that reads the old one is not disturbed.
"""

import hashlib
import importlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from service.knowledge.build import PARTS, Manifest, Upstream
from service.knowledge.importers.registry import SOURCES
from service.knowledge.imports import ImportedRelease, Imports

# Part -> sources that change it; its module has
# `overlay(shipped: Path, imported: Mapping[str, Path], out: Path) -> dict[str, int]` (row counts).
OVERLAID = {
    "assertions": ("clinvar", "clinvar-summary"),
    "tables": (
        "clingen-validity",
        "clingen-dosage",
        "gencc",
        "gnomad-constraint",
        "mondo",
        "hpo",
        "transcripts",
    ),
    "transcripts": ("transcripts", "cdot-refseq", "cdot-ensembl"),
}
# Parts that are compiled anew when one of these changes: of the source tables, or of the parts beside them.
DERIVED = {
    "diseases": ("tables",),
    "ontology": ("tables", "transcripts"),
    "screen": ("assertions", "diseases", "transcripts"),
}
_KEPT = 2


def effective_artifact(shipped: Path, manifest: Manifest, imports: Imports) -> Path:
    """Where the artifact in force lies, compiled or not; the shipped one where nothing is imported."""
    current = _in_use(imports)
    return imports.folder / "effective" / _digest(shipped, manifest, current) if current else shipped


def compose(shipped: Path, manifest: Manifest, imports: Imports) -> Path:
    """The artifact in force, compiled now unless it is. One process at a time may call this."""
    artifact = effective_artifact(shipped, manifest, imports)
    if not (artifact / "manifest.json").is_file():
        _compose(shipped, manifest, _in_use(imports), imports, artifact)
    return artifact


def _in_use(imports: Imports) -> dict[str, ImportedRelease]:
    return {name: release for name, release in imports.current().items() if name in SOURCES}


def _digest(shipped: Path, manifest: Manifest, current: Mapping[str, ImportedRelease]) -> str:
    digest = hashlib.sha256(f"{shipped.resolve()}\0{manifest.release}".encode())
    for name, release in sorted(current.items()):
        digest.update(f"\0{name}\0{release.release}\0{release.sha256}\0{release.imported_at}".encode())
    return digest.hexdigest()[:12]


def _compose(
    shipped: Path,
    manifest: Manifest,
    current: Mapping[str, ImportedRelease],
    imports: Imports,
    artifact: Path,
) -> None:
    artifact.parent.mkdir(parents=True, exist_ok=True)
    workspace = Path(tempfile.mkdtemp(prefix=".composing-", dir=artifact.parent))
    try:
        rows, changed = dict(manifest.rows), set()
        for part, module in PARTS.items():
            out = workspace / part
            imported = {
                name: imports.path(name, current[name].release)
                for name in OVERLAID.get(part, ())
                if name in current
            }
            if imported:
                rows[part] = importlib.import_module(module).overlay(shipped / part, imported, out)
                changed.add(part)
            elif changed & set(DERIVED.get(part, ())):
                rows[part] = importlib.import_module(module).build(workspace / "tables", out)
                changed.add(part)
            else:
                out.symlink_to((shipped / part).resolve())
        found = Manifest(_release(manifest, current), _upstreams(manifest, current), rows)
        (workspace / "manifest.json").write_text(json.dumps(asdict(found), indent=1), "utf-8")
        if artifact.exists():
            shutil.rmtree(artifact)
        workspace.rename(artifact)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
    others = sorted(artifact.parent.glob("[0-9a-f]*"), key=lambda path: path.stat().st_mtime)
    for path in others[:-_KEPT]:
        shutil.rmtree(path, ignore_errors=True)


def _release(manifest: Manifest, current: Mapping[str, ImportedRelease]) -> str:
    """Names ClinVar's release, which dates most answers, and all imports by a digest (64 characters)."""
    clinvar = f"+clinvar-{current['clinvar'].release}" if "clinvar" in current else ""
    everything = "".join(f"{name} {r.release} {r.sha256}\n" for name, r in sorted(current.items()))
    # The store keeps 64 characters, of which imported guidance may need 18.
    digest = hashlib.sha256(everything.encode()).hexdigest()[:6]
    return f"{manifest.release}{clinvar[:19]}+{digest}"


def _upstreams(manifest: Manifest, current: Mapping[str, ImportedRelease]) -> tuple[Upstream, ...]:
    imported = tuple(
        Upstream(
            f"{name} (imported)", release.release, SOURCES[name].url, SOURCES[name].licence, release.date
        )
        for name, release in sorted(current.items())
    )
    return (*manifest.upstreams, *imported)

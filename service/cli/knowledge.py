"""`genomeward kb`: build, status, check, import."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from service.cli.progress import byte_progress
from service.errors import InvalidOption, KnowledgeError
from service.knowledge.build import Manifest, build, default_artifact, default_content
from service.knowledge.imports import Imports
from service.knowledge.repository import Knowledge, open_knowledge, open_shipped
from service.settings import read_settings


def run_build(options: argparse.Namespace) -> int:
    """Compile the curated content."""
    content = Path(options.content) if options.content else default_content()
    if content is None:
        raise KnowledgeError("no curated content here; name it with --content", where="kb build")
    artifact = Path(options.out) if options.out else read_settings().knowledge or default_artifact()
    print(_described(build(content, artifact)))
    return 0


def run_status(_options: argparse.Namespace) -> int:
    """Say which release is in use, what it rests on, and what was imported over it."""
    settings = read_settings()
    print(_described(open_knowledge(settings.knowledge, settings.imports).manifest))
    releases = list(Imports(settings.imports).releases())
    if releases:
        current = Imports(settings.imports).current()
        print("\nimported")
    for found in releases:
        use = "in use" if current.get(found.source) == found else "kept for comparison"
        rows = ", ".join(f"{count:,} {name}" for name, count in found.rows.items())
        dated = f" of {found.date}" if found.date not in ("", found.release) else ""
        print(f"  {found.source:16} {found.release}{dated}, {use}, {rows}")
        print(f"  {'':16} from {found.location} on {found.imported_at[:10]}, sha256 {found.sha256[:12]}")
    if guidance := _imported_guidance(settings.state):
        print(guidance)
    return 0


def _imported_guidance(state: Path) -> str:
    """One line per guidance file that was imported: its sources and how many drugs they speak of."""
    from collections import Counter

    from service.knowledge.guidance import overlays_in, read_overlay

    lines = []
    for overlay in overlays_in(state):
        sources = Counter(guidance.source for guidance in read_overlay(overlay).drugs)
        named = ", ".join(f"{source} {count}" for source, count in sorted(sources.items()))
        lines.append(f"  {overlay.stem:16} drugs by source: {named}")
    return "\n".join(["\nimported guidance", *lines]) if lines else ""


def _described(manifest: Manifest) -> str:
    lines = [f"knowledge release {manifest.release}", ""]
    lines += [
        f"  {part:16} " + ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in rows.items())
        for part, rows in manifest.rows.items()
    ]
    lines += ["", "upstream"]
    lines += [f"  {u.name:28} {u.version} ({u.date or 'undated'}), {u.licence}" for u in manifest.upstreams]
    return "\n".join(lines)


def run_check(_options: argparse.Namespace) -> int:
    """Print contradictions of the pharmacogene content; exit 1 when there is one."""
    from service.knowledge.pgx_check import check

    knowledge = Knowledge(read_settings().knowledge or default_artifact())
    contradictions = check(knowledge.part("pharmacogenes"), knowledge.part("guidance"))
    errors = [found for found in contradictions if found.severity == "error"]
    for found in errors:
        print(f"{found.where}: {found.text}", file=sys.stderr)
    open_upstream: dict[tuple[str, str], list[str]] = {}
    for found in contradictions:
        if found.severity != "error":
            open_upstream.setdefault((found.where, found.kind), []).append(found.text)
    for (where, kind), texts in open_upstream.items():
        print(f"warning: {where}: {len(texts)} times {kind.replace('-', ' ')}, first: {texts[0]}")
    print(
        f"{len(errors)} contradictions, {len(contradictions) - len(errors)} warnings in {knowledge.release}"
    )
    return 1 if errors else 0


def run_diff(options: argparse.Namespace) -> int:
    """Print what changed between two releases, one line each, and the counts on standard error."""
    from service.knowledge.diff import KINDS, differences, open_release

    settings = read_settings()
    wanted = set(options.only.split(",")) if options.only else set(KINDS)
    if unknown := wanted - set(KINDS):
        raise InvalidOption(
            f"read {', '.join(sorted(unknown))}; expected some of {', '.join(KINDS)}", where="kb diff --only"
        )
    artifacts = {
        "shipped": open_shipped(settings.knowledge).artifact,
        "current": open_knowledge(settings.knowledge, settings.imports).artifact,
    }
    imports = Imports(settings.imports)
    old, new = (open_release(name, artifacts, imports) for name in (options.old, options.new))
    counts = dict.fromkeys(KINDS, 0)
    crossing = 0
    for change in differences(old, new):
        counts[change.kind] += 1
        crossing += change.crosses
        if change.kind in wanted:
            row = change.document()
            print(json.dumps(row) if options.format == "jsonl" else _table_row(row))
    summary = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    print(f"{summary}; {crossing:,} to or from (likely) pathogenic", file=sys.stderr)
    return 0


def _table_row(row: dict[str, Any]) -> str:
    sides = [f"{s['classification']} ({s['stars']}*)" if (s := row[side]) else "-" for side in ("old", "new")]
    return "\t".join((row["change"], row["accession"], row["variant"], ",".join(row["genes"]), *sides))


def run_sources(_options: argparse.Namespace) -> int:
    """List the sources that can be imported."""
    from service.knowledge.importers.registry import SOURCES

    for source in SOURCES.values():
        print(f"{source.name:16} {source.title}; {source.licence}\n{'':16} {source.url}")
        print(f"{'':16} {', '.join(source.files)}")
    return 0


def run_import(options: argparse.Namespace) -> int:
    """Bring a published source into use beside the release; whatever is left out is said."""
    from service.knowledge.importers.registry import source_named
    from service.knowledge.importers.run import import_source

    if options.source == "guidance":
        return _import_guidance(Path(options.location))
    source = source_named(options.source)
    settings = read_settings()
    try:
        knowledge = open_knowledge(settings.knowledge, settings.imports)
    except KnowledgeError as error:  # a damaged import is mended by importing it again
        print(f"what is imported cannot be read: {error}", file=sys.stderr)
        knowledge = open_shipped(settings.knowledge)
    imports = Imports(settings.imports)
    before = imports.label_in_use(source.name)
    with byte_progress(source.name) as progress:
        done = import_source(
            source,
            options.location,
            imports,
            knowledge.part,
            release=options.release,
            progress=progress,
        )
    found = done.release
    rows = ", ".join(f"{count:,} {name}" for name, count in found.rows.items())
    print(f"{found.source} {found.release}: {'unchanged, ' if done.unchanged else ''}{rows}")
    for name, how in sorted(found.verified.items()):
        if how in ("", "length"):
            print(f"{name}: no checksum is published beside it", file=sys.stderr)
    for reason, count in sorted(found.left_out.items()):
        print(f"left out: {count:,} {reason}", file=sys.stderr)
    try:
        print(f"knowledge release {open_knowledge(settings.knowledge, settings.imports).release}")
    except KnowledgeError as error:
        imports.take_back(found, before)
        message = f"{error.message}; the import is taken back"
        raise KnowledgeError(message, where=error.where) from error
    return 0


def _import_guidance(source: Path) -> int:
    from service.knowledge.importers.guidance import import_guidance

    folder = read_settings().state / "guidance"
    folder.mkdir(parents=True, exist_ok=True)
    report = import_guidance(source, folder / f"{source.stem}.json")
    for issue in report.issues:
        print(f"{issue.severity}: {issue.where or source.name}: {issue.text}", file=sys.stderr)
    print(f"{report.guidelines} guidelines, {report.drugs} drugs, {report.rows} rows")
    return 1 if report.issues else 0

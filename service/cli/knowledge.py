"""`genomeward kb`: build, status, check, import."""

import argparse
import sys
from pathlib import Path

from service.errors import InvalidOption, KnowledgeError
from service.knowledge.build import Manifest, build, default_artifact, default_content
from service.knowledge.repository import Knowledge
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
    """Say which release is in use and what it rests on."""
    print(_described(Knowledge(read_settings().knowledge or default_artifact()).manifest))
    return 0


def _described(manifest: Manifest) -> str:
    lines = [f"knowledge release {manifest.release}", ""]
    lines += [
        f"  {part:16} " + ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in rows.items())
        for part, rows in manifest.rows.items()
    ]
    lines += ["", "upstream"]
    lines += [f"  {u.name:24} {u.version} ({u.date}), {u.licence}" for u in manifest.upstreams]
    return "\n".join(lines)


def run_check(_options: argparse.Namespace) -> int:
    """Print contradictions of the pharmacogene content; exit 1 when there is one."""
    from service.knowledge.pgx_check import check

    knowledge = Knowledge(read_settings().knowledge or default_artifact())
    contradictions = check(knowledge.part("pharmacogenes"), knowledge.part("guidance"))
    errors = [found for found in contradictions if found.severity == "error"]
    for found in errors:
        print(f"{found.where}: {found.text}", file=sys.stderr)
    print(
        f"{len(errors)} contradictions, {len(contradictions) - len(errors)} warnings in {knowledge.release}"
    )
    return 1 if errors else 0


def run_import(options: argparse.Namespace) -> int:
    """Bring published guidance in beside the release; every item that is refused is named."""
    from service.knowledge.importers.guidance import import_guidance

    if options.source != "guidance":
        raise InvalidOption(f"read {options.source!r}; expected guidance", where="kb import")
    source = Path(options.location)
    folder = read_settings().state / "guidance"
    folder.mkdir(parents=True, exist_ok=True)
    report = import_guidance(source, folder / f"{source.stem}.json")
    for issue in report.issues:
        print(f"{issue.severity}: {issue.where or source.name}: {issue.text}", file=sys.stderr)
    print(f"{report.guidelines} guidelines, {report.drugs} drugs, {report.rows} rows")
    return 1 if report.issues else 0

"""The part `frequency`: nodes and their snapshots, canary variants, exceptions from BA1."""

import json
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.domain.assembly import CHROMOSOMES, Assembly
from service.domain.frequency_sources import Ba1Exception, Canary, FrequencyKnowledge, NodeEntry
from service.domain.variant import Variant
from service.errors import KnowledgeError


def build(content: Path, out: Path) -> dict[str, int]:
    """Check the content and copy it beside its snapshots. Raises KnowledgeError on an unsourced row."""
    folder = content / "frequency"
    nodes = _nodes(folder / "nodes.toml")
    canaries = list(_rows(folder / "canaries.tsv"))
    exceptions = list(_rows(folder / "ba1_exceptions.tsv"))
    (out / "snapshots").mkdir(parents=True)
    for node in nodes:
        _checked(node, {})
        if "snapshot" not in node:
            continue
        for key in ("source", "licence"):
            if not node.get(key):
                raise KnowledgeError(f"node {node['id']} has a snapshot without {key}", where="nodes.toml")
        original = folder / node["snapshot"]
        if not original.is_file():
            raise KnowledgeError(
                f"node {node['id']}: there is no file {node['snapshot']}", where="nodes.toml"
            )
        node["snapshot"] = f"snapshots/{node['id']}-{original.name}"
        shutil.copyfile(original, out / node["snapshot"])
    document = {"nodes": nodes, "canaries": canaries, "ba1_exceptions": exceptions}
    _canaries(canaries)
    _exceptions(exceptions)
    (out / "frequency.json").write_text(json.dumps(document, indent=1), "utf-8")
    return {"nodes": len(nodes), "canaries": len(canaries), "ba1_exceptions": len(exceptions)}


def load(path: Path, secrets: dict[str, str] | None = None) -> FrequencyKnowledge:
    """The compiled part. Snapshots are named, not read."""
    document = json.loads((path / "frequency.json").read_text("utf-8"))
    nodes = []
    for table in document["nodes"]:
        if "snapshot" in table:
            table["snapshot"] = str(path / table["snapshot"])
        nodes.append(_checked(table, secrets or {}))
    return FrequencyKnowledge(
        tuple(nodes), _canaries(document["canaries"]), _exceptions(document["ba1_exceptions"]), path
    )


def _nodes(path: Path) -> list[dict[str, Any]]:
    try:
        nodes: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8")).get("node", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise KnowledgeError(f"cannot read the nodes: {error}", where=path.name) from error
    ids = [node.get("id") for node in nodes]
    if len(set(ids)) < len(ids):
        raise KnowledgeError("two nodes have the same id", where=path.name)
    return nodes


def _checked(table: dict[str, Any], secrets: dict[str, str]) -> NodeEntry:
    try:
        return NodeEntry.from_table(table, secrets)
    except (ValueError, TypeError) as error:
        raise KnowledgeError(str(error), where=f"nodes.toml, node {table.get('id', '?')}") from error


def _rows(path: Path) -> Iterator[dict[str, str]]:
    lines = path.read_text("utf-8").splitlines()
    columns = lines[0].split("\t")
    for number, line in enumerate(lines[1:], start=2):
        row = dict(zip(columns, line.split("\t"), strict=True))
        if not row["source"]:
            raise KnowledgeError("a row without a source", where=f"{path.name} line {number}")
        yield row


def _canaries(rows: list[dict[str, str]]) -> tuple[Canary, ...]:
    return tuple(
        Canary(row["kind"], row["name"], *_both_builds(row), row["before"], row["room"]) for row in rows
    )


def _exceptions(rows: list[dict[str, str]]) -> tuple[Ba1Exception, ...]:
    return tuple(Ba1Exception(row["gene"], row["hgvs"], *_both_builds(row)) for row in rows)


def _both_builds(row: dict[str, str]) -> tuple[Variant, Variant]:
    return _variant(Assembly.GRCH38, row["grch38"]), _variant(Assembly.GRCH37, row["grch37"])


def _variant(assembly: Assembly, text: str) -> Variant:
    chrom, pos, ref, alt = text.split("-")
    if chrom not in CHROMOSOMES:
        raise KnowledgeError(f"{chrom} is not a chromosome", where="frequency")
    return Variant(assembly, chrom, int(pos) - 1, ref, alt)

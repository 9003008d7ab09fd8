"""What `node sync` brought home of one node, on disk: its manifest, and a line for every variant."""

import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import orjson

from service.domain.frequency import AlleleFrequency, SourceAnswer
from service.files import put_in_place
from service.frequency.synced_lines import Key, write_lines

_SAFE = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True, slots=True)
class SyncedManifest:
    """What was fetched: ranges that are complete, from which dataset version, and when."""

    node: str
    assembly: str
    version: str
    fetched_at: str
    ranges: tuple[tuple[str, str, int, int], ...]  # gene, chromosome, start, end
    variants: int
    url: str = ""  # of the node: another one under the same id is another cohort


def folder_of(root: Path, node: str) -> Path:
    """The node's folder; an id becomes a safe name."""
    return root / _SAFE.sub("_", node)


def write_synced(root: Path, manifest: SyncedManifest, lines: Iterable[bytes]) -> SyncedManifest:
    """Store a fetch as the node's current one, whole or not at all; the manifest, its variants counted."""
    place = folder_of(root, manifest.node)
    place.parent.mkdir(parents=True, exist_ok=True)
    workspace = Path(tempfile.mkdtemp(prefix=".sync-", dir=place.parent))
    try:
        manifest = replace(manifest, variants=write_lines(workspace, lines))
        (workspace / "manifest.json").write_bytes(orjson.dumps(asdict(manifest)))
        put_in_place(workspace, place)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)
    return manifest


def same_address(one: str, other: str) -> bool:
    """Whether two addresses are one node's, however much of the API's path they name."""
    bare = [url.rstrip("/").removesuffix("/g_variants").removesuffix("/api") for url in (one, other)]
    return bare[0] == bare[1]


def read_manifest(place: Path) -> SyncedManifest | None:
    """What a folder holds; None when nothing was synced."""
    try:
        return held_manifest(place)
    except OSError:
        return None


def held_manifest(place: Path) -> SyncedManifest:
    """What a folder holds. Raises OSError where nothing was synced."""
    document = orjson.loads((place / "manifest.json").read_bytes())
    document["ranges"] = tuple(tuple(row) for row in document["ranges"])
    return SyncedManifest(**document)


def packed(key: Key, answer: SourceAnswer) -> bytes:
    """An answer as a line of the store; node, country and version stand in the entry and the manifest."""
    frequency = answer.frequency
    counts = None if frequency is None else _counts(frequency)
    groups = [[g.group, *_counts(g.frequency)] for g in answer.groups]
    return orjson.dumps(
        [
            *key,
            answer.outcome,
            counts,
            groups,
            answer.reported_frequency,
            answer.dataset,
            answer.reason,
            list(answer.overlaps_with),
            answer.suppressed_below,
            answer.suppressed_allele_number,
        ]
    )


def _counts(frequency: AlleleFrequency) -> list[int | None]:
    return [
        frequency.allele_count,
        frequency.allele_number,
        frequency.homozygotes,
        frequency.hemizygotes,
    ]

"""What a sync has brought home so far: gene by gene, so that an interrupted one goes on where it stopped."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from service.domain.frequency import SourceAnswer
from service.domain.frequency_sources import GeneRange
from service.frequency.synced_lines import Key, chromosomes_of, stored_lines
from service.frequency.synced_store import SyncedManifest, folder_of, packed, read_manifest, same_address

# Without a stated version nobody knows whether two days' answers belong together.
_UNVERSIONED_HOLDS = timedelta(hours=24)
GeneRow = tuple[str, str, int, int]


@dataclass(slots=True)
class SyncStore:
    """Fetched genes of one node, of one dataset version and build. Their variants stay on disk.

    `genes` are held completely; `chromosomes` are those that the node lists anything on.
    """

    root: Path
    node: str
    assembly: str
    version: str
    url: str
    genes: dict[GeneRow, None] = field(default_factory=dict)
    chromosomes: set[str] = field(default_factory=set)
    _held: Path | None = None

    @property
    def _path(self) -> Path:
        return self.root / f".{folder_of(self.root, self.node).name}.partial.jsonl"

    def resume(self) -> int:
        """Take up what is stored of the same version and build; how many genes that are."""
        folder = folder_of(self.root, self.node)
        held = read_manifest(folder)
        if (
            held is not None
            and same_address(held.url, self.url)
            and self._same(held.assembly, held.version, held.fetched_at)
        ):
            self.genes |= dict.fromkeys(held.ranges)
            self.chromosomes |= chromosomes_of(folder)
            self._held = folder
        whole = 0
        for end, ours, gene, rows in self._partial():
            whole = end
            if ours:
                self.genes[gene] = None
                self.chromosomes |= {str(row[0]) for row in rows}
        if self._path.exists():
            os.truncate(self._path, whole)  # a line that was cut off would spoil the next one
        return len(self.genes)

    def _same(self, assembly: str, version: str, fetched_at: str) -> bool:
        if (assembly, version) != (self.assembly, self.version):
            return False
        return bool(version) or datetime.now(UTC) - datetime.fromisoformat(fetched_at) < _UNVERSIONED_HOLDS

    def _partial(self) -> Iterator[tuple[int, bool, GeneRow, list[list[Any]]]]:
        """Stored genes: where the line ends, whether it belongs here, the gene and its rows.

        A line that was cut off ends them.
        """
        try:
            lines = self._path.open("rb")
        except OSError:
            return
        with lines:
            end = 0
            for line in lines:
                try:
                    (url, *header), gene, rows = orjson.loads(line)
                except (orjson.JSONDecodeError, ValueError):
                    return
                end += len(line)
                yield end, url == self.url and self._same(*header), tuple(gene), rows

    def lines(self) -> Iterator[bytes]:
        """Every packed line that is held, a later one of the same variant behind an earlier one."""
        if self._held is not None:
            yield from stored_lines(self._held)
        for _, ours, _, rows in self._partial():
            if ours:
                yield from map(orjson.dumps, rows)

    def has(self, gene: GeneRange) -> bool:
        """Whether the gene is there completely."""
        return row_of(gene) in self.genes

    def add(self, gene: GeneRange, answers: Mapping[Key, SourceAnswer]) -> None:
        """Keep a gene that is complete, on disk."""
        rows = [orjson.Fragment(packed(key, answer)) for key, answer in answers.items()]
        self.genes[row_of(gene)] = None
        self.chromosomes |= {key[0] for key in answers}
        header = (self.url, self.assembly, self.version, datetime.now(UTC).isoformat(timespec="seconds"))
        line = orjson.dumps([header, row_of(gene), rows])
        self.root.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as out:
            out.write(line + b"\n")

    def manifest(self, fetched_at: str) -> SyncedManifest:
        """What is held, as the node's manifest; its variants are counted when they are written."""
        return SyncedManifest(
            self.node, self.assembly, self.version, fetched_at, tuple(self.genes), 0, self.url
        )

    def finish(self) -> None:
        """The whole is stored elsewhere now."""
        self._path.unlink(missing_ok=True)


def row_of(gene: GeneRange) -> GeneRow:
    """A range as the manifest names it."""
    return gene.gene, gene.chrom, gene.start, gene.end

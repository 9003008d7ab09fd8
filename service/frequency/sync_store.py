"""What a sync has brought home so far: gene by gene, so that an interrupted one goes on where it stopped."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from service.domain.frequency import SourceAnswer
from service.domain.frequency_sources import GeneRange
from service.frequency.synced import SyncedManifest, folder_of, packed, read_synced, same_address
from service.frequency.synced_lines import Key

# Without a stated version nobody knows whether two days' answers belong together.
_UNVERSIONED_HOLDS = timedelta(hours=24)
GeneRow = tuple[str, str, int, int]


@dataclass(slots=True)
class SyncStore:
    """Fetched genes of one node, of one dataset version and build. `rows` are packed lines by variant."""

    root: Path
    node: str
    assembly: str
    version: str
    url: str
    genes: dict[GeneRow, None] = field(default_factory=dict)
    rows: dict[Key, bytes] = field(default_factory=dict)

    @property
    def _path(self) -> Path:
        return self.root / f".{folder_of(self.root, self.node).name}.partial.jsonl"

    def resume(self) -> int:
        """Take up what is stored of the same version and build; how many genes that are."""
        held = read_synced(folder_of(self.root, self.node))
        if (
            held is not None
            and same_address(held[0].url, self.url)
            and self._same(held[0].assembly, held[0].version, held[0].fetched_at)
        ):
            self.genes |= dict.fromkeys(held[0].ranges)
            self.rows |= held[1]
        for (url, *header), gene, rows in self._partial():
            if url == self.url and self._same(*header):
                self.genes[gene] = None
                self.rows |= rows
        return len(self.genes)

    def _same(self, assembly: str, version: str, fetched_at: str) -> bool:
        if (assembly, version) != (self.assembly, self.version):
            return False
        return bool(version) or datetime.now(UTC) - datetime.fromisoformat(fetched_at) < _UNVERSIONED_HOLDS

    def _partial(self) -> Iterator[tuple[tuple[str, ...], GeneRow, dict[Key, bytes]]]:
        """Stored genes; a line that was cut off ends them."""
        try:
            lines = self._path.read_bytes().split(b"\n")
        except OSError:
            return
        for line in lines:
            try:
                header, gene, rows = orjson.loads(line)
            except (orjson.JSONDecodeError, ValueError):
                return
            yield tuple(header), tuple(gene), {tuple(row[:4]): orjson.dumps(row) for row in rows}

    def has(self, gene: GeneRange) -> bool:
        """Whether the gene is there completely."""
        return row_of(gene) in self.genes

    def add(self, gene: GeneRange, answers: Mapping[Key, SourceAnswer]) -> None:
        """Keep a gene that is complete, on disk too."""
        rows = {key: packed(key, answer) for key, answer in answers.items()}
        self.genes[row_of(gene)] = None
        self.rows |= rows
        header = (self.url, self.assembly, self.version, datetime.now(UTC).isoformat(timespec="seconds"))
        line = orjson.dumps([header, row_of(gene), [orjson.Fragment(row) for row in rows.values()]])
        self.root.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as out:
            out.write(line + b"\n")

    def manifest(self, fetched_at: str) -> SyncedManifest:
        """What is held, as the node's manifest."""
        return SyncedManifest(
            self.node, self.assembly, self.version, fetched_at, tuple(self.genes), len(self.rows), self.url
        )

    def finish(self) -> None:
        """The whole is stored elsewhere now."""
        self._path.unlink(missing_ok=True)


def row_of(gene: GeneRange) -> GeneRow:
    """A range as the manifest names it."""
    return gene.gene, gene.chrom, gene.start, gene.end

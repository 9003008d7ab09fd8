"""Reading and writing the tab-separated tables of `knowledgebase/`, plain or zstd."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import zstandard

from service.errors import KnowledgeError


def read_table(path: Path) -> Iterator[dict[str, str]]:
    """Rows by column name. Raises KnowledgeError for a missing file or a row of another width."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise KnowledgeError(f"cannot read a table: {error.strerror}", where=path.name) from error
    if path.suffix == ".zst":
        content = zstandard.ZstdDecompressor().decompress(content)
    lines = content.decode("utf-8").split("\n")
    header = lines[0].split("\t")
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        cells = line.split("\t")
        if len(cells) != len(header):
            raise KnowledgeError(
                f"{len(cells)} columns, expected {len(header)}", where=f"{path.name} line {number}"
            )
        yield dict(zip(header, cells, strict=True))


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write rows in the order of the header, zstd where the name says so; their number.

    Tabs and line ends within a cell become spaces.
    """
    lines = ["\t".join(header)]
    lines += ("\t".join(" ".join(cell.split("\t")).replace("\n", " ") for cell in row) for row in rows)
    content = ("\n".join(lines) + "\n").encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zstandard.ZstdCompressor().compress(content) if path.suffix == ".zst" else content)
    return len(lines) - 1

"""FASTA as the other tools read it."""

import gzip
from collections.abc import Iterator
from pathlib import Path


def records(path: Path) -> Iterator[tuple[str, str]]:
    """(header without `>`, sequence in upper case) of every record of a file, gzipped or plain."""
    header, lines = "", []
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as handle:
        for line in handle:
            if line.startswith(">"):
                if header:
                    yield header, "".join(lines).upper()
                header, lines = line[1:].strip(), []
            else:
                lines.append(line.strip())
    if header:
        yield header, "".join(lines).upper()

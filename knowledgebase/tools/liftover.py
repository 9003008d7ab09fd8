"""Re-encode UCSC chains between GRCh37 and GRCh38 as alignment blocks for `knowledgebase/liftover`.

Usage: python knowledgebase/tools/liftover.py FOLDER OUT

FOLDER holds `hg19ToHg38.over.chain.gz` and `hg38ToHg19.over.chain.gz`. Blocks whose source and target are
primary chromosomes are kept. chrM is left out: UCSC's hg19 chrM is not the revised reference sequence.
Each output is zstd-compressed: six int32 columns (chromosome index, start, length, target chromosome index,
target start, strand), one after the other, rows by chromosome and start; start is written as the gap from the
end of the row before, target start as its distance from where the row before would continue.
"""

import argparse
import gzip
import sys
from pathlib import Path

import numpy as np
import zstandard

CHROMOSOMES = (*(str(n) for n in range(1, 23)), "X", "Y")
INDEX = {f"chr{chrom}": number for number, chrom in enumerate(CHROMOSOMES)}
CHAINS = {"grch37-to-grch38": "hg19ToHg38.over.chain.gz", "grch38-to-grch37": "hg38ToHg19.over.chain.gz"}


def read_blocks(path: Path) -> list[tuple[int, int, int, int, int, int]]:
    """(chromosome, start, length, target chromosome, target start of the first source base, strand) rows."""
    rows = []
    header: list[str] | None = None
    at = target = 0
    with gzip.open(path, "rt") as handle:
        for line in handle:
            cells = line.split()
            if not cells:
                continue
            if cells[0] == "chain":
                header = cells if cells[2] in INDEX and cells[7] in INDEX else None
                if header:
                    at, target = int(header[5]), int(header[10])
                continue
            if header is None:
                continue
            size = int(cells[0])
            if header[9] == "+":
                begin, strand = target, 1
            else:
                begin, strand = int(header[8]) - 1 - target, -1
            rows.append((INDEX[header[2]], at, size, INDEX[header[7]], begin, strand))
            if len(cells) == 3:
                at, target = at + size + int(cells[1]), target + size + int(cells[2])
    return sorted(rows)


def join(rows: list[tuple[int, int, int, int, int, int]]) -> np.ndarray:
    """Rows with blocks that continue one another made one; refuses overlapping source blocks."""
    joined: list[list[int]] = []
    for row in rows:
        if joined and joined[-1][0] == row[0]:
            last = joined[-1]
            end = last[1] + last[2]
            if row[1] < end:
                raise SystemExit(f"overlapping source blocks at {CHROMOSOMES[row[0]]}:{row[1]}")
            if (
                row[1] == end
                and last[3] == row[3]
                and last[5] == row[5]
                and row[4] == last[4] + last[5] * last[2]
            ):
                last[2] += row[2]
                continue
        joined.append(list(row))
    return np.array(joined, dtype=np.int64)


def encode(blocks: np.ndarray) -> bytes:
    """Delta-coded int32 columns."""
    chrom, start, length, target_chrom, target, strand = blocks.T
    same = np.r_[False, chrom[1:] == chrom[:-1]]
    before_end = np.r_[0, (start + length)[:-1]]
    expected = np.r_[0, (target + strand * length)[:-1]]
    columns = (
        chrom,
        start - np.where(same, before_end, 0),
        length,
        target_chrom,
        target - np.where(same, expected, 0),
        strand,
    )
    return b"".join(column.astype("<i4").tobytes() for column in columns)


def main() -> None:
    """Write one file per direction."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name, chain in CHAINS.items():
        blocks = join(read_blocks(options.folder / chain))
        packed = zstandard.compress(encode(blocks), 22)
        (options.out / f"{name}.zst").write_bytes(packed)
        print(name, len(blocks), "blocks,", len(packed), "bytes", file=sys.stderr)


if __name__ == "__main__":
    main()

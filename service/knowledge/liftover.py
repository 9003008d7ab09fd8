"""Alignment blocks between GRCh37 and GRCh38: content -> mapped columns -> AssemblyAlignment."""

import mmap
from pathlib import Path

import numpy as np
import zstandard

from service.domain.assembly import CHROMOSOMES, Assembly, chromosome_length
from service.domain.sequence import AlignmentBlocks, AssemblyAlignment
from service.errors import KnowledgeError

_DIRECTIONS = {"grch37-to-grch38": Assembly.GRCH37, "grch38-to-grch37": Assembly.GRCH38}
_COLUMNS = 6


def build(content: Path, out: Path) -> dict[str, int]:
    """Undo the delta coding of `content/liftover`; blocks per direction.

    Raises:
        KnowledgeError: blocks overlap or leave their chromosome.
    """
    out.mkdir(parents=True, exist_ok=True)
    rows = {}
    for name, source in _DIRECTIONS.items():
        coded = zstandard.decompress((content / "liftover" / f"{name}.zst").read_bytes())
        columns = _decode(np.frombuffer(coded, "<i4").reshape(_COLUMNS, -1))
        _check(columns, source, name)
        (out / f"{name}.i4").write_bytes(np.ascontiguousarray(columns, "<i4").tobytes())
        rows[name.replace("-", "_")] = columns.shape[1]
    return rows


def load(path: Path) -> AssemblyAlignment:
    """Blocks of both directions, memory-mapped."""
    blocks = {}
    for name, source in _DIRECTIONS.items():
        with (path / f"{name}.i4").open("rb") as handle:
            mapped = memoryview(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)).cast("i")
        count = len(mapped) // _COLUMNS
        chroms = np.frombuffer(mapped[:count], "<i4")
        edges = np.searchsorted(chroms, range(len(CHROMOSOMES) + 1))
        for number, chrom in enumerate(CHROMOSOMES):
            low, high = int(edges[number]), int(edges[number + 1])
            if low < high:
                starts, ends, target_chroms, targets, strands = (
                    mapped[column * count + low : column * count + high] for column in range(1, _COLUMNS)
                )
                blocks[source, chrom] = AlignmentBlocks(starts, ends, targets, target_chroms, strands)
    return AssemblyAlignment(blocks)


def _decode(coded: np.ndarray) -> np.ndarray:
    """Columns chromosome, start, end, target chromosome, target start, strand."""
    chrom, gap, length, target_chrom, drift, strand = coded.astype(np.int64)
    first = np.r_[True, chrom[1:] != chrom[:-1]]
    end = _sums_within(gap + length, first)
    target_end = _sums_within(drift + strand * length, first)
    return np.stack([chrom, end - length, end, target_chrom, target_end - strand * length, strand])


def _sums_within(steps: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Running sums that begin anew where `first` is set."""
    total = np.cumsum(steps)
    before = np.where(first, total - steps, 0)
    return np.asarray(total - before[np.maximum.accumulate(np.where(first, np.arange(len(steps)), 0))])


def _check(columns: np.ndarray, source: Assembly, name: str) -> None:
    """Refuses blocks that overlap or leave a chromosome."""
    chrom, start, end, target_chrom, target, strand = columns
    target_assembly = next(a for a in Assembly if a is not source)
    lengths = {a: np.array([chromosome_length(a, c) for c in CHROMOSOMES]) for a in Assembly}
    last = target + strand * (end - start - 1)
    overlap = (chrom[1:] == chrom[:-1]) & (start[1:] < end[:-1])
    limit = lengths[target_assembly][target_chrom]
    if (
        overlap.any()
        or (start < 0).any()
        or (end > lengths[source][chrom]).any()
        or (np.minimum(target, last) < 0).any()
        or (np.maximum(target, last) >= limit).any()
        or not np.isin(strand, (1, -1)).all()
    ):
        raise KnowledgeError("alignment blocks overlap or leave their chromosome", where=name)

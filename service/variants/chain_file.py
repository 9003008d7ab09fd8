"""Alignment blocks of the primary chromosomes from a configured chain file.

The format is UCSC's (https://genome.ucsc.edu/goldenPath/help/chain.html): per chain a line of its two
intervals and lines `size gap gap`, the last of `size` alone. Intervals are interbase; those on the minus
strand count from the end of the target. The mitochondrion is never read: UCSC's hg19 chrM is not the revised
reference.
"""

import gzip
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

from service.domain.assembly import CHROMOSOMES, Assembly, chromosome_length, parse_contig
from service.domain.sequence import AlignmentBlocks, AssemblyAlignment
from service.errors import ConfigurationError

_GZIP = b"\x1f\x8b"
_HEADER_CELLS = 12  # the id, a thirteenth, may be left out
# Start, end, where its first base lies, index of the target chromosome, strand, and the line that says so.
_Block = tuple[int, int, int, int, int, int]


def with_chains(shipped: AssemblyAlignment, chains: Mapping[Assembly, tuple[str, Path]]) -> AssemblyAlignment:
    """The alignment with its directions from these source assemblies replaced by chain files.

    `chains` has the name of the setting and the file; errors name the setting. The other direction stays:
    what the two do not agree on is refused as not reciprocal.

    Raises:
        ConfigurationError: a file cannot be read, is malformed, or is of another direction.
    """
    kept = {key: blocks for key, blocks in shipped.blocks.items() if key[0] not in chains}
    for source, (setting, path) in chains.items():
        kept |= read_chain_file(path, source, setting).blocks
    return AssemblyAlignment(kept)


def read_chain_file(path: Path, source: Assembly, setting: str) -> AssemblyAlignment:
    """Blocks of one direction; plain or gzip.

    Raises:
        ConfigurationError: as `with_chains`.
    """
    number = 0
    reader = _Reader(source, setting)
    try:
        for number, line in enumerate(_lines(path), 1):
            reader.read(number, line)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        told = (error.strerror if isinstance(error, OSError) else None) or str(error)
        place = f" after line {number}" if number else ""
        raise ConfigurationError(
            f"the chain file cannot be read{place}: {told.lower()}", where=setting
        ) from error
    return AssemblyAlignment({(source, chrom): found for chrom, found in reader.finished(number).items()})


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as handle:
        packed = handle.read(2) == _GZIP
    with gzip.open(path, "rt", encoding="ascii") if packed else path.open(encoding="ascii") as lines:
        yield from lines


class _Reader:
    """State of the chain that is being read, and the blocks so far by source chromosome."""

    def __init__(self, source: Assembly, setting: str) -> None:
        self._source, self._setting = source, setting
        self._target = next(assembly for assembly in Assembly if assembly is not source)
        self._blocks: dict[str, list[_Block]] = {}
        # Within a chain: where it stands and where it ends on both sides.
        self._open = False
        self._at = self._end = self._other = self._other_end = 0
        # Of the chain in hand: whether it is kept, and how its target is counted.
        self._kept: list[_Block] | None = None
        self._size, self._chrom, self._strand = 0, 0, 1

    def read(self, number: int, line: str) -> None:
        """One line."""
        cells = line.split()
        if not cells or cells[0][0] == "#":
            return
        if cells[0] == "chain":
            if self._open:
                self._refuse(number, "a chain begins before the one before it has ended")
            self._begin(number, cells)
        elif self._open:
            self._block(number, cells)
        else:
            self._refuse(number, "expected a line that begins with `chain`")

    def _begin(self, number: int, cells: list[str]) -> None:
        if len(cells) < _HEADER_CELLS or not _all_numbers(cells[3], *cells[5:7], cells[8], *cells[10:12]):
            self._refuse(number, "expected `chain score name size + start end name size strand start end id`")
        if cells[4] != "+" or cells[9] not in {"+", "-"}:
            self._refuse(number, "expected strand + for the source and + or - for the target")
        size, self._at, self._end = int(cells[3]), int(cells[5]), int(cells[6])
        self._size, self._other, self._other_end = int(cells[8]), int(cells[10]), int(cells[11])
        if not self._at < self._end <= size or not self._other < self._other_end <= self._size:
            self._refuse(number, "an interval is empty or leaves its sequence")
        source = self._primary(number, self._source, cells[2], size)
        target = self._primary(number, self._target, cells[7], self._size)
        self._open, self._kept = True, None
        if source is not None and target is not None:
            self._kept = self._blocks.setdefault(source, [])
            self._chrom, self._strand = CHROMOSOMES.index(target), 1 if cells[9] == "+" else -1

    def _primary(self, number: int, assembly: Assembly, name: str, size: int) -> str | None:
        """The chromosome of that name, None for other sequences; refuses one of another length."""
        contig = parse_contig(name)
        if contig is None or contig.chrom == "MT":
            return None
        expected = chromosome_length(assembly, contig.chrom)
        if size != expected or assembly not in contig.assemblies:
            self._refuse(number, f"{name} of {size} bases; {assembly} has one of {expected} bases there")
        return contig.chrom

    def _block(self, number: int, cells: list[str]) -> None:
        if len(cells) not in {1, 3} or not _all_numbers(*cells):
            self._refuse(number, "expected `size gap gap`, or `size` alone as the last line of a chain")
        size, at, other = int(cells[0]), self._at, self._other
        self._at, self._other = at + size, other + size
        if len(cells) == 1:
            if (self._at, self._other) != (self._end, self._other_end):
                self._refuse(number, "the blocks do not add up to the intervals of their chain")
            self._open = False
        else:
            self._at, self._other = self._at + int(cells[1]), self._other + int(cells[2])
            if self._at > self._end or self._other > self._other_end:
                self._refuse(number, "the blocks leave the intervals of their chain")
        if self._kept is not None and size:
            first = other if self._strand > 0 else self._size - 1 - other
            self._kept.append((at, at + size, first, self._chrom, self._strand, number))

    def finished(self, number: int) -> dict[str, AlignmentBlocks]:
        """Blocks by source chromosome after the last line."""
        if self._open:
            self._refuse(number, "the file ends within a chain")
        if not self._blocks:
            self._refuse(number, f"no chain from {self._source} to {self._target} between chromosomes")
        found = {}
        for chrom, blocks in self._blocks.items():
            blocks.sort()
            for before, block in pairwise(blocks):
                if block[0] < before[1]:
                    self._refuse(block[5], "a base has two places; expected one, as in an `over.chain`")
            starts, ends, targets, chroms, strands, _ = zip(*blocks, strict=True)
            found[chrom] = AlignmentBlocks(*map(_integers, (starts, ends, targets, chroms, strands)))
        return found

    def _refuse(self, number: int, told: str) -> NoReturn:
        raise ConfigurationError(f"line {number} of the chain file: {told}", where=self._setting)


def _all_numbers(*cells: str) -> bool:
    return all(cell.isdigit() for cell in cells)


def _integers(column: Iterable[int]) -> "array[int]":
    return array("i", column)

"""Records that state the reference: gVCF blocks and genotyped positions without an alternate allele."""

import numpy as np
from numpy.typing import NDArray

from service.domain.variant import Interval
from service.variants.line_table import LineTable, Rows, number_after

_NON_REF = np.frombuffer(b"<NON_REF>", np.uint8)
# FORMAT fields that, being 0, say that nothing supports the block. MIN_DP: GATK; RGQ: GATK all-sites.
_EVIDENCE = (b"DP", b"MIN_DP", b"GQ", b"RGQ")
_REFERENCE_GENOTYPES = frozenset((b"0", b"0/0", b"0|0"))


class CoverageTrack:
    """Intervals by chromosome, joined while they come in order."""

    def __init__(self) -> None:
        self._by_chrom: dict[str, list[list[int]]] = {}

    def __bool__(self) -> bool:
        return bool(self._by_chrom)

    def add(self, chrom: str, start: int, end: int) -> None:
        """Add start..end (interbase)."""
        spans = self._by_chrom.setdefault(chrom, [])
        if spans and spans[-1][0] <= start <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], end)
        else:
            spans.append([start, end])

    def intervals(self) -> list[Interval]:
        """All intervals added."""
        return [
            Interval(chrom, start, end) for chrom, spans in self._by_chrom.items() for start, end in spans
        ]


def is_reference_block(table: LineTable) -> NDArray[np.bool_]:
    """Which records have no alternate allele but a stand-in: `.`, `<NON_REF>` (GATK) or `<*>` (VCF 4.3)."""
    begin, length = table.begins(4), table.lengths(4)
    first = table.content[begin]
    blocks: NDArray[np.bool_] = (length == 1) & (first == ord("."))
    if not (first == ord("<")).any():
        return blocks
    last = len(table.content) - 1
    blocks |= (length == 3) & (first == ord("<")) & (table.content[np.minimum(begin + 1, last)] == ord("*"))
    non_ref = np.flatnonzero((length == len(_NON_REF)) & (first == ord("<")))
    spelled = table.content[begin[non_ref][:, None] + np.arange(len(_NON_REF))]
    blocks[non_ref[(spelled == _NON_REF).all(axis=1)]] = True
    return blocks


def block_ends(table: LineTable, blocks: NDArray[np.bool_], pos: Rows, sample_column: int) -> Rows:
    """Interbase ends that blocks state by INFO END (or FORMAT LEN, VCF 4.5); 0 where they state none."""
    ends = np.zeros(len(table), np.int64)
    rows = np.flatnonzero(blocks)
    if b"END=" in table.raw:
        begin = table.begins(7)[rows]
        leading = np.ones(len(rows), np.bool_)
        for offset, letter in enumerate(b"END="):
            leading &= table.content[begin + offset] == letter
        ends[rows[leading]] = number_after(table, begin[leading] + 4)
        if int(leading.sum()) < table.raw.count(b"END="):
            for row in rows[~leading].tolist():
                ends[row] = stated_end(table.text(row, 7))
    if b"LEN" in table.raw:
        for row in rows[ends[rows] == 0].tolist():
            if length := _stated_length(table.text(row, 8), table.text(row, sample_column)):
                ends[row] = int(pos[row]) - 1 + length
    return ends


def confident_reference(filters: bytes, keys: bytes, sample: bytes) -> bool:
    """Whether a block's genotype is reference, its filters passed and nothing says that there was no read.

    >>> confident_reference(b"PASS", b"GT:DP:GQ", b"0/0:31:90"), confident_reference(b".", b"GT:DP", b"0/0:0")
    (True, False)
    """
    if filters not in (b"PASS", b"."):
        return False
    values = sample.rstrip(b"\r").split(b":")
    fields = dict(zip(keys.split(b":"), values, strict=False))
    if fields.get(b"GT") not in _REFERENCE_GENOTYPES or fields.get(b"FT", b"PASS") not in (b"PASS", b"."):
        return False
    return not any(fields.get(key) == b"0" for key in _EVIDENCE)


def stated_end(entries: bytes) -> int:
    """INFO END, which is the interbase end too; 0 where it is not stated."""
    for entry in entries.split(b";"):
        if entry.startswith(b"END=") and entry[4:].isdigit():
            return int(entry[4:])
    return 0


def _stated_length(keys: bytes, sample: bytes) -> int:
    fields = dict(zip(keys.split(b":"), sample.split(b":"), strict=False))
    length = fields.get(b"LEN", b"")
    return int(length) if length.isdigit() else 0

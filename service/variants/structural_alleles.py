"""Structural and symbolic alleles, which are not interpreted: how many of each kind, and where they lie."""

from collections import Counter
from collections.abc import Callable

import numpy as np

from service.domain.assembly import parse_contig
from service.variants.allele_masks import Mask, has_structural_allele, structural_kind
from service.variants.line_table import LineTable, Rows
from service.variants.reference_block import CoverageTrack, stated_end


class StructuralAlleles:
    """Such alleles that a sample carries. `looked_at` marks the spans that touch a place where we look."""

    def __init__(
        self, column: int, looked_at: Callable[[str, Rows, Rows], Mask], *, accept_filtered: bool
    ) -> None:
        self._column = column
        self._looked_at = looked_at
        self._accept_filtered = accept_filtered
        self.kinds: Counter[str] = Counter()
        self.uninterpreted = CoverageTrack()
        # Of those that did not pass their filters: the ones that touch a place where we look.
        self.filtered = CoverageTrack()

    def count(self, table: LineTable, blocks: Mask, start: Rows, end: Rows) -> None:
        """Takes up the rows that are no reference `blocks`; interbase `start` and `end` of each."""
        filtered: dict[str, list[tuple[int, int]]] = {}
        for row in np.flatnonzero(has_structural_allele(table) & ~blocks).tolist():
            genotype = table.text(row, self._column).rstrip(b"\r").split(b":", 1)[0]
            has_genotype = table.text(row, 8).split(b":", 1)[0] == b"GT"
            alts = table.text(row, 4).decode("ascii", "replace").split(",")
            for number, alt in enumerate(alts, start=1):
                kind = structural_kind(alt)
                carried = not has_genotype or str(number).encode() in genotype.replace(b"|", b"/").split(b"/")
                if kind is not None and carried:
                    self.kinds[kind] += 1
                    contig = parse_contig(table.text(row, 0).decode("ascii", "replace"))
                    if contig is None:
                        continue
                    last = max(int(end[row]), _structural_end(table.text(row, 7), int(start[row])))
                    if self._accept_filtered or table.text(row, 6) in (b"PASS", b"."):
                        self.uninterpreted.add(contig.chrom, int(start[row]), last)
                    else:
                        filtered.setdefault(contig.chrom, []).append((int(start[row]), last))
        for chrom, spans in filtered.items():
            self._note_filtered(chrom, np.array(spans, np.int64))

    def _note_filtered(self, chrom: str, spans: Rows) -> None:
        """Callers write many that do not pass: kept are those over places where we look (`spans`: n x 2)."""
        start, end = spans[:, 0], spans[:, 1]
        for low, high in spans[self._looked_at(chrom, start, end)].tolist():
            self.filtered.add(chrom, low, high)


def _structural_end(entries: bytes, start: int) -> int:
    """Where a symbolic allele ends (interbase): INFO END, else POS and the length of SVLEN; else 0."""
    if end := stated_end(entries):
        return end
    for entry in entries.split(b";"):
        length = entry.removeprefix(b"SVLEN=").split(b",")[0].lstrip(b"-")
        if entry.startswith(b"SVLEN=") and length.isdigit() and b"SVTYPE=INS" not in entries:
            return start + 1 + int(length)
    return 0

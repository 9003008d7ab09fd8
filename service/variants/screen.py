"""The streaming pass: raw lines -> candidate records, by sorted site indexes. Only what hits is parsed."""

from collections import Counter
from dataclasses import dataclass
from itertools import compress, product, repeat

import numpy as np

from service.domain.assembly import Assembly, chromosome_length, parse_contig
from service.domain.screening import ScreenIndex
from service.domain.variant import UncalledRecord
from service.errors import InvalidVcf
from service.variants.allele_masks import (
    Mask,
    carries_alternate,
    lacks_a_call,
    overlaps,
)
from service.variants.assembly_detection import SiteEvidence
from service.variants.index_arrays import IndexArrays
from service.variants.issue_log import IssueLog
from service.variants.line_table import LineTable, Rows, contig_runs, positions, tabulate
from service.variants.reference_block import (
    CoverageTrack,
    block_ends,
    confident_reference,
    is_reference_block,
)
from service.variants.structural_alleles import StructuralAlleles
from service.variants.vcf_header import SAMPLE_COLUMN, VcfHeader

# No person carries this many alternate alleles where we look; a file that does would fill the memory.
MOST_HITS = 1_000_000
MOST_CONTIG_NAMES = 10_000
WRONG_COLUMNS = "the record does not have as many columns as the column line names"
WRONG_POS = "POS is not a positive whole number"
NOT_UTF8 = "the line is not UTF-8 text; other characters were replaced"


@dataclass(frozen=True, slots=True)
class ScreenedLine:
    """A raw record that hit the index: its fixed columns, FORMAT and the asked samples, as text."""

    number: int
    chrom: str
    start: int
    text: str
    every: frozenset[Assembly]
    carriers: frozenset[Assembly]


class Screen:
    """One file's pass. Feed it blocks of whole lines, then read what it found.

    Lines may come in any order. Everything kept is proportional to the hits, not to the file.
    """

    def __init__(
        self,
        index: ScreenIndex,
        header: VcfHeader,
        columns: tuple[int, ...],
        assemblies: tuple[Assembly, ...],
        log: IssueLog,
        *,
        line_word: str = "line",
        accept_filtered: bool = False,
        keep_uncalled: bool = False,
        arrays: dict[tuple[Assembly, str], IndexArrays] | None = None,
    ) -> None:
        self._index = index
        self._header = header
        self._columns = columns
        self._assemblies = assemblies
        self._log = log
        self._line_word = line_word
        self._keep_uncalled = keep_uncalled
        # A reader of many files gives the same dictionary to all: it holds nothing of a file.
        self._arrays = {} if arrays is None else arrays
        self._next_number = header.line_count + 1 if line_word == "line" else 1
        self.hits: list[ScreenedLine] = []
        self.record_count = 0
        self.malformed_count = 0
        self.contigs: Counter[str] = Counter()
        self.unknown_contigs: Counter[str] = Counter()
        self.sites = {assembly: SiteEvidence() for assembly in Assembly}
        self.beyond = {assembly: IssueLog() for assembly in Assembly}
        self.covered = {assembly: CoverageTrack() for assembly in assemblies}
        # Where we look: positions without a genotype.
        self.no_calls = CoverageTrack()
        self.uncalled: list[UncalledRecord] = []
        self.uncalled_blocks = CoverageTrack()
        self.structural = StructuralAlleles(columns[0], self._looked_at, accept_filtered=accept_filtered)

    def feed(self, block: bytes) -> None:
        """Screen whole lines. Raises InvalidVcf when the last line was cut off."""
        whole = block.endswith(b"\n")
        if not whole:
            block += b"\n"
        if not block.isascii():
            self._note_encoding(block)
        table = tabulate(block, self._header.column_count, self._next_number)
        if table is None:
            table = self._regular_lines(block, whole=whole)
        else:
            self._next_number += len(table)
        if len(table):
            self.record_count += len(table)
            self._screen(table)
        if len(self.hits) > MOST_HITS:
            raise InvalidVcf(
                f"more than {MOST_HITS} records lie at sites of interest: this is not one genome"
            )

    def _where(self, number: int) -> str:
        return f"{self._line_word} {number}"

    def _note_encoding(self, block: bytes) -> None:
        for offset, line in enumerate(block.split(b"\n")):
            try:
                line.decode()
            except UnicodeDecodeError:
                self._log.record(NOT_UTF8, where=self._where(self._next_number + offset))

    def _regular_lines(self, block: bytes, *, whole: bool) -> LineTable:
        """The well-formed lines of a block; the others become issues."""
        columns = self._header.column_count
        lines = block.split(b"\n")[:-1]
        good, numbers = [], []
        for number, line in enumerate(lines, start=self._next_number):
            found = line.count(b"\t") + 1
            if found == columns:
                good.append(line)
                numbers.append(number)
            elif line.strip():
                self._reject_line(
                    number, found, cut_off=not whole and number == self._next_number + len(lines) - 1
                )
        self._next_number += len(lines)
        empty = np.empty(0, np.int64)
        if not good:
            return LineTable(b"", np.empty(0, np.uint8), empty, np.empty((0, columns), np.int64), empty)
        table = tabulate(b"\n".join(good) + b"\n", columns, 0)
        assert table is not None, "every line was counted to have the columns"
        return LineTable(table.raw, table.content, table.first, table.ends, np.array(numbers, np.int64))

    def _reject_line(self, number: int, found: int, *, cut_off: bool) -> None:
        expected = self._header.column_count
        if cut_off:
            raise InvalidVcf(
                f"the file ends in the middle of a record: {found} columns were read, expected {expected}",
                where=self._where(number),
            )
        self.record_count += 1
        self.malformed_count += 1
        self._log.record(
            WRONG_COLUMNS,
            text=f"the record has {found} columns, expected {expected}; it was not read",
            where=self._where(number),
        )

    def _screen(self, table: LineTable) -> None:
        pos, wrong = positions(table)
        if wrong.any():
            self._note_wrong_positions(table, np.flatnonzero(wrong))
        start = pos - 1
        end = start + table.lengths(3)
        blocks = is_reference_block(table)
        if blocks.any():
            end = np.maximum(end, block_ends(table, blocks, pos, self._columns[0]))
        self.structural.count(table, blocks, start, end)
        for name, rows in contig_runs(table):
            contig = parse_contig(name)
            if contig is None:
                known = name in self.unknown_contigs or len(self.unknown_contigs) < MOST_CONTIG_NAMES
                self.unknown_contigs[name if known else "others"] += len(rows)
                continue
            self.contigs[name] += len(rows)
            self._screen_run(table, contig.chrom, rows, start, end, blocks)

    def _screen_run(
        self, table: LineTable, chrom: str, rows: Rows, start: Rows, end: Rows, blocks: Mask
    ) -> None:
        run_start, run_end = start[rows], end[rows]
        every = {a: overlaps(self._arrays_of(a, chrom).every, run_start, run_end) for a in self._assemblies}
        carriers = {
            a: overlaps(self._arrays_of(a, chrom).carriers, run_start, run_end) for a in self._assemblies
        }
        for assembly in Assembly:
            self._compare_sites(table, assembly, chrom, rows, run_start)
        for assembly in self._assemblies:
            self._note_beyond(table, assembly, chrom, rows, run_end)
        kept = np.logical_or.reduce(list(every.values()))
        touched = kept | np.logical_or.reduce(list(carriers.values()))
        block = blocks[rows]
        self._cover(table, chrom, rows[touched & block], start, end)

        # A reference block longer than its record is coverage, not a genotype at a site.
        kept &= ~(block & (run_end - run_start > table.lengths(3)[rows]))
        candidates = np.flatnonzero(touched & ~kept & ~block)
        carries = carries_alternate(table, rows[candidates], self._columns[0])
        carried = candidates[carries]
        others = np.concatenate((np.flatnonzero(kept & ~block), candidates[~carries]))
        for at in others[lacks_a_call(table, rows[others], self._columns[0])].tolist():
            self.no_calls.add(chrom, int(run_start[at]), int(run_end[at]))
            self._keep_site(table, chrom, int(rows[at]), int(run_start[at]), int(run_end[at]))
        hits = np.sort(np.concatenate((np.flatnonzero(kept), carried)))
        self.hits += map(
            ScreenedLine,
            table.numbers[rows[hits]].tolist(),
            repeat(chrom),
            run_start[hits].tolist(),
            [self._text(table, row) for row in rows[hits].tolist()],
            self._assemblies_of(every, hits),
            self._assemblies_of(carriers, hits),
        )

    def _assemblies_of(self, masks: dict[Assembly, Mask], hits: Rows) -> list[frozenset[Assembly]]:
        """In which assemblies each hit lies in a mask."""
        marked = zip(*(masks[assembly][hits].tolist() for assembly in self._assemblies), strict=True)
        known = {
            marks: frozenset(compress(self._assemblies, marks))
            for marks in product((False, True), repeat=len(self._assemblies))
        }
        return [known[marks] for marks in marked]

    def _arrays_of(self, assembly: Assembly, chrom: str) -> IndexArrays:
        found = self._arrays.get((assembly, chrom))
        if found is None:
            found = IndexArrays.of(self._index, assembly, chrom)
            self._arrays[assembly, chrom] = found
        return found

    def _looked_at(self, chrom: str, start: Rows, end: Rows) -> Mask:
        """Which spans touch a place where carriers are kept."""
        touched = [overlaps(self._arrays_of(a, chrom).carriers, start, end) for a in self._assemblies]
        found: Mask = np.logical_or.reduce(touched)
        return found

    def _text(self, table: LineTable, row: int) -> str:
        if len(self._header.samples) == 1:
            return table.line(row).decode("utf-8", "replace")
        fixed_end = int(table.ends[row, SAMPLE_COLUMN - 1])
        samples = (table.text(row, column).rstrip(b"\r") for column in self._columns)
        cells = [table.raw[int(table.first[row]) : fixed_end], *samples]
        return b"\t".join(cells).decode("utf-8", "replace")

    def _compare_sites(
        self, table: LineTable, assembly: Assembly, chrom: str, rows: Rows, run_start: Rows
    ) -> None:
        index = self._arrays_of(assembly, chrom)
        if not len(index.site_starts):
            return
        at = np.minimum(np.searchsorted(index.site_starts, run_start), len(index.site_starts) - 1)
        for found in np.flatnonzero(index.site_starts[at] == run_start).tolist():
            row = int(rows[found])
            site = index.sites[int(run_start[found])]
            self.sites[assembly].compare(
                site,
                table.text(row, 3).decode("ascii", "replace"),
                table.text(row, 2).decode("ascii", "replace"),
            )

    def _note_beyond(
        self, table: LineTable, assembly: Assembly, chrom: str, rows: Rows, run_end: Rows
    ) -> None:
        length = chromosome_length(assembly, chrom)
        # A reference block may end past a chromosome only when its record starts there too.
        if int(run_end.max(initial=0)) <= length:
            return
        for found in np.flatnonzero(run_end > length).tolist():
            self.beyond[assembly].record(
                f"the record lies beyond the end of its chromosome in {assembly}; it was not read",
                where=self._where(int(table.numbers[rows[found]])),
            )

    def _note_wrong_positions(self, table: LineTable, rows: Rows) -> None:
        for row in rows.tolist():
            self.malformed_count += 1
            shown = table.text(row, 1)[:20].decode("ascii", "replace")
            self._log.record(
                WRONG_POS,
                text=f"POS is {shown!r}, expected a positive whole number; the record was not read",
                where=self._where(int(table.numbers[row])),
            )

    def _cover(self, table: LineTable, chrom: str, rows: Rows, start: Rows, end: Rows) -> None:
        for row in rows.tolist():
            if confident_reference(table.text(row, 6), table.text(row, 8), table.text(row, self._columns[0])):
                for track in self.covered.values():
                    track.add(chrom, int(start[row]), int(end[row]))
            else:
                self.no_calls.add(chrom, int(start[row]), int(end[row]))
                if lacks_a_call(table, np.array([row]), self._columns[0])[0]:
                    self._keep_site(table, chrom, row, int(start[row]), int(end[row]))

    def _keep_site(self, table: LineTable, chrom: str, row: int, start: int, end: int) -> None:
        """Remember a record or a block without a genotype, where genes are asked about."""
        if not self._keep_uncalled:
            return
        ref, alts = (table.text(row, column).decode("ascii", "replace").upper() for column in (3, 4))
        if end - start <= len(ref):
            self.uncalled.append(UncalledRecord(chrom, start, ref, alts))
        else:
            self.uncalled_blocks.add(chrom, start, end)

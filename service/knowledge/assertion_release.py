"""One compiled release of assertions, read by row: by place, by record number or by residue."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np

from service.domain.assembly import CHROMOSOMES
from service.domain.disease import AssertedVariant, Assertion
from service.domain.ontology import Texts
from service.knowledge.assertion_table import (
    AMINO_ACIDS,
    CHROMOSOME_CODES,
    DICTIONARIES,
    KINDS,
    NO_PLACE,
    STARS,
    Numbers,
    place_of,
    trimmed,
    write_residues,
)
from service.knowledge.columns import ColumnFile, Columns

_EPOCH = date(1970, 1, 1)


class Release:
    """The compiled assertions of one release by row: memory-mapped, safe for threads. Places are GRCh38."""

    def __init__(self, path: Path) -> None:
        self._columns = Columns(path)
        self._numbers: dict[str, memoryview] = {}
        self._texts: dict[str, Texts] = {}

    @property
    def facts(self) -> dict[str, str]:
        """What was said of the release when it was compiled."""
        return self._columns.facts

    def __len__(self) -> int:
        return len(self.column("place"))

    def column(self, name: str) -> memoryview:
        """A column of numbers by row."""
        found = self._numbers.get(name)
        if found is None:
            found = self._numbers[name] = self._columns.numbers(name)
        return found

    def dictionary(self, name: str) -> Texts:
        """The texts that the codes of a column stand for."""
        found = self._texts.get(name)
        if found is None:
            found = self._texts[name] = self._columns.texts(name)
        return found

    def texts_of(self, name: str) -> Iterator[str]:
        """The texts of a dictionary in the order of their codes."""
        texts = self.dictionary(name)
        return (texts[code] for code in range(len(texts)))

    def write_with(
        self, numbers: Mapping[str, Numbers], texts: Mapping[str, Iterable[str]], out: Path
    ) -> None:
        """Write this release with other columns in place of some, into the new folder `out`."""
        with ColumnFile(out, self.facts) as file:
            for name, kind in KINDS.items():
                if name != "missense":
                    file.numbers(name, kind, numbers.get(name, np.asarray(self.column(name))))
            for name in DICTIONARIES:
                file.texts(name, texts.get(name, self.texts_of(name)))
            for name in ("by_variation", "by_rs"):
                file.numbers(f"{name}.keys", "q", np.asarray(self.column(f"{name}.keys")))
                file.numbers(f"{name}.rows", "i", np.asarray(self.column(f"{name}.rows")))
            residue, symbol = (
                numbers.get(name, np.asarray(self.column(name))) for name in ("residue", "symbol")
            )
            write_residues(file, residue, symbol)

    def text(self, name: str, row: int) -> str:
        """The text of a dictionary column in a row."""
        return self.dictionary(name)[self.column(name)[row]]

    def spelling(self, row: int) -> tuple[str, int, str, str]:
        """Chromosome, interbase start, REF and ALT as written upstream; `("", -1, "", "")` without place."""
        place = self.column("place")[row]
        if place == NO_PLACE:
            return "", NO_PLACE, "", ""
        ref, _, alt = self.text("alleles", row).partition(">")
        return CHROMOSOMES[place >> 32], self.column("start")[row], ref, alt

    def rows_at(self, chrom: str, start: int, ref: str, alt: str) -> list[int]:
        """Rows of exactly this variant, shared bases or none."""
        wanted = trimmed(start, ref, alt)
        return [
            row
            for row in self.rows_within(chrom, wanted[0], wanted[0])
            if trimmed(*self.spelling(row)[1:]) == wanted
        ]

    def rows_within(self, chrom: str, start: int, end: int) -> range:
        """Rows whose first changed base lies at an interbase start in start..end."""
        if chrom not in CHROMOSOME_CODES or end < 0:
            return range(0)
        places = self.column("place")
        first = bisect_left(places, place_of(chrom, max(0, start)))
        return range(first, bisect_right(places, place_of(chrom, end), lo=first))

    def rows_of_variation(self, variation: int) -> list[int]:
        """Rows of a ClinVar Variation id."""
        return self._indexed("by_variation", variation)

    def rows_of_rs(self, rs: int) -> list[int]:
        """Rows of a dbSNP record."""
        return self._indexed("by_rs", rs)

    def rows_at_residue(self, gene: str, position: int) -> list[int]:
        """Rows of missense variants of one residue."""
        code = self._symbols.get(gene)
        return [] if code is None else self._indexed("by_residue", code << 32 | position)

    @cached_property
    def _symbols(self) -> dict[str, int]:
        texts = self.dictionary("symbol")
        return {texts[code]: code for code in range(len(texts))}

    def _indexed(self, name: str, key: int) -> list[int]:
        if not 0 < key < 1 << 62:
            return []
        keys, rows = self.column(f"{name}.keys"), self.column(f"{name}.rows")
        first = bisect_left(keys, key)
        return [rows[index] for index in range(first, bisect_right(keys, key, lo=first))]

    def pathogenic(self) -> Iterator[int]:
        """Rows of placed assertions whose class has the word (likely) pathogenic in it."""
        texts = self.dictionary("classification")
        wanted = {code for code in range(len(texts)) if "athogenic" in texts[code]}
        classes = self.column("classification")
        first = bisect_left(self.column("place"), 0)
        return (row for row in range(first, len(classes)) if classes[row] in wanted)

    def assertion(self, row: int) -> Assertion:
        """The assertion of a row."""
        variation, evaluated = self.column("variation")[row], self.column("evaluated")[row]
        rs, review = self.column("rs")[row], self.text("review", row)
        return Assertion(
            source=self.text("source", row),
            accession=f"VCV{variation:09d}" if variation else f"rs{rs}" if rs else "",
            classification=self.text("classification", row),
            review_status=review,
            stars=STARS[review],
            conditions=_split(self.text("conditions", row)),
            condition_ids=_split(self.text("condition_ids", row)),
            last_evaluated=(_EPOCH + timedelta(days=evaluated)).isoformat() if evaluated else None,
            release=self.text("release", row),
            genes=_split(self.text("genes", row)),
            conflict_counts=self.text("conflict", row) or None,
        )

    def asserted(self, row: int) -> AssertedVariant:
        """The asserted variant of a row."""
        chrom, start, ref, alt = self.spelling(row)
        residue, rs = self.column("residue")[row], self.column("rs")[row]
        before, after = AMINO_ACIDS[self.column("before")[row]], AMINO_ACIDS[self.column("after")[row]]
        return AssertedVariant(
            self.assertion(row),
            chrom=chrom,
            start=start if chrom else None,
            ref=ref,
            alt=alt,
            protein_change=f"{before}{residue}{after}" if residue else None,
            rsid=f"rs{rs}" if rs else None,
        )


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()

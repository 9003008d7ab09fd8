"""ClinVar assertions, compiled to mapped columns and looked up by place, accession or residue."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np

from service.domain.assembly import CHROMOSOMES, chromosome_of
from service.domain.disease import AssertedVariant, Assertion
from service.domain.ontology import Texts
from service.knowledge.assertion_table import (
    AMINO_ACIDS,
    CHROMOSOME_CODES,
    DICTIONARIES,
    KINDS,
    MISSENSE,
    NO_PLACE,
    STARS,
    Numbers,
    place_of,
    trimmed,
    write_residues,
    write_rows,
)
from service.knowledge.columns import ColumnFile, Columns
from service.knowledge.tables import read_table

FOUNDERS = "founder variant table"
SHIPPED = "shipped"
# The share of shipped record numbers from which an imported file counts as a whole ClinVar.
WHOLE_FROM = 0.9
LAYERS = "layers.json"
_EPOCH = date(1970, 1, 1)


def build(content: Path, out: Path) -> dict[str, int]:
    """Compile ClinVar and the founder variants that it lacks, or has without a review status.

    Raises KnowledgeError for a class without a known review status or release.
    """
    folder = content / "raredisease"
    rows = list(read_table(folder / "clinvar.tsv.zst"))
    numbered = {_place(row) for row in rows if row["variation"]}
    # An early extract has no record numbers: its rows only add variants that no numbered row places.
    founders = [row for row in _founders(folder) if _place(row) not in numbered]
    better = numbered | {_place(row) for row in founders}
    rows = [row for row in rows if row["variation"] or _place(row) not in better]
    count = write_rows(chain(rows, founders), out, {"release": SHIPPED})
    return {"assertions": count, "founders": len(founders)}


def _place(row: dict[str, str]) -> tuple[object, ...]:
    if row["start"]:
        return row["chrom"], *trimmed(int(row["start"]), row["ref"], row["alt"])
    parts = row["spdi"].split(":")
    return (row["chrom"], *trimmed(int(parts[1]), parts[2], parts[3])) if len(parts) == 4 else ()


def _founders(folder: Path) -> Iterator[dict[str, str]]:
    for row in read_table(folder / "founder_variants.tsv"):
        yield (
            dict.fromkeys(("spdi", "variation", "condition_ids", "conflict"), "")
            | {name: row[name] for name in ("chrom", "start", "ref", "alt", "classification")}
            | {
                "rs": row["rsid"].removeprefix("rs"),
                "genes": row["gene"],
                "review": "curated founder variant, not a ClinVar record",
                "conditions": row["disease"],
                "protein": _missense(row),
                "release": "2026-11",
                "source": FOUNDERS,
            }
        )


def _missense(row: dict[str, str]) -> str:
    change = row["hgvs_p"].removeprefix("p.").strip("()")
    return f"{row['gene']}:{change}" if MISSENSE.fullmatch(change) and not change.endswith("Ter") else ""


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


class ClinVar:
    """Assertions of one release, or of an imported one over the shipped one.

    Where two are given, the second adds what the first does not know: neither by record nor by place. With
    `replaces` the first is a whole ClinVar, and only founder variants stay of the second.
    """

    def __init__(self, *releases: Release, replaces: bool = False) -> None:
        self.releases = releases
        self._replaces = replaces

    def _found(self, rows: Callable[[Release], Iterable[int]]) -> Iterator[tuple[Release, int]]:
        for depth, release in enumerate(self.releases):
            for row in rows(release):
                if depth == 0 or self._adds(release, row):
                    yield release, row

    def _adds(self, release: Release, row: int) -> bool:
        if self._replaces and release.text("source", row) != FOUNDERS:
            return False
        first = self.releases[0]
        if first.rows_of_variation(release.column("variation")[row]):
            return False
        return not first.rows_at(*release.spelling(row))

    def rows(self) -> Iterator[tuple[Release, int]]:
        """Every row that is in force."""
        return self._found(lambda release: range(len(release)))

    def rows_below(self, depth: int) -> list[int]:
        """Rows of a lower release that are in force."""
        release = self.releases[depth]
        return [row for row in range(len(release)) if self._adds(release, row)]

    def at(self, chrom: str, start: int, ref: str, alt: str) -> tuple[Assertion, ...]:
        """Assertions of exactly this variant, shared bases or none; empty when there is none."""
        return tuple(r.assertion(row) for r, row in self._found(lambda r: r.rows_at(chrom, start, ref, alt)))

    def of_spdi(self, spdi: str) -> tuple[Assertion, ...]:
        """Assertions of a fully justified SPDI on GRCh38; empty when there is none."""
        parts = spdi.split(":")
        known = chromosome_of(parts[0])
        if len(parts) != 4 or known is None or not parts[1].isdigit() or parts[2].isdigit():
            return ()
        return self.at(known[1], int(parts[1]), parts[2], parts[3])

    def of_accession(self, accession: str) -> AssertedVariant | None:
        """By VCV accession (any version) or Variation id; None when unknown or malformed."""
        bare = accession.upper().removeprefix("VCV").split(".")[0]
        if not _a_number(bare):
            return None
        found = self._found(lambda r: r.rows_of_variation(int(bare)))
        return next((r.asserted(row) for r, row in found), None)

    def of_rsid(self, rsid: str) -> tuple[AssertedVariant, ...]:
        """All alleles of a dbSNP record."""
        bare = rsid.lower().removeprefix("rs")
        if not _a_number(bare):
            return ()
        return tuple(r.asserted(row) for r, row in self._found(lambda r: r.rows_of_rs(int(bare))))

    def at_residue(self, gene: str, position: int) -> tuple[AssertedVariant, ...]:
        """Asserted missense variants of one residue, whatever their class."""
        return tuple(r.asserted(row) for r, row in self._found(lambda r: r.rows_at_residue(gene, position)))

    def within(self, chrom: str, start: int, end: int) -> tuple[AssertedVariant, ...]:
        """Asserted variants whose first changed base lies at an interbase start in start..end."""
        return tuple(r.asserted(row) for r, row in self._found(lambda r: r.rows_within(chrom, start, end)))

    def sites(self) -> Iterator[tuple[str, int, str, str]]:
        """Chromosome, interbase start, REF and ALT of every placed assertion that is (likely) pathogenic."""
        return (r.spelling(row) for r, row in self._found(Release.pathogenic))


def _a_number(text: str) -> bool:
    """Whether the text is a record's number: nothing issued has more than 18 digits."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def overlay(shipped: Path, imported: Mapping[str, Path], out: Path) -> dict[str, int]:
    """Lay imported ClinVar over the shipped one; row counts.

    A file that knows nearly every shipped record is a whole ClinVar and replaces it. With any other, shipped
    records that it does not speak of stay: a slice says nothing about what it left out.
    """
    folder = imported.get("clinvar") or imported["clinvar-summary"]
    out.mkdir(parents=True)
    if len(imported) > 1:
        join(Release(imported["clinvar"]), Release(imported["clinvar-summary"]), out / "joined")
        folder = out / "joined"
    upper, lower = Release(folder), Release(shipped)
    known, asked = upper.column("by_variation.keys"), lower.column("by_variation.keys")
    covered = np.isin(np.frombuffer(asked, np.int64), np.frombuffer(known, np.int64)).mean()
    place = "joined" if len(imported) > 1 else str(folder.resolve())
    layers = _Layers((place, str(shipped.resolve())), bool(covered >= WHOLE_FROM))
    (out / LAYERS).write_bytes(msgspec.json.encode(layers))
    stay = sum(1 for _ in _layered(layers, out).rows()) - len(upper)
    return {"assertions": len(upper) + stay, "imported": len(upper), "of the shipped": stay}


def join(records: Release, summary: Release, out: Path) -> int:
    """Write records with the protein changes and evaluation dates of a summary where they have none.

    Returns how many records the summary knows.
    """
    variation = np.asarray(records.column("variation"))
    keys, rows = (np.asarray(summary.column(f"by_variation.{part}")) for part in ("keys", "rows"))
    found = np.minimum(np.searchsorted(keys, variation), max(0, len(keys) - 1))
    known = np.flatnonzero((keys[found] == variation) & (variation > 0)) if len(keys) else np.array([], int)
    at = rows[found[known]]
    symbols = list(records.texts_of("symbol"))
    codes = {symbol: code for code, symbol in enumerate(symbols)}
    recoded = np.array([codes.setdefault(s, len(codes)) for s in summary.texts_of("symbol")], np.int32)
    column = {
        name: np.array(records.column(name)) for name in ("evaluated", "residue", "before", "after", "symbol")
    }
    undated = known[column["evaluated"][known] == 0]
    column["evaluated"][undated] = np.asarray(summary.column("evaluated"))[
        at[column["evaluated"][known] == 0]
    ]
    unnamed = column["residue"][known] == 0
    for name in ("residue", "before", "after"):
        column[name][known[unnamed]] = np.asarray(summary.column(name))[at[unnamed]]
    column["symbol"][known[unnamed]] = recoded[np.asarray(summary.column("symbol"))[at[unnamed]]]
    records.write_with(column, {"symbol": list(codes)}, out)
    return len(known)


class _Layers(msgspec.Struct):
    """Folders of releases, the upper first, relative to this one; whether the upper is a whole ClinVar."""

    folders: tuple[str, ...]
    replaces: bool


def _layered(layers: _Layers, at: Path) -> ClinVar:
    return ClinVar(*(Release(at / folder) for folder in layers.folders), replaces=layers.replaces)


def load(path: Path) -> ClinVar:
    """The compiled assertions at `path`. Raises KnowledgeError when they are missing."""
    if (path / LAYERS).is_file():
        return _layered(msgspec.json.decode((path / LAYERS).read_bytes(), type=_Layers), path)
    return ClinVar(Release(path))

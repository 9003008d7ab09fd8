"""ClinVar assertions, compiled to one read-only SQLite file and looked up by place, accession or residue."""

import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from service.domain.disease import AssertedVariant, Assertion
from service.errors import KnowledgeError
from service.knowledge.tables import read_table

# ClinVar's gold stars by review status. Source: https://www.ncbi.nlm.nih.gov/clinvar/docs/review_status/
STARS = {
    "practice guideline": 4,
    "reviewed by expert panel": 3,
    "criteria provided, multiple submitters, no conflicts": 2,
    "criteria provided, multiple submitters": 2,
    "criteria provided, conflicting classifications": 1,
    "criteria provided, conflicting interpretations": 1,
    "criteria provided, single submitter": 1,
    "no assertion criteria provided": 0,
    "no assertion provided": 0,
    "no classification provided": 0,
    "no classification for the single variant": 0,
    "no classifications from unflagged records": 0,
    # Not ClinVar's words: early extracts and curated founder tables carry no review status, so no star.
    "review status not in this extract": 0,
    "curated founder variant, not a ClinVar record": 0,
}
COLUMNS = (
    "chrom", "start", "ref", "alt", "spdi", "variation", "rs", "genes", "classification", "review",
    "conditions", "condition_ids", "conflict", "protein", "release", "source",
)  # fmt: skip
_SCHEMA = """
CREATE TABLE asserted (chrom TEXT, start INTEGER, ref TEXT, alt TEXT, spdi TEXT, variation INTEGER,
    rs INTEGER, genes TEXT, classification TEXT, review TEXT, conditions TEXT, condition_ids TEXT,
    conflict TEXT, protein TEXT, release TEXT, source TEXT, gene TEXT, residue INTEGER);
"""
_INDEXES = """
CREATE INDEX place ON asserted (chrom, start);
CREATE INDEX variation ON asserted (variation);
CREATE INDEX rs ON asserted (rs) WHERE rs IS NOT NULL;
CREATE INDEX spdi ON asserted (spdi) WHERE spdi IS NOT NULL;
CREATE INDEX residue ON asserted (gene, residue) WHERE residue IS NOT NULL;
"""
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM asserted WHERE "  # noqa: S608 - fixed column names
_RESIDUE = re.compile(r"[A-Z][a-z]{2}(\d+)[A-Z][a-z]{2}")


def build(content: Path, out: Path) -> dict[str, int]:
    """Compile ClinVar and the founder variants that it lacks.

    Raises KnowledgeError for a class without a known review status or release.
    """
    folder = content / "raredisease"
    rows = list(read_table(folder / "clinvar.tsv.zst"))
    places = {(row["chrom"], row["start"], row["ref"], row["alt"]) for row in rows}
    founders = [
        row for row in _founders(folder) if (row["chrom"], row["start"], row["ref"], row["alt"]) not in places
    ]
    return {"assertions": compile_rows(chain(rows, founders), out), "founders": len(founders)}


def _founders(folder: Path) -> Iterator[dict[str, str]]:
    for row in read_table(folder / "founder_variants.tsv"):
        yield (
            dict.fromkeys(COLUMNS, "")
            | {name: row[name] for name in ("chrom", "start", "ref", "alt")}
            | {
                "rs": row["rsid"].removeprefix("rs"),
                "genes": row["gene"],
                "classification": row["classification"],
                "review": "curated founder variant, not a ClinVar record",
                "conditions": row["disease"],
                "protein": _missense(row),
                "release": "2026-11",
                "source": "founder variant table",
            }
        )


def _missense(row: dict[str, str]) -> str:
    change = row["hgvs_p"].removeprefix("p.").strip("()")
    return f"{row['gene']}:{change}" if _RESIDUE.fullmatch(change) and not change.endswith("Ter") else ""


def compile_rows(rows: Iterable[dict[str, str]], out: Path) -> int:
    """Write rows of our schema into the SQLite file `out`; returns their number."""
    connection = sqlite3.connect(out)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        marks = ", ".join("?" * (len(COLUMNS) + 2))
        connection.executemany(f"INSERT INTO asserted VALUES ({marks})", _encoded(rows))  # noqa: S608
        connection.executescript(_INDEXES)
        connection.commit()
        (count,) = connection.execute("SELECT count(*) FROM asserted").fetchone()
    finally:
        connection.close()
    return int(count)


def _encoded(rows: Iterable[dict[str, str]]) -> Iterator[tuple[str | int | None, ...]]:
    for row in rows:
        if not row["classification"] or row["review"] not in STARS or not row["release"]:
            raise KnowledgeError(
                "an assertion needs a class, a known review status and a release",
                where=f"ClinVar variation {row['variation']}",
            )
        gene, _, change = row["protein"].rpartition(":")
        residue = _RESIDUE.fullmatch(change)
        cells: list[str | int | None] = [row.get(name) or None for name in COLUMNS]
        cells[0] = {"M": "MT"}.get(row["chrom"], row["chrom"])
        for index in (1, 5, 6):
            cells[index] = int(row[COLUMNS[index]].split("|")[0]) if row[COLUMNS[index]] else None
        yield (*cells, gene or None, int(residue[1]) if residue else None)


class ClinVar:
    """The compiled assertions; opens lazily, one connection a thread, read-only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def _rows(self, condition: str, *values: object) -> list[tuple[str | int | None, ...]]:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
            self._local.connection = connection
        return connection.execute(_SELECT + condition, values).fetchall()

    def at(self, chrom: str, start: int, ref: str, alt: str) -> tuple[Assertion, ...]:
        """Assertions of exactly this variant; empty when there is none."""
        rows = self._rows("chrom = ? AND start = ? AND ref = ? AND alt = ?", chrom, start, ref, alt)
        return tuple(_asserted(row).assertion for row in rows)

    def of_spdi(self, spdi: str) -> tuple[Assertion, ...]:
        """Assertions of variants that upstream places only by SPDI."""
        return tuple(_asserted(row).assertion for row in self._rows("spdi = ?", spdi))

    def of_accession(self, accession: str) -> AssertedVariant | None:
        """By VCV accession (any version) or Variation id; None when unknown or malformed."""
        bare = accession.upper().removeprefix("VCV").split(".")[0]
        rows = self._rows("variation = ?", int(bare)) if bare.isdigit() else []
        return _asserted(rows[0]) if rows else None

    def of_rsid(self, rsid: str) -> tuple[AssertedVariant, ...]:
        """All alleles of a dbSNP record."""
        bare = rsid.lower().removeprefix("rs")
        return tuple(map(_asserted, self._rows("rs = ?", int(bare)))) if bare.isdigit() else ()

    def at_residue(self, gene: str, position: int) -> tuple[AssertedVariant, ...]:
        """Asserted missense variants of one residue, whatever their class."""
        return tuple(map(_asserted, self._rows("gene = ? AND residue = ?", gene, position)))

    def within(self, chrom: str, start: int, end: int) -> tuple[AssertedVariant, ...]:
        """Asserted variants whose interbase start lies in start..end."""
        return tuple(map(_asserted, self._rows("chrom = ? AND start BETWEEN ? AND ?", chrom, start, end)))

    def sites(self) -> Iterator[tuple[str, int, str, str]]:
        """Chromosome, interbase start, REF and ALT of every placed assertion that is (likely) pathogenic."""
        condition = "start IS NOT NULL AND classification LIKE '%athogenic%' ORDER BY chrom, start"
        for row in self._rows(condition):
            yield str(row[0]), int(row[1] or 0), str(row[2]), str(row[3])

    def places_in(self, chrom: str) -> frozenset[int]:
        """Interbase starts of all placed assertions of a chromosome: a cheap first question."""
        rows = self._rows("chrom = ? AND start IS NOT NULL", chrom)
        return frozenset(int(row[1] or 0) for row in rows)


def _asserted(row: tuple[str | int | None, ...]) -> AssertedVariant:
    cells = dict(zip(COLUMNS, row, strict=True))
    review, rsid = str(cells["review"]), f"rs{cells['rs']}" if cells["rs"] else None
    assertion = Assertion(
        source=str(cells["source"] or "ClinVar"),
        accession=f"VCV{int(cells['variation']):09d}" if cells["variation"] else rsid or "",
        classification=str(cells["classification"]),
        review_status=review,
        stars=STARS[review],
        conditions=_split(cells["conditions"]),
        condition_ids=_split(cells["condition_ids"]),
        release=str(cells["release"]),
        genes=_split(cells["genes"]),
        conflict_counts=str(cells["conflict"]) if cells["conflict"] else None,
    )
    return AssertedVariant(
        assertion,
        chrom=str(cells["chrom"]),
        start=None if cells["start"] is None else int(cells["start"]),
        ref=str(cells["ref"] or ""),
        alt=str(cells["alt"] or ""),
        spdi=str(cells["spdi"]) if cells["spdi"] else None,
        protein_change=str(cells["protein"]).rpartition(":")[2] if cells["protein"] else None,
        rsid=rsid,
    )


def _split(cell: str | int | None) -> tuple[str, ...]:
    return tuple(str(cell).split("|")) if cell else ()


def load(path: Path) -> ClinVar:
    """The compiled assertions at `path`. Raises KnowledgeError when the file is missing."""
    if not path.is_file():
        raise KnowledgeError(
            "the compiled assertions are missing; run `genomeward kb build`", where=path.name
        )
    return ClinVar(path)

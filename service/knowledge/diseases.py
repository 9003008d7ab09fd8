"""Genes and their diseases, compiled to one read-only SQLite file with one small document a gene."""

import sqlite3
import threading
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from service.domain.gene import DiseaseKnowledge, GeneKnowledge
from service.errors import KnowledgeError
from service.knowledge.gene_tables import read_genes
from service.knowledge.tables import read_table

_SCHEMA = """
CREATE TABLE gene (symbol TEXT PRIMARY KEY, body BLOB, secondary INTEGER, carrier INTEGER, disease INTEGER)
    WITHOUT ROWID;
CREATE TABLE term (id TEXT PRIMARY KEY, label TEXT) WITHOUT ROWID;
CREATE TABLE xref (catalogue TEXT, mondo TEXT);
CREATE TABLE narrower (parent TEXT, child TEXT);
CREATE TABLE pair (disease TEXT, gene TEXT);
"""
_INDEXES = """
CREATE INDEX xref_catalogue ON xref (catalogue);
CREATE INDEX narrower_parent ON narrower (parent);
CREATE INDEX pair_disease ON pair (disease);
"""


def build(content: Path, out: Path) -> dict[str, int]:
    """Compile the tables of `raredisease/` and `terminology/`. Returns row counts."""
    terms = list(read_table(content / "terminology" / "mondo.tsv.zst"))
    mondo_by_catalogue = {x: f"MONDO:{t['id']}" for t in terms for x in t["xrefs"].split("|") if x}
    genes = list(read_genes(content, mondo_by_catalogue))
    connection = sqlite3.connect(out)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        connection.executemany(
            "INSERT INTO gene VALUES (?, ?, ?, ?, ?)",
            (
                (g.gene, msgspec.msgpack.encode(g), bool(g.secondary), bool(g.carrier), bool(g.diseases))
                for g in genes
            ),
        )
        connection.executemany(
            "INSERT INTO term VALUES (?, ?)", ((f"MONDO:{t['id']}", t["label"]) for t in terms)
        )
        connection.executemany("INSERT INTO xref VALUES (?, ?)", mondo_by_catalogue.items())
        connection.executemany(
            "INSERT INTO narrower VALUES (?, ?)",
            ((f"MONDO:{p}", f"MONDO:{t['id']}") for t in terms for p in t["parents"].split("|") if p),
        )
        connection.executemany(
            "INSERT INTO pair VALUES (?, ?)",
            sorted({(i, d.gene) for g in genes for d in g.diseases for i in (d.mondo, d.catalogue_id) if i}),
        )
        connection.executescript(_INDEXES)
        connection.commit()
    finally:
        connection.close()
    return {"genes": len(genes), "pairs": sum(len(g.diseases) for g in genes), "mondo": len(terms)}


class Diseases:
    """The compiled tables; opens lazily, one connection a thread, read-only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self.gene = lru_cache(maxsize=4096)(self._gene)

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
            self._local.connection = connection
        return connection.execute(query, values).fetchall()

    def _gene(self, symbol: str) -> GeneKnowledge | None:
        """What is known of a gene; None when it is in no table."""
        rows = self._rows("SELECT body FROM gene WHERE symbol = ?", symbol)
        return msgspec.msgpack.decode(rows[0][0], type=GeneKnowledge) if rows else None

    def _symbols(self, column: str) -> frozenset[str]:
        return frozenset(row[0] for row in self._rows(f"SELECT symbol FROM gene WHERE {column}"))  # noqa: S608

    @cached_property
    def secondary_genes(self) -> frozenset[str]:
        """Symbols of the secondary-findings list."""
        return self._symbols("secondary")

    @cached_property
    def carrier_genes(self) -> frozenset[str]:
        """Symbols of the carrier-screening panel."""
        return self._symbols("carrier")

    @cached_property
    def disease_genes(self) -> frozenset[str]:
        """Symbols with at least one gene-disease pair."""
        return self._symbols("disease")

    def genes_of_disease(self, disease: str) -> frozenset[str]:
        """Genes of a MONDO, OMIM or ORPHA id, its narrower terms included; empty when none is known."""
        rows = self._rows(
            "WITH RECURSIVE root(id) AS (SELECT ?1 UNION SELECT mondo FROM xref WHERE catalogue = ?1), "
            "below(id) AS (SELECT id FROM root UNION SELECT child FROM narrower JOIN below ON parent = id) "
            "SELECT DISTINCT gene FROM pair JOIN below ON disease = id",
            disease,
        )
        return frozenset(row[0] for row in rows)

    def mondo_of(self, catalogue_id: str) -> tuple[str, str] | None:
        """MONDO id and label of an OMIM or ORPHA id."""
        rows = self._rows(
            "SELECT term.id, term.label FROM xref JOIN term ON term.id = mondo WHERE catalogue = ?",
            catalogue_id,
        )
        return (rows[0][0], rows[0][1]) if rows else None


def load(path: Path) -> DiseaseKnowledge:
    """The compiled gene and disease tables at `path`. Raises KnowledgeError when the file is missing."""
    if not path.is_file():
        raise KnowledgeError(
            "the compiled disease tables are missing; run `genomeward kb build`", where=path.name
        )
    return Diseases(path)

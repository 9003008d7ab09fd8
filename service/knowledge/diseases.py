"""Genes and their diseases, compiled to one read-only SQLite file with one small document a gene."""

import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import msgspec

from service.domain.gene import (
    Bound,
    CarrierGene,
    DiseaseKnowledge,
    FrequencyException,
    GeneDisease,
    GeneKnowledge,
    Inheritance,
    PanelRule,
    PanelThresholds,
    ReportRule,
    SecondaryFinding,
)
from service.errors import KnowledgeError
from service.knowledge.source_tables import dates, hgnc_ids
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
_MODES = {"HP:0000006": "AD", "HP:0000007": "AR", "HP:0001417": "XL", "HP:0001419": "XL", "HP:0001423": "XL",
          "HP:0032113": "SD", "HP:0001427": "MT"}  # fmt: skip
_X_LINKED_TERMS = ("HP:0001419", "HP:0001423")  # recessive, dominant


def build(content: Path, out: Path) -> dict[str, int]:
    """Compile the tables of `raredisease/` and `terminology/`. Returns row counts."""
    folder = content / "raredisease"
    terms = list(read_table(content / "terminology" / "mondo.tsv.zst"))
    mondo_by_catalogue = {x: f"MONDO:{t['id']}" for t in terms for x in t["xrefs"].split("|") if x}
    genes: dict[str, GeneKnowledge] = {}
    pairs = _pairs(content, mondo_by_catalogue)
    secondary, thresholds, rules = _secondary(folder), _thresholds(folder), _rules(folder)
    carriers, exceptions = dict(_carriers(folder)), _frequency_exceptions(folder)
    hgnc = hgnc_ids(content)
    residues = {row["gene"]: row["residues"] for row in read_table(folder / "known_residues.tsv.zst")}
    mechanisms = {row["gene"]: row for row in read_table(folder / "mechanism.tsv.zst")}
    scores = {row["gene"]: row for row in read_table(folder / "genes.tsv.zst")}
    limit = _loeuf_limit(content)
    symbols = (
        scores.keys()
        | residues.keys()
        | carriers.keys()
        | pairs.keys()
        | secondary.keys()
        | thresholds.keys()
        | rules.keys()
        | exceptions.keys()
    )
    for symbol in sorted(symbols):
        row = scores.get(symbol, {})
        score = row.get("haploinsufficiency", "")
        genes[symbol] = GeneKnowledge(
            gene=symbol,
            hgnc_id=next((d.hgnc_id for d in pairs.get(symbol, ()) if d.hgnc_id), hgnc.get(symbol)),
            diseases=tuple(pairs.get(symbol, ())),
            secondary=tuple(secondary.get(symbol, ())),
            carrier=carriers.get(symbol),
            haploinsufficiency=int(score) if score.isdigit() else None,
            pli=float(row["pli"]) if row.get("pli") else None,
            loeuf=float(row["loeuf"]) if row.get("loeuf") else None,
            loeuf_limit=limit,
            thresholds=tuple(thresholds.get(symbol, ())),
            rules=tuple(rules.get(symbol, ())),
            pathogenic=int(mechanisms.get(symbol, {}).get("pathogenic", 0)),
            null_pathogenic=int(mechanisms.get(symbol, {}).get("null", 0)),
            residues=tuple((int(part[1:]), part[0]) for part in residues.get(symbol, "").split(";") if part),
            frequency_exceptions=tuple(exceptions.get(symbol, ())),
        )
    connection = sqlite3.connect(out)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        connection.executemany(
            "INSERT INTO gene VALUES (?, ?, ?, ?, ?)",
            (
                (g.gene, msgspec.msgpack.encode(g), bool(g.secondary), bool(g.carrier), bool(g.diseases))
                for g in genes.values()
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
            sorted(
                {(i, d.gene) for rows in pairs.values() for d in rows for i in (d.mondo, d.catalogue_id) if i}
            ),
        )
        connection.executescript(_INDEXES)
        connection.commit()
    finally:
        connection.close()
    return {"genes": len(genes), "pairs": sum(map(len, pairs.values())), "mondo": len(terms)}


def _loeuf_limit(content: Path) -> float:
    """The LOEUF limit of the constraint release in force; the strictest where the table does not know it.

    An imported release is named by its number (4.1), the shipped one, v2.1.1, by its date.
    """
    limits = {
        row["release"]: float(row["loeuf"])
        for row in read_table(content / "raredisease" / "constraint_limits.tsv")
    }
    release = dates(content)["gnomad-constraint"]
    major = "2" if "-" in release else release.removeprefix("v").partition(".")[0]
    return limits.get(major, min(limits.values()))


def _pairs(content: Path, mondo_by_catalogue: dict[str, str]) -> dict[str, list[GeneDisease]]:
    """Curations first; then catalogue pairs whose disease no curation of the gene names."""
    pairs: dict[str, list[GeneDisease]] = defaultdict(list)
    for pair in _curated(content):
        pairs[pair.gene].append(pair)
    catalogue = f"HPO genes_to_phenotype {dates(content)['hpo-annotations']}"
    terminology = content / "terminology"
    names = {row["disease"]: row["name"] for row in read_table(terminology / "hpo_diseases.tsv.zst")}
    modes: dict[str, set[str]] = defaultdict(set)
    narrower: dict[str, set[str]] = defaultdict(set)
    for row in read_table(terminology / "hpo_annotations.tsv.zst"):
        term = f"HP:{row['term']}"
        if row["aspect"] == "I" and (mode_name := _MODES.get(term)):
            modes[row["disease"]].add(mode_name)
            if term in _X_LINKED_TERMS:
                narrower[row["disease"]].add(term)
                narrower[mondo_by_catalogue.get(row["disease"], "")].add(term)
    for gene, curated in pairs.items():
        pairs[gene] = [replace(pair, inheritance_term=_only(narrower, pair.mondo)) for pair in curated]
    for row in read_table(terminology / "hpo_gene_disease.tsv.zst"):
        gene, disease = row["gene"], row["disease"]
        mondo = mondo_by_catalogue.get(disease)
        if disease not in names or (mondo and any(d.mondo == mondo for d in pairs[gene])):
            continue
        found = modes[disease]
        mode = Inheritance(next(iter(found))) if len(found) == 1 else Inheritance.UNDETERMINED
        pairs[gene].append(
            GeneDisease(
                gene, names[disease], mondo, mode, None, None, catalogue, catalogue_id=disease,
                inheritance_term=_only(narrower, disease),
            )
        )  # fmt: skip
    return dict(pairs)


def _curated(content: Path) -> Iterator[GeneDisease]:
    """ClinGen's curations, and GenCC's where imported, of pairs that ClinGen has not curated."""
    known = set()
    dated = dates(content)
    for source, title, name in (
        ("clingen-validity", "ClinGen gene-disease validity", "validity.tsv.zst"),
        ("gencc", "GenCC", "gencc.tsv.zst"),
    ):
        table = content / "raredisease" / name
        rows = list(read_table(table)) if source == "clingen-validity" or table.is_file() else []
        for row in rows:
            if (row["gene"], row["mondo"]) not in known:
                mode = Inheritance(row["inheritance"] or "UD")
                label = f"{title} {dated[source]}" + (f", {row['panel']}" if source == "gencc" else "")
                # A term that MONDO withdrew stays what was curated; its label is not for readers.
                disease = row["disease"].removeprefix("obsolete ")
                yield GeneDisease(
                    row["gene"], disease, row["mondo"], mode, row["validity"], row["date"], label,
                    row["hgnc"],
                )  # fmt: skip
        known |= {(row["gene"], row["mondo"]) for row in rows}


def _only(terms: dict[str, set[str]], disease: str | None) -> str | None:
    """The one narrower term of an X-linked disease; None when there is none or several."""
    found = terms.get(disease or "-", set())
    return next(iter(found)) if len(found) == 1 else None


def _secondary(folder: Path) -> dict[str, list[SecondaryFinding]]:
    found: dict[str, list[SecondaryFinding]] = defaultdict(list)
    for r in read_table(folder / "secondary_findings.tsv"):
        mode, rule = Inheritance(r["inheritance"]), ReportRule(r["report"])
        finding = SecondaryFinding(r["gene"], r["disease"], r["omim"], mode, rule, r["list_version"])
        found[r["gene"]].append(finding)
    return found


def _carriers(folder: Path) -> Iterator[tuple[str, CarrierGene]]:
    for r in read_table(folder / "carrier_genes.tsv"):
        mode = Inheritance(r["inheritance"])
        yield r["gene"], CarrierGene(r["gene"], r["disease"], r["mondo"] or None, mode, r["caveat"])


def _bound(operator: str, value: str) -> Bound | None:
    return Bound(operator, float(value)) if operator and value else None


def _supporting_bound(text: str) -> Bound | None:
    """`>0.00163`, `>=0.0007` or a range such as `0.00002..0.0001`, whose floor is the bound."""
    floor = text.split("..")[0]
    operator = floor[: len(floor) - len(floor.lstrip("<>="))] or (">=" if floor else "")
    return _bound(operator, floor.lstrip("<>="))


def _thresholds(folder: Path) -> dict[str, list[PanelThresholds]]:
    found: dict[str, list[PanelThresholds]] = defaultdict(list)
    for r in read_table(folder / "panel_thresholds.tsv"):
        modes = tuple(part.strip()[:2] for part in r["moi"].split(","))
        found[r["gene"]].append(
            PanelThresholds(
                r["gene"], r["disease"], modes, _bound(r["ba1_op"], r["ba1_value"]),
                _bound(r["bs1_op"], r["bs1_value"]), _supporting_bound(r["bs1_supporting"]),
                _bound(r["pm2_op"], r["pm2_value"]), r["pm2_text"], r["statistic"], r["panel"],
                f"{r['cspec_id']} v{r['cspec_version']}", r["note"],
            )
        )  # fmt: skip
    return found


# What was read of these criteria stands for all that a gene's panel says of them; of others, rules complete
# each other.
_READ_WHOLE = frozenset({"PM1", "PM4", "BP1", "BP7"})


def _rules(folder: Path) -> dict[str, list[PanelRule]]:
    found: dict[str, list[PanelRule]] = defaultdict(list)
    read = list(read_table(folder / "panel_rules_read.tsv"))
    whole = {(r["gene"], r["criterion"]) for r in read if r["criterion"] in _READ_WHOLE}
    derived = (
        r for r in read_table(folder / "panel_rules.tsv.zst") if (r["gene"], r["criterion"]) not in whole
    )
    for r in (*read, *derived):
        specification = f"{r['cspec_id']} v{r['cspec_version']}"
        found[r["gene"]].append(
            PanelRule(r["criterion"], r["status"], r["rule"], r["confidence"], specification)
        )
    return found


def _frequency_exceptions(folder: Path) -> dict[str, list[FrequencyException]]:
    found: dict[str, list[FrequencyException]] = defaultdict(list)
    for r in read_table(folder / "frequency_exceptions.tsv"):
        found[r["gene"]].append(
            FrequencyException(
                r["hgvs"], r["chrom"], int(r["start"]), r["ref"], r["alt"], r["reason"], r["source"]
            )
        )
    return found


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

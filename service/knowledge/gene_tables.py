"""What the tables of `raredisease/` and `terminology/` say of each gene."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from service.domain.gene import GeneKnowledge
from service.knowledge.gene_disease_pairs import read_pairs
from service.knowledge.gene_specific_rules import read_exceptions, read_rules, read_thresholds
from service.knowledge.listed_genes import read_carriers, read_secondary
from service.knowledge.source_tables import dates, hgnc_ids
from service.knowledge.tables import read_table


def read_genes(content: Path, mondo_by_catalogue: Mapping[str, str]) -> Iterator[GeneKnowledge]:
    """Every gene that a table names, in order of symbols.

    `mondo_by_catalogue` are MONDO ids by OMIM or ORPHA id.
    """
    folder = content / "raredisease"
    pairs = read_pairs(content, mondo_by_catalogue)
    secondary, thresholds, rules = read_secondary(folder), read_thresholds(folder), read_rules(folder)
    carriers, exceptions = dict(read_carriers(folder)), read_exceptions(folder)
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
        yield GeneKnowledge(
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

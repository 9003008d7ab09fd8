"""Genes that a list names: secondary findings to report, and carrier screening."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from service.domain.gene import CarrierGene, Inheritance, ReportRule, SecondaryFinding
from service.knowledge.tables import read_table


def read_secondary(folder: Path) -> dict[str, list[SecondaryFinding]]:
    """The rows of the secondary-findings list by gene."""
    found: dict[str, list[SecondaryFinding]] = defaultdict(list)
    for r in read_table(folder / "secondary_findings.tsv"):
        mode, rule = Inheritance(r["inheritance"]), ReportRule(r["report"])
        finding = SecondaryFinding(r["gene"], r["disease"], r["omim"], mode, rule, r["list_version"])
        found[r["gene"]].append(finding)
    return found


def read_carriers(folder: Path) -> Iterator[tuple[str, CarrierGene]]:
    """Genes of the carrier-screening panel."""
    for r in read_table(folder / "carrier_genes.tsv"):
        mode = Inheritance(r["inheritance"])
        yield r["gene"], CarrierGene(r["gene"], r["disease"], r["mondo"] or None, mode, r["caveat"])

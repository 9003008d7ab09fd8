"""What the package hpo3 lists as genes: entries without a symbol are none."""

from service.knowledge import phenotype_sources


def test_a_gene_without_a_symbol_is_not_read() -> None:
    genes = {name for name in phenotype_sources._read_package().genes if name.startswith("gene ")}
    assert len(genes) > 5000
    assert genes.isdisjoint({"gene -", "gene "})

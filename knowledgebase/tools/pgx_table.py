"""Write the pharmacogenomic tables of `knowledgebase/README.md` from the content files.

    python knowledgebase/tools/pgx_table.py [--check]

With `--check` nothing is written; the exit code is 1 when the tables are not those of the content.
"""

import sys
from pathlib import Path

from service.domain.guidance import DrugGuidance
from service.domain.pgx import GeneDefinition
from service.knowledge.guidance import read_guideline
from service.knowledge.pharmacogenes import read_gene

CONTENT = Path(__file__).resolve().parent.parent
README = CONTENT / "README.md"
START, END = "<!-- generated: pharmacogenes -->", "<!-- end of generated: pharmacogenes -->"
INTRODUCTION = """\
# Knowledge base

Curated content, one reviewable file per gene, and per guideline and drug, with source, version and licence
beside each fact. `genomeward kb build` compiles it; `genomeward kb check` looks for contradictions;
`RELEASE.toml` names every upstream.

| to review | look at |
|---|---|
| alleles, functions, phenotypes of a gene | `pgx/genes/<GENE>.toml` |
| what a guideline asks for, by drug | `pgx/guidelines/<source>/<guideline>/<drug>.toml` |
| that each text agrees with its source row | `pgx/guidelines/CHECKED.tsv` |
| drugs that inhibit or induce an enzyme | `pgx/phenoconversion.tsv` |
| other names of drugs | `pgx/drug_names.tsv` |

A guideline file has one table per statement and one line per row of the source. `text` says what to do,
`why` gives the reason; both are ours. `figures` and `names` are the numbers and the drugs that every source
row of the statement states: a text may use no other. The action is the strongest thing that the guideline
asks because of the genotype; a later or conditional dose change counts as one, a change that only a poor
response would bring is `monitor`. Where the source has replaced its recommendations (`newer_version`), no
dose and no figure is held, and every statement sends the reader to the current guideline.

"""


def render() -> str:
    """The generated part, markers included."""
    genes = [read_gene(path) for path in sorted((CONTENT / "pgx" / "genes").glob("*.toml"))]
    drugs = [read_guideline(path) for path in sorted((CONTENT / "pgx" / "guidelines").glob("*/*/*.toml"))]
    drugs.sort(key=lambda drug: drug.drug.name)
    lines = [START, "", "## Genes", "", *_genes(genes, drugs), "", "## Drugs", "", *_drugs(drugs), "", END]
    return "\n".join(lines)


def _genes(genes: list[GeneDefinition], drugs: list[DrugGuidance]) -> list[str]:
    rows = ["| gene | sites | alleles | from VCF | definitions of | newer upstream | drugs with guidance |"]
    rows.append("|---|---|---|---|---|---|---|")
    for gene in genes:
        with_guidance = [drug.drug.name for drug in drugs if gene.gene in drug.genes]
        cells = (
            gene.gene,
            str(len(gene.sites)),
            str(len(gene.alleles) or len(gene.presence_alleles)),
            "yes" if gene.from_vcf else "on request" if gene.sites else "outside call",
            gene.version,
            gene.newer_version or "",
            ", ".join(with_guidance),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _drugs(drugs: list[DrugGuidance]) -> list[str]:
    rows = ["| drug | genes | guideline | version | rows | statements | newer upstream |"]
    rows.append("|---|---|---|---|---|---|---|")
    for drug in drugs:
        held = sum(len(found) for table in drug.tables for found in table.rows.values())
        cells = (
            drug.drug.name,
            ", ".join(drug.genes),
            f"[{drug.source} {drug.guideline_id}]({drug.url})",
            drug.version,
            str(held),
            str(len(drug.statements)),
            drug.newer_version or "",
        )
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def updated(text: str) -> str:
    """A README with the generated part replaced, or added at its end."""
    if START not in text:
        return (text or INTRODUCTION).rstrip("\n") + "\n\n" + render() + "\n"
    before, rest = text.split(START, 1)
    return before + render() + rest.split(END, 1)[1]


def main() -> int:
    """0 when the tables are current (or were written)."""
    text = README.read_text("utf-8") if README.is_file() else ""
    if "--check" in sys.argv[1:]:
        return 0 if updated(text) == text else 1
    README.write_text(updated(text), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

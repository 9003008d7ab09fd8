"""The published sources that can be imported: one entry each, the importer's module imported when it runs."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.errors import InvalidInput, InvalidOption


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an importer wrote: release label, date of the release (ISO), row counts, what was left out."""

    release: str
    date: str
    rows: dict[str, int]
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What importers may use: parts of the shipped knowledge, a progress report, a release named by hand."""

    part: Callable[[str], Any]
    advance: Callable[[int], None] = lambda _: None
    release: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A published source. `files` are the names it is published under: patterns, alternatives with `|`.

    A name after `?` may be missing. `module` has
    `run(files: Mapping[str, Path], out: Path, context: Context) -> Outcome`, files by the names given here.
    """

    name: str
    title: str
    files: tuple[str, ...]
    url: str
    licence: str
    module: str


SOURCES = {
    source.name: source
    for source in (
        Source(
            "clinvar",
            "ClinVar VCF on GRCh38 (clinvar.vcf.gz)",
            ("clinvar.vcf.gz|clinvar_[0-9]*.vcf.gz",),
            "https://ftp.ncbi.nlm.nih.gov/pub/clinvar/vcf_GRCh38/",
            "public domain (NCBI)",
            "clinvar",
        ),
        Source(
            "clinvar-summary",
            "ClinVar variant_summary: protein changes and evaluation dates of the records",
            ("variant_summary.txt.gz|variant_summary_[0-9]*.txt.gz",),
            "https://ftp.ncbi.nlm.nih.gov/pub/clinvar/tab_delimited/",
            "public domain (NCBI)",
            "clinvar_summary",
        ),
        Source(
            "clingen-validity",
            "ClinGen gene-disease validity (CSV)",
            ("Clingen-Gene-Disease-Summary-*.csv*",),
            "https://search.clinicalgenome.org/kb/gene-validity/download",
            "CC0-1.0",
            "clingen_validity",
        ),
        Source(
            "clingen-dosage",
            "ClinGen dosage sensitivity by gene",
            ("ClinGen_gene_curation_list_GRCh38.tsv*",),
            "https://ftp.clinicalgenome.org/ClinGen_gene_curation_list_GRCh38.tsv",
            "CC0-1.0",
            "clingen_dosage",
        ),
        Source(
            "gencc",
            "GenCC gene-disease submissions (TSV or CSV)",
            ("gencc-submissions*.tsv*|gencc-submissions*.csv*",),
            "https://search.thegencc.org/download",
            "CC0-1.0",
            "gencc",
        ),
        Source(
            "gnomad-constraint",
            "gnomAD gene constraint (v2.1.1 by gene, v4 by transcript)",
            ("gnomad.v*metrics*",),
            "https://gnomad.broadinstitute.org/downloads",
            "CC0-1.0",
            "constraint",
        ),
        Source(
            "hpo",
            "HPO terms, disease annotations and genes",
            ("hp.obo|hp.json|hp.obo.gz|hp.json.gz", "phenotype.hpoa", "genes_to_phenotype.txt"),
            "https://hpo.jax.org/data/annotations",
            "HPO licence (free use with citation, version shown)",
            "hpo",
        ),
        Source(
            "transcripts",
            "MANE transcripts (summary, RefSeq GFF, and the RNA for bases)",
            (
                "MANE.GRCh38.v*.summary.txt.gz",
                "MANE.GRCh38.v*.refseq_genomic.gff.gz",
                "?MANE.GRCh38.v*.refseq_rna.fna.gz",
            ),
            "https://ftp.ncbi.nlm.nih.gov/refseq/MANE/MANE_human/current/",
            "public domain (NCBI); EMBL-EBI terms of use",
            "transcripts",
        ),
        Source(
            "cdot-refseq",
            "cdot alignments of RefSeq transcripts, earlier versions among them (JSON)",
            ("cdot-*.refseq.GRCh38.json.gz|cdot-*refseq*.json*",),
            "https://github.com/SACGF/cdot/releases",
            "MIT (cdot); public domain (NCBI)",
            "cdot",
        ),
        Source(
            "cdot-ensembl",
            "cdot alignments of Ensembl transcripts (JSON)",
            ("cdot-*.ensembl.GRCh38.json.gz|cdot-*ensembl*.json*",),
            "https://github.com/SACGF/cdot/releases",
            "MIT (cdot); EMBL-EBI terms of use",
            "cdot",
        ),
        Source(
            "reference",
            "GRCh38 as FASTA, for sequence of every gene",
            ("GCA_000001405.15_GRCh38_no_alt_analysis_set.fna.gz|GCF_000001405.*_genomic.fna.gz|hg38.fa.gz",),
            "https://ftp.ncbi.nlm.nih.gov/genomes/all/GCA/000/001/405/GCA_000001405.15_GRCh38/"
            "seqs_for_alignment_pipelines.ucsc_ids/",
            "public domain (NCBI)",
            "reference",
        ),
        Source(
            "mondo",
            "MONDO (OBO or JSON)",
            ("mondo.json|mondo.obo|mondo.json.gz|mondo.obo.gz",),
            "https://purl.obolibrary.org/obo/mondo.json",
            "CC-BY-4.0",
            "mondo",
        ),
    )
}


def source_named(name: str) -> Source:
    """The source of a name. Raises InvalidOption naming all."""
    if name not in SOURCES:
        raise InvalidOption(
            f"read {name!r}; expected one of guidance, {', '.join(SOURCES)}", where="kb import"
        )
    return SOURCES[name]


def only(files: dict[str, Path]) -> Path:
    """The one file of a source that is published as one."""
    (file,) = files.values()
    return file


def release_of(file: Path, pattern: str, context: Context) -> str:
    """The release named by hand, else what the group of `pattern` is in the file's name.

    Raises InvalidInput where neither says it.
    """
    named = re.search(pattern, file.name)
    release = context.release or (named[1] if named else None)
    if release is None:
        raise InvalidInput("its name does not say the release; name it with --release", where=file.name)
    return release

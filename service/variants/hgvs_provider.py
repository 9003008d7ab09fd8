"""The `hgvs` package over our own transcript tables and reference: its data provider, mapper and fallback.

Nothing here connects anywhere, and nothing is imported before it is needed.
"""

import warnings
from functools import cached_property
from typing import Any

from service.domain.assembly import CHROMOSOMES, Assembly, accession, chromosome_length, chromosome_of
from service.domain.transcript import Transcript
from service.variants.hgvs_package import parser
from service.variants.transcripts import TranscriptModels

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from hgvs.dataproviders.interface import Interface
    from hgvs.exceptions import HGVSDataNotAvailableError, HGVSError

METHOD = "splign"


class TableProvider(Interface):  # type: ignore[misc]
    """Transcripts and bases as the `hgvs` package asks for them."""

    required_version = "1.1"
    url = "genomeward:tables"

    def __init__(self, models: TranscriptModels) -> None:
        self._models = models
        super().__init__(mode=None, cache=None)

    def data_version(self) -> str:
        """Version of the tables' content."""
        return "1"

    def schema_version(self) -> str:
        """Version of the interface that these tables follow."""
        return "1.1"

    def get_assembly_map(self, assembly_name: str) -> dict[str, str]:
        """RefSeq accession -> chromosome name."""
        assembly = Assembly(assembly_name)
        return {accession(assembly, chrom): chrom for chrom in CHROMOSOMES}

    def get_seq(self, ac: str, start_i: int | None = None, end_i: int | None = None) -> str:
        """Bases of a chromosome (N where unknown) or a transcript."""
        place = chromosome_of(ac)
        if place is not None:
            assemblies, chrom = place
            assembly = Assembly.GRCH38 if Assembly.GRCH38 in assemblies else Assembly.GRCH37
            end = chromosome_length(assembly, chrom) if end_i is None else end_i
            return self._models.reference.bases(assembly, chrom, start_i or 0, end)
        return self._models.sequence(self._known(ac))[start_i:end_i]

    def get_pro_ac_for_tx_ac(self, tx_ac: str) -> str | None:
        """Protein accession of a transcript."""
        return self._known(tx_ac).protein

    def get_tx_identity_info(self, tx_ac: str) -> dict[str, Any]:
        """Coding interval and exon lengths of a transcript against itself."""
        transcript = self._known(tx_ac)
        geometry = self._models.geometry(transcript)
        lengths = [geometry.after(n) - geometry.first_offsets[n] for n in range(len(transcript.exons))]
        return self._row(transcript) | {
            "alt_ac": tx_ac,
            "alt_aln_method": "transcript",
            "lengths": lengths if transcript.strand > 0 else lengths[::-1],
        }

    def get_tx_info(self, tx_ac: str, alt_ac: str, alt_aln_method: str) -> dict[str, Any]:
        """Coding interval of a transcript on a chromosome."""
        return self._row(self._known(tx_ac)) | {"alt_ac": alt_ac, "alt_aln_method": alt_aln_method}

    def get_tx_exons(self, tx_ac: str, alt_ac: str, alt_aln_method: str) -> list[dict[str, Any]]:
        """Exon alignments in genomic order; `ord` counts in transcript order."""
        transcript = self._known(tx_ac)
        if accession(Assembly.GRCH38, transcript.chrom) != alt_ac:
            raise HGVSDataNotAvailableError(f"no alignment of {tx_ac} to {alt_ac}")
        geometry, rows = self._models.geometry(transcript), []
        count = len(transcript.exons)
        for number, (start, end) in enumerate(transcript.exons):
            first = geometry.first_offsets[number]
            rows.append(
                {
                    "hgnc": transcript.gene,
                    "tx_ac": tx_ac,
                    "alt_ac": alt_ac,
                    "alt_aln_method": alt_aln_method,
                    "alt_strand": transcript.strand,
                    "ord": number if transcript.strand > 0 else count - 1 - number,
                    "tx_start_i": first,
                    "tx_end_i": geometry.after(number),
                    "alt_start_i": start,
                    "alt_end_i": end,
                    "cigar": geometry.cigar(number),
                }
            )
        return rows

    def get_tx_mapping_options(self, tx_ac: str) -> list[dict[str, str]]:
        """The one chromosome that a transcript is aligned to."""
        transcript = self._known(tx_ac)
        chromosome = accession(Assembly.GRCH38, transcript.chrom)
        return [{"tx_ac": tx_ac, "alt_ac": chromosome, "alt_aln_method": METHOD}]

    def get_tx_for_gene(self, gene: str) -> list[dict[str, Any]]:
        """Transcripts of a gene."""
        found = self._models.catalogue.of_gene(gene)
        return [self._row(t) | {"alt_ac": accession(Assembly.GRCH38, t.chrom)} for t in found]

    def get_tx_for_region(self, alt_ac: str, alt_aln_method: str, start_i: int, end_i: int) -> list[Any]:
        """Transcripts that overlap an interval of a GRCh38 chromosome."""
        place = chromosome_of(alt_ac)
        if place is None or Assembly.GRCH38 not in place[0]:
            return []
        found = self._models.catalogue.near(place[1], start_i, end_i)
        return [
            {"tx_ac": t.accession, "alt_ac": alt_ac, "alt_strand": t.strand, "alt_aln_method": alt_aln_method}
            for t in found
            if t.start < end_i and t.end > start_i
        ]

    def get_gene_info(self, gene: str) -> dict[str, Any] | None:
        """Symbol of a known gene; None for another."""
        return {"hgnc": gene, "aliases": ""} if self._models.catalogue.of_gene(gene) else None

    def get_acs_for_protein_seq(self, seq: str) -> list[str]:  # noqa: ARG002 - the interface asks
        """No index by protein sequence is kept."""
        return []

    def get_similar_transcripts(self, tx_ac: str) -> list[Any]:  # noqa: ARG002 - the interface asks
        """No table of similar transcripts is kept."""
        return []

    def _known(self, tx_ac: str) -> Transcript:
        found = self._models.catalogue.get(tx_ac)
        if found is None:
            raise HGVSDataNotAvailableError(f"transcript {tx_ac} is not known")
        return found

    def _row(self, transcript: Transcript) -> dict[str, Any]:
        start, end = transcript.cds or (None, None)
        return {
            "hgnc": transcript.gene,
            "tx_ac": transcript.accession,
            "cds_start_i": start,
            "cds_end_i": end,
        }


class HgvsPackage:
    """The package's parser and mappers over one set of transcript models."""

    def __init__(self, models: TranscriptModels) -> None:
        self.provider = TableProvider(models)

    @cached_property
    def mapper(self) -> Any:
        """Maps g., c. and p.; neither normalises nor validates, which intronic positions would break."""
        from hgvs.assemblymapper import AssemblyMapper

        return AssemblyMapper(
            self.provider,
            assembly_name=Assembly.GRCH38.value,
            alt_aln_method=METHOD,
            normalize=False,
            prevalidation_level=None,
            replace_reference=True,
        )

    def protein_name(self, hgvs_c: str) -> str | None:
        """The p. name of a c. name; None where the package cannot tell."""
        try:
            return str(self.mapper.c_to_p(parser().parse_hgvs_variant(hgvs_c)))
        except (HGVSError, NotImplementedError):
            return None

"""Where a gene's coding bases lie, on either assembly."""

from service.domain.assembly import Assembly
from service.domain.sequence import AssemblyAlignment
from service.domain.transcript import EARLIER
from service.domain.transcript_catalogue import TranscriptCatalogue
from service.domain.variant import Interval
from service.knowledge.screen import on_grch37


def coding_intervals(
    catalogue: TranscriptCatalogue, alignment: AssemblyAlignment, gene: str, assembly: Assembly
) -> tuple[Interval, ...]:
    """Coding intervals of the gene's MANE Select transcript, ascending; empty when there is no model.

    A non-coding gene has all its exons. On GRCh37 what is not aligned is left out.
    """
    models = [transcript for transcript in catalogue.of_gene(gene) if transcript.kind != EARLIER]
    if not models:
        return ()
    on_grch38 = [Interval(models[0].chrom, start, end) for start, end in models[0].coding_exons]
    if assembly is Assembly.GRCH38:
        return tuple(on_grch38)
    pieces = [piece for interval in on_grch38 for piece in on_grch37(interval, alignment)]
    return tuple(sorted(pieces, key=lambda piece: (piece.chrom, piece.start)))

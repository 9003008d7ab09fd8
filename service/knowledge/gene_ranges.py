"""Where the genes of the knowledge base lie: what frequency nodes may be asked for whoever the patient is."""

from collections.abc import Iterator, Mapping

from service.domain.assembly import Assembly, chromosome_length
from service.domain.frequency_sources import GeneRange
from service.domain.gene import DiseaseKnowledge
from service.domain.pgx import GeneDefinition
from service.domain.sequence import AssemblyAlignment
from service.domain.transcript import EARLIER
from service.domain.transcript_catalogue import TranscriptCatalogue
from service.domain.variant import Interval
from service.knowledge.screen import on_grch37

# Bases beyond the transcripts of a gene: promoter variants such as CYP2C19*17 and VKORC1 -1639 lie there.
MARGIN = 2_500
# A gene that GRCh37 holds in pieces is asked for as one range, unless the pieces lie this much further apart.
_LOOSEST = 1.5


def gene_ranges(
    definitions: Mapping[str, GeneDefinition], diseases: DiseaseKnowledge, catalogue: TranscriptCatalogue,
    alignment: AssemblyAlignment,
) -> Iterator[GeneRange]:  # fmt: skip
    """Every gene that findings may be about, on both builds: pharmacogenes first, then by name.

    A gene without a place on GRCh37 has no range there.
    """
    others = (diseases.disease_genes | diseases.secondary_genes | diseases.carrier_genes) - definitions.keys()
    for gene in (*sorted(definitions), *sorted(others)):
        place = _place(gene, definitions.get(gene), catalogue)
        if place is None:
            continue
        yield GeneRange(gene, Assembly.GRCH38, place.chrom, place.start, place.end)
        earlier = _on_grch37(place, alignment)
        if earlier is not None:
            yield GeneRange(gene, Assembly.GRCH37, earlier.chrom, earlier.start, earlier.end)


def _place(gene: str, definition: GeneDefinition | None, catalogue: TranscriptCatalogue) -> Interval | None:
    """From the first to the last base of a gene's transcripts and defining sites, with the margin."""
    spans = [(t.chrom, t.start, t.end) for t in catalogue.of_gene(gene) if t.kind != EARLIER]
    if definition is not None:
        sites = (*definition.sites, *definition.extra_sites)
        spans += [(site.chrom, site.start, site.start + max(1, len(site.ref))) for site in sites]
    if not spans:
        return None
    chrom = spans[0][0]
    here = [(start, end) for name, start, end in spans if name == chrom]
    length = chromosome_length(Assembly.GRCH38, chrom)
    low, high = min(start for start, _ in here) - MARGIN, max(end for _, end in here) + MARGIN
    return Interval(chrom, max(0, low), min(length, high))


def _on_grch37(place: Interval, alignment: AssemblyAlignment) -> Interval | None:
    pieces = [piece for piece in on_grch37(place, alignment) if piece.chrom == place.chrom]
    if not pieces:
        return None
    low, high = min(piece.start for piece in pieces), max(piece.end for piece in pieces)
    if high - low > _LOOSEST * (place.end - place.start):
        return None
    return Interval(place.chrom, low, high)

"""Sequence Ontology terms of a change on a transcript, and nonsense-mediated decay.

Term definitions and severity order: Ensembl VEP, calculated variant consequences (release 110).
"""

from bisect import bisect_right

from service.variants.coding import Geometry
from service.variants.protein import ProteinChange

# Most severe first.
SEVERITY = (
    "transcript_ablation",
    "splice_acceptor_variant",
    "splice_donor_variant",
    "stop_gained",
    "frameshift_variant",
    "stop_lost",
    "start_lost",
    "transcript_amplification",
    "inframe_insertion",
    "inframe_deletion",
    "missense_variant",
    "protein_altering_variant",
    "splice_donor_5th_base_variant",
    "splice_region_variant",
    "splice_donor_region_variant",
    "splice_polypyrimidine_tract_variant",
    "incomplete_terminal_codon_variant",
    "start_retained_variant",
    "stop_retained_variant",
    "synonymous_variant",
    "coding_sequence_variant",
    "5_prime_UTR_variant",
    "3_prime_UTR_variant",
    "non_coding_transcript_exon_variant",
    "intron_variant",
    "upstream_gene_variant",
    "downstream_gene_variant",
    "intergenic_variant",
)
RANK = {term: rank for rank, term in enumerate(SEVERITY)}

_OF_PROTEIN = {
    "synonymous": "synonymous_variant",
    "missense": "missense_variant",
    "stop_gained": "stop_gained",
    "stop_lost": "stop_lost",
    "stop_retained": "stop_retained_variant",
    "start_lost": "start_lost",
    "start_retained": "start_retained_variant",
    "frameshift": "frameshift_variant",
    "inframe_insertion": "inframe_insertion",
    "inframe_deletion": "inframe_deletion",
    "protein_altering": "protein_altering_variant",
}
# A stop codon less than this far before the last exon-exon junction escapes decay.
# Source: ClinGen SVI on PVS1, Abou Tayoun 2018, doi:10.1002/humu.23626.
_NMD_DISTANCE = 50


def severity_order(terms: set[str]) -> tuple[str, ...]:
    """The terms, most severe first."""
    return tuple(terms) if len(terms) == 1 else tuple(sorted(terms, key=RANK.__getitem__))


def intron_terms(distance_down: int, distance_up: int) -> tuple[str, ...]:
    """Terms of an intronic base `distance_down` bases after the donor exon and `distance_up` before the next.

    >>> intron_terms(1, 900), intron_terms(900, 5)[0]
    (('splice_donor_variant',), 'splice_region_variant')
    """
    if distance_down <= 2:
        return ("splice_donor_variant",)
    if distance_up <= 2:
        return ("splice_acceptor_variant",)
    terms = []
    if distance_down == 5:
        terms.append("splice_donor_5th_base_variant")
    if distance_down <= 8 or distance_up <= 8:
        terms.append("splice_region_variant")
    if 3 <= distance_down <= 6 and distance_down != 5:
        terms.append("splice_donor_region_variant")
    if 3 <= distance_up <= 17:
        terms.append("splice_polypyrimidine_tract_variant")
    terms.append("intron_variant")
    return tuple(terms)


def place_terms(geometry: Geometry, start: int, end: int) -> set[str]:
    """Terms that follow from place alone, for genomic bases start..end (for an insertion, start == end).

    The coding interval counts as `coding_sequence_variant` until the protein change is known.
    """
    terms: set[str] = set()
    starts, ends, forward = geometry.starts, geometry.ends, geometry.strand > 0
    if start <= starts[0] and end >= ends[-1] and end > start:
        return {"transcript_ablation"}
    insertion = start == end
    for number in range(max(0, bisect_right(starts, start) - 2), len(starts)):
        low, high = starts[number], ends[number]
        if low > end:
            break
        if (low < start < high) if insertion else (start < high and end > low):
            terms |= _exon_terms(geometry, number, max(start, low), min(end, high))
        if number + 1 == len(starts):
            break
        up, down = high, starts[number + 1]
        inside = (up <= start <= down) if insertion else (start < down and end > up)
        if inside:
            terms |= _intron_part(up, down, start, end, forward=forward)
    if not terms:
        before = end <= starts[0] if not insertion else start <= starts[0]
        terms.add("upstream_gene_variant" if before == forward else "downstream_gene_variant")
    return terms


def _exon_terms(geometry: Geometry, number: int, start: int, end: int) -> set[str]:
    terms: set[str] = set()
    low, high = geometry.starts[number], geometry.ends[number]
    first, last = number == 0, number + 1 == len(geometry.starts)
    if (not first and start < low + 3) or (not last and end > high - 3):
        terms.add("splice_region_variant")
    if not geometry.coding:
        terms.add("non_coding_transcript_exon_variant")
        return terms
    base = geometry.first_offsets[number]
    if geometry.blocks:
        return terms | _gapped_terms(geometry, start, end)
    begin, stop = (
        (base + start - low, base + end - low)
        if geometry.strand > 0
        else (base + high - end, base + high - start)
    )
    return terms | _interval_terms(geometry, begin, stop)


def _gapped_terms(geometry: Geometry, start: int, end: int) -> set[str]:
    """As `_interval_terms`, of exonic genomic bases start..end where the alignment has gaps."""
    ends = (start - 1, start) if start == end else (start, end - 1)
    offsets = [place[0] for place in map(geometry.locate, ends) if place is not None and not place[1]]
    if not offsets:
        return {"coding_sequence_variant"}
    low, high = min(offsets), max(offsets)
    return _interval_terms(geometry, high, high) if start == end else _interval_terms(geometry, low, high + 1)


def _interval_terms(geometry: Geometry, begin: int, stop: int) -> set[str]:
    """Terms of the transcript bases begin..stop of a coding transcript, for an insertion begin == stop."""
    terms: set[str] = set()
    insertion = begin == stop
    if begin < geometry.cds_start or (insertion and begin == geometry.cds_start):
        terms.add("5_prime_UTR_variant")
    if stop > geometry.cds_end or (insertion and begin == geometry.cds_end):
        terms.add("3_prime_UTR_variant")
    if begin < geometry.cds_end and stop > geometry.cds_start:
        terms.add("coding_sequence_variant")
    return terms


def _intron_part(low: int, high: int, start: int, end: int, *, forward: bool) -> set[str]:
    """Terms of the overlap with the intron low..high."""
    terms: set[str] = set()
    if start == end:
        # Between two bases: within the pair of splice site bases, or near it.
        down, up = (start - low, high - start) if forward else (high - start, start - low)
        if down == 1:
            return {"splice_donor_variant"}
        if up == 1:
            return {"splice_acceptor_variant"}
        # Elsewhere an insertion lies in a region when both its neighbours do.
        if down <= 7 or up <= 7:
            terms.add("splice_region_variant")
        if 3 <= up <= 16:
            terms.add("splice_polypyrimidine_tract_variant")
        if 3 <= down <= 5:
            terms.add("splice_donor_region_variant")
        if down and up:
            terms.add("intron_variant")
        return terms
    begin, stop = max(start, low), min(end, high)
    # Only the ends matter: what lies more than 17 bases from both is plain intron.
    for position in {*range(begin, min(stop, begin + 18)), *range(max(begin, stop - 18), stop)}:
        down, up = (position - low + 1, high - position) if forward else (high - position, position - low + 1)
        terms.update(intron_terms(down, up))
    for edge, is_donor in ((low, forward), (high - 2, not forward)):
        if start < edge + 2 and end > edge:
            terms.add("splice_donor_variant" if is_donor else "splice_acceptor_variant")
    if terms & {"splice_donor_variant", "splice_acceptor_variant"}:
        terms -= {"splice_region_variant", "intron_variant"}
    return terms


def protein_terms(change: ProteinChange, shift: int, *, one_sided: bool) -> set[str]:
    """The terms of a protein change. `shift` is how many bases were gained; `one_sided` says that bases were
    inserted or deleted alone.

    A lost frame that meets a stop at once is both. An insertion or deletion in frame that begins within a
    codon is named by what happened to the bases (SO:0001821, SO:0001822) beside VEP's term for the protein.
    """
    terms = {_OF_PROTEIN[change.kind]}
    if change.kind == "stop_gained" and shift % 3:
        terms.add("frameshift_variant")
    if change.kind == "protein_altering" and one_sided:
        terms.add("inframe_insertion" if shift > 0 else "inframe_deletion")
    return terms


def term_without_sequence(geometry: Geometry, span: tuple[int, int], ref: str, alt: str) -> str | None:
    """The term that frame and place settle for a change within the coding interval whose codons are unknown.

    None where the codons decide. `span` are interbase transcript offsets; a substitution's alleles are on the
    transcript's strand.
    """
    first, last = span
    if first < geometry.cds_start or last > geometry.cds_end:
        return None
    if len(ref) == 1 == len(alt):
        # In ATG any other base is another codon; every stop codon begins with T.
        if first < geometry.cds_start + 3 and ref == "ATG"[first - geometry.cds_start]:
            return "start_lost"
        return "stop_lost" if first == geometry.cds_end - 3 and ref == "T" else None
    if first < geometry.cds_start + 3 or last > geometry.cds_end - 3:
        return None
    shift = len(alt) - len(ref)
    if shift % 3:
        return "frameshift_variant"
    if ref and alt:
        return None
    return "inframe_insertion" if alt else "inframe_deletion"


def decay_without_sequence(geometry: Geometry, span: tuple[int, int], term: str | None) -> bool | None:
    """False for a frame lost in the last exon, where any new stop codon escapes; None where not known."""
    if term != "frameshift_variant":
        return None
    junction = geometry.first_offsets[-1] if geometry.strand > 0 else geometry.first_offsets[0]
    return False if len(geometry.starts) == 1 or span[0] >= junction else None


def escapes_or_decays(geometry: Geometry, change: ProteinChange, edit_end: int, shift: int) -> bool | None:
    """Whether the changed transcript is expected to decay (True); None without a new stop codon.

    `edit_end` is the interbase transcript offset after the changed bases, `shift` how many bases were gained.
    A new stop in the last exon, or less than 50 bases before the last junction, escapes; so does a single
    exon.
    """
    if change.stop_end is None or change.kind not in ("stop_gained", "frameshift"):
        return None
    if len(geometry.starts) == 1:
        return False
    junction = geometry.first_offsets[-1] if geometry.strand > 0 else geometry.first_offsets[0]
    if junction >= edit_end:
        junction += shift
    return junction - change.stop_end >= _NMD_DISTANCE

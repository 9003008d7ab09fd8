"""Where a record lies and what it changes, in the ways in which nodes write it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.domain.assembly import parse_contig
from service.domain.variant import Variant
from service.frequency.allele_counts import trim
from service.frequency.beacon_document import part
from service.frequency.received import coordinate

_HGVS = re.compile(r"(?:HGVSid:)?([A-Za-z0-9_.]+):g\.(\d+)(?:([ACGT]+)>([ACGT]+))?")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record says it lies. `hgvs_start` is what its HGVS name says (interbase); None when silent.

    `end` is interbase too: it tells the length of a reference allele that is not spelled.
    """

    chrom: str | None
    start: int | None
    ref: str | None
    alt: str | None
    accession: str | None = None
    hgvs_start: int | None = None
    end: int | None = None


def place_of(content: Mapping[str, Any], origin: int = 0) -> Place:
    """Chromosome, interbase start and alleles of a record; what cannot be read is None.

    `origin` is the number of the first base in the node's records; a name by HGVS always counts from 1.
    """
    variation = part(content, "variation")
    location = part(variation, "location")
    interval = part(location, "interval") or location
    start, end = coordinate(interval.get("start")), coordinate(interval.get("end"))
    state = part(variation, "state")
    alt = variation.get("alternateBases", state.get("sequence"))
    ref = variation.get("referenceBases")
    names = [str(location.get("sequence_id", ""))]
    identifiers = content.get("identifiers")
    if isinstance(identifiers, dict):
        names.insert(0, str(identifiers.get("genomicHGVSId", "")))
    accession, chrom, hgvs_start = None, None, None
    for name in names:
        found = _HGVS.match(name)
        sequence = found[1] if found else name.removeprefix("refseq:").partition(":")[0]
        contig = parse_contig(sequence)
        chrom = chrom or (contig.chrom if contig else None)
        accession = accession or (sequence if contig and sequence.startswith("NC_") else None)
        if found and hgvs_start is None and found[3]:
            hgvs_start = int(found[2]) - 1
            ref, alt = ref if ref is not None else found[3], alt if alt is not None else found[4]
    position = content.get("position")
    if start is None and isinstance(position, dict):
        start, end = coordinate(position.get("start")), coordinate(position.get("end"))
    if origin:
        start, end = None if start is None else start - origin, None
    if start is None and not location:
        start = hgvs_start
    return Place(chrom, start, _bases(ref), _bases(alt), accession, hgvs_start, end)


def _bases(value: object) -> str | None:
    """Bases as text; `-` stands for none."""
    return value.upper().strip("-") if isinstance(value, str) else None


def is_same(place: Place, variant: Variant) -> bool:
    """Whether a record is about the variant, however either is padded."""
    if place.start is None or place.alt is None or place.chrom not in (None, variant.chrom):
        return False
    wanted = trim(variant.start, variant.ref, variant.alt)
    if place.ref is None:
        return _same_by_length(place, variant, wanted)
    return trim(place.start, place.ref, place.alt) == wanted


def _same_by_length(place: Place, variant: Variant, trimmed: tuple[int, str, str]) -> bool:
    """A record without reference bases is the variant where the length of what it replaces is the same."""
    if place.end is None:
        substitution = len(variant.ref) == len(variant.alt) == 1
        return substitution and (place.start, place.alt) == (variant.start, variant.alt)
    assert place.start is not None
    said = (place.start, place.end - place.start, place.alt)
    whole = (variant.start, len(variant.ref), variant.alt)
    return said in (whole, (trimmed[0], len(trimmed[1]), trimmed[2]))


def overlaps(place: Place, variant: Variant) -> bool:
    """Whether a record that has a place touches the variant's."""
    assert place.start is not None
    end = place.start + max(1, len(place.ref or "") or (place.end or 0) - place.start)
    same_chromosome = place.chrom in (None, variant.chrom)
    return same_chromosome and place.start <= variant.end and end >= variant.start

"""Amino-acid changes of substitutions, many at once: what an import needs to know residues.

One gene at a time, on its MANE Select transcript, where the bases of the coding sequence are at hand.
Names for people come from the nomenclature; this only says which residue a published substitution changes.
"""

from bisect import bisect_right

import numpy as np

from service.domain.sequence import SequenceRegions, TranscriptKnowledge
from service.domain.transcript import MANE_SELECT, Transcript
from service.knowledge.assertion_table import Numbers
from service.knowledge.two_bit import codes_of

_BASES = "ACGT"
# The standard genetic code over bases A, C, G, T. Source: NCBI translation table 1.
_CODE = "KNKNTTTTRSRSIIMIQHQHPPPPRRRRLLLLEDEDAAAAGGGGVVVV*Y*YSSSS*CWCLFLF"
_NAMES = {
    "A": "Ala", "R": "Arg", "N": "Asn", "D": "Asp", "C": "Cys", "Q": "Gln", "E": "Glu", "G": "Gly",
    "H": "His", "I": "Ile", "L": "Leu", "K": "Lys", "M": "Met", "F": "Phe", "P": "Pro", "S": "Ser",
    "T": "Thr", "W": "Trp", "Y": "Tyr", "V": "Val",
}  # fmt: skip
_UNKNOWN = 4


class CodingChanges:
    """Changes on the MANE Select transcripts of one knowledge release."""

    def __init__(self, transcripts: TranscriptKnowledge) -> None:
        self._catalogue = transcripts.catalogue
        self._regions = transcripts.regions
        self._packed = np.frombuffer(transcripts.regions.packed, dtype=np.uint8)

    def of(self, gene: str, starts: Numbers, refs: list[str], alts: list[str]) -> list[str | None]:
        """Such as `Arg175His`; None outside the coding sequence, without its bases, or for no missense."""
        nothing: list[str | None] = [None] * len(refs)
        model = next((t for t in self._catalogue.of_gene(gene) if t.kind == MANE_SELECT), None)
        if model is None or model.cds is None:
            return nothing
        positions, bases = self._coding(model)
        order = np.argsort(positions)
        where = np.searchsorted(positions, starts, sorter=order)
        found = nothing
        for number, (index, start, ref, alt) in enumerate(
            zip(where.tolist(), starts.tolist(), refs, alts, strict=True)
        ):
            if index < len(order) and positions[offset := int(order[index])] == start:
                found[number] = _change(bases, offset, _coded(ref, model.strand), _coded(alt, model.strand))
        return found

    def _coding(self, model: Transcript) -> tuple[Numbers, Numbers]:
        """Genomic positions and base codes (4: not at hand) of the coding bases, in transcript order."""
        positions = np.concatenate([np.arange(start, end) for start, end in model.exons])
        bases = np.concatenate(
            [_bases(self._regions, self._packed, model.chrom, *exon) for exon in model.exons]
        )
        if model.strand < 0:
            known = bases[::-1]
            positions, bases = positions[::-1], np.where(known == _UNKNOWN, _UNKNOWN, 3 - known)
        for offset, base in model.differences:
            bases[offset] = _BASES.index(base)
        low, high = model.cds or (0, 0)
        return positions[low:high], bases[low:high]


def _bases(regions: SequenceRegions, packed: Numbers, chrom: str, start: int, end: int) -> Numbers:
    starts, ends, offsets = regions.spans.get(chrom, ((), (), ()))
    number = bisect_right(starts, start) - 1
    if number < 0 or ends[number] < end:
        return np.full(end - start, _UNKNOWN, dtype=np.uint8)
    return codes_of(packed, offsets[number], start - starts[number], end - starts[number])


def _coded(base: str, strand: int) -> int:
    code = _BASES.find(base) if len(base) == 1 else -1
    return code if code < 0 or strand > 0 else 3 - code


def _change(bases: Numbers, offset: int, ref: int, alt: int) -> str | None:
    codon = bases[offset - offset % 3 : offset - offset % 3 + 3].tolist()
    if len(codon) < 3 or _UNKNOWN in codon or alt < 0 or codon[offset % 3] != ref:
        return None
    altered = [*codon]
    altered[offset % 3] = alt
    before, after = (_NAMES.get(_CODE[16 * c[0] + 4 * c[1] + c[2]]) for c in (codon, altered))
    return f"{before}{offset // 3 + 1}{after}" if before and after and before != after else None

"""An insertion or deletion that a local store lists in another spelling.

Sites files keep indels at the left end of a repeat, HGVS names the right one. Where no sequence is known, the
reference alleles of the rows around show that both are the same. Where they do not, nothing is claimed.
"""

from collections.abc import Callable, Iterable

from service.domain.variant import Variant
from service.frequency.allele_counts import trim
from service.frequency.equivalence import STEPS, Allele, is_indel, judge, sequence_around
from service.frequency.indel_spelling import ReferenceBases

# Chromosome, low, high (interbase): the listed alleles that begin there, as they are spelled.
Between = Callable[[str, int, int], Iterable[Allele]]


def listed_elsewhere(
    variant: Variant, between: Between, reference: ReferenceBases | None = None
) -> Variant | None:
    """The listed spelling of a variant that is not listed as it is spelled; None where none is shown.

    `variant` is in the store's build.
    """
    change = trim(variant.start, variant.ref, variant.alt)
    if not is_indel(*change[1:]):
        return None
    low, high = max(0, variant.start - STEPS[0]), variant.end + STEPS[0]
    listed = {trim(*allele): allele for allele in between(variant.chrom, low, high)}
    # An anchor is trimmed away, but says what the reference is.
    sequence = {
        place: base
        for start, ref, _ in listed.values()
        for place, base in enumerate(ref, start)
        if base != "N"
    }
    sequence |= dict(enumerate(variant.ref, variant.start))
    sequence |= sequence_around(reference, variant.assembly, variant.chrom, low, high)
    found = judge(change, listed, sequence, low, high).listed
    return None if found is None else Variant(variant.assembly, variant.chrom, *listed[found])

"""Which variants without an assertion could explain a disease: rare ones that change the product of a
gene."""

from dataclasses import dataclass

from service.domain.frequency import Outcome, VariantFrequencies
from service.domain.gene import GeneKnowledge, Inheritance
from service.domain.variant import MolecularDescription

# Sequence Ontology terms to which Ensembl VEP gives a high or moderate impact, and the splice region.
OF_CONSEQUENCE = frozenset(
    {
        "transcript_ablation",
        "splice_acceptor_variant",
        "splice_donor_variant",
        "stop_gained",
        "frameshift_variant",
        "stop_lost",
        "start_lost",
        "inframe_insertion",
        "inframe_deletion",
        "missense_variant",
        "protein_altering_variant",
        "splice_region_variant",
        "splice_donor_5th_base_variant",
        "splice_donor_region_variant",
    }
)
# Highest frequencies of a candidate by mode of inheritance: 0.1 %, 2 % (a recessive gene's second allele) and
# 0.2 %. Source: Exomiser 14, default `inheritanceModes`.
DOMINANT, RECESSIVE, MITOCHONDRIAL = 0.001, 0.02, 0.002
_TWO_ALLELES = (Inheritance.RECESSIVE, Inheritance.UNDETERMINED, Inheritance.X_LINKED)


def is_of_consequence(names: MolecularDescription) -> bool:
    """Whether the variant changes the gene's product; in mitochondrial RNA genes every change may."""
    if names.variant.chrom == "MT":
        return names.consequence not in (None, "synonymous_variant", "intergenic_variant")
    return bool(OF_CONSEQUENCE.intersection(names.consequences or (names.consequence or "",)))


@dataclass(frozen=True, slots=True)
class Rarity:
    """Whether a variant is rare enough, and what is known of its frequency."""

    rare: bool
    highest: float | None


def rarity_of(frequencies: VariantFrequencies, chrom: str, gene: GeneKnowledge | None) -> Rarity:
    """Rare unless a cohort shows otherwise: silence of a source neither makes a variant rare nor common."""
    stated = [
        value
        for answer in frequencies.answers
        if answer.outcome in (Outcome.OBSERVED, Outcome.CALLED_ABSENT) and not answer.bottlenecked
        for value in (
            (answer.frequency.faf95 if answer.frequency.faf95 is not None else answer.frequency.value)
            if answer.frequency
            else answer.reported_frequency,
        )
        if value is not None
    ]
    highest = max((*stated, *([frequencies.grpmax_faf95] if frequencies.grpmax_faf95 else ())), default=None)
    return Rarity(highest is None or highest <= most_common(chrom, gene), highest)


def most_common(chrom: str, gene: GeneKnowledge | None) -> float:
    """The highest frequency of a candidate in this gene."""
    if chrom == "MT":
        return MITOCHONDRIAL
    modes = {pair.inheritance for pair in gene.diseases} if gene else set()
    return RECESSIVE if not modes or modes.intersection(_TWO_ALLELES) else DOMINANT


def stand_alone_benign(frequencies: VariantFrequencies) -> str | None:
    """Why the variant is too common to cause a rare disease (BA1); None where it is not, or is an
    exception."""
    return next((c.reason for c in frequencies.criteria if c.code == "BA1" and c.verdict == "met"), None)

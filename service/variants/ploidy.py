"""How many copies a place has in this person, and what a genotype therefore says."""

from dataclasses import dataclass

from service.domain.assembly import Assembly, in_pseudoautosomal_region
from service.domain.case import Sex
from service.domain.variant import GenotypeRecord, Zygosity

# Homoplasmic from this variant allele fraction on. Source: Laricchia 2022, doi:10.1101/gr.276013.121.
HOMOPLASMIC_FRACTION = 0.95

TWO_ALLELES_ON_ONE_COPY = (
    "two different alleles where a male has one copy of the chromosome; the record is read as a no-call"
)
Y_IN_A_FEMALE = "the record calls the Y chromosome of a female; it was not read"


@dataclass(frozen=True, slots=True)
class Ploidy:
    """The assembly that positions are on, and the recorded sex."""

    assembly: Assembly
    sex: Sex

    def has_one_copy(self, chrom: str, start: int) -> bool:
        """Whether a male has one copy here; with any other or unknown sex nothing is concluded."""
        return self.sex is Sex.MALE and self._outside_par(chrom, start)

    def contradiction(self, record: GenotypeRecord) -> str | None:
        """Why the genotype cannot be this person's; None when it can."""
        if record.chrom == "Y" and self.sex is Sex.FEMALE and any(i is not None for i in record.genotype):
            return Y_IN_A_FEMALE
        if len({i for i in record.genotype if i is not None}) > 1 and self.has_one_copy(
            record.chrom, record.start
        ):
            return TWO_ALLELES_ON_ONE_COPY
        return None

    def zygosity(self, record: GenotypeRecord, allele: int, fraction: float | None) -> Zygosity:
        """Zygosity of one alternate allele of a genotype that carries it.

        With sex unknown nothing hemizygous is inferred: a single allele stays of unknown zygosity, two equal
        ones on X are homozygous as written. MT is a matter of the fraction of reads, and without one of
        whether other alleles were seen. A partial no-call leaves the zygosity unknown.
        """
        if record.chrom == "MT":
            return _plasmy(record, allele, fraction)
        if self.has_one_copy(record.chrom, record.start):
            return Zygosity.HEMIZYGOUS
        if len(record.genotype) != 2 or None in record.genotype:
            return Zygosity.UNKNOWN
        if record.genotype.count(allele) == 2:
            return Zygosity.HOMOZYGOUS
        # Outside the pseudoautosomal regions nobody has two different Y chromosomes' worth of calls.
        if record.chrom == "Y" and self._outside_par(record.chrom, record.start):
            return Zygosity.UNKNOWN
        return Zygosity.HETEROZYGOUS

    def _outside_par(self, chrom: str, start: int) -> bool:
        return chrom in ("X", "Y") and not in_pseudoautosomal_region(self.assembly, chrom, start)


def _plasmy(record: GenotypeRecord, allele: int, fraction: float | None) -> Zygosity:
    if fraction is not None:
        return Zygosity.HOMOPLASMIC if fraction >= HOMOPLASMIC_FRACTION else Zygosity.HETEROPLASMIC
    if None in record.genotype:
        return Zygosity.UNKNOWN
    return Zygosity.HOMOPLASMIC if set(record.genotype) == {allele} else Zygosity.HETEROPLASMIC

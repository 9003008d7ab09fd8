"""From which parent an allele comes, where both are in the same file."""

from service.variants.ploidy import Ploidy
from service.variants.vcf import Genotype, SampleRecord


def parental_origin(sample: SampleRecord, allele: int, ploidy: Ploidy) -> str:
    """`father`, `mother`, `both`, `de-novo`, or `unknown` when a parent's genotype is missing or incomplete.

    `both` means that both parents carry it. MT, and X outside the pseudoautosomal regions in a male, come
    from the mother alone; Y outside them from the father alone.
    """
    record = sample.record
    father, mother = _carries(sample.father, allele), _carries(sample.mother, allele)
    one_copy = ploidy.has_one_copy(record.chrom, record.start)
    if record.chrom == "MT" or (record.chrom == "X" and one_copy):
        father = False
    elif record.chrom == "Y" and one_copy:
        mother = False
    if father is None or mother is None:
        return "unknown"
    return {(True, True): "both", (True, False): "father", (False, True): "mother"}.get(
        (father, mother), "de-novo"
    )


def _carries(genotype: Genotype | None, allele: int) -> bool | None:
    if genotype is None or None in genotype or not genotype:
        return None
    return allele in genotype

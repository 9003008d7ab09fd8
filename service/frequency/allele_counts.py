"""Allele counts of one cohort at one variant, and the units that files write them in."""

from dataclasses import dataclass
from enum import IntEnum

from service.domain.frequency import AlleleFrequency, GroupFrequency


@dataclass(frozen=True, slots=True)
class AlleleCounts:
    """Counts of one allele in one cohort. `start` is interbase; homozygotes and hemizygotes count people.

    `by_sex` is (AC, AN) of women, then of men; None when the source does not split. `ancestry` are id, AC and
    AN of genetic-ancestry groups, where the source has them.
    """

    chrom: str
    start: int
    ref: str
    alt: str
    allele_count: int
    allele_number: int
    homozygotes: int | None = None
    heterozygotes: int | None = None
    hemizygotes: int | None = None
    by_sex: tuple[tuple[int, int], tuple[int, int]] | None = None
    ancestry: tuple[tuple[str, int, int], ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.allele_count <= self.allele_number:
            raise ValueError("the allele count must lie within 0..allele number")

    @property
    def key(self) -> tuple[str, int, str, str]:
        """Chromosome and trimmed alleles: the same for every spelling of one left-aligned change."""
        return (self.chrom, *trim(self.start, self.ref, self.alt))

    def frequency(self) -> AlleleFrequency:
        """The counts of the whole cohort, without bounds."""
        return AlleleFrequency(self.allele_count, self.allele_number, self.homozygotes, self.hemizygotes)

    def groups(self) -> tuple[GroupFrequency, ...]:
        """The counts of women (XX), men (XY) and ancestry groups, where given and anybody was counted."""
        sexes = zip(("XX", "XY"), self.by_sex or (), strict=False)
        split = [(sex, ac, an) for sex, (ac, an) in sexes]
        split += [group for group in self.ancestry if group[2]]
        return tuple(GroupFrequency(group, AlleleFrequency(ac, an)) for group, ac, an in split)


class WhyUncounted(IntEnum):
    """Why an allele that a file lists has no counts that could be used. Column stores hold the numbers."""

    NO_COUNTS = 1  # AC or AN is absent, or a dot
    CONTRADICTORY = 2  # several records of it, with different counts

    @property
    def reason(self) -> str:
        """The cause in words."""
        return _WHY_UNCOUNTED[self]


_WHY_UNCOUNTED = {
    WhyUncounted.NO_COUNTS: "the file lists it without counts: how frequent it is is not known",
    WhyUncounted.CONTRADICTORY: "the file lists it more than once, with different counts",
}


@dataclass(frozen=True, slots=True)
class UncountedAllele:
    """An allele that a file lists, of which it tells no usable counts: neither absent nor rare by that."""

    chrom: str
    start: int
    ref: str
    alt: str
    why: WhyUncounted = WhyUncounted.NO_COUNTS

    @property
    def key(self) -> tuple[str, int, str, str]:
        """Chromosome and trimmed alleles, as those of `AlleleCounts`."""
        return (self.chrom, *trim(self.start, self.ref, self.alt))


ListedAllele = AlleleCounts | UncountedAllele


def trim(start: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Start and alleles without their shared ends: suffix first, so that left-aligned stays left-aligned.

    >>> trim(233760232, "C", "CAT"), trim(117559589, "ATCT", "A"), trim(5, "GA", "CA")
    ((233760233, '', 'AT'), (117559590, 'TCT', ''), (5, 'G', 'C'))
    """
    if len(ref) == len(alt) == 1 and ref != alt:
        return start, ref, alt
    shared = 0
    while shared < min(len(ref), len(alt)) and ref[-1 - shared] == alt[-1 - shared]:
        shared += 1
    if shared:
        ref, alt = ref[: len(ref) - shared], alt[: len(alt) - shared]
    shared = 0
    while shared < min(len(ref), len(alt)) and ref[shared] == alt[shared]:
        shared += 1
    return start + shared, ref[shared:], alt[shared:]


def homozygous_people(
    allele_count: int, heterozygotes: int | None, homozygous: int | None, hemizygotes: int = 0
) -> int | None:
    """People homozygous for the allele, from a count whose unit is not stated; None when it cannot be known.

    AC = het + 2 hom means people, AC = het + hom means alleles. Files that follow bcftools +fill-tags write
    alleles, gnomAD writes people, and `alleleCountHomozygous` of Beacon nodes may be either.

    >>> homozygous_people(12, 8, 2), homozygous_people(7102, 4702, 2400), homozygous_people(14, 6, 12)
    (2, 1200, None)
    """
    if homozygous is None:
        return None
    if homozygous == 0 and heterozygotes in (None, allele_count - hemizygotes):
        return 0
    if heterozygotes is None:
        return None
    in_homozygotes = allele_count - heterozygotes - hemizygotes
    if in_homozygotes == 2 * homozygous:
        return homozygous
    if in_homozygotes == homozygous and homozygous % 2 == 0:
        return homozygous // 2
    return None

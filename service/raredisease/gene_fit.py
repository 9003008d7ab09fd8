"""How well a person's variants in a gene fit a disease's mode of inheritance, against all other genes.

Every gene gets one number per mode: the best variant for a dominant disease, the best pair (or homozygote)
for a recessive one. What the number is worth follows from how many of the person's other genes reach it: the
logarithm of the share of genes that do, turned round. A stop codon in a file with two of them tells more than
in one with two hundred, and where no frequency is stated nothing has to be assumed. A gene as long as ten
others has ten times their chance: with share p of genes of mean length, one of r times that reaches the
number with 1 - (1 - p)^r. EXPECTED keeps small files from telling too much.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from service.domain.case import Sex
from service.domain.disease import Assertion
from service.domain.frequency import VariantFrequencies
from service.domain.gene import Inheritance
from service.domain.variant import MolecularDescription, VariantCall, Zygosity
from service.raredisease.inheritance import NO_ORIGINS, Origins, Relation, relation
from service.raredisease.variant_weight import Weight

# Nats. A causal variant is seen in all but some of the solved cases; an unseen one may be structural, deep in
# an intron or not covered. A disease whose gene is not known can be judged by no variant.
SEEN, UNSEEN, NO_GENE = -1.0, -4.0, -2.0
# Share of genes expected to reach a number in any person, as that many genes' worth of belief.
EXPECTED = ((7.0, 0.0005), (5.0, 0.005), (2.0, 0.05), (0.0, 0.2))
BELIEF = 100
# One recessive allele alone, a pair whose phase is not known, a female heterozygote of an X-linked disease.
_ALONE, _UNPHASED, _HETEROZYGOUS_X = 0.4, 0.5, 1.5
_TWO_COPIES = (Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS, Zygosity.HOMOPLASMIC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call with its weight in one gene. `frequency` None is not stated; `names` None is not described.

    `answers` are those of the configured frequency sources, None where none was asked.
    """

    call: VariantCall
    gene: str
    weight: Weight
    names: MolecularDescription | None = None
    assertions: tuple[Assertion, ...] = ()
    frequency: float | None = None
    answers: VariantFrequencies | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """The variants that fit a mode best, their number, and how in words."""

    value: float
    variants: tuple[Candidate, ...]
    how: str


NOTHING = Fit(0.0, (), "no candidate variant was read")


def fit_of(found: Sequence[Candidate], mode: Inheritance, sex: Sex, origins: Origins = NO_ORIGINS) -> Fit:
    """The best fit of a gene's candidates to one mode."""
    if mode is Inheritance.RECESSIVE:
        return _recessive(found, origins)
    if mode is Inheritance.X_LINKED:
        return _best(
            (c.weight.recessive - (_HETEROZYGOUS_X if c.call.zygosity is Zygosity.HETEROZYGOUS else 0.0), c)
            for c in found
            if not (sex is Sex.MALE and c.call.zygosity is Zygosity.HETEROZYGOUS)
        )
    return _best((c.weight.dominant, c) for c in found)


def _best(weighed: Iterable[tuple[float, Candidate]]) -> Fit:
    value, best = max(weighed, key=lambda pair: pair[0], default=(0.0, None))
    if best is None or value <= 0:
        return NOTHING
    return Fit(value, (best,), best.call.zygosity.value)


def _recessive(found: Sequence[Candidate], origins: Origins) -> Fit:
    usable = sorted((c for c in found if c.weight.recessive > 0), key=lambda c: -c.weight.recessive)[:8]
    best = NOTHING
    for candidate in usable:
        both = candidate.call.zygosity in _TWO_COPIES
        value = candidate.weight.recessive * (2.0 if both else _ALONE)
        if value > best.value:
            how = candidate.call.zygosity.value + ("" if both else ", one allele alone")
            best = Fit(value, (candidate,), how)
    for one, two in combinations(usable, 2):
        where, basis = relation(one.call, two.call, origins)
        if where is Relation.CIS:
            continue
        value = one.weight.recessive + two.weight.recessive - (_UNPHASED if where is Relation.UNKNOWN else 0)
        if value > best.value:
            how = "two variants, phase unknown" if where is Relation.UNKNOWN else f"in trans by {basis}"
            best = Fit(value, (one, two), how)
    return best


@dataclass(frozen=True, slots=True)
class PatientVariants:
    """Candidates by gene, and what all genes of this person reach.

    `whole` says that the file was read for all genes: then a gene without a candidate speaks against
    its diseases. Of a list of chosen variants it does not. `notes` say what is not known of frequencies.
    """

    by_gene: Mapping[str, Sequence[Candidate]]
    sex: Sex
    genes_read: int
    whole: bool
    reached: Mapping[Inheritance, Sequence[float]]
    relative_length: Callable[[str], float]
    origins: Origins
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        by_gene: Mapping[str, Sequence[Candidate]],
        sex: Sex,
        genes_read: int,
        *,
        whole: bool,
        relative_length: Callable[[str], float] = lambda _gene: 1.0,
        origins: Origins = NO_ORIGINS,
        notes: tuple[str, ...] = (),
    ) -> "PatientVariants":
        """The evidence of one person over `genes_read` genes.

        `relative_length` is a gene's coding length over the mean of all genes.
        """
        reached = {
            mode: sorted(fit_of(found, mode, sex, origins).value for found in by_gene.values())
            for mode in (Inheritance.DOMINANT, Inheritance.RECESSIVE)
        }
        return cls(by_gene, sex, genes_read, whole, reached, relative_length, origins, notes)

    def score(self, gene: str, modes: Sequence[Inheritance]) -> tuple[float, Inheritance, Fit]:
        """What the gene's variants add to a disease of these modes, in nats, with the mode that fits best."""
        found = self.by_gene.get(gene, ())
        scored = []
        for mode in modes or (Inheritance.DOMINANT, Inheritance.RECESSIVE):
            fit = fit_of(found, mode, self.sex, self.origins)
            scored.append((self._worth(gene, fit, mode), mode, fit))
        return max(scored, key=lambda row: row[0])

    def _worth(self, gene: str, fit: Fit, mode: Inheritance) -> float:
        if fit.value <= 0:
            return UNSEEN if self.whole else 0.0
        values = self.reached[mode if mode in self.reached else Inheritance.DOMINANT]
        reaching = len(values) - bisect_left(values, fit.value)
        expected = next(share for floor, share in EXPECTED if fit.value >= floor)
        share = min(1.0, (reaching + expected * BELIEF) / (self.genes_read + BELIEF))
        share = 1 - (1 - share) ** max(0.2, self.relative_length(gene))
        return max(UNSEEN if self.whole else 0.0, SEEN - math.log(share))

"""How much likelier a person's variants in a gene are if the gene is the cause, by mode of inheritance.

Variants that nobody needs for a diagnosis fall on genes by chance, in numbers that the person's other genes
show. If gene g is the cause, one of its variants (a pair, or a homozygote, where the disease is recessive)
is no such variant, and all others are. The ratio of the two likelihoods is, for a dominant disease,

    UNSEEN + sum over the gene's variants v of causal(v) / expected(g, v)

with `expected` the number of variants that tell as much as v, or more, to be found in g by chance, and
`causal` the share of causal variants that do. For a recessive one it is

    UNSEEN + HOMOZYGOUS * sum over homozygotes + PAIR * sum over pairs of twice the product of two such terms
    + ALONE * sum over single alleles.

The expected number follows from all other genes of the person, the gene's coding length, and how many
variants the gene has anyway (VARIABLE). So a stop codon in a file with two of them tells more than in one
with two hundred, one missense variant of many in a long gene tells nothing, and where no frequency is
stated nothing has to be assumed. TYPICAL keeps small files from telling too much.

A coding substitution whose amino acids are not known for want of sequence is with some chance missense, a
stop codon or synonymous (`Weight.readings`): so a gene whose sequence is known has no advantage.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations

from service.domain.case import Sex
from service.domain.disease import Assertion
from service.domain.frequency import VariantFrequencies
from service.domain.gene import Inheritance
from service.domain.variant import MolecularDescription, VariantCall, Zygosity
from service.raredisease.inheritance import NO_ORIGINS, Origins, Relation, relation
from service.raredisease.variant_weight import ASSERTED_FROM, Weight

# Shares of solved cases: no variant seen (structural, deep in an intron, not covered), and of recessive ones
# two copies of one variant, two variants, one of them alone seen.
UNSEEN, HOMOZYGOUS, PAIR, ALONE = 0.02, 0.45, 0.5, 0.03
# What a disease whose gene is not known loses: it can be judged by no variant. Nats.
NO_GENE = -2.0
# (number, share of causal variants that reach it).
CAUSAL = ((ASSERTED_FROM, 0.4), (5.0, 0.6), (3.25, 0.7), (2.0, 0.95), (0.0, 1.0))
# (number, variants of any person that reach it): heterozygous, with two copies. Everybody carries some two or
# three known recessive alleles. Source: Bell 2011, doi:10.1126/scitranslmed.3001756 (2.8 a person).
TYPICAL = ((ASSERTED_FROM, 2.5, 0.05), (5.0, 5.0, 0.3), (2.0, 20.0, 1.0), (0.0, 100.0, 5.0))
# Known dominant ones, of which healthy people carry next to none.
_TYPICAL_DOMINANT = 0.3
# Genes in which anything is asserted pathogenic: only there can a variant be.
ASSERTED_GENES = 3000
# A gene's own variability, against its length: as much belief as this many variants.
VARIABLE = 2.0
# Where no frequency is known, common variants are among those counted, and their numbers differ more from
# gene to gene than chance allows: the logarithm counts by this share.
UNKNOWN_FREQUENCY = 0.8
# Terms of a homozygote in a dominant disease, and of a female heterozygote in an X-linked one.
_TWO_IN_DOMINANT, _HETEROZYGOUS_X = 0.3, 0.3
_TWO_COPIES = (Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS, Zygosity.HOMOPLASMIC)
_MOST_PAIRED = 8


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

    @property
    def has_two_copies(self) -> bool:
        """Whether no other allele of the gene is left at this place."""
        return self.call.zygosity in _TWO_COPIES


@dataclass(frozen=True, slots=True)
class Fit:
    """The variants that fit a mode best, how in words, and the likelihood ratio of all of the gene's."""

    value: float
    variants: tuple[Candidate, ...]
    how: str


NOTHING = Fit(0.0, (), "no candidate variant was read")
Term = tuple[float, tuple[Candidate, ...], str]


class Counts:
    """How many variants of a person reach a number, from the readings of each."""

    def __init__(self, readings: Iterable[tuple[float, float]]) -> None:
        ordered = sorted((number, chance) for chance, number in readings if number > 0)
        self._numbers = [number for number, _ in ordered]
        self._below = [0.0, *accumulate(chance for _, chance in ordered)]
        self.all = self._below[-1]

    def reaching(self, number: float) -> float:
        """Variants with this number or a higher one."""
        return self.all - self._below[bisect_left(self._numbers, number)]


@dataclass(frozen=True, slots=True)
class PatientVariants:
    """Candidates by gene, and what all genes of this person show.

    `whole` says that the file was read for all genes: then a gene without a candidate speaks against
    its diseases. Of a list of chosen variants it does not. `notes` say what is not known of frequencies.
    `any_copies`, `one_copy` and `two_copies` count variants by their worth for dominant and, of either
    zygosity, for recessive disease. `trust` is the share by which logarithms count.
    """

    by_gene: Mapping[str, Sequence[Candidate]]
    sex: Sex
    genes_read: int
    whole: bool
    any_copies: Counts
    one_copy: Counts
    two_copies: Counts
    relative_length: Callable[[str], float]
    origins: Origins
    notes: tuple[str, ...] = ()
    trust: float = 1.0

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
        every = [c for found in by_gene.values() for c in found]
        one = [c for c in every if not c.has_two_copies]
        two = [c for c in every if c.has_two_copies]
        return cls(
            by_gene, sex, genes_read, whole,
            Counts(r for c in every for r in c.weight.readings(c.weight.dominant)),
            Counts(r for c in one for r in c.weight.readings(c.weight.recessive)),
            Counts(r for c in two for r in c.weight.readings(c.weight.recessive)),
            relative_length, origins, notes,
            1.0 if any(c.frequency is not None for c in every) else UNKNOWN_FREQUENCY,
        )  # fmt: skip

    def score(self, gene: str, modes: Sequence[Inheritance]) -> tuple[float, Inheritance, Fit]:
        """What the gene's variants add to a disease of these modes, in nats, with the mode that fits best."""
        scored = []
        for mode in modes or (Inheritance.DOMINANT, Inheritance.RECESSIVE):
            fit = self.fit(gene, mode)
            ratio = self.trust * math.log(UNSEEN + fit.value)
            scored.append((ratio if self.whole else max(0.0, ratio), mode, fit))
        return max(scored, key=lambda row: row[0])

    def fit(self, gene: str, mode: Inheritance) -> Fit:
        """The likelihood ratio of a gene's candidates for one mode, but for UNSEEN, and what made most of
        it."""
        found = self.by_gene.get(gene, ())
        if not found:
            return NOTHING
        chance = _Chance(self, gene, found)
        terms = list(_TERMS.get(mode, _dominant)(chance))
        if not terms:
            return NOTHING
        _, variants, how = max(terms, key=lambda term: term[0])
        return Fit(sum(value for value, _, _ in terms), variants, how)


class _Chance:
    """What chance alone brings into one gene."""

    def __init__(self, patient: PatientVariants, gene: str, found: Sequence[Candidate]) -> None:
        self.patient, self.found = patient, found
        length = max(0.2, patient.relative_length(gene))
        own = sum(chance for c in found for chance, number in c.weight.readings(c.weight.recessive))
        every = patient.one_copy.all + patient.two_copies.all
        expected = length * every / max(1, patient.genes_read)
        self._rate = length * (VARIABLE + max(0.0, own - 1)) / (VARIABLE + expected)

    def dominant(self, candidate: Candidate) -> float:
        """A variant's term in a dominant disease."""
        return self._term(candidate, candidate.weight.dominant, self.patient.any_copies, dominant=True)

    def recessive(self, candidate: Candidate) -> float:
        """A variant's term in a recessive disease, among those of as many copies."""
        counts = self.patient.two_copies if candidate.has_two_copies else self.patient.one_copy
        return self._term(candidate, candidate.weight.recessive, counts, dominant=False)

    def _term(self, candidate: Candidate, number: float, counts: Counts, *, dominant: bool) -> float:
        total = 0.0
        for chance, reading in candidate.weight.readings(number):
            if reading > 0:
                share = next(share for floor, share in CAUSAL if reading >= floor)
                _, one, two = next(row for row in TYPICAL if reading >= row[0])
                asserted = reading >= ASSERTED_FROM
                if dominant:
                    typical = _TYPICAL_DOMINANT if asserted else one + two
                else:
                    typical = two if candidate.has_two_copies else one
                others = max(0.0, counts.reaching(reading) - chance)
                genes = ASSERTED_GENES if asserted else max(1, self.patient.genes_read)
                total += chance * share * genes / ((others + typical) * self._rate)
        return total


def _dominant(chance: _Chance) -> Iterator[Term]:
    for candidate in chance.found:
        if (term := chance.dominant(candidate)) > 0:
            factor = _TWO_IN_DOMINANT if candidate.call.zygosity is Zygosity.HOMOZYGOUS else 1.0
            yield term * factor, (candidate,), candidate.call.zygosity.value


def _x_linked(chance: _Chance) -> Iterator[Term]:
    for candidate in chance.found:
        heterozygous = candidate.call.zygosity is Zygosity.HETEROZYGOUS
        if heterozygous and chance.patient.sex is Sex.MALE:
            continue
        if (term := chance.dominant(candidate)) > 0:
            factor = _HETEROZYGOUS_X if heterozygous else 1.0
            yield term * factor, (candidate,), candidate.call.zygosity.value


def _recessive(chance: _Chance) -> Iterator[Term]:
    terms = [(term, c) for c in chance.found if (term := chance.recessive(c)) > 0]
    single = sorted((pair for pair in terms if not pair[1].has_two_copies), key=lambda pair: -pair[0])
    for term, candidate in terms:
        zygosity = candidate.call.zygosity.value
        if candidate.has_two_copies:
            yield HOMOZYGOUS * term, (candidate,), zygosity
        else:
            yield ALONE * term, (candidate,), f"{zygosity}, one allele alone"
    for (one, first), (two, second) in combinations(single[:_MOST_PAIRED], 2):
        where, basis = relation(first.call, second.call, chance.patient.origins)
        if where is not Relation.CIS:
            # Of pairs by chance one half lies in trans.
            trans = where is Relation.TRANS
            how = f"in trans by {basis}" if trans else "two variants, phase unknown"
            yield PAIR * 2 * one * two * (2 if trans else 1), (first, second), how


_TERMS: Mapping[Inheritance, Callable[[_Chance], Iterator[Term]]] = {
    Inheritance.RECESSIVE: _recessive,
    Inheritance.X_LINKED: _x_linked,
}

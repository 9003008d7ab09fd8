"""A simulated exome to hide causal variants in. Seeded; no person's.

Per person 24,000 coding substitutions, 250 coding changes of length (two in five shift the frame), 60 at
canonical splice sites, and as many more as are asked for deeper in introns. 85 % are common (5 % and more),
10 % low (0.5 to 5 %), 5 % rare, a quarter of these seen in no cohort. Homozygotes come as Hardy and Weinberg
say. Places are drawn over the coding exons of MANE transcripts: evenly, so that tolerant genes carry no more
than others, or by a `variability` of each gene, since real exomes are uneven (`uneven`: log-normal with a
sigma of 1, times LOEUF within 0.4 to 1.3). What is asserted pathogenic is left out: nobody has it by chance.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from service.domain.assembly import CHROMOSOMES, Assembly
from service.domain.transcript import MANE_SELECT, Transcript
from service.domain.transcript_catalogue import TranscriptCatalogue
from service.domain.variant import Variant
from service.variants.reference import ReferenceSequence

SUBSTITUTIONS, LENGTHS, SITES = 24_000, 250, 60
_SPECTRUM = ((0.85, (0.05, 0.5)), (0.95, (0.005, 0.05)), (0.9875, (1e-5, 0.005)), (1.0, (0.0, 0.0)))


@dataclass(frozen=True, slots=True)
class Carried:
    """A variant of the background, its genotype and its population frequency; 0 was never seen."""

    variant: Variant
    genotype: str
    frequency: float


def uneven(loeuf: Callable[[str], float | None], seed: int = 5) -> Callable[[str], float]:
    """How much more than its length alone allows a gene varies."""

    def variability(gene: str) -> float:
        drawn = random.Random(f"{seed} {gene}").gauss(0, 1)
        return math.exp(drawn) * min(1.3, max(0.4, loeuf(gene) or 1.0))

    return variability


class Background:
    """Draws exomes."""

    def __init__(
        self,
        catalogue: TranscriptCatalogue,
        reference: ReferenceSequence,
        asserted: Callable[[Variant], bool],
        variability: Callable[[str], float] = lambda _gene: 1.0,
    ) -> None:
        self._asserted = asserted
        self._reference = reference
        self._models = [
            t for t in catalogue if t.kind == MANE_SELECT and t.cds and t.chrom in CHROMOSOMES[:22]
        ]
        self._coding = [(t, s, e) for t in self._models for s, e in t.coding_exons]
        by_gene = {t.gene: variability(t.gene) for t in self._models}
        self._weights = list(accumulate((e - s) * by_gene[t.gene] for t, s, e in self._coding))
        self._introns = [
            (t, t.exons[n][1], t.exons[n + 1][0]) for t in self._models for n in range(len(t.exons) - 1)
        ]

    def exome(self, seed: int, records: int = 0) -> list[Carried]:
        """One person's variants in order of place, filled up to `records` beside exons."""
        draw = random.Random(seed)
        found: dict[tuple[str, int], Carried] = {}
        for variant in self._variants(draw, records):
            if self._asserted(variant):
                continue
            frequency = _frequency(draw)
            homozygous = draw.random() < frequency / (2 - frequency)
            found.setdefault(
                (variant.chrom, variant.start),
                Carried(variant, "1/1" if homozygous else "0/1", frequency),
            )
        return sorted(found.values(), key=lambda c: (CHROMOSOMES.index(c.variant.chrom), c.variant.start))

    def _variants(self, draw: random.Random, records: int) -> Iterator[Variant]:
        for transcript, low, high in self._exons(draw, SUBSTITUTIONS):
            yield self._substitution(draw, transcript.chrom, draw.randrange(low, high))
        for transcript, low, high in self._exons(draw, LENGTHS):
            size = draw.choice((1, 2, 3, 3, 6))
            at = draw.randrange(low, max(low + 1, high - size))
            bases = self._bases(draw, transcript.chrom, at, at + 1 + size)
            ref, alt = (bases, bases[0]) if draw.random() < 0.6 else (bases[0], bases)
            yield Variant(Assembly.GRCH38, transcript.chrom, at, ref, alt)
        for transcript, low, high in draw.sample(self._introns, SITES):
            at = draw.choice((low, low + 1, high - 2, high - 1))
            yield self._substitution(draw, transcript.chrom, at)
        for transcript, low, high in draw.choices(
            self._introns, k=max(0, records - SUBSTITUTIONS - LENGTHS - SITES)
        ):
            offset = draw.randrange(9, 120)
            at = low + offset if draw.random() < 0.5 else high - offset
            yield self._substitution(draw, transcript.chrom, max(at, 1))

    def _exons(self, draw: random.Random, count: int) -> Sequence[tuple[Transcript, int, int]]:
        return draw.choices(self._coding, cum_weights=self._weights, k=count)

    def _substitution(self, draw: random.Random, chrom: str, at: int) -> Variant:
        ref = self._bases(draw, chrom, at, at + 1)
        # Two transitions for one transversion.
        alt = dict(zip("ACGT", "GTAC", strict=True))[ref]
        if draw.random() < 0.33:
            alt = draw.choice([base for base in "ACGT" if base != ref])
        return Variant(Assembly.GRCH38, chrom, at, ref, alt)

    def _bases(self, draw: random.Random, chrom: str, start: int, end: int) -> str:
        known = self._reference.bases(Assembly.GRCH38, chrom, start, end)
        return "".join(draw.choice("ACGT") if base == "N" else base for base in known)


def _frequency(draw: random.Random) -> float:
    at = draw.random()
    low, high = next(span for share, span in _SPECTRUM if at <= share)
    return draw.uniform(low, high) if low > 0.001 else low * (high / low) ** draw.random() if low else 0.0

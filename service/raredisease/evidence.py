"""All that the criteria may look at for one variant, gathered before any of them is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from service.domain.disease import AssertedVariant, Criterion
from service.domain.frequency import FrequencyCriterion
from service.domain.gene import FrequencyException, GeneKnowledge, Inheritance
from service.domain.variant import Variant, Zygosity
from service.raredisease.effect import Effect
from service.raredisease.population import PopulationEvidence


class NeighbouringAssertions(Protocol):
    """Published assertions of other variants nearby."""

    def at_residue(self, gene: str, position: int) -> tuple[AssertedVariant, ...]:
        """Asserted missense variants of one residue, whatever their class."""

    def within(self, chrom: str, start: int, end: int) -> tuple[AssertedVariant, ...]:
        """Asserted variants whose interbase start lies in start..end."""


class NoAssertions:
    """A knowledge base without assertions."""

    def at_residue(self, gene: str, position: int) -> tuple[AssertedVariant, ...]:  # noqa: ARG002
        """Nothing."""
        return ()

    def within(self, chrom: str, start: int, end: int) -> tuple[AssertedVariant, ...]:  # noqa: ARG002
        """Nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Partner:
    """Another variant of the same gene in this person.

    `significance` is `pathogenic`, `likely pathogenic` or `uncertain`; `in_trans` is None where the phase is
    not known.
    """

    significance: str
    in_trans: bool | None


@dataclass(frozen=True, slots=True)
class DiseaseParameters:
    """What makes a frequency too high for a disease, as fractions."""

    prevalence: float
    penetrance: float
    allelic_heterogeneity: float = 1.0
    genetic_heterogeneity: float = 1.0

    def maximum_credible_frequency(self, *, biallelic: bool) -> float:
        """Source: Whiffin 2017, doi:10.1038/gim.2017.26; the allelic term is linear.

        >>> round(DiseaseParameters(1 / 30000, 0.75, 0.5).maximum_credible_frequency(biallelic=True), 6)
        0.003333
        """
        if biallelic:
            root = (self.prevalence * self.genetic_heterogeneity / self.penetrance) ** 0.5
            return float(root * self.allelic_heterogeneity)
        return (
            self.prevalence * 0.5 * self.allelic_heterogeneity * self.genetic_heterogeneity / self.penetrance
        )


def no_filtering_frequency(count: int, number: int) -> float | None:  # noqa: ARG001 - the port's signature
    """For where no statistics are at hand."""
    return None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One variant's evidence. `supplied` are the caller's criteria, which some automatic ones rest on.

    `variant` is on GRCh38, None where it has no place there. `frequency_verdicts` are what the frequency
    sources themselves could say (BA1, BS1, PM2), stronger than rows because they know who did not answer.
    """

    variant: Variant | None
    effect: Effect = field(default_factory=Effect)
    gene: GeneKnowledge | None = None
    inheritance: Inheritance | None = None
    disease: str | None = None
    # The stated disease in words: its label, and the names of its pairs in the gene.
    disease_names: tuple[str, ...] = ()
    population: PopulationEvidence = field(default_factory=PopulationEvidence)
    frequency_verdicts: tuple[FrequencyCriterion, ...] = ()
    ba1_exception: str | None = None
    frequency_exception: FrequencyException | None = None
    disease_parameters: DiseaseParameters | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    supplied: Mapping[str, Criterion] = field(default_factory=dict)
    assertions: NeighbouringAssertions = field(default_factory=NoAssertions)
    partners: tuple[Partner, ...] = ()
    zygosity: Zygosity = Zygosity.UNKNOWN
    # From which parent (`de-novo`: from neither), and observed HPO terms of the gene's disease: hints alone.
    origin: str | None = None
    fitting_terms: tuple[str, ...] = ()
    repeat: bool | None = None
    # Pathogenic variants before the next in-frame methionine; None where the sequence is not known.
    upstream_of_next_start: int | None = None
    faf95: Callable[[int, int], float | None] = no_filtering_frequency

    @property
    def symbol(self) -> str | None:
        """The gene's symbol, where known."""
        return self.gene.gene if self.gene is not None else self.effect.gene

    @property
    def modes(self) -> frozenset[Inheritance]:
        """The stated mode; else the stated disease's; else those of the gene's established diseases."""
        if self.stated_modes or self.gene is None:
            return self.stated_modes
        established = {d.inheritance for d in self.gene.diseases if d.established}
        return frozenset(
            (established or {d.inheritance for d in self.gene.diseases}) - {Inheritance.UNDETERMINED}
        )

    @property
    def stated_modes(self) -> frozenset[Inheritance]:
        """The stated mode, else the stated disease's; empty where neither was stated or is known."""
        if self.inheritance is not None:
            return frozenset({self.inheritance})
        if self.gene is None:
            return frozenset()
        asked = (self.disease or "").casefold()
        named = {
            d.inheritance
            for d in self.gene.diseases
            if asked and asked in (d.disease.casefold(), (d.mondo or "").casefold())
        }
        return frozenset(named - {Inheritance.UNDETERMINED})

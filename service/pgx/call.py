"""Calls every pharmacogene of a case: sites, method of the gene, phenotype, outside calls."""

from collections.abc import Iterable, Mapping, Sequence

from service.domain.assessment import DescribedCall
from service.domain.case import Case, InterpretOptions
from service.domain.issue import Issue
from service.domain.pgx import CallStatus, Diplotype, GeneDefinition, OutsideCall, PharmacogeneCall
from service.pgx import diplotypes as general
from service.pgx.alleles import PreparedGene
from service.pgx.genes import CALLERS
from service.pgx.match import defined_sites
from service.pgx.outcome import GeneOutcome
from service.pgx.outside_calls import called_outside
from service.pgx.phenotype import Phenotypes
from service.pgx.reading import GeneReading, reading_of
from service.pgx.sites import SiteGenotype, SiteReader

ON_REQUEST = "CYP2D6"
OUTSIDE_ONLY = "{gene} is not called from a variant file; its result comes from another caller."
CYP2D6_NOT_ASKED = (
    "CYP2D6 was not called: copy number and hybrid genes cannot be seen in a variant file. Give an outside "
    "call, or ask for SNV and indel alleles alone."
)
CYP2D6_LIMIT = (
    "CYP2D6 is called from SNV and indel alleles alone: deletions, duplications and hybrid genes were not "
    "looked for."
)
NO_SITE_READ = "None of the defining positions of {gene} was read: not covered is not reference."
REQUIRED_MISSING = "{gene} needs all of its signature positions; {places} were not read."
TIER1_MISSING = "Positions that every {gene} test should include were not read: {places}."
UNDOCUMENTED = (
    "An allele that no definition knows was found at {place} and is read as reference there; its effect is "
    "not known."
)


class PharmacogeneCaller:
    """Calls genes by definitions that are prepared once."""

    def __init__(self, definitions: Mapping[str, GeneDefinition]) -> None:
        self._genes = {
            name: PreparedGene.of(definition)
            for name, definition in sorted(definitions.items())
            if definition.sites
        }
        self._phenotypes = {name: Phenotypes(definition) for name, definition in definitions.items()}
        self._definitions = dict(sorted(definitions.items()))
        self._places = {
            (site.chrom, site.start)
            for definition in definitions.values()
            for site in (*definition.sites, *definition.extra_sites)
        }

    def call(self, case: Case) -> tuple[tuple[PharmacogeneCall, ...], tuple[Issue, ...]]:
        """One call per gene, in alphabetical order, and what the reader must know."""
        outside: dict[str, list[OutsideCall]] = {}
        issues = []
        for given in case.outside_calls:
            if given.gene in self._definitions:
                outside.setdefault(given.gene, []).append(given)
            else:
                issues.append(
                    Issue("warning", "not-supported", f"outside call of {given.gene}: no such gene here")
                )
        reader = SiteReader.of(case)
        calls = []
        for name in self._definitions:
            call = self._gene(name, case, reader)
            if name in outside:
                call = called_outside(call, outside[name], self._phenotypes[name])
            issues += [
                Issue("warning", "conflict", note, name) for note in call.notes if "contradicts" in note
            ]
            calls.append(call)
        return tuple(calls), tuple(issues)

    def sites_of_interest(self, described: Sequence[DescribedCall]) -> list[DescribedCall]:
        """Those calls that lie at a defining site (indels: within their anchor)."""
        return [
            entry
            for entry in described
            if (entry.call.variant.chrom, entry.call.variant.start) in self._places
        ]

    def _gene(self, name: str, case: Case, reader: SiteReader) -> PharmacogeneCall:
        definition = self._definitions[name]
        if name == ON_REQUEST and not case.options.call_cyp2d6:
            return _silent(definition, CYP2D6_NOT_ASKED)
        if name not in self._genes or not (definition.from_vcf or name == ON_REQUEST):
            return _silent(definition, OUTSIDE_ONLY.format(gene=name))
        gene = self._genes[name]
        genotypes = reader.read(gene.views(case.assembly))
        extra = reader.read(gene.extra_views(case.assembly))
        replaces = definition.undocumented_as_reference and (
            definition.lowest_function or not case.options.combinations
        )
        reading = reading_of(gene, genotypes, undocumented_as_reference=replaces)
        outcome = self._outcome(reading, case.options)
        return self._answer(reading, outcome, extra)

    def _outcome(self, reading: GeneReading, options: InterpretOptions) -> GeneOutcome:
        definition = reading.gene.definition
        if not reading.available:
            return GeneOutcome(reason=NO_SITE_READ.format(gene=definition.gene))
        required = set(definition.exemptions.get("required_positions", ()))
        lacking = [g for g in reading.missing if g.start in required]
        if lacking:
            return GeneOutcome(reason=REQUIRED_MISSING.format(gene=definition.gene, places=_places(lacking)))
        return CALLERS.get(definition.gene, general.call)(reading, options)

    def _answer(
        self, reading: GeneReading, outcome: GeneOutcome, extra: Sequence[SiteGenotype]
    ) -> PharmacogeneCall:
        definition = reading.gene.definition
        phenotypes = self._phenotypes[definition.gene]
        diplotypes = tuple(phenotypes.of_pair(pair) for pair in outcome.pairs)
        basis_alleles, basis = _basis(definition, outcome, phenotypes)
        undocumented = tuple(
            f"{genotype.view.name} {allele}"
            for genotype in reading.genotypes
            for allele in dict.fromkeys(genotype.replaced)
        )
        notes = list(outcome.notes)
        if outcome.reason:
            notes.insert(0, outcome.reason)
        notes += [UNDOCUMENTED.format(place=g.view.name) for g in reading.genotypes if g.replaced]
        tier1 = set(definition.exemptions.get("amp_tier1_positions", ()))
        if reading.available and (lacking := [g for g in reading.missing if g.start in tier1]):
            notes.append(TIER1_MISSING.format(gene=definition.gene, places=_places(lacking)))
        if definition.gene == ON_REQUEST:
            notes.append(CYP2D6_LIMIT)
        return PharmacogeneCall(
            gene=definition.gene,
            status=_status(reading, diplotypes, outcome),
            phased=reading.effectively_phased and bool(reading.available),
            diplotypes=diplotypes,
            haplotypes=outcome.haplotypes,
            basis_alleles=basis_alleles,
            missing_positions=tuple(g.view.name for g in reading.missing),
            uncallable_alleles=tuple(
                pattern.name
                for pattern in reading.gene.patterns
                if not pattern.reference and defined_sites(pattern, reading) == 0
            ),
            notes=tuple(notes),
            sites=tuple(g.result for g in (*reading.genotypes, *extra)),
            undocumented=undocumented,
            definition_version=definition.version,
            newer_version=definition.newer_version,
            hgnc_id=definition.hgnc_id,
            basis=basis,
        )


def _basis(
    definition: GeneDefinition, outcome: GeneOutcome, phenotypes: Phenotypes
) -> tuple[tuple[str, ...], Diplotype | None]:
    """The pair that guidance rests on, where it is not simply the diplotype."""
    if outcome.key_alleles:
        names = outcome.key_alleles
    elif outcome.haplotypes:
        names = phenotypes.lowest_two(outcome.haplotypes)
    elif definition.lowest_function and outcome.pairs:
        names = phenotypes.leading_pair(outcome.pairs)
    else:
        return (), None
    return names, phenotypes.of_alleles(names)


def _status(reading: GeneReading, diplotypes: Sequence[Diplotype], outcome: GeneOutcome) -> CallStatus:
    if len(diplotypes) > 1:
        return CallStatus.AMBIGUOUS
    if diplotypes or outcome.haplotypes:
        return CallStatus.CALLED
    return CallStatus.NO_CALL if reading.available else CallStatus.NOT_COVERED


def _silent(definition: GeneDefinition, note: str) -> PharmacogeneCall:
    """A gene that this input does not answer: said, never left out."""
    return PharmacogeneCall(
        gene=definition.gene,
        status=CallStatus.NOT_COVERED,
        phased=False,
        notes=(note,),
        definition_version=definition.version,
        newer_version=definition.newer_version,
        hgnc_id=definition.hgnc_id,
    )


def _places(genotypes: Iterable[SiteGenotype]) -> str:
    return ", ".join(genotype.view.name for genotype in genotypes)

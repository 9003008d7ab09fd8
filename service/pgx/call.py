"""Every pharmacogene of one case: called, or said why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from service.domain.assessment import DescribedCall
from service.domain.case import Case, InterpretOptions
from service.domain.issue import Issue
from service.domain.pgx import CallStatus, Diplotype, GeneDefinition, OutsideCall, PharmacogeneCall
from service.pgx import diplotypes, notes
from service.pgx.alleles import PreparedGene
from service.pgx.genes import CALLERS
from service.pgx.identities import with_identities
from service.pgx.match import defined_sites
from service.pgx.names import sorted_names
from service.pgx.outcome import GeneOutcome
from service.pgx.outside_calls import outside_result
from service.pgx.phenotype import Phenotypes
from service.pgx.reading import GeneReading, reading_of
from service.pgx.sites import SiteReader
from service.pgx.spelling import edit_of

ON_REQUEST = "CYP2D6"
AMBIGUOUS = "More than one diplotype fits; all are listed, none was picked."
REQUIRED_MISSING = "{gene} needs {places} for a call, and they were not read."
CONTRADICTED = (
    "{gene} is not called: {places} shows two different alleles where a male has one copy; the stated sex, "
    "the sample or the genotype is wrong."
)
UNUSABLE = "An outside call was given and could not be read."
NO_OUTSIDE_RESULT = "An outside call was given and states no result."
REPLACED = "The outside call is used in place of what the variant file shows."


@dataclass(frozen=True)
class _Gene:
    """One gene, prepared once."""

    definition: GeneDefinition

    @cached_property
    def prepared(self) -> PreparedGene:
        """Its alleles as patterns."""
        return PreparedGene.of(self.definition)

    @cached_property
    def tables(self) -> Phenotypes:
        """Its lookup tables."""
        return Phenotypes(self.definition)


class PharmacogeneCaller:
    """Calls all genes of one knowledge release."""

    def __init__(self, definitions: Mapping[str, GeneDefinition]) -> None:
        self._genes = {gene: _Gene(definitions[gene]) for gene in sorted(definitions)}
        sites = [s for d in definitions.values() for s in (*d.sites, *d.extra_sites)]
        self._bases = {(s.chrom, s.start + i) for s in sites for i in range(len(s.ref))}
        self._anchors = {
            (s.chrom, s.start) for s in sites if len(s.ref) > 1 or any(len(alt) > 1 for alt in s.alts)
        }

    def call(self, case: Case) -> tuple[tuple[PharmacogeneCall, ...], tuple[Issue, ...]]:
        """One call per gene of the release, in alphabetical order, and issues about outside calls."""
        issues: list[Issue] = []
        reader = SiteReader.of(case)
        outside: dict[str, list[OutsideCall]] = {}
        for given in case.outside_calls:
            symbol = given.gene if given.gene in self._genes else given.gene.upper()
            outside.setdefault(symbol, []).append(given)
        for symbol in sorted(outside.keys() - self._genes.keys()):
            text = f"{symbol} is not a pharmacogene of this release; its outside call was not used"
            issues.append(Issue("warning", "not-supported", text, where=symbol))
        calls = []
        for name, gene in self._genes.items():
            called = _call_gene(gene, reader, case.options)
            if name in outside:
                called = _with_outside(gene, called, outside[name], issues)
            calls.append(with_identities(called, gene.definition))
        return tuple(calls), tuple(issues)

    def sites_of_interest(self, described: Sequence[DescribedCall]) -> Sequence[DescribedCall]:
        """Those calls whose change lies on a defining site (GRCh38)."""
        return [d for d in described if self._on_site(d)]

    def _on_site(self, described: DescribedCall) -> bool:
        variant = described.description.variant
        edit = edit_of(variant.start, variant.ref, variant.alt)
        if any((variant.chrom, p) in self._bases for p in range(edit.start, edit.end)):
            return True
        return (variant.chrom, edit.start - 1) in self._anchors


def _call_gene(gene: _Gene, reader: SiteReader, options: InterpretOptions) -> PharmacogeneCall:
    definition = gene.definition
    if not definition.from_vcf and not (definition.gene == ON_REQUEST and options.call_cyp2d6):
        text = notes.CYP2D6_ON_REQUEST if definition.gene == ON_REQUEST else notes.NOT_FROM_VCF
        return _blank(definition, text.format(gene=definition.gene))
    assembly = reader.case.assembly
    reading = reading_of(
        gene.prepared,
        reader.read(gene.prepared.views(assembly)),
        undocumented_as_reference=_replaces_undocumented(definition, options),
        sex=options.sex,
    )
    extra = reader.read(gene.prepared.extra_views(assembly))
    if not reading.available:
        call = _unread(definition, reading)
    else:
        call = _answer(gene, reading, _outcome(reading, options))
    uncallable = _uncallable(reading)
    said = [
        *call.notes,
        *notes.site_notes(reading, uncallable, assembly, options),
        *notes.hemizygosity_note(definition, reading, options.sex),
    ]
    if definition.gene == ON_REQUEST:
        said.append(notes.CYP2D6_LIMITS)
    return replace(
        call,
        missing_positions=tuple(g.view.name for g in reading.missing),
        uncallable_alleles=uncallable,
        notes=tuple(said),
        sites=tuple(g.result for g in (*reading.genotypes, *extra)),
        undocumented=tuple(
            f"{g.view.name} {g.view.site.ref}>{allele}" for g in reading.genotypes for allele in g.replaced
        ),
    )


def _replaces_undocumented(definition: GeneDefinition, options: InterpretOptions) -> bool:
    """Combinations name undocumented changes themselves, except where guidance rests on lowest function."""
    return definition.undocumented_as_reference and (definition.lowest_function or not options.combinations)


def _blank(definition: GeneDefinition, note: str) -> PharmacogeneCall:
    return PharmacogeneCall(
        gene=definition.gene,
        status=CallStatus.NOT_COVERED,
        phased=False,
        notes=(note,),
        definition_version=definition.version,
        newer_version=definition.newer_version,
        hgnc_id=definition.hgnc_id,
    )


def _unread(definition: GeneDefinition, reading: GeneReading) -> PharmacogeneCall:
    blank = _blank(definition, notes.NOTHING_READ.format(gene=definition.gene))
    if all(g.result.status == "missing" for g in reading.genotypes):
        return blank
    return replace(blank, status=CallStatus.NO_CALL)


def _outcome(reading: GeneReading, options: InterpretOptions) -> GeneOutcome:
    definition = reading.gene.definition
    contradicted = [g.view.name for g in reading.genotypes if g.result.status == "contradictory"]
    if contradicted:
        # The other sites alone would make a carrier of a deficient allele look normal.
        reason = CONTRADICTED.format(gene=definition.gene, places=", ".join(contradicted))
        return GeneOutcome(reason=reason)
    required = frozenset(definition.exemptions.get("required_positions", ()))
    lacking = [g.view.name for g in reading.missing if g.start in required]
    if lacking:
        reason = REQUIRED_MISSING.format(gene=definition.gene, places=", ".join(lacking))
        return GeneOutcome(reason=reason)
    return CALLERS.get(definition.gene, diplotypes.call)(reading, options)


def _answer(gene: _Gene, reading: GeneReading, outcome: GeneOutcome) -> PharmacogeneCall:
    definition, tables = gene.definition, gene.tables
    found = tuple(tables.of_pair(pair) for pair in outcome.pairs)
    basis_alleles: tuple[str, ...] = outcome.key_alleles
    if definition.lowest_function:
        basis_alleles = tables.leading_pair(outcome.pairs) or tables.lowest_two(outcome.haplotypes)
    status = CallStatus.CALLED if found or outcome.haplotypes else CallStatus.NO_CALL
    if len(found) > 1:
        status = CallStatus.AMBIGUOUS
    said = [outcome.reason] if outcome.reason else []
    if status is CallStatus.AMBIGUOUS:
        said.append(AMBIGUOUS)
    components = [c for pair in outcome.pairs for strand in pair.strands for c in strand.components]
    said += [*outcome.notes, *notes.allele_notes(definition, [*components, *outcome.haplotypes])]
    return PharmacogeneCall(
        gene=definition.gene,
        status=status,
        phased=reading.effectively_phased,
        diplotypes=found,
        haplotypes=outcome.haplotypes,
        basis_alleles=basis_alleles,
        notes=tuple(said),
        definition_version=definition.version,
        newer_version=definition.newer_version,
        hgnc_id=definition.hgnc_id,
        basis=tables.of_alleles(basis_alleles) if basis_alleles and not found else None,
    )


def _uncallable(reading: GeneReading) -> tuple[str, ...]:
    """Alleles of which no defining site was read, under the names that they are reported by."""
    if not reading.missing:
        return ()
    names = {
        reading.gene.reported_name(pattern.name)
        for pattern in reading.gene.patterns
        if not pattern.reference and defined_sites(pattern, reading) == 0
    }
    return sorted_names(names)


def _with_outside(
    gene: _Gene, called: PharmacogeneCall, given: Sequence[OutsideCall], issues: list[Issue]
) -> PharmacogeneCall:
    name = gene.definition.gene
    result = outside_result(given, gene.tables)
    issues += [Issue("error", "value", f"{text}; it was not used", where=name) for text in result.problems]
    if not result.diplotypes:
        note = UNUSABLE if result.problems else NO_OUTSIDE_RESULT
        return replace(called, notes=(note, *called.notes))
    said = list(result.notes)
    if called.diplotypes or called.haplotypes:
        said.insert(0, REPLACED)
        if (warning := _contradiction(called, result.diplotypes)) is not None:
            said.insert(1, warning)
            text = "the outside call contradicts the variant file; both are shown, the outside call is used"
            issues.append(Issue("warning", "conflict", text, where=name))
    if len(result.diplotypes) > 1:
        said.append("Several outside calls were given; all are listed.")
    return replace(
        called,
        status=CallStatus.OUTSIDE_CALL,
        diplotypes=tuple(result.diplotypes),
        haplotypes=(),
        basis_alleles=(),
        basis=None,
        missing_positions=(),
        uncallable_alleles=(),
        notes=tuple(said),
    )


def _contradiction(called: PharmacogeneCall, given: Sequence[Diplotype]) -> str | None:
    """A sentence with both results where they differ."""
    ours = called.diplotypes or ((called.basis,) if called.basis else ())
    agrees = any(
        theirs.alleles == mine.alleles if theirs.alleles else theirs.phenotype == mine.phenotype
        for theirs in given
        for mine in ours
    )
    if agrees:
        return None
    shown = " or ".join(diplotype.name for diplotype in called.diplotypes) or ", ".join(called.haplotypes)
    said = " or ".join(d.name or d.phenotype or f"activity score {d.activity_score}" for d in given)
    return f"The outside call ({said}) contradicts the variant file, which reads {shown}."

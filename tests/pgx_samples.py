"""Samples of pharmacogenes for tests: genotypes written allele by allele, and the calls of a case."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from examples.compose import GENES
from service.domain.assembly import Assembly
from service.domain.case import Case, InterpretOptions, Sex, Subject
from service.domain.issue import Issue
from service.domain.pgx import GeneDefinition, NamedAllele, PharmacogeneCall
from service.domain.variant import GenotypeRecord
from service.knowledge.pharmacogenes import read_gene
from service.pgx.call import PharmacogeneCaller
from tests.slow_matcher import CODES, Seen

FEMALE = InterpretOptions(sex=Sex.FEMALE)


@cache
def definitions() -> Mapping[str, GeneDefinition]:
    return {d.gene: d for path in sorted(GENES.glob("*.toml")) for d in [read_gene(path)]}


@cache
def caller(*genes: str) -> PharmacogeneCaller:
    """A caller of some genes; of all when none is named."""
    return PharmacogeneCaller({g: d for g, d in definitions().items() if not genes or g in genes})


def callable_alleles(definition: GeneDefinition) -> list[NamedAllele]:
    return [a for a in definition.alleles if a.bases and not a.structural]


def strand(definition: GeneDefinition, *names: str, code: int = 0) -> dict[int, str]:
    """The bases of one strand that carries the alleles; of an ambiguity code the `code`-th base."""
    bases = {site.start: site.ref for site in definition.sites}
    for allele in definition.alleles:
        if allele.name in names:
            for start, cell in allele.bases.items():
                bases[start] = sorted(CODES[cell])[code] if cell in CODES else cell
    return bases


def record(definition: GeneDefinition, start: int, seen: Seen, line: int = 1) -> GenotypeRecord:
    """One site as its own record, in the spelling of the definition."""
    site = next(s for s in definition.sites if s.start == start)
    alts = tuple(dict.fromkeys(b for b in seen.bases if b not in (site.ref, "."))) or site.alts[:1]
    index: dict[str, int | None] = {site.ref: 0, ".": None}
    index |= {alt: number for number, alt in enumerate(alts, start=1)}
    return GenotypeRecord(
        site.chrom,
        site.start,
        site.ref,
        alts,
        tuple(index[base] for base in seen.bases),
        seen.phased,
        seen.phase_set,
        (),
        True,
        None,
        None,
        None,
        line,
    )


def records(definition: GeneDefinition, sample: Mapping[int, Seen]) -> tuple[GenotypeRecord, ...]:
    return tuple(
        record(definition, start, seen, line) for line, (start, seen) in enumerate(sample.items(), start=1)
    )


def sample_of(
    first: Mapping[int, str], second: Mapping[int, str] | None = None, *, phased: bool = True
) -> dict[int, Seen]:
    """Two strands (or the one of a haploid sample) as a genotype."""
    if second is None:
        return {start: Seen((base,)) for start, base in first.items()}
    return {start: Seen((base, second[start]), phased) for start, base in first.items()}


def pair_sample(gene: str, one: str, other: str, *, phased: bool = True) -> dict[int, Seen]:
    definition = definitions()[gene]
    return sample_of(strand(definition, one), strand(definition, other), phased=phased)


def called(
    gene: str,
    found: Iterable[GenotypeRecord],
    options: InterpretOptions = FEMALE,
    *,
    assembly: Assembly = Assembly.GRCH38,
    **more: object,
) -> PharmacogeneCall:
    """The call of one gene from records."""
    return called_with_issues(gene, found, options, assembly=assembly, **more)[0]


def called_with_issues(
    gene: str,
    found: Iterable[GenotypeRecord],
    options: InterpretOptions = FEMALE,
    *,
    assembly: Assembly = Assembly.GRCH38,
    **more: object,
) -> tuple[PharmacogeneCall, tuple[Issue, ...]]:
    if gene == "CYP2D6":
        options = replace(options, call_cyp2d6=True)
    case = Case(Subject("s"), "s", assembly, options, records=tuple(found), **more)  # type: ignore[arg-type]
    (answer,), issues = caller(gene).call(case)
    return answer, issues


def pairs_of(call: PharmacogeneCall) -> set[tuple[str, ...]]:
    return {tuple(sorted(diplotype.alleles)) for diplotype in call.diplotypes}

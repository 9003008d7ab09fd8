"""However a file spells an insertion or deletion, the site reads the same."""

from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest

from service.domain.assembly import Assembly
from service.domain.case import InterpretOptions
from service.domain.pgx import DefinitionSite, GeneDefinition
from service.domain.variant import GenotypeRecord
from tests.pgx_samples import called, definitions, record, records
from tests.slow_matcher import Seen

Spelling = tuple[int, str, str]  # interbase start, REF, ALT
INDELS = [
    (gene, site.start)
    for gene, definition in definitions().items()
    for site in definition.sites
    if any(len(alt) != len(site.ref) for alt in site.alts)
]
ROUNDS = 12


class Reference:
    """What the definition knows of the sequence around a site, in one assembly."""

    def __init__(self, site: DefinitionSite, assembly: Assembly) -> None:
        assert site.grch37 is not None
        self.start, self.ref = site.start, site.ref
        if assembly is Assembly.GRCH37:
            self.start, self.ref, _ = site.grch37
        first, bases = site.context or (site.start, site.ref)
        offset = self.start - site.start
        self._bases = {first + offset + number: base for number, base in enumerate(bases)}
        self._bases |= {self.start + number: base for number, base in enumerate(self.ref)}

    def at(self, start: int, end: int) -> str | None:
        """The bases between, None where one is not known."""
        found = [self._bases.get(place) for place in range(start, end)]
        return None if None in found else "".join(str(base) for base in found)


def trimmed(start: int, ref: str, alt: str) -> Spelling:
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        ref, alt, start = ref[1:], alt[1:], start + 1
    return start, ref, alt


def shifted(spelling: Spelling, reference: Reference) -> Iterator[Spelling]:
    """The same change ever further to the right, as callers that do not left-align write it."""
    start, ref, alt = spelling
    if min(len(ref), len(alt)) != 1:
        return
    moved = (ref if len(ref) > 1 else alt)[1:]
    while (following := reference.at(start + len(ref), start + len(ref) + 1)) == moved[0]:
        moved = moved[1:] + following
        start += 1
        anchor = str(reference.at(start, start + 1))
        ref, alt = (anchor + moved, anchor) if len(ref) > 1 else (anchor, anchor + moved)
        yield start, ref, alt


def padded(spelling: Spelling, left: int, right: int, reference: Reference) -> Spelling:
    start, ref, alt = spelling
    before = reference.at(start - left, start)
    after = reference.at(start + len(ref), start + len(ref) + right)
    if before is None or after is None:
        return spelling
    return start - left, before + ref + after, before + alt + after


def some_spelling(spelling: Spelling, reference: Reference, chance: Random) -> Spelling:
    least = trimmed(*spelling)
    chosen = chance.choice([spelling, least, *shifted(least, reference)])
    return padded(chosen, chance.choice((0, 0, 1, 3)), chance.choice((0, 0, 1, 4)), reference)


def written(
    site: DefinitionSite, bases: tuple[str, str], reference: Reference, chance: Random
) -> list[GenotypeRecord]:
    """One record an allele, as decomposed files have them; sometimes with alleles that nobody carries."""
    phased, other = chance.random() < 0.5, chance.choice((0, None))
    found = []
    alternates = dict.fromkeys(base for base in bases if base != reference.ref)
    for line, alt in enumerate(alternates, start=1):
        start, ref, spelled = some_spelling((reference.start, reference.ref, alt), reference, chance)
        genotype = tuple(1 if b == alt else 0 if b == reference.ref else other for b in bases)
        more = chance.choice(((), ("<NON_REF>",), ("*",)))
        place = (site.chrom, start, ref, (spelled, *more))
        found.append(GenotypeRecord(*place, genotype, phased, None, (), True, None, None, None, line))
    return found


def others(definition: GeneDefinition, site: DefinitionSite) -> list[GenotypeRecord]:
    """Reference records of the sites beside one."""
    end = site.start + len(site.ref)
    far = [o for o in definition.sites if o.start + len(o.ref) <= site.start or o.start >= end]
    return [record(definition, o.start, Seen((o.ref, o.ref)), 100 + n) for n, o in enumerate(far)]


@pytest.mark.parametrize("assembly", list(Assembly))
@pytest.mark.parametrize(("gene", "start"), INDELS)
def test_every_spelling_of_a_change_is_the_same_allele(gene: str, start: int, assembly: Assembly) -> None:
    definition = definitions()[gene]
    site = next(s for s in definition.sites if s.start == start)
    reference = Reference(site, assembly)
    chance = Random(f"{gene}{start}{assembly.value}")
    alleles = (site.ref, *site.alts)
    for _ in range(ROUNDS):
        bases = (chance.choice(alleles), chance.choice(alleles))
        found = written(site, bases, reference, chance)
        if not found:
            continue
        answer = called(gene, found, InterpretOptions(), assembly=assembly)
        read = next(s for s in answer.sites if s.pos == start + 1)
        assert sorted(map(str, read.bases)) == sorted(bases), (bases, found, read)


@pytest.mark.parametrize("gene", ["UGT1A1", "NUDT15", "CYP2D6", "CYP3A5", "DPYD", "TPMT", "CFTR"])
def test_calls_do_not_depend_on_spelling(gene: str) -> None:
    definition = definitions()[gene]
    chance = Random(gene)
    for site in definition.sites:
        if (gene, site.start) not in INDELS:
            continue
        reference = Reference(site, Assembly.GRCH38)
        for alt in site.alts:
            bases = (site.ref, alt)
            canonical = record(definition, site.start, Seen(bases, phased=False))
            plain = called(gene, [*others(definition, site), canonical])
            spelled = called(gene, [*others(definition, site), *written(site, bases, reference, chance)])
            assert spelled.diplotypes == plain.diplotypes, (site.start, alt)


def neighbours(definition: GeneDefinition) -> Iterator[tuple[DefinitionSite, DefinitionSite]]:
    """Pairs of substitution sites that one record can hold."""
    single = sorted(
        (s for s in definition.sites if len(s.ref) == 1 and all(len(a) == 1 for a in s.alts)),
        key=lambda s: s.start,
    )
    return ((a, b) for a, b in pairwise(single) if b.start - a.start <= 4)


@pytest.mark.parametrize("gene", ["CFTR", "CYP2D6", "CYP2B6", "G6PD", "CYP4F2", "RYR1"])
def test_bases_changed_by_one_record_are_read_one_by_one_on_the_same_strand(gene: str) -> None:
    """Whatever lies between; a base that the record spells and does not change is read, not missing."""
    definition = definitions()[gene]
    reference = {s.start: s.ref for s in definition.sites}
    chance = Random(gene)
    for one, two in neighbours(definition):
        between = "".join(reference.get(p, "T") for p in range(one.start + 1, two.start))
        strands = [
            (chance.choice((one.ref, one.alts[0])), chance.choice((two.ref, two.alts[0]))) for _ in "12"
        ]
        ref = one.ref + between + two.ref
        spelled = [first + between + last for first, last in strands]
        alts = tuple(dict.fromkeys(s for s in spelled if s != ref))
        if not alts:
            continue
        index = {ref: 0} | {alt: number for number, alt in enumerate(alts, start=1)}
        genotype = tuple(index[s] for s in spelled)
        place = (one.chrom, one.start, ref, alts)
        block = GenotypeRecord(*place, genotype, False, None, (), True, None, None, None, 1)
        beside = [
            record(definition, s.start, Seen((s.ref, s.ref)), 9)
            for s in definition.sites
            if s.start not in range(one.start, two.start + 1)
        ]
        answer = called(gene, [block, *beside])
        apart = {s: Seen((b, b)) for s, b in reference.items()}
        apart |= {s.start: Seen((strands[0][n], strands[1][n]), True) for n, s in enumerate((one, two))}
        expected = called(gene, records(definition, apart))
        assert answer.missing_positions == (), (one.start, two.start)
        assert (answer.diplotypes, answer.haplotypes) == (expected.diplotypes, expected.haplotypes)

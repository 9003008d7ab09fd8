"""Diplotypes and phenotypes of samples that are written allele by allele."""

from collections.abc import Mapping
from functools import cache

import pytest

from examples.compose import GENES
from service.domain.assembly import Assembly
from service.domain.case import Case, InterpretOptions, Sex, Subject
from service.domain.pgx import CallStatus, GeneDefinition, NamedAllele, PharmacogeneCall
from service.domain.variant import CoveredIntervals, GenotypeRecord, Interval
from service.knowledge.pharmacogenes import read_gene
from service.pgx.call import PharmacogeneCaller
from service.pgx.outside_calls import parse_outside_calls

CALLABLE = ("CYP2C19", "CYP2C9", "CYP2B6", "CYP3A5", "NUDT15", "SLCO1B1", "TPMT", "UGT1A1", "VKORC1", "ABCG2")


@cache
def definitions() -> Mapping[str, GeneDefinition]:
    return {d.gene: d for path in sorted(GENES.glob("*.toml")) for d in [read_gene(path)]}


def strand(definition: GeneDefinition, allele: NamedAllele) -> dict[int, str]:
    bases = {site.start: site.ref for site in definition.sites}
    known = {site.start: (site.ref, *site.alts) for site in definition.sites}
    return bases | {s: b for s, b in allele.bases.items() if b in known[s]}


def records(
    definition: GeneDefinition, first: dict[int, str], second: dict[int, str], *, phased: bool = True
) -> tuple[GenotypeRecord, ...]:
    found = []
    for number, site in enumerate(definition.sites, start=1):
        alts = tuple(sorted({first[site.start], second[site.start]} - {site.ref})) or site.alts[:1]
        index = {site.ref: 0} | {alt: n for n, alt in enumerate(alts, start=1)}
        genotype = (index[first[site.start]], index[second[site.start]])
        found.append(
            GenotypeRecord(
                site.chrom,
                site.start,
                site.ref,
                alts,
                genotype,
                phased,
                None,
                (),
                True,
                None,
                None,
                None,
                number,
            )
        )
    return tuple(found)


def call(gene: str, found: tuple[GenotypeRecord, ...], **more: object) -> PharmacogeneCall:
    options = InterpretOptions(sex=Sex.FEMALE)
    case = Case(Subject("s"), "s", Assembly.GRCH38, more.pop("options", options), records=found, **more)
    calls, _ = PharmacogeneCaller(definitions()).call(case)
    return next(c for c in calls if c.gene == gene)


@pytest.mark.parametrize("gene", CALLABLE)
def test_every_allele_phased_over_the_first_comes_back(gene: str) -> None:
    definition = definitions()[gene]
    partner = next(a for a in definition.alleles if a.name == "*1" or a.reference)
    for allele in definition.alleles:
        if allele.structural or not allele.bases:
            continue
        found = records(definition, strand(definition, partner), strand(definition, allele))
        answer = call(gene, found)
        hidden = definition.exemptions.get("reported_as", {}).get(allele.name, allele.name)
        names = {frozenset(d.alleles) for d in answer.diplotypes}
        assert names, (gene, allele.name)
        if answer.status is CallStatus.CALLED and frozenset({partner.name, hidden}) not in names:
            # Only an allele that is defined by ambiguity or hidden may come back under another name.
            ambiguous = any(len(b) == 1 and b not in "ACGT" for b in allele.bases.values())
            assert ambiguous or allele.name in definition.exemptions.get("hidden_alleles", ()), (
                gene,
                allele.name,
            )


@pytest.mark.parametrize("gene", CALLABLE)
def test_record_order_does_not_matter(gene: str) -> None:
    definition = definitions()[gene]
    found = records(
        definition, strand(definition, definition.alleles[0]), strand(definition, definition.alleles[-1])
    )
    forward, backward = call(gene, found), call(gene, found[::-1])
    assert forward.diplotypes == backward.diplotypes


@pytest.mark.parametrize("gene", CALLABLE)
def test_without_any_record_nothing_is_reference(gene: str) -> None:
    answer = call(gene, ())
    assert answer.status is CallStatus.NOT_COVERED
    assert answer.diplotypes == ()
    assert len(answer.missing_positions) == len(definitions()[gene].sites)


def test_a_reference_block_makes_positions_reference() -> None:
    sites = definitions()["TPMT"].sites
    covered = CoveredIntervals([Interval("6", sites[0].start - 10, sites[-1].start + 60)])
    low, high = min(s.start for s in sites), max(s.start for s in sites)
    covered = CoveredIntervals([Interval("6", low - 10, high + 60)])
    assert [d.name for d in call("TPMT", (), covered=covered).diplotypes] == ["*1/*1"]


def test_a_filtered_record_is_missing_unless_accepted() -> None:
    import dataclasses

    definition = definitions()["CYP2C19"]
    star2 = next(a for a in definition.alleles if a.name == "*2")
    found = tuple(
        dataclasses.replace(r, passed=False, filters=("LowQual",)) if r.start == 94781858 else r
        for r in records(definition, strand(definition, star2), strand(definition, star2))
    )
    assert "10:94781859" in call("CYP2C19", found).missing_positions
    accepted = call("CYP2C19", found, options=InterpretOptions(accept_filtered=True))
    assert [d.name for d in accepted.diplotypes] == ["*2/*2"]


@pytest.mark.parametrize(
    ("gene", "alleles", "phenotype", "score"),
    [
        # CPIC clopidogrel 2022, doi:10.1002/cpt.2526, table 1
        ("CYP2C19", ("*1", "*1"), "Normal Metabolizer", None),
        ("CYP2C19", ("*1", "*2"), "Intermediate Metabolizer", None),
        ("CYP2C19", ("*2", "*2"), "Poor Metabolizer", None),
        ("CYP2C19", ("*1", "*17"), "Rapid Metabolizer", None),
        ("CYP2C19", ("*17", "*17"), "Ultrarapid Metabolizer", None),
        # CPIC CYP2C9 2020, doi:10.1002/cpt.2004, table 1
        ("CYP2C9", ("*1", "*1"), "Normal Metabolizer", "2.0"),
        ("CYP2C9", ("*1", "*2"), "Intermediate Metabolizer", "1.5"),
        ("CYP2C9", ("*1", "*3"), "Intermediate Metabolizer", "1.0"),
        ("CYP2C9", ("*2", "*3"), "Poor Metabolizer", "0.5"),
        ("CYP2C9", ("*3", "*3"), "Poor Metabolizer", "0.0"),
        # CPIC thiopurines 2018, doi:10.1002/cpt.1304, table 1
        ("TPMT", ("*1", "*3A"), "Intermediate Metabolizer", None),
        ("TPMT", ("*3A", "*3A"), "Poor Metabolizer", None),
        ("NUDT15", ("*1", "*3"), "Intermediate Metabolizer", None),
        # CPIC statins 2022, doi:10.1002/cpt.2557, table 1
        ("SLCO1B1", ("*1", "*5"), "Decreased Function", None),
        ("SLCO1B1", ("*5", "*5"), "Poor Function", None),
        # CPIC tacrolimus 2015, doi:10.1002/cpt.113
        ("CYP3A5", ("*3", "*3"), "Poor Metabolizer", None),
    ],
)
def test_published_phenotypes(gene: str, alleles: tuple[str, str], phenotype: str, score: str | None) -> None:
    definition = definitions()[gene]
    by_name = {a.name: a for a in definition.alleles}
    found = records(definition, *(strand(definition, by_name[name]) for name in alleles))
    (diplotype,) = call(gene, found).diplotypes
    assert (diplotype.name, diplotype.phenotype, diplotype.activity_score) == (
        "/".join(alleles),
        phenotype,
        score,
    )


def test_cyp2d6_is_said_not_to_be_called() -> None:
    answer = call("CYP2D6", ())
    assert answer.status is CallStatus.NOT_COVERED
    assert "not called" in answer.notes[0]


def test_an_outside_call_replaces_and_a_contradiction_shows_both() -> None:
    definition = definitions()["CYP2C19"]
    star1 = next(a for a in definition.alleles if a.name == "*1")
    found = records(definition, strand(definition, star1), strand(definition, star1))
    answer = call("CYP2C19", found, outside_calls=parse_outside_calls("CYP2C19\t*2/*2\n"))
    assert answer.status is CallStatus.OUTSIDE_CALL
    assert answer.diplotypes[0].phenotype == "Poor Metabolizer"
    assert any("*2/*2" in note and "*1/*1" in note for note in answer.notes)


def test_copy_numbers_of_an_outside_call_are_looked_up() -> None:
    answer = call("CYP2D6", (), outside_calls=parse_outside_calls("CYP2D6\t*1x3/*4\nCYP2C19\t.\t\t\n"))
    assert answer.diplotypes[0].name == "*1x3/*4"
    assert answer.diplotypes[0].phenotype is not None

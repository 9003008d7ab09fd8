"""Gene files against the facts that they were made from, and one build against the other."""

import csv
import json
from pathlib import Path
from random import Random

import pytest

from service.domain.assembly import Assembly
from service.domain.case import InterpretOptions
from service.domain.variant import GenotypeRecord
from tests.pgx_samples import callable_alleles, called, definitions, records, sample_of, strand
from tests.slow_matcher import Seen

FROM_VCF = [gene for gene, definition in definitions().items() if definition.sites]
# The curated difference: ClinGen's classification of 2024-02-28 is taken in the place of CPIC's.
RECLASSIFIED = {("RYR1", "c.7036G>A")}
# NOTES of the position table: the reference base differs between the builds at these sites.
SWAPS = {
    ("CYP2C19", 94842866),
    ("CYP2D6", 42126611),
    ("CYP2D6", 42127941),
    ("CYP2D6", 42129130),
    ("CYP3A5", 99672916),
    ("DPYD", 97883329),
}


@pytest.mark.shared
@pytest.mark.parametrize("gene", sorted(definitions()))
def test_gene_files_say_what_the_facts_say(gene: str, shared: Path) -> None:
    facts = json.loads((shared / "data" / "pgx" / "genes" / f"{gene}.json").read_text())
    ours = definitions()[gene]
    assert {(p["pos"], p["ref"], tuple(p["alts"])) for p in facts.get("positions", [])} == {
        (s.start + 1, s.ref, s.alts) for s in ours.sites
    }
    assert {a.name for a in ours.alleles} == set(facts["alleles"])
    for allele in ours.alleles:
        stated = facts["alleles"][allele.name]
        if stated.get("bases") != "REF":
            bases = {int(pos) - 1: base for pos, base in (stated.get("bases") or {}).items()}
            assert allele.bases == bases, allele.name
        if (gene, allele.name) not in RECLASSIFIED:
            assert allele.function == stated.get("function"), allele.name
        assert allele.activity == stated.get("activity"), allele.name
    if isinstance(facts.get("diplotype_rules"), list):
        assert {(tuple(sorted(r.lookup)), r.phenotype, r.activity_score) for r in ours.rules} == {
            (tuple(sorted(r["lookup"])), r["phenotype"], r["activity_score"])
            for r in facts["diplotype_rules"]
        }


@pytest.mark.shared
def test_grch37_positions_and_bases_are_those_of_the_table(shared: Path) -> None:
    with (shared / "data" / "pgx" / "grch37_positions.tsv").open() as lines:
        rows = {(r["gene"], int(r["pos38"]), r["ref38"]): r for r in csv.DictReader(lines, delimiter="\t")}
    for gene, definition in definitions().items():
        for site in (*definition.sites, *definition.extra_sites):
            row = rows[gene, site.start + 1, site.ref]
            stated = int(row["pos37"]) - 1, row["ref37"], tuple(row["alts37"].split(","))
            assert site.grch37 == stated, (gene, site.start + 1)


def test_reference_bases_differ_between_builds_at_the_six_known_sites_alone() -> None:
    found = {
        (gene, site.start + 1)
        for gene, definition in definitions().items()
        for site in definition.sites
        if site.grch37 is not None and site.grch37[1] != site.ref
    }
    assert found == SWAPS


def on_grch37(gene: str, sample: dict[int, Seen]) -> tuple[GenotypeRecord, ...]:
    """The same bases, written against GRCh37."""
    found = []
    for line, site in enumerate(definitions()[gene].sites, start=1):
        assert site.grch37 is not None
        start, ref, _ = site.grch37
        seen = sample[site.start]
        alts = tuple(dict.fromkeys(base for base in seen.bases if base != ref))
        index = {ref: 0} | {alt: number for number, alt in enumerate(alts, start=1)}
        genotype = tuple(index[base] for base in seen.bases)
        found.append(
            GenotypeRecord(
                site.chrom, start, ref, alts, genotype, seen.phased, None, (), True, None, None, None, line
            )
        )
    return tuple(found)


@pytest.mark.parametrize("gene", FROM_VCF)
def test_grch37_gives_what_grch38_gives(gene: str) -> None:
    definition = definitions()[gene]
    names = [allele.name for allele in callable_alleles(definition)]
    chance = Random(gene)
    for phased in (True, False) * 8:
        one, other = chance.choice(names), chance.choice(names)
        sample = sample_of(strand(definition, one), strand(definition, other), phased=phased)
        new = called(gene, records(definition, sample))
        old = called(gene, on_grch37(gene, sample), assembly=Assembly.GRCH37)
        assert (old.diplotypes, old.haplotypes, old.missing_positions) == (
            new.diplotypes,
            new.haplotypes,
            (),
        ), (one, other)


def test_cyp3a5_star3_is_left_out_of_a_variants_only_grch37_file() -> None:
    """The GRCh37 reference is *3 there: absence stays missing, and where it is assumed it means *3."""
    nothing = called("CYP3A5", (), assembly=Assembly.GRCH37)
    assert nothing.diplotypes == ()
    assert any("7:99672916" in note and "GRCh37" in note for note in nothing.notes)
    assumed = called(
        "CYP3A5", (), InterpretOptions(assume_reference_for_missing=True), assembly=Assembly.GRCH37
    )
    assert [d.name for d in assumed.diplotypes] == ["*3/*3"]

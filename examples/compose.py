"""Write the example patients: real variants at real coordinates, one record per site that was read.

    python -m examples.compose

The genotypes are composed, the people do not exist. Definitions come from `knowledgebase/pgx/genes`.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service.domain.assembly import CHROMOSOMES, Assembly, chromosome_length
from service.domain.pgx import GeneDefinition
from service.files import write_whole
from service.knowledge.pharmacogenes import read_gene

HERE = Path(__file__).resolve().parent
GENES = HERE.parent / "knowledgebase" / "pgx" / "genes"

# What most Europeans carry; everything else is the reference allele of its gene.
COMMON = {"CYP2C19": ("*1", "*1"), "CYP3A5": ("*3", "*3"), "NAT2": ("*5", "*6")}


@dataclass(frozen=True, slots=True)
class Extra:
    """A variant outside the pharmacogenes: VCF position and alleles, genotype, where it comes from."""

    chrom: str
    pos: int
    ref: str
    alt: str
    genotype: str
    rsid: str


@dataclass(frozen=True, slots=True)
class Person:
    """Diplotypes that differ from COMMON, and other variants."""

    diplotypes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    extras: tuple[Extra, ...] = ()
    female: bool = True


PEOPLE = {
    # CYP2C19 poor metaboliser who takes clopidogrel, and simvastatin with one SLCO1B1*5.
    "cyp2c19-poor-metaboliser": Person(
        {
            "CYP2C19": ("*2", "*2"),
            "SLCO1B1": ("*1", "*5"),
            "VKORC1": ("rs9923231 reference (C)", "rs9923231 variant (T)"),
        },
        female=False,
    ),
    # BRCA1 c.68_69del, ClinVar VCV000017662, Ashkenazi Jewish founder variant.
    "brca1-carrier": Person(
        {"CYP2C9": ("*1", "*2")}, (Extra("17", 43124027, "ACT", "A", "0/1", "rs80357914"),)
    ),
    # Nothing to say: F5 reference, MTHFR c.665C>T (benign, common), reference pharmacogenes.
    "ordinary-genome": Person(extras=(Extra("1", 11796321, "G", "A", "0/1", "rs1801133"),)),
}


def strand_bases(definition: GeneDefinition, name: str | None) -> dict[int, str]:
    """Base string of a named allele at every site; ambiguity codes are read as the reference base."""
    bases = {site.start: site.ref for site in definition.sites}
    if name is None:
        return bases
    allele = next(a for a in definition.alleles if a.name == name)
    known = {site.start: {site.ref, *site.alts} for site in definition.sites}
    return bases | {start: base for start, base in allele.bases.items() if base in known[start]}


def records(person: Person) -> list[tuple[str, int, str, str, str, str]]:
    """Sorted (chrom, pos, id, ref, alt, genotype)."""
    rows = [(e.chrom, e.pos, e.rsid, e.ref, e.alt, e.genotype) for e in person.extras]
    for path in sorted(GENES.glob("*.toml")):
        definition = read_gene(path)
        if not definition.from_vcf:
            continue
        names: tuple[str | None, str | None] = person.diplotypes.get(
            definition.gene, COMMON.get(definition.gene, (None, None))
        )
        strands = [strand_bases(definition, name) for name in names]
        haploid = definition.chrom == "X" and not person.female
        for site in definition.sites:
            alleles = [strand[site.start] for strand in strands[: 1 if haploid else 2]]
            alts = sorted({a for a in alleles if a != site.ref}) or [site.alts[0]]
            index = {site.ref: 0} | {alt: n for n, alt in enumerate(alts, start=1)}
            genotype = "/".join(str(n) for n in sorted(index[a] for a in alleles))
            rows.append((site.chrom, site.start + 1, site.rsid or ".", site.ref, ",".join(alts), genotype))
    order = {chrom: n for n, chrom in enumerate(CHROMOSOMES)}
    return sorted(rows, key=lambda row: (order[row[0]], row[1], row[3]))


def vcf(name: str, person: Person) -> bytes:
    """The file."""
    contigs = "".join(
        f"##contig=<ID=chr{c},length={chromosome_length(Assembly.GRCH38, c)},assembly=GRCh38>\n"
        for c in CHROMOSOMES[:24]
    )
    head = (
        "##fileformat=VCFv4.3\n##source=genomeward examples (composed, not a person)\n##reference=GRCh38\n"
        + contigs
        + '##FILTER=<ID=PASS,Description="All filters passed">\n'
        + '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        + '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Read depth">\n'
        + f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{name}\n"
    )
    lines = (
        f"chr{chrom}\t{pos}\t{rsid}\t{ref}\t{alt}\t60\tPASS\t.\tGT:DP\t{genotype}:{24 + pos % 17}\n"
        for chrom, pos, rsid, ref, alt, genotype in records(person)
    )
    return (head + "".join(lines)).encode("ascii")


def main() -> int:
    """Write every example."""
    for name, person in PEOPLE.items():
        write_whole(HERE / f"{name}.vcf", vcf(name, person))
    return 0


if __name__ == "__main__":
    sys.exit(main())

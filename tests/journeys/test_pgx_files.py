"""The same person in the shapes in which laboratories send files: one answer for all of them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.domain.assembly import Assembly, chromosome_length
from tests.builders import VcfSample, a_vcf
from tests.journeys.conftest import ROOT, Run
from tests.pgx_samples import definitions, strand

# Alleles by strand; everything else is the reference (CYP2C19: *1).
PERSON = {
    "CYP2C19": ("*1", "*2"),
    "CYP2C9": ("*1", "*3"),
    "CYP3A5": ("*1", "*3"),
    "DPYD": ("Reference", "c.1905+1G>A (*2A)"),
    "NUDT15": ("*1", "*2"),
    "TPMT": ("*1", "*3A"),
    "UGT1A1": ("*80+*28", "*36"),
    "SLCO1B1": ("*1", "*15"),
    "G6PD": ("B (reference)", "A- 202A_376G"),
    "CFTR": ("ivacaftor non-responsive CFTR sequence", "G551D"),
}
EXPECTED = {
    "CYP2C19": ["*1/*2"],
    "CYP2C9": ["*1/*3"],
    "CYP3A5": ["*1/*3"],
    "DPYD": ["Reference/c.1905+1G>A (*2A)"],
    "NUDT15": ["*1/*2"],
    "TPMT": ["*1/*3A"],
    "UGT1A1": ["*36/*80+*28"],
    "SLCO1B1": ["*1/*15"],
    "G6PD": ["A- 202A_376G/B (reference)"],
    "CFTR": ["G551D/ivacaftor non-responsive CFTR sequence"],
    "NAT2": ["*1/*1"],
    "VKORC1": ["rs9923231 reference (C)/rs9923231 reference (C)"],
}
Site = tuple[str, int, str, tuple[str, ...], tuple[str, str]]  # chromosome, VCF position, REF, ALT, bases


def sites(assembly: Assembly = Assembly.GRCH38) -> list[Site]:
    """Every defining site of the person, in order of place."""
    found = []
    for gene, definition in definitions().items():
        if not definition.from_vcf:
            continue
        default = "*1" if gene == "CYP2C19" else next(a.name for a in definition.alleles if a.reference)
        one, other = (strand(definition, name) for name in PERSON.get(gene, (default, default)))
        for site in definition.sites:
            start, ref = site.start, site.ref
            if assembly is Assembly.GRCH37:
                assert site.grch37 is not None
                start, ref, _ = site.grch37
            bases = (one[site.start], other[site.start])
            alts = tuple(dict.fromkeys(base for base in bases if base != ref))
            found.append((site.chrom, start + 1, ref, alts, bases))
    order = [*map(str, range(1, 23)), "X"]
    return sorted(found, key=lambda site: (order.index(site[0]), site[1]))


def genotype(site: Site, between: str = "/") -> str:
    _, _, ref, alts, bases = site
    index = {ref: 0} | {alt: number for number, alt in enumerate(alts, start=1)}
    return between.join(str(index[base]) for base in bases)


def every_site(between: str = "/", *, chrom: str = "chr{}", assembly: str | None = "GRCh38") -> VcfSample:
    vcf = a_vcf(assembly=assembly)
    build = Assembly.GRCH37 if assembly == "GRCh37" else Assembly.GRCH38
    for site in sites(build):
        vcf.record(chrom.format(site[0]), site[1], site[2], ",".join(site[3]) or ".", genotype(site, between))
    return vcf


def without_prefix() -> VcfSample:
    return every_site(chrom="{}")


def phased() -> VcfSample:
    return every_site("|")


def on_grch37() -> VcfSample:
    return every_site(chrom="{}", assembly="GRCh37")


def windows_and_lower_case() -> VcfSample:
    vcf = a_vcf()
    for chrom, pos, ref, alts, bases in sites():
        text = genotype((chrom, pos, ref, alts, bases))
        vcf.record(f"chr{chrom}", pos, ref.lower(), ",".join(alts).lower() or ".", text)
    return vcf.windows_line_ends()


def one_record_an_allele() -> VcfSample:
    """As `bcftools norm -m -any` leaves it: two alternates are two records, each with the other as 0."""
    vcf = a_vcf()
    for site in sites():
        chrom, pos, ref, alts, bases = site
        for alt in alts:
            text = "/".join(str(int(base == alt)) for base in bases)
            vcf.record(f"chr{chrom}", pos, *trimmed(ref, alt), text)
        if not alts:
            vcf.record(f"chr{chrom}", pos, ref, ".", "0/0")
    return vcf


def trimmed(ref: str, alt: str) -> tuple[str, str]:
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    return ref, alt


def as_gvcf() -> VcfSample:
    """Variants as records with <NON_REF>, everything else as blocks of GATK."""
    vcf = a_vcf()
    last: dict[str, int] = {}
    for site in sites():
        chrom, pos, ref, alts, _ = site
        if not alts:
            continue
        begin = last.get(chrom, 1)
        if pos > begin:
            block(vcf, chrom, begin, pos - 1)
        vcf.record(
            f"chr{chrom}",
            pos,
            ref,
            ",".join((*alts, "<NON_REF>")),
            f"{genotype(site)}:40:99",
            fields="GT:DP:GQ",
        )
        last[chrom] = pos + len(ref)
    for chrom in {site[0] for site in sites()}:
        block(vcf, chrom, last.get(chrom, 1), chromosome_length(Assembly.GRCH38, chrom))
    return vcf


def block(vcf: VcfSample, chrom: str, begin: int, end: int) -> None:
    vcf.record(f"chr{chrom}", begin, "A", "<NON_REF>", "0/0:30:60", info=f"END={end}", fields="GT:DP:GQ")


def with_unused_alleles() -> VcfSample:
    """Joint calls keep alleles of other samples, spanning deletions and symbols."""
    vcf = a_vcf("other", "P1", "third")
    for site in sites():
        chrom, pos, ref, alts, _ = site
        more = next(base for base in "ACGT" if base not in (ref[0], *alts))
        columns = (f"0/{len(alts) + 1}", genotype(site), "./.")
        vcf.record(f"chr{chrom}", pos, ref, ",".join((*alts, more + ref[1:], "*")), *columns)
    return vcf


def in_reverse_order() -> VcfSample:
    vcf = a_vcf()
    for site in reversed(sites()):
        vcf.record(f"chr{site[0]}", site[1], site[2], ",".join(site[3]) or ".", genotype(site))
    return vcf


def of_pharmcat_preprocessor() -> VcfSample:
    """Its filter codes say how a record compares with its positions, not how well it was read."""
    vcf = a_vcf()
    for number, site in enumerate(sites()):
        code = ("PASS", "PCATxALT", "PCATxINDEL")[number % 3]
        vcf.record(
            f"chr{site[0]}",
            site[1],
            site[2],
            ",".join(site[3]) or ".",
            genotype(site),
            filters=code,
            info="PX=X",
        )
    return vcf


FORMS = ("bgz", "bcf")
SHAPES: dict[str, Callable[[], VcfSample]] = {
    shape.__name__: shape
    for shape in (
        every_site,
        without_prefix,
        phased,
        on_grch37,
        windows_and_lower_case,
        one_record_an_allele,
        as_gvcf,
        with_unused_alleles,
        in_reverse_order,
        of_pharmcat_preprocessor,
    )
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Findings of every shape, from one run of the command."""
    place = tmp_path_factory.mktemp("shapes")
    files = [shape().write(place / f"{name}.vcf") for name, shape in SHAPES.items()]
    files += [every_site().write(place / f"{form}.{form}") for form in FORMS]
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "interpret", *files, "--format", "findings", "--sample", "P1"],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "GENOMEWARD_STATE": str(place / "state")},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return dict(zip((*SHAPES, *FORMS), lines, strict=True))


@pytest.mark.parametrize("shape", [*SHAPES, *FORMS])
def test_every_shape_of_file_gives_the_same_calls(shape: str, answers: dict[str, dict[str, Any]]) -> None:
    genes = {gene["gene"]: gene for gene in answers[shape]["pharmacogenes"]}
    found = {gene: [d["name"] for d in genes[gene]["diplotypes"]] for gene in EXPECTED}
    assert found == EXPECTED
    missing = {gene: call["missing_positions"] for gene, call in genes.items() if call["missing_positions"]}
    assert missing == {}


CHOICES = {
    "--assume-reference-for-missing": "Missing positions were read as reference",
    "--accept-filtered": "did not pass their filters were accepted",
    "--call-cyp2d6": "deletions, duplications and hybrids would not be seen",
    "--all-diplotypes": "Every pair of alleles that fits is listed",
    "--combinations": "combinations and partial alleles were tried",
}


def test_what_the_caller_chose_is_recorded_in_findings_and_conclusion(run: Run, tmp_path: Path) -> None:
    path = every_site().write(tmp_path / "case.vcf")
    (findings,) = run("interpret", path, "--format", "findings", *CHOICES).lines
    (bundle,) = run("interpret", path, *CHOICES).lines
    report = next(
        entry["resource"]
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == "DiagnosticReport"
    )
    for said in CHOICES.values():
        assert any(said in text for text in findings["scope"]["assumptions"]), said
        assert said in report["conclusion"]
    (plain,) = run("interpret", path, "--format", "findings").lines
    assert plain["scope"]["assumptions"] == []

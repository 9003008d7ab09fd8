"""Composed patients through the whole service: one record per pharmacogene site, as laboratories send."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from examples.compose import GENES, Person, strand_bases, vcf
from service.bootstrap import Genomeward, open_genomeward
from service.domain.case import Subject
from service.domain.findings import Findings
from service.domain.pgx import PharmacogeneCall, Recommendation
from service.intake import Attachments, read_request
from service.knowledge.pharmacogenes import read_gene
from service.settings import Settings

Line = list[str]
Change = Callable[[Line], Line | None]


@contextmanager
def opened(state: Path) -> Iterator[Genomeward]:
    """The service on the built knowledge base, with a state folder of its own."""
    with open_genomeward(Settings(state=state, id_key=b"a key for composed patients")) as service:
        yield service


def sample(*, female: bool = True, change: Change | None = None, **diplotypes: tuple[str, str]) -> bytes:
    """A VCF with these diplotypes (unphased) and common ones elsewhere; `change` edits or drops a record."""
    lines = []
    for line in vcf("P1", Person(diplotypes, female=female)).decode().splitlines():
        cells: Line | None = line.split("\t")
        if not line.startswith("#") and change is not None:
            assert cells is not None
            cells = change(cells)
        if cells is not None:
            lines.append("\t".join(cells))
    return ("\n".join(lines) + "\n").encode()


def with_cyp2d6(first: str, second: str) -> bytes:
    """A sample that also has a record at every CYP2D6 site of the definition, phased."""
    definition = read_gene(GENES / "CYP2D6.toml")
    strands = [strand_bases(definition, name) for name in (first, second)]
    lines = []
    for site in definition.sites:
        bases = [strand[site.start] for strand in strands]
        alts = sorted({base for base in bases if base != site.ref}) or [site.alts[0]]
        index = {site.ref: 0} | {alt: n for n, alt in enumerate(alts, start=1)}
        genotype = "|".join(str(index[base]) for base in bases)
        lines.append(
            f"chr22\t{site.start + 1}\t.\t{site.ref}\t{','.join(alts)}\t60\tPASS\t.\tGT:DP\t{genotype}:30"
        )
    return sample() + ("\n".join(lines) + "\n").encode()


def without(*chromosomes: str, pos: int | None = None) -> Change:
    """Drops the records of these chromosomes, or one position."""

    def change(cells: Line) -> Line | None:
        gone = cells[0] in chromosomes and (pos is None or int(cells[1]) == pos)
        return None if gone else cells

    return change


def genotype_at(pos: int, alt: str, genotype: str) -> Change:
    """Another alternate allele and genotype at a position."""

    def change(cells: Line) -> Line:
        return [*cells[:4], alt, *cells[5:9], f"{genotype}:30"] if int(cells[1]) == pos else cells

    return change


def interpreted(
    service: Genomeward,
    file: bytes,
    *,
    outside: str | None = None,
    medications_file: str | None = None,
    **options: str,
) -> Findings:
    """Findings of a sample; options are texts as on the command line."""
    attachments = Attachments(outside_calls=outside, medications=medications_file)
    return service.interpret_stream(io.BytesIO(file), read_request(options, attachments, Subject("P1")))


def gene(findings: Findings, name: str) -> PharmacogeneCall:
    """The answer of one gene."""
    return next(call for call in findings.pharmacogenes if call.gene == name)


def advice(findings: Findings, drug: str) -> list[Recommendation]:
    """Everything said of one drug."""
    return [recommendation for recommendation in findings.recommendations if recommendation.drug == drug]

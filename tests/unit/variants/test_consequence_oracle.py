"""Consequences of simulated variants held against `bcftools csq`, on 50 transcripts of both strands."""

import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pysam
import pytest

from service.domain.assembly import Assembly
from service.domain.transcript import MANE_SELECT, Transcript
from service.domain.variant import Variant
from service.variants.justify import justify
from tests.nomenclature import describer

OURS = describer()
MARGIN, EACH = 300, 40
# csq's terms, most severe first; VEP's order, to which the splice regions' finer terms are no part.
SEVERITY = (
    *("splice_acceptor", "splice_donor", "stop_gained", "frameshift", "stop_lost", "start_lost"),
    *("inframe_insertion", "inframe_deletion", "missense", "inframe_altering", "splice_region"),
    *(
        "start_retained",
        "stop_retained",
        "synonymous",
        "coding_sequence",
        "5_prime_utr",
        "3_prime_utr",
        "intron",
    ),
)
FINER = {"splice_donor_5th_base", "splice_donor_region", "splice_polypyrimidine_tract"}


def chosen(dice: random.Random) -> list[Transcript]:
    """25 transcripts of each strand whose genes are known to the last base."""

    def whole(model: Transcript) -> bool:
        if model.kind != MANE_SELECT or model.cds is None or model.end - model.start > 60_000:
            return False
        coding = OURS.models.coding(model)
        if coding is None or "U" in coding.residues or not coding.bases.startswith("ATG", coding.start):
            return False
        place = model.start - MARGIN, model.end + MARGIN
        return "N" not in OURS.reference.bases(Assembly.GRCH38, model.chrom, *place)

    models = [model for model in OURS.models.catalogue if whole(model)]
    forward = [model for model in models if model.strand > 0]
    reverse = [model for model in models if model.strand < 0]
    return dice.sample(forward, 25) + dice.sample(reverse, 25)


def simulated(model: Transcript, dice: random.Random) -> list[Variant]:
    """Substitutions, deletions, insertions and replacements in and beside the exons, left-aligned."""
    found: dict[Variant, None] = {}
    while len(found) < EACH:
        low, high = dice.choice(model.exons)
        start, kind = dice.randrange(low - 25, high + 25), dice.random()
        bases = OURS.reference.bases(Assembly.GRCH38, model.chrom, start, start + 10)
        if kind < 0.5:
            ref, alt = bases[0], dice.choice("ACGT".replace(bases[0], ""))
        elif kind < 0.7:
            ref, alt = bases[: 1 + dice.choice((1, 1, 2, 3, 3, 4, 6, 9))], bases[0]
        elif kind < 0.9:
            ref, alt = bases[0], bases[0] + "".join(dice.choices("ACGT", k=dice.choice((1, 1, 2, 3, 3, 6))))
        else:
            ref, alt = (
                bases[: dice.choice((2, 3, 4))],
                "".join(dice.choices("ACGT", k=dice.choice((2, 3, 4)))),
            )
        if ref == alt:
            continue
        variant = justify(Variant(Assembly.GRCH38, model.chrom, start, ref, alt), OURS.reference).leftmost()
        if variant is not None and variant.start > model.start and variant.end < model.end:
            found[variant] = None
    return sorted(found, key=lambda variant: variant.start)


def gff(model: Transcript, contig: str) -> Iterator[str]:
    """Ensembl's GFF3 of a model on a contig that begins MARGIN bases before it."""
    geometry, (begin, stop) = OURS.models.geometry(model), model.cds or (0, 0)
    forward, strand = model.strand > 0, "+" if model.strand > 0 else "-"

    def line(kind: str, low: int, high: int, attributes: str, phase: object = ".") -> str:
        shift = MARGIN - model.start
        cells = (contig, "x", kind, low + shift + 1, high + shift, ".", strand, phase, attributes)
        return "\t".join(map(str, cells))

    span = model.start, model.end
    yield line("gene", *span, f"ID=gene:G{contig};Name={model.gene};biotype=protein_coding")
    yield line("mRNA", *span, f"ID=transcript:T{contig};Parent=gene:G{contig};biotype=protein_coding")
    done = 0
    for number in range(len(model.exons)) if forward else reversed(range(len(model.exons))):
        low, high = model.exons[number]
        first = geometry.first_offsets[number]
        last = first + high - low
        yield line("exon", low, high, f"Parent=transcript:T{contig}")
        parts = (("five_prime_UTR", first, min(last, begin)), ("CDS", max(first, begin), min(last, stop)))
        for kind, a, b in (*parts, ("three_prime_UTR", max(first, stop), last)):
            if a < b:
                place = (
                    (low + a - first, low + b - first) if forward else (high - b + first, high - a + first)
                )
                phase = -done % 3 if kind == "CDS" else "."
                yield line(kind, *place, f"Parent=transcript:T{contig};protein_id=P", phase)
                done += b - a if kind == "CDS" else 0


def asked_of_csq(
    program: str, folder: Path, cases: list[tuple[Transcript, list[Variant]]]
) -> dict[int, set[str]]:
    """csq's terms by running number of the variant."""
    fasta, models, records, answers = (
        folder / n for n in ("r.fa", "models.gff3", "variants.vcf", "answers.vcf")
    )
    sequences, features, rows, number = [], ["##gff-version 3"], [], 0
    for index, (model, variants) in enumerate(cases):
        place = model.start - MARGIN, model.end + MARGIN
        sequences.append(f">c{index}\n{OURS.reference.bases(Assembly.GRCH38, model.chrom, *place)}\n")
        features += gff(model, f"c{index}")
        for v in variants:
            position = v.start - place[0] + 1
            rows.append(f"c{index}\t{position}\t{number}\t{v.ref}\t{v.alt}\t.\t.\t.")
            number += 1
    fasta.write_text("".join(sequences))
    pysam.faidx(str(fasta))
    models.write_text("\n".join(features) + "\n")
    head = "##fileformat=VCFv4.2\n" + "".join(f"##contig=<ID=c{i}>\n" for i in range(len(cases)))
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    records.write_text(head + columns + "\n".join(rows) + "\n")
    command = [program, "csq", "-l", "-f", fasta, "-g", models, records, "-o", answers]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    found: dict[int, set[str]] = {}
    for line in answers.read_text().splitlines():
        if not line.startswith("#"):
            cells = line.split("\t")
            parts = cells[7].removeprefix("BCSQ=").split(",") if "BCSQ=" in cells[7] else []
            found[int(cells[2])] = {t for part in parts for t in part.split("|")[0].lstrip("*").split("&")}
    return found


def worst(terms: set[str]) -> str:
    return min(terms - {"coding_sequence"} or {"coding_sequence"}, key=SEVERITY.index)


def explained(variant: Variant, ours: set[str], theirs: set[str]) -> str | None:
    """Why csq says something else; None where it should not."""
    if len(variant.ref) == 1 == len(variant.alt):
        return None
    if {"stop_gained"} <= ours and theirs & {"frameshift", "missense", "inframe_deletion"}:
        return "a stop at once or after new residues: csq names the bases alone"
    if ours & {"start_lost", "stop_lost", "start_retained"} or theirs & {"start_lost", "stop_lost"}:
        return "over the edge of the coding interval: csq compares no codon there"
    edge = {"splice_region", "splice_donor", "splice_acceptor", "intron"}
    if ours & edge or theirs & edge:
        return (
            "at an exon's edge: csq takes the leftmost place, we the most 3' one; or the terms' widths differ"
        )
    return None


@pytest.fixture(scope="module")
def answers(
    bcftools: str, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[Variant, set[str], set[str], str]]:
    """(variant, our terms, csq's terms, c. name) of every simulated variant."""
    dice = random.Random(20260214)
    cases = [(model, simulated(model, dice)) for model in chosen(dice)]
    theirs = asked_of_csq(bcftools, tmp_path_factory.mktemp("csq"), cases)
    rows, number = [], 0
    for model, variants in cases:
        for variant in variants:
            effect = OURS.effects.effect(model, justify(variant, OURS.reference))
            terms = {t.removesuffix("_variant").lower() for t in effect.consequences} - FINER
            if "protein_altering" in terms:
                terms = terms - {"protein_altering"} | {"inframe_altering"}
            rows.append((variant, terms, theirs.get(number, set()), effect.hgvs_c or ""))
            number += 1
    return rows


def test_substitutions_agree(answers: list[tuple[Variant, set[str], set[str], str]]) -> None:
    snvs = [row for row in answers if len(row[0].ref) == 1 == len(row[0].alt)]
    assert len(snvs) > 800
    differing = [row for row in snvs if worst(row[1]) != worst(row[2])]
    assert not differing, differing[:5]


def test_insertions_and_deletions_agree_but_for_explained_classes(
    answers: list[tuple[Variant, set[str], set[str], str]],
) -> None:
    classes: Counter[str] = Counter()
    unexplained = []
    for variant, ours, theirs, name in answers:
        if worst(ours) == worst(theirs):
            classes["same"] += 1
            continue
        reason = explained(variant, ours, theirs)
        classes[reason or "different"] += 1
        if reason is None:
            unexplained.append((name, sorted(ours), sorted(theirs)))
    print(classes)
    assert classes["same"] / len(answers) >= 0.97
    assert len(unexplained) / len(answers) <= 0.005, unexplained

"""The shipped alignment blocks against the published chains, read the slow and obvious way."""

import gzip
import random
from collections import defaultdict
from pathlib import Path

import pytest

from service.domain.assembly import CHROMOSOMES, Assembly, chromosome_length
from service.domain.sequence import LiftRefusal
from service.domain.variant import Interval, Variant
from tests.nomenclature import describer

LIFT = describer().liftover
Chain = tuple[str, str, int, list[tuple[int, int, int]]]


def chains(path: Path) -> dict[str, list[Chain]]:
    """By source chromosome: (target, strand, target size, [(start, end, target start)])."""
    found: dict[str, list[Chain]] = defaultdict(list)
    with gzip.open(path, "rt") as handle:
        for line in handle:
            cells = line.split()
            if cells[:1] == ["chain"]:
                blocks: list[tuple[int, int, int]] = []
                found[cells[2]].append((cells[7], cells[9], int(cells[8]), blocks))
                source, target = int(cells[5]), int(cells[10])
            elif cells and cells[0].isdigit():
                size, gap, other = (int(c) for c in [*cells, "0", "0"][:3])
                blocks.append((source, source + size, target))
                source, target = source + size + gap, target + size + other
    return found


def targets(found: dict[str, list[Chain]], chrom: str, position: int) -> list[tuple[str, int, str]]:
    """Every (chromosome, position, strand) that the chains give for a base."""
    hits = []
    for target, strand, length, blocks in found.get(f"chr{chrom}", ()):
        if blocks and blocks[0][0] <= position < blocks[-1][1]:
            for start, end, first in blocks:
                if start <= position < end:
                    at = first + position - start
                    hits.append((target, at if strand == "+" else length - 1 - at, strand))
    return hits


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "source", "to"),
    [
        ("hg19ToHg38", Assembly.GRCH37, Assembly.GRCH38),
        ("hg38ToHg19", Assembly.GRCH38, Assembly.GRCH37),
    ],
)
def test_every_lifted_base_is_where_the_chains_put_it(
    shared: Path, name: str, source: Assembly, to: Assembly
) -> None:
    found, dice = chains(shared / f"data/liftover/{name}.over.chain.gz"), random.Random(19)
    lifted = 0
    for _ in range(20_000):
        chrom = dice.choice([c for c in CHROMOSOMES if c != "MT"])
        position = dice.randrange(chromosome_length(source, chrom))
        ours = LIFT.lift_interval(source, Interval(chrom, position, position + 1), to)
        theirs = targets(found, chrom, position)
        if isinstance(ours, Interval):
            lifted += 1
            assert (f"chr{ours.chrom}", ours.start, "+") in theirs, (chrom, position)
        else:  # unmapped, only to other sequences, reversed, or to a place that maps back elsewhere
            forward = [t for t in theirs if t[2] == "+" and t[0].removeprefix("chr") in CHROMOSOMES]
            assert not forward or "does not come back" in ours, (chrom, position, ours)
    assert lifted > 17_000


@pytest.mark.parametrize(
    ("variant", "reason"),
    [
        (Variant(Assembly.GRCH37, "1", 145519087, "A", "T"), "inverted between the assemblies"),
        (Variant(Assembly.GRCH37, "9", 43362385, "A", "T"), "does not come back from GRCh38"),
        (Variant(Assembly.GRCH37, "21", 3479812, "A", "T"), "no counterpart on the primary chromosomes"),
    ],
    ids=["inverted", "duplicated", "unplaced"],
)
def test_what_cannot_be_carried_over_is_refused_with_its_reason(variant: Variant, reason: str) -> None:
    lifted = LIFT.lift(variant, Assembly.GRCH38)
    assert isinstance(lifted, LiftRefusal)
    assert reason in lifted.reason


def test_a_ref_that_the_target_contradicts_is_refused() -> None:
    # BRCA2 c.68-7T>A is 13-32893207-T-A on GRCh37.
    good = LIFT.lift(Variant(Assembly.GRCH37, "13", 32893206, "T", "A"), Assembly.GRCH38)
    assert isinstance(good, Variant)
    assert good.pos == 32319070
    bad = LIFT.lift(Variant(Assembly.GRCH37, "13", 32893206, "G", "A"), Assembly.GRCH38)
    assert isinstance(bad, LiftRefusal)
    assert "base" in bad.reason

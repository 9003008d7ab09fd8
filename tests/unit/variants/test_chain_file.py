"""Configured chain files: what they give and refuse; the published ones give the shipped blocks."""

import gzip
import random
import re
from pathlib import Path

import pytest
from sqlmodel import AutoString, SQLModel

from service.domain.assembly import CHROMOSOMES, Assembly, chromosome_length
from service.domain.sequence import LiftRefusal
from service.domain.variant import Variant
from service.errors import ConfigurationError
from service.settings import Settings
from service.store.tables import StoredResult
from service.variants.chain_file import with_chains
from service.variants.liftover import Liftover
from tests.nomenclature import describer, shipped_alignment

SETTINGS = {Assembly.GRCH37: "GENOMEWARD_CHAIN_37_TO_38", Assembly.GRCH38: "GENOMEWARD_CHAIN_38_TO_37"}
# Chromosome 21 has 48,129,895 bases on GRCh37 and 46,709,983 on GRCh38; UCSC's hg19 chrM 16,571.
# Three chains: two blocks with 10 bases between them on the source alone, 200 bases the other way round
# (they begin at 46,709,983 - 3,200), and 100 bases on a sequence that is no chromosome.
THERE = """##matrix=16
chain 900 chr21 48129895 + 1000 1210 chr21 46709983 + 2000 2200 1
100\t10\t0
100

chain 800 chr21 48129895 + 5000 5200 chr21 46709983 - 3000 3200 2
200

chain 700 chr21 48129895 + 7000 7100 chr21_KI270872v1_alt 82692 + 0 100 3
100

chain 600 chrM 16571 + 0 300 chrM 16569 + 0 300 4
300
"""
BACK = """chain 900 chr21 46709983 + 2000 2200 chr21 48129895 + 1000 1210 1
100 0 10
100
chain 800 chr21 46709983 + 46706783 46706983 chr21 48129895 - 48124695 48124895
200
"""


def lift_by(folder: Path, there: str, back: str = BACK, *, packed: bool = False) -> Liftover:
    """Liftover by these two files, without a reference."""
    chains = {}
    for source, text in ((Assembly.GRCH37, there), (Assembly.GRCH38, back)):
        path = folder / f"{source}.chain"
        path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
        chains[source] = (SETTINGS[source], path)
    return Liftover(with_chains(shipped_alignment(), chains))


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("chrom", "start", "ref", "expected"),
    [
        ("21", 1000, "A", 2000),
        ("21", 1099, "A", 2099),
        ("21", 1110, "A", 2100),
        ("21", 1209, "A", 2199),
        ("21", 999, "A", "no counterpart"),
        ("21", 1100, "A", "no counterpart"),
        ("21", 1210, "A", "no counterpart"),
        ("21", 1095, "ACGTACGTACGTACGTACGT", "interrupted"),
        ("21", 5050, "A", "inverted"),
        ("21", 7050, "A", "no counterpart"),
        ("22", 20_000_000, "A", "no counterpart"),
        ("MT", 100, "A", 100),
    ],
    ids=[
        *("first", "last-of-block", "after-gap", "last", "before", "in-gap", "behind", "over-gap"),
        *("strand", "not-a-chromosome", "other-chromosome", "mitochondrion"),
    ],
)
def test_a_chain_file_lifts_what_it_holds_and_nothing_else(
    tmp_path: Path, packed: bool, chrom: str, start: int, ref: str, expected: int | str
) -> None:
    lifted = lift_by(tmp_path, THERE, packed=packed).lift(
        Variant(Assembly.GRCH37, chrom, start, ref, "T"), Assembly.GRCH38
    )
    if isinstance(expected, int):
        assert lifted == Variant(Assembly.GRCH38, chrom, expected, ref, "T")
    else:
        assert isinstance(lifted, LiftRefusal)
        assert expected in lifted.reason


def test_the_mitochondrion_of_a_chain_file_is_never_used(tmp_path: Path) -> None:
    path = tmp_path / "there.chain"
    path.write_text(THERE)
    alignment = with_chains(shipped_alignment(), {Assembly.GRCH37: ("SETTING", path)})
    assert (Assembly.GRCH37, "MT") not in alignment.blocks


def test_one_file_alone_replaces_one_direction(tmp_path: Path) -> None:
    path = tmp_path / "there.chain"
    path.write_text(THERE)
    lift = Liftover(with_chains(shipped_alignment(), {Assembly.GRCH37: (SETTINGS[Assembly.GRCH37], path)}))
    there = lift.lift(Variant(Assembly.GRCH37, "21", 1000, "A", "T"), Assembly.GRCH38)
    # The shipped blocks do not lead back to where the invented chain came from.
    assert isinstance(there, LiftRefusal)
    assert "does not come back" in there.reason


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("chain 900 chr21", "chian 900 chr21"), "line 2 .*begins with `chain`"),
        (("+ 1000 1210", "+ 1000 1x10"), "line 2 .*score name size"),
        (("+ 2000 2200 1\n", "+ 2000\n"), "line 2 .*score name size"),
        (("+ 1000 1210", "- 1000 1210"), r"line 2 .*strand \+ for the source"),
        (("48129895 + 1000", "48129894 + 1000"), "line 2 .*GRCh37 has one of 48129895 bases"),
        (("chr21 46709983 + 2000", "chr21 48129895 + 2000"), "line 2 .*GRCh38 has one of 46709983"),
        (("100\t10\t0", "100\t10"), "line 3 .*size gap gap"),
        (("100\t10\t0", "100\t-10\t0"), "line 3 .*size gap gap"),
        (("100\t10\t0", "100\t9\t0"), "line 4 .*do not add up"),
        (("100\t10\t0", "100\t120\t0"), "line 3 .*leave the intervals"),
        (("100\t10\t0\n100\n", "100\t10\t0\n"), "line 5 .*before the one before it has ended"),
        (("\n300\n", "\n"), "line 12 .*ends within a chain"),
        (("+ 5000 5200", "+ 1150 1350"), "line 7 .*two places"),
        (("+ 5000 5200", "+ 5200 5200"), "line 6 .*empty or leaves"),
    ],
    ids=[
        *("not-chain", "not-a-number", "short", "minus-source", "other-source", "other-target"),
        *("two-cells", "negative", "sum", "beyond", "unended", "cut-off", "overlap", "empty"),
    ],
)
def test_a_malformed_file_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    assert THERE.count(change[0]) == 1
    with pytest.raises(ConfigurationError, match=told) as refused:
        lift_by(tmp_path, THERE.replace(*change))
    assert refused.value.where == "GENOMEWARD_CHAIN_37_TO_38"


def test_files_without_a_chain_or_cut_off_or_absent_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no chain from GRCh37 to GRCh38"):
        lift_by(tmp_path, "# nothing\n")
    with pytest.raises(ConfigurationError, match=r"line 1 .*GRCh37 has one of 48129895"):
        lift_by(tmp_path, BACK)
    path = tmp_path / "cut.chain.gz"
    path.write_bytes(gzip.compress(THERE.encode())[:-12])
    for broken in (path, tmp_path / "absent.chain", tmp_path):
        with pytest.raises(ConfigurationError, match="cannot be read") as refused:
            with_chains(shipped_alignment(), {Assembly.GRCH37: (SETTINGS[Assembly.GRCH37], broken)})
        assert refused.value.where == SETTINGS[Assembly.GRCH37]
        assert str(tmp_path) not in str(refused.value)


@pytest.mark.shared
def test_the_published_chains_give_what_is_shipped(shared: Path) -> None:
    published = Settings(
        chain_37_to_38=shared / "data/liftover/hg19ToHg38.over.chain.gz",
        chain_38_to_37=shared / "data/liftover/hg38ToHg19.over.chain.gz",
    )
    reference = describer().reference
    shipped = Liftover(shipped_alignment(), reference)
    configured = Liftover(with_chains(shipped_alignment(), published.chains), reference)
    dice, lifted = random.Random(37), 0
    for _ in range(20_000):
        source, to = dice.sample(list(Assembly), 2)
        chrom = dice.choice(CHROMOSOMES)
        start = dice.randrange(chromosome_length(source, chrom) - 12)
        variant = Variant(source, chrom, start, "N" * dice.choice((1, 12)), "T")
        there = configured.lift(variant, to)
        assert there == shipped.lift(variant, to), variant
        lifted += isinstance(there, Variant)
    assert lifted > 17_000


def test_a_configured_chain_is_part_of_the_release(tmp_path: Path) -> None:
    from service.bootstrap.nomenclature import with_chains_named

    column = SQLModel.metadata.tables[StoredResult.__tablename__].c.knowledge_release
    path = tmp_path / "there.chain"
    path.write_text(THERE)
    assert with_chains_named("2026.11", Settings()) == "2026.11"
    one = with_chains_named("2026.11", Settings(chain_37_to_38=path))
    both = with_chains_named("2026.11", Settings(chain_37_to_38=path, chain_38_to_37=path))
    assert re.fullmatch(r"2026\.11\+chain37-[0-9a-f]{6}", one)
    assert re.fullmatch(r"2026\.11\+chains-([0-9a-f]{6})-\1", both)
    # The store keeps 64 characters: label, content and imported guidance stand before.
    whole = with_chains_named(
        "2026.11+48f7bfc314ce+guidance-01234567", Settings(chain_37_to_38=path, chain_38_to_37=path)
    )
    assert isinstance(column.type, AutoString)
    assert len(whole) <= (column.type.length or 0)
    path.write_text(THERE + "\n")
    assert with_chains_named("2026.11", Settings(chain_37_to_38=path)) != one

"""PS1 for splicing, by the table of its paper."""

import pytest

from service.domain.assembly import Assembly
from service.domain.disease import AssertedVariant, Assertion, Criterion
from service.domain.transcript import Transcript
from service.domain.variant import Variant
from service.raredisease.criteria.same_splice import motif_at, same_splice_site
from service.raredisease.effect import Effect, Kind
from service.raredisease.evidence import Evidence
from tests.raredisease import a_gene, truth

# Exons 0-100 and 200-300: the donor is 97-105, the acceptor 180-200 (interbase starts).
EXONS = ((0, 100), (200, 300))


class Published:
    def __init__(self, *asserted: AssertedVariant) -> None:
        self.asserted = asserted

    def at_residue(self, gene: str, position: int) -> tuple[AssertedVariant, ...]:
        return ()

    def within(self, chrom: str, start: int, end: int) -> tuple[AssertedVariant, ...]:
        return tuple(a for a in self.asserted if a.start is not None and start <= a.start <= end)


def model(strand: int = 1) -> Transcript:
    return Transcript("NM_1.1", "NP_1.1", None, "GENE", None, "MANE Select", "1", strand, EXONS, (30, 170))


def found(row: dict[str, str], stars: int = 2) -> Criterion:
    assertion = Assertion("ClinVar", "VCV1", row["comparator_class"], "", stars, ())
    comparator = AssertedVariant(assertion, "1", int(row["comparator"]), "G", "T")
    own = Variant(Assembly.GRCH38, "1", int(row["position"]), "G", "A")
    null = row["null_strength"]
    kind = Kind.SPLICE_SITE if null else Kind.INTRONIC
    scores = {"SpliceAI": float(row["delta"])} if row["delta"] else {}
    evidence = Evidence(
        own, Effect(kind, "GENE", model()), a_gene(), scores=scores, assertions=Published(comparator)
    )
    if not null and float(row["delta"]) < 0.2:
        return Criterion("PS1", None, "not met", "not asked")
    return same_splice_site(evidence, Criterion("PVS1", null or None, "met" if null else "not met", ""))


@pytest.mark.parametrize(
    "row",
    truth("acmg_splice_comparators"),
    ids=lambda r: (
        f"{r['position']} {r['comparator']} {r['comparator_class']} {r['null_strength']} {r['delta']}"
    ),
)
def test_comparators_of_a_splice_motif(row: dict[str, str]) -> None:
    assert (found(row).strength or "") == row["strength"]


def test_one_submitter_alone_is_no_comparator() -> None:
    row = next(r for r in truth("acmg_splice_comparators") if r["strength"] == "Strong")
    assert found(row, stars=1).verdict == "not met"


def test_the_reverse_strand_turns_donor_and_acceptor() -> None:
    left, right = motif_at(model(-1), 110), motif_at(model(-1), 195)
    assert left is not None
    assert right is not None
    assert (left.low, left.high, right.low, right.high) == (99, 119, 194, 202)

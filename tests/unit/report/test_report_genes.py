"""Pharmacogenes as printed: grouped by what the reader does with them, with what each call rests on."""

from dataclasses import replace

import pytest

from service.domain.pgx import CallStatus, Diplotype, PharmacogeneCall, SiteResult
from service.report.genes import gene_groups, phenotype_code, reservations
from tests.findings_builder import (
    CYP2C19_POOR,
    a_findings,
    ambiguous_diplotypes,
    dpyd_haplotype_list,
    not_called_and_assumed,
)


def group_of(call: PharmacogeneCall) -> str:
    ((group, _),) = ((group.group, group.genes) for group in gene_groups(a_findings(pharmacogenes=(call,))))
    return group


def with_phenotype(phenotype: str | None) -> PharmacogeneCall:
    return replace(CYP2C19_POOR, diplotypes=(Diplotype("*1/*1", ("*1", "*1"), None, phenotype),))


@pytest.mark.parametrize(
    ("phenotype", "code", "step"),
    [
        ("Poor Metabolizer", "PM", 1),
        ("Intermediate Metabolizer", "IM", 2),
        ("Normal Metabolizer", "NM", 3),
        ("Rapid Metabolizer", "RM", 4),
        ("Ultrarapid Metabolizer", "UM", 5),
        ("Likely Intermediate Metabolizer", "IM", 2),
        ("Possible Decreased Function", None, 2),
        ("Indeterminate", None, None),
        (None, None, None),
    ],
)
def test_cpic_terms_have_their_code_and_bar(
    phenotype: str | None, code: str | None, step: int | None
) -> None:
    assert phenotype_code(phenotype) == (code, step)


@pytest.mark.parametrize(
    ("phenotype", "group"),
    [
        ("Normal Metabolizer", "normal"),
        ("Normal Function", "normal"),
        ("Poor Metabolizer", "result"),
        ("Indeterminate", "result"),
        ("Uncertain Susceptibility", "result"),
        (None, "result"),
    ],
)
def test_only_a_normal_phenotype_is_normal(phenotype: str | None, group: str) -> None:
    assert group_of(with_phenotype(phenotype)) == group


def test_one_of_two_fitting_pairs_makes_a_result() -> None:
    normal = with_phenotype("Normal Metabolizer")
    ambiguous = replace(
        normal, diplotypes=(*normal.diplotypes, *with_phenotype("Poor Metabolizer").diplotypes)
    )
    assert group_of(ambiguous) == "result"


def test_a_normal_call_with_an_undocumented_variant_is_not_plainly_normal() -> None:
    call = replace(with_phenotype("Normal Function"), undocumented=("NC_000012.12:g.21178700A>C",))
    assert group_of(call) == "result"


@pytest.mark.parametrize("status", [CallStatus.NO_CALL, CallStatus.NOT_COVERED])
def test_no_call_is_no_answer_whatever_else_it_says(status: CallStatus) -> None:
    assert group_of(replace(with_phenotype("Normal Metabolizer"), status=status)) == "no-answer"


def test_read_positions_are_counted_and_assumed_ones_are_not_among_them() -> None:
    sites = (
        SiteResult("10", 1, None, "called", ("A", "A")),
        SiteResult("10", 2, None, "reference-block"),
        SiteResult("10", 3, None, "assumed-reference"),
        SiteResult("10", 4, "rs4", "filtered", reason="LowQual"),
        SiteResult("10", 5, None, "missing"),
    )
    ((group,)) = gene_groups(a_findings(pharmacogenes=(replace(CYP2C19_POOR, sites=sites),)))
    (row,) = group.genes
    assert (row.read, row.positions, row.assumed) == (2, 5, 1)
    assert [(site.position, site.status) for site in row.unread] == [
        ("10:3", "assumed-reference"),
        ("10:4", "filtered"),
        ("10:5", "missing"),
    ]


def test_a_call_without_sites_states_no_count() -> None:
    row = gene_groups(not_called_and_assumed())[0].genes[0]
    assert (row.read, row.positions) == (None, None)


@pytest.mark.parametrize("nothing", ["n/a", "No Result", "", None])
def test_a_phenotype_that_is_not_assigned_is_none(nothing: str | None) -> None:
    diplotype = Diplotype("*1/*1", ("*1", "*1"), nothing, nothing)
    call = replace(CYP2C19_POOR, diplotypes=(diplotype,))
    (line,) = gene_groups(a_findings(pharmacogenes=(call,)))[0].genes[0].diplotypes
    assert (line.activity_score, line.phenotype) == (None, None)


def test_a_pair_of_reference_alleles_found_nothing_whatever_its_phenotype_is_called() -> None:
    pair = Diplotype("Reference/Reference", ("Reference", "Reference"), None, "Uncertain Susceptibility")
    ryr1 = PharmacogeneCall("RYR1", CallStatus.CALLED, False, (pair,))
    assert group_of(ryr1) == "normal"
    found = replace(pair, name="Reference/c.7036G>A", alleles=("Reference", "c.7036G>A"))
    assert group_of(replace(ryr1, diplotypes=(found,))) == "result"


def test_the_summary_is_warned_of_what_is_not_settled() -> None:
    several, unpaired = reservations(ambiguous_diplotypes()), reservations(dpyd_haplotype_list())
    assert [(r.kind, len(r.names) > 1) for r in (*several, *unpaired)] == [
        ("several", True),
        ("unpaired", True),
    ]
    call = replace(CYP2C19_POOR, undocumented=("chr10:94781859 G>T",))
    (undocumented,) = reservations(a_findings(pharmacogenes=(call,)))
    assert (undocumented.gene, undocumented.kind, undocumented.names) == (
        "CYP2C19",
        "undocumented",
        ("chr10:94781859 G>T",),
    )
    assert reservations(a_findings(pharmacogenes=(CYP2C19_POOR,))) == ()


def test_what_the_row_shows_already_is_not_said_again() -> None:
    shown = "9 of 35 CYP2C19 positions were not read; alleles that could therefore not be seen: *2."
    call = replace(CYP2C19_POOR, notes=(shown, "Phase is not known."), uncallable_alleles=("*2",))
    assert gene_groups(a_findings(pharmacogenes=(call,)))[0].genes[0].notes == ("Phase is not known.",)
    silent = replace(call, uncallable_alleles=())
    assert shown in gene_groups(a_findings(pharmacogenes=(silent,)))[0].genes[0].notes


@pytest.mark.parametrize(("positions", "rest"), [(10, ""), (13, " and 3 more")])
def test_a_note_on_many_positions_names_the_first_ten_and_counts_the_rest(positions: int, rest: str) -> None:
    notes = tuple(f"10:{position}: the record makes no call." for position in range(1, positions + 1))
    (group,) = gene_groups(a_findings(pharmacogenes=(replace(CYP2C19_POOR, notes=notes),)))
    named = ", ".join(f"10:{position}" for position in range(1, 11))
    assert group.genes[0].notes == (f"{named}{rest}: the record makes no call.",)

"""The ledger accounts for all 28 criteria, and frequencies keep seven outcomes apart."""

from dataclasses import replace

import pytest

from service.domain.disease import Classification, Criterion, VariantClassification
from service.domain.frequency import Outcome, SourceStatus
from service.raredisease.combine import Scheme, class_of_points, points_of
from service.report.disease import (
    CLASSES,
    CRITERIA,
    class_view,
    diagnosis_cards,
    is_pharmacogene_only,
    main_variants,
    point_ranges,
)
from service.report.population import axis_end, completeness, frequency_matrices, frequency_tables
from tests.findings_builder import (
    BRCA1_185DELAG,
    CYP2C19_2,
    HBOC,
    SEVEN_OUTCOMES,
    a_findings,
    negative_findings,
)


def test_there_are_28_criteria() -> None:
    assert len(set(CRITERIA)) == 28


@pytest.mark.parametrize("classification", list(Classification))
def test_every_criterion_has_a_state_whatever_was_assessed(classification: Classification) -> None:
    criteria = (Criterion("PVS1", "Very Strong", "met", "frameshift"), Criterion("BA1", None, "not met", ""))
    view = class_view(VariantClassification(classification, 0, "points", criteria))
    assert {entry.code for entry in view.ledger} == set(CRITERIA)
    assert [entry.code for entry in view.entries("met")] == ["PVS1"]
    assert [entry.code for entry in view.entries("not met")] == ["BA1"]
    assert len(view.entries("not stated")) == 26


def test_a_criterion_given_twice_stands_twice() -> None:
    twice = (Criterion("PM2", None, "met", "a"), Criterion("PM2", None, "not assessed", "b"))
    view = class_view(VariantClassification(Classification.UNCERTAIN, 1, "points", twice))
    assert len([entry for entry in view.ledger if entry.code == "PM2"]) == 2


def test_classes_run_from_benign_to_pathogenic() -> None:
    steps = [
        class_view(VariantClassification(c, 0, "points", ())).step
        for c in (Classification.BENIGN, Classification.UNCERTAIN, Classification.PATHOGENIC)
    ]
    assert steps == [0, 2, 4]


@pytest.mark.parametrize("likely_benign_at", range(-6, 0))
def test_every_point_total_stands_in_the_range_of_its_class(likely_benign_at: int) -> None:
    ranges = point_ranges(Scheme(likely_benign_at=likely_benign_at).label)
    for points in range(-20, 21):
        own = CLASSES.index(class_of_points(points, likely_benign_at).value)
        assert [n for n, text in enumerate(ranges) if within(points, text)] == [own]


def within(points: int, text: str) -> bool:
    """Whether a total is in a range as it is printed, such as `≤ −7`, `−1 … 5` or `≥ 10`."""
    ends = [int(word) for word in text.replace("−", "-").split() if word not in "≤≥…"]
    low = -100 if "≤" in text else ends[0]
    return low <= points <= (100 if "≥" in text else ends[-1])


def test_a_scheme_without_points_has_no_ranges() -> None:
    assert point_ranges(Scheme(name="richards-2015").label) == ()


def test_points_of_the_ledger_add_up_to_the_total() -> None:
    criteria = (
        Criterion("PVS1", "Very Strong", "met", ""),
        Criterion("PM2", "Supporting", "met", ""),
        Criterion("BS1", "Strong", "met", ""),
        Criterion("BP4", "Moderate", "not met", ""),
    )
    ledger = class_view(VariantClassification(Classification.UNCERTAIN, 5, "points", criteria)).ledger
    assert {entry.code: entry.points for entry in ledger if entry.points} == {"PVS1": 8, "PM2": 1, "BS1": -4}
    assert sum(entry.points for entry in ledger) == points_of(criteria)


def test_what_stands_alone_but_was_contested_did_not_decide() -> None:
    """Supplied evidence against BA1 makes the class uncertain: the scale then shows points."""
    alone = Criterion("BA1", "Stand Alone", "met", "")
    assert (
        class_view(VariantClassification(Classification.UNCERTAIN, 0, "points", (alone,))).stands_alone
        is None
    )


def test_what_stands_alone_is_named_instead_of_points() -> None:
    alone = Criterion("BA1", "Stand Alone", "met", "common")
    view = class_view(VariantClassification(Classification.BENIGN, -8, "points", (alone,)))
    assert view.stands_alone == "BA1"
    unmet = replace(alone, verdict="not met")
    assert (
        class_view(VariantClassification(Classification.BENIGN, 0, "points", (unmet,))).stands_alone is None
    )


def test_one_reason_is_told_once_with_all_its_criteria() -> None:
    criteria = tuple(
        Criterion(code, None, verdict, reason)
        for code, verdict, reason in (
            ("BS3", "not assessed", "needs an assay"),
            ("PS3", "not assessed", "needs an assay"),
            ("PM2", "not assessed", "no counts"),
            ("PS1", "not met", "needs an assay"),
            ("BP7", "not assessed", ""),
        )
    )
    view = class_view(VariantClassification(Classification.UNCERTAIN, 0, "points", criteria))
    assert view.reasons("not assessed") == (("needs an assay", ("PS3", "BS3")), ("no counts", ("PM2",)))


def test_statements_that_ask_for_something_stand_first() -> None:
    negative = negative_findings().diagnoses[0]
    carrier = replace(HBOC, statement="carrier")
    unheard_of = replace(HBOC, statement="unheard-of")
    cards = diagnosis_cards((negative, unheard_of, carrier, HBOC), ())
    assert [card.statement for card in cards] == ["positive", "carrier", "negative", "unheard-of"]


def test_a_statement_names_the_variants_it_rests_on() -> None:
    (card,) = diagnosis_cards((HBOC,), (BRCA1_185DELAG,))
    assert card.variants == ("NM_007294.4(BRCA1):c.68_69del",)


def test_a_variant_that_only_defines_alleles_is_not_shown_as_a_disease_variant() -> None:
    assert is_pharmacogene_only(CYP2C19_2)
    assert main_variants((CYP2C19_2, BRCA1_185DELAG), ()) == (BRCA1_185DELAG,)


def test_all_seven_outcomes_have_their_own_row_and_only_counts_give_a_value() -> None:
    (table,) = frequency_tables((replace(BRCA1_185DELAG, frequencies=SEVEN_OUTCOMES),))
    assert {row.outcome for row in table.rows} == {outcome.value for outcome in Outcome}
    valued = {row.outcome for row in table.rows if row.value is not None}
    assert valued == {"OBSERVED", "CALLED_ABSENT"}


def test_variants_share_a_matrix_only_when_their_sources_are_the_same() -> None:
    other = replace(CYP2C19_2, frequencies=replace(SEVEN_OUTCOMES, answers=SEVEN_OUTCOMES.answers[1:]))
    matrices = frequency_matrices((CYP2C19_2, BRCA1_185DELAG, other, CYP2C19_2))
    assert [len(matrix.tables) for matrix in matrices] == [2, 1, 1]


def test_an_interval_above_the_estimates_fits_the_axis() -> None:
    (table,) = frequency_tables((BRCA1_185DELAG,))
    assert table.top == 0.0005
    assert axis_end(()) == 1.0


def test_completeness_counts_every_configured_source_once() -> None:
    sources = (
        SourceStatus("a", "snapshot", None, "answered"),
        SourceStatus("b", "beacon", None, "partial"),
        SourceStatus("c", "beacon", None, "failed"),
        SourceStatus("d", "beacon", None, "not asked"),
        SourceStatus("e", "beacon", None, "something new"),
    )
    done = completeness(a_findings(sources=sources))
    assert done.configured == 5
    assert [source.name for source in done.failed] == ["c", "e"]
    assert sum(map(len, (done.answered, done.partial, done.failed, done.not_asked))) == 5

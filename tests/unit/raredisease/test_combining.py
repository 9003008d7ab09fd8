"""Combining criteria: the papers' tables, and what holds for every set of criteria."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.disease import Classification, Criterion
from service.errors import InvalidInput, InvalidOption
from service.raredisease.codes import CODES, DEFAULT_STRENGTH, is_pathogenic
from service.raredisease.combine import TABLE_SCHEME, Scheme, class_of_points, conflicts_of, points_of
from service.raredisease.strength import LADDER, Strength
from service.raredisease.supplied import parse_code, parse_supplied
from tests.raredisease import truth

ORDER = tuple(Classification)


def criteria_of(text: str) -> tuple[Criterion, ...]:
    return tuple(parse_supplied(text).values())


@pytest.mark.parametrize("row", truth("acmg_combining"), ids=lambda row: row["criteria"] or "none")
def test_the_papers_combinations(row: dict[str, str]) -> None:
    criteria = criteria_of(row["criteria"])
    assert points_of(criteria) == int(row["points"])
    assert Scheme().classify(criteria).value == row["points_class"]
    assert Scheme(TABLE_SCHEME).classify(criteria).value == row["table_class"]


@st.composite
def sets_of_criteria(draw: st.DrawFn) -> tuple[Criterion, ...]:
    codes = draw(st.lists(st.sampled_from(CODES), unique=True, max_size=12))
    return tuple(met(code, draw(st.sampled_from(LADDER))) for code in codes if code != "BA1")


def met(code: str, strength: Strength) -> Criterion:
    return Criterion(code, strength.value, "met", "")


@given(sets_of_criteria(), st.sampled_from([c for c in CODES if is_pathogenic(c)]), st.sampled_from(LADDER))
def test_a_further_pathogenic_criterion_never_lowers_the_class(
    criteria: tuple[Criterion, ...], code: str, strength: Strength
) -> None:
    others = [c for c in criteria if c.code != code]
    more = [*others, met(code, strength)]
    for scheme in (Scheme(), Scheme(TABLE_SCHEME)):
        assert ORDER.index(scheme.classify(more)) <= ORDER.index(scheme.classify(others))


@given(sets_of_criteria(), st.sampled_from([c for c in CODES if c.startswith("B")]), st.sampled_from(LADDER))
def test_a_further_benign_criterion_never_raises_the_class(
    criteria: tuple[Criterion, ...], code: str, strength: Strength
) -> None:
    others = [c for c in criteria if c.code != code]
    for scheme in (Scheme(), Scheme(TABLE_SCHEME)):
        assert ORDER.index(scheme.classify([*others, met(code, strength)])) >= ORDER.index(
            scheme.classify(others)
        )


def test_every_point_total_has_one_class_and_more_points_are_never_more_benign() -> None:
    classes = [class_of_points(points) for points in range(-60, 61)]
    assert [ORDER.index(c) for c in classes] == sorted((ORDER.index(c) for c in classes), reverse=True)
    assert set(classes) == set(Classification)


def test_only_supplied_evidence_contests_a_criterion_that_stands_alone() -> None:
    """A common null variant is benign; with affected families that people report a person decides."""
    ours = (met("BA1", Strength.STAND_ALONE), met("PVS1", Strength.VERY_STRONG))
    assert Scheme().classify(ours) is Classification.BENIGN
    theirs = criteria_of("BA1,PM3_VeryStrong,PP1_Strong")
    assert Scheme().classify(theirs) is Classification.UNCERTAIN
    assert "contested" in conflicts_of(theirs)[0]


def test_likely_benign_can_begin_at_one_supporting_criterion() -> None:
    assert Scheme(likely_benign_at=-1).classify(criteria_of("BP4")) is Classification.LIKELY_BENIGN
    with pytest.raises(InvalidOption, match="between -1 and -6"):
        Scheme(likely_benign_at=0)
    with pytest.raises(InvalidOption, match="richards-2015"):
        Scheme("acmg")


@pytest.mark.parametrize(
    ("text", "flagged"),
    [("BA1,PVS1", True), ("BA1,PM2", True), ("PVS1,BS1", True), ("PM2,BP4", False), ("PVS1,PM2", False)],
)
def test_evidence_both_ways_is_said(text: str, flagged: bool) -> None:
    assert bool(conflicts_of(criteria_of(text))) is flagged


@pytest.mark.parametrize(
    ("text", "code", "strength"),
    [
        ("PVS1_Moderate", "PVS1", Strength.MODERATE),
        ("pvs1-strong", "PVS1", Strength.STRONG),
        ("PM2_Supporting", "PM2", Strength.SUPPORTING),
        ("PS3_P", "PS3", Strength.SUPPORTING),
        ("PM3_VeryStrong", "PM3", Strength.VERY_STRONG),
        ("PM3_Very_Strong", "PM3", Strength.VERY_STRONG),
        ("PP1 (Strong)", "PP1", Strength.STRONG),
        ("BA1_StandAlone", "BA1", Strength.STAND_ALONE),
        ("PVS1_Strong (RNA)", "PVS1", Strength.STRONG),
        ("PM5_PTC_Moderate", "PM5", Strength.MODERATE),
        ("PM1 (supporting evidence)", "PM1", Strength.SUPPORTING),
        ("BP7", "BP7", None),
    ],
)
def test_panels_spellings_of_codes_are_read(text: str, code: str, strength: Strength | None) -> None:
    assert parse_code(text) == (code, strength)


@pytest.mark.parametrize(
    "items",
    [
        ["PVS9"],
        ["PS10"],
        [7],
        ["PVS1_Great"],
        [{"strength": "Strong"}],
        "PS1;XX",
        5,
    ],
    ids=str,
)
def test_what_is_no_criterion_is_refused(items: object) -> None:
    with pytest.raises(InvalidInput):
        parse_supplied(items)


def test_supplied_criteria_in_their_shapes() -> None:
    for items in (
        ["PVS1_Strong", "PM2"],
        [{"code": "PVS1", "strength": "strong"}, {"code": "PM2", "strength": ""}],
        {"PVS1": "Strong", "PM2": "Supporting"},
        {"PVS1": {"strength": "Strong"}, "PM2": True},
        "PVS1_Strong, PM2_P",
    ):
        found = parse_supplied(items)
        assert [(c.code, c.strength) for c in found.values()] == [("PVS1", "Strong"), ("PM2", "Supporting")]


def test_no_pathogenic_criterion_stands_alone() -> None:
    (criterion,) = parse_supplied([{"code": "PVS1", "strength": "Stand Alone"}]).values()
    assert criterion.strength == "Very Strong"
    assert "stand-alone" in criterion.reason


def test_a_code_stated_twice_counts_once_at_its_stronger() -> None:
    assert points_of(criteria_of("PM5_Supporting,PM5,PM5_P")) == 2


@pytest.mark.parametrize("code", ["PP5", "BP6"])
def test_withdrawn_codes_never_count(code: str) -> None:
    (criterion,) = criteria_of(code)
    assert criterion.verdict == "not met"
    assert "withdrawn" in criterion.reason
    assert points_of([criterion]) == 0


@pytest.mark.parametrize("code", CODES)
def test_a_bare_code_has_its_default_strength(code: str) -> None:
    (criterion,) = criteria_of(code)
    assert criterion.strength in (DEFAULT_STRENGTH[code].value, None)

"""PP3, BP4 and BP7.

Pejaver 2022, doi:10.1016/j.ajhg.2022.10.013; Walker 2023, doi:10.1016/j.ajhg.2023.06.002.
"""

import pytest

from service.domain.assembly import Assembly
from service.domain.disease import Criterion
from service.domain.variant import Variant, VariantCall, Zygosity
from service.errors import ConfigurationError
from service.raredisease.call_evidence import scores_of
from service.raredisease.criteria.predictors import predicted_benign, predicted_pathogenic
from service.raredisease.criteria.silent import silent
from service.raredisease.effect import Kind
from service.raredisease.evidence import Evidence
from service.raredisease.scores import Scores, parse_scores
from service.settings import read_settings
from tests.raredisease import an_effect, truth


def evidence(kind: Kind, scores: object = None, **more: object) -> Evidence:
    found = parse_scores(scores).values
    supplied = more.pop("supplied", {})
    return Evidence(None, an_effect(kind, **more), scores=found, supplied=supplied)  # type: ignore[arg-type]


@pytest.mark.parametrize("row", truth("acmg_predictors"), ids=lambda row: f"{row['tool']} {row['score']}")
def test_calibrated_thresholds(row: dict[str, str]) -> None:
    given = evidence(Kind.MISSENSE, {row["tool"]: float(row["score"])})
    assert (predicted_pathogenic(given).strength or "") == row["PP3"]
    assert (predicted_benign(given).strength or "") == row["BP4"]


@pytest.mark.parametrize(
    ("kind", "delta", "pp3", "bp4"),
    [
        (Kind.SYNONYMOUS, 0.2, "met", "not met"),
        (Kind.SYNONYMOUS, 0.19, "not met", "not met"),
        (Kind.SYNONYMOUS, 0.1, "not met", "met"),
        (Kind.INTRONIC, 0.05, "not met", "met"),
        # a splice score never makes a missense change benign by itself
        (Kind.MISSENSE, 0.0, "not met", "not assessed"),
        (Kind.MISSENSE, 0.5, "met", "not met"),
        # a canonical site is weighed as PVS1
        (Kind.SPLICE_SITE, 0.99, "not met", "not met"),
    ],
)
def test_splice_predictions(kind: Kind, delta: float, pp3: str, bp4: str) -> None:
    given = evidence(kind, {"SpliceAI": delta})
    assert (predicted_pathogenic(given).verdict, predicted_benign(given).verdict) == (pp3, bp4)


def test_a_benign_missense_score_yields_to_a_splice_prediction() -> None:
    assert predicted_benign(evidence(Kind.MISSENSE, {"REVEL": 0.01, "SpliceAI": 0.3})).verdict == "not met"
    assert predicted_benign(evidence(Kind.MISSENSE, {"REVEL": 0.01, "SpliceAI": 0.0})).strength == "Strong"


def test_one_tool_is_used_the_one_chosen_beforehand() -> None:
    assert predicted_pathogenic(evidence(Kind.MISSENSE, {"CADD": 35, "REVEL": 0.5})).verdict == "not met"


def test_without_scores_nothing_is_assessed() -> None:
    given = evidence(Kind.MISSENSE)
    assert {predicted_pathogenic(given).verdict, predicted_benign(given).verdict} == {"not assessed"}


BP4 = {"BP4": Criterion("BP4", "Supporting", "met", "", supplied=True)}


@pytest.mark.parametrize(
    ("kind", "more", "verdict"),
    [
        (Kind.SYNONYMOUS, {"edge": (40, 40)}, "met"),
        (Kind.SYNONYMOUS, {"edge": (40, 2)}, "not met"),  # among the last three bases of the exon
        (Kind.SYNONYMOUS, {"edge": (0, 40)}, "not met"),  # the first base
        (Kind.INTRONIC, {"intron_offset": 7}, "met"),
        (Kind.INTRONIC, {"intron_offset": 6}, "not met"),
        (Kind.INTRONIC, {"intron_offset": -21}, "met"),
        (Kind.INTRONIC, {"intron_offset": -20}, "not met"),
        (Kind.MISSENSE, {}, "not met"),
        (Kind.CODING_UNKNOWN, {}, "not assessed"),
    ],
)
def test_silent_changes_by_place(kind: Kind, more: dict[str, object], verdict: str) -> None:
    assert silent(evidence(kind, supplied=BP4, **more)).verdict == verdict
    assert silent(evidence(kind, {"SpliceAI": 0.02}, **more)).verdict == verdict


def test_a_silent_change_needs_a_splice_prediction() -> None:
    assert silent(evidence(Kind.SYNONYMOUS, edge=(40, 40))).verdict == "not assessed"
    assert silent(evidence(Kind.SYNONYMOUS, {"SpliceAI": 0.15}, edge=(40, 40))).verdict == "not met"


@pytest.mark.parametrize(
    "stated",
    [
        {"REVEL": 0.9, "SpliceAI": 0.3},
        {"revel_score": "0.9", "SpliceAI_DS_max": "0.3"},
        {"REVEL": "0.2;0.9;.", "DS_AG": 0.3, "DS_AL": 0, "DS_DG": 0, "DS_DL": 0.1},
        {"Revel": {"score": 0.9}, "spliceAI": {"DS_AG": 0.1, "DS_DL": "0.3"}},
        {"revel": 0.9, "SpliceAI": "A|GENE|0.00|0.30|0.01|0.00|-4|8|2|1"},
        [{"name": "REVEL", "value": 0.9}, {"tool": "SpliceAI", "score": 0.3}],
    ],
    ids=str,
)
def test_scores_as_callers_write_them(stated: object) -> None:
    assert parse_scores(stated) == Scores({"REVEL": 0.9, "SpliceAI": 0.3})


@pytest.mark.parametrize("stated", [{"REVEL": "high"}, {"PolyPhen": 0.9}, "0.9", 7], ids=str)
def test_what_is_not_understood_is_said(stated: object) -> None:
    found = parse_scores(stated)
    assert found.values == {}
    assert found.notes or found.lost


@pytest.mark.parametrize(
    "stated",
    [{"REVEL": 3}, {"REVEL": -0.1}, {"CADD": 120}, {"SpliceAI": 1.2}, {"BayesDel": 9}, {"DS_AG": 7}],
    ids=str,
)
def test_a_value_that_a_predictor_never_gives_is_lost_and_said(stated: object) -> None:
    """0 to 1: REVEL, VEST4, MutPred2, SpliceAI; BayesDel about -1.3 to 0.8; CADD's PHRED up to 99."""
    found = parse_scores(stated)
    assert found.values == {}
    assert "was not used" in found.lost[0]


def test_missing_values_are_silent() -> None:
    assert parse_scores({"REVEL": None, "CADD": ".", "SpliceAI": float("nan")}).values == {}


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ("", {"REVEL": 0.1}),
        ("REVEL=SITE_R, SpliceAI=SAI", {"REVEL": 0.9, "SpliceAI": 0.4}),
    ],
    ids=["known spellings", "the site's names"],
)
def test_a_site_names_the_info_keys_of_its_predictors(configured: str, expected: dict[str, float]) -> None:
    variant = Variant(Assembly.GRCH38, "1", 100, "G", "A")
    info = (("REVEL", "0.1"), ("SITE_R", "0.9"), ("SAI", "A|G|0.4|0|0|0|1|2|3|4"))
    names = read_settings({"GENOMEWARD_SCORE_NAMES": configured, "GENOMEWARD_ID_KEY": "k" * 32}).score_names
    assert scores_of(VariantCall(variant, Zygosity.HETEROZYGOUS, info=info), names) == expected


def test_a_predictor_without_calibrated_thresholds_cannot_be_configured() -> None:
    with pytest.raises(ConfigurationError, match="INFO key"):
        read_settings({"GENOMEWARD_SCORE_NAMES": "SIFT=S", "GENOMEWARD_ID_KEY": "k" * 32})

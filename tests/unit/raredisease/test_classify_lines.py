"""`genomeward classify` over the compiled knowledge base: what a line takes and what it answers."""

import json
from typing import Any

import pytest

from service.bootstrap import Genomeward
from service.raredisease.codes import CODES

# CDH1 c.220C>T p.Arg74Ter, GRCh38 and GRCh37.
NONSENSE, NONSENSE_37 = "16-68801726-C-T", "16-68835629-C-T"
CLASSES = ("Pathogenic", "Likely pathogenic", "Uncertain significance", "Likely benign", "Benign")


@pytest.fixture
def ask(genomeward: Genomeward) -> Any:
    def asked(*lines: object, **options: Any) -> list[dict[str, Any]]:
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        return list(genomeward.classify_lines(texts, **options))

    return asked


def met(answer: dict[str, Any]) -> dict[str, str]:
    return {c["code"]: c["strength"] for c in answer["criteria"] if c["verdict"] == "met"}


def test_every_answer_lists_all_28_criteria_with_a_reason(ask: Any) -> None:
    for answer in ask({"variant": NONSENSE}, {"variant": NONSENSE, "criteria": []}):
        assert tuple(c["code"] for c in answer["criteria"]) == CODES
        assert all(
            c["reason"] and c["verdict"] in ("met", "not met", "not assessed") for c in answer["criteria"]
        )
        assert answer["classification"] in CLASSES


def test_supplied_criteria_alone_decide_and_ours_are_suggested(ask: Any) -> None:
    (answer,) = ask({"variant": NONSENSE, "criteria": [{"code": "PM2", "strength": "Supporting"}]})
    assert (answer["classification"], answer["points"]) == ("Uncertain significance", 1)
    assert met(answer) == {"PM2": "Supporting"}
    assert "PVS1" in {c["code"] for c in answer["suggested"]}


def test_an_empty_list_is_no_evidence_and_a_missing_one_asks_for_ours(ask: Any) -> None:
    empty, missing = ask({"variant": NONSENSE, "criteria": []}, {"variant": NONSENSE})
    assert (empty["classification"], empty["points"], met(empty)) == ("Uncertain significance", 0, {})
    assert missing["classification"] == "Likely pathogenic"
    assert met(missing)["PVS1"] == "Very Strong"


def test_a_gene_that_is_not_the_variants_is_told(ask: Any) -> None:
    brca1 = "17-43124027-ACT-A"
    other, earlier, own = ask(*({"variant": brca1, "gene": gene} for gene in ("BRCA2", "FANCS", "BRCA1")))
    assert [answer["gene"] for answer in (other, earlier, own)] == ["BRCA1"] * 3
    assert other["notes"] == ["judged in BRCA1: no transcript of BRCA2 is known there"]
    assert earlier["notes"] == own["notes"] == []


def test_added_criteria_join_ours_and_win(ask: Any) -> None:
    joined, replaced = ask(
        {"variant": NONSENSE, "criteria": ["PM2_Supporting"], "criteria_mode": "add"},
        {"variant": NONSENSE, "criteria": ["PVS1_Moderate"], "criteria_mode": "add"},
    )
    assert met(joined) == {"PVS1": "Very Strong", "PM2": "Supporting", "PM5": "Supporting"}
    assert joined["classification"] == "Pathogenic"
    assert met(replaced)["PVS1"] == "Moderate"
    assert [c["strength"] for c in replaced["suggested"] if c["code"] == "PVS1"] == ["Very Strong"]


def test_a_supplied_predictor_does_not_repeat_a_null_variant(ask: Any) -> None:
    (answer,) = ask({"variant": NONSENSE, "criteria": ["PP3", "PM4"], "criteria_mode": "add"})
    assert not {"PP3", "PM4"} & met(answer).keys()


@pytest.mark.parametrize("code", ["PP5", "BP6"])
def test_withdrawn_criteria_never_count(ask: Any, code: str) -> None:
    for mode in ("only", "add"):
        (answer,) = ask({"variant": NONSENSE, "criteria": [code], "criteria_mode": mode})
        (found,) = [c for c in answer["criteria"] if c["code"] == code]
        assert (found["verdict"], "withdrawn" in found["reason"]) == ("not met", True)


def test_stand_alone_decides_and_the_conflict_is_said(ask: Any) -> None:
    (answer,) = ask({"variant": NONSENSE, "criteria": ["BA1"], "criteria_mode": "add"})
    assert answer["classification"] == "Benign"
    assert any("PVS1" in conflict for conflict in answer["conflicts"])


def test_the_published_assertion_stands_beside_and_can_be_masked(ask: Any) -> None:
    variant = "11-5227002-T-A"
    shown, masked = ask({"variant": variant}, {"variant": variant, "mask_assertions": True})
    assert [a["classification"] for a in shown["assertions"]]
    assert masked["assertions"] == []
    assert shown["criteria"] == masked["criteria"]
    assert shown["classification"] == masked["classification"]


def test_the_other_assembly_is_carried_over(ask: Any) -> None:
    one, other = ask({"variant": NONSENSE}, {"variant": NONSENSE_37, "assembly": "GRCh37"})
    assert other["hgvs_c"] == one["hgvs_c"] == "NM_004360.5:c.220C>T"
    assert other["classification"] == one["classification"]


@pytest.mark.parametrize(
    "inheritance",
    ["", None, "AR", "Autosomal recessive inheritance", "HP:0000007", "hp:0000007", ["AR"], "unknown"],
)
def test_inheritance_in_words_or_ids_or_none(ask: Any, inheritance: object) -> None:
    (answer,) = ask({"variant": "12-102840399-C-T", "gene": "PAH", "inheritance": inheritance})
    assert answer["notes"] == [n for n in answer["notes"] if "inheritance" not in n]


def test_a_gene_without_sequence_is_still_classified(ask: Any) -> None:
    # PAH: a frameshift by its length, a splice site by its place.
    shifted, spliced = ask({"variant": "12-102866606-CT-C"}, {"variant": "12-102840398-A-G", "gene": "PAH"})
    assert shifted["classification"] in CLASSES
    assert spliced["classification"] in CLASSES


def test_scores_and_frequencies_set_their_criteria(ask: Any) -> None:
    (answer,) = ask(
        {
            "variant": "17-7674220-C-T",
            "gene": "TP53",
            "scores": {"revel": 0.95, "SpliceAI": 0.01},
            "frequencies": {"gnomad": {"ac": 0, "an": 1_500_000}},
        }
    )
    assert met(answer)["PP3"] in ("Supporting", "Moderate", "Strong")
    assert met(answer)["PM2"] == "Supporting"


def test_region_and_predictor_together_reach_strong_at_most(ask: Any) -> None:
    (answer,) = ask({"variant": "17-7674220-C-T", "gene": "TP53", "scores": {"REVEL": 0.99}})
    weights = {"Supporting": 1, "Moderate": 2, "Strong": 4}
    assert sum(weights[met(answer)[c]] for c in ("PM1", "PP3") if c in met(answer)) <= 4


BAD = [
    "{",
    "[]",
    "null",
    "{}",
    '{"variant": 5}',
    "nonsense",
    '{"variant": "16-68801726-G-T"}',
    '{"variant": "16-68801726-C-T", "criteria": 5}',
    '{"variant": "16-68801726-C-T", "criteria_mode": "both"}',
    '{"variant": "16-68801726-C-T", "assembly": "hg20"}',
]


def test_errors_stand_in_place_and_never_stop(ask: Any) -> None:
    lines = [text for bad in BAD for text in (bad, json.dumps({"variant": NONSENSE}))]
    answers = ask(*lines)
    assert len(answers) == len(lines)
    for bad, good in zip(answers[::2], answers[1::2], strict=True):
        assert bad["error"]["message"]
        assert "classification" not in bad
        assert good["classification"] == "Likely pathogenic"


@pytest.mark.parametrize(
    ("scheme", "floor", "criteria", "expected"),
    [
        ("points", -2, ["BP4"], "Uncertain significance"),
        ("points", -1, ["BP4"], "Likely benign"),
        ("points", -2, ["PVS1", "PM1"], "Pathogenic"),
        ("richards-2015", -2, ["PVS1", "PM1"], "Likely pathogenic"),
    ],
)
def test_the_scheme_is_a_choice(
    ask: Any, scheme: str, floor: int, criteria: list[str], expected: str
) -> None:
    line = {"variant": NONSENSE, "criteria": criteria}
    (answer,) = ask(line, scheme=scheme, likely_benign_at=floor)
    assert answer["classification"] == expected


def test_a_variant_beside_one_genes_coding_sequence_is_judged_in_the_other(ask: Any) -> None:
    # Named on C12orf43's 3' untranslated region, it changes HNF1A.
    (answer,) = ask({"variant": "12-121001076-A-C", "gene": "C12orf43"})
    assert answer["gene"] == "HNF1A"
    assert any("HNF1A" in note for note in answer["notes"])


def test_a_table_of_variants(ask: Any) -> None:
    one, two, bad = ask(
        "variant\tgene\tcriteria\tREVEL",
        f"{NONSENSE}\tCDH1\tPVS1;PM2_Supporting\t",
        "17-7674220-C-T\tTP53\t\t0.95",
        "nonsense\tTP53\t\t",
    )
    assert (one["points"], one["classification"]) == (9, "Likely pathogenic")
    assert "PP3" in met(two)
    assert bad["error"]["message"]


@pytest.mark.parametrize(
    ("criteria", "expected", "noted"),
    [
        (["PVS1", "PX9"], {"PVS1": "Very Strong"}, "PX9"),
        (["PVS1_Odd", "PM2"], {"PM2": "Supporting"}, "Odd"),
        ([{"code": "PVS1", "strength": "NaN"}], {"PVS1": "Very Strong"}, None),
        ([{"code": "pm2", "strength": None}], {"PM2": "Supporting"}, None),
        ([{"code": "BA1", "strength": "Stand Alone"}], {"BA1": "Stand Alone"}, None),
        ({"PM2": float("nan")}, {"PM2": "Supporting"}, None),
    ],
    ids=["unknown code", "unknown strength", "nan in words", "null", "stand-alone", "nan"],
)
def test_a_criterion_that_cannot_be_read_is_noted_and_prevents_no_class(
    ask: Any, criteria: object, expected: dict[str, str], noted: str | None
) -> None:
    (answer,) = ask({"variant": NONSENSE, "criteria": criteria})
    assert met(answer) == expected
    assert answer["classification"] in CLASSES
    assert any(noted in note for note in answer["not_used"]) if noted else not answer["not_used"]
    assert set(answer["not_used"]) <= set(answer["notes"])


@pytest.mark.parametrize(
    ("criteria", "note"),
    [
        (["PM2", "PVS1"], "no strength is stated for PM2, PVS1: counted as supporting, very strong"),
        ([{"code": "PM2", "strength": None}], "no strength is stated for PM2: counted as supporting"),
        (["PM2_Supporting", {"code": "PVS1", "strength": "Strong"}], None),
        ([{"code": "PM2", "verdict": "not met"}], None),
    ],
    ids=["bare codes", "null", "stated", "not met"],
)
def test_a_strength_that_is_not_stated_is_told(ask: Any, criteria: object, note: str | None) -> None:
    (answer,) = ask({"variant": NONSENSE, "criteria": criteria})
    assert [n for n in answer["notes"] if "no strength" in n] == ([note] if note else [])


def test_keys_that_nobody_knows_are_told(ask: Any) -> None:
    (answer,) = ask({"variant": NONSENSE, "critera": ["PVS1"], "comment": "x"})
    assert "not understood and not used: comment, critera" in answer["notes"]
    assert answer["not_used"] == []


# A repeat whose bases are not shipped; a transcript version that nobody knows.
@pytest.mark.parametrize("variant", ["NM_000018.4:c.385GAG[1]", "NM_999999.9:c.1A>G", "rs4294967295"])
def test_what_is_not_at_hand_prevents_no_class(ask: Any, variant: str) -> None:
    bare, supplied = ask({"variant": variant}, {"variant": variant, "criteria": ["PVS1", "PM2"]})
    assert (bare["classification"], met(bare)) == ("Uncertain significance", {})
    assert supplied["classification"] == "Likely pathogenic"
    assert all("could not be placed" in answer["notes"][0] for answer in (bare, supplied))


def test_a_variant_that_contradicts_the_reference_is_an_error_unless_criteria_are_supplied(ask: Any) -> None:
    """MT-TL1 m.3243 is A: nothing is judged for another base, and supplied criteria still have a class."""
    bare, supplied = ask({"variant": "MT-3243-C-G"}, {"variant": "MT-3243-C-G", "criteria": ["PS3", "PM2"]})
    assert "error" in bare
    assert supplied["classification"] == "Uncertain significance"
    assert "reference bases" in supplied["notes"][0]


@pytest.mark.parametrize(
    ("variant", "filtering_frequency"),
    [
        ("11-5227002-T-A", 0.044),  # HBB p.Glu7Val (Hb S), African; ClinVar VCV000015333
        ("11-5227003-C-T", 0.012),  # HBB p.Glu7Lys (Hb C)
        ("13-20189546-AC-A", 0.0098),  # GJB2 c.35del, European; ClinVar VCV000017004
        ("NM_004004.6:c.35del", 0.0098),  # by name
        ("13-20189346-AG-A", 0.0066),  # GJB2 c.235del, East Asian; ClinVar VCV000017014
        ("7-107683453-A-G", 0.0051),  # SLC26A4 c.919-2A>G, East Asian; ClinVar VCV000004840
        ("17-80104542-T-G", 0.0054),  # GAA c.-32-13T>G, European
        ("X-154536002-C-T", 0.117),  # G6PD p.Val68Met (A-), African
        ("14-94380925-T-A", 0.051),  # SERPINA1 p.Glu288Val (S), Iberian; ClinVar VCV000017969
    ],
)
def test_drift_and_malaria_make_no_pathogenic_variant_benign(
    ask: Any, variant: str, filtering_frequency: float
) -> None:
    line = {"variant": variant, "frequencies": {"grpmax_faf95": filtering_frequency}}
    masked, shown = ask({**line, "mask_assertions": True}, line)
    assert "enign" not in masked["classification"]
    assert masked["classification"] == shown["classification"]
    verdicts = {c["code"]: c for c in masked["criteria"]}
    assert verdicts["BA1"]["verdict"] == verdicts["BS1"]["verdict"] == "not met"
    assert "although it is common" in verdicts["BA1"]["reason"]
    assert verdicts["BA1"]["source"]


def test_a_common_variant_of_the_same_gene_stays_benign(ask: Any) -> None:
    # HBB c.9T>C (p.His3=), rs713040
    (answer,) = ask({"variant": "11-5227013-A-G", "frequencies": {"grpmax_faf95": 0.1}})
    assert answer["gene"] == "HBB"
    assert answer["classification"] == "Benign"

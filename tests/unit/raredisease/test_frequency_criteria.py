"""BA1, BS1, BS2 and PM2, and frequencies as callers write them."""

import json

import pytest

from service.domain.assembly import Assembly
from service.domain.disease import Criterion
from service.domain.frequency import FrequencyCriterion
from service.domain.gene import Bound, DiseaseKnowledge, GeneKnowledge, Inheritance, PanelThresholds
from service.domain.variant import Variant
from service.frequency.statistics import filtering_allele_frequency
from service.raredisease.criteria.frequency import (
    common,
    more_common_than_disease,
    panel_thresholds,
    rare,
)
from service.raredisease.criteria.population_genotypes import healthy_carriers
from service.raredisease.evidence import DiseaseParameters, Evidence
from service.raredisease.population import parse_frequencies
from tests.raredisease import a_gene, truth

AUTOSOME = Variant(Assembly.GRCH38, "1", 100, "C", "T")
MITOCHONDRIAL = Variant(Assembly.GRCH38, "MT", 3242, "A", "G")


def evidence(stated: object, gene: GeneKnowledge | None = None, **more: object) -> Evidence:
    more.setdefault("variant", AUTOSOME)
    return Evidence(gene=gene, population=parse_frequencies(stated), **more)  # type: ignore[arg-type]


def panel(**bounds: Bound) -> GeneKnowledge:
    thresholds = PanelThresholds(
        "GENE",
        "a disease",
        ("AD",),
        bounds.get("ba1"),
        bounds.get("bs1"),
        bounds.get("bs1_supporting"),
        bounds.get("pm2"),
        "absent (1 allele allowed)",
        "FAF",
        "a panel",
        "GN000",
        "",
    )
    return a_gene(thresholds=(thresholds,))


@pytest.mark.parametrize(
    ("stated", "verdict"),
    [
        # Ghosh 2018: above 5 % of at least 2,000 alleles of a general population
        ({"gnomad": {"ac": 600, "an": 10_000}}, "met"),
        ({"gnomad": {"ac": 500, "an": 10_000}}, "not met"),
        ({"gnomad": {"ac": 100, "an": 1_000}}, "not assessed"),
        ({"gnomad": {"fin": {"ac": 600, "an": 10_000}}}, "not assessed"),  # a founder population
        ({"gnomad": {"af": 0.01, "populations": {"afr": {"ac": 900, "an": 10_000}}}}, "met"),
        ({"gnomad_faf95": 0.06}, "met"),
        ({"grpmax_faf95": 0.04}, "not met"),
        (None, "not assessed"),
        ({}, "not assessed"),
    ],
    ids=str,
)
def test_ba1(stated: object, verdict: str) -> None:
    assert common(evidence(stated)).verdict == verdict


def test_ba1_never_for_a_listed_exception() -> None:
    found = common(evidence({"gnomad": {"ac": 900, "an": 10_000}}, ba1_exception="HFE c.845G>A"))
    assert (found.verdict, "exception" in found.reason) == ("not met", True)
    listed = evidence({"faf95": 0.01}, panel(bs1=Bound(">", 0.001)), ba1_exception="GJB2 c.109G>A")
    assert more_common_than_disease(listed).verdict == "not met"


@pytest.mark.parametrize(
    ("frequency", "ba1", "bs1"),
    [
        (0.011, "met", None),
        (0.01, "not met", "Strong"),
        (0.005, "not met", "Strong"),
        (0.0049, "not met", None),
    ],
)
def test_mitochondrial_thresholds(frequency: float, ba1: str, bs1: str | None) -> None:
    given = evidence({"gnomad": {"af": frequency, "an": 56_000}}, variant=MITOCHONDRIAL)
    assert common(given).verdict == ba1
    if ba1 != "met":
        assert more_common_than_disease(given).strength == bs1


def test_a_panels_operator_is_kept() -> None:
    at = {"faf95": 0.001}
    assert common(evidence(at, panel(ba1=Bound(">=", 0.001)))).verdict == "met"
    assert common(evidence(at, panel(ba1=Bound(">", 0.001)))).verdict == "not met"


@pytest.mark.parametrize(("faf", "strength"), [(0.002, "Strong"), (0.0005, "Supporting"), (0.0001, None)])
def test_a_panels_bs1_has_steps(faf: float, strength: str | None) -> None:
    gene = panel(bs1=Bound(">", 0.001), bs1_supporting=Bound(">", 0.0002))
    assert more_common_than_disease(evidence({"faf95": faf}, gene)).strength == strength


@pytest.mark.parametrize(
    ("prevalence", "allelic", "genetic", "penetrance", "limit"),
    [
        (1 / 30_000, 0.5, 1, 0.75, 0.003333),
        (1 / 114_000, 0.4, 1, 1, 0.001185),
        (1 / 4_500, 0.76, 0.77, 0.91, 0.010422),
    ],
)
def test_maximum_credible_frequency_of_recessive_disease(
    prevalence: float, allelic: float, genetic: float, penetrance: float, limit: float
) -> None:
    """Oracles: Whiffin 2017, doi:10.1038/gim.2017.26, with the panels' published numbers."""
    parameters = DiseaseParameters(prevalence, penetrance, allelic, genetic)
    assert parameters.maximum_credible_frequency(biallelic=True) == pytest.approx(limit, abs=5e-7)
    for faf, verdict in ((limit * 1.01, "met"), (limit * 0.99, "not met")):
        given = evidence({"faf95": faf}, disease_parameters=parameters, inheritance=Inheritance.RECESSIVE)
        assert more_common_than_disease(given).verdict == verdict


def test_bs1_is_not_guessed() -> None:
    assert more_common_than_disease(evidence({"faf95": 0.01})).verdict == "not assessed"


@pytest.mark.parametrize(
    ("stated", "mode", "verdict"),
    [
        ({"ac": 0, "an": 150_000}, Inheritance.DOMINANT, "met"),
        ({"ac": 0, "an": 198}, Inheritance.DOMINANT, "not assessed"),  # 0 of 198 excludes nothing
        ({"gnomad": {"af": 0}}, Inheritance.DOMINANT, "not assessed"),  # of how many?
        ({"gnomad": {"af": 1e-5}}, Inheritance.DOMINANT, "met"),  # one of at least 100,000
        ({"ac": 8, "an": 150_000}, Inheritance.DOMINANT, "not met"),
        ({"ac": 8, "an": 150_000}, Inheritance.RECESSIVE, "met"),
        ({"ac": 20, "an": 150_000}, Inheritance.RECESSIVE, "not met"),
        ([{"source": "GB", "ac": 0, "an": 182}, {"source": "gnomAD", "ac": 1, "an": 150_000}], None, "met"),
        (
            [{"source": "GB", "ac": 3, "an": 182}, {"source": "gnomAD", "ac": 1, "an": 150_000}],
            None,
            "not met",
        ),
        ({"faf95": 0.0}, None, "not assessed"),
        (None, None, "not assessed"),
    ],
    ids=str,
)
def test_pm2(stated: object, mode: Inheritance | None, verdict: str) -> None:
    found = rare(evidence(stated, inheritance=mode))
    assert found.verdict == verdict
    assert found.strength == ("Supporting" if verdict == "met" else None)


@pytest.mark.parametrize(("count", "verdict"), [(0, "met"), (1, "met"), (2, "not met")])
def test_absent_with_one_allele_allowed(count: int, verdict: str) -> None:
    given = evidence({"ac": count, "an": 150_000}, panel(pm2=Bound("absent", 0)))
    assert rare(given).verdict == verdict


def test_a_panels_count_of_alleles() -> None:
    gene = panel(pm2=Bound("AC<", 6))
    assert rare(evidence({"ac": 5, "an": 150_000}, gene)).verdict == "met"
    assert rare(evidence({"ac": 6, "an": 150_000}, gene)).verdict == "not met"
    assert rare(evidence({"af": 1e-5}, gene)).verdict == "not assessed"


def test_a_source_without_counts_is_no_absence() -> None:
    answers = [
        {"source": "gnomAD", "outcome": "CALLED_ABSENT", "allele_count": 0, "allele_number": 150_000},
        {"source": "IT", "outcome": "FAILED", "allele_count": None, "allele_number": None},
    ]
    assert rare(evidence({"answers": answers[:1]})).verdict == "met"
    found = rare(evidence({"answers": answers}))
    assert (found.verdict, "IT (failed)" in found.reason) == ("not assessed", True)


def test_the_gene_may_ask_for_more_than_the_sources() -> None:
    met = (FrequencyCriterion("PM2", "Supporting", "met", "all sources gave counts"),)
    rows = {"ac": 9, "an": 150_000}
    dominant = evidence(rows, frequency_verdicts=met, inheritance=Inheritance.DOMINANT)
    recessive = evidence(rows, frequency_verdicts=met, inheritance=Inheritance.RECESSIVE)
    assert (rare(dominant).verdict, rare(recessive).verdict) == ("not met", "met")
    open_one = (FrequencyCriterion("PM2", None, "not assessed", "no counts from IT"),)
    assert rare(evidence({"ac": 0, "an": 150_000}, frequency_verdicts=open_one)).verdict == "not assessed"


def test_pm2_yields_to_a_supplied_benign_frequency() -> None:
    supplied = {"BS1": Criterion("BS1", "Strong", "met", "", supplied=True)}
    assert rare(evidence({"ac": 0, "an": 150_000}, supplied=supplied)).verdict == "not met"


def test_what_silent_sources_leave_open_stays_open() -> None:
    silent = (FrequencyCriterion("BA1", None, "not assessed", "without counts from IT"),)
    given = evidence({"faf95": 0.0001}, panel(ba1=Bound(">", 0.001)), frequency_verdicts=silent)
    assert common(given).verdict == "not assessed"
    common_one = evidence({"faf95": 0.01}, panel(ba1=Bound(">", 0.001)), frequency_verdicts=silent)
    assert common(common_one).verdict == "met"


def test_homozygotes_are_shown_where_no_panel_counts_people_of_databases() -> None:
    found = healthy_carriers(evidence({"gnomad": {"ac": 100, "an": 150_000, "hom": 7}}))
    assert found.verdict == "not assessed"
    assert "7 homozygotes" in found.reason


@pytest.mark.parametrize(
    "row", truth("acmg_population_genotypes"), ids=lambda r: f"{r['gene']} {r['frequencies']}"
)
def test_people_of_databases_who_should_be_ill(row: dict[str, str], diseases: DiseaseKnowledge) -> None:
    gene = diseases.gene(row["gene"])
    mode = (
        Inheritance.X_LINKED if row["gene"] in ("IL2RG", "SLC6A8", "PDHA1", "OTC") else Inheritance.RECESSIVE
    )
    stated = json.loads(row["frequencies"])
    found = healthy_carriers(
        evidence(
            {"gnomad": stated} if stated else None, gene, inheritance=mode, faf95=filtering_allele_frequency
        )
    )
    assert (found.verdict, found.strength or "") == (row["verdict"], row["strength"])


@pytest.mark.parametrize(
    "stated",
    [
        [{"source": "gnomAD", "allele_count": 3, "allele_number": 150_000, "homozygotes": 1}],
        {"gnomAD": {"AC": 3, "AN": 150_000, "nhomalt": 1}},
        {"gnomAD_AC": 3, "gnomAD_AN": 150_000, "gnomAD_hom": 1},
        {"source": "gnomAD", "ac": "3", "an": "150000", "hom": "1"},
        {"frequencies": [{"population": "gnomAD", "AC": 3, "AN": 150_000, "hom": 1}]},
        {"answers": [{"source": "gnomAD", "outcome": "OBSERVED", "allele_count": 3, "allele_number": 150_000,
                      "homozygotes": 1, "frequency": 2e-5, "ci95": [0, 1], "faf95": None}]},
    ],
    ids=str,
)  # fmt: skip
def test_frequencies_as_callers_write_them(stated: object) -> None:
    found = parse_frequencies(stated)
    (row,) = found.rows
    assert (row.label, row.count, row.number, row.homozygotes) == ("gnomAD", 3, 150_000, 1)
    assert row.value == 2e-5
    assert found.notes == ()


@pytest.mark.parametrize(
    ("stated", "frequency", "faf"),
    [
        ({"gnomad_faf95": 0.001}, None, 0.001),
        ({"grpmax": 0.002}, 0.002, None),
        ({"popmax_af": 0.002}, 0.002, None),
        ({"gnomAD_v4": 0.002}, 0.002, None),
        ({"gnomad": "0.2%"}, 0.002, None),
        (0.002, 0.002, None),
        ({"gnomad": {"faf95_grpmax": 1e-3, "af": 2e-3}}, 2e-3, 1e-3),
        ({"gnomad": {"AF": 1e-3, "AF_popmax": 2e-3, "popmax": "afr"}}, 2e-3, None),
        ({"gnomad": {"faf95": {"popmax": 1e-3, "popmax_population": "afr"}}}, None, 1e-3),
        ({"gnomad": {"absent": True}}, 0.0, None),
    ],
    ids=str,
)
def test_frequencies_without_counts(stated: object, frequency: float | None, faf: float | None) -> None:
    (row,) = parse_frequencies(stated).rows
    assert row.frequency == (None if frequency is None else pytest.approx(frequency))
    assert row.faf95 == faf


@pytest.mark.parametrize("stated", [{"gnomad": 1.5}, {"gnomad": "often"}, {"ac": 5, "an": 2}, True], ids=str)
def test_what_is_no_frequency_is_said_and_not_used(stated: object) -> None:
    found = parse_frequencies(stated)
    assert not [row for row in found.rows if row.value is not None]
    assert found.notes


@pytest.mark.parametrize(
    ("names", "verdict"),
    [
        # RYR1 (GN012 and GN150): BA1 of malignant hyperthermia is above that of dominant myopathy.
        (("malignant hyperthermia, susceptibility to, 1",), "RYR1 MHS"),
        (("RYR1-related myopathy",), "RYR1 myopathy"),
        ((), "lenient"),
    ],
    ids=["malignant hyperthermia", "myopathy", "not stated"],
)
def test_the_stated_disease_chooses_among_a_panels_thresholds(
    names: tuple[str, ...], verdict: str, diseases: DiseaseKnowledge
) -> None:
    gene = diseases.gene("RYR1")
    assert gene is not None
    found = panel_thresholds(
        Evidence(AUTOSOME, gene=gene, inheritance=Inheritance.DOMINANT, disease_names=names)
    )
    assert found is not None
    rows = [row for row in gene.thresholds if "AD" in row.inheritance]
    expected = {
        "RYR1 MHS": next(row for row in rows if "hyperthermia" in row.disease),
        "RYR1 myopathy": next(row for row in rows if "myopathy" in row.disease),
        "lenient": max(rows, key=lambda row: row.ba1.value if row.ba1 else 1.0),
    }[verdict]
    assert found == expected

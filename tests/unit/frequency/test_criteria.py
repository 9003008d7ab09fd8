"""Pooling, the highest group, and criteria that never say more than the sources did."""

from dataclasses import replace

import pytest

from service.domain.assembly import Assembly
from service.domain.frequency import (
    AlleleFrequency,
    FrequencyCriterion,
    GroupFrequency,
    Outcome,
    SourceAnswer,
)
from service.domain.frequency_sources import Ba1Exception
from service.domain.variant import Variant
from service.frequency.criteria import CriteriaOptions, DiseaseParameters, frequency_criteria
from service.frequency.pooling import grpmax, ploidy_warning, pool

SNV = Variant(Assembly.GRCH38, "10", 94781858, "G", "A")
HFE = Variant(Assembly.GRCH38, "6", 26092912, "G", "A")


def counted(source: str, ac: int, an: int, **more: object) -> SourceAnswer:
    outcome = Outcome.OBSERVED if ac else Outcome.CALLED_ABSENT
    country: object = more.pop("country", source.upper())
    return SourceAnswer(source, country, outcome, AlleleFrequency(ac, an), **more)  # type: ignore[arg-type]


def silent(source: str, outcome: Outcome) -> SourceAnswer:
    return SourceAnswer(source, source.upper(), outcome, reason="said so")


def verdicts(
    *answers: SourceAnswer, variant: Variant = SNV, **options: object
) -> dict[str, FrequencyCriterion]:
    found = frequency_criteria(variant, answers, CriteriaOptions(**options))  # type: ignore[arg-type]
    return {criterion.code: criterion for criterion in found}


def test_only_counts_of_disjoint_cohorts_are_added() -> None:
    answers = [
        counted("gb", 26, 182),
        counted("fi", 43, 198),
        counted("ceu", 26, 198, overlaps_with=("gb",)),
        counted("gnomad", 90_000, 1_600_000, country=None),
        silent("es", Outcome.NOT_LISTED),
        silent("it", Outcome.FAILED),
        SourceAnswer("pt", "PT", Outcome.OBSERVED, reported_frequency=0.2),
    ]
    pooled = pool(answers)
    assert pooled is not None
    assert pooled.sources == ("fi", "ceu")  # of two that overlap the larger stays
    assert pooled.frequency is not None
    assert (pooled.frequency.allele_count, pooled.frequency.allele_number) == (69, 396)
    assert pooled.silent == ("es", "it", "pt")  # pt gave a frequency, but no counts


def test_cohorts_that_differ_are_summed_without_bounds_unless_widened() -> None:
    """CYP2C19*2 in 1000 Genomes GB, FI, ES and IT: I2 is 76 %."""
    answers = [counted("gb", 26, 182), counted("fi", 43, 198), counted("es", 31, 214), counted("it", 20, 214)]
    plain, widened, alike = pool(answers), pool(answers, birge=True), pool(answers[:1] + answers[2:3])
    assert plain is not None
    assert plain.frequency == AlleleFrequency(120, 808)
    assert plain.heterogeneity is not None
    assert plain.heterogeneity.random_effects is not None
    assert widened is not None
    assert widened.frequency is not None
    assert widened.frequency.ci95 is not None
    assert alike is not None
    assert alike.frequency is not None
    assert alike.frequency.ci95 is not None


def test_withheld_counts_make_a_range() -> None:
    hidden = SourceAnswer("es", "ES", Outcome.SUPPRESSED, suppressed_below=5, suppressed_allele_number=200)
    pooled = pool([counted("gb", 2, 200), hidden])
    assert pooled is not None
    assert pooled.note is not None
    assert "between 3 and 6 of 400" in pooled.note
    assert pooled.frequency is not None
    assert pooled.frequency.allele_number == 200


def test_an_assumed_allele_number_gives_a_second_pool_and_no_criterion() -> None:
    unlisted = replace(silent("fi", Outcome.NOT_LISTED), suppressed_below=1, suppressed_allele_number=100_000)
    found = pool([counted("gb", 0, 150_000), unlisted])
    assert found is not None
    assert found.frequency is not None
    assert found.frequency.allele_number == 150_000
    assert "AN assumed for fi" in (found.note or "")
    assert "0 of 250000 (upper bound 1.48e-05)" in (found.note or "")
    related = replace(unlisted, overlaps_with=("gb",))
    alone = pool([counted("gb", 0, 150_000), related])
    assert alone is not None
    assert alone.note is None
    assert verdicts(counted("gb", 0, 150_000), unlisted)["PM2"].verdict == "not assessed"


def test_bottlenecked_groups_stay_out_of_the_maximum_unless_configured() -> None:
    answers = [counted("gb", 1, 182), counted("fi", 43, 198, bottlenecked=True)]
    plain = grpmax(answers)
    everyone = grpmax(answers, include_bottlenecked=True)
    assert plain is not None
    assert everyone is not None
    assert (plain[1], everyone[1]) == ("gb", "fi")
    groups = (
        GroupFrequency("fin", AlleleFrequency(500, 1000)),
        GroupFrequency("nfe", AlleleFrequency(50, 1000)),
    )
    found = grpmax([counted("gnomad", 550, 2000, groups=groups)])
    assert found is not None
    assert found[1] == "gnomad nfe"


def test_the_maximum_is_of_faf_not_the_faf_of_the_most_frequent() -> None:
    found = grpmax([counted("small", 3, 20), counted("large", 1200, 10_000)])
    assert found is not None
    assert found[1] == "large"


def test_ba1_needs_two_thousand_alleles_of_a_general_population() -> None:
    assert verdicts(counted("gb", 120, 1999))["BA1"].verdict == "not assessed"
    assert verdicts(counted("gb", 120, 2000))["BA1"].verdict == "met"
    assert verdicts(counted("gb", 100, 2000))["BA1"].verdict == "not met"  # 5 % is not above 5 %
    finnish = counted("fi", 500, 5000, bottlenecked=True)
    assert verdicts(finnish)["BA1"].verdict == "not assessed"
    assert verdicts(finnish, include_bottlenecked=True)["BA1"].verdict == "met"
    assert verdicts(counted("gb", 100, 2000), ba1_frequency=0.001)["BA1"].verdict == "met"


def test_cohorts_that_agree_count_as_one_population_for_ba1() -> None:
    alike = [counted(name, 80, 700) for name in ("gb", "es", "it")]
    assert verdicts(*alike)["BA1"].verdict == "met"
    apart = [counted("gb", 10, 700), counted("es", 80, 700), counted("it", 250, 700)]
    assert verdicts(*apart)["BA1"].verdict == "not assessed"


def test_ba1_is_not_denied_while_a_source_is_silent() -> None:
    answers = (counted("gb", 1, 5000), silent("fi", Outcome.FAILED))
    assert verdicts(*answers)["BA1"].verdict == "not assessed"
    assert "fi (failed)" in verdicts(*answers)["BA1"].reason


def test_the_exception_list_is_matched_by_coordinate_in_both_builds() -> None:
    grch37 = Variant(Assembly.GRCH37, "6", 26093140, "G", "A")
    exceptions = (Ba1Exception("HFE", "c.845G>A", HFE, grch37),)
    common = counted("gb", 600, 5000)
    for variant in (HFE, grch37):
        assert verdicts(common, variant=variant, exceptions=exceptions)["BA1"].verdict == "not met"
    assert verdicts(common, exceptions=exceptions)["BA1"].verdict == "met"


def test_bs1_comes_from_disease_parameters_only() -> None:
    common = counted("gb", 60, 5000)
    assert verdicts(common)["BS1"].verdict == "not assessed"
    rare_disease = DiseaseParameters(1e-4, 0.1, 1, 0.5)
    assert verdicts(common, disease=rare_disease)["BS1"].verdict == "met"
    assert verdicts(counted("gb", 0, 5000), disease=rare_disease)["BS1"].verdict == "not met"
    with pytest.raises(ValueError, match="fractions"):
        DiseaseParameters(0, 1, 1, 1)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.NOT_LISTED, "not listed"),
        (Outcome.NOT_COVERED, "not covered"),
        (Outcome.SUPPRESSED, "suppressed"),
        (Outcome.FAILED, "failed"),
        (Outcome.NOT_ASKED, "not asked"),
    ],
)
def test_pm2_is_not_assessed_while_one_source_gave_no_counts(outcome: Outcome, words: str) -> None:
    found = verdicts(counted("gb", 0, 100_000), silent("fi", outcome))["PM2"]
    assert found.verdict == "not assessed"
    assert f"fi ({words})" in found.reason
    assert found.strength is None


def test_pm2_is_supporting_when_all_answered_and_many_were_counted() -> None:
    found = verdicts(counted("gb", 0, 20_000), counted("fi", 0, 20_000))["PM2"]
    assert (found.verdict, found.strength) == ("met", "Supporting")
    assert verdicts(counted("gb", 0, 182), counted("fi", 0, 198))["PM2"].verdict == "not assessed"
    assert verdicts(counted("gb", 43, 198), silent("fi", Outcome.FAILED))["PM2"].verdict == "not met"
    assert verdicts()["PM2"].verdict == "not assessed"


def test_men_called_diploid_on_x_show_by_their_alleles_on_an_autosome() -> None:
    """Real counts: 1000 Genomes phase 3 has 76 alleles of 38 Finnish men at G6PD, the 30x calls have 38."""
    from service.frequency.assess import Assessor

    def split(ac: int, women: int, men: int) -> SourceAnswer:
        groups = (
            GroupFrequency("XX", AlleleFrequency(ac, women)),
            GroupFrequency("XY", AlleleFrequency(0, men)),
        )
        return counted("fi", ac, women + men, groups=groups)

    x = Variant(Assembly.GRCH38, "X", 154536001, "C", "T")
    for men, noticed in ((76, True), (38, False)):
        (_, found) = Assessor(CriteriaOptions()).assess([SNV, x], [[split(26, 122, 76), split(0, 122, men)]])
        assert ("two alleles" in (found.answers[0].reason or "")) is noticed


def test_men_called_diploid_on_x_are_noticed() -> None:
    g6pd = Variant(Assembly.GRCH38, "X", 154536001, "C", "T")
    sexes = (GroupFrequency("XX", AlleleFrequency(2, 90)), GroupFrequency("XY", AlleleFrequency(6, 92)))
    whole = AlleleFrequency(8, 182, None, 3)
    answer = SourceAnswer("gb", "GB", Outcome.OBSERVED, whole, sexes)
    assert ploidy_warning(g6pd, answer) == "men are counted with two alleles on the X chromosome"
    right = SourceAnswer("gb", "GB", Outcome.OBSERVED, AlleleFrequency(5, 136, None, 3),
                         (sexes[0], GroupFrequency("XY", AlleleFrequency(3, 46))))  # fmt: skip
    assert ploidy_warning(g6pd, right) is None
    par = Variant(Assembly.GRCH38, "X", 2_000_000, "C", "T")
    assert ploidy_warning(par, answer) is None

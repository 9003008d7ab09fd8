"""What the variants of one gene say, by phase, parents, sex and mode of inheritance."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.assessment import DescribedCall
from service.domain.case import Sex
from service.domain.gene import Inheritance
from service.domain.variant import Zygosity
from service.raredisease.inheritance import Copies, Relation, carriage_of, relation, statement_of
from tests.unit.raredisease.carrying import a_pair, carrying

HET, HOM, HEMI, OPEN = (
    Zygosity.HETEROZYGOUS,
    Zygosity.HOMOZYGOUS,
    Zygosity.HEMIZYGOUS,
    Zygosity.UNKNOWN,
)
AR, AD, XL, UD = (
    Inheritance.RECESSIVE,
    Inheritance.DOMINANT,
    Inheritance.X_LINKED,
    Inheritance.UNDETERMINED,
)
XLD, XLR = "HP:0001423", "HP:0001419"
ONE, TWO = ("1", 100, "A", "G"), ("1", 200, "A", "G")


def said(
    found: list[DescribedCall],
    mode: Inheritance,
    sex: Sex = Sex.UNKNOWN,
    *,
    term: str | None = None,
    origins: dict[tuple[str, int, str, str], str] | None = None,
) -> str:
    return statement_of(carriage_of(found, sex, origins or {}), a_pair(mode, term=term))


@pytest.mark.parametrize(
    ("found", "mode", "sex", "term", "expected"),
    [
        ([carrying(HET)], AD, Sex.UNKNOWN, None, "positive"),
        ([carrying(HET)], AR, Sex.UNKNOWN, None, "carrier"),
        ([carrying(HOM)], AR, Sex.UNKNOWN, None, "positive"),
        ([carrying(OPEN)], AR, Sex.UNKNOWN, None, "uncertain"),
        ([carrying(HET)], UD, Sex.UNKNOWN, None, "uncertain"),
        ([carrying(HOM)], UD, Sex.UNKNOWN, None, "positive"),
        ([carrying(HET), carrying(HET, start=200)], AR, Sex.UNKNOWN, None, "possible-compound-heterozygote"),
        ([carrying(HET, copy=0), carrying(HET, start=200, copy=1)], AR, Sex.UNKNOWN, None, "positive"),
        ([carrying(HET, copy=0), carrying(HET, start=200, copy=0)], AR, Sex.UNKNOWN, None, "carrier"),
        # Both alternate alleles of one diploid record lie on different copies, phased or not.
        ([carrying(HET, line=9), carrying(HET, alt="T", line=9)], AR, Sex.UNKNOWN, None, "positive"),
        ([carrying(HEMI, chrom="X")], XL, Sex.MALE, None, "positive"),
        ([carrying(HEMI, chrom="X")], XL, Sex.UNKNOWN, None, "uncertain"),
        ([carrying(OPEN, chrom="X")], XL, Sex.UNKNOWN, None, "uncertain"),
        ([carrying(HET, chrom="X")], XL, Sex.FEMALE, XLR, "carrier"),
        ([carrying(HET, chrom="X")], XL, Sex.FEMALE, XLD, "positive"),
        ([carrying(HET, chrom="X")], XL, Sex.FEMALE, None, "carrier"),
    ],
)  # fmt: skip
def test_statement(
    found: list[DescribedCall], mode: Inheritance, sex: Sex, term: str | None, expected: str
) -> None:
    """Sources: Richards 2015 (doi:10.1038/gim.2015.30), PM3 v1.0 of the SVI group, HPO's modes of
    inheritance."""
    assert said(found, mode, sex, term=term) == expected


@pytest.mark.parametrize(
    ("found", "semidominant", "recessive_alone"),
    [
        ([carrying(HET)], "positive", "uncertain"),
        ([carrying(HOM)], "positive", "positive"),
        ([carrying(OPEN)], "positive", "uncertain"),
        ([carrying(HET), carrying(HET, start=200)], "positive", "possible-compound-heterozygote"),
        ([carrying(HET, copy=0), carrying(HET, start=200, copy=1)], "positive", "positive"),
        ([carrying(HET, copy=0), carrying(HET, start=200, copy=0)], "positive", "uncertain"),
    ],
    ids=["one-copy", "homozygous", "zygosity-unknown", "phase-unknown", "in-trans", "in-cis"],
)
def test_one_copy_of_a_semidominant_disease_that_is_annotated_recessive_alone(
    found: list[DescribedCall], semidominant: str, recessive_alone: str
) -> None:
    """ClinGen curates MEFV as semidominant; most who carry one copy stay well (OMIM 249100, recessive)."""
    carriage, pair = carriage_of(found, Sex.UNKNOWN), a_pair(Inheritance.SEMIDOMINANT)
    assert statement_of(carriage, pair) == semidominant
    assert statement_of(carriage, replace(pair, recessive_alone=True)) == recessive_alone


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("father", "mother", "positive"),
        ("mother", "mother", "carrier"),
        ("father", "both", "possible-compound-heterozygote"),
        ("father", "de-novo", "possible-compound-heterozygote"),
        ("unknown", "unknown", "possible-compound-heterozygote"),
    ],
)
def test_parents_decide_where_they_differ(first: str, second: str, expected: str) -> None:
    """A pair from one parent is cis; a de novo second hit is trans only where phase shows it."""
    found = [carrying(HET), carrying(HET, start=200)]
    assert said(found, AR, origins={ONE: first, TWO: second}) == expected


def test_phase_that_contradicts_the_parents_settles_nothing() -> None:
    found = [carrying(HET, copy=0), carrying(HET, start=200, copy=0)]
    assert said(found, AR, origins={ONE: "father", TWO: "mother"}) == "possible-compound-heterozygote"


def test_a_de_novo_variant_in_phase_with_the_other_copy_is_in_trans() -> None:
    found = [carrying(HET, copy=0), carrying(HET, start=200, copy=1)]
    assert said(found, AR, origins={ONE: "father", TWO: "de-novo"}) == "positive"


def test_phase_sets_that_differ_say_nothing() -> None:
    one, two = carrying(HET, copy=0).call, carrying(HET, start=200, copy=1).call
    object.__setattr__(two, "phase_set", "2")
    assert relation(one, two)[0] is Relation.UNKNOWN


@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=6, unique=True), st.sampled_from([AR, XL]))
def test_variants_in_cis_never_make_a_compound_heterozygote(starts: list[int], mode: Inheritance) -> None:
    found = [carrying(HET, start=start, copy=0) for start in starts]
    assert said(found, mode) == "carrier"


@given(
    st.lists(st.tuples(st.integers(1, 500), st.sampled_from([HET, HEMI, OPEN])), min_size=1, max_size=4),
    st.sampled_from([Sex.UNKNOWN, Sex.FEMALE]),
    st.sampled_from(["X", "Y"]),
)
def test_without_a_recorded_male_nobody_is_hemizygous(
    calls: list[tuple[int, Zygosity]], sex: Sex, chrom: str
) -> None:
    found = [carrying(zygosity, start=start, chrom=chrom) for start, zygosity in calls]
    assert carriage_of(found, sex).basis != "hemizygous"
    assert carriage_of(found, sex).copies is not Copies.ALL

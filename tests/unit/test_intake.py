"""What people type to name a medicine, and what is refused."""

import pytest

from service.domain.case import Medication
from service.errors import InvalidOption
from service.intake import parse_medications, parse_medications_file


@pytest.mark.parametrize(
    ("text", "medications"),
    [
        ("32968", (Medication(rxnorm="32968"),)),
        ("b01ac04", (Medication(atc="B01AC04"),)),
        ("C10AA", (Medication(atc="C10AA"),)),
        ("clopidogrel, 36567", (Medication(name="clopidogrel"), Medication(rxnorm="36567"))),
        ("5-fluorouracil", (Medication(name="5-fluorouracil"),)),
        ("fluorouracil 5%", (Medication(name="fluorouracil 5%"),)),
        ("Johanniskraut-Öl", (Medication(name="Johanniskraut-Öl"),)),
        ("", ()),
    ],
)
def test_medicines_are_told_apart_by_their_form(
    text: str, medications: tuple[Medication, ...] | None
) -> None:
    assert parse_medications(text) == medications


@pytest.mark.parametrize("text", ["123456789", "B01AC0", "B0", "A1", "<b>", "32968;36567", "N06AB3X4"])
def test_what_is_neither_code_nor_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidOption, match="RxNorm codes, ATC codes or names"):
        parse_medications(text)


def test_a_table_may_name_medicines_by_name_alone() -> None:
    table = "name\tdose\troute\tstart\tend\nparoxetine\t20 mg\toral\t2026-01-01\t2026-11-20\n"
    assert parse_medications_file(table) == (
        Medication(name="paroxetine", dose="20 mg", route="oral", start="2026-01-01", end="2026-11-20"),
    )


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("drug\nparoxetine\n", "a column rxnorm, atc or name"),
        ("rxnorm\tdose\n\t20 mg\n", "none of rxnorm, atc and name"),
        ("name\tend\nparoxetine\tlast spring\n", "YYYY-MM-DD"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_the_place(table: str, message: str) -> None:
    with pytest.raises(InvalidOption, match=message):
        parse_medications_file(table)

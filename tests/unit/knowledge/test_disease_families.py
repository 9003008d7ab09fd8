"""What a disease is expected to show by its relatives."""

import pytest

from service.knowledge.disease_families import LARGEST, expected_terms

LABELS = {
    "OMIM:1": "Brugada syndrome 1",
    "OMIM:2": "Brugada syndrome 2",
    "OMIM:3": "Brugada syndrome 3",
    "OMIM:4": "Sudden death",
    "ORPHA:5": "Brugada syndrome 5",
}


def test_relatives_are_numbered_alike_or_stand_below_the_same_term() -> None:
    profiles = {"OMIM:1": {10: 1.0, 11: 0.2}, "OMIM:2": {10: 0.5}, "OMIM:4": {12: 0.9}, "ORPHA:5": {13: 1.0}}
    expected = expected_terms(profiles, LABELS, {"OMIM:2": ["M"], "OMIM:4": ["M"]})
    assert expected["OMIM:1"] == {10: 0.5}
    assert expected["OMIM:2"] == {10: 1.0, 11: 0.2, 12: 0.9}
    assert expected["OMIM:3"] == {10: 0.75, 11: 0.1}
    assert expected["OMIM:4"] == {10: 0.5}
    assert "ORPHA:5" not in expected


def test_a_disease_does_not_inherit_from_itself() -> None:
    assert expected_terms({"OMIM:1": {10: 1.0}}, LABELS, {"OMIM:1": ["M"]}) == {
        "OMIM:2": {10: 1.0},
        "OMIM:3": {10: 1.0},
    }


@pytest.mark.parametrize(("relatives", "is_known"), [(LARGEST - 1, True), (LARGEST, False)])
def test_a_class_of_diseases_is_no_family(relatives: int, is_known: bool) -> None:
    profiles = {f"OMIM:{n}": {10: 1.0} for n in range(100, 100 + relatives)}
    labels = dict.fromkeys([*profiles, "OMIM:1"], "A disease")
    found = expected_terms(profiles, labels, {key: ["M"] for key in labels})
    assert ("OMIM:1" in found) is is_known

"""Names, dates and numbers are read from whatever FHIR resources came, and nothing is made up."""

import pytest

from service.report.identity import identity_of
from tests.findings_builder import a_findings, cyp2c19_poor_metabolizer_on_clopidogrel


def test_the_given_resources_are_read() -> None:
    who = identity_of(cyp2c19_poor_metabolizer_on_clopidogrel())
    assert (who.name, who.born, who.sex) == ("Example, Ada", "1961-04-02", "female")
    assert who.identifiers == ("example-0042",)
    assert (who.requester, who.test) == ("Cardiology outpatient clinic", "Pharmacogenomic panel")
    assert (who.specimen, who.received, who.collected) == ("Whole blood", "2026-11-18T10:00:00+01:00", None)


def test_without_resources_only_the_subject_is_known() -> None:
    who = identity_of(a_findings())
    assert (who.subject, who.name, who.born, who.identifiers) == ("subject-0042", None, None, ())
    assert who.sex == "unknown"


def test_the_official_name_is_taken() -> None:
    names = [
        {"use": "nickname", "text": "Ada"},
        {"use": "official", "family": "Example", "given": ["A.", "B."]},
    ]
    assert identity_of(a_findings(context={"patient": {"name": names}})).name == "Example, A. B."


def test_reasons_are_read_from_text_or_coding() -> None:
    request = {"reasonCode": [{"text": "Stent planned"}, {"coding": [{"display": "Family history"}]}, {}]}
    assert identity_of(a_findings(context={"service_request": request})).reasons == (
        "Stent planned",
        "Family history",
    )


@pytest.mark.parametrize("broken", [None, 7, "text", [], [None], {"text": 3}, [{"value": 4}]])
def test_a_malformed_resource_reads_as_not_given(broken: object) -> None:
    fields = ("name", "birthDate", "identifier", "requester", "code", "reasonCode", "type", "collection")
    resource = dict.fromkeys(fields, broken)
    who = identity_of(
        a_findings(context={"patient": resource, "service_request": resource, "specimen": resource})
    )
    assert who.identifiers == ()
    assert who.requester is None

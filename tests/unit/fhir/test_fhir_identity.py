"""Ids are stable, keyed, bound to the subject, and valid."""

import re

import pytest

from service.errors import ConfigurationError
from service.fhir.identity import ResourceIds, is_fhir_id

KEY = b"a key of at least sixteen bytes"


def _id(key=KEY, subject="subject-1", digest="ab12", knowledge="2026.11", role="variant|x", base=None):
    return ResourceIds(key, subject, digest, knowledge=knowledge, base_url=base).place("Observation", role).id


def test_the_same_question_gives_the_same_id():
    assert _id() == _id()


@pytest.mark.parametrize(
    "change",
    [
        {"key": b"another key of sixteen bytes"},
        {"subject": "subject-2"},
        {"digest": "cd34"},
        {"knowledge": "2026.12"},
        {"role": "variant|y"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_everything_that_makes_a_different_answer_makes_a_different_id(change):
    assert _id(**change) != _id()


def test_subject_and_digest_cannot_be_shifted_into_each_other():
    assert _id(subject="ab", digest="c") != _id(subject="a", digest="bc")


def test_ids_are_uuids_and_fit_fhir():
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", _id())
    assert is_fhir_id(_id())


def test_the_base_url_changes_references_and_not_ids():
    assert _id(base="https://genome.example/fhir/") == _id()
    place = ResourceIds(KEY, "s", "d", base_url="https://genome.example/fhir/").place("Task", "t")
    assert place.full_url == f"https://genome.example/fhir/Task/{place.id}"
    assert place.reference == {"reference": f"Task/{place.id}"}


def test_without_a_base_url_references_are_urns():
    place = ResourceIds(KEY, "s", "d").place("Task", "t")
    assert place.full_url == f"urn:uuid:{place.id}"
    assert place.reference == {"reference": place.full_url}


def test_an_id_that_fhir_does_not_allow_is_replaced():
    ids = ResourceIds(KEY, "s", "d")
    assert ids.place("Patient", "patient", own_id="x" * 65).id != "x" * 65
    assert ids.place("Specimen", "specimen", own_id="tube-3").id == "tube-3"


def test_a_short_key_is_refused():
    with pytest.raises(ConfigurationError, match="8 bytes"):
        ResourceIds(b"8 bytes!", "s", "d")

"""Whatever is posted, the answer is a case or an error of ours: never a crash."""

import contextlib
import copy
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.case import CaseRequest, Subject
from service.errors import InvalidResource
from service.fhir.inbound import read_inbound
from tests.unit.fhir.test_fhir_inbound import (
    LOINC,
    OF_P1,
    PATIENT,
    RXNORM,
    SNV,
    concept,
    consent,
    genomic,
    genotype,
    part,
    posted,
    variant,
    vcf_like,
)

HGNC = "http://www.genenames.org"
RICH = orjson.loads(
    posted(
        {**PATIENT, "extension": [{"url": "http://example.org/us-core-birthsex", "valueCode": "M"}]},
        variant(
            genomic("NC_000010.11:g.94781859G>A"),
            *SNV,
            part("53034-5", valueCodeableConcept=concept(LOINC, "LA6705-3")),
            part("81258-6", valueQuantity={"value": 0.4}),
            subject=OF_P1,
            valueCodeableConcept=concept(LOINC, "LA9633-4"),
        ),
        genotype(
            "*1/*4",
            part("48018-6", valueCodeableConcept=concept(HGNC, "HGNC:2625", display="CYP2D6")),
            subject=OF_P1,
        ),
        {
            "resourceType": "MedicationRequest",
            "status": "active",
            "intent": "order",
            "subject": OF_P1,
            "contained": [{"resourceType": "Medication", "id": "m", "code": concept(RXNORM, "32968")}],
            "medicationReference": {"reference": "#m"},
            "dosageInstruction": [{"text": "75 mg daily", "route": {"text": "oral"}}],
        },
        {
            "resourceType": "Condition",
            "id": "c",
            "subject": OF_P1,
            "code": concept("http://human-phenotype-ontology.org", "HP:0001250"),
            "verificationStatus": concept("urn:example:status", "refuted"),
        },
        {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "subject": OF_P1,
            "reasonCode": [concept("http://www.genenames.org", "HGNC:1100", display="BRCA1")],
            "reasonReference": [{"reference": "Condition/c"}],
        },
        consent("permit"),
    )
)
JUNK = st.sampled_from(
    [None, 5, -1, 1.5, "x", "", [], {}, [None], [5], ["x"], [[]], [{}], True, {"x": 1}, {"coding": "x"},
     {"coding": [5]}, {"reference": 5}, {"reference": "#m"}, {"resourceType": "Bundle"}]
)  # fmt: skip


def _paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, member in members:
        yield from _paths(member, (*path, step))


@settings(max_examples=300, deadline=None)
@given(path=st.sampled_from(list(_paths(RICH))), junk=JUNK)
def test_any_element_may_be_junk(path, junk):
    document = copy.deepcopy(RICH)
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = junk
    with contextlib.suppress(InvalidResource):
        read_inbound(orjson.dumps(document)).completing(CaseRequest(Subject("p1")))


def test_the_rich_document_itself_is_fine():
    case = read_inbound(orjson.dumps(RICH))
    assert len(case.variants) == len(case.request.outside_calls) == len(case.request.options.medications) == 1


@given(content=st.binary(max_size=200))
def test_any_bytes_are_answered(content):
    with pytest.raises(InvalidResource):
        read_inbound(content)


def _nested(levels: int) -> bytes:
    opening = b'{"url":"http://example.org/x","extension":['
    innermost = b'{"url":"http://example.org/x","valueString":"x"}'
    extension = opening * levels + innermost + b"]}" * levels
    return b'{"resourceType":"Patient","id":"p1","extension":[' + extension + b"]}"


def test_a_little_nesting_is_fine():
    assert read_inbound(_nested(5)).request.subject.id == "p1"


@pytest.mark.parametrize("levels", [40, 400, 40_000])
def test_deep_nesting_is_refused(levels):
    with pytest.raises(InvalidResource, match=r"nested deeper|not JSON"):
        read_inbound(_nested(levels))


def test_bundles_inside_bundles_are_read_up_to_a_point():
    body = posted(PATIENT)
    for _ in range(3):
        body = posted(orjson.loads(body))
    assert read_inbound(body).request.subject.id == "p1"
    with pytest.raises(InvalidResource, match="Bundles inside Bundles"):
        read_inbound(posted(orjson.loads(body)))


@given(
    start=st.integers(0, 250_000_000),
    ref=st.text("ACGT", min_size=1, max_size=6),
    alt=st.text("ACGT", min_size=1, max_size=6),
)
def test_counting_from_zero_or_one_is_the_same_variant(start, ref, alt):
    end = start + len(ref)
    forms = (
        vcf_like(start, "LA30100-4", ref, alt, end),
        vcf_like(start, "LA30101-2", ref, alt, end - 1),
        vcf_like(start + 1, "LA30102-0", ref, alt, end),
    )
    texts = {read_inbound(posted(variant(*form))).variants[0].text for form in forms}
    assert texts == {f"NC_000010.11:{start}:{ref}:{alt}"}

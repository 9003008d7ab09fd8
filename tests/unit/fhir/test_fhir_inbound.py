"""What is posted becomes the parts of a Case, or an error that names the element."""

import copy
from typing import Any

import orjson
import pytest

from service.domain.assembly import Assembly
from service.domain.case import CaseRequest, Consent, InterpretOptions, Medication, Sex, Subject
from service.domain.pgx import OutsideCall
from service.domain.variant import Zygosity
from service.errors import InvalidResource
from service.fhir.bundle import bundle_bytes
from service.fhir.identity import ResourceIds
from service.fhir.inbound import read_inbound
from service.fhir.posted import read_resource
from tests.findings_builder import SHAPES

LOINC = "http://loinc.org"
HGVS = "http://varnomen.hgvs.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def concept(system: str, code: str, **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, **more}]}


def part(code: str, **value: Any) -> dict[str, Any]:
    return {"code": concept(LOINC, code), **value}


def observation(code: str, *component: dict[str, Any], **more: Any) -> dict[str, Any]:
    built = {"resourceType": "Observation", "status": "final", "code": concept(LOINC, code), **more}
    return {**built, "component": list(component)} if component else built


def variant(*component: dict[str, Any], **more: Any) -> dict[str, Any]:
    return observation("69548-6", *component, **more)


def genomic(name: str) -> dict[str, Any]:
    return part("81290-9", valueCodeableConcept=concept(HGVS, name))


def vcf_like(
    low: int,
    counting: str,
    ref: str | None,
    alt: str,
    high: int | None = None,
    sequence: str = "NC_000010.11",
) -> list[dict[str, Any]]:
    limits = {"low": {"value": low}} | ({"high": {"value": high}} if high is not None else {})
    parts = [
        part("48013-7", valueCodeableConcept=concept("http://www.ncbi.nlm.nih.gov/refseq", sequence)),
        part("92822-6", valueCodeableConcept=concept(LOINC, counting)),
        part("81254-5", valueRange=limits),
        part("69551-0", valueString=alt),
    ]
    return [*parts, part("69547-8", valueString=ref)] if ref is not None else parts


def posted(*resources: dict[str, Any], kind: str = "Bundle") -> bytes:
    if kind == "Parameters":
        given = [{"name": "resource", "resource": resource} for resource in resources]
        return orjson.dumps({"resourceType": "Parameters", "parameter": given})
    entries = [{"resource": resource} for resource in resources]
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


FIRST = "Bundle.entry[0].resource"
PATIENT = {"resourceType": "Patient", "id": "p1", "identifier": [{"value": "mrn-1"}]}
OF_P1 = {"reference": "Patient/p1"}


# ---- variants


@pytest.mark.parametrize("kind", ["Bundle", "Parameters"])
def test_a_genomic_name_with_its_allelic_state(kind):
    state = part("53034-5", valueCodeableConcept=concept(LOINC, "LA6705-3"))
    case = read_inbound(posted(variant(genomic("NC_000010.11:g.94781859G>A"), state), kind=kind))
    (found,) = case.variants
    assert found.text == "NC_000010.11:g.94781859G>A"
    assert found.zygosity is Zygosity.HOMOZYGOUS
    assert found.assembly is Assembly.GRCH38
    assert case.request.assembly is Assembly.GRCH38


def test_a_single_observation_is_enough():
    (found,) = read_inbound(orjson.dumps(variant(genomic("NC_000010.11:g.94781859G>A")))).variants
    assert found.path == "Observation"
    assert found.zygosity is Zygosity.UNKNOWN


@pytest.mark.parametrize(
    ("parts", "spdi"),
    [
        (vcf_like(94781858, "LA30100-4", "G", "A"), "NC_000010.11:94781858:G:A"),
        (vcf_like(94781858, "LA30100-4", "G", "A", 94781859), "NC_000010.11:94781858:G:A"),
        (vcf_like(94781858, "LA30101-2", "G", "A", 94781858), "NC_000010.11:94781858:G:A"),
        (vcf_like(94781859, "LA30102-0", "G", "A"), "NC_000010.11:94781858:G:A"),
        (vcf_like(94781859, "LA30102-0", "g", "a", 94781859), "NC_000010.11:94781858:G:A"),
        (vcf_like(43124027, "LA30102-0", "ACT", "A", 43124029), "NC_000010.11:43124026:ACT:A"),
        (vcf_like(100, "LA30100-4", "-", "T", 100), "NC_000010.11:100::T"),
        (vcf_like(100, "LA30100-4", None, "T"), "NC_000010.11:100::T"),
    ],
    ids=[
        "interval",
        "interval with end",
        "0-based character",
        "1-based",
        "1-based with end, lower case",
        "deletion",
        "insertion",
        "insertion without reference allele",
    ],
)
def test_every_way_of_counting_gives_the_same_interbase_position(parts, spdi):
    (found,) = read_inbound(posted(variant(*parts))).variants
    assert found.text == spdi


def test_all_names_of_one_observation_are_kept_for_comparison():
    coding = part("48004-6", valueCodeableConcept=concept(HGVS, "NM_000769.4:c.681G>A"))
    everything = variant(
        coding, genomic("NC_000010.11:g.94781859G>A"), *vcf_like(94781858, "LA30100-4", "G", "A")
    )
    (found,) = read_inbound(posted(everything)).variants
    assert found.text == "NC_000010.11:g.94781859G>A"
    assert found.also == ("NC_000010.11:94781858:G:A", "NM_000769.4:c.681G>A")


def test_a_coding_name_alone_leaves_the_assembly_open():
    case = read_inbound(
        posted(variant(part("48004-6", valueCodeableConcept=concept(HGVS, "NM_000769.4:c.681G>A"))))
    )
    assert case.variants[0].assembly is None
    assert case.request.assembly is None


def test_absent_and_not_called_are_counted_and_not_carried():
    said = [
        variant(genomic("NC_000010.11:g.94781859G>A"), valueCodeableConcept=concept(LOINC, code))
        for code in ("LA9634-2", "LA9634-2", "LA18198-4", "LA11884-6")
    ]
    case = read_inbound(posted(variant(genomic("NC_000010.11:g.94780653G>A")), *said))
    assert len(case.variants) == 1
    assert [issue.text for issue in case.issues] == [
        "Variant Observations that say absent: 2; not carried.",
        "Variant Observations that say indeterminate: 1; not carried.",
        "Variant Observations that say no call: 1; not carried.",
    ]


@pytest.mark.parametrize(
    ("code", "word"), [("LA9634-2", "absent"), ("LA18198-4", "no call"), ("LA11884-6", "indeterminate")]
)
def test_a_variant_said_to_be_present_and_not_is_a_conflict(code, word):
    name = genomic("NC_000010.11:g.94781859G>A")
    there = variant(name, valueCodeableConcept=concept(LOINC, "LA9633-4"))
    not_there = variant(name, valueCodeableConcept=concept(LOINC, code))
    case = read_inbound(posted(there, not_there))
    assert len(case.variants) == 1
    assert [(i.code, i.where) for i in case.issues if f"said to be {word}, and" in i.text] == [
        ("conflict", "Bundle.entry[1].resource")
    ]


def test_what_was_entered_in_error_is_not_read():
    wrong = variant(genomic("NC_000010.11:g.94781859G>A"), status="entered-in-error")
    assert read_inbound(posted(wrong)).variants == ()


def test_an_impossible_name_can_be_blamed_on_its_element():
    (found,) = read_inbound(posted(PATIENT, variant(genomic("NC_000010.11:g.99999999999G>A")))).variants
    error = found.impossible("the position is beyond the chromosome")
    assert error.where == "Bundle.entry[1].resource"
    assert error.http_status == 400


SNV = vcf_like(94781858, "LA30100-4", "G", "A")


@pytest.mark.parametrize(
    ("component", "message", "where"),
    [
        ([], "expected genomic HGVS", "component"),
        (
            [part("48005-3", valueCodeableConcept=concept(HGVS, "NP_000760.1:p.(Pro227=)"))],
            "protein change alone",
            "component",
        ),
        ([part("81302-2", valueRange={"low": {"value": 5}})], "structural", "component"),
        (
            [part("81290-9", valueCodeableConcept={"text": "a change"})],
            "expected HGVS as code",
            "component[0]",
        ),
        (SNV[1:], "genomic reference sequence", "component"),
        ([SNV[0], *SNV[2:]], "the coordinate system", "component"),
        (SNV[:3], "the alternate allele", "component"),
        (vcf_like(1, "LA30103-8", "G", "A"), "LL5323-2", "component[1]"),
        (vcf_like(0, "LA30102-0", "G", "A"), "before the sequence", "component[2].valueRange"),
        (vcf_like(94781858, "LA30100-4", "G", "A", 94781858), "do not span", "component[2].valueRange"),
        (vcf_like(94781858, "LA30100-4", "G", "<DEL>"), "made of A, C, G, T and N", "component[3]"),
        (vcf_like(5, "LA30100-4", "G", "A", sequence="chr10"), "RefSeq accession", "component[0]"),
        ([*SNV, part("62374-4", valueCodeableConcept=concept(LOINC, "LA14029-5"))], "GRCh37", "component"),
        (
            [*SNV, part("62374-4", valueCodeableConcept=concept(LOINC, "LA14030-3"))],
            "GRCh37 or GRCh38",
            "component[5]",
        ),
        ([*SNV, part("53034-5", valueCodeableConcept=concept(LOINC, "LA1-1"))], "LL381-5", "component[5]"),
        ([*SNV, part("81258-6", valueQuantity={"value": 48})], "from 0 to 1", "component[5]"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_definition_that_is_not_one_is_refused_at_its_element(component, message, where):
    with pytest.raises(InvalidResource, match=message) as caught:
        read_inbound(posted(variant(*component)))
    assert caught.value.where == f"Bundle.entry[0].resource.{where}"


def test_a_significance_as_value_is_refused():
    said = variant(*SNV, valueCodeableConcept=concept(LOINC, "LA6668-3"))
    with pytest.raises(InvalidResource, match="LL1971-2"):
        read_inbound(posted(said))


UNKNOWN_MODIFIER = [{"url": "http://example.org/negated", "valueBoolean": True}]


@pytest.mark.parametrize(
    ("resource", "where"),
    [
        (variant(*SNV, modifierExtension=UNKNOWN_MODIFIER), ".modifierExtension"),
        (
            variant({**genomic("NC_000010.11:g.94781859G>A"), "modifierExtension": UNKNOWN_MODIFIER}),
            ".component[0].modifierExtension",
        ),
        (variant(*SNV, implicitRules="http://example.org/rules"), ".implicitRules"),
        ({"resourceType": "Patient", "modifierExtension": UNKNOWN_MODIFIER}, ".modifierExtension"),
    ],
    ids=["observation", "component", "rules", "patient"],
)
def test_what_an_unknown_modifier_may_reverse_is_refused(resource, where):
    with pytest.raises(InvalidResource, match="not known here") as caught:
        read_inbound(posted(resource))
    assert caught.value.where == FIRST + where


def test_a_modifier_of_what_is_not_read_is_no_obstacle():
    encounter = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "AMB"},
        "modifierExtension": UNKNOWN_MODIFIER,
    }
    assert len(read_inbound(posted(encounter, variant(*SNV))).variants) == 1


# ---- FHIR itself


@pytest.mark.parametrize(
    ("body", "message", "where"),
    [
        (b"##fileformat=VCFv4.2\n", "not JSON", None),
        (b'{"resourceType": "Bundle"', "not JSON", None),
        (b"[]", "resourceType", None),
        (b'{"a": 1}', "resourceType", None),
        (b'{"resourceType": "Genome"}', "not a resource type", "Genome"),
        (b'{"resourceType": "Observation", "code": {"text": "x"}}', "required", "Observation.status"),
        (b'{"resourceType": "HumanName", "family": "Example"}', "a data type", "HumanName"),
        (
            posted(variant({"code": {"text": "y"}, "valueNothing": 1})),
            "does not exist",
            f"{FIRST}.component[0].valueNothing",
        ),
        (b'{"resourceType":"Bundle","type":"collection","entry":{}}', "list of objects", "Bundle.entry"),
        (b'{"resourceType":"Bundle","type":"collection","entry":[{"resource":7}]}', "resourceType", FIRST),
        (b'{"resourceType":"Patient","name":[{"family":null}]}', "null", "Patient.name[0].family"),
        (b'{"resourceType":"Parameters","parameter":[{"name":"a"}]}', "primitive", "Parameters.parameter[0]"),
        (
            b'{"resourceType":"Patient","contained":[{"resourceType":"Nonsense","id":"x"}]}',
            "not a valid resource",
            "Patient",
        ),
        (
            b'{"resourceType":"Patient","birthDate":"Ada Example"}',
            "not valid in FHIR R4",
            "Patient.birthDate",
        ),
    ],
)
def test_what_is_not_fhir_is_refused_with_its_path_and_without_its_content(body, message, where):
    with pytest.raises(InvalidResource, match=message) as caught:
        read_inbound(body)
    assert caught.value.where == where
    assert "Ada" not in str(caught.value)


def test_a_file_must_hold_the_resource_that_was_asked_for():
    assert read_resource(PATIENT, "Patient") == PATIENT
    with pytest.raises(InvalidResource, match="expected a FHIR Specimen"):
        read_resource(PATIENT, "Specimen", where="--specimen")
    with pytest.raises(InvalidResource, match="expected a FHIR Patient"):
        read_resource([PATIENT], "Patient")


def test_primitive_parameters_are_handed_on():
    body = orjson.dumps(
        {
            "resourceType": "Parameters",
            "parameter": [
                {"name": "consent-secondary", "valueCode": "no"},
                {"name": "carriers", "valueBoolean": True},
                {"name": "variant", "resource": variant(*SNV)},
            ],
        }
    )
    assert read_inbound(body).parameters == (("consent-secondary", "no"), ("carriers", "true"))


# ---- genotypes


PHARMVAR, CLINVAR = "http://www.pharmvar.org", "http://www.ncbi.nlm.nih.gov/clinvar"


def genotype(text: str, *component: dict[str, Any], **more: Any) -> dict[str, Any]:
    return observation("84413-4", *component, **{"valueCodeableConcept": {"text": text}, **more})


@pytest.mark.parametrize(
    ("value", "gene", "diplotype"),
    [
        ({"text": "CYP2D6 *1/*4"}, "CYP2D6", "*1/*4"),
        ({"coding": [{"system": "http://www.pharmvar.org", "code": "CYP2C19_*1/*2"}]}, "CYP2C19", "*1/*2"),
        ({"coding": [{"code": "x", "display": "CYP2C9 *2/*5"}]}, "CYP2C9", "*2/*5"),
        (
            {
                "coding": [
                    {"system": "http://glstring.org", "code": "hla#3.31.0#HLA-A*03:01:01:01+HLA-A*30:01:01"}
                ]
            },
            "HLA-A",
            "*03:01:01:01/*30:01:01",
        ),
        ({"text": "MT-RNR1 1555A>G"}, "MT-RNR1", "1555A>G"),
        # As the guide's own examples write them: no blank, blanks around the stroke, a number of ClinVar's.
        ({"text": "CYP2C9*1/*1"}, "CYP2C9", "*1/*1"),
        ({"text": "CYP2D6*7.001 / CYP2D6*1.001"}, "CYP2D6", "*7.001 / CYP2D6*1.001"),
        (
            {"coding": [{"system": CLINVAR, "code": "638797", "display": "CYP2C19*2/*2"}]},
            "CYP2C19",
            "*2/*2",
        ),
        ({"coding": [{"system": CLINVAR, "code": "14909", "display": "HLA-B*15:02"}]}, "HLA-B", "*15:02"),
        # Each allele of the pair by a code of its own.
        (
            {"coding": [{"system": PHARMVAR, "code": f"CYP2D6{allele}"} for allele in ("*1", "*4")]},
            "CYP2D6",
            "*1/*4",
        ),
        # One allele under two systems' names is not two alleles.
        (
            {"coding": [{"system": PHARMVAR, "code": "CYP2D6*4"}, {"system": CLINVAR, "code": "CYP2D6*4A"}]},
            "CYP2D6",
            "*4",
        ),
    ],
)
def test_a_genotype_is_an_outside_call(value, gene, diplotype):
    case = read_inbound(posted(observation("84413-4", valueCodeableConcept=value)))
    assert case.request.outside_calls == (OutsideCall(gene, diplotype, None, None),)


def test_the_gene_may_stand_in_its_component():
    studied = part(
        "48018-6", valueCodeableConcept=concept("http://www.genenames.org", "HGNC:2625", display="CYP2D6")
    )
    case = read_inbound(posted(genotype("*1/*4", studied)))
    assert case.request.outside_calls == (OutsideCall("CYP2D6", "*1/*4", None, None),)


def test_phenotype_and_score_come_from_the_implication_of_this_genotype_alone():
    case = read_inbound(bundle_of("outside_cyp2d6_with_co_medication"))
    # Not the poor metabolizer that is expected while paroxetine is taken.
    assert case.request.outside_calls == (OutsideCall("CYP2D6", "*1/*4", "Intermediate Metabolizer", "1.0"),)


def test_a_genotype_without_a_gene_is_refused():
    with pytest.raises(InvalidResource, match="GENE") as caught:
        read_inbound(posted(genotype("*1/*4")))
    assert caught.value.where == "Bundle.entry[0].resource.value"


@pytest.mark.parametrize("shape", ["not_called_and_assumed", "ambiguous_diplotypes", "dpyd_haplotype_list"])
def test_what_is_not_one_pair_of_alleles_is_no_call(shape):
    case = read_inbound(bundle_of(shape))
    assert case.request.outside_calls == ()
    assert case.issues


def bundle_of(shape: str, base_url: str | None = None) -> bytes:
    findings = SHAPES[shape]()
    ids = ResourceIds(b"sixteen bytes key", findings.subject, findings.input_digest, base_url=base_url)
    return bundle_bytes(findings, ids)


@pytest.mark.parametrize("base_url", [None, "https://genome.example/fhir"])
@pytest.mark.parametrize("shape", SHAPES)
def test_our_own_bundles_can_be_posted_back(shape, base_url):
    findings = SHAPES[shape]()
    case = read_inbound(bundle_of(shape, base_url))
    assert [variant.zygosity for variant in case.variants] == [f.call.zygosity for f in findings.variants]
    assert [variant.text for variant in case.variants] == [f.description.hgvs_g for f in findings.variants]
    taken = {(m.rxnorm, m.atc) for m in case.request.options.medications}
    assert taken == {(m.rxnorm, m.atc) for m in findings.scope.medications}


# ---- context


def test_medicines_are_read_from_statements_and_orders():
    ordered = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": OF_P1,
        "authoredOn": "2026-11-01",
        "contained": [
            {"resourceType": "Medication", "id": "m", "code": concept(RXNORM, "32968", display="clopidogrel")}
        ],
        "medicationReference": {"reference": "#m"},
        "dosageInstruction": [{"text": "75 mg daily", "route": {"text": "oral"}}],
    }
    stated = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "subject": OF_P1,
        "medicationCodeableConcept": concept("http://www.whocc.no/atc", "N06AB05"),
        "effectivePeriod": {"start": "2026-01-01", "end": "2026-12-31"},
    }
    case = read_inbound(posted(PATIENT, ordered, stated))
    # Statements first, as people take them; then orders.
    assert case.request.options.medications == (
        Medication(atc="N06AB05", start="2026-01-01", end="2026-12-31"),
        Medication("32968", None, "clopidogrel", "75 mg daily", "oral", "2026-11-01"),
    )


@pytest.mark.parametrize(
    ("change", "issues"),
    [
        ({"status": "not-taken"}, 0),
        ({"status": "entered-in-error"}, 0),
        ({"status": "completed"}, 1),
        ({"medicationCodeableConcept": concept("http://snomed.info/sct", "108979001")}, 1),
    ],
)
def test_a_medicine_that_cannot_be_used_is_said_or_left(change, issues):
    stated = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "subject": OF_P1,
        "medicationCodeableConcept": concept(RXNORM, "32968"),
    } | change
    case = read_inbound(posted(PATIENT, stated))
    assert case.request.options.medications == ()
    assert len(case.issues) == issues


@pytest.mark.parametrize(
    "named",
    [
        {"text": "Clopidogrel 75 mg"},
        concept("http://snomed.info/sct", "108979001", display="Clopidogrel 75 mg"),
    ],
)
def test_a_medicine_without_a_code_is_looked_up_by_its_name_and_said(named):
    stated = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "subject": OF_P1,
        "medicationCodeableConcept": named,
    }
    case = read_inbound(posted(PATIENT, stated))
    assert case.request.options.medications == (Medication(name="Clopidogrel 75 mg"),)
    (issue,) = case.issues
    assert "by its name alone" in issue.text
    assert "Clopidogrel" not in issue.text


def test_phenotypes_are_observed_or_excluded():
    hpo = "http://human-phenotype-ontology.org"

    def condition(code: str, status: str) -> dict[str, Any]:
        return {
            "resourceType": "Condition",
            "subject": OF_P1,
            "code": concept(hpo, code),
            "verificationStatus": concept(
                "http://terminology.hl7.org/CodeSystem/condition-ver-status", status
            ),
        }

    def seen(code: str, **more: Any) -> dict[str, Any]:
        return {"resourceType": "Observation", "status": "final", "code": concept(hpo, code), **more}

    case = read_inbound(
        posted(
            PATIENT,
            condition("HP:0001250", "confirmed"),
            condition("HP:0001263", "refuted"),
            condition("HP:0000001", "entered-in-error"),
            seen("HP:0003002", valueBoolean=True),
            seen("HP:0000365", valueBoolean=False),
            seen("HP:0000407", dataAbsentReason={"text": "not examined"}),
            seen("HP:0000508", valueCodeableConcept=concept("http://snomed.info/sct", "2667000")),
        )
    )
    assert case.request.options.phenotypes == ("HP:0001250", "HP:0003002")
    assert case.request.options.excluded_phenotypes == ("HP:0001263", "HP:0000365", "HP:0000508")


def test_of_two_orders_neither_is_the_question():
    order = {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": OF_P1}
    with pytest.raises(InvalidResource, match="expected one ServiceRequest"):
        read_inbound(posted(PATIENT, order, order))


@pytest.mark.parametrize("words", ["heterozygous", "Heterozygous"])
def test_an_allelic_state_in_words_alone_is_read(words: str):
    state = part("53034-5", valueCodeableConcept={"text": words})
    (read,) = read_inbound(posted(PATIENT, variant(genomic("NC_000010.11:g.94781859G>A"), state))).variants
    assert read.zygosity is Zygosity.HETEROZYGOUS


def test_a_reason_that_is_no_condition_names_no_indication():
    """An Observation may carry a disease's code without being the reason why the test was ordered."""
    seen = {**observation("8716-3", id="o"), "code": concept("urn:mondo", "MONDO:0009861")}
    order = {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "subject": OF_P1,
        "reasonReference": [{"reference": "Observation/o"}, {"reference": "Condition/elsewhere"}],
    }
    assert read_inbound(posted(PATIENT, order, seen)).request.options.indication == ()


def test_the_order_names_the_indication():
    condition = {
        "resourceType": "Condition", "id": "c", "subject": OF_P1,
        "code": concept("http://purl.obolibrary.org/obo/mondo.owl", "MONDO:0009861"),
    }  # fmt: skip
    order = {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "subject": OF_P1,
        "reasonCode": [concept("http://www.genenames.org", "HGNC:1100", display="BRCA1")],
        "reasonReference": [{"reference": "Condition/c"}],
    }
    case = read_inbound(posted(PATIENT, order, condition))
    assert case.request.options.indication == ("BRCA1", "MONDO:0009861")
    assert case.request.subject.service_request == order


def consent(kind: str, status: str = "active", code: str = "secondary-findings") -> dict[str, Any]:
    return {
        "resourceType": "Consent",
        "status": status,
        "scope": concept("http://terminology.hl7.org/CodeSystem/consentscope", "treatment"),
        "category": [concept(LOINC, "59284-0")],
        "patient": OF_P1,
        "policy": [{"uri": "urn:example:policy"}],
        "provision": {"type": kind, "code": [concept("urn:genomeward:consent", code)]},
    }


@pytest.mark.parametrize(
    ("consents", "state"),
    [
        ([], Consent.UNKNOWN),
        ([consent("permit")], Consent.YES),
        ([consent("deny")], Consent.NO),
        ([consent("permit"), consent("deny")], Consent.NO),
        ([consent("permit", status="inactive")], Consent.UNKNOWN),
        ([consent("permit", code="research-use")], Consent.UNKNOWN),
    ],
)
def test_consent_to_secondary_findings(consents, state):
    assert read_inbound(posted(PATIENT, *consents)).request.options.consent_secondary is state


def test_administrative_gender_is_not_sex_for_ploidy():
    assert read_inbound(posted({**PATIENT, "gender": "male"})).request.options.sex is Sex.UNKNOWN
    birth_sex = {
        "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex",
        "valueCode": "M",
    }
    assert read_inbound(posted({**PATIENT, "extension": [birth_sex]})).request.options.sex is Sex.MALE


# ---- one person


def test_the_subject_is_the_patient():
    case = read_inbound(posted(PATIENT, variant(*SNV, subject=OF_P1)))
    assert case.request.subject.id == "p1"
    assert case.request.subject.patient == PATIENT


def test_the_subject_may_be_a_reference_alone():
    case = read_inbound(posted(variant(*SNV, subject={"reference": "https://ehr.example/fhir/Patient/77"})))
    assert case.request.subject.id == "77"


def test_resources_about_someone_else_are_refused():
    with pytest.raises(InvalidResource, match="another Patient") as caught:
        read_inbound(posted(PATIENT, variant(*SNV, subject={"reference": "Patient/p2"})))
    assert caught.value.where == "Bundle.entry[1].resource"
    with pytest.raises(InvalidResource, match="different Patients"):
        read_inbound(posted(*(variant(*SNV, subject={"reference": f"Patient/{n}"}) for n in (1, 2))))
    with pytest.raises(InvalidResource, match="one Patient"):
        read_inbound(posted(PATIENT, {**PATIENT, "id": "p2"}))


def known_as(value: str) -> dict[str, Any]:
    return {"identifier": {"system": "urn:example:mrn", "value": value}}


def test_the_subject_may_be_an_identifier_alone():
    case = read_inbound(posted(variant(*SNV, subject=known_as("mrn-1"))))
    assert case.request.subject.id == "mrn-1"
    patient = {"resourceType": "Patient", "id": "p-1", "identifier": [known_as("mrn-1")["identifier"]]}
    assert read_inbound(posted(patient, variant(*SNV, subject=known_as("mrn-1")))).request.subject.id == "p-1"


@pytest.mark.parametrize(
    "resources",
    [
        [variant(*SNV, subject=known_as("mrn-1")), variant(*SNV, subject=known_as("mrn-2"))],
        [
            {"resourceType": "Patient", "identifier": [known_as("mrn-1")["identifier"]]},
            variant(*SNV, subject=known_as("mrn-2")),
        ],
        [{"resourceType": "Patient", "id": "p-1"}, variant(*SNV, subject=known_as("mrn-2"))],
    ],
    ids=["two-identifiers", "another-identifier", "no-identifier"],
)
def test_identifiers_of_two_people_are_refused(resources):
    with pytest.raises(InvalidResource, match=r"another Patient|different Patients"):
        read_inbound(posted(*resources))


def test_the_patient_may_be_found_by_full_url():
    urn = "urn:uuid:05713d1c-0df5-46d5-a5a9-2085eef56c20"
    body = orjson.loads(posted(PATIENT, variant(*SNV, subject={"reference": urn})))
    body["entry"][0]["fullUrl"] = urn
    assert read_inbound(orjson.dumps(body)).request.subject.id == "p1"


# ---- joining with the request


def asked(subject: str = "", **options: Any) -> CaseRequest:
    return CaseRequest(Subject(subject), options=InterpretOptions(**options))


def test_the_request_is_completed():
    stated = {
        "resourceType": "MedicationStatement", "status": "active", "subject": OF_P1,
        "medicationCodeableConcept": concept(RXNORM, "32968"),
    }  # fmt: skip
    case = read_inbound(posted(PATIENT, variant(*SNV, subject=OF_P1), stated, genotype("CYP2D6 *1/*4")))
    joined = case.completing(asked(medications=(Medication("32937"),), indication=("BRCA1",), sex=Sex.FEMALE))
    assert joined.subject.id == "p1"
    assert joined.subject.patient == PATIENT
    assert [m.rxnorm for m in joined.options.medications] == ["32937", "32968"]
    assert joined.options.indication == ("BRCA1",)
    assert joined.options.sex is Sex.FEMALE
    assert joined.assembly is Assembly.GRCH38
    assert joined.outside_calls == (OutsideCall("CYP2D6", "*1/*4", None, None),)


@pytest.mark.parametrize("subject", ["p1", "Patient/p1", "mrn-1", ""])
def test_the_subject_may_be_stated_again(subject):
    assert read_inbound(posted(PATIENT)).completing(asked(subject)).subject.id == (subject or "p1")


def test_a_request_that_contradicts_the_resources_is_refused():
    case = read_inbound(posted(PATIENT, variant(*SNV)))
    with pytest.raises(InvalidResource, match="another subject"):
        case.completing(asked("p2"))
    with pytest.raises(InvalidResource, match="different assembly"):
        case.completing(CaseRequest(Subject("p1"), assembly=Assembly.GRCH37))


@pytest.mark.parametrize(
    ("stated", "kind", "holds"),
    [
        (Consent.YES, "deny", Consent.NO),
        (Consent.NO, "permit", Consent.NO),
        (Consent.UNKNOWN, "permit", Consent.YES),
        (Consent.YES, None, Consent.YES),
        (Consent.UNKNOWN, None, Consent.UNKNOWN),
    ],
)
def test_the_stricter_consent_holds(stated, kind, holds):
    case = read_inbound(posted(PATIENT, *([consent(kind)] if kind else [])))
    assert case.completing(asked(consent_secondary=stated)).options.consent_secondary is holds


def test_the_digest_is_of_the_bytes():
    body = posted(PATIENT)
    assert read_inbound(body).digest == read_inbound(copy.copy(body)).digest
    assert read_inbound(body).digest != read_inbound(body + b"\n").digest

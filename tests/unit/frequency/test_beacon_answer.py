"""Malformed answers that real nodes serve, read without being misled."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from service.domain.assembly import Assembly
from service.domain.frequency import Outcome
from service.domain.frequency_sources import Dialect, NodeEntry
from service.domain.variant import Variant
from service.errors import SourceUnavailable
from service.frequency.beacon_answer import read_variant
from service.frequency.beacon_document import parse_document
from service.frequency.populations import Unreadable, choose_cohort, number, read_row
from service.frequency.reading import Reading

SNV = Variant(Assembly.GRCH38, "10", 94781858, "G", "A")
NODE = NodeEntry("fi", "FI", "http://fi")


def record(*rows: dict[str, Any], key: str = "frequencies", **changes: Any) -> dict[str, Any]:
    variation = {
        "location": {"interval": {"start": {"value": 94781858}, "end": {"value": 94781859}}},
        "referenceBases": "G",
        "alternateBases": "A",
        **changes.pop("variation", {}),
    }
    study = {"source": "The Genome of Europe", key: list(rows), **changes.pop("study", {})}
    return {"variantInternalId": "v", "variation": variation, "frequencyInPopulations": [study], **changes}


def row(ac: object = 43, an: object = 198, population: str = "FI", **more: Any) -> dict[str, Any]:
    return {"population": population, "alleleCount": ac, "alleleNumber": an, **more}


def read(*records: dict[str, Any], dialect: Dialect | None = None, **summary: Any) -> Reading:
    document = {
        "meta": summary.pop("meta", {}),
        "responseSummary": {"exists": bool(records), **summary},
        "response": {"resultSets": [{"id": "d", "results": list(records)}]},
    }
    return read_variant(parse_document(orjson.dumps(document)), SNV, NODE, dialect or Dialect())


def counts(reading: Reading) -> tuple[int, int] | None:
    found = reading.frequency
    return (found.allele_count, found.allele_number) if found else None


def test_counts_are_read_however_they_are_written() -> None:
    for ac, an in ((43, 198), (43.0, 198.0), ([43], [198]), ("43", "198"), ([43, 43], 198)):
        assert counts(read(record(row(ac, an)))) == (43, 198)
    assert counts(read(record(row(), key="populations"))) == (43, 198)


@pytest.mark.parametrize(
    "bad", [row(43.5), row([43, 5]), row(-1), row(200, 198), row("many"), row({}), row(True)]
)
def test_numbers_that_cannot_be_true_fail_and_are_never_absence(bad: dict[str, Any]) -> None:
    assert read(record(bad)).outcome is Outcome.FAILED


def test_the_stated_frequency_is_never_used_where_there_are_counts() -> None:
    reading = read(record(row(293, 72856, alleleFrequency=1)))
    assert counts(reading) == (293, 72856)
    assert "contradicts" in reading.reasons[0]


def test_a_bare_frequency_is_shown_and_has_no_counts() -> None:
    reading = read(record({"population": "FI", "alleleFrequency": 0.2}))
    assert (reading.outcome, reading.reported, reading.frequency) == (Outcome.OBSERVED, 0.2, None)
    zero = read(record({"population": "FI", "alleleFrequency": 0}))
    assert zero.outcome is Outcome.NOT_LISTED


def test_absence_needs_a_stated_allele_number() -> None:
    assert read(record(row(0))).outcome is Outcome.CALLED_ABSENT
    assert read(record(row(0, 0))).outcome is Outcome.NOT_COVERED
    assert read(record(row(0, None))).outcome is not Outcome.CALLED_ABSENT
    assert read().outcome is Outcome.NOT_LISTED


def test_rows_that_a_node_spreads_over_studies_are_one_cohort() -> None:
    """One study a population, of one source: women alone are not the cohort."""
    women = {"source": "The Genome of Europe", "frequencies": [row(22, 122, "FI_F")]}
    men = {"source": "The Genome of Europe", "frequencies": [row(21, 76, "FI_M")]}
    whole = {"source": "The Genome of Europe", "frequencies": [row(43, 198)]}
    for studies in ([women, men], [men, women], [men, whole, women], [women, men, whole]):
        found = read(record(frequencyInPopulations=studies))
        assert counts(found) == (43, 198)
        assert {group.group for group in found.groups} == {"XX", "XY"}
    other = {**men, "source": "Another project"}
    assert read(record(frequencyInPopulations=[women, other])).reasons[0].startswith("only the women")
    again = {**whole, "frequencies": [row(40, 190)]}  # of one label, twice: studies of their own
    assert counts(read(record(frequencyInPopulations=[whole, again]))) == (43, 198)


def test_a_person_is_counted_once() -> None:
    women, men = row(22, 122, "FI_F"), row(21, 76, "FI_M")
    assert counts(read(record(women, men))) == (43, 198)
    assert counts(read(record(women, row(), men))) == (43, 198)
    only = read(record(men))
    assert counts(only) == (21, 76)
    assert "only the men" in only.reasons[0]


def test_another_countrys_row_is_not_the_nodes_cohort() -> None:
    assert read(record(row(7102, 54233, "FR_M"))).outcome is Outcome.FAILED
    assert read(record(row(1, 10, "afr"), row(2, 20, "eas"))).outcome is Outcome.FAILED
    assert counts(read(record(row(), row(9, 10, "FR")))) == (43, 198)
    assert counts(read(record(row(population="COVID_pop11_fin_1")))) == (43, 198)


def test_rows_that_contradict_each_other_fail() -> None:
    assert read(record(row(), row(44))).outcome is Outcome.FAILED
    assert read(record(row()), record(row(44))).outcome is Outcome.FAILED
    assert counts(read(record(row()), record(row()))) == (43, 198)


def test_homozygotes_are_people_or_unknown() -> None:
    def homozygotes(hom: int, het: int) -> int | None:
        found = read(record(row(12, 40, alleleCountHomozygous=hom, alleleCountHeterozygous=het))).frequency
        assert found is not None
        return found.homozygotes

    assert homozygotes(2, 8) == 2  # people
    assert homozygotes(4, 8) == 2  # alleles
    assert homozygotes(12, 6) is None


def test_counts_that_a_node_attributes_to_gnomad_are_marked() -> None:
    assert read(record(row(), study={"source": "The Genome Aggregation Database (gnomAD)"})).external


def test_withheld_counts_are_neither_absent_nor_zero() -> None:
    assert read(record(row("<5"))).outcome is Outcome.SUPPRESSED
    assert read(record(row(43, countPrecision="rounded"))).outcome is Outcome.SUPPRESSED
    hidden = record(info={"countPrecision": "imprecise", "suppressedBelow": 5, "alleleNumber": 198})
    found = read({**hidden, "frequencyInPopulations": []})
    assert (found.outcome, found.suppressed_below) == (Outcome.SUPPRESSED, 5)
    assert read(countPrecision="imprecise").outcome is Outcome.SUPPRESSED
    declared = read(record(row()), countPrecision="rounded")
    assert (declared.outcome, declared.frequency, declared.groups) == (Outcome.SUPPRESSED, None, ())
    assert declared.reasons[-1] == "the node declares its counts imprecise: it states 43 of 198"


def test_only_the_variant_asked_for_is_a_hit() -> None:
    other_allele = record(row(), variation={"alternateBases": "T"})
    assert read(other_allele).outcome is Outcome.NOT_LISTED
    elsewhere = {"location": {"interval": {"start": {"value": 5}, "end": {"value": 6}}}}
    assert read(record(row(), variation=elsewhere)).outcome is Outcome.FAILED
    assert read(exists=True, numTotalResults=22_246_418).outcome is Outcome.FAILED
    hgvs = {"genomicHGVSId": "NC_000010.11:g.94781859G>A"}
    shifted = {"location": {"interval": {"start": {"value": 94781859}, "end": {"value": 94781860}}}}
    assert read(record(row(), variation=shifted, identifiers=hgvs)).outcome is Outcome.FAILED
    wrong = {"genomicHGVSId": "NC_000010.10:g.94781859G>A"}
    assert read(record(row(), identifiers=wrong)).outcome is Outcome.FAILED


def test_a_request_that_was_not_read_is_no_miss() -> None:
    ignored = {"receivedRequestSummary": {"requestParameters": {}}}
    assert read(meta=ignored).outcome is Outcome.FAILED


def test_a_boolean_node_is_believed_only_when_it_is_known_to_be_one() -> None:
    meta = {"returnedGranularity": "boolean"}
    document = {"meta": meta, "responseSummary": {"exists": True}}
    parsed = parse_document(orjson.dumps(document))
    assert read_variant(parsed, SNV, NODE, Dialect()).outcome is Outcome.FAILED
    known = read_variant(parsed, SNV, NODE, Dialect(granularity="boolean"))
    assert (known.outcome, known.frequency) == (Outcome.OBSERVED, None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b'{"meta":{},"responseSummary":{"exists":fal',
        b"3",
        b'"text"',
        b"null",
        b"{}",
        b'{"error":{"errorCode":400}}',
        b'{"responseSummary":{"exists":false},"error":{"errorCode":500}}',
        b'{"response":{"resultSets":[{"info":{"error":{"errorCode":401}},"exists":false}]}}',
        b'{"responseSummary":{"exists":true},"response":{"resultSets":[3]}}',
        b'{"detail":"not found"}',
    ],
)
def test_what_is_no_answer_is_unavailable(body: bytes) -> None:
    with pytest.raises(SourceUnavailable):
        parse_document(body)


def test_every_kind_of_nonsense_is_survived() -> None:
    nonsense: list[Any] = [None, 3, "x", [], {}, [None], {"start": None}, {"value": []}, [[1]]]
    for value in nonsense:
        for change in (
            {"variation": {"location": value}},
            {"identifiers": value},
            {"frequencyInPopulations": value},
            {"info": value, "frequencyInPopulations": []},
        ):
            assert read({**record(row()), **change}).outcome is not Outcome.CALLED_ABSENT
        assert read(record(row(value, value))).outcome is not Outcome.CALLED_ABSENT


def test_rows_without_numbers_are_refused_by_name() -> None:
    with pytest.raises(Unreadable):
        number({"a": 1})
    assert choose_cohort([read_row(row(population="somewhere"))], "FI", "somewhere") is not None


EXAMPLES: dict[str, list[tuple[str, int, int, str, str, str, tuple[int, int] | None]]] = {
    "01": [("FR", 38, 87202, "11", "G", "T", (7102, 54233)), ("FI", 38, 87202, "11", "G", "T", None)],
    "02": [("FI", 37, 9411383, "21", "C", "T", (293, 72856)), ("FI", 38, 9411383, "21", "C", "T", None)],
    "03": [("FI", 37, 7232463, "21", "A", "AC", (14, 40)), ("FI", 37, 7232463, "21", "A", "AAAC", (1, 40))],
    "04": [("FI", 38, 16050114, "22", "G", "A", (32, 5008)), ("FI", 37, 16050114, "22", "G", "A", None)],
    "05": [("FI", 38, 16050114, "22", "G", "A", (32, 5008))],
    "06": [("FI", 38, 55039979, "1", "G", "A", None)],
    "08": [("FI", 38, 94781858, "10", "G", "A", (21, 76))],
    "09": [("FI", 38, 94781858, "10", "G", "A", None)],
    "11": [("FI", 38, 94781858, "10", "G", "A", None)],
}


@pytest.mark.shared
def test_the_eleven_real_answers(shared: Path) -> None:
    paths = sorted((shared / "data/frequency/beacon-examples").glob("*.json"))
    assert len(paths) == 11
    for path in paths:
        body = orjson.dumps(json.loads(path.read_text())["document"])
        number_ = path.name[:2]
        if number_ not in EXAMPLES:
            with pytest.raises(SourceUnavailable):
                parse_document(body)
            continue
        for country, build, start, chrom, ref, alt, expected in EXAMPLES[number_]:
            assembly = Assembly(f"GRCh{build}")
            variant = Variant(assembly, chrom, start, ref, alt)
            dialect = Dialect(assembly=assembly, assembly_id=assembly.value)
            entry = NodeEntry("n", country, "http://n")
            reading = read_variant(parse_document(body), variant, entry, dialect)
            assert counts(reading) == expected, path.name
            assert reading.outcome not in (Outcome.CALLED_ABSENT, Outcome.NOT_LISTED), path.name


@pytest.mark.parametrize(
    "named",
    [
        {"population": "FI", "AC": 43, "AN": 198},
        {"population": "FI", "allele_count": 43, "allele_number": 198, "allele_frequency": 0.9},
        {"populationName": "FIN", "Allele Count": "43", "ALLELE-NUMBER": [198]},
        {"population": "FIN", "alleleCount": 43, "alleleNumber": 198, "alleleFrequency": [0.2, 0.3]},
    ],
)
def test_keys_and_labels_are_read_however_they_are_spelled(named: dict[str, Any]) -> None:
    assert counts(read(record(named))) == (43, 198)


def test_a_study_may_be_missing_or_stand_alone() -> None:
    alone = record(row())
    alone["frequencyInPopulations"] = alone["frequencyInPopulations"][0]
    bare = record()
    bare["frequencyInPopulations"] = [row(), row(22, 122, "FI_F")]
    assert counts(read(alone)) == counts(read(bare)) == (43, 198)


def test_genotypes_count_people_and_bare_homozygous_alleles_are_of_unknown_unit() -> None:
    people = read(record(row(genotypeHomozygous=4))).frequency
    unknown = read(record(row(alleleCountHomozygous=4))).frequency
    assert people is not None
    assert unknown is not None
    assert (people.homozygotes, unknown.homozygotes) == (4, None)


def test_a_record_there_that_spells_no_alleles_is_not_absence() -> None:
    reading = read(record(row(), variation={"referenceBases": "G", "alternateBases": None}))
    assert reading.outcome is Outcome.FAILED


def test_another_allele_of_the_site_is_not_the_variant() -> None:
    assert read(record(row(), variation={"alternateBases": "T"})).outcome is Outcome.NOT_LISTED

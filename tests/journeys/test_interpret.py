"""A lab runs `genomeward interpret` on files, good and bad."""

import gzip
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from service.findings_document import document_schema
from tests.journeys.conftest import EXAMPLES, Run


def findings_of(run: Run, *arguments: object) -> dict[str, object]:
    done = run("interpret", *arguments, "--format", "findings")
    assert done.code == 0, done.error
    (document,) = done.lines
    return document


def test_a_poor_metaboliser_on_clopidogrel_is_told_to_avoid_it(run: Run) -> None:
    document = findings_of(run, EXAMPLES / "cyp2c19-poor-metaboliser.vcf", "--medications", "32968")
    gene = next(g for g in document["pharmacogenes"] if g["gene"] == "CYP2C19")
    assert gene["status"] == "called"
    assert [d["name"] for d in gene["diplotypes"]] == ["*2/*2"]
    assert gene["diplotypes"][0]["phenotype"] == "Poor Metabolizer"
    now = [r for r in document["recommendations"] if r["current_medication"]]
    assert {r["drug"] for r in now} == {"clopidogrel"}
    # CPIC clopidogrel 2022, table 2: every indication of a poor metaboliser.
    assert [r["action"] for r in now] == ["avoid"] * 3


def test_findings_follow_their_schema(run: Run) -> None:
    for name in ("cyp2c19-poor-metaboliser", "brca1-carrier", "ordinary-genome"):
        document = findings_of(run, EXAMPLES / f"{name}.vcf", "--indication", "BRCA1")
        Draft202012Validator(document_schema()).validate(document)


# The keys that laboratories script against, as the project's first issue states them.
CONTRACT = {
    "": "subject assembly knowledge_release generated_at issues pharmacogenes recommendations variants "
    "diagnoses sources",
    "pharmacogenes": "gene status phased diplotypes haplotypes basis_alleles expected_with_medications "
    "missing_positions uncallable_alleles notes",
    "diplotypes": "name alleles activity_score phenotype",
    "recommendations": "drug rxnorm atc guideline genes basis population strength action text source",
    "variants": "spdi hgvs_g hgvs_c hgvs_p gene chrom pos ref alt zygosity phase_set filters depth "
    "consequence frequencies pooled_frequency assertions classification",
    "sources": "name kind version outcome",
}


def test_findings_have_every_key_of_the_contract(run: Run, tmp_path: Path) -> None:
    nodes = tmp_path / "nodes.toml"
    nodes.write_text('[[node]]\nid = "fi"\ncountry = "FI"\nurl = "http://127.0.0.1:1/api"\n', "utf-8")
    done = run(
        "interpret", EXAMPLES / "brca1-carrier.vcf", "--indication", "BRCA1", "--format", "findings",
        "--nodes", nodes,
    )  # fmt: skip
    (document,) = done.lines
    rows = {"": [document], **{name: document[name] for name in CONTRACT if name in document}}
    rows["diplotypes"] = [pair for gene in document["pharmacogenes"] for pair in gene["diplotypes"]]
    for name, keys in CONTRACT.items():
        assert rows[name], name
        for row in rows[name]:
            assert set(keys.split()) <= set(row), name
    statuses = {"called", "ambiguous", "no_call", "not_covered", "outside_call"}
    assert {gene["status"] for gene in document["pharmacogenes"]} <= statuses


def test_the_schema_notices_a_missing_key(run: Run) -> None:
    document = findings_of(run, EXAMPLES / "ordinary-genome.vcf")
    del document["pharmacogenes"]
    assert not Draft202012Validator(document_schema()).is_valid(document)


def test_a_brca1_carrier_is_told_when_it_was_asked_for(run: Run) -> None:
    document = findings_of(run, EXAMPLES / "brca1-carrier.vcf", "--indication", "BRCA1", "--sex", "female")
    (variant,) = [v for v in document["variants"] if v["gene"] == "BRCA1"]
    assert variant["hgvs_c"] == "NM_007294.4:c.68_69del"
    assert variant["zygosity"] == "heterozygous"
    assert any(a["accession"].startswith("VCV000017662") for a in variant["assertions"])
    assert any(d["gene"] == "BRCA1" and d["statement"] == "positive" for d in document["diagnoses"])


@pytest.mark.parametrize("consent", ["no", "unknown"])
@pytest.mark.parametrize("output", ["findings", "bundle", "tsv", "report"])
def test_without_consent_a_secondary_finding_is_nowhere(run: Run, consent: str, output: str) -> None:
    done = run(
        "interpret", EXAMPLES / "brca1-carrier.vcf", "--consent-secondary", consent, "--format", output
    )
    assert done.code == 0, done.error
    for trace in (b"BRCA1", b"43124027", b"43124029", b"NM_007294", b"VCV000017662", b"80357914"):
        assert trace not in done.out
        assert trace.decode() not in done.error


def test_with_consent_it_is_reported_as_secondary(run: Run) -> None:
    document = findings_of(run, EXAMPLES / "brca1-carrier.vcf", "--consent-secondary", "yes")
    assert [d["secondary"] for d in document["diagnoses"] if d["gene"] == "BRCA1"] == [True]


def test_several_files_give_one_line_each_in_order_with_errors_in_place(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.vcf"
    bad.write_text("not a vcf\n", "ascii")
    first, last = EXAMPLES / "ordinary-genome.vcf", EXAMPLES / "brca1-carrier.vcf"
    done = run("interpret", first, bad, last, "--format", "findings")
    assert done.code == 1
    one, two, three = done.lines
    assert (one["subject"], three["subject"]) == ("ordinary-genome", "brca1-carrier")
    assert two["ok"] is False
    assert "bad.vcf" in done.error


def test_an_error_in_place_of_a_bundle_is_an_operation_outcome(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.vcf"
    bad.write_bytes(b"")
    done = run("interpret", bad)
    assert done.code == 1
    assert done.lines[0]["resourceType"] == "OperationOutcome"


def test_standard_input_is_read(run: Run) -> None:
    packed = gzip.compress((EXAMPLES / "ordinary-genome.vcf").read_bytes())
    done = run("interpret", "-", "--format", "findings", stdin=packed)
    assert done.code == 0, done.error
    assert done.lines[0]["subject"] == "stdin"


def test_a_list_of_paths_on_standard_input(run: Run) -> None:
    paths = "\n".join(str(EXAMPLES / f"{n}.vcf") for n in ("ordinary-genome", "brca1-carrier")).encode()
    done = run("interpret", "--input", "-", "--format", "findings", stdin=paths)
    assert [line["subject"] for line in done.lines] == ["ordinary-genome", "brca1-carrier"]


def test_a_vcf_in_the_place_of_a_list_is_not_repeated_as_names(run: Run) -> None:
    done = run("interpret", "--input", "-", stdin=(EXAMPLES / "ordinary-genome.vcf").read_bytes())
    assert done.code == 2
    assert done.out == b""
    assert "expected a list" in done.error
    assert len(done.error.splitlines()) == 1


def test_a_table_of_several_files_has_one_header(run: Run) -> None:
    done = run("interpret", EXAMPLES / "ordinary-genome.vcf", "missing.vcf", "--format", "tsv")
    header, first, second = done.out.decode().splitlines()
    assert header.startswith("sample_id\t")
    assert first.startswith("ordinary-genome\tdone")
    assert second.startswith("missing.vcf\tfailed")


def test_pages_of_several_files_are_not_run_together(run: Run, tmp_path: Path) -> None:
    files = (EXAMPLES / "ordinary-genome.vcf", EXAMPLES / "brca1-carrier.vcf")
    for out in ((), ("--out", tmp_path / "x.html")):
        done = run("interpret", *files, "--format", "report", *out)
        assert (done.code, done.out) == (2, b"")
        assert "batch" in done.error
    assert not (tmp_path / "x.html").exists()
    one = run("interpret", files[0], "--format", "report")
    assert (one.code, one.out.count(b"<!doctype html>") + one.out.count(b"<!DOCTYPE html>")) == (0, 1)


def test_a_key_that_is_too_short_could_not_run(run: Run) -> None:
    done = run("interpret", EXAMPLES / "ordinary-genome.vcf", GENOMEWARD_ID_KEY="short")
    assert (done.code, done.out) == (2, b"")
    assert "GENOMEWARD_ID_KEY" in done.error


def test_an_impossible_option_could_not_run(run: Run) -> None:
    done = run("interpret", EXAMPLES / "ordinary-genome.vcf", "--phenotypes", "epilepsy")
    assert done.code == 2
    assert "HP:0001250" in done.error
    assert done.out == b""


def test_an_unwritable_output_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = run("interpret", EXAMPLES / "ordinary-genome.vcf", "--out", tmp_path / "file" / "x.json")
    assert done.code == 2
    assert "x.json" in done.error


def test_the_same_input_gives_the_same_bundle(run: Run) -> None:
    def bundle() -> dict[str, object]:
        done = run(
            "interpret", EXAMPLES / "brca1-carrier.vcf", "--indication", "BRCA1", GENOMEWARD_ID_KEY="k" * 32
        )
        return json.loads(done.out)

    first, second = bundle(), bundle()
    assert [e["fullUrl"] for e in first["entry"]] == [e["fullUrl"] for e in second["entry"]]


def test_a_short_command_imports_nothing_it_does_not_use(run: Run) -> None:
    done = run("--version", PYTHONPROFILEIMPORTTIME="1")
    for heavy in ("fastapi", "hgvs", "sqlmodel", "fhir.resources", "numpy", "httpx", "rich"):
        assert f"| {heavy}\n" not in done.error.replace("|   ", "| ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "JSON"),
        ('{"resourceType": "Patient", "id": "p", "gender": 3}', "gender"),
        ('{"resourceType": "Patient", "id": "p", "birthDate": "in May"}', "birthDate"),
        ('{"resourceType": "Patient", "id": "p", "surname": "X"}', "surname"),
        ('{"resourceType": "Organization", "id": "p"}', "Patient"),
        ('{"resourceType": "Patient"}', "neither id nor identifier"),
    ],
)
def test_a_patient_that_is_not_valid_fhir_is_refused(run: Run, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "patient.json").write_text(text, "utf-8")
    done = run("interpret", EXAMPLES / "ordinary-genome.vcf", "--patient", tmp_path / "patient.json")
    assert done.code == 2
    assert said in done.error
    assert done.out == b""

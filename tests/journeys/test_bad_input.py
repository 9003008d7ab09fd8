"""What a laboratory or an EHR may send or suffer by mistake, through the whole service."""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.builders import a_vcf
from tests.journeys.conftest import EXAMPLES, ROOT, Run

KILOBYTE = 1024
OBSERVATION = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "69548-6"}]},
    "subject": {"reference": "Patient/p-20"},
    "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA9633-4"}]},
}


def with_hgvs(text: str) -> dict[str, object]:
    concept = {"coding": [{"system": "http://varnomen.hgvs.org", "code": text}]}
    code = {"coding": [{"system": "http://loinc.org", "code": "81290-9"}]}
    return {**OBSERVATION, "component": [{"code": code, "valueCodeableConcept": concept}]}


def limited(command: list[object], cwd: Path, file_size: int) -> subprocess.CompletedProcess[bytes]:
    """The command as it runs where no file can grow beyond `file_size` bytes."""
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *map(str, command)],
        cwd=ROOT,
        capture_output=True,
        timeout=120,
        check=False,
        env={"PATH": "/usr/bin:/bin", "GENOMEWARD_STATE": str(cwd / "state")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size)),
    )


def test_a_disk_that_is_full_leaves_nothing_half_written(tmp_path: Path) -> None:
    """The report fits, the Bundle does not."""
    (tmp_path / "manifest.tsv").write_text(
        f"sample_id\tvcf\nA\t{EXAMPLES / 'ordinary-genome.vcf'}\n", encoding="utf-8"
    )
    out = tmp_path / "out"
    done = limited(["batch", tmp_path / "manifest.tsv", "--out", out], tmp_path, 200 * KILOBYTE)
    assert done.returncode == 1
    assert b"bundle.json: cannot write: File too large" in done.stderr
    assert list((out / "A").iterdir()) == []
    failures = (out / "failures.tsv").read_text("utf-8").splitlines()
    assert failures[1].startswith("A\t")
    result = tmp_path / "x.json"
    result.write_bytes(b"old")
    alone = limited(
        ["interpret", EXAMPLES / "ordinary-genome.vcf", "--out", result], tmp_path, 200 * KILOBYTE
    )
    assert alone.returncode == 2
    assert (result.read_bytes(), list(tmp_path.glob(".x.json*"))) == (b"old", [])


def test_standard_output_that_is_full_is_said() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "service.cli", "kb", "status"],
            cwd=ROOT, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode != 0
    assert b"No space left" in done.stderr


def test_an_output_that_is_a_device_is_written_to_and_not_replaced(run: Run) -> None:
    done = run("interpret", EXAMPLES / "ordinary-genome.vcf", "--format", "tsv", "--out", "/dev/stdout")
    assert done.code == 0, done.error
    assert done.out.startswith(b"sample_id\t")
    assert not Path("/dev/stdout").is_file() or Path("/dev/stdout").is_symlink()


def test_ten_gigabytes_are_refused_by_their_length(client: TestClient) -> None:
    headers = {
        "Content-Type": "text/vcf",
        "Genomeward-Subject": "p-20",
        "Content-Length": str(10 * 1024**3),
    }
    answer = client.post("/fhir/$interpret", content=b"", headers=headers)
    assert answer.status_code == 413
    assert answer.json()["issue"][0]["code"] == "too-long"
    assert "10,737,418,240 bytes" in answer.text


def test_an_upload_that_states_no_length_is_cut_at_the_limit(client: TestClient) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 100_000_000:
            sent += 1_000_000
            yield b"#" * 1_000_000

    headers = {"Content-Type": "text/vcf", "Genomeward-Subject": "p-20"}
    answer = client.post("/fhir/$interpret", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert "4,000,000 bytes" in answer.text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("NC_000017.11:g.43124027_43124020del", "none of the posted variants"),
        ("NC_000017.11:g.43124027C>T", "reference"),
        ("NC_000099.1:g.1A>T", "none of the posted variants"),
        ("NM_007294.4:c.999999del", "none of the posted variants"),
        ("g.?", "HGVS"),
    ],
)
def test_an_impossible_name_is_an_operation_outcome(client: TestClient, name: str, said: str) -> None:
    headers = {"Content-Type": "application/fhir+json"}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": with_hgvs(name)}]}
    answer = client.post("/fhir/$interpret", content=json.dumps(bundle), headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert said in answer.text


def test_one_impossible_name_costs_only_itself(client: TestClient) -> None:
    headers = {"Content-Type": "application/fhir+json", "Genomeward-Indication": "BRCA1"}
    entries = [
        {"resource": with_hgvs("NC_000017.11:g.43124030_43124031del")},
        {"resource": with_hgvs("NC_000017.11:g.43124027_43124020del")},
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    answer = client.post("/fhir/$interpret", content=json.dumps(bundle), headers=headers)
    assert answer.status_code == 201, answer.text
    assert "not interpreted" in answer.text
    assert "c.68_69del" in answer.text


@pytest.mark.parametrize(
    ("vcf", "said"),
    [
        (a_vcf().contig("chr1", assembly="hg19").record("chr2", 100, "A", "G", "0/1"), "two assemblies"),
        (
            a_vcf(assembly=None)
            .record("NC_000010.10", 96541616, "G", "A", "0/1")
            .record("NC_000017.11", 43124027, "ACT", "A", "0/1"),
            "GRCh3",
        ),
        (a_vcf(assembly=None).record("chr10", 96541616, "G", "A", "0/1"), "--assembly"),
    ],
)  # fmt: skip
def test_two_builds_or_none_are_refused(run: Run, tmp_path: Path, vcf, said: str) -> None:
    done = run("interpret", vcf.write(tmp_path / "case.vcf"), "--format", "findings")
    assert done.code == 1
    assert done.lines[0]["ok"] is False
    assert said in done.lines[0]["error"]["text"]

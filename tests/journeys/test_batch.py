"""A lab runs a batch: bad samples never stop the others, a killed run resumes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.builders import a_vcf
from tests.journeys.conftest import EXAMPLES, ROOT, Run


def manifest(folder: Path, *rows: str) -> Path:
    for name in ("ordinary-genome", "brca1-carrier", "cyp2c19-poor-metaboliser"):
        shutil.copy(EXAMPLES / f"{name}.vcf", folder)
    path = folder / "manifest.tsv"
    path.write_text("\n".join(("sample_id\tvcf\tsex\tindication", *rows)) + "\n", "utf-8")
    return path


def test_one_bad_sample_never_stops_the_others(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.vcf").write_bytes(b"\x1f\x8b\x08\x00broken")
    path = manifest(
        tmp_path,
        "A\tordinary-genome.vcf\tfemale\t",
        "B\tbroken.vcf\t\t",
        "C\tmissing.vcf\t\t",
        "../D\tordinary-genome.vcf\t\t",
        "E\tbrca1-carrier.vcf\tfemale\tBRCA1",
    )
    done = run("batch", path, "--out", tmp_path / "out", "--workers", 2)
    assert done.code == 1
    assert done.out == b""
    for sample in ("A", "E"):
        assert {"bundle.json", "findings.json", "report.html"} <= {
            p.name for p in (tmp_path / "out" / sample).iterdir()
        }
    failures = (tmp_path / "out" / "failures.tsv").read_text("utf-8").splitlines()
    assert [line.split("\t")[0] for line in failures[1:]] == ["line-5", "B", "C"]
    summary = (tmp_path / "out" / "summary.tsv").read_text("utf-8").splitlines()
    assert [line.split("\t")[0] for line in summary[1:]] == ["A", "E"]
    assert not (tmp_path / "D").exists()


def test_resume_repeats_nothing_and_recomputes_what_changed(run: Run, tmp_path: Path) -> None:
    path = manifest(tmp_path, "A\tordinary-genome.vcf\tfemale\t", "B\tbrca1-carrier.vcf\tfemale\t")
    arguments = ("batch", path, "--out", tmp_path / "out", "--outputs", "findings")
    assert run(*arguments).code == 0
    first = {s: (tmp_path / "out" / s / "findings.json").stat().st_mtime_ns for s in "AB"}
    assert "2 kept" in run(*arguments, "--resume").error
    manifest(tmp_path, "A\tordinary-genome.vcf\tfemale\t", "B\tbrca1-carrier.vcf\tfemale\tBRCA1")
    done = run(*arguments, "--resume")
    assert "1 done, 1 kept" in done.error
    second = {s: (tmp_path / "out" / s / "findings.json").stat().st_mtime_ns for s in "AB"}
    assert (first["A"] == second["A"], first["B"] == second["B"]) == (True, False)
    summary = (tmp_path / "out" / "summary.tsv").read_text("utf-8").splitlines()
    assert [line.split("\t")[0] for line in summary[1:]] == ["A", "B"]
    assert "2 kept" in run(*arguments, "--resume").error
    synced = tmp_path / "state" / "synced" / "XX"
    synced.mkdir(parents=True)
    (synced / "manifest.json").write_text("{}", "utf-8")  # a node was synced meanwhile
    assert "2 done, 0 kept" in run(*arguments, "--resume").error
    (tmp_path / "ordinary-genome.vcf").write_bytes((tmp_path / "brca1-carrier.vcf").read_bytes())
    assert "1 done, 1 kept" in run(*arguments, "--resume").error


def test_the_examples_of_the_demo_conform(run: Run, tmp_path: Path) -> None:
    """The manifest that `make demo` reads; every Bundle goes to the conformance record."""
    done = run("batch", EXAMPLES / "manifest.tsv", "--out", tmp_path / "out")
    assert done.code == 0, done.error
    assert len(list((tmp_path / "out").glob("*/bundle.json"))) == 3


@pytest.mark.parametrize("folder", ["/proc/none", "file"])
def test_a_folder_that_cannot_be_written_is_told_before_anything_is_read(
    run: Run, tmp_path: Path, folder: str
) -> None:
    (tmp_path / "file").touch()
    path = manifest(tmp_path, "A\tordinary-genome.vcf\t\t", "B\tbrca1-carrier.vcf\t\t")
    done = run("batch", path, "--out", tmp_path / folder)
    assert (done.code, done.out) == (2, b"")
    assert "cannot write into this folder" in done.error
    assert "A:" not in done.error


@pytest.mark.parametrize("terminal", [True, False])
def test_a_progress_bar_is_drawn_on_a_terminal_alone(tmp_path: Path, terminal: bool) -> None:
    path = manifest(tmp_path, "A\tordinary-genome.vcf\t\t", "B\tbrca1-carrier.vcf\t\t")
    ours, theirs = os.openpty() if terminal else os.pipe()
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "service.cli",
            "batch",
            path,
            "--out",
            tmp_path / "out",
            "--outputs",
            "findings",
        ],
        cwd=ROOT,
        env={**os.environ, "GENOMEWARD_STATE": str(tmp_path / "state"), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        drawn = b""
        try:
            while block := os.read(ours, 65_536):
                drawn += block
        except OSError:  # the terminal was hung up
            pass
        assert process.stdout
        assert process.stdout.read() == b""
    os.close(ours)
    assert process.returncode == 0
    assert (b"2/2" in drawn, b"\x1b[" in drawn) == (terminal, terminal)
    assert b"2 done" in drawn


def test_a_family_and_coverage_come_as_columns(run: Run, tmp_path: Path) -> None:
    trio = a_vcf("kid", "dad", "mum")
    trio.record("chr12", 102840399, "C", "T", "0/1", "0/1", "0/0")
    trio.record("chr12", 102840474, "T", "C", "0/1", "0/0", "0/1").write(tmp_path / "trio.vcf")
    (tmp_path / "family.ped").write_text("F\tkid\tdad\tmum\t1\t2\n", "utf-8")
    (tmp_path / "covered.bed").write_text("chr12\t102800000\t103000000\n", "utf-8")
    columns = "sample_id\tvcf\tsample\tpedigree\tcoverage\tcarriers\tindication"
    row = "K\ttrio.vcf\tkid\tfamily.ped\tcovered.bed\tyes\tPAH,CFTR"
    (tmp_path / "manifest.tsv").write_text(f"{columns}\n{row}\n", "utf-8")
    done = run("batch", tmp_path / "manifest.tsv", "--out", tmp_path / "out")
    assert done.code == 0, done.error
    document = json.loads((tmp_path / "out" / "K" / "findings.json").read_bytes())
    assert {d["gene"]: d["statement"] for d in document["diagnoses"]} == {
        "PAH": "positive",
        "CFTR": "not-assessed",
    }


def test_a_killed_run_resumes(run: Run, tmp_path: Path) -> None:
    rows = [f"S{n}\tordinary-genome.vcf\tfemale\t" for n in range(24)]
    path = manifest(tmp_path, *rows)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "service.cli", "batch", path, "--out", out]
    environment = {**os.environ, "GENOMEWARD_STATE": str(tmp_path / "state")}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, start_new_session=True
    )
    give_up = time.monotonic() + 60
    while len(list(out.glob("*/.completed.json"))) < 3 and time.monotonic() < give_up:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    finished = {p.parent.name: p.stat().st_mtime_ns for p in out.glob("*/.completed.json")}
    assert len(finished) >= 3
    done = run("batch", path, "--out", out, "--resume")
    assert done.code == 0, done.error
    assert f"{len(finished)} kept" in done.error
    for sample, written in finished.items():
        assert (out / sample / ".completed.json").stat().st_mtime_ns == written
    for n in range(24):
        json.loads((out / f"S{n}" / "bundle.json").read_bytes())
    assert not list(out.rglob(".*.json.*"))


def test_what_all_rows_share_is_given_once(run: Run, tmp_path: Path) -> None:
    path = manifest(tmp_path, "A\tordinary-genome.vcf\tfemale\t")
    done = run(
        "batch", path, "--out", tmp_path / "out", "--outputs", "findings", "--assume-reference-for-missing"
    )
    assert done.code == 0, done.error
    document = json.loads((tmp_path / "out" / "A" / "findings.json").read_bytes())
    assert document["scope"]["assumptions"]

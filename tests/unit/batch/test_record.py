"""When a finished sample counts as finished."""

from pathlib import Path

from service.batch.manifest import SampleTask
from service.batch.record import Completed, forget, read_completed, task_key, write_completed


def a_task(folder: Path, content: str = "vcf", **options: str) -> SampleTask:
    path = folder / "a.vcf"
    path.write_text(content, "utf-8")
    return SampleTask("A", path, options, {})


def test_the_key_follows_input_options_outputs_and_knowledge(tmp_path: Path) -> None:
    base = task_key(a_task(tmp_path), ["bundle.json"], ["k1"])
    assert task_key(a_task(tmp_path), ["bundle.json"], ["k1"]) == base
    assert task_key(a_task(tmp_path, "other"), ["bundle.json"], ["k1"]) != base
    assert task_key(a_task(tmp_path, sex="male"), ["bundle.json"], ["k1"]) != base
    assert task_key(a_task(tmp_path), ["report.html"], ["k1"]) != base
    assert task_key(a_task(tmp_path), ["bundle.json"], ["k2"]) != base


def test_the_key_follows_the_content_of_option_files(tmp_path: Path) -> None:
    table = tmp_path / "outside.tsv"
    table.write_text("CYP2D6\t*1/*1", "utf-8")
    task = SampleTask("A", a_task(tmp_path).vcf, {}, {"outside_calls": table})
    before = task_key(task, [], [])
    table.write_text("CYP2D6\t*1/*4", "utf-8")
    assert task_key(task, [], []) != before


def test_a_record_counts_only_while_its_outputs_are_there(tmp_path: Path) -> None:
    completed = Completed("k", ("bundle.json",), {"sample_id": "A"})
    write_completed(tmp_path, completed)
    assert read_completed(tmp_path) is None
    (tmp_path / "bundle.json").write_text("{}", "utf-8")
    assert read_completed(tmp_path) == completed
    forget(tmp_path)
    assert read_completed(tmp_path) is None


def test_a_damaged_record_is_none(tmp_path: Path) -> None:
    (tmp_path / ".completed.json").write_text('{"key":', "utf-8")
    assert read_completed(tmp_path) is None

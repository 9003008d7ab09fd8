"""One sample of a batch: what goes wrong with it stays with it."""

from pathlib import Path

import pytest

from service.batch import task as task_module
from service.batch.task import BatchOptions, SampleTask, run_task
from service.settings import Settings


def test_a_defect_met_by_one_sample_fails_that_sample_and_repeats_no_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defective(task: SampleTask, options: BatchOptions) -> None:
        raise KeyError("NM_000769.4:c.681G>A")

    monkeypatch.setattr(task_module, "_run", defective)
    task = SampleTask("s1", tmp_path / "s1.vcf", {}, {})
    result = run_task(task, BatchOptions(tmp_path, ("bundle",), False, Settings(state=tmp_path)))
    assert result.status == "failed"
    assert result.error is not None
    assert result.error.startswith("unexpected KeyError at ")
    assert "681" not in result.error

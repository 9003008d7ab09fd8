"""One sample, from its files to its folder. The boundary that any executor runs: a task returns an id."""

import errno
import gc
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service.batch.manifest import SampleTask
from service.batch.record import Completed, forget, read_completed, task_key, write_completed
from service.batch.summary import summary_row
from service.bootstrap import Genomeward, open_genomeward
from service.domain.case import CaseRequest, Subject
from service.errors import GenomewardError, InvalidOption, defect
from service.files import write_whole
from service.intake import Attachments, read_request
from service.settings import Settings

# Allocations before a collection, and how many of those before one of the older objects.
_COLLECT_AFTER = (50_000, 20, 20)
FILE_NAMES = {"bundle": "bundle.json", "findings": "findings.json", "report": "report.html"}


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """What all tasks of a run share."""

    out: Path
    outputs: tuple[str, ...]
    resume: bool
    settings: Settings


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What comes back from a worker: an id, and whether the sample was done now, before, or not at all."""

    sample_id: str
    status: str  # done | kept | failed
    summary: dict[str, str] | None = None
    error: str | None = None


@cache
def _genomeward(settings: Settings) -> Genomeward:
    """One service per worker process."""
    genomeward = open_genomeward(settings)
    # The knowledge stays as long as the worker: the collector need not walk it again with every sample.
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
    return genomeward


def run_task(task: SampleTask, options: BatchOptions) -> TaskResult:
    """Interpret one sample and write its results. Never raises for what is wrong with the sample."""
    try:
        return _run(task, options)
    except GenomewardError as error:
        return TaskResult(task.sample_id, "failed", error=str(error))
    except OSError as error:
        reason = error.strerror or errno.errorcode.get(error.errno or 0, "input or output error")
        name = Path(error.filename).name if error.filename else task.sample_id
        return TaskResult(task.sample_id, "failed", error=f"{name}: {reason}")
    except UnicodeDecodeError:
        return TaskResult(task.sample_id, "failed", error="an option file is not UTF-8 text")
    except Exception as error:  # noqa: BLE001 - a defect met by one sample never stops the others
        return TaskResult(task.sample_id, "failed", error=defect(error))


def _run(task: SampleTask, options: BatchOptions) -> TaskResult:
    genomeward = _genomeward(options.settings)
    folder = options.out / task.sample_id
    names = tuple(FILE_NAMES[output] for output in options.outputs)
    key = task_key(task, names, genomeward.environment)
    if options.resume:
        completed = read_completed(folder)
        if completed and completed.key == key:
            return TaskResult(task.sample_id, "kept", completed.summary)
    forget(folder)
    findings = genomeward.interpret_path(task.vcf, request_of(task))
    for output in options.outputs:
        write_whole(folder / FILE_NAMES[output], genomeward.project(output, findings))
    summary = summary_row(task.sample_id, findings)
    write_completed(folder, Completed(key, names, summary))
    return TaskResult(task.sample_id, "done", summary)


def request_of(task: SampleTask) -> CaseRequest:
    """The CaseRequest of a manifest row, with the contents of the files that it names."""
    contents = {name: path.read_text("utf-8-sig") for name, path in task.files.items()}
    return read_request(
        task.options,
        Attachments.read(contents.get),
        Subject(task.sample_id),
        own_name=True,
    )


def describe_outputs(outputs: Sequence[str]) -> tuple[str, ...]:
    """The outputs asked for, in their fixed order. Raises InvalidOption for a name that is not one."""
    unknown = [name for name in outputs if name not in FILE_NAMES]
    if unknown or not outputs:
        raise InvalidOption(
            f"read {', '.join(unknown) or 'nothing'}; expected some of {', '.join(FILE_NAMES)}",
            where="outputs",
        )
    return tuple(name for name in FILE_NAMES if name in outputs)

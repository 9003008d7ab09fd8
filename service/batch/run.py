"""Run tasks on local processes, collect what they return, keep the tables up to date."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context

from service.batch.manifest import RefusedRow, SampleTask
from service.batch.parent import end_with_parent
from service.batch.summary import COLUMNS, FAILURE_COLUMNS, table
from service.batch.task import BatchOptions, TaskResult, run_task
from service.files import write_whole


@dataclass(frozen=True, slots=True)
class BatchReport:
    """Counts of a finished run."""

    done: int
    kept: int
    failed: int


def run_batch(
    tasks: Sequence[SampleTask],
    refused: Sequence[RefusedRow],
    options: BatchOptions,
    workers: int,
    on_result: Callable[[TaskResult], None],
) -> BatchReport:
    """Interpret every task; write summary.tsv and failures.tsv in manifest order, also when interrupted."""
    results: dict[str, TaskResult] = {}
    try:
        for result in _results(tasks, options, workers):
            results[result.sample_id] = result
            on_result(result)
    finally:
        _write_tables(tasks, refused, results, options)
    statuses = [result.status for result in results.values()]
    return BatchReport(
        statuses.count("done"), statuses.count("kept"), statuses.count("failed") + len(refused)
    )


def _results(tasks: Sequence[SampleTask], options: BatchOptions, workers: int) -> Iterator[TaskResult]:
    if workers <= 1:
        yield from (run_task(task, options) for task in tasks)
        return
    waiting = deque(tasks)
    while waiting:
        held: list[SampleTask] = []
        yield from _pool_results(waiting, options, workers, held)
        # Not empty only when a worker died: what it may have held runs again alone, so only the guilty fails.
        yield from (_isolated(task, options) for task in held)


def _pool_results(
    waiting: deque[SampleTask], options: BatchOptions, workers: int, held: list[SampleTask]
) -> Iterator[TaskResult]:
    """Results until nothing waits, or until a worker dies: then `held` are the tasks that were under way."""
    running: dict[Future[TaskResult], SampleTask] = {}
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
        while (waiting and not held) or running:
            while waiting and not held and len(running) < 2 * workers:
                try:
                    future = pool.submit(run_task, waiting[0], options)
                except BrokenProcessPool:
                    held.append(waiting.popleft())
                else:
                    running[future] = waiting.popleft()
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                task = running.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    held.append(task)


def _isolated(task: SampleTask, options: BatchOptions) -> TaskResult:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
        try:
            return pool.submit(run_task, task, options).result()
        except BrokenProcessPool:
            return TaskResult(task.sample_id, "failed", error="the worker process died on this sample")


def _write_tables(
    tasks: Sequence[SampleTask],
    refused: Sequence[RefusedRow],
    results: dict[str, TaskResult],
    options: BatchOptions,
) -> None:
    in_order = [results[task.sample_id] for task in tasks if task.sample_id in results]
    failures = [
        {"sample_id": row.sample_id, "line": str(row.line), "error": row.reason} for row in refused
    ] + [{"sample_id": r.sample_id, "line": "", "error": r.error or ""} for r in in_order if r.error]
    write_whole(options.out / "summary.tsv", table(COLUMNS, (r.summary for r in in_order if r.summary)))
    write_whole(options.out / "failures.tsv", table(FAILURE_COLUMNS, failures))

"""`genomeward batch`: a manifest in, a folder of results out."""

import argparse
import sys
from pathlib import Path

from service.batch.manifest import read_manifest
from service.batch.run import run_batch
from service.batch.task import BatchOptions, TaskResult, describe_outputs
from service.bootstrap import prepare_knowledge, with_nodes
from service.cli.progress import progress
from service.cli.request import option_texts
from service.errors import InvalidOption
from service.files import refuse_unwritable
from service.intake import FILE_OPTIONS
from service.settings import read_settings

# One Patient cannot be that of every row.
SHARED_FILES = tuple(name for name in FILE_OPTIONS if name != "patient")


def run(options: argparse.Namespace) -> int:
    """Run or resume a batch. Exit 1 when a sample failed; every other sample is complete."""
    outputs = describe_outputs([name.strip() for name in options.outputs.split(",") if name.strip()])
    if options.workers < 1:
        raise InvalidOption(f"read {options.workers}; expected 1 or more", where="--workers")
    tasks, refused = read_manifest(Path(options.manifest), option_texts(options), shared_files(options))
    refuse_unwritable(Path(options.out))
    settings = with_nodes(read_settings(), options.nodes)
    prepare_knowledge(settings)
    batch = BatchOptions(Path(options.out), outputs, options.resume, settings)
    with progress(len(tasks), "samples") as advance:

        def on_result(result: TaskResult) -> None:
            if result.error:
                print(f"genomeward: {result.sample_id}: {result.error}", file=sys.stderr)
            advance()

        report = run_batch(tasks, refused, batch, min(options.workers, len(tasks) or 1), on_result)
    for row in refused:
        print(f"genomeward: line {row.line}: {row.reason}", file=sys.stderr)
    print(f"{report.done} done, {report.kept} kept, {report.failed} failed", file=sys.stderr)
    return 1 if report.failed else 0


def shared_files(options: argparse.Namespace) -> dict[str, Path]:
    """Files named on the command line hold for every row that names none."""
    return {name: Path(value).resolve() for name in SHARED_FILES if (value := getattr(options, name))}

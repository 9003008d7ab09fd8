"""What a finished sample leaves beside its results, so that a later run knows what it need not repeat."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from service.batch.manifest import SampleTask
from service.files import write_whole

NAME = ".completed.json"


@dataclass(frozen=True, slots=True)
class Completed:
    """`key` names inputs, options, knowledge and service together; `summary` is the sample's summary row."""

    key: str
    outputs: tuple[str, ...]
    summary: dict[str, str]


def task_key(task: SampleTask, outputs: Sequence[str], environment: Sequence[str]) -> str:
    """SHA-256 over the bytes of every input, the options, the outputs asked for and the environment.

    `environment` names knowledge release, service version and frequency sources. Raises OSError when an
    input cannot be read.
    """
    digest = hashlib.sha256()
    for name, path in (("vcf", task.vcf), *sorted(task.files.items())):
        with path.open("rb") as handle:
            content = hashlib.file_digest(handle, "sha256").hexdigest()
        digest.update(f"{name}={content}\n".encode())
    stated = {"options": dict(task.options), "outputs": sorted(outputs), "environment": list(environment)}
    digest.update(json.dumps(stated, sort_keys=True).encode())
    return digest.hexdigest()


def write_completed(folder: Path, completed: Completed) -> None:
    """Written last: its presence says that every output above it is whole."""
    write_whole(folder / NAME, json.dumps(asdict(completed)).encode())


def read_completed(folder: Path) -> Completed | None:
    """The record of an earlier run; None when there is none, it is unreadable, or an output is gone."""
    try:
        document = json.loads((folder / NAME).read_text("utf-8"))
        completed = Completed(document["key"], tuple(document["outputs"]), document["summary"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return completed if all((folder / name).is_file() for name in completed.outputs) else None


def forget(folder: Path) -> None:
    """Remove the record before a sample is interpreted again: its outputs are about to change."""
    (folder / NAME).unlink(missing_ok=True)

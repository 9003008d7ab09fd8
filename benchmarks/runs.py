"""Commands run as processes of their own, and what each of them cost."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """CPU seconds (user and system), peak resident memory in MB, and what stood on standard output."""

    cpu_s: float
    peak_mb: int
    output: bytes


def run(command: list[str], environment: Mapping[str, str] | None = None) -> Run:
    """One run to its end, with `environment` over the present one.

    Raises:
        SystemExit: the command ended with another status than 0.
    """
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **(environment or {})})
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[0]} ended with status {status}")
    return Run(usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, output)


def bcftools_view(path: str | os.PathLike[str]) -> float:
    """CPU seconds in which `bcftools view -H` writes all records of a file: the measure beside ours."""
    return run(["sh", "-c", f"bcftools view -H '{os.fspath(path)}' > /dev/null"]).cpu_s

"""The manifest: one row per sample, paths relative to the manifest's folder."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.errors import InvalidOption
from service.intake import FILE_OPTIONS, SWITCHES, TEXT_OPTIONS

SAMPLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
REQUIRED = ("sample_id", "vcf")
# Columns beside the required ones are the options; those of files hold a path.
OPTION_COLUMNS = (*TEXT_OPTIONS, *SWITCHES)


@dataclass(frozen=True, slots=True)
class SampleTask:
    """One row: everything that a worker needs. `options` and `files` hold only what the row states."""

    sample_id: str
    vcf: Path
    options: Mapping[str, str]
    files: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot become a task, and why."""

    sample_id: str
    line: int
    reason: str


def read_manifest(
    path: Path, defaults: Mapping[str, str], shared_files: Mapping[str, Path]
) -> tuple[list[SampleTask], list[RefusedRow]]:
    """Tasks in manifest order and the refused rows. A row overrides `defaults` and `shared_files`.

    Raises InvalidOption when the file as a whole is not a manifest.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidOption(f"cannot read the manifest: {error}", where=path.name) from error
    rows = csv.reader(text.splitlines(), delimiter="\t")
    header = [name.strip() for name in next(rows, [])]
    lacking = [name for name in REQUIRED if name not in header]
    if lacking:
        raise InvalidOption(
            f"the header lacks {', '.join(lacking)}; expected tab-separated columns {', '.join(REQUIRED)}",
            where=f"{path.name}, line 1",
        )
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise InvalidOption(
            f"the header names {', '.join(repeated)} more than once", where=f"{path.name}, line 1"
        )
    unknown = [name for name in header if name not in (*REQUIRED, *FILE_OPTIONS, *OPTION_COLUMNS)]
    if unknown:
        raise InvalidOption(f"unknown columns {', '.join(unknown)}", where=f"{path.name}, line 1")
    tasks: list[SampleTask] = []
    refused: list[RefusedRow] = []
    seen: set[str] = set()
    for line, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells) or cells[0].startswith("#"):
            continue
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
        sample_id = row.get("sample_id", "")
        reason = _refusal(row, len(cells), len(header), seen)
        if reason:
            shown = sample_id if SAMPLE_ID.fullmatch(sample_id) else f"line-{line}"
            refused.append(RefusedRow(shown, line, reason))
            continue
        seen.add(sample_id.lower())
        tasks.append(_task(row, path.parent, defaults, shared_files))
    return tasks, refused


def _refusal(row: Mapping[str, str], cells: int, columns: int, seen: set[str]) -> str | None:
    sample_id = row.get("sample_id", "")
    if not SAMPLE_ID.fullmatch(sample_id):
        return "the sample id is not safe as a folder name; expected letters, digits, '.', '_' or '-'"
    if sample_id.lower() in seen:
        return "the sample id occurs twice in the manifest"
    if cells > columns:
        return f"{cells} cells in a row of {columns} columns"
    if "vcf" not in row:
        return "no vcf is named"
    return None


def _task(
    row: Mapping[str, str], folder: Path, defaults: Mapping[str, str], shared_files: Mapping[str, Path]
) -> SampleTask:
    options = {**defaults, **{name: row[name] for name in OPTION_COLUMNS if name in row}}
    own = {name: folder / row[name] for name in FILE_OPTIONS if name in row}
    return SampleTask(row["sample_id"], folder / row["vcf"], options, {**shared_files, **own})

"""The published sources that can be imported: one entry each, the importer's module imported when it runs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.errors import InvalidOption


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an importer wrote: release label, date of the release (ISO), row counts, what was left out."""

    release: str
    date: str
    rows: dict[str, int]
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What importers may use: parts of the shipped knowledge, a progress report, a release named by hand."""

    part: Callable[[str], Any]
    advance: Callable[[int], None] = lambda _: None
    release: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A published source. `files` are the names it is published under, in the order that the importer reads.

    A name may be a pattern; one after `?` may be missing. `module` has
    `run(files: Mapping[str, Path], out: Path, context: Context) -> Outcome`, files by the names given here.
    """

    name: str
    title: str
    files: tuple[str, ...]
    url: str
    licence: str
    module: str


SOURCES = {
    source.name: source
    for source in (
        Source(
            "clinvar",
            "ClinVar VCF on GRCh38 (clinvar.vcf.gz)",
            ("clinvar*.vcf.gz",),
            "https://ftp.ncbi.nlm.nih.gov/pub/clinvar/vcf_GRCh38/",
            "public domain (NCBI)",
            "clinvar",
        ),
    )
}


def source_named(name: str) -> Source:
    """The source of a name. Raises InvalidOption naming all."""
    if name not in SOURCES:
        raise InvalidOption(
            f"read {name!r}; expected one of guidance, {', '.join(SOURCES)}", where="kb import"
        )
    return SOURCES[name]


def only(files: dict[str, Path]) -> Path:
    """The one file of a source that is published as one."""
    (file,) = files.values()
    return file

"""The header of a VCF: version, contigs, field numbers, samples."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from service.domain.case import refuse_long_name
from service.errors import InvalidVcf
from service.variants.vcf_bytes import LONGEST_LINE_BYTES

FIXED_COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
SAMPLE_COLUMN = len(FIXED_COLUMNS) + 1  # of the first sample, after FORMAT

_KEY_VALUE = re.compile(r'([^=,<>]+)=("(?:[^"\\]|\\.)*"|[^,>]*)')
_VERSION = re.compile(r"VCFv(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class DeclaredContig:
    """A `##contig` line; `length` in bases, None where not stated or not a number."""

    name: str
    length: int | None
    assembly: str | None


@dataclass(frozen=True, slots=True)
class VcfHeader:
    """What a header states. `line_count` counts its lines, the column line included."""

    version: tuple[int, int]
    contigs: tuple[DeclaredContig, ...]
    reference: tuple[str, ...]
    format_numbers: dict[str, str]
    samples: tuple[str, ...]
    line_count: int
    windows_line_ends: bool

    @property
    def column_count(self) -> int:
        """Tab-separated columns that every record must have."""
        return SAMPLE_COLUMN + len(self.samples)


def parse_header(lines: list[str]) -> VcfHeader:
    """The header of these lines; the last one names the columns. Raises InvalidVcf."""
    first = lines[0].strip().removeprefix("\ufeff")
    version = _VERSION.fullmatch(first.removeprefix("##fileformat="))
    if not first.startswith("##fileformat=") or version is None:
        raise InvalidVcf(
            "the file does not begin with ##fileformat=VCFv4.x: this is not a VCF", where="line 1"
        )
    if version[1] != "4":
        raise InvalidVcf(
            f"VCF version {version[1]}.{version[2]} was read, expected 4.1 to 4.5", where="line 1"
        )
    contigs, reference, numbers = [], [], {}
    for line in lines[1:-1]:
        name, _, value = line.rstrip("\r").removeprefix("##").partition("=")
        if name == "contig":
            contigs.append(_contig(value))
        elif name in ("reference", "assembly"):
            reference.append(value)
        elif name == "FORMAT":
            fields = _fields(value)
            numbers[fields.get("ID", "")] = fields.get("Number", ".")
    return VcfHeader(
        version=(int(version[1]), int(version[2])),
        contigs=tuple(contigs),
        reference=tuple(reference),
        format_numbers=numbers,
        samples=_samples(lines[-1].rstrip("\r"), len(lines)),
        line_count=len(lines),
        windows_line_ends=lines[-1].endswith("\r"),
    )


def split_header(blocks: Iterator[bytes]) -> tuple[list[str], bytes]:
    """Header lines up to the column line, and the bytes that follow it in the block where it ends."""
    content = b""
    first = next(blocks, b"")
    if not first:
        raise InvalidVcf("the file is empty, expected a VCF")
    for block in chain((first,), blocks):
        content += block
        if not content.startswith((b"#", b"\xef\xbb\xbf#")):
            raise InvalidVcf("the file does not begin with ##fileformat=: this is not a VCF", where="line 1")
        at = 0 if content.startswith(b"#CHROM") else content.find(b"\n#CHROM") + 1
        if at or content.startswith(b"#CHROM"):
            end = content.find(b"\n", at)
            if end >= 0:
                return content[:end].decode("utf-8", "replace").split("\n"), content[end + 1 :]
        elif len(content) > LONGEST_LINE_BYTES:
            break
    if b"\n#CHROM" in content:  # the column line is the last one and has no newline
        return content.decode("utf-8", "replace").split("\n"), b""
    raise InvalidVcf("no line that begins with #CHROM was found: the header is incomplete")


def choose_sample(header: VcfHeader, sample: str | None) -> str:
    """The one sample to read. Raises InvalidVcf when it is not there or a choice is needed.

    Raises InvalidOption when its name is too long to be one.
    """
    if sample is None:
        if len(header.samples) > 1:
            raise InvalidVcf(
                f"the file holds {len(header.samples)} samples: name the one to read with --sample",
                where="sample",
            )
        refuse_long_name(header.samples[0], "sample")
        return header.samples[0]
    if sample not in header.samples:
        raise InvalidVcf(
            f"the sample asked for is not among the {len(header.samples)} sample columns of the file",
            where="sample",
        )
    return sample


def _samples(line: str, number: int) -> tuple[str, ...]:
    columns = line.split("\t")
    if tuple(columns[:8]) != FIXED_COLUMNS:
        raise InvalidVcf(
            "the column line does not name the eight fixed columns, separated by tabs", where=f"line {number}"
        )
    if len(columns) < SAMPLE_COLUMN + 1 or columns[8] != "FORMAT":
        raise InvalidVcf(
            "the file has no sample column, expected FORMAT and at least one sample with genotypes",
            where=f"line {number}",
        )
    samples = tuple(columns[SAMPLE_COLUMN:])
    if len(set(samples)) != len(samples):
        raise InvalidVcf("two sample columns have the same name", where=f"line {number}")
    return samples


def _contig(value: str) -> DeclaredContig:
    fields = _fields(value)
    length = fields.get("length", "")
    return DeclaredContig(
        fields.get("ID", ""), int(length) if length.isdecimal() else None, fields.get("assembly")
    )


def _fields(value: str) -> dict[str, str]:
    return {key.strip(): text.strip('"') for key, text in _KEY_VALUE.findall(value)}

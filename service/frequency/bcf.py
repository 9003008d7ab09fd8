"""Records of a BCF 2.2 file: the fixed fields and INFO, as text like a VCF line gives them.

Source: samtools/hts-specs, "The Variant Call Format Specification" 4.3, section 6 (BCF).
"""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from isal import igzip

from service.errors import InvalidInput

_INTEGERS = {1: ("b", 1, -128), 2: ("h", 2, -32768), 3: ("i", 4, -(2**31))}
_LINE = re.compile(r"##(contig|INFO|FILTER|FORMAT)=<(.*)>")


def open_gzip(path: Path) -> IO[bytes]:
    """A gzip or bgzip file (any number of members), decompressed."""
    stream: IO[bytes] = igzip.open(path, "rb")  # type: ignore[no-untyped-call]
    return stream


def read_bcf(path: Path) -> Iterator[tuple[str, int, str, list[str], bool, dict[str, str]]]:
    """Chromosome, interbase start, REF, ALTs, whether FILTER passed, INFO as text, of every record."""
    with open_gzip(path) as stream:
        if stream.read(5) != b"BCF\x02\x02":
            raise InvalidInput("not a BCF 2.2 file", where=path.name)
        (length,) = struct.unpack("<I", stream.read(4))
        contigs, strings = _dictionaries(stream.read(length).rstrip(b"\0").decode("utf-8"))
        while head := stream.read(8):
            if len(head) < 8:
                raise InvalidInput("the file ends inside a record", where=path.name)
            shared, individual = struct.unpack("<II", head)
            record = stream.read(shared)
            if len(record) < shared or len(stream.read(individual)) < individual:
                raise InvalidInput("the file ends inside a record", where=path.name)
            yield _record(record, contigs, strings)


def _dictionaries(header: str) -> tuple[dict[int, str], dict[int, str]]:
    """Names by index: of contigs, and of FILTER, INFO and FORMAT keys (which share one numbering)."""
    contigs: dict[int, str] = {}
    strings: dict[int, str] = {0: "PASS"}
    numbered = {"PASS": 0}
    for match in filter(None, map(_LINE.match, header.splitlines())):
        kind, body = match.groups()
        found = re.search(r"(?:^|,)ID=([^,]+)", body)
        if found is None:
            continue
        name = found[1]
        stated = re.search(r",IDX=(\d+)", body)
        if kind == "contig":
            contigs[int(stated[1]) if stated else len(contigs)] = name
            continue
        index = int(stated[1]) if stated else numbered.get(name, len(numbered))
        numbered[name] = index
        strings[index] = name
    return contigs, strings


def _record(
    record: bytes, contigs: dict[int, str], strings: dict[int, str]
) -> tuple[str, int, str, list[str], bool, dict[str, str]]:
    chrom, pos, _, _, alleles_info, _ = struct.unpack_from("<iiifII", record)
    alleles, info_count = alleles_info >> 16, alleles_info & 0xFFFF
    offset = 24
    _, offset = _value(record, offset)  # ID
    spelled = []
    for _ in range(alleles):
        text, offset = _value(record, offset)
        spelled.append(str(text).upper())
    filters, offset = _value(record, offset)
    info: dict[str, str] = {}
    for _ in range(info_count):
        key, offset = _value(record, offset)
        text, offset = _value(record, offset)
        info[strings[int(key)]] = text
    passed = filters in ("", "0")  # index 0 is PASS; empty is "no filter applied"
    return contigs[chrom], pos, spelled[0], spelled[1:], passed, info


def _value(record: bytes, offset: int) -> tuple[str, int]:
    """One typed value as VCF text (comma-separated, `.` for missing), and the offset behind it."""
    descriptor = record[offset]
    offset += 1
    kind, count = descriptor & 0xF, descriptor >> 4
    if count == 15:
        text, offset = _value(record, offset)
        count = int(text)
    if kind == 7:
        return record[offset : offset + count].rstrip(b"\0").decode("ascii"), offset + count
    if kind == 5:
        numbers = struct.unpack_from(f"<{count}f", record, offset)
        return ",".join("." if number != number else str(number) for number in numbers), offset + 4 * count
    if kind == 0:
        return "", offset
    code, width, missing = _INTEGERS[kind]
    values = struct.unpack_from(f"<{count}{code}", record, offset)
    # `missing + 1` ends a vector that is shorter than its type allows.
    kept = ("." if value == missing else str(value) for value in values if value != missing + 1)
    return ",".join(kept), offset + width * count

"""`genomeward rank`: phenopackets in, one ranking a line out."""

import argparse
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import orjson

from service.bootstrap import rank_phenopackets
from service.cli.output import ascii_json, write_result
from service.cli.request import read_text
from service.domain.case import Consent
from service.errors import GenomewardError, InvalidOption, InvalidResource
from service.intake import read_assembly, read_consent
from service.ranked_case import VariantFile
from service.settings import read_settings

_GZIP = b"\x1f\x8b"
Item: TypeAlias = tuple[str, bytes | GenomewardError]


def run(options: argparse.Namespace) -> int:
    """Rank every phenopacket; exit 1 where one could not be read."""
    if not options.phenopackets and options.input is None:
        raise InvalidOption("no phenopacket is named", where="rank")
    file = _variant_file(options)
    failed = False
    for row in rank_phenopackets(read_settings(), _items(options), file):
        failed |= "error" in row
        write_result(ascii_json(orjson.dumps(row)) + b"\n", None)
    return 1 if failed else 0


def _variant_file(options: argparse.Namespace) -> VariantFile | None:
    if options.vcf is None:
        return None
    if not Path(options.vcf).is_file():
        raise InvalidOption("there is no such file", where="--vcf")
    return VariantFile(
        options.vcf,
        options.sample,
        read_assembly(options.assembly),
        read_text(options.pedigree, "--pedigree"),
        read_consent(options.consent_secondary) is Consent.YES,
    )


def _items(options: argparse.Namespace) -> Iterator[Item]:
    for path in options.phenopackets:
        yield from _packets_in(path)
    if options.input is not None:
        yield from _lines(options.input)


def _packets_in(path: str) -> Iterator[Item]:
    """The one object of a file, each of a list, or one a line."""
    name = "standard input" if path == "-" else Path(path).name
    try:
        content = _content(path)
    except InvalidResource as error:
        yield name, error
        return
    try:
        document = json.loads(content)
    except RecursionError:
        yield name, content  # said in its place by who reads it
        return
    except ValueError:
        lines = [line for line in content.splitlines() if line.strip()]
        if len(lines) > 1 and all(line.lstrip().startswith(b"{") for line in lines):
            yield from ((f"{name} line {number}", line) for number, line in enumerate(lines, start=1))
        else:
            yield name, content
        return
    if isinstance(document, list):
        yield from ((f"{name} item {n}", json.dumps(d).encode()) for n, d in enumerate(document, start=1))
    else:
        yield name, content


def _lines(path: str) -> Iterator[Item]:
    """JSON lines; a line that is no object names a file."""
    name = "standard input" if path == "-" else Path(path).name
    try:
        content = _content(path)
    except InvalidResource as error:
        raise InvalidOption(error.message, where="--input") from error
    for number, line in enumerate(content.splitlines(), start=1):
        text = line.strip()
        if text.startswith((b"{", b"[", b'"')):
            yield f"{name} line {number}", text
        elif text:
            yield from _packets_in(text.decode("utf-8", "replace"))


def _content(path: str) -> bytes:
    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        content = gzip.decompress(content) if content.startswith(_GZIP) else content
    except (OSError, EOFError) as error:
        raise InvalidResource(f"cannot read: {getattr(error, 'strerror', None) or 'not gzip'}") from error
    return content.removeprefix(b"\xef\xbb\xbf")

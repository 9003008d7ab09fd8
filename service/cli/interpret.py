"""`genomeward interpret`: files in, one result a file out."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from service.batch.summary import COLUMNS, summary_row, table
from service.bootstrap import Genomeward, open_genomeward, with_nodes
from service.cli.output import ascii_json, input_lines, write_result
from service.cli.request import option_texts, read_attachments, read_subject
from service.domain.case import CaseRequest
from service.errors import GenomewardError, InvalidOption
from service.intake import read_request
from service.settings import read_settings


def run(options: argparse.Namespace) -> int:
    """Interpret every file; failures stay in place and make the exit code 1."""
    paths = list(_paths(options))
    if not paths:
        raise InvalidOption("no VCF is named", where="interpret")
    if options.format == "report" and len(paths) > 1:
        raise InvalidOption(
            f"a report is a page of its own and {len(paths)} files are named; name one, or use "
            "`genomeward batch --outputs report`",
            where="--format",
        )
    attachments = read_attachments(options)
    settings = with_nodes(read_settings(), options.nodes)
    failed = written = False
    results: list[bytes] = []
    with open_genomeward(settings) as genomeward:
        for path in paths:
            request = read_request(option_texts(options), attachments, read_subject(options, path))
            try:
                result = _interpret(genomeward, path, request, options.format)
            except GenomewardError as error:
                failed = True
                print(f"genomeward: {Path(path).name}: {error}", file=sys.stderr)
                result = _failure(path, error, options.format)
            if options.out is None:
                write_result(_without_header(result) if written and options.format == "tsv" else result, None)
                written = True
            else:
                results.append(result)
    if options.out is not None:
        write_result(_join(results, options.format), options.out)
    return 1 if failed else 0


def _paths(options: argparse.Namespace) -> Iterator[str]:
    return input_lines(options.vcf, options.input)


def _interpret(genomeward: Genomeward, path: str, request: CaseRequest, output: str) -> bytes:
    if path == "-":
        findings = genomeward.interpret_stream(sys.stdin.buffer, request)
    else:
        findings = genomeward.interpret_path(Path(path), request)
    if output == "tsv":
        return table(COLUMNS, [summary_row(request.subject.id, findings)])
    projected = genomeward.project(output, findings)
    return projected if output == "report" else ascii_json(projected) + b"\n"


def _failure(path: str, error: GenomewardError, output: str) -> bytes:
    name = "standard input" if path == "-" else Path(path).name
    if output == "tsv":
        return table(COLUMNS, [{"sample_id": name, "status": "failed", "warnings": str(error)}])
    if output == "report":
        return b""
    if output == "bundle":
        return ascii_json(open_outcome(error)) + b"\n"
    document = {"input": name, "ok": False, "error": {"code": error.fhir_code, "text": str(error)}}
    return json.dumps(document).encode() + b"\n"


def open_outcome(error: GenomewardError) -> bytes:
    """An OperationOutcome in the place of a Bundle."""
    from service.fhir.outcome import operation_outcome_bytes

    return operation_outcome_bytes(error)


def _join(results: list[bytes], output: str) -> bytes:
    if output != "tsv":
        return b"".join(results)
    # One header above all rows.
    return b"".join([results[0], *map(_without_header, results[1:])])


def _without_header(rows: bytes) -> bytes:
    return rows.split(b"\n", 1)[1]

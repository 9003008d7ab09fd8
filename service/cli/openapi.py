"""`genomeward openapi`: the documents that integrators build against."""

import argparse
import json
from pathlib import Path

from service.api.app import create_app
from service.cli.output import write_result
from service.files import write_whole
from service.findings_document import document_schema
from service.settings import Settings


def documents() -> dict[str, bytes]:
    """File name -> content of every exported document."""
    openapi = create_app(Settings()).openapi()
    return {
        "openapi.json": _pretty(openapi),
        "findings.schema.json": _pretty(document_schema()),
    }


def _pretty(document: dict[str, object]) -> bytes:
    return json.dumps(document, indent=1, ensure_ascii=True).encode() + b"\n"


def run(options: argparse.Namespace) -> int:
    """Print the OpenAPI document, or write all documents into a folder."""
    if options.out is None:
        write_result(documents()["openapi.json"], None)
        return 0
    for name, content in documents().items():
        write_whole(Path(options.out) / name, content)
    return 0

"""Commands that answer line by line: describe, frequency and classify."""

import argparse
import json
from collections.abc import Iterable
from typing import Any

from service.bootstrap import open_genomeward, with_nodes
from service.cli.output import input_lines, write_result
from service.domain.assembly import Assembly
from service.errors import InvalidOption
from service.settings import read_settings


def run_describe(options: argparse.Namespace) -> int:
    """Names of every notation; exit 1 where one could not be read."""
    inputs = input_lines(options.items, options.input, empty=True)
    if options.parse_only:
        from service.variants.describe_lines import parse_lines

        return _write(parse_lines(inputs))
    with open_genomeward(read_settings()) as genomeward:
        return _write(genomeward.describe_lines(inputs, _assembly(options.assembly)))


def run_frequency(options: argparse.Namespace) -> int:
    """What every source says of every notation; exit 1 where one could not be read."""
    inputs = input_lines(options.items, options.input)
    with open_genomeward(with_nodes(read_settings(), options.nodes)) as genomeward:
        return _write(genomeward.frequency_lines(inputs))


def run_classify(options: argparse.Namespace) -> int:
    """ACMG/AMP class and criteria of every variant; exit 1 where one, or evidence supplied for one, could not
    be read.
    """
    inputs = input_lines(options.items, options.input)
    with open_genomeward(read_settings()) as genomeward:
        return _write(
            genomeward.classify_lines(
                inputs, scheme=options.scheme, likely_benign_at=options.likely_benign_at
            )
        )


def _assembly(text: str | None) -> Assembly:
    try:
        return Assembly(text or "GRCh38")
    except ValueError:
        raise InvalidOption(f"read {text!r}; expected GRCh38 or GRCh37", where="--assembly") from None


def _write(rows: Iterable[dict[str, Any]]) -> int:
    failed = False
    for row in rows:
        failed |= bool(row.get("error") or row.get("not_used"))
        write_result(json.dumps(row).encode("ascii") + b"\n", None)
    return 1 if failed else 0

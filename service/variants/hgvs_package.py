"""The `hgvs` package: its parser, loaded when first needed. It never connects anywhere."""

import re
import warnings
from functools import cache
from typing import Any

from service.errors import InvalidVariant


@cache
def parser() -> Any:
    """The package's parser."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from hgvs.parser import Parser

        return Parser()


def read_hgvs(text: str) -> Any:
    """The package's SequenceVariant of a text (a PosEdit for a fragment without reference).

    Raises:
        InvalidVariant: the package does not read it either; the message holds the place and what it expected.
    """
    ours = parser()  # first: the package warns while it is imported
    from hgvs.exceptions import HGVSParseError

    fragment = re.match(r"([cgmnpr])\.", text)
    try:
        if fragment:
            return getattr(ours, f"parse_{fragment[1]}_posedit")(text[2:])
        return ours.parse_hgvs_variant(text)
    except HGVSParseError as error:
        reason = " ".join(str(error).split())
        raise InvalidVariant(f"not HGVS nomenclature: {reason[:300]}") from error

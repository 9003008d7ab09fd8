"""Command-line options -> texts and file contents that `intake` reads."""

import argparse
from pathlib import Path
from typing import Any

from service.domain.case import Subject
from service.errors import InvalidOption
from service.intake import SWITCHES, TEXT_OPTIONS, Attachments


def option_texts(options: argparse.Namespace) -> dict[str, Any]:
    """Stated options only, keyed as in a manifest."""
    texts = {name: value for name in TEXT_OPTIONS if (value := getattr(options, name)) is not None}
    return texts | {name: "yes" for name in SWITCHES if getattr(options, name)}


def read_text(path: str | None, option: str) -> str | None:
    """Content of a file that an option names; None where it is not given."""
    if path is None:
        return None
    try:
        return Path(path).read_text("utf-8-sig")
    except OSError as error:
        raise InvalidOption(f"cannot read {Path(path).name}: {error.strerror}", where=option) from error
    except UnicodeDecodeError as error:
        raise InvalidOption(f"{Path(path).name} is not UTF-8 text", where=option) from error


def read_attachments(options: argparse.Namespace) -> Attachments:
    """Contents of all files that options name."""
    return Attachments.read(
        lambda name: read_text(getattr(options, name, None), f"--{name.replace('_', '-')}")
    )


def read_subject(options: argparse.Namespace, vcf: str) -> Subject:
    """The subject is the Patient where one is given, else named as the file is."""
    if options.patient is not None:
        return Subject("")
    return Subject("stdin" if vcf == "-" else Path(vcf).name.split(".")[0])

"""Command-line options -> texts and file contents that `intake` reads."""

import argparse
import json
from pathlib import Path
from typing import Any

from service.domain.case import Subject
from service.errors import InvalidOption
from service.intake import SWITCHES, Attachments

TEXT_OPTIONS = (
    "sample",
    "assembly",
    "sex",
    "phenotypes",
    "medications",
    "indication",
    "consent_secondary",
)


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
    return Attachments(
        outside_calls=read_text(options.outside_calls, "--outside-calls"),
        medications=read_text(options.medications_file, "--medications-file"),
        pedigree=read_text(options.pedigree, "--pedigree"),
        coverage=read_text(options.coverage, "--coverage"),
    )


def read_subject(patient_file: str | None, vcf: str) -> Subject:
    """The subject from a FHIR Patient (or Bundle); the file's name where none is given."""
    if patient_file is None:
        return Subject("stdin" if vcf == "-" else Path(vcf).name.split(".")[0])
    text = read_text(patient_file, "--patient") or ""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidOption(f"not JSON: {error}", where="--patient") from error
    resources = (
        [entry.get("resource", {}) for entry in document.get("entry", [])]
        if document.get("resourceType") == "Bundle"
        else [document]
    )
    by_type = {resource.get("resourceType"): resource for resource in resources}
    patient = by_type.get("Patient")
    if patient is None:
        raise InvalidOption("expected a FHIR Patient, or a Bundle that carries one", where="--patient")
    return Subject(
        subject_id(patient),
        patient=patient,
        service_request=by_type.get("ServiceRequest"),
        specimen=by_type.get("Specimen"),
    )


def subject_id(patient: dict[str, Any]) -> str:
    """The Patient's id, else its first identifier."""
    identifiers = patient.get("identifier") or [{}]
    found = patient.get("id") or identifiers[0].get("value")
    if not found:
        raise InvalidOption("the Patient has neither id nor identifier", where="--patient")
    return str(found)

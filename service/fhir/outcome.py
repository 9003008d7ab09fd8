"""Errors and issues as OperationOutcome."""

from collections.abc import Iterable
from typing import Any

import orjson

from service.domain.issue import Issue
from service.errors import GenomewardError, InvalidResource
from service.fhir.terminology import Json


def operation_outcome(told: GenomewardError | Iterable[Issue]) -> dict[str, Any]:
    """What went wrong, or what a reader of a result must know; never empty.

    >>> operation_outcome([])["issue"][0]["severity"]
    'information'
    """
    if isinstance(told, GenomewardError):
        issues = [_of_error(told)]
    else:
        issues = [_issue(issue.severity, issue.code, issue.text, issue.where) for issue in told]
    return {
        "resourceType": "OperationOutcome",
        "issue": issues or [_issue("information", "informational", "Nothing to report.", None)],
    }


def operation_outcome_bytes(told: GenomewardError | Iterable[Issue]) -> bytes:
    """The OperationOutcome on one line of UTF-8 JSON."""
    return orjson.dumps(operation_outcome(told))


def _of_error(error: GenomewardError) -> Json:
    issue = _issue("error", error.fhir_code, error.message, error.where)
    if isinstance(error, InvalidResource) and error.where:
        issue["expression"] = [error.where]
    return issue


def _issue(severity: str, code: str, text: str, where: str | None) -> Json:
    issue: Json = {"severity": severity, "code": code, "details": {"text": text}}
    if where:
        issue["diagnostics"] = where
    return issue

"""One thing that the reader of a result must know about how it came about."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["fatal", "error", "warning", "information"]


@dataclass(frozen=True, slots=True)
class Issue:
    """A problem or limit, in words for people.

    `code` is a FHIR issue-type code (http://hl7.org/fhir/issue-type). `text` never carries a genotype or an
    identifier of a person. `where` names a line, a gene, a source or an option.
    """

    severity: Severity
    code: str
    text: str
    where: str | None = None

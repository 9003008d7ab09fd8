"""What callers write as text -> CaseRequest: one reading of every option."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from service.domain.assembly import Assembly, parse_contig
from service.domain.case import CaseRequest, Consent, InterpretOptions, Medication, Sex, Subject
from service.domain.pgx import OutsideCall
from service.domain.variant import CoveredIntervals, Interval
from service.errors import InvalidOption, InvalidResource
from service.pgx.outside_calls import parse_outside_calls
from service.raredisease.attached_criteria import parse_criteria

HPO = re.compile(r"HP:\d{7}")
INDICATION = re.compile(r"MONDO:\d{7}|[A-Za-z][A-Za-z0-9-]{0,24}")
RXNORM = re.compile(r"\d{1,8}")
# Three letters at least, so that a mistyped code is not taken for a name.
MEDICINE_NAME = re.compile(r"(?=.*[^\W\d_]{3})\w[^<>{}|;]{1,79}")
ATC = re.compile(r"[A-Z]\d{2}([A-Z]([A-Z](\d{2})?)?)?")
LONGEST_SHOWN = 40
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

Choice = TypeVar("Choice", bound=StrEnum)

# Names of all options, as in a manifest's header: texts, switches, and files whose content is read.
TEXT_OPTIONS = (
    "sample",
    "assembly",
    "sex",
    "phenotypes",
    "medications",
    "indication",
    "consent_secondary",
)
SWITCHES = (
    "accept_filtered",
    "assume_reference_for_missing",
    "all_diplotypes",
    "combinations",
    "call_cyp2d6",
    "carriers",
)
FILE_OPTIONS = ("outside_calls", "medications_file", "pedigree", "coverage", "criteria", "patient")


@dataclass(frozen=True, slots=True)
class Attachments:
    """Contents of the files that a request names; None where not given."""

    outside_calls: str | None = None
    medications: str | None = None
    pedigree: str | None = None
    coverage: str | None = None
    criteria: str | None = None
    # FHIR: a Patient, or a Bundle with Patient, ServiceRequest and Specimen.
    patient: str | None = None

    @classmethod
    def read(cls, content: Callable[[str], str | None]) -> "Attachments":
        """The content of each of FILE_OPTIONS; `content` answers None where one is not given."""
        return cls(**{name.removesuffix("_file"): content(name) for name in FILE_OPTIONS})


def _shown(text: str | None) -> str:
    """What was read, for a message; of a long text only its length.

    >>> _shown("both"), _shown("x" * 90)
    ("'both'", '90 characters')
    """
    return repr(text) if len(text or "") <= LONGEST_SHOWN else f"{len(text or ''):,} characters"


def _items(text: str | None) -> tuple[str, ...]:
    return tuple(item.strip() for item in (text or "").split(",") if item.strip())


def _choice(kind: type[Choice], text: str | None, option: str, default: Choice) -> Choice:
    if not text:
        return default
    for member in kind:
        if member.value.lower() == text.strip().lower():
            return member
    raise InvalidOption(
        f"read {_shown(text)}; expected {', '.join(member.value for member in kind)}", where=option
    )


def read_assembly(text: str | None) -> Assembly | None:
    """The assembly that a name stands for; None where none is given."""
    if not text:
        return None
    known = {
        "grch38": Assembly.GRCH38,
        "hg38": Assembly.GRCH38,
        "grch37": Assembly.GRCH37,
        "hg19": Assembly.GRCH37,
    }
    try:
        return known[text.strip().lower()]
    except KeyError:
        raise InvalidOption(f"read {_shown(text)}; expected GRCh38 or GRCh37", where="assembly") from None


def _switch(text: str | bool | None, option: str) -> bool:
    if isinstance(text, bool):
        return text
    answer = {"": False, "no": False, "false": False, "0": False, "yes": True, "true": True, "1": True}
    try:
        return answer[(text or "").strip().lower()]
    except KeyError:
        raise InvalidOption(f"read {_shown(text)}; expected yes or no", where=option) from None


def parse_phenotypes(text: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Observed and excluded HPO ids; an exclusion is written with a leading `!`.

    >>> parse_phenotypes("HP:0001250,!HP:0001263")
    (('HP:0001250',), ('HP:0001263',))
    """
    observed: list[str] = []
    excluded: list[str] = []
    for item in _items(text):
        term = item.removeprefix("!")
        if not HPO.fullmatch(term):
            raise InvalidOption(
                f"read {_shown(item)}; expected HPO ids such as HP:0001250", where="phenotypes"
            )
        (excluded if item.startswith("!") else observed).append(term)
    return tuple(observed), tuple(excluded)


def parse_indication(text: str | None) -> tuple[str, ...]:
    """Gene symbols and MONDO ids that the test was ordered for."""
    for item in _items(text):
        if not INDICATION.fullmatch(item):
            raise InvalidOption(
                f"read {_shown(item)}; expected gene symbols or MONDO ids", where="indication"
            )
    return _items(text)


def parse_medications(text: str | None) -> tuple[Medication, ...]:
    """Medications from a comma list of RxNorm codes, ATC codes or names, each recognised by its form.

    >>> [(m.rxnorm, m.atc, m.name) for m in parse_medications("32968, b01ac04, St John's wort")]
    [('32968', None, None), (None, 'B01AC04', None), (None, None, "St John's wort")]
    """
    medications = []
    for item in _items(text):
        if RXNORM.fullmatch(item):
            medications.append(Medication(rxnorm=item))
        elif ATC.fullmatch(item.upper()):
            medications.append(Medication(atc=item.upper()))
        elif MEDICINE_NAME.fullmatch(item):
            medications.append(Medication(name=item))
        else:
            raise InvalidOption(
                f"read {_shown(item)}; expected RxNorm codes, ATC codes or names", where="medications"
            )
    return tuple(medications)


def parse_medications_file(text: str) -> tuple[Medication, ...]:
    """Medications from a table with a header: rxnorm, atc or name, and optionally dose, route, start, end."""
    rows = csv.DictReader(
        (line for line in io.StringIO(text) if line.strip() and not line.startswith("#")), delimiter="\t"
    )
    columns = {(name or "").strip().lower() for name in rows.fieldnames or ()}
    if not columns & {"rxnorm", "atc", "name"}:
        raise InvalidOption("expected a header with a column rxnorm, atc or name", where="medications file")
    medications = []
    for number, row in enumerate(rows, start=2):
        cells = {
            (k or "").strip().lower(): (v or "").strip() or None for k, v in row.items() if isinstance(v, str)
        }
        where = f"medications file, line {number}"
        rxnorm, atc, name = cells.get("rxnorm"), cells.get("atc"), cells.get("name")
        if not rxnorm and not atc and not name:
            raise InvalidOption("none of rxnorm, atc and name is given", where=where)
        if rxnorm and not RXNORM.fullmatch(rxnorm):
            raise InvalidOption(f"rxnorm {_shown(rxnorm)}; expected digits", where=where)
        if atc and not ATC.fullmatch(atc.upper()):
            raise InvalidOption(f"atc {_shown(atc)}; expected a code such as B01AC04", where=where)
        for key in ("start", "end"):
            if (date := cells.get(key)) and not ISO_DATE.fullmatch(date):
                raise InvalidOption(f"{key} {_shown(date)}; expected YYYY-MM-DD", where=where)
        medications.append(
            Medication(
                rxnorm=rxnorm,
                atc=atc.upper() if atc else None,
                name=name,
                dose=cells.get("dose"),
                route=cells.get("route"),
                start=cells.get("start"),
                end=cells.get("end"),
            )
        )
    return tuple(medications)


def parse_coverage(text: str) -> CoveredIntervals:
    """Covered intervals from a BED file: chromosome, start, end (0-based, half-open)."""
    intervals = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        cells = line.split("\t") if "\t" in line else line.split()
        where = f"coverage BED, line {number}"
        if len(cells) < 3 or not cells[1].isdigit() or not cells[2].isdigit():
            raise InvalidOption("expected chromosome, start and end", where=where)
        if (contig := parse_contig(cells[0])) is not None:
            intervals.append(Interval(contig.chrom, int(cells[1]), int(cells[2])))
    return CoveredIntervals(intervals)


def read_consent(text: str | None) -> Consent:
    """Consent to secondary findings; unknown where it is not stated."""
    return _choice(Consent, text, "consent-secondary", Consent.UNKNOWN)


def read_options(options: Mapping[str, Any], attachments: Attachments) -> InterpretOptions:
    """InterpretOptions from texts, keyed by the option names of `interpret` with underscores."""
    observed, excluded = parse_phenotypes(options.get("phenotypes"))
    medications = parse_medications(options.get("medications"))
    if attachments.medications is not None:
        medications += parse_medications_file(attachments.medications)
    return InterpretOptions(
        sex=_choice(Sex, options.get("sex"), "sex", Sex.UNKNOWN),
        phenotypes=observed,
        excluded_phenotypes=excluded,
        medications=medications,
        indication=parse_indication(options.get("indication")),
        consent_secondary=read_consent(options.get("consent_secondary")),
        **{name: _switch(options.get(name), name.replace("_", "-")) for name in SWITCHES},
    )


def read_request(
    options: Mapping[str, Any],
    attachments: Attachments,
    subject: Subject,
    extra_outside_calls: tuple[OutsideCall, ...] = (),
    *,
    own_name: bool = False,
) -> CaseRequest:
    """A CaseRequest from texts; without a subject's id it is the posted Patient's.

    With `own_name` the id is the sender's own name for the row, which no Patient can contradict.

    Raises InvalidOption naming what was read and what was expected, InvalidResource for a Patient that is
    none, or another one than the subject.
    """
    outside = parse_outside_calls(attachments.outside_calls) if attachments.outside_calls is not None else ()
    request = CaseRequest(
        subject=subject,
        sample=options.get("sample") or None,
        assembly=read_assembly(options.get("assembly")),
        options=read_options(options, attachments),
        outside_calls=(*tuple(outside), *extra_outside_calls),
        pedigree=attachments.pedigree,
        coverage=parse_coverage(attachments.coverage) if attachments.coverage is not None else None,
        criteria=parse_criteria(attachments.criteria) if attachments.criteria is not None else (),
    )
    if attachments.patient is None:
        return request
    return with_people(request, attachments.patient, own_name=own_name)


def with_people(request: CaseRequest, text: str, *, own_name: bool = False) -> CaseRequest:
    """The request with the person, order and specimen of a posted Patient or Bundle, validated as FHIR R4.

    Sex, medicines, phenotypes, indication and consent that come with them are read too; they must not
    contradict the request. An id that the request states stays the subject's id; unless it is an `own_name`
    it must be the Patient's id or one of the identifiers.

    Raises:
        InvalidResource: not FHIR, invalid, contradictory, or without a Patient that can be named.
    """
    from service.fhir.inbound import read_inbound

    inbound = read_inbound(text.encode())
    if inbound.request.subject.patient is None or inbound.variants:
        raise InvalidResource(
            "expected a Patient, or a Bundle with Patient, ServiceRequest and Specimen, and no variants",
            where="patient",
        )
    completed = inbound.completing(replace(request, subject=Subject("")) if own_name else request)
    named = request.subject.id or completed.subject.id
    if not named:
        raise InvalidResource("the Patient has neither id nor identifier", where="patient")
    return replace(completed, subject=replace(completed.subject, id=named))

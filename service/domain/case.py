"""One patient's question: who, which sample, what was read, what else is known."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from service.domain.assembly import Assembly
from service.domain.disease import Criterion
from service.domain.issue import Issue
from service.domain.pgx import OutsideCall
from service.domain.variant import CoveredIntervals, GenotypeRecord, UncalledRecord, VariantCall
from service.errors import InvalidOption

# Identifiers of people and samples; what is longer is no identifier.
LONGEST_NAME = 200


class Sex(StrEnum):
    """Sex for the purpose of ploidy, as recorded; never inferred."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


class Consent(StrEnum):
    """Whether the person agreed to be told of secondary findings."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Medication:
    """A drug taken now or before, by `rxnorm`, `atc` or `name`. Dates are ISO 8601; None is not stated."""

    rxnorm: str | None = None
    atc: str | None = None
    name: str | None = None
    dose: str | None = None
    route: str | None = None
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class InterpretOptions:
    """What the caller chose; part of the input digest."""

    sex: Sex = Sex.UNKNOWN
    phenotypes: tuple[str, ...] = ()
    excluded_phenotypes: tuple[str, ...] = ()
    medications: tuple[Medication, ...] = ()
    indication: tuple[str, ...] = ()
    consent_secondary: Consent = Consent.UNKNOWN
    accept_filtered: bool = False
    assume_reference_for_missing: bool = False
    all_diplotypes: bool = False
    combinations: bool = False
    call_cyp2d6: bool = False
    carriers: bool = False


def refuse_long_name(name: str, what: str) -> None:
    """Raises InvalidOption, which does not repeat the name."""
    if len(name) > LONGEST_NAME:
        raise InvalidOption(f"{len(name):,} characters; expected at most {LONGEST_NAME}", where=what)


@dataclass(frozen=True, slots=True)
class Subject:
    """The person and the request, as FHIR resources that came with the case, untouched.

    Raises InvalidOption where the id is longer than LONGEST_NAME characters.
    """

    id: str
    patient: dict[str, Any] | None = None
    service_request: dict[str, Any] | None = None
    specimen: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        refuse_long_name(self.id, "subject")


@dataclass(frozen=True, slots=True)
class SuppliedCriteria:
    """ACMG/AMP criteria that people applied to one variant, which `variant` names in any notation.

    `alone`: its class rests on these criteria alone, and automatic verdicts are suggestions beside it.
    `where` is the line of a table or the FHIRPath at which they were read.
    """

    variant: str
    criteria: tuple[Criterion, ...]
    alone: bool = True
    assembly: Assembly = Assembly.GRCH38
    where: str = ""


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """What a caller asks for, before the file is read. None means "not stated".

    Raises InvalidOption where the sample's name is longer than LONGEST_NAME characters.
    """

    subject: Subject
    sample: str | None = None
    assembly: Assembly | None = None
    options: InterpretOptions = field(default_factory=InterpretOptions)
    outside_calls: tuple[OutsideCall, ...] = ()
    # Trios in the same VCF: PED file content, and coverage intervals from a BED file.
    pedigree: str | None = None
    coverage: CoveredIntervals | None = None
    criteria: tuple[SuppliedCriteria, ...] = ()

    def __post_init__(self) -> None:
        refuse_long_name(self.sample or "", "sample")


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that the pipeline needs to know of one patient.

    `records` are the records at sites of interest as written (for pharmacogenes, hom-ref ones included);
    `calls` are the candidate variants on GRCh38; `covered` are intervals stated to be reference, in the
    input's assembly; `input_digest` is SHA-256 of the bytes read.
    """

    subject: Subject
    sample: str
    assembly: Assembly
    options: InterpretOptions
    records: tuple[GenotypeRecord, ...] = ()
    calls: tuple[VariantCall, ...] = ()
    covered: CoveredIntervals = field(default_factory=CoveredIntervals)
    outside_calls: tuple[OutsideCall, ...] = ()
    issues: tuple[Issue, ...] = ()
    input_digest: str = ""
    record_count: int | None = None
    # False for a variants-only file, True when reference blocks or hom-ref records were seen.
    has_reference_calls: bool = False
    # (chrom, start) of records at sites of interest that could not be read, in the input's assembly.
    refused: frozenset[tuple[str, int]] = frozenset()
    # Where the sample has records that could not be read or interpreted, in the input's assembly.
    unread: CoveredIntervals = field(default_factory=CoveredIntervals)
    # Where it carries structural alleles that did not pass their filters, in the input's assembly.
    filtered: CoveredIntervals = field(default_factory=CoveredIntervals)
    # Records of one site without a genotype, where genes are asked about; in the input's assembly.
    uncalled: tuple[UncalledRecord, ...] = ()
    # Blocks of several sites without a genotype, likewise.
    uncalled_blocks: CoveredIntervals = field(default_factory=CoveredIntervals)
    # Parents' genotypes from the same VCF, by GRCh38 (chrom, start, ref, alt): (father, mother) indices.
    parental_origin: dict[tuple[str, int, str, str], str] = field(default_factory=dict)
    # SHA-256 over pedigree, stated coverage and criteria, which are part of the question; empty without them.
    attached_digest: str = ""
    # By GRCh38 (chrom, start, ref, alt) of the left-aligned variant.
    criteria: dict[tuple[str, int, str, str], SuppliedCriteria] = field(default_factory=dict)

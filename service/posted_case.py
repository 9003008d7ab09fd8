"""Variants posted as FHIR -> a Case: notations become calls, and records for the pharmacogenes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from service.domain.assembly import Assembly
from service.domain.case import Case, CaseRequest, Subject, SuppliedCriteria
from service.domain.issue import Issue
from service.domain.variant import (
    CoveredIntervals,
    GenotypeRecord,
    Interval,
    Variant,
    VariantCall,
    Zygosity,
)
from service.errors import InvalidInput, InvalidOption, InvalidResource, NothingToInterpret
from service.fhir.inbound import InboundCase
from service.fhir.posted_variant import InboundVariant
from service.intake import FILE_OPTIONS, SWITCHES, TEXT_OPTIONS, Attachments, read_request
from service.raredisease.classify import Mode
from service.raredisease.supplied import in_order, parse_supplied
from service.variants.ploidy import Ploidy

# A notation -> the left-aligned variant on GRCh38. Raises InvalidInput.
Parse = Callable[[str], Variant]

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GENOTYPES: dict[Zygosity, tuple[int, ...]] = {
    Zygosity.HETEROZYGOUS: (0, 1),
    Zygosity.HOMOZYGOUS: (1, 1),
    Zygosity.HEMIZYGOUS: (1,),
}

TOLD_TWICE = (
    "two Observations tell this variant differently (allelic state or fraction); where they differ it is open"
)
FURTHER_CRITERIA = "further criteria of a variant that has some were not used"
_LISTS = frozenset({"phenotypes", "medications", "indication"})
# Patient, order and specimen come as resources.
_FILES = tuple(name for name in FILE_OPTIONS if name != "patient")
_OPTIONS = {"subject", "criteria_mode", *TEXT_OPTIONS, *SWITCHES, *_FILES}


def asked_in(inbound: InboundCase, options: Mapping[str, str]) -> CaseRequest:
    """The request in Parameters named as the options of `interpret` (any of consent-secondary,
    consent_secondary, consentSecondary), and in `options`, which come first.

    Lists may be repeated. Raises InvalidOption for a name that is none of them, and for two answers to one.
    """
    posted: dict[str, str] = {}
    for given, value in inbound.parameters:
        name = _WORD.sub("_", given).replace("-", "_").lower()
        if name not in _OPTIONS:
            raise InvalidOption("a parameter has a name that is not documented", where="Parameters")
        if name in posted and name not in _LISTS:
            raise InvalidOption("the parameter was sent twice", where=name)
        posted[name] = f"{posted[name]},{value}" if name in posted else value
    posted.pop("criteria_mode", None)  # of criteria in Observations; `case_of` reads it
    attachments = Attachments.read(lambda name: posted.pop(name, None) if name in _FILES else None)
    texts = {**posted, **options}
    return read_request(texts, attachments, Subject(texts.get("subject", "")))


def case_of(inbound: InboundCase, request: CaseRequest, parse: Parse) -> Case:
    """The Case of posted variants. A name that cannot be what it says costs that variant, with an Issue.

    Nothing outside the posted variants is known: every other position stays missing, never reference.
    Raises InvalidResource when variants were posted and none can be read, NothingToInterpret when neither a
    variant nor a genotype came.
    """
    if not inbound.has_results and not request.outside_calls:
        raise NothingToInterpret("no variant and no genotype was posted: there is nothing to interpret")
    if not request.subject.id:
        raise InvalidResource("no subject is named: say whose variants these are", where="subject")
    alone = _mode(inbound) is Mode.ONLY
    issues = list(inbound.issues)
    ploidy = Ploidy(Assembly.GRCH38, request.options.sex)
    found: dict[Variant, VariantCall] = {}
    unread: list[Interval] = []
    criteria: dict[tuple[str, int, str, str], SuppliedCriteria] = {}
    for posted in inbound.variants:
        try:
            call = _call(posted, parse)
            if why := _contradiction(call, ploidy):
                issues.append(Issue("warning", "conflict", why, posted.path))
                unread.append(Interval(call.variant.chrom, call.variant.start, call.variant.end))
                continue
            if ploidy.has_one_copy(call.variant.chrom, call.variant.start):
                call = replace(call, zygosity=Zygosity.HEMIZYGOUS)
            if (earlier := found.setdefault(call.variant, call)) != call:
                found[call.variant] = _joined(earlier, call)
                issues.append(Issue("warning", "conflict", TOLD_TWICE, posted.path))
        except InvalidInput as error:
            issues.append(Issue("error", "value", f"not interpreted: {_unnamed(error, posted)}", posted.path))
            continue
        if posted.criteria:
            variant = call.variant
            try:
                supplied = _criteria(posted, alone=alone)
            except InvalidInput as error:
                text = f"its criteria were not used: {error.message}"
                issues.append(Issue("error", "value", text, posted.path))
            else:
                key = (variant.chrom, variant.start, variant.ref, variant.alt)
                if criteria.setdefault(key, supplied).criteria != supplied.criteria:
                    issues.append(Issue("error", "value", FURTHER_CRITERIA, posted.path))
    calls = list(found.values())
    if inbound.variants and not calls and not unread:
        reasons = "; ".join(f"{issue.where}: {issue.text}" for issue in issues[-3:])
        raise InvalidResource(f"none of the posted variants could be read; {reasons}")
    return Case(
        subject=request.subject,
        sample=request.sample or request.subject.id,
        assembly=Assembly.GRCH38,
        options=request.options,
        records=_records(calls),
        calls=tuple(calls),
        outside_calls=request.outside_calls,
        issues=tuple(issues),
        unread=CoveredIntervals(unread),
        input_digest=inbound.digest,
        record_count=len(inbound.variants),
        criteria=criteria,
    )


def _mode(inbound: InboundCase) -> Mode:
    """Whether posted criteria decide alone (the default) or join the automatic ones."""
    for name, value in inbound.parameters:
        if _WORD.sub("_", name).replace("-", "_").lower() == "criteria_mode":
            try:
                return Mode(value.strip().lower())
            except ValueError:
                raise InvalidOption("expected only or add", where="criteria_mode") from None
    return Mode.ONLY


def _criteria(posted: InboundVariant, *, alone: bool) -> SuppliedCriteria:
    return SuppliedCriteria(
        posted.text, in_order(parse_supplied(posted.criteria)), alone=alone, where=posted.path
    )


def _unnamed(error: InvalidInput, posted: InboundVariant) -> str:
    """What is wrong with a variant, without the variant: errors end up in other systems' logs."""
    said = str(error)
    for name in (posted.text, *posted.also):
        for part in (name, name.partition(":")[2]):
            if part:
                said = said.replace(part, "its name")
    return said


def _call(posted: InboundVariant, parse: Parse) -> VariantCall:
    variant = parse(posted.text)
    for other in posted.also:
        if parse(other) != variant:
            raise posted.impossible("its names mean different changes")
    return VariantCall(variant, posted.zygosity, allele_fraction=posted.allele_fraction)


def _contradiction(call: VariantCall, ploidy: Ploidy) -> str | None:
    """Why this person cannot carry the variant so; of an unknown allelic state nothing is concluded."""
    return ploidy.contradiction(_record(call, 0)) if call.zygosity in _GENOTYPES else None


def _joined(earlier: VariantCall, later: VariantCall) -> VariantCall:
    """One call of two about the same variant: where they differ nothing is known."""
    same = earlier.allele_fraction == later.allele_fraction
    return replace(
        earlier,
        zygosity=earlier.zygosity if earlier.zygosity is later.zygosity else Zygosity.UNKNOWN,
        allele_fraction=earlier.allele_fraction if same else None,
    )


def _records(calls: Sequence[VariantCall]) -> tuple[GenotypeRecord, ...]:
    """One record per call whose genotype is known, for the pharmacogenes."""
    return tuple(
        _record(call, number) for number, call in enumerate(calls, start=1) if call.zygosity in _GENOTYPES
    )


def _record(call: VariantCall, number: int) -> GenotypeRecord:
    return GenotypeRecord(
        chrom=call.variant.chrom,
        start=call.variant.start,
        ref=call.variant.ref,
        alts=(call.variant.alt,),
        genotype=_GENOTYPES[call.zygosity],
        phased=False,
        phase_set=None,
        filters=(),
        passed=True,
        depth=None,
        allele_depths=None,
        rsid=None,
        line=number,
    )

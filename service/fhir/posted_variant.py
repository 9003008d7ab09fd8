"""Variant Observations that were posted: the notation in them and how the sample carries it."""

import re
from dataclasses import dataclass
from typing import Any

from service.domain.assembly import Assembly, chromosome_of
from service.domain.variant import Zygosity
from service.errors import InvalidResource
from service.fhir.posted import Located, codings, has_code
from service.fhir.terminology import ALLELIC_STATES, ASSEMBLIES, LOINC, Json

_ACCESSION = re.compile(r"[A-Z]{2}_\d+\.\d+\Z")
_BASES = re.compile(r"[ACGTN]*\Z")
_ZYGOSITY = {answer["coding"][0]["code"]: state for state, answer in ALLELIC_STATES.items()}
_ASSEMBLY = {answer["coding"][0]["code"]: Assembly(name) for name, answer in ASSEMBLIES.items()}
# LL5323-2: what to subtract from `low` to get an interbase start, and what `high` adds to its end.
_COUNTING = {"LA30100-4": (0, 0), "LA30101-2": (0, 1), "LA30102-0": (1, 0)}

GENOMIC_HGVS, CODING_HGVS, PROTEIN_HGVS = "81290-9", "48004-6", "48005-3"
GENOMIC_REFERENCE, TRANSCRIPT_REFERENCE = "48013-7", "51958-7"
EXACT_RANGE, COORDINATE_SYSTEM, REF_ALLELE, ALT_ALLELE = "81254-5", "92822-6", "69547-8", "69551-0"
ALLELIC_STATE, ALLELIC_FREQUENCY, REFERENCE_ASSEMBLY = "53034-5", "81258-6", "62374-4"
_PRESENCE = {
    "LA9633-4": "present",
    "LA9634-2": "absent",
    "LA18198-4": "no call",
    "LA11884-6": "indeterminate",
}
_STRUCTURAL = {"81302-2", "81301-4"}
_NEEDED = (
    (GENOMIC_REFERENCE, "the genomic reference sequence"),
    (EXACT_RANGE, "exact start and end"),
    (COORDINATE_SYSTEM, "the coordinate system"),
    (ALT_ALLELE, "the alternate allele"),
)


@dataclass(frozen=True, slots=True)
class InboundVariant:
    """A variant as text (HGVS or SPDI), not yet parsed, and how the sample carries it.

    `also` are the other names that the same Observation gives: all must mean the same change. `path` is the
    FHIRPath to blame when a name turns out to be impossible. `criteria` are ACMG/AMP criteria as written.
    """

    text: str
    zygosity: Zygosity
    path: str
    also: tuple[str, ...] = ()
    assembly: Assembly | None = None
    allele_fraction: float | None = None
    criteria: tuple[dict[str, str], ...] = ()

    def impossible(self, reason: str) -> InvalidResource:
        """The error to raise when the notation cannot be what it says; `reason` must not quote genotypes."""
        return InvalidResource(reason, where=self.path)


def is_variant(observation: Json) -> bool:
    """Whether an Observation is a genetic variant assessment."""
    return has_code(observation.get("code"), LOINC, "69548-6")


def presence(located: Located) -> str:
    """`present`, `absent`, `no call` or `indeterminate`; without any value a variant is stated as present."""
    value = located.resource.get("valueCodeableConcept")
    if value is None:
        return "present" if "dataAbsentReason" not in located.resource else "no call"
    for coding in codings(value):
        if coding["code"] in _PRESENCE:
            return _PRESENCE[coding["code"]]
    raise InvalidResource(
        "expected one of the answers Present, Absent, No call, Indeterminate (LOINC LL1971-2)",
        where=f"{located.path}.value",
    )


def read_variant(located: Located) -> InboundVariant:
    """The variant that an Observation describes.

    Raises:
        InvalidResource: neither an HGVS name nor a complete VCF-like definition, or one that contradicts
            itself; `where` names the component.
    """
    parts = _components(located)
    names = [
        name
        for name in (
            _hgvs(parts, GENOMIC_HGVS, located.path),
            _vcf_like(parts, located.path),
            _hgvs(parts, CODING_HGVS, located.path),
        )
        if name
    ]
    if not names:
        raise InvalidResource(_why_nameless(parts), where=f"{located.path}.component")
    assembly = _assembly(parts, names, located.path)
    return InboundVariant(
        text=names[0],
        zygosity=_zygosity(parts, located.path),
        path=located.path,
        also=tuple(names[1:]),
        assembly=assembly,
        allele_fraction=_fraction(parts, located.path),
    )


def names_of(located: Located) -> tuple[str, ...]:
    """The names of a variant that is not said to be present; empty where they cannot be read."""
    try:
        variant = read_variant(located)
    except InvalidResource:
        return ()
    return (variant.text, *variant.also)


def _why_nameless(parts: dict[str, tuple[str, Json]]) -> str:
    if parts.keys() & _STRUCTURAL:
        return "a structural variant with imprecise ends is not interpreted"
    if PROTEIN_HGVS in parts:
        return "a protein change alone does not name a variant; expected genomic or coding HGVS"
    return "expected genomic HGVS, coding HGVS, or reference sequence, position and both alleles"


def _components(located: Located) -> dict[str, tuple[str, Json]]:
    """Components by LOINC code, each with its path; the first wins where one is repeated."""
    found: dict[str, tuple[str, Json]] = {}
    for number, component in enumerate(located.resource.get("component", [])):
        for coding in codings(component.get("code")):
            if coding.get("system") == LOINC:
                found.setdefault(coding["code"], (f"{located.path}.component[{number}]", component))
    return found


def _hgvs(parts: dict[str, tuple[str, Json]], code: str, path: str) -> str | None:
    if code not in parts:
        return None
    where, component = parts[code]
    given = codings(component.get("valueCodeableConcept"))
    text = given[0]["code"] if given else None
    if not isinstance(text, str) or ":" not in text:
        raise InvalidResource("expected HGVS as code, `reference:description`", where=where or path)
    return text.strip()


def _vcf_like(parts: dict[str, tuple[str, Json]], path: str) -> str | None:
    """SPDI of reference sequence, range and alleles; None when none of these is given."""
    if EXACT_RANGE not in parts and ALT_ALLELE not in parts:
        return None
    if GENOMIC_REFERENCE not in parts and TRANSCRIPT_REFERENCE in parts and CODING_HGVS in parts:
        return None
    for code, name in _NEEDED:
        if code not in parts:
            raise InvalidResource(f"{name} ({code}) is missing", where=f"{path}.component")
    accession = _reference_sequence(*parts[GENOMIC_REFERENCE])
    ref = _allele(*parts[REF_ALLELE]) if REF_ALLELE in parts else ""
    alt = _allele(*parts[ALT_ALLELE])
    where, counting = parts[COORDINATE_SYSTEM]
    offsets = next(
        (
            _COUNTING[coding["code"]]
            for coding in codings(counting.get("valueCodeableConcept"))
            if coding["code"] in _COUNTING
        ),
        None,
    )
    if offsets is None:
        raise InvalidResource("expected a coordinate system of LOINC LL5323-2", where=where)
    start = _start(*parts[EXACT_RANGE], *offsets, len(ref))
    return f"{accession}:{start}:{ref}:{alt}"


def _reference_sequence(where: str, component: Json) -> str:
    given = codings(component.get("valueCodeableConcept"))
    if not given or not _ACCESSION.match(str(given[0]["code"])):
        raise InvalidResource("expected a RefSeq accession with version as code", where=where)
    return str(given[0]["code"])


def _allele(where: str, component: Json) -> str:
    text = str(component.get("valueString", "")).strip().upper()
    bases = "" if text in ("-", ".") else text
    if not _BASES.match(bases):
        raise InvalidResource("an allele is made of A, C, G, T and N", where=where)
    return bases


def _start(where: str, component: Json, before: int, beyond: int, length: int) -> int:
    """Interbase start; a stated end must agree with the reference allele."""
    limits: dict[str, Any] = component.get("valueRange") or {}
    low = _whole(limits.get("low"))
    if low is None:
        raise InvalidResource("expected a whole number as low", where=f"{where}.valueRange")
    start = low - before
    if start < 0:
        raise InvalidResource("the position is before the sequence", where=f"{where}.valueRange")
    if limits.get("high") is not None:
        high = _whole(limits["high"])
        if high is None or (length and high + beyond != start + length):
            raise InvalidResource(
                "low and high do not span the reference allele", where=f"{where}.valueRange"
            )
    return start


def _whole(quantity: object) -> int | None:
    value = quantity.get("value") if isinstance(quantity, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        return None
    return int(value)


def _assembly(parts: dict[str, tuple[str, Json]], names: list[str], path: str) -> Assembly | None:
    """The assembly stated, checked against the chromosomes' accessions; theirs when none is stated."""
    stated = None
    if REFERENCE_ASSEMBLY in parts:
        where, component = parts[REFERENCE_ASSEMBLY]
        codes = [coding["code"] for coding in codings(component.get("valueCodeableConcept"))]
        stated = next((_ASSEMBLY[code] for code in codes if code in _ASSEMBLY), None)
        if stated is None:
            raise InvalidResource("expected GRCh37 or GRCh38 (LOINC LL1040-6)", where=where)
    for name in names:
        chromosome = chromosome_of(name.split(":")[0])
        if chromosome is None:
            continue
        assemblies, _ = chromosome
        if stated and stated not in assemblies:
            raise InvalidResource(
                f"the reference sequence does not belong to {stated.value}, which is stated",
                where=f"{path}.component",
            )
        if stated is None and len(assemblies) == 1:
            stated = next(iter(assemblies))
    return stated


def _zygosity(parts: dict[str, tuple[str, Json]], path: str) -> Zygosity:
    if ALLELIC_STATE not in parts:
        return Zygosity.UNKNOWN
    where, component = parts[ALLELIC_STATE]
    value = component.get("valueCodeableConcept")
    for coding in codings(value):
        if coding["code"] in _ZYGOSITY:
            return _ZYGOSITY[coding["code"]]
    words = str(value.get("text", "")).lower() if isinstance(value, dict) else ""
    known = {state.value: state for state in Zygosity}
    if words in known:
        return known[words]
    raise InvalidResource("expected an allelic state of LOINC LL381-5", where=where or path)


def _fraction(parts: dict[str, tuple[str, Json]], path: str) -> float | None:
    if ALLELIC_FREQUENCY not in parts:
        return None
    where, component = parts[ALLELIC_FREQUENCY]
    given = component.get("valueQuantity")
    value = given.get("value") if isinstance(given, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidResource("expected a fraction from 0 to 1", where=where or path)
    return float(value)

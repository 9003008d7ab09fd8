"""Results of other callers: gene, diplotype, phenotype, activity score, as existing callers write them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from service.domain.pgx import CallStatus, Diplotype, OutsideCall, PharmacogeneCall
from service.errors import InvalidOption
from service.pgx.phenotype import NOT_ASSIGNED, Phenotypes
from service.pgx.scores import normalized_score

_SUB_ALLELE = re.compile(r"(\*\d+)\.\d+")
_COPIES = re.compile(r"\*(\d+)\s*x\s*(\d+)")
_HLA_FIELDS = re.compile(r"(?:[AB])?(\*\d+:\d+)(?::\d+)*[A-Z]?")
SINGLE_ALLELE_GENES = frozenset({"HLA-A", "HLA-B", "MT-RNR1", "G6PD"})
NOT_CALLED = {".", "./.", ""}


def parse_outside_calls(text: str) -> tuple[OutsideCall, ...]:
    """Rows of a tab-separated table; `#` and blank lines are skipped, further columns ignored.

    Raises InvalidOption naming the line where a row has no result.
    """
    calls = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        gene, *rest = (cell.strip() for cell in line.split("\t"))
        diplotype, phenotype, score = (*rest[:3], *("",) * (3 - len(rest[:3])))
        if gene.lower() == "gene" and diplotype.lower() == "diplotype":
            continue
        if not gene or not (diplotype or phenotype or score):
            raise InvalidOption(
                "expected gene and at least one of diplotype, phenotype, activity score, tab-separated",
                where=f"outside calls, line {number}",
            )
        calls.append(OutsideCall(gene, diplotype or None, phenotype or None, score or None, number))
    return tuple(calls)


def called_outside(
    call: PharmacogeneCall, outside: Sequence[OutsideCall], phenotypes: Phenotypes
) -> PharmacogeneCall:
    """The gene's answer by outside calls; what the VCF said stays visible where it differs."""
    notes: list[str] = []
    diplotypes = tuple(
        diplotype for given in outside if (diplotype := _diplotype(given, phenotypes, notes)) is not None
    )
    if not diplotypes:
        return replace(call, notes=(*call.notes, "The outside call is a no-call."))
    if call.diplotypes or call.haplotypes:
        ours = " or ".join(d.name for d in call.diplotypes) or " + ".join(call.haplotypes)
        theirs = " or ".join(d.name for d in diplotypes)
        if {d.name for d in call.diplotypes} != {d.name for d in diplotypes}:
            notes.append(
                f"The outside call {theirs} contradicts {ours} from the variant file; both are shown."
            )
    note = "Taken from an outside call, which replaces a call from the variant file."
    return replace(
        call,
        status=CallStatus.OUTSIDE_CALL,
        diplotypes=diplotypes,
        haplotypes=(),
        basis_alleles=(),
        basis=None,
        notes=(note, *notes),
    )


def _diplotype(given: OutsideCall, phenotypes: Phenotypes, notes: list[str]) -> Diplotype | None:
    text = (given.diplotype or "").replace(f"{given.gene}", "").strip()
    if not text and not given.phenotype and not given.activity_score:
        return None
    if given.diplotype and text in NOT_CALLED and not given.phenotype and not given.activity_score:
        return None
    score = normalized_score(given.activity_score) if given.activity_score else None
    if not text or text in NOT_CALLED:
        return _without_alleles(given, phenotypes, score)
    shown, names = _alleles(given.gene, text, phenotypes, notes)
    expected = phenotypes.of_alleles(names, shown)
    if given.phenotype and given.phenotype != expected.phenotype:
        notes.append(f"The phenotype given is {given.phenotype}; {expected.name} gives {expected.phenotype}.")
    if score and score != expected.activity_score:
        notes.append(f"The activity score given is {score}; {expected.name} gives {expected.activity_score}.")
    return replace(
        expected,
        phenotype=given.phenotype or expected.phenotype,
        activity_score=score or expected.activity_score,
    )


def _without_alleles(given: OutsideCall, phenotypes: Phenotypes, score: str | None) -> Diplotype:
    if given.phenotype:
        shown_score = score or (NOT_ASSIGNED if phenotypes.definition.activity_score else None)
        return Diplotype("", (), shown_score, given.phenotype)
    possible = phenotypes.of_score(score or "")
    return Diplotype("", (), score, possible[0] if len(possible) == 1 else "Indeterminate")


def _alleles(
    gene: str, text: str, phenotypes: Phenotypes, notes: list[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Alleles as shown, and the table's alleles that they are looked up by."""
    parts = [part.strip() for part in text.split("/")] if text not in phenotypes.alleles else [text]
    if len(parts) == 1 and gene not in SINGLE_ALLELE_GENES:
        raise InvalidOption(f"{gene}: expected two alleles separated by '/'", where="outside calls")
    shown, names = [], []
    for part in parts:
        name = part
        if phenotypes.definition.presence_alleles and (hla := _HLA_FIELDS.fullmatch(part)):
            name = hla[1]
        elif part not in phenotypes.alleles and (sub := _SUB_ALLELE.fullmatch(part)):
            name = sub[1]
            notes.append(f"{part} is read as its core allele {name}.")
        looked_up = name
        if (copies := _COPIES.fullmatch(name)) and name not in phenotypes.alleles and int(copies[2]) >= 3:
            many = f"*{copies[1]}x≥3"
            looked_up = many if many in phenotypes.alleles else name
        if looked_up not in phenotypes.alleles and not phenotypes.definition.presence_alleles:
            notes.append(f"{name} is not among the alleles of this release; its function is not known.")
        shown.append(name)
        names.append(looked_up)
    return tuple(shown), tuple(names)

"""Pharmacogene calls with what each rests on: results first, then no answer, then normal."""

import re
from collections import Counter
from dataclasses import dataclass

from service.domain.findings import Findings
from service.domain.pgx import CallStatus, Diplotype, MedicationPhenotype, PharmacogeneCall

# CPIC's consensus terms (Caudle 2017, doi:10.1038/gim.2016.87): code, and bar of the meter, 1 (poor) to 5.
_METABOLISER = {
    "Poor Metabolizer": ("PM", 1),
    "Intermediate Metabolizer": ("IM", 2),
    "Normal Metabolizer": ("NM", 3),
    "Rapid Metabolizer": ("RM", 4),
    "Ultrarapid Metabolizer": ("UM", 5),
}
_TRANSPORTER = {"Poor Function": 1, "Decreased Function": 2, "Normal Function": 3, "Increased Function": 4}
_NORMAL = {"Normal Metabolizer", "Normal Function", "Normal"}
# Pairs of alleles in which none of the variants looked for was found, whatever the phenotype is called
# (RYR1 and CACNA1S "Uncertain Susceptibility", CFTR "ivacaftor non-responsive").
_NOTHING_FOUND = {"Reference", "ivacaftor non-responsive CFTR sequence"}
_UNCERTAIN_PREFIXES = ("Likely ", "Possible ")
_NOT_STATED = {"", "n/a", "No Result"}
_READ = {"called", "reference-block"}
# What a call says of positions and alleles that the row shows already, in numbers and by name.
_SEVERAL = "More than one diplotype fits; all are listed, none was picked."
_MOST_POSITIONS = 10  # all of them are in the machine-readable findings
_POSITION = re.compile(r"(\S+:\d+): ")
_SHOWN = re.compile(r"\d+ of \d+ \S+ positions were not read; alleles")


@dataclass(frozen=True, slots=True)
class DiplotypeLine:
    """One pair that fits. `code` is PM, IM, NM, RM or UM; `step` the bar of the meter, 1..5."""

    name: str
    activity_score: str | None
    phenotype: str | None
    code: str | None
    step: int | None


@dataclass(frozen=True, slots=True)
class CoMedication:
    """What is expected while a drug is taken, beside the genotype's phenotype."""

    phenotype: str
    code: str | None
    step: int | None
    activity_score: str | None
    drug: str
    strength: str
    source: str
    washout_days: int | None
    note: str


@dataclass(frozen=True, slots=True)
class UnreadSite:
    """A definition site without a usable answer, GRCh38, 1-based."""

    position: str
    rsid: str | None
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class GeneRow:
    """One gene's answer. `read` and `positions` are None where the call does not list its sites."""

    gene: str
    group: str
    status: str
    diplotypes: tuple[DiplotypeLine, ...]
    haplotypes: tuple[str, ...]
    basis_alleles: tuple[str, ...]
    phased: bool
    read: int | None
    positions: int | None
    assumed: int
    missing_positions: tuple[str, ...]
    unread: tuple[UnreadSite, ...]
    uncallable: tuple[str, ...]
    undocumented: tuple[str, ...]
    expected: tuple[CoMedication, ...]
    notes: tuple[str, ...]
    definition_version: str | None
    newer_version: str | None

    @property
    def lines(self) -> tuple[tuple[DiplotypeLine, ...], ...]:
        """The pairs, those of one phenotype and score together, in the order of the first of each."""
        alike: dict[object, list[DiplotypeLine]] = {}
        for line in self.diplotypes:
            alike.setdefault((line.phenotype, line.activity_score), []).append(line)
        return tuple(tuple(lines) for lines in alike.values())

    @property
    def nothing_read(self) -> bool:
        """Whether the file holds none of the gene's positions, and no other result was given for it."""
        silent = self.read == 0 and self.status == "not_covered"
        return silent and not (self.diplotypes or self.haplotypes or self.expected)


@dataclass(frozen=True, slots=True)
class Reservation:
    """Why the answer of a gene is not settled: `kind` is several, undocumented or unpaired.

    `names` are the diplotypes that fit, the variants that no definition has, or the alleles not paired.
    """

    gene: str
    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GeneGroup:
    """Genes whose answers are alike in what the reader does with them."""

    group: str
    genes: tuple[GeneRow, ...]


def gene_groups(findings: Findings) -> tuple[GeneGroup, ...]:
    """Non-empty groups: results, no answer, normal; alphabetical inside."""
    rows = [_row(call) for call in findings.pharmacogenes]
    groups = (GeneGroup(g, tuple(r for r in rows if r.group == g)) for g in ("result", "no-answer", "normal"))
    return tuple(group for group in groups if group.genes)


def reservations(findings: Findings) -> tuple[Reservation, ...]:
    """What the summary must warn of, in the order of the genes."""
    found = []
    for call in findings.pharmacogenes:
        if len(call.diplotypes) > 1:
            found.append(Reservation(call.gene, "several", tuple(d.name for d in call.diplotypes)))
        if call.undocumented:
            found.append(Reservation(call.gene, "undocumented", call.undocumented))
        if call.haplotypes and call.basis_alleles and not call.diplotypes:
            found.append(Reservation(call.gene, "unpaired", call.haplotypes))
    return tuple(found)


def unanswered_genes(findings: Findings) -> tuple[str, ...]:
    """Genes without an answer that guidance needs or that were asked, in order; CYP2D6 unless it has one."""
    silent = [
        c.gene for c in findings.pharmacogenes if c.status in (CallStatus.NO_CALL, CallStatus.NOT_COVERED)
    ]
    spoken = {c.gene for c in findings.pharmacogenes} - set(silent)
    needed = [g for r in findings.recommendations if r.action == "not-called" for g in r.genes]
    return tuple(sorted({*silent, *(gene for gene in (*needed, "CYP2D6") if gene not in spoken)}))


def phenotype_code(phenotype: str | None) -> tuple[str | None, int | None]:
    """CPIC code and meter step of a phenotype term.

    >>> phenotype_code("Likely Poor Metabolizer"), phenotype_code("Decreased Function")
    (('PM', 1), (None, 2))
    >>> phenotype_code("Indeterminate")
    (None, None)
    """
    term = phenotype or ""
    for prefix in _UNCERTAIN_PREFIXES:
        term = term.removeprefix(prefix)
    if term in _METABOLISER:
        return _METABOLISER[term]
    return None, _TRANSPORTER.get(term)


def _row(call: PharmacogeneCall) -> GeneRow:
    sites = Counter(site.status for site in call.sites)
    read = sum(number for status, number in sites.items() if status in _READ)
    return GeneRow(
        gene=call.gene,
        group=_group(call),
        status=call.status.value,
        diplotypes=tuple(_line(diplotype) for diplotype in call.diplotypes),
        haplotypes=call.haplotypes,
        basis_alleles=call.basis_alleles,
        phased=call.phased,
        read=read if call.sites else None,
        positions=len(call.sites) if call.sites else None,
        assumed=sites["assumed-reference"],
        missing_positions=call.missing_positions,
        unread=tuple(
            UnreadSite(f"{site.chrom}:{site.pos}", site.rsid, site.status, site.reason)
            for site in call.sites
            if site.status not in _READ
        ),
        uncallable=call.uncallable_alleles,
        undocumented=call.undocumented,
        expected=tuple(_co_medication(expected) for expected in call.expected_with_medications),
        notes=_notes(call),
        definition_version=call.definition_version,
        newer_version=call.newer_version,
    )


def _notes(call: PharmacogeneCall) -> tuple[str, ...]:
    """What the row does not show otherwise; what is said of several positions, once with those places."""
    places: dict[str, list[str]] = {}
    for note in call.notes:
        shown = (call.uncallable_alleles and _SHOWN.match(note)) or (
            call.status is CallStatus.AMBIGUOUS and note == _SEVERAL
        )
        if not shown:
            position = _POSITION.match(note)
            of_place = places.setdefault(note[position.end() :] if position else note, [])
            if position:
                of_place.append(position[1])
    return tuple(f"{_named(at)}: {said}" if at else said for said, at in places.items())


def _named(positions: list[str]) -> str:
    further = len(positions) - _MOST_POSITIONS
    named = ", ".join(positions[:_MOST_POSITIONS])
    return f"{named} and {further} more" if further > 0 else named


def _group(call: PharmacogeneCall) -> str:
    if call.status in (CallStatus.NO_CALL, CallStatus.NOT_COVERED):
        return "no-answer"
    plain = (
        call.diplotypes
        and not call.undocumented
        and all(d.phenotype in _NORMAL or set(d.alleles) <= _NOTHING_FOUND for d in call.diplotypes)
    )
    return "normal" if plain and not call.expected_with_medications else "result"


def _line(diplotype: Diplotype) -> DiplotypeLine:
    code, step = phenotype_code(diplotype.phenotype)
    return DiplotypeLine(
        diplotype.name, _stated(diplotype.activity_score), _stated(diplotype.phenotype), code, step
    )


def _stated(text: str | None) -> str | None:
    """The text, or None where it says that there is nothing."""
    return None if text in _NOT_STATED else text


def _co_medication(expected: MedicationPhenotype) -> CoMedication:
    code, step = phenotype_code(expected.phenotype)
    return CoMedication(
        expected.phenotype,
        code,
        step,
        expected.activity_score,
        expected.drug,
        expected.strength,
        expected.source,
        expected.washout_days,
        expected.note,
    )

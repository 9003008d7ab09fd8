"""Calls and phenotypes as guidelines and allele definitions give them."""

import csv
import re
from pathlib import Path

import pytest

from service.domain.case import InterpretOptions, Sex
from service.domain.pgx import CallStatus, DefinitionSite, GeneDefinition, PharmacogeneCall
from service.domain.variant import CoveredIntervals, GenotypeRecord, Interval
from tests.pgx_samples import FEMALE, called, definitions, records, strand
from tests.slow_matcher import Seen

TRUTH = Path(__file__).parents[2] / "truth" / "pgx_calls.tsv"
with TRUTH.open(encoding="utf-8") as lines:
    ROWS = list(csv.DictReader(lines, delimiter="\t"))
SEX = {"female": Sex.FEMALE, "male": Sex.MALE}
STATED = re.compile(
    r"(?P<site>\S+) (?P<bases>[A-Z.?]+(?:(?P<between>[/|])(?P<other>[A-Z]+))?)(?:\{(?P<set>\d+)\})?"
)


def site_named(definition: GeneDefinition, name: str) -> DefinitionSite:
    return next(s for s in definition.sites if name in (s.rsid, f"{s.chrom}:{s.start + 1}"))


def sample(definition: GeneDefinition, stated: str, option: str) -> dict[int, Seen]:
    """All sites as the reference (or the named allele) has them, but for those stated; `?` was not read."""
    rest = strand(definition, *([option] if option.startswith("*") else []))
    copies = 1 if option == "haploid" else 2
    found = {start: Seen((base,) * copies) for start, base in rest.items()}
    for text in stated.split("; ") if stated != "-" else ():
        match = STATED.fullmatch(text)
        assert match is not None, text
        start = site_named(definition, match["site"]).start
        if match["bases"] == "?":
            del found[start]
        else:
            found[start] = Seen(
                tuple(re.split(r"[/|]", match["bases"])), match["between"] != "/", match["set"]
            )
    return found


def shown(call: PharmacogeneCall) -> str:
    if call.haplotypes:
        return f"[{'; '.join(sorted(call.haplotypes))}]"
    return " or ".join("/".join(diplotype.alleles) for diplotype in call.diplotypes) or "-"


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_calls_are_those_of_guidelines_and_definitions(number: int) -> None:
    row = ROWS[number]
    definition = definitions()[row["gene"]]
    options = InterpretOptions(sex=SEX.get(row["options"], Sex.UNKNOWN))
    call = called(row["gene"], records(definition, sample(definition, row["sites"], row["options"])), options)
    listed = row["alleles"]
    if listed.startswith("[") and "; " in listed:
        listed = f"[{'; '.join(sorted(listed[1:-1].split('; ')))}]"
    assert (call.status.value, shown(call)) == (row["status"], listed)
    results = call.diplotypes or ((call.basis,) if call.basis else ())
    assert {result.phenotype for result in results} == ({row["phenotype"]} if row["phenotype"] else set())
    assert {result.activity_score or "" for result in results} <= {row["score"]}
    if row["basis"]:
        assert sorted(call.basis_alleles) == sorted(row["basis"].split("/"))
    assert any(row["note"] in note for note in ("", *call.notes)), call.notes


def test_without_any_record_nothing_is_reference() -> None:
    for gene, definition in definitions().items():
        if not definition.sites:
            continue
        answer = called(gene, ())
        assert answer.status is CallStatus.NOT_COVERED, gene
        assert (answer.diplotypes, answer.haplotypes) == ((), ())
        assert len(answer.missing_positions) == len(definition.sites)


def test_a_reference_block_makes_positions_reference() -> None:
    low, high = (f(s.start for s in definitions()["TPMT"].sites) for f in (min, max))
    whole = called("TPMT", (), covered=CoveredIntervals([Interval("6", low, high + 1)]))
    assert [d.name for d in whole.diplotypes] == ["*1/*1"]
    part = called("TPMT", (), covered=CoveredIntervals([Interval("6", low + 1, high + 1)]))
    assert part.missing_positions == (f"6:{low + 1}",)


def test_a_longer_site_may_lie_across_reference_blocks_and_the_record_between_them() -> None:
    """A gVCF of a carrier of G6PD 968C: a variant within the bases that Nara deletes."""
    definition = definitions()["G6PD"]
    sites = [s.start for s in definition.sites]
    found = [
        r
        for r in records(definition, sample(definition, "rs76723693 A/G; rs1050829 T/C", ""))
        if r.start in (154533024, 154535276)
    ]
    edges = [min(sites), 154533024, 154533025, 154535276, 154535277, max(sites) + 40]
    blocks = CoveredIntervals([Interval("X", *edges[n : n + 2]) for n in (0, 2, 4)])
    answer = called("G6PD", found, covered=blocks)
    assert [d.name for d in answer.diplotypes] == ["A- 968C_376G/B (reference)"]
    assert answer.missing_positions == ()
    start, end = 154533000, 154533040
    deletion = GenotypeRecord(
        "X", start, "A" * (end - start), ("A",), (0, 1), False, None, (), True, None, None, None, 9
    )
    around = CoveredIntervals([Interval("X", min(sites), start), Interval("X", end, max(sites) + 40)])
    answer = called("G6PD", [deletion], covered=around)
    assert "X:154533012" in answer.missing_positions, "a longer deletion leaves the site unknown"


def test_missing_positions_are_assumed_reference_only_when_asked_and_it_is_said() -> None:
    asked = called("TPMT", (), InterpretOptions(assume_reference_for_missing=True))
    assert [d.name for d in asked.diplotypes] == ["*1/*1"]
    assert {site.status for site in asked.sites} == {"assumed-reference"}
    assert any("as the caller asked" in note for note in asked.notes)


def test_a_filtered_record_is_missing_unless_accepted() -> None:
    from dataclasses import replace

    definition = definitions()["CYP2C19"]
    star2 = strand(definition, "*2")
    found = tuple(
        replace(r, passed=False, filters=("LowQual",)) if r.start == 94781858 else r
        for r in records(definition, {s: Seen((b, b)) for s, b in star2.items()})
    )
    assert "10:94781859" in called("CYP2C19", found).missing_positions
    assumed = called("CYP2C19", found, InterpretOptions(assume_reference_for_missing=True))
    assert "10:94781859" in assumed.missing_positions, "an allele that was seen is not assumed away"
    accepted = called("CYP2C19", found, InterpretOptions(accept_filtered=True))
    assert [d.name for d in accepted.diplotypes] == ["*2/*2"]


def test_a_deletion_over_a_site_is_not_silence_about_it() -> None:
    """The base of CYP2C19 *2 (rs4244285) is deleted on one strand, and the file has no record of its own."""
    definition = definitions()["CYP2C19"]
    found = [r for r in records(definition, sample(definition, "-", "")) if r.start != 94781858]
    deletion = GenotypeRecord(
        "10", 94781857, "CG", ("C",), (0, 1), False, None, (), True, None, None, None, 99
    )
    assumed = called("CYP2C19", [*found, deletion], InterpretOptions(assume_reference_for_missing=True))
    (site,) = (s for s in assumed.sites if s.rsid == "rs4244285")
    assert (site.status, site.bases) == ("discarded", ())
    assert "removes the site" in (site.reason or "")
    assert "10:94781859" in assumed.missing_positions, "an allele that was seen is not assumed away"


def test_reads_that_support_one_allele_only_do_not_make_a_heterozygote() -> None:
    from dataclasses import replace

    definition = definitions()["TPMT"]
    found = records(definition, sample(definition, "rs1142345 T/C", ""))
    thin = tuple(replace(r, allele_depths=(30, 0)) if r.start == 18130686 else r for r in found)
    assert "6:18130687" in called("TPMT", thin).missing_positions
    both = tuple(replace(r, allele_depths=(30, 1)) if r.start == 18130686 else r for r in found)
    assert [d.name for d in called("TPMT", both).diplotypes] == ["*1/*3C"]


def test_all_diplotypes_are_listed_best_first_when_asked() -> None:
    definition = definitions()["TPMT"]
    found = records(definition, sample(definition, "rs1800460 C/T; rs1142345 T/C", ""))
    every = called("TPMT", found, InterpretOptions(all_diplotypes=True))
    assert [d.name for d in every.diplotypes] == ["*1/*3A", "*3B/*3C"]
    assert every.status is CallStatus.AMBIGUOUS


def test_combinations_are_named_only_when_asked() -> None:
    definition = definitions()["CYP2C9"]
    found = records(definition, sample(definition, "rs1799853 C|T; rs1057910 A|C; rs28371686 C|G", ""))
    assert called("CYP2C9", found).status is CallStatus.NO_CALL
    asked = called("CYP2C9", found, InterpretOptions(combinations=True))
    assert [d.alleles for d in asked.diplotypes] == [("*1", "[*2 + *3 + *5]")]


def test_cyp2d6_is_called_only_when_asked_and_its_limits_are_said() -> None:
    from service.domain.assembly import Assembly
    from service.domain.case import Case, Subject
    from tests.pgx_samples import caller

    found = records(definitions()["CYP2D6"], sample(definitions()["CYP2D6"], "-", ""))
    (silent,), _ = caller("CYP2D6").call(Case(Subject("s"), "s", Assembly.GRCH38, FEMALE, records=found))
    assert silent.status is CallStatus.NOT_COVERED
    assert "not called" in silent.notes[0]

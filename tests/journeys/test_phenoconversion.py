"""A medication list with doses, routes and ends, through the whole service and the real command."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.bootstrap import Genomeward
from tests.journeys.conftest import EXAMPLES, Run
from tests.pgx_patients import interpreted, opened, sample

VCF = EXAMPLES / "ordinary-genome.vcf"
OUTSIDE = "CYP2D6\t{}\n"


def ended(days_ago: int) -> str:
    return (datetime.now(UTC).date() - timedelta(days=days_ago)).isoformat()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Genomeward]:
    with opened(tmp_path_factory.mktemp("state")) as genomeward:
        yield genomeward


def answered(service: Genomeward, rows: list[tuple[str, ...]], diplotype: str) -> dict[str, Any]:
    """The findings document of an ordinary genome with these medicines and this CYP2D6 result."""
    findings = interpreted(service, sample(), outside=OUTSIDE.format(diplotype), medications_file=table(rows))
    document: dict[str, Any] = json.loads(service.project("findings", findings))
    return document


def table(rows: list[tuple[str, ...]]) -> str:
    return "rxnorm\tatc\tname\tdose\troute\tstart\tend\n" + "".join("\t".join(r) + "\n" for r in rows)


def cyp2d6(document: dict[str, Any]) -> dict[str, Any]:
    return next(gene for gene in document["pharmacogenes"] if gene["gene"] == "CYP2D6")


@pytest.mark.parametrize(("days_ago", "counts"), [(10, True), (34, True), (37, False)])
def test_fluoxetine_is_counted_through_its_washout(service: Genomeward, days_ago: int, counts: bool) -> None:
    """Washout of 35 days: norfluoxetine clears in 5 to 6 weeks."""
    rows = [
        ("4493", "", "", "20 mg daily", "oral", "2020-01-01", ended(days_ago)),
        ("2670", "", "", "30 mg", "oral", "", ""),
    ]
    document = answered(service, rows, "*1/*1")
    call = cyp2d6(document)
    assert [d["phenotype"] for d in call["diplotypes"]] == ["Normal Metabolizer"]
    assert [e["phenotype"] for e in call["expected_with_medications"]] == ["Poor Metabolizer"] * counts
    codeine = [r for r in document["recommendations"] if r["drug"] == "codeine" and r["possible"] is None]
    assert [(r["action"], r["current_medication"]) for r in codeine] == [
        ("avoid" if counts else "standard", True)
    ]
    if counts:
        (entry,) = call["expected_with_medications"]
        assert (entry["drug"], entry["strength"], entry["washout_days"]) == ("fluoxetine", "strong", 35)
        assert entry["source"]
        assert entry["genotype_activity_score"] == "2.0"


@pytest.mark.parametrize(
    ("medicine", "expected"),
    [
        (("", "D01AE15", "", "1 %", "", "", ""), []),
        (("37801", "", "", "1 %", "cutaneous", "", ""), []),
        (("37801", "", "", "250 mg", "oral", "", ""), ["Poor Metabolizer"]),
        (("", "D01BA02", "", "250 mg", "", "", ""), ["Poor Metabolizer"]),
        (("72625", "", "", "60 mg", "oral", "", ""), ["Intermediate Metabolizer"]),
        (("36437", "", "", "50 mg", "oral", "", ""), []),
        (("", "", "Paroxetine 20 mg", "", "", "", ""), ["Poor Metabolizer"]),
    ],
)
def test_route_and_strength_decide(
    service: Genomeward, medicine: tuple[str, ...], expected: list[str]
) -> None:
    call = cyp2d6(answered(service, [medicine], "*1/*2"))
    assert [e["phenotype"] for e in call["expected_with_medications"]] == expected
    assert [d["name"] for d in call["diplotypes"]] == ["*1/*2"]


def test_other_enzymes_warn_and_convert_nothing(service: Genomeward) -> None:
    rows = [("4450", "", "", "200 mg", "oral", "", ""), ("8183", "", "", "", "", "", "")]
    document = answered(service, rows, "*1/*1")
    assert not any(gene["expected_with_medications"] for gene in document["pharmacogenes"])
    assert any(i["where"] == "CYP2C9" and "not converted" in i["text"] for i in document["issues"])
    phenytoin = [r for r in document["recommendations"] if r["drug"] == "phenytoin"]
    assert all("fluconazole (moderate inhibitor) is also taken" in json.dumps(r) for r in phenytoin)


def test_the_command_reads_the_same_list(run: Run, tmp_path: Path) -> None:
    rows = [("4493", "", "", "20 mg daily", "oral", "2020-01-01", ended(10))]
    (tmp_path / "medicines.tsv").write_text(table(rows), "utf-8")
    (tmp_path / "outside.tsv").write_text(OUTSIDE.format("*1/*1"), "utf-8")
    done = run(
        *("interpret", VCF, "--format", "findings"),
        *("--medications-file", tmp_path / "medicines.tsv", "--outside-calls", tmp_path / "outside.tsv"),
    )
    assert done.code == 0, done.error
    (document,) = done.lines
    assert [e["drug"] for e in cyp2d6(document)["expected_with_medications"]] == ["fluoxetine"]
    assert document["scope"]["medications"][0]["dose"] == "20 mg daily"

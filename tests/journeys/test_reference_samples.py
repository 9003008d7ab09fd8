"""Three people of the open 1000 Genomes panel, whose genotypes are published."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import ROOT

TRUTH = ROOT / "tests" / "truth" / "pgx_reference_samples.tsv"
with TRUTH.open(encoding="utf-8") as lines:
    ROWS = list(csv.DictReader((line for line in lines if line[0] != "#"), delimiter="\t"))
SAMPLES = ("HG00276", "NA12878", "NA19239")
pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def genes(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, Any]]:
    """Pharmacogenes by sample and symbol, from one run of the command."""
    files = [shared / "data" / "genomes" / f"{sample}.GRCh38.pgx-regions.vcf.gz" for sample in SAMPLES]
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "interpret", *files, "--format", "findings", "--call-cyp2d6"],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "GENOMEWARD_STATE": str(tmp_path_factory.mktemp("state"))},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    return {d["sample"]: {gene["gene"]: gene for gene in d["pharmacogenes"]} for d in documents}


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_published_genotypes_are_found(number: int, genes: Mapping[str, Mapping[str, Any]]) -> None:
    row = ROWS[number]
    call = genes[row["sample"]][row["gene"]]
    assert [(d["name"], d["phenotype"]) for d in call["diplotypes"]] == [(row["diplotype"], row["phenotype"])]


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_the_panel_does_not_hold_is_missing_and_not_reference(
    sample: str, genes: Mapping[str, Mapping[str, Any]]
) -> None:
    """The panel keeps variable positions of some regions: DPYD is outside them, CYP2B6 c.785 filtered out."""
    assert genes[sample]["DPYD"]["status"] == "not_covered"
    assert "19:41009358" in genes[sample]["CYP2B6"]["missing_positions"]
    assert "*4" in genes[sample]["CYP2B6"]["uncallable_alleles"]
    assert any("deletions (*5)" in note for note in genes[sample]["CYP2D6"]["notes"])

"""Names that ClinVar prints, read and written again; what differs is accounted for by class."""

import csv
import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

from service.domain.transcript import EARLIER
from service.variants.describe_lines import describe_lines
from tests.nomenclature import describer

TRUTH = Path(__file__).parents[2] / "truth" / "hgvs_clinvar.tsv"
NAME = re.compile(r"(NM_\d+\.\d+)\(([^)]+)\):(c\.\S+)(?: \((p\..+)\))?")


def rows() -> list[dict[str, str]]:
    """Facts of the truth table."""
    with TRUTH.open() as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def plain(protein: str | None) -> str:
    """A p. name without accession and parentheses."""
    return (protein or "").split(":")[-1].replace("(", "").replace(")", "")


def short_frameshift(protein: str) -> str:
    """ClinVar's short form, which leaves out the new residue and the distance of the stop."""
    return re.sub(r"[A-Z][a-z]{2}fsTer(\d+|\?)$", "fs", protein)


@pytest.mark.parametrize("row", [r for r in rows() if r["class"] == "same"], ids=lambda r: r["name"])
def test_clinvar_names_come_back_as_clinvar_prints_them(row: dict[str, str]) -> None:
    (answer,) = describe_lines([row["name"]], describer())
    assert answer["ok"], answer["error"]
    assert answer["hgvs_c"].split(":")[1] == row["coding"]
    if row["protein"]:
        ours = plain(answer["hgvs_p"])
        assert plain(row["protein"]) in (ours, short_frameshift(ours))
    if row["vcf"]:
        assert "-".join(str(answer[key]) for key in ("chrom", "pos", "ref", "alt")) == row["vcf"]
        (again,) = describe_lines([row["vcf"]], describer())
        assert {**again, "input": ""} == {**answer, "input": ""}


@pytest.mark.parametrize(
    "row", [r for r in rows() if r["class"] not in ("same", "not described")], ids=lambda r: r["name"]
)
def test_historical_spellings_get_the_recommended_form(row: dict[str, str]) -> None:
    (answer,) = describe_lines([row["name"]], describer())
    assert answer["ok"], answer["error"]
    written = answer["hgvs_c" if row["ours"].startswith("c.") else "hgvs_p"]
    assert written.split(":")[1] == row["ours"]


@pytest.mark.parametrize("row", [r for r in rows() if r["class"] == "not described"], ids=lambda r: r["name"])
def test_what_is_no_single_precise_change_is_told(row: dict[str, str]) -> None:
    (answer,) = describe_lines([row["name"]], describer())
    assert not answer["ok"]
    assert len(answer["error"]) > 20
    assert answer["hgvs_g"] is None


@pytest.mark.shared
def test_all_clinvar_names_in_covered_transcripts_agree(shared: Path) -> None:
    ours = describer()
    asked = []
    with gzip.open(shared / "data/raredisease/clinvar_seed.tsv.gz", "rt") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            found = NAME.fullmatch(row["name"])
            model = ours.models.catalogue.get(found[1]) if found else None
            if found and model and model.kind != EARLIER and ours.models.coding(model):
                asked.append(found)
    classes: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for found, answer in zip(asked, describe_lines([f[0] for f in asked], ours), strict=True):
        name = _class(found, answer)
        classes[name] += 1
        examples.setdefault(
            name, f"{found[0]} -> {answer['hgvs_c']} {answer['hgvs_p']} {answer['error'] or ''}"
        )
    for name, count in classes.most_common():
        print(f"{count:6} {name}: {examples[name] if name != 'same' else ''}")
    comparable = classes["same"] + classes["different"]
    assert comparable > 6_000
    assert classes["same"] / comparable >= 0.995


def _class(found: re.Match[str], answer: dict[str, str]) -> str:
    coding = re.sub(r"(del|dup)([ACGT]+|\d+)$", r"\1", found[3])
    coding = re.sub(r"del[ACGT]+ins", "delins", coding)
    if not answer["ok"]:
        return "no single precise change"
    if answer["transcript"] != found[1]:
        return "another MANE transcript was preferred"
    if "[" in found[3] or "[" in (found[4] or ""):
        return "repeat notation"
    protein, theirs = plain(answer["hgvs_p"]), plain(found[4])
    if answer["hgvs_c"].split(":")[1] != coding:
        return (
            "duplication written as insertion"
            if "ins" in coding and "dup" in answer["hgvs_c"]
            else "different"
        )
    if not theirs or theirs in (protein, short_frameshift(protein)):
        return "same"
    if theirs.startswith("p.Met1"):
        return "start loss named by residue"
    if re.search(r"ins\w*Ter$", theirs):
        return "new stop named as an insertion"
    if theirs.startswith("p.Ter"):
        return "change of the stop codon without its extension"
    if re.fullmatch(r"p\.\w+fs", theirs):
        return "frameshift in another short form, or across an intron"
    return "different"

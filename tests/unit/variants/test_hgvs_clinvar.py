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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("NM_000492.4:c.1652G>A (p.Gly542Ter)", "p.Gly542Ter"),
        ("NM_000492.4(CFTR):c.1652G>A (G542X)", "p.G542X"),
        ("NM_000492.4:c.1652G>A:p.Gly551Glu", "p.Gly551Glu"),
        ("CFTR:NM_000492.4:exon12:c.G1652A:p.G551E", "p.G551E"),
        ("NM_000492.4:c.1652G>A p.(Gly551=)", "p.Gly551="),
        ("NM_000492.4:c.1652G>A (p.Gly551fs)", "p.Gly551fs"),
        ("NM_000492.4:c.1521_1523del (p.Ile507del)", "p.Ile507del"),
        ("NM_007294.4:c.5266dup (p.Gln1756ProfsTer25)", "p.Gln1756ProfsTer25"),
        ("NC_012920.1:m.3460G>A (p.Ala52Ser)", "p.Ala52Ser"),
        ("NC_000007.14:g.117587806G>A (p.Gly542Ter)", "p.Gly542Ter"),
        ("NM_000492.4:c.1652G>A (p.Gly551Asp)", None),
        ("NM_000492.4(CFTR):c.1652G>A (G551D)", None),
        ("NM_000492.4:c.1652G>A (p.?)", None),
        ("NM_000492.4:c.1A>G (p.Met1Val)", None),
        ("NM_000492.4:c.1A>G (p.Gly551Asp)", "p.Gly551Asp"),
        ("NM_000492.4:c.1624G>T (p.G542X)", None),
        ("NM_000492.4:c.1521_1523del (p.Phe508del)", None),
        ("NM_007294.4:c.5266dup (p.Gln1756ProfsTer74)", None),
        ("NM_007294.4:c.5266dup (p.Gln1756fs)", None),
        ("NM_000268.4(NF2):c.1786T>C (p.Ter596Gln)", None),
        ("NM_000268.4(NF2):c.1786T>C (p.Ter596Arg)", "p.Ter596Arg"),
    ],
    ids=lambda value: value if isinstance(value, str) else "agrees",
)
def test_a_protein_change_beside_the_name_that_contradicts_it_is_told(text: str, told: str | None) -> None:
    # Source: ClinVar VCV000007115 (p.Gly542Ter), VCV000007129 (p.Gly551Asp), VCV000007105 (p.Phe508del) and
    # VCV000017677 (p.Gln1756fs).
    (answer,) = describe_lines([text], describer())
    assert answer["ok"], answer["error"]
    notes = [note for note in answer["notes"] if note.startswith("the text says p.")]
    if told is None:
        assert not notes
        return
    (note,) = notes
    assert note == f"the text says {told}; the change of bases gives {answer['hgvs_p']}"


@pytest.mark.shared
def test_protein_changes_of_clinvar_names_contradict_where_they_are_exchanged(shared: Path) -> None:
    ours = describer()
    with gzip.open(shared / "data/raredisease/clinvar_seed.tsv.gz", "rt") as handle:
        found = [NAME.fullmatch(row["name"]) for row in csv.DictReader(handle, delimiter="\t")]
    named = [(f"{name[1]}({name[2]}):{name[3]}", name[4]) for name in found if name and name[4]][::20]
    told = []
    for proteins in ([p for _, p in named], [p for _, p in named[1:] + named[:1]]):
        texts = [f"{name} ({protein})" for (name, _), protein in zip(named, proteins, strict=True)]
        told.append([a["notes"] for a in describe_lines(texts, ours) if ":p." in (a["hgvs_p"] or "")])
    true, exchanged = (
        sum(any("the text says" in note for note in notes) for notes in answers) for answers in told
    )
    assert len(told[0]) > 1_000
    assert true == 0
    # Not compared: what is replaced or inserted, and transcripts that number otherwise than the one named.
    assert exchanged > 0.9 * len(told[0])

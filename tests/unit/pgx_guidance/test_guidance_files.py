"""The guideline files: every text against the facts of its source row."""

import dataclasses
import hashlib
import importlib.util
import itertools
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.domain.guidance import Guidance, Phenoconversion
from service.domain.pgx import CallStatus, Diplotype, GeneDefinition, PharmacogeneCall
from service.errors import KnowledgeError
from service.knowledge import guidance as guidance_part
from service.knowledge.pgx_check import check
from service.knowledge.wording import drugs_named, figures_of
from service.pgx.lookup import PRESENCE_ALLELES
from service.pgx.scores import SCORE_GENES, normalized_score, phenotype_of_score
from tests.unit.pgx_guidance.conftest import CONTENT, Patient

GUIDELINES = CONTENT / "pgx" / "guidelines"


def statements() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for path in sorted(GUIDELINES.glob("*/*/*.toml")):
        document = tomllib.loads(path.read_text("utf-8"))
        for statement in document.get("statement", ()):
            yield document, statement


def digest(statement: dict[str, Any]) -> str:
    parts = [statement[key] for key in ("action", "strength", "population", "text", "why")]
    read = json.dumps([*parts, statement.get("dose")], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(read.encode()).hexdigest()[:12]


def test_the_release_holds_every_drug_and_row(guidance: Guidance) -> None:
    rows = {row for g in guidance.drugs for t in g.tables for rows in t.rows.values() for row, _ in rows}
    assert len(guidance.drugs) == 88
    assert len(rows) == 2054 + 37  # CPIC's export, then what was read elsewhere (see `facts` in those files)


def test_texts_state_only_figures_and_drugs_of_their_source_row(
    guidance: Guidance, definitions: dict[str, GeneDefinition]
) -> None:
    found = check(definitions, guidance)
    assert [item for item in found if item.severity == "error"] == []


def test_a_text_is_one_to_three_short_sentences() -> None:
    for _, statement in statements():
        assert len(statement["text"]) <= 320, statement["text"]
        assert statement["text"][-1] == "."
        assert statement["text"][0].isupper()
        assert statement["why"].count(".") <= 2 or statement["why"] == ""


def test_every_text_was_read_a_second_time_as_it_stands() -> None:
    lines = (GUIDELINES / "CHECKED.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line[0] != "#"][1:]
    read = {row[0]: row[2] for row in rows}
    assert {row[3] for row in rows} == {"agrees", "corrected", "no-source"}
    stated = {row[0]: digest(s) for _, s in statements() for row in s["rows"]}
    assert stated == read


def test_replaced_recommendations_hold_no_dose() -> None:
    replaced = [(d, s) for d, s in statements() if d.get("newer_version")]
    assert {d["drug"]["name"] for d, _ in replaced} == {"azathioprine", "mercaptopurine", "thioguanine"}
    for _, statement in replaced:
        assert "dose" not in statement
        assert not figures_of(statement["text"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('action = "avoid"', 'action = "forbid"', "unknown action"),
        ('url = "https', 'link = "https', "lacks url"),
        ('licence = "CC0', 'rights = "CC0', "lacks licence"),
        ('"Poor Metabolizer"],', '"Poor Metabolizer", "again"],', "one key for each of"),
        ('genes = ["CYP2C19"]', 'newer_version = "x"\ngenes = ["CYP2C19"]', "replaced recommendation"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = (GUIDELINES / "cpic" / "clopidogrel-cyp2c19" / "clopidogrel.toml").read_text("utf-8")
    assert old in text
    place = tmp_path / "clopidogrel.toml"
    place.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(KnowledgeError, match=message):
        guidance_part.read_guideline(place)


def test_check_finds_a_false_figure_a_false_drug_and_a_missing_row(
    guidance: Guidance, definitions: dict[str, GeneDefinition], tmp_path: Path
) -> None:
    source = GUIDELINES / "cpic" / "statins" / "simvastatin.toml"
    text = source.read_text("utf-8").replace("less than 20 mg/day", "less than 80 mg/day or pravastatin")
    place = tmp_path / "simvastatin.toml"
    place.write_text("\n".join(line for line in text.splitlines() if '"Poor Function"]' not in line), "utf-8")
    damaged = guidance_part.merge(guidance, Guidance((guidance_part.read_guideline(place),)))
    kinds = {item.kind: item.text for item in check(definitions, damaged) if item.severity == "error"}
    assert kinds["figure"] == "80 is not in the source row"
    assert kinds["drug-name"] == "pravastatin is not in the source row"
    assert kinds["uncovered"] == "general: no row for Poor Function"


def test_check_finds_an_allele_without_function_and_an_unknown_key(
    guidance: Guidance, definitions: dict[str, GeneDefinition], tmp_path: Path
) -> None:
    found = check(definitions, guidance)
    assert any(item.kind == "allele-without-function" and item.where == "CYP3A4" for item in found)
    text = (GUIDELINES / "cpic" / "statins" / "simvastatin.toml").read_text("utf-8")
    place = tmp_path / "simvastatin.toml"
    place.write_text(text.replace('"Poor Function"]', '"Poor Fuction"]'), "utf-8")
    damaged = guidance_part.merge(guidance, Guidance((guidance_part.read_guideline(place),)))
    assert any(
        item.kind == "unknown-key" and "Poor Fuction" in item.text for item in check(definitions, damaged)
    )


@pytest.fixture(scope="session")
def source_rows(shared: Path) -> list[dict[str, Any]]:
    """CPIC's rows with their wording, as the tool reads them."""
    path = CONTENT / "tools" / "pgx_guidance.py"
    spec = importlib.util.spec_from_file_location("pgx_guidance_tool", path)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    rows: list[dict[str, Any]] = tool.source_rows(shared / "data" / "pgx")
    return rows


@pytest.mark.shared
def test_every_text_agrees_with_its_source_wording(source_rows: list[dict[str, Any]]) -> None:
    """Figures and drugs from the source, shorter than it, and no seven words in a row of it."""
    by_id = {row["id"]: row for row in source_rows}
    names = sorted({row["drug"] for row in source_rows})
    compared = 0
    for document, statement in statements():
        for row_id, *keys in statement["rows"]:
            if row_id not in by_id:
                continue
            row = by_id[row_id]
            compared += 1
            whole = " ".join([row["wording"], *row["implications"]])
            assert set(figures_of(statement["text"])) <= set(figures_of(whole)), row_id
            assert set(statement["figures"]) <= set(figures_of(whole)), row_id
            stated = set(drugs_named(statement["text"] + statement["why"], names)) - {row["drug"]}
            assert stated <= set(drugs_named(whole, names)), row_id
            assert len(statement["text"]) <= max(len(row["wording"]), 95), row_id
            assert not _copied(statement["text"], row["wording"]), row_id
            assert statement["strength"] == (row["strength"] or "N/A")
            assert statement["population"] == (row["population"] or "general")
            assert keys == [row["lookup"][0][gene] for gene in document["genes"]]
    assert compared == 2055


def _copied(text: str, source: str) -> bool:
    words = re.findall(r"[a-z0-9%/.-]+", text.lower())
    there = " ".join(re.findall(r"[a-z0-9%/.-]+", source.lower()))
    return any(" ".join(words[i : i + 7]) in there for i in range(len(words) - 6))


@pytest.mark.shared
def test_every_source_row_is_matched_by_a_patient_who_has_its_results(
    source_rows: list[dict[str, Any]], guidance: Guidance, modulators: Phenoconversion
) -> None:
    """The slow obvious way: a row applies when all its keys equal the patient's."""
    wanted: dict[tuple[str, tuple[tuple[str, str], ...]], set[tuple[str, str]]] = {}
    for row in source_rows:
        if row["lookup"]:
            keys = tuple(sorted(row["lookup"][0].items()))
            stated = (row["population"] or "general", row["strength"] or "N/A")
            wanted.setdefault((row["drug"], keys), set()).add(stated)
    by_drug = {g.drug.name: g for g in guidance.drugs}
    for (drug, keys), stated in wanted.items():
        if all(key == "No Result" for _, key in keys):
            continue
        patient = Patient(Guidance((by_drug[drug],)), modulators)
        for gene, key in keys:
            if key == "xN combinations":
                pair = Diplotype("*1/*1xN", ("*1", "*1xN"), None, None)
                patient.calls.append(PharmacogeneCall(gene, CallStatus.OUTSIDE_CALL, False, (pair,)))
            elif gene in PRESENCE_ALLELES and key == "No Result":
                continue
            else:
                patient.gene(gene, key)
        found = {(r.population, r.strength) for r in patient.answers(drug)}
        assert found == stated, (drug, keys)


@pytest.mark.shared
def test_no_wording_of_the_source_is_new(source_rows: list[dict[str, Any]]) -> None:
    known = {text for _, statement in statements() for text in statement.get("source_texts", ())}
    for row in source_rows:
        if row["lookup"]:
            text = "\n".join([row["wording"], *row["implications"]])
            assert hashlib.sha256(text.encode()).hexdigest()[:12] in known, row["id"]


def damaged(definitions: dict[str, GeneDefinition], gene: str, **changes: Any) -> set[tuple[str, str]]:
    """(kind, text) of the errors that a damage to one gene's definition adds."""
    broken = {gene: dataclasses.replace(definitions[gene], **changes)}
    return {(item.kind, item.text) for item in check(broken, Guidance(())) if item.severity == "error"}


def test_the_gene_files_contradict_nothing(definitions: dict[str, GeneDefinition]) -> None:
    for gene in definitions:
        assert damaged(definitions, gene) == set()


def test_check_finds_a_function_without_a_phenotype(definitions: dict[str, GeneDefinition]) -> None:
    rules = tuple(r for r in definitions["TPMT"].rules if set(r.lookup) != {"No function"})
    found = damaged(definitions, "TPMT", rules=rules)
    assert ("no-phenotype", "No function and No function has no phenotype") in found


def test_check_finds_an_activity_score_without_a_phenotype(definitions: dict[str, GeneDefinition]) -> None:
    rules = tuple(r for r in definitions["CYP2C9"].rules if r.activity_score != "0.5")
    assert any(kind == "gene-file" for kind, _ in damaged(definitions, "CYP2C9", rules=rules))
    emptied = tuple(
        dataclasses.replace(r, phenotype="") if r.activity_score == "0.5" else r
        for r in definitions["CYP2C9"].rules
    )
    assert any(kind == "no-phenotype" for kind, _ in damaged(definitions, "CYP2C9", rules=emptied))


def test_check_finds_two_phenotypes_for_one_score_or_pair(definitions: dict[str, GeneDefinition]) -> None:
    first, *rest = definitions["CYP2D6"].rules
    other = dataclasses.replace(first, phenotype="Rapid Metabolizer")
    found = damaged(definitions, "CYP2D6", rules=(first, other, *rest))
    assert {kind for kind, _ in found} == {"two-phenotypes"}
    assert len(found) == 2


def test_check_finds_an_allele_without_function(definitions: dict[str, GeneDefinition]) -> None:
    alleles = tuple(
        dataclasses.replace(a, function=None) if a.name == "*3A" else a for a in definitions["TPMT"].alleles
    )
    broken = {"TPMT": dataclasses.replace(definitions["TPMT"], alleles=alleles)}
    found = [item.text for item in check(broken, Guidance(())) if item.kind == "allele-without-function"]
    assert any(text.startswith("*3A has no function") for text in found)


def test_the_bands_of_scores_are_those_of_the_gene_files(definitions: dict[str, GeneDefinition]) -> None:
    compared = 0
    for gene in SCORE_GENES:
        for rule in definitions[gene].rules:
            score = normalized_score(rule.activity_score)
            if score is not None:
                assert phenotype_of_score(gene, score) == rule.phenotype, (gene, rule)
                compared += 1
    assert compared > 30


@pytest.mark.shared
def test_every_combination_of_results_gives_exactly_the_rows_of_the_facts(
    source_rows: list[dict[str, Any]],
    guidance: Guidance,
    modulators: Phenoconversion,
    definitions: dict[str, GeneDefinition],
) -> None:
    """Every drug of the facts, every phenotype, score and status of its genes, a missing gene included."""
    rows: dict[str, dict[frozenset[tuple[str, str]], set[tuple[str, str]]]] = {}
    for row in source_rows:
        whole = row["drug"] not in NOT_WHOLLY_IN_THE_FACTS
        if whole and row["lookup"] and "xN combinations" not in row["lookup"][0].values():
            stated = (row["population"] or "general", row["strength"] or "N/A")
            of_drug = rows.setdefault(row["drug"], {})
            of_drug.setdefault(frozenset(row["lookup"][0].items()), set()).add(stated)
    by_drug = {g.drug.name: g for g in guidance.drugs}
    assert set(rows) == set(by_drug) - NOT_WHOLLY_IN_THE_FACTS
    seen = 0
    for drug, facts in rows.items():
        genes = by_drug[drug].genes
        asked = {gene: {key for keys in facts for g, key in keys if g == gene} for gene in genes}
        choices = [_results_of(definitions[gene], asked[gene]) for gene in genes]
        for combination in itertools.product(*choices):
            keys = frozenset(zip(genes, combination, strict=True))
            patient = Patient(Guidance((by_drug[drug],)), modulators)
            for gene, key in zip(genes, combination, strict=True):
                if key != "No Result":
                    patient.gene(gene, key)
            answers = patient.answers(drug)
            seen += 1
            if keys in facts:
                assert {(r.population, r.strength) for r in answers} == facts[keys], (drug, keys)
            elif "No Result" in combination:
                assert {r.action for r in answers} == {"not-called"}, (drug, keys)
            else:
                assert {r.action for r in answers} == {"no-recommendation"}, (drug, keys)
    assert seen == 1970


NOT_WHOLLY_IN_THE_FACTS = {
    *("hydralazine", "metoprolol"),
    *("dibekacin", "neomycin", "netilmicin", "ribostamycin", "warfarin"),
    *("peginterferon alfa-2a", "peginterferon alfa-2b", "ribavirin"),
}


def _results_of(gene: GeneDefinition, asked: set[str]) -> list[str]:
    given = {key for key in asked if key != "No Result"}
    possible = set() if gene.presence_alleles else {rule.lookup_key for rule in gene.rules}
    return [*sorted(given | possible), "No Result"]

"""`genomeward rank`: phenopackets in, one ranking a line out."""

import gzip
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import EXAMPLES, Run

MARFAN = {
    "id": "case-1",
    "subject": {"id": "p1", "sex": "MALE"},
    "phenotypicFeatures": [
        {
            "type": {"id": "HP:0001083", "label": "Ectopia lentis"},
            "onset": {"ontologyClass": {"id": "HP:0011463"}},
        },
        {"type": {"id": "HP:0002616"}},
        {"type": {"id": "HP:0001166"}},
        {"type": {"id": "HP:0001519"}, "modifiers": [{"id": "HP:0012828"}]},
        {"type": {"id": "HP:0001250"}, "excluded": True},
    ],
}


def test_files_and_lines_are_ranked_in_order_with_errors_in_place(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(MARFAN, indent=2), "utf-8")
    (tmp_path / "none.json").write_text("{}", "utf-8")
    lines = (json.dumps(MARFAN | {"id": "case-2"}) + "\n").encode()
    done = run("rank", tmp_path / "one.json", tmp_path / "none.json", "--input", "-", stdin=lines)
    first, second, third = done.lines
    assert done.code == 1
    assert (first["id"], second["id"], third["id"]) == ("case-1", "none.json", "case-2")
    assert "phenotypicFeatures" in second["error"]["text"]
    assert "OMIM:154700" in [d["id"] for d in first["diseases"][:5]]
    assert "FBN1" in [g["symbol"] for g in first["genes"][:5]]
    assert first["phenotype"]["excluded"] == ["HP:0001250"]
    assert third["diseases"] == first["diseases"]


def test_bad_packets_of_every_kind_leave_their_neighbours_in_order(run: Run, tmp_path: Path) -> None:
    good = json.dumps(MARFAN)
    (tmp_path / "list.json").write_text(f'[{good}, {{"id": "no-features"}}, {good}]', "utf-8")
    (tmp_path / "deep.json").write_text("[" * 200_000, "utf-8")
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(good.encode())[:60])
    (tmp_path / "whole.json.gz").write_bytes(gzip.compress(good.encode()))
    (tmp_path / "lines.jsonl").write_bytes(f"{good}\r\n{{broken\n{good}\n".encode())
    names = ("list.json", "deep.json", "cut.json.gz", "whole.json.gz", "lines.jsonl")
    done = run("rank", *(tmp_path / name for name in names))
    assert done.code == 1
    assert [row["id"] if "error" in row else "ok" for row in done.lines] == [
        "ok", "no-features", "ok", "deep.json", "cut.json.gz", "ok", "ok", "lines.jsonl line 2", "ok",
    ]  # fmt: skip


def test_nothing_to_rank_could_not_run(run: Run, tmp_path: Path) -> None:
    assert run("rank").code == 2
    assert run("rank", "--input", tmp_path / "absent.jsonl").code == 2


HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=248956422,assembly=GRCh38>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"""
# LAMB3 c.3452_3458del, a frameshift; and one of BRCA1, of the secondary-findings list (c.68_69del).
LAMB3 = "chr1\t209615331\t.\tACGCTTCT\tA\t.\tPASS\t.\tGT\t0/1"
BRCA1 = "chr17\t43124027\t.\tACT\tA\t.\tPASS\t.\tGT\t0/1"
# LAMB3, asserted pathogenic in ClinVar with two stars.
ASSERTED = "chr1\t209618044\t.\tG\tA\t.\tPASS\t.\tGT\t0/1"
ENAMEL = {
    "id": "enamel",
    "subject": {"id": "proband"},
    "phenotypicFeatures": [{"type": {"id": i}} for i in ("HP:0000705", "HP:0006297", "HP:0009722")],
}


def test_variants_of_a_file_join_the_phenotype(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(ENAMEL), "utf-8")
    (tmp_path / "p.vcf").write_text(f"{HEADER}proband\n{LAMB3}\n{BRCA1}\n", "utf-8")
    done = run("rank", tmp_path / "p.json", "--vcf", tmp_path / "p.vcf")
    (row,) = done.lines
    assert done.code == 0, done.error
    best = row["genes"][0]
    assert best["symbol"] == "LAMB3"
    assert best["variants"][0]["hgvs_c"] == "NM_000228.3:c.3452_3458del"
    assert best["score"] == pytest.approx(best["phenotype_score"] + best["variant_score"], abs=2e-4)
    disease = row["diseases"][0]
    assert (disease["id"], disease["gene"]) == ("OMIM:104530", "LAMB3")
    # BRCA1 has nothing to do with enamel, and nobody consented: as if it had not been looked at.
    brca1 = next(g for g in row["genes"] if g["symbol"] == "BRCA1")
    assert (brca1["variant_score"], brca1["variants"]) == (0.0, [])
    consented = run("rank", tmp_path / "p.json", "--vcf", tmp_path / "p.vcf", "--consent-secondary", "yes")
    brca1 = next(g for g in consented.lines[0]["genes"] if g["symbol"] == "BRCA1")
    assert brca1["variant_score"] > 0
    assert [v["zygosity"] for v in brca1["variants"]] == ["heterozygous"]


@pytest.mark.parametrize(
    "terms",
    [
        ("HP:0000705", "HP:0006297", "HP:0009722"),
        # Fanconi anaemia S (BRCA1) has these too: above chance, and behind hundreds of other diseases.
        ("HP:0001250", "HP:0001263", "HP:0000252"),
    ],
    ids=["enamel", "epilepsy"],
)
def test_without_consent_no_byte_tells_of_a_secondary_finding(
    run: Run, tmp_path: Path, terms: tuple[str, ...]
) -> None:
    packet = {**ENAMEL, "phenotypicFeatures": [{"type": {"id": i}} for i in terms]}
    (tmp_path / "p.json").write_text(json.dumps(packet), "utf-8")
    harmless = "chr17\t7000000\t.\tA\tG\t.\tPASS\t.\tGT\t0/1"

    def answer(record: str, *options: str) -> Any:
        # Beside a known variant of another gene, which would tell less if there were two known ones.
        (tmp_path / "p.vcf").write_text(f"{HEADER}proband\n{ASSERTED}\n{record}\n", "utf-8")
        return run("rank", tmp_path / "p.json", "--vcf", tmp_path / "p.vcf", *options).lines

    assert answer(BRCA1) == answer(harmless)
    consent = ("--consent-secondary", "yes")
    assert answer(BRCA1, *consent) != answer(harmless, *consent)


def test_a_listed_gene_that_the_phenotype_points_to_is_no_secondary_finding(run: Run, tmp_path: Path) -> None:
    packet = {**ENAMEL, "phenotypicFeatures": [{"type": {"id": i}} for i in ("HP:0003002", "HP:0100615")]}
    (tmp_path / "p.json").write_text(json.dumps(packet), "utf-8")
    (tmp_path / "p.vcf").write_text(f"{HEADER}proband\n{BRCA1}\n", "utf-8")
    (row,) = run("rank", tmp_path / "p.json", "--vcf", tmp_path / "p.vcf").lines
    brca1 = next(g for g in row["genes"] if g["symbol"] == "BRCA1")
    assert [v["zygosity"] for v in brca1["variants"]] == ["heterozygous"]
    assert any("how common these variants are" in note for note in row["notes"])


def test_configured_sources_are_asked_and_our_own_class_is_shown(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(ENAMEL), "utf-8")
    (tmp_path / "p.vcf").write_text(f"{HEADER}proband\n{LAMB3}\n", "utf-8")
    sites = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    (tmp_path / "own.vcf").write_text(
        f"{sites}chr1\t209615331\t.\tACGCTTCT\tA\t.\t.\tAC=30;AN=20000\n", "utf-8"
    )
    (tmp_path / "nodes.toml").write_text('[[snapshot]]\nid = "own"\nfile = "own.vcf"\n', "utf-8")

    def best(**environment: str) -> tuple[float, dict[str, Any], list[str]]:
        (row,) = run("rank", tmp_path / "p.json", "--vcf", tmp_path / "p.vcf", **environment).lines
        gene = next(g for g in row["genes"] if g["symbol"] == "LAMB3")
        return gene["variant_score"], gene["variants"][0], row["notes"]

    alone, variant, notes = best()
    assert variant["frequency"] is None
    assert any("how common" in note for note in notes)
    asked, variant, notes = best(GENOMEWARD_NODES=str(tmp_path / "nodes.toml"))
    assert 0.001 < variant["frequency"] <= 0.0015
    assert asked < alone
    assert not any("how common" in note for note in notes)
    assert variant["classification"]["classification"] == "Uncertain significance"


def test_no_node_is_asked_by_name_even_where_it_may_be(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(ENAMEL), "utf-8")
    (tmp_path / "p.vcf").write_text(f"{HEADER}proband\n{LAMB3}\n", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        (tmp_path / "nodes.toml").write_text(
            f'[[node]]\nid = "GB"\ncountry = "GB"\nurl = "{url}"\nexact = "allowed"\n', "utf-8"
        )
        done = run(
            "rank", tmp_path / "p.json", "--vcf", tmp_path / "p.vcf",
            GENOMEWARD_NODES=str(tmp_path / "nodes.toml"),
        )  # fmt: skip
        assert done.code == 0, done.error
        assert done.lines[0]["genes"][0]["variants"][0]["frequency"] is None
        with pytest.raises(BlockingIOError):
            listening.accept()


# A splice donor of EZH1 (NM_001991.5, minus strand), a gene without an annotated disease.
NEW_GENE = "chr17\t42702876\t.\tC\tT\t.\tPASS\t.\tGT\t0/1"


def test_a_gene_that_no_disease_is_known_for_is_listed_with_a_note(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(ENAMEL), "utf-8")
    (tmp_path / "p.vcf").write_text(f"{HEADER}proband\n{LAMB3}\n{NEW_GENE}\n", "utf-8")
    (row,) = run("rank", tmp_path / "p.json", "--vcf", tmp_path / "p.vcf").lines
    symbols = [g["symbol"] for g in row["genes"]]
    gene = row["genes"][symbols.index("EZH1")]
    assert symbols.index("LAMB3") < symbols.index("EZH1")
    assert (gene["disease"], gene["diseases"], gene["hgnc"]) == (None, [], "HGNC:3526")
    assert "not known" in gene["note"]


def test_without_a_term_variants_alone_rank(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"id": "x", "phenotypicFeatures": []}', "utf-8")
    (tmp_path / "p.vcf").write_text(f"{HEADER}proband\n{LAMB3}\n", "utf-8")
    done = run("rank", tmp_path / "p.json", "--vcf", tmp_path / "p.vcf")
    (row,) = done.lines
    assert done.code == 0
    assert row["genes"][0]["symbol"] == "LAMB3"
    assert row["diseases"][-1]["terms"] == []


def test_variants_that_the_phenopacket_names_join_too(run: Run, tmp_path: Path) -> None:
    record = {"genomeAssembly": "GRCh38", "chrom": "chr1", "pos": "209615331", "ref": "ACGCTTCT", "alt": "A"}
    packet = ENAMEL | {
        "interpretations": [
            {
                "diagnosis": {
                    "genomicInterpretations": [
                        {"variantInterpretation": {"variationDescriptor": {"vcfRecord": record}}},
                        {
                            "variantInterpretation": {
                                "variationDescriptor": {
                                    "expressions": [{"syntax": "hgvs.c", "value": "nonsense"}]
                                }
                            }
                        },
                    ]
                }
            }
        ]
    }
    (tmp_path / "p.json").write_text(json.dumps(packet), "utf-8")
    (row,) = run("rank", tmp_path / "p.json").lines
    assert row["genes"][0]["symbol"] == "LAMB3"
    assert row["genes"][0]["variant_score"] > 0
    assert all(g["variant_score"] == 0 for g in row["genes"][1:])
    assert any("Variant 2" in note for note in row["notes"])


def test_a_file_of_several_samples_is_read_for_the_subject(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(ENAMEL), "utf-8")
    (tmp_path / "p.vcf").write_text(
        f"{HEADER}other\tproband\n{LAMB3}\t0/0\n".replace("0/1\t0/0", "0/0\t0/1"), "utf-8"
    )
    (row,) = run("rank", tmp_path / "p.json", "--vcf", tmp_path / "p.vcf").lines
    assert row["genes"][0]["variants"][0]["zygosity"] == "heterozygous"
    assert run("rank", tmp_path / "p.json", "--vcf", tmp_path / "absent.vcf").code == 2


def test_statements_carry_how_well_the_disease_explains_the_phenotype(run: Run) -> None:
    def score(*phenotypes: str) -> float | None:
        asked = ("interpret", EXAMPLES / "brca1-carrier.vcf", "--indication", "BRCA1", "--format", "findings")
        (findings,) = run(*asked, *phenotypes).lines
        found: float | None = findings["diagnoses"][0]["phenotype_score"]
        return found

    cancer, enamel = score("--phenotypes", "HP:0003002,HP:0100615"), score("--phenotypes", "HP:0000705")
    assert score() is None
    assert cancer is not None
    assert enamel is not None
    assert cancer > 0 > enamel

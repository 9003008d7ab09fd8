"""`genomeward describe`: any notation in, one line each, in order, errors in place."""

import hashlib
from pathlib import Path

import pytest

from service.variants.describe_lines import KEYS
from tests.journeys.conftest import Finished, Run

# One variant in every notation. Source: ClinVar VCV000013961; its VRS 2.0 id as GA4GH's own tools print it.
BRAF_V600E = (
    "NM_004333.6(BRAF):c.1799T>A (p.Val600Glu)",
    "  NM_004333.6:c.1799T&gt;A\u00a0",
    "nm_004333.6:c.1799t>a",
    "BRAF V600E",
    "NP_004324.2:p.(Val600Glu)",
    "NC_000007.14:g.140753336A>T",
    "NC_000007.13:g.140453136A>T",
    "NC_000007.14(NM_004333.6):c.1799T>A",
    "NC_000007.14:140753335:A:T",
    "NC_000007.14:140753335:1:T",
    "7\u2013140753336\u2013A\u2013T",
    "chr7:140753336:A:T",
    "hg19 chr7:140453136 A>T",
    "VCV000013961.2",
    "13961",
    "BRAF:NM_004333.6:exon15:c.T1799A:p.V600E",
)
NAMES = {
    "ok": True, "assembly": "GRCh38", "chrom": "7", "pos": 140753336, "ref": "A", "alt": "T",
    "spdi": "NC_000007.14:140753335:A:T", "vrs_id": "ga4gh:VA.Otc5ovrw906Ack087o1fhegB4jDRqCAe",
    "hgvs_g": "NC_000007.14:g.140753336A>T", "hgvs_g_grch37": "NC_000007.13:g.140453136A>T",
    "hgvs_c": "NM_004333.6:c.1799T>A", "hgvs_p": "NP_004324.2:p.(Val600Glu)", "gene": "BRAF",
    "hgnc_id": "HGNC:1097", "transcript": "NM_004333.6", "consequence": "missense_variant", "exon": "15/18",
    "nmd": None, "error": None,
}  # fmt: skip


def described(run: Run, folder: Path, texts: list[str], *options: str) -> Finished:
    """The command over a file of notations."""
    path = folder / "notations.txt"
    path.write_text("".join(f"{text}\n" for text in texts), "utf-8")
    return run("describe", "--input", path, *options)


def test_every_notation_of_a_variant_gives_the_same_names(run: Run, tmp_path: Path) -> None:
    done = described(run, tmp_path, list(BRAF_V600E))
    rows = done.lines
    assert (done.code, len(rows)) == (0, len(BRAF_V600E)), done.error
    for row in rows:
        assert {key: row[key] for key in NAMES} == NAMES, row["input"]
        assert set(row) == set(KEYS)


def test_errors_stand_in_their_place_and_nothing_stops(run: Run, tmp_path: Path) -> None:
    texts = [
        *("nonsense", "BRAF V600E", "NM_004333.99:c.1A>G", "NM_004333.6:c.1799C>A", "NM_004333.6:c.9999A>G"),
        *("NM_004333.6:c.1799+99999A>G", "10-94781859-G-A"),
    ]
    done = described(run, tmp_path, texts)
    rows = done.lines
    assert done.code == 1
    assert [row["input"] for row in rows] == texts
    assert [row["ok"] for row in rows] == [False, True, False, False, False, False, True]
    told = [row["error"] or "" for row in rows]
    assert "is not a variant notation" in told[0]
    assert "is not known in this version; known: NM_004333.4, NM_004333.6" in told[2]
    assert "the reference has T there, not C" in told[3]
    assert "outside the coding sequence of NM_004333.6, 1 to 2301" in told[4]
    assert "is not at the edge of its exon" in told[5]


def test_a_record_that_names_the_reference_and_numbers_without_end_stop_nothing(
    run: Run, tmp_path: Path
) -> None:
    # Source: ClinVar of 2020-05, VCV000525690 is NM_000251.3(MSH2):c.1387-10=.
    endless = "9" * 5000
    texts = [
        *("VCV000525690", f"VCV{endless}", f"rs{endless}", endless, f"NM_004333.6:c.{endless}A>T"),
        *(f"NC_000007.14:{endless}:A:T", f"7-{endless}-A-T", f"BRAF V{endless}E", f"c.76[{endless}]"),
        *(f"NM_004333.6:c.1799+{endless}A>T", f"c.76del{endless}", f"c.76_77ins{'A' * 5000}", "VCV000013961"),
    ]
    done = described(run, tmp_path, texts)
    assert (done.code, [row["input"] for row in done.lines]) == (1, texts), done.error
    errors = [row["error"] for row in done.lines]
    assert errors[0] == "ClinVar variation 525690 names the reference itself in ClinVar, not a change of it"
    assert all(error and len(error) < 1_000 for error in errors[1:-1])
    assert errors[-1] is None


@pytest.mark.parametrize("piped", [False, True], ids=("file", "standard input"))
def test_bytes_that_are_no_text_and_empty_lines_keep_their_place(
    run: Run, tmp_path: Path, piped: bool
) -> None:
    content = b"\xef\xbb\xbfBRAF V600E\n\nrs334\xe9\xff\n \t\r\nBRAF\xa0V600E\nBRAF V600E\n\n\n"
    path = tmp_path / "notations.txt"
    path.write_bytes(content)
    done = run("describe", "--parse-only", "--input", "-" if piped else path, stdin=content)
    unreadable = "\ufffd"
    assert [(row["input"], row["ok"]) for row in done.lines] == [
        ("BRAF V600E", True),
        ("", False),
        (f"rs334{unreadable * 2}", False),
        (" \t", False),
        (f"BRAF{unreadable}V600E", False),
        ("BRAF V600E", True),
    ], done.error
    assert [row["error"].partition(";")[0] for row in done.lines[1:5:2]] == ["the text is empty"] * 2


def test_parse_only_needs_no_reference(run: Run, tmp_path: Path) -> None:
    texts = ["c.76A>T", "[c.76A>T;c.83G>C]", "p.Arg97ProfsTer23", "c.76"]
    done = described(run, tmp_path, texts, "--parse-only")
    rows = done.lines
    assert [row["ok"] for row in rows] == [True, True, True, False]
    assert [edit["alt"] for edit in rows[1]["parsed"]["edits"]] == ["T", "C"]


# BRAF's codon 600 and some bases around it: hg19 chr7:140453131-140453140 is chr7:140753331-140753340.
CHAIN = "chain 1 chr7 159138663 + 140453130 140453140 chr7 159345973 + 140753330 140753340 1\n10\n"


def test_a_configured_chain_is_what_carries_over_and_is_named(run: Run, tmp_path: Path) -> None:
    there, vcf = tmp_path / "there.chain", tmp_path / "case.vcf"
    there.write_text(CHAIN)
    texts = ["hg19 chr7:140453136 A>T", "hg19 chr7:140453236 A>T"]
    done = run("describe", *texts, GENOMEWARD_CHAIN_37_TO_38=str(there))
    rows = done.lines
    assert (done.code, [row["ok"] for row in rows]) == (1, [True, False])
    assert (rows[0]["hgvs_p"], rows[0]["pos"]) == ("NP_004324.2:p.(Val600Glu)", 140753336)
    assert "no counterpart" in rows[1]["error"]
    vcf.write_text(
        "##fileformat=VCFv4.3\n##reference=GRCh37\n##contig=<ID=7,length=159138663>\n"
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
        "7\t140453136\t.\tA\tT\t.\tPASS\t.\tGT\t0/1\n"
    )
    (found,) = run("interpret", vcf, "--format", "findings", GENOMEWARD_CHAIN_37_TO_38=str(there)).lines
    assert f"+chain37-{hashlib.sha256(CHAIN.encode()).hexdigest()[:6]}" in found["knowledge_release"]
    (variant,) = found["variants"]
    assert (variant["pos"], variant["lifted_from"]["pos"]) == (140753336, 140453136)


def test_a_malformed_chain_stops_the_start_and_names_its_line(run: Run, tmp_path: Path) -> None:
    there = tmp_path / "there.chain"
    there.write_text(CHAIN.replace("\n10\n", "\n9\n"))
    done = run("describe", "BRAF V600E", GENOMEWARD_CHAIN_37_TO_38=str(there))
    assert (done.code, done.lines) == (2, [])
    assert "GENOMEWARD_CHAIN_37_TO_38: line 2 of the chain file" in done.error

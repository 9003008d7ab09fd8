"""`genomeward describe`: any notation in, one line each, in order, errors in place."""

from pathlib import Path

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


def test_parse_only_needs_no_reference(run: Run, tmp_path: Path) -> None:
    texts = ["c.76A>T", "[c.76A>T;c.83G>C]", "p.Arg97ProfsTer23", "c.76"]
    done = described(run, tmp_path, texts, "--parse-only")
    rows = done.lines
    assert [row["ok"] for row in rows] == [True, True, True, False]
    assert [edit["alt"] for edit in rows[1]["parsed"]["edits"]] == ["T", "C"]

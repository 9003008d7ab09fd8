"""A national node: what it serves, what it withholds, what it refuses."""

import asyncio
import gzip
import importlib.util
import json
import socket
import struct
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.cli import main
from service.domain.assembly import Assembly
from service.domain.frequency import Outcome
from service.domain.frequency_sources import Dialect, NodeEntry
from service.domain.variant import Variant
from service.errors import InvalidInput
from service.frequency.beacon_answer import read_variant
from service.frequency.beacon_document import parse_document
from service.node.access import Budget
from service.node.app import Node, NodeOptions
from service.node.refusal import Refusal
from service.node.serve import create_node

COUNTS = """\
chrom\tpos\tref\talt\tac\tan\tac_het\tac_hom_alleles\tac_hemi\tac_f\tan_f\tac_m\tan_m
chr10\t94780653\tG\tA\t0\t198\t0\t0\t0\t0\t122\t0\t76
chr10\t94781859\tG\tA\t43\t198\t39\t4\t0\t22\t122\t21\t76
chr13\t48045719\tC\tT\t2\t198\t2\t0\t0\t1\t122\t1\t76
chr2\t233760233\tC\tCAT\t71\t198\t51\t20\t0\t42\t122\t29\t76
chr7\t117559590\tATCT\tA\t4\t198\t4\t0\t0\t3\t122\t1\t76
chrX\t154534419\tG\tA\t3\t160\t1\t0\t2\t1\t122\t2\t38
"""
CYP2C19_2 = {
    "assemblyId": "GRCh38",
    "referenceName": "10",
    "start": [94781858],
    "referenceBases": "G",
    "alternateBases": "A",
}


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("counts") / "FI.tsv.gz"
    path.write_bytes(gzip.compress(COUNTS.encode()))
    return path


class Client:
    """Asks a node in process."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.node)
            async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
                return await client.request(method, path, **options)

        return asyncio.run(send())

    def get(self, path: str, **parameters: str) -> httpx.Response:
        return self.request("GET", f"/api{path}", params=parameters)

    def ask(self, parameters: dict[str, Any], **query: Any) -> httpx.Response:
        body = {"meta": {"apiVersion": "v2.0.0"}, "query": {"requestParameters": parameters, **query}}
        return self.request("POST", "/api/g_variants", json=body)


@pytest.fixture(scope="module")
def node(counts: Path) -> Client:
    return Client(create_node(counts, NodeOptions("FI")))


def counts_of(answer: httpx.Response) -> tuple[int, int]:
    assert answer.status_code == 200, answer.text
    (record,) = answer.json()["response"]["resultSets"][0]["results"]
    whole = record["frequencyInPopulations"][0]["frequencies"][0]
    assert whole["population"] == "FI"
    return whole["alleleCount"], whole["alleleNumber"]


@pytest.mark.parametrize("name", ["10", "chr10", "NC_000010.11", "refseq:NC_000010.11"])
@pytest.mark.parametrize("nested", [False, True])
def test_every_usual_form_of_the_same_question_gives_the_same_counts(
    node: Client, name: str, nested: bool
) -> None:
    parameters: dict[str, Any] = {**CYP2C19_2, "referenceName": name}
    assert counts_of(node.ask({"g_variant": parameters} if nested else parameters)) == (43, 198)


def test_get_answers_like_post(node: Client) -> None:
    parameters = {**CYP2C19_2, "start": "94781858"}
    assert counts_of(node.get("/g_variants", **parameters)) == (43, 198)
    assert counts_of(node.get("/g_variants/GRCh38:10:94781858:G:A")) == (43, 198)


@pytest.mark.parametrize(
    ("start", "ref", "alt"),
    [(233760232, "C", "CAT"), (233760233, "", "AT"), (233760231, "GC", "GCAT")],
)
def test_an_insertion_is_found_however_it_is_padded(node: Client, start: int, ref: str, alt: str) -> None:
    spelled = {"referenceName": "2", "start": start, "referenceBases": ref, "alternateBases": alt}
    assert counts_of(node.ask({**CYP2C19_2, **spelled})) == (71, 198)


def test_a_listed_site_with_no_carrier_is_returned_with_its_allele_number(node: Client) -> None:
    assert counts_of(node.ask({**CYP2C19_2, "start": [94780652]})) == (0, 198)


def test_an_unlisted_variant_is_a_miss_only_when_the_question_was_understood(node: Client) -> None:
    answer = node.ask({**CYP2C19_2, "alternateBases": "T"}, includeResultsetResponses="ALL")
    assert answer.json()["responseSummary"] == {"exists": False, "numTotalResults": 0}
    assert answer.json()["response"]["resultSets"][0]["results"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"assemblyId": "GRCh37"},
        {"assemblyId": None},
        {"referenceName": "NC_000010.10"},
        {"referenceName": "NC_000010"},
        {"referenceName": "ten"},
        {"start": None},
        {"start": "abc"},
        {"start": [-1]},
        {"start": [1, 2, 3]},
        {"alternateBases": None},
        {"alternateBases": "R"},
        {"referenceBases": "T"},
        {"referenceBases": "A"},
        {"variantType": "DEL"},
        {"variantType": "CNV"},
        {"geneId": "CYP2C19"},
        {"mystery": 1},
        {"datasets": ["other"]},
        {"end": [94781858]},
    ],
)
def test_what_is_not_understood_is_refused_and_never_not_found(node: Client, change: dict[str, Any]) -> None:
    parameters = {key: value for key, value in {**CYP2C19_2, **change}.items() if value is not None}
    answer = node.ask(parameters)
    assert answer.status_code == 400
    assert answer.json()["error"]["errorCode"] == 400
    assert "responseSummary" not in answer.json()


def test_a_malformed_envelope_is_refused(node: Client) -> None:
    for body in (b"{", b"[]", b'{"query":[]}', b'{"mystery":1}', b'{"query":{"filters":[{"id":"HP:1"}]}}'):
        answer = node.request("POST", "/api/g_variants", content=body)
        assert answer.status_code == 400, body
    assert node.request("POST", "/api/g_variants", content=b" " * (1 << 21)).status_code == 413
    assert node.request("DELETE", "/api/g_variants").status_code == 405
    assert node.get("/nothing").json()["error"]["errorCode"] == 404
    assert node.ask(CYP2C19_2, requestedGranularity="everything").status_code == 400
    assert node.get("/g_variants", filters="HP:1", **{**CYP2C19_2, "start": "1"}).status_code == 400


def test_granularity_and_inclusion(node: Client) -> None:
    boolean = node.ask(CYP2C19_2, requestedGranularity="boolean").json()
    assert boolean["responseSummary"] == {"exists": True}
    assert "response" not in boolean
    count = node.ask(CYP2C19_2, requestedGranularity="count").json()
    assert count["responseSummary"] == {"exists": True, "numTotalResults": 1}
    for include, sets in (("HIT", 1), ("ALL", 1), ("MISS", 0), ("NONE", 0)):
        answer = node.ask(CYP2C19_2, includeResultsetResponses=include).json()
        assert len(answer["response"]["resultSets"]) == sets


def test_range_and_bracket_queries_page(node: Client) -> None:
    span = {"assemblyId": "GRCh38", "referenceName": "10", "start": [94780000], "end": [94790000]}
    whole = node.ask(span, pagination={"skip": 0, "limit": 0}).json()["response"]["resultSets"][0]
    assert whole["resultsCount"] == 2
    second = node.ask(span, pagination={"skip": 1, "limit": 1}).json()["response"]["resultSets"][0]
    assert second["results"] == whole["results"][1:]
    bracket = {**span, "start": [94781858, 94781859], "end": [94781859, 94781860]}
    assert node.ask(bracket).json()["response"]["resultSets"][0]["resultsCount"] == 1
    partly = {**span, "referenceName": "7", "start": [117559592], "end": [117559593]}
    assert node.ask(partly).json()["response"]["resultSets"][0]["resultsCount"] == 1


def test_short_forms_need_the_reference_only_for_indels(counts: Path, node: Client) -> None:
    snv = {"genomicAlleleShortForm": "NC_000010.11:g.94781859G>A"}
    deletion = {"genomicAlleleShortForm": "NC_000007.14:g.117559592_117559594del"}
    assert counts_of(node.ask(snv)) == (43, 198)
    assert node.ask(deletion).status_code == 400
    bases = "AATCATCTTTGGTG"  # from interbase 117559585; the deletion may stand at two places

    def reference(chrom: str, start: int, end: int) -> str | None:
        return bases[start - 117559585 : end - 117559585] if chrom == "7" else None

    knowing = Client(create_node(counts, NodeOptions("FI"), reference=reference))
    assert counts_of(knowing.ask(deletion)) == (4, 198)
    assert node.ask({"genomicAlleleShortForm": "NC_000010.10:g.94781859G>A"}).status_code == 400
    assert node.ask({"genomicAlleleShortForm": "NM_000769.4:c.681G>A"}).status_code == 400


def test_a_test_mode_that_is_neither_true_nor_false_is_refused(node: Client) -> None:
    asked = {"assemblyId": "GRCh38", "referenceName": "10", "start": "94781858", "alternateBases": "A"}
    assert node.get("/g_variants", **asked, testMode="true").json()["meta"]["testMode"] is True
    assert node.get("/g_variants", **asked, testMode="maybe").status_code == 400
    assert node.ask(CYP2C19_2, testMode="yes").status_code == 400


def test_the_root_answers_with_and_without_a_slash(node: Client) -> None:
    assert node.get("").json() == node.get("/").json()


def test_low_counts_are_withheld_and_said_to_be(counts: Path) -> None:
    careful = Client(create_node(counts, NodeOptions("FI", low_count=5)))
    answer = careful.ask({**CYP2C19_2, "referenceName": "13", "start": 48045718, "referenceBases": "C",
                          "alternateBases": "T"})  # fmt: skip
    (record,) = answer.json()["response"]["resultSets"][0]["results"]
    assert "frequencyInPopulations" not in record
    assert record["info"] == {"countPrecision": "imprecise", "suppressedBelow": 5, "alleleNumber": 198}
    common = careful.ask(CYP2C19_2).json()["response"]["resultSets"][0]["results"][0]
    whole = common["frequencyInPopulations"][0]["frequencies"][0]
    assert whole["alleleCount"] == 43
    assert "genotypeHomozygous" not in whole  # two people are fewer than five


def test_a_spent_budget_is_said(counts: Path) -> None:
    limited = Client(create_node(counts, NodeOptions("FI", budget=2)))
    assert [limited.ask(CYP2C19_2).status_code for _ in range(3)] == [200, 200, 429]
    refused = limited.ask(CYP2C19_2)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    now = [0.0]
    budget = Budget(1, clock=lambda: now[0])
    budget.spend("a")
    budget.spend("b")
    with pytest.raises(Refusal):
        budget.spend("a")
    now[0] = 61.0
    budget.spend("a")


def test_registered_access_needs_a_known_token(counts: Path) -> None:
    closed = Client(create_node(counts, NodeOptions("FI", tokens=frozenset({"s3cret"}))))
    assert closed.ask(CYP2C19_2).status_code == 401
    for header, status in (("Bearer s3cret", 200), ("Bearer wrong", 401), ("Basic s3cret", 401)):
        answer = closed.request(
            "GET", "/api/g_variants/GRCh38:10:94781858:G:A", headers={"Authorization": header}
        )
        assert answer.status_code == status
    assert closed.get("/configuration").json()["response"]["securityAttributes"]["securityLevels"] == [
        "REGISTERED"
    ]


def test_a_batch_is_answered_in_order(node: Client) -> None:
    keys = ("referenceName", "start", "referenceBases", "alternateBases")
    hit = {key: CYP2C19_2[key] for key in keys}
    body = {"assemblyId": "GRCh38", "variants": [hit, {**hit, "alternateBases": "T"}, hit]}
    answer = node.request("POST", "/api/g_variants/batch", json=body).json()
    assert [record is not None for record in answer["results"]] == [True, False, True]
    assert node.request("POST", "/api/g_variants/batch", json={"variants": []}).status_code == 400


def test_the_version_follows_the_counts(counts: Path, tmp_path: Path) -> None:
    other = tmp_path / "FI.tsv"
    other.write_text(COUNTS.replace("43\t198", "44\t198"))
    documents = [
        Client(create_node(path, NodeOptions("FI"))).get("/datasets").json()
        for path in (counts, other, counts)
    ]
    versions = {document["response"]["collections"][0]["version"] for document in documents}
    assert len(versions) == 2


VCF = """\
##fileformat=VCFv4.3
##contig=<ID=chr10>
##INFO=<ID=AC,Number=A,Type=Integer,Description="AC">
##INFO=<ID=AN,Number=1,Type=Integer,Description="AN">
##INFO=<ID=AF,Number=A,Type=Float,Description="AF">
##INFO=<ID=AC_Hom,Number=A,Type=Integer,Description="alleles in homozygotes">
##INFO=<ID=AC_Het,Number=A,Type=Integer,Description="alleles in heterozygotes">
##INFO=<ID=AC_Hemi,Number=A,Type=Integer,Description="alleles in hemizygotes">
##FILTER=<ID=q10,Description="low quality">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
chr10\t94781859\t.\tG\tA,T\t.\tPASS\tAC=43,0;AN=198;AF=1,0;AC_Hom=4,0;AC_Het=39,0;AC_Hemi=0,0
chr10\t94781900\t.\tG\tC\t.\tq10\tAC=3;AN=198;AF=0.1;AC_Hom=0;AC_Het=3;AC_Hemi=0
"""


def test_counts_come_from_vcf_too(tmp_path: Path) -> None:
    path = tmp_path / "FI.vcf"
    path.write_text(VCF)
    served = Client(create_node(path, NodeOptions("FI")))
    assert counts_of(served.ask(CYP2C19_2)) == (43, 198)
    assert counts_of(served.ask({**CYP2C19_2, "alternateBases": "T"})) == (0, 198)
    filtered = served.ask({**CYP2C19_2, "start": [94781899], "alternateBases": "C"})
    assert not filtered.json()["responseSummary"]["exists"]


def test_counts_come_from_bcf_too(tmp_path: Path) -> None:
    served = Client(create_node(write_bcf(tmp_path / "FI.bcf"), NodeOptions("FI")))
    assert counts_of(served.ask(CYP2C19_2)) == (300, 1980)


def test_a_record_without_counts_exists_and_tells_none(tmp_path: Path) -> None:
    """What a file lists is never said not to exist; our own client reads it as FAILED, not as absent."""
    path = tmp_path / "FI.tsv"
    path.write_text(COUNTS + "chr10\t500\tG\tA\t.\t198" + 7 * "\t" + "\n")
    served = Client(create_node(path, NodeOptions("FI", low_count=5)))
    asked = {**CYP2C19_2, "start": [499]}
    document = served.ask(asked)
    assert document.json()["responseSummary"] == {"exists": True, "numTotalResults": 1}
    (record,) = document.json()["response"]["resultSets"][0]["results"]
    assert "frequencyInPopulations" not in record
    assert "without counts" in record["info"]["countsMissing"]
    batch = {"assemblyId": "GRCh38", "variants": [{**asked, "start": 499}]}
    del batch["variants"][0]["assemblyId"]
    assert served.request("POST", "/api/g_variants/batch", json=batch).json()["results"] == [record]
    ranged = {"assemblyId": "GRCh38", "referenceName": "10", "start": [400], "end": [600]}
    assert served.ask(ranged).json()["response"]["resultSets"][0]["results"] == [record]
    variant = Variant(Assembly.GRCH38, "10", 499, "G", "A")
    reading = read_variant(
        parse_document(document.content), variant, NodeEntry("fi", "FI", "http://fi"), Dialect()
    )
    assert (reading.outcome, reading.matched) == (Outcome.FAILED, True)
    assert "without any frequency" in " ".join(reading.reasons)
    assert counts_of(served.ask(CYP2C19_2)) == (43, 198)


def test_two_records_of_one_allele_are_one_row(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where they differ, neither is served; a padded record is the same allele."""
    path = tmp_path / "FI.tsv"
    rows = [("500", "G", "A", 3), ("500", "GT", "AT", 4), ("501", "C", "A", 3), ("501", "C", "A", 3)]
    path.write_text(
        COUNTS + "".join(f"10\t{pos}\t{ref}\t{alt}\t{ac}\t198\t\t\t\t\t\t\t\n" for pos, ref, alt, ac in rows)
    )
    served = Client(create_node(path, NodeOptions("FI")))
    ranged = {"assemblyId": "GRCh38", "referenceName": "10", "start": [400], "end": [600]}
    unlike, equal = served.ask(ranged).json()["response"]["resultSets"][0]["results"]
    assert "different counts" in unlike["info"]["countsMissing"]
    assert equal["frequencyInPopulations"][0]["frequencies"][0]["alleleCount"] == 3
    assert served.ask({**CYP2C19_2, "start": [499]}).json()["responseSummary"]["exists"] is True
    assert counts_of(served.ask({**CYP2C19_2, "start": [500], "referenceBases": "C"})) == (3, 198)
    assert "again in 2 record(s); 1 allele(s)" in caplog.text


def write_bcf(path: Path) -> Path:
    """One record, typed by hand: AC 300 as 16 bits, AN 1980 as 16 bits."""
    header = VCF.split("chr10\t")[0].encode() + b"\0"

    def text(value: str) -> bytes:
        return bytes([len(value) << 4 | 7]) + value.encode()

    def number(value: int) -> bytes:
        return b"\x12" + struct.pack("<h", value)

    body = text("rs4244285") + text("G") + text("A") + b"\x11\x00"
    body += b"\x11\x01" + number(300) + b"\x11\x02" + number(1980)
    fixed = struct.pack("<iiifII", 0, 94781858, 1, 0.0, 2 << 16 | 2, 0)
    shared = fixed + body
    record = struct.pack("<II", len(shared), 0) + shared
    path.write_bytes(gzip.compress(b"BCF\x02\x02" + struct.pack("<I", len(header)) + header + record))
    return path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "chrom\tpos\n",
        COUNTS + "chr1\t5\tA\tG\t9\t3\t\t\t\t\t\t\t\n",
        "##fileformat=VCFv4.3\n1\t2\t.\tA\tG\t.\t.\tAF=1\n",
    ],
)
def test_counts_that_cannot_be_true_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text(text)
    with pytest.raises(InvalidInput):
        create_node(path, NodeOptions("FI"))


def test_options_are_checked() -> None:
    with pytest.raises(InvalidInput):
        NodeOptions("FI", low_count=0)
    with pytest.raises(InvalidInput):
        NodeOptions("", Assembly.GRCH37)


def test_what_cannot_be_served_is_said(
    counts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENOMEWARD_STATE", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for path, port in ((counts, taken.getsockname()[1]), (counts, 99_999), (tmp_path / "none.tsv", 0)):
            assert main(["node", "serve", "--counts", str(path), "--country", "FI", "--port", str(port)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert ["--port" in line for line in said] == [True, True, False]
    assert "no such file: none.tsv" in said[2]


@pytest.mark.shared
def test_every_document_of_the_node_is_valid_beacon_v2(node: Client, shared: Path) -> None:
    place = shared / "conformance/beacon/validate_beacon.py"
    spec = importlib.util.spec_from_file_location("validate_beacon", place)
    assert spec is not None
    assert spec.loader is not None
    checker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checker)
    kinds = ("info", "service-info", "configuration", "map", "entry_types", "filtering_terms")
    for kind in kinds:
        assert checker.check(node.get(f"/{kind}").json(), kind) == []
    assert checker.check(node.get("/datasets").json(), "collections") == []
    for granularity, kind in (("record", "resultsets"), ("count", "count"), ("boolean", "boolean")):
        answer = node.ask(CYP2C19_2, requestedGranularity=granularity).json()
        assert checker.check(answer, kind, gdi=True) == []
    assert checker.check(node.ask({"mystery": 1}).json(), "error") == []
    broken = node.ask(CYP2C19_2).json()
    del broken["response"]["resultSets"][0]["results"][0]["variantInternalId"]
    assert checker.check(broken, "resultsets") != []
    assert json.dumps(broken)

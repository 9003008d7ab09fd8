"""National nodes as separate processes, each with its own habits and faults, asked by the federation.

The counts are the demo's: real 1000 Genomes counts in `knowledgebase/frequency/demo`.
"""

import asyncio
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.bootstrap import open_genomeward
from service.cli import main
from service.domain.assembly import Assembly
from service.domain.case import CaseRequest, Subject
from service.domain.frequency import Outcome, SourceAnswer
from service.domain.frequency_sources import Dialect, FrequencyKnowledge, GeneRange, NodeEntry
from service.domain.variant import Variant
from service.errors import SourceUnavailable, StorageUnavailable
from service.frequency.canary import CanaryWatch
from service.frequency.federation import Federation
from service.frequency.federation_config import FederationConfig
from service.frequency.gnomad_entry import GnomadEntry
from service.frequency.http_settings import HttpSettings
from service.frequency.lines import frequency_lines, sync_lines, vcf_style
from service.frequency.nodes import load_nodes
from service.frequency.probing import probe
from service.frequency.range_reader import RangeReader
from service.frequency.source import Question
from service.frequency.sync_store import SyncStore
from service.knowledge import frequency as compiled
from service.node.app import NodeOptions
from service.node.serve import create_node
from service.settings import Settings
from service.store.audit import AuditLog
from service.store.database import open_engine, sqlite_url
from service.store.questions import QuestionLog
from tests.contract.strange_node import reply

ROOT = Path(__file__).parents[2]
# How long at most a node is waited for where no time is asserted: finding a dialect takes CPU, shared here.
PATIENT_S = 120.0
DEMO = ROOT / "knowledgebase/frequency/demo"
CYP2C19_2 = "10-94781859-G-A"
UGT1A1_28 = "2-233760233-C-CAT"
CFTR_G542X = "7-117587778-G-T"
TRUTH = {
    CYP2C19_2: {"GB": (26, 182), "FI": (43, 198), "ES": (31, 214), "IT": (20, 214)},
    UGT1A1_28: {"GB": (48, 182), "FI": (71, 198), "ES": (61, 214), "IT": (58, 214)},
    "10-94780653-G-A": {"GB": (0, 182), "FI": (0, 198), "ES": (0, 214), "IT": (0, 214)},
    "7-117559590-ATCT-A": {"GB": (2, 182), "FI": (0, 198), "ES": (1, 214), "IT": (2, 214)},
    "X-154536002-C-T": {"GB": (0, 136), "FI": (0, 160), "ES": (0, 160), "IT": (0, 161)},
}
DIALECTS = {
    "GB": ("nested", "chr", "populations", "no-get", "wrong-af"),
    "FI": ("flat", "bare", "indel", "populations", "no-get", "whole-count"),
    "ES": ("flat", "bare", "arrays", "error-200"),
    "IT": ("no-post", "chr", "sex-rows", "floats", "end"),
}


@pytest.fixture(scope="session")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> FrequencyKnowledge:
    out = tmp_path_factory.mktemp("knowledge") / "frequency"
    compiled.build(ROOT / "knowledgebase", out)
    return compiled.load(out)


Start = Callable[..., NodeEntry]


def start_node(
    country: str, habits: tuple[str, ...], counts: Path | None = None
) -> "tuple[subprocess.Popen[str], int]":
    command = [sys.executable, str(Path(__file__).with_name("strange_node.py"))]
    process = subprocess.Popen(
        [*command, str(counts or DEMO / f"{country}.tsv"), country, *habits],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def stop_node(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


@pytest.fixture
def start() -> Iterator[Start]:
    running = []

    def run(country: str, *habits: str, node_id: str | None = None, counts: Path | None = None) -> NodeEntry:
        process, port = start_node(country, habits, counts)
        running.append(process)
        return NodeEntry(node_id or country.lower(), country, f"http://127.0.0.1:{port}", exact=True)

    yield run
    for process in running:
        stop_node(process)


@pytest.fixture(scope="session")
def plain_gb() -> Iterator[NodeEntry]:
    """A well-behaved neighbour that every fault test asks too."""
    process, port = start_node("GB", ("flat", "bare"))
    yield NodeEntry("gb", "GB", f"http://127.0.0.1:{port}/", exact=True)
    stop_node(process)


def federation_of(knowledge: FrequencyKnowledge, *nodes: NodeEntry, **options: object) -> Federation:
    config = FederationConfig(nodes, knowledge.canaries, knowledge.ba1_exceptions, **options)  # type: ignore[arg-type]
    return Federation(config)


def asked(federation: Federation, *texts: str) -> list[dict[str, SourceAnswer]]:
    found = federation.ask([vcf_style(text) for text in texts])
    return [{a.source: a for a in entry.answers} for entry in found.answers]


def counts(answer: SourceAnswer) -> tuple[int, int]:
    assert answer.frequency is not None, answer.reason
    return answer.frequency.allele_count, answer.frequency.allele_number


def test_every_dialect_gives_the_true_counts(knowledge: FrequencyKnowledge, start: Start) -> None:
    nodes = [start(country, *habits) for country, habits in DIALECTS.items()]
    with federation_of(knowledge, *nodes, deadline_s=PATIENT_S) as federation:
        federation.prepare(PATIENT_S)
        lines = list(frequency_lines([*TRUTH, CFTR_G542X, "nonsense"], federation))
    for text, line in zip(TRUTH, lines, strict=False):
        for answer in line["answers"]:
            expected = TRUTH[text][answer["country"]]
            assert (answer["allele_count"], answer["allele_number"]) == expected, (text, answer)
            assert answer["outcome"] == ("OBSERVED" if expected[0] else "CALLED_ABSENT")
    keys = (
        "source country outcome allele_count allele_number homozygotes frequency ci95 faf95 dataset version"
    )
    assert set(lines[0]["answers"][0]) == {*keys.split(), "reason"}
    assert set(lines[0]) == {"variant", "answers", "pooled", "heterogeneity", "criteria"}
    assert lines[0]["pooled"]["allele_count"] == 120
    assert {answer["outcome"] for answer in lines[-2]["answers"]} == {"NOT_LISTED"}
    assert lines[-1]["error"]["code"] == "value"


WILD = {
    "GB deny": ("GB", "deny-post", "by-place"),
    "GB outer": ("GB", "outer", "nested", "chr"),
    "ES keys": ("ES", "short-keys", "bare", "flat"),
    "FI 500": ("FI", "strict-500", "nested", "chr", "indel", "alpha3"),
    "ES first": ("ES", "first-page", "bare", "flat", "indel", "end", "no-get"),
    "IT moved": ("IT", "redirect", "chr", "no-post", "af-arrays", "busy-once"),
}


def test_dialects_that_combine_what_real_nodes_do_are_found(
    knowledge: FrequencyKnowledge, start: Start
) -> None:
    nodes = [start(country, *habits, node_id=name) for name, (country, *habits) in WILD.items()]
    with federation_of(knowledge, *nodes, deadline_s=PATIENT_S) as federation:
        federation.prepare(PATIENT_S)
        answers = asked(federation, *TRUTH, CFTR_G542X)
    for text, found in zip(TRUTH, answers, strict=False):
        for answer in found.values():
            assert answer.country is not None
            assert counts(answer) == TRUTH[text][answer.country], (text, answer)
    assert {answer.outcome for answer in answers[-1].values()} == {Outcome.NOT_LISTED}


# Habits -> what the node must still be understood to say.
ODD = {
    "one-based": ("GB", "one-based"),
    "one-based-chr": ("FI", "one-based", "chr", "nested", "indel"),
    "asks-one": ("ES", "asks-one"),
    "p14": ("IT", "p14"),
    "vrs": ("GB", "vrs"),
    "yes": ("FI", "yes"),
}


def test_nodes_that_count_or_spell_in_their_own_way_are_understood(
    knowledge: FrequencyKnowledge, start: Start
) -> None:
    nodes = [start(country, *habits, node_id=name) for name, (country, *habits) in ODD.items()]
    with federation_of(knowledge, *nodes, deadline_s=PATIENT_S) as federation:
        federation.prepare(PATIENT_S)
        answers = asked(federation, *TRUTH, CFTR_G542X)
        found = {name: federation._beacons[name].dialect for name in ODD}
    for text, by_node in zip(TRUTH, answers, strict=False):
        for answer in by_node.values():
            assert answer.country is not None
            assert counts(answer) == TRUTH[text][answer.country], (text, answer)
    assert {name: answer.outcome for name, answer in answers[-1].items()} == dict.fromkeys(
        ODD, Outcome.NOT_LISTED
    )
    origins = {name: (d.asked_origin, d.answered_origin) for name, d in found.items() if d is not None}
    assert origins == {
        "one-based": (1, 1),
        "one-based-chr": (1, 1),
        "asks-one": (1, 0),
        "p14": (0, 0),
        "vrs": (0, 0),
        "yes": (0, 0),
    }


def test_a_chromosome_that_a_node_calls_otherwise_is_not_empty(
    knowledge: FrequencyKnowledge, start: Start
) -> None:
    """X as 23: its autosomes are understood, and no miss on X counts."""
    budgeted = replace(start("ES", node_id="es"), budget_per_minute=1_000)
    with federation_of(
        knowledge, start("FI", "x-23"), start("GB"), budgeted, deadline_s=PATIENT_S
    ) as federation:
        federation.prepare(PATIENT_S)
        on_x, on_7 = asked(federation, "X-154536003-A-T", CFTR_G542X)
    assert on_x["fi"].outcome is Outcome.FAILED
    assert "chromosome X" in (on_x["fi"].reason or "")
    assert on_7["fi"].outcome is on_7["gb"].outcome is on_x["gb"].outcome is Outcome.NOT_LISTED
    assert on_7["es"].outcome is on_x["es"].outcome is Outcome.NOT_LISTED


def test_a_chromosome_that_was_not_found_is_asked_for_again(knowledge: FrequencyKnowledge) -> None:
    watch = CanaryWatch(knowledge.canaries)
    watch.problem |= {"X": "none is found", "snv": "none is found"}
    watch.forgive_chromosomes()
    assert watch.problem == {"snv": "none is found"}


@pytest.mark.parametrize("habits", [("one-based",), ("any-build",)])
def test_what_a_node_lists_itself_proves_neither_build_nor_counting(
    knowledge: FrequencyKnowledge, tmp_path: Path, start: Start, habits: tuple[str, ...]
) -> None:
    """A node of one region finds its own records again, even where every other question misses."""
    path = part_of(tmp_path, "FI", lambda row: row[0].removeprefix("chr") == "X")
    with federation_of(knowledge, start("FI", *habits, counts=path), deadline_s=20) as federation:
        (answers,) = asked(federation, "X-154536003-A-T")
    assert answers["fi"].outcome is Outcome.FAILED


@pytest.mark.parametrize("habit", ["login-12", "empty-12"])
def test_a_node_that_stops_speaking_beacon_on_the_way_is_no_absence(
    knowledge: FrequencyKnowledge, start: Start, habit: str
) -> None:
    texts = [f"1-{position}-A-G" for position in range(1000, 1040)]
    with federation_of(knowledge, start("GB", "flat", "bare", habit), deadline_s=10) as federation:
        answers = [entry["gb"] for entry in asked(federation, *texts)]
    assert {answer.outcome for answer in answers} == {Outcome.FAILED}


def table_of(country: str) -> list[str]:
    """Header and rows of the demo's counts."""
    lines = (DEMO / f"{country}.tsv").read_text().splitlines()
    return [line for line in lines if not line.startswith("##")]


def part_of(tmp_path: Path, country: str, wanted: Callable[[list[str]], bool]) -> Path:
    """The demo's counts of a country, only the rows that are wanted."""
    header, *rows = table_of(country)
    path = tmp_path / f"{country}.tsv"
    path.write_text("\n".join([header, *(row for row in rows if wanted(row.split("\t")))]) + "\n")
    return path


@pytest.mark.parametrize("habits", [("nested", "chr"), ("no-post", "bare", "indel")])
def test_a_node_of_one_region_is_tried_with_what_it_lists(
    knowledge: FrequencyKnowledge, tmp_path: Path, start: Start, habits: tuple[str, ...]
) -> None:
    """No shipped canary lies there: one that the node names in a range query vouches for its misses."""
    path = part_of(tmp_path, "FI", lambda row: row[0].removeprefix("chr") == "X")
    node = start("FI", *habits, counts=path)
    with federation_of(knowledge, node, deadline_s=20) as federation:
        hit, other, miss = asked(federation, "X-154536002-C-T", "X-154536003-A-T", UGT1A1_28)
        source = federation._beacons["fi"]
        assert source.watch.known["snv"].name.startswith("X-")
    assert counts(hit["fi"]) == (0, 160)
    assert other["fi"].outcome is Outcome.NOT_LISTED
    assert miss["fi"].outcome is Outcome.FAILED  # no indel of this node vouches for a missing one
    profile = probe(node.url, knowledge.canaries, node_id="fi", country="FI")
    assert profile.canaries
    with federation_of(knowledge, replace(profile, exact=True), deadline_s=20) as federation:
        assert asked(federation, "X-154536003-A-T")[0]["fi"].outcome is Outcome.NOT_LISTED


def test_a_node_breaking_after_the_first_questions_of_a_long_list_is_noticed(
    knowledge: FrequencyKnowledge, start: Start
) -> None:
    node = start("GB", "flat", "bare", "flip-60")
    texts = [*(f"1-{position}-A-G" for position in range(1000, 1080)), *TRUTH]
    with federation_of(knowledge, node, deadline_s=PATIENT_S) as federation:
        federation.prepare(PATIENT_S)
        answers = [entry["gb"] for entry in asked(federation, *texts)]
    assert {answer.outcome for answer in answers[-len(TRUTH) :]} == {Outcome.FAILED}
    assert Outcome.NOT_LISTED not in {answer.outcome for answer in answers}


def test_the_reference_allele_of_the_other_build_is_counted_from_its_counterpart(
    tmp_path: Path, start: Start, knowledge: FrequencyKnowledge
) -> None:
    """Factor V Leiden is the reference of GRCh37: a node of that build lists the change the other way."""
    path = tmp_path / "FI.tsv"
    rows = ["1\t169519049\tT\tC\t195\t198\t3\t192\t0\t121\t122\t74\t76",
            "16\t500\tA\tG\t190\t198\t8\t182\t0\t121\t122\t69\t76",
            "16\t500\tA\tT\t5\t198\t5\t0\t0\t1\t122\t4\t76",
            "10\t96541616\tG\tA\t43\t198\t39\t4\t0\t26\t122\t17\t76"]  # fmt: skip
    path.write_text("\n".join([table_of("FI")[0], *rows]) + "\n")
    node = start("FI", "hg19", counts=path)
    places = {169549810: 169519048, 94781858: 96541615, 600: 499}

    def lift(variant: Variant, assembly: Assembly) -> Variant | None:
        return replace(variant, assembly=assembly, start=places[variant.start])

    config = FederationConfig((node,), knowledge.canaries, deadline_s=20)
    with Federation(config, liftover=lift) as federation:
        leiden, plain, neither, third = asked(
            federation, "1-169549811-C-T", CYP2C19_2, "10-94781859-G-C", "16-601-G-A"
        )
    assert counts(third["fi"]) == (3, 198)  # 198 alleles, of which 190 are G and 5 are T
    assert counts(leiden["fi"]) == (3, 198)
    assert "reference of GRCh37" in (leiden["fi"].reason or "")
    assert {g.group: g.frequency.allele_count for g in leiden["fi"].groups} == {"XX": 1, "XY": 2}
    assert counts(plain["fi"]) == (43, 198)
    assert neither["fi"].outcome is Outcome.NOT_LISTED


def test_a_node_that_falls_silent_costs_one_deadline_and_is_then_left_alone(
    knowledge: FrequencyKnowledge, start: Start
) -> None:
    node = start("GB", "flat", "bare", "hang-later")
    with federation_of(knowledge, node, deadline_s=0.8) as federation:
        federation.prepare(5)
        asked(federation, *(f"1-{position}-A-G" for position in range(1000, 1060)))
        began = time.monotonic()
        first, second = (asked(federation, CYP2C19_2)[0]["gb"] for _ in range(2))
        assert time.monotonic() - began < 1.2
    assert first.outcome is second.outcome is Outcome.FAILED
    assert "left alone" in (second.reason or "")


def test_a_slow_node_of_an_odd_dialect_is_understood_in_time(
    knowledge: FrequencyKnowledge, start: Start
) -> None:
    node = start("FI", "slow", "nested", "chr", "indel")
    with federation_of(knowledge, node, deadline_s=5) as federation:
        hit, indel, miss = asked(federation, CYP2C19_2, UGT1A1_28, CFTR_G542X)
    assert counts(hit["fi"]) == (43, 198)
    assert counts(indel["fi"]) == (71, 198)
    assert miss["fi"].outcome is Outcome.NOT_LISTED


def test_a_node_that_was_silent_while_dialects_were_found_is_not_waited_for_again(
    knowledge: FrequencyKnowledge, plain_gb: NodeEntry, start: Start
) -> None:
    with federation_of(knowledge, plain_gb, start("FI", "hang"), deadline_s=3.0) as federation:
        federation.prepare(3.0)
        began = time.monotonic()
        (answers,) = asked(federation, CYP2C19_2)
        assert time.monotonic() - began < 1.5  # half of the deadline that waiting would cost
    assert counts(answers["gb"]) == (26, 182)
    assert answers["fi"].outcome is Outcome.FAILED


def test_probing_writes_a_profile_that_works(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path
) -> None:
    from service.frequency.dialect import profile_toml

    entry = start("FI", *DIALECTS["FI"])
    found = probe(entry.url, knowledge.canaries, node_id="fi", country="FI")
    assert found.dialect is not None
    assert found.dialect.frequency_key == "populations"
    path = tmp_path / "nodes.toml"
    path.write_text(profile_toml(replace(found, exact=True)))
    (loaded,) = load_nodes(path)
    assert loaded.dialect == found.dialect
    with federation_of(knowledge, loaded, deadline_s=10) as federation:
        (answers,) = asked(federation, UGT1A1_28)
    assert counts(answers["fi"]) == (71, 198)


def test_a_node_of_the_other_build_is_found_below_its_bare_address(
    knowledge: FrequencyKnowledge, tmp_path: Path
) -> None:
    """It answers under /api, and refuses there the build that it does not serve."""
    path = tmp_path / "GB.tsv"
    row = "10\t96541616\tG\tA\t26\t182\t24\t2\t0\t12\t92\t14\t90"
    path.write_text("\n".join([table_of("GB")[0], row]) + "\n")
    node = create_node(path, NodeOptions("Wales", Assembly.GRCH37))

    async def posts_only(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["method"] == "POST":
            await node(scope, receive, send)
        else:
            await reply(send, 405, {})

    settings = HttpSettings(transport=httpx.ASGITransport(posts_only))
    found = probe("http://node", knowledge.canaries, settings=settings)
    assert found.dialect is not None
    assert (found.url, found.dialect.assembly) == ("http://node/api", Assembly.GRCH37)


@pytest.mark.parametrize("kind", ["basic", "bearer", "oauth2"])
def test_probing_with_credentials_keeps_them_out_of_the_profile(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    node = start("FI", kind, "nested")
    profile = tmp_path / "nodes.toml"
    command = ["node", "probe", node.url, "--id", "fi", "--country", "FI", "--out", str(profile)]
    monkeypatch.setenv("GENOMEWARD_STATE", str(tmp_path / "state"))
    assert main(command) == 2  # HTTP 401
    assert not profile.exists()
    monkeypatch.setenv("GENOMEWARD_NODE_FI", "s3cret")
    command += ["--access", kind, "--user", "reader", "--secret-env", "GENOMEWARD_NODE_FI"]
    if kind == "oauth2":
        command += ["--token-url", f"{node.url}/token"]
    assert main(command) == 0
    written = profile.read_text()
    assert "s3cret" not in written
    assert 'secret = "env:GENOMEWARD_NODE_FI"' in written
    assert "nested = true" in written
    profile.write_text(written.replace('exact = "forbidden"', 'exact = "allowed"'))
    (entry,) = load_nodes(profile, {"GENOMEWARD_NODE_FI": "s3cret"})
    with Federation(FederationConfig((entry,), deadline_s=10)) as federation:
        assert counts(asked(federation, CYP2C19_2)[0]["fi"]) == (43, 198)


def test_credentials_never_go_into_an_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["node", "probe", "http://reader:s3cret@127.0.0.1:1"]) == 2
    assert "s3cret" not in "".join(capsys.readouterr())
    with pytest.raises(ValueError, match="credentials"):
        NodeEntry("fi", "FI", "https://reader:s3cret@fi.example/api")


def test_an_entry_without_a_profile_is_enough(
    knowledge: FrequencyKnowledge, plain_gb: NodeEntry, tmp_path: Path
) -> None:
    path = tmp_path / "nodes.toml"
    path.write_text(f'[[node]]\nid="x"\ncountry="GB"\nurl="{plain_gb.url}g_variants"\nexact="allowed"\n')
    with federation_of(knowledge, *load_nodes(path), deadline_s=10) as federation:
        assert counts(asked(federation, CYP2C19_2)[0]["x"]) == (26, 182)


def test_a_node_of_the_other_build_is_asked_in_its_own(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path
) -> None:
    lines = (DEMO / "FI.tsv").read_text().splitlines()
    moved = [line.replace("94781859", "96541616") for line in lines if "94781859" in line or "chrom" in line]
    moved += [line for line in lines if "\t233760233\tC\tCAT\t" in line]
    path = tmp_path / "FI.tsv"
    path.write_text("\n".join(moved).replace("233760233", "234668879") + "\n")
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("strange_node.py")), str(path), "FI", "hg19"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        entry = NodeEntry("fi", "FI", f"http://127.0.0.1:{process.stdout.readline().strip()}", exact=True)

        def lift(variant: Variant, assembly: Assembly) -> Variant | None:
            known = {c.grch38: c.grch37 for c in knowledge.canaries}
            return known.get(variant) if assembly is Assembly.GRCH37 else None

        config = FederationConfig((entry,), knowledge.canaries, deadline_s=10)
        with Federation(config, liftover=lift) as federation:
            first, second = asked(federation, CYP2C19_2, CFTR_G542X)
        assert counts(first["fi"]) == (43, 198)
        assert second["fi"].outcome is Outcome.NOT_ASKED  # no checked counterpart: said, not guessed
        with Federation(config) as federation:
            assert asked(federation, CYP2C19_2)[0]["fi"].outcome is Outcome.NOT_ASKED
    finally:
        stop_node(process)


FAULTS = ["refuse-401", "refuse-403", "busy", "hang", "drip", "truncate", "huge"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_node_costs_its_own_answer_only(
    knowledge: FrequencyKnowledge, plain_gb: NodeEntry, start: Start, fault: str
) -> None:
    faulty = start("FI", fault)
    with federation_of(knowledge, plain_gb, faulty, deadline_s=1.0) as federation:
        federation.prepare(3.0)
        began = time.monotonic()
        found = federation.ask([vcf_style(CYP2C19_2), vcf_style(CFTR_G542X)])
        took = time.monotonic() - began
    assert took < 1.1
    for entry, expected in zip(found.answers, (Outcome.OBSERVED, Outcome.NOT_LISTED), strict=True):
        by_name = {a.source: a for a in entry.answers}
        assert by_name["gb"].outcome is expected
        assert by_name["fi"].outcome is Outcome.FAILED
        assert by_name["fi"].reason
        assert entry.criteria[2].verdict != "met"
    (issue,) = found.issues
    assert issue.where == "fi"
    assert "fi" in issue.text
    assert [status.outcome for status in found.sources] == ["answered", "failed"]


def test_a_dead_and_an_untrusted_node_fail_alone(
    knowledge: FrequencyKnowledge, plain_gb: NodeEntry, start: Start
) -> None:
    plaintext = start("ES")
    dead = NodeEntry("dead", "PT", "http://127.0.0.1:1", exact=True)
    untrusted = replace(plaintext, id="tls", url=plaintext.url.replace("http:", "https:"))
    with federation_of(knowledge, plain_gb, dead, untrusted, deadline_s=3.0) as federation:
        (answers,) = asked(federation, CYP2C19_2)
    assert counts(answers["gb"]) == (26, 182)
    assert answers["dead"].outcome is answers["tls"].outcome is Outcome.FAILED
    assert "TLS" in (answers["tls"].reason or "")


def test_misses_stop_counting_when_the_canary_stops(knowledge: FrequencyKnowledge, start: Start) -> None:
    node = start("GB", "flat", "bare", "flip-12")
    texts = [CFTR_G542X, *TRUTH, *(f"1-{position}-A-G" for position in range(1000, 1040))]
    with federation_of(knowledge, node, deadline_s=10) as federation:
        answers = [entry["gb"] for entry in asked(federation, *texts)]
    outcomes = {answer.outcome for answer in answers}
    assert Outcome.FAILED in outcomes
    assert Outcome.NOT_LISTED not in outcomes
    assert any("canary" in (answer.reason or "") for answer in answers)
    assert Outcome.CALLED_ABSENT not in {a.outcome for a in answers[6:]}


def test_a_node_without_any_canary_is_believed_for_records_only(
    knowledge: FrequencyKnowledge, tmp_path: Path
) -> None:
    path = tmp_path / "GB.tsv"
    lines = (DEMO / "GB.tsv").read_text().splitlines()
    path.write_text("\n".join(line for line in lines if "chrom" in line or "117559590" in line) + "\n")
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("strange_node.py")), str(path), "GB", "chr", "indel"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        entry = NodeEntry("gb", "GB", f"http://127.0.0.1:{process.stdout.readline().strip()}", exact=True)
        no_deletion = tuple(c for c in knowledge.canaries if "113993960" not in c.name)
        with Federation(FederationConfig((entry,), no_deletion, deadline_s=20)) as federation:
            hit, miss = asked(federation, "7-117559590-ATCT-A", CYP2C19_2)
    finally:
        stop_node(process)
    assert counts(hit["gb"]) == (2, 182)
    assert miss["gb"].outcome is Outcome.FAILED


def test_nothing_that_depends_on_the_patient_leaves_with_the_defaults(
    knowledge: FrequencyKnowledge, plain_gb: NodeEntry, tmp_path: Path
) -> None:
    """Two patients, and none: the node's wire carries the same bytes."""
    heard: list[bytes] = []
    relay = Relay(plain_gb.url, heard)
    try:
        entry = replace(plain_gb, url=relay.url, exact=False)
        gnomad = GnomadEntry(url=relay.url)
        transcripts = []
        for patient in ([], [CYP2C19_2, CFTR_G542X], [UGT1A1_28, "1-55039980-G-A"]):
            heard.clear()
            audit: list[Question] = []
            config = FederationConfig((entry,), knowledge.canaries, gnomad=gnomad, synced=tmp_path)
            with Federation(config, audit=audit.append) as federation:
                federation.prepare(2)
                found = federation.ask([vcf_style(text) for text in patient])
            transcripts.append(b"".join(heard))
            assert {a.outcome for e in found.answers for a in e.answers} <= {Outcome.NOT_ASKED}
            assert not [question for question in audit if question.form == "exact"]
        assert transcripts == [b"", b"", b""]
        with Federation(replace(config, nodes=(replace(entry, exact=True),))) as federation:
            asked(federation, CYP2C19_2)
        assert b"94781858" in b"".join(heard)  # the relay does hear what is sent
    finally:
        relay.close()


class Relay:
    """A loopback relay that keeps what clients send."""

    def __init__(self, target: str, heard: list[bytes]) -> None:
        import socket

        host, port = target.removeprefix("http://").strip("/").split(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._heard = heard
        self._sockets = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        import socket

        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            self._sockets += [client, server]
            threading.Thread(target=self._pump, args=(client, server, self._heard), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, None), daemon=True).start()

    def _pump(self, source: "object", target: "object", heard: list[bytes] | None) -> None:
        try:
            while block := source.recv(65536):  # type: ignore[attr-defined]
                if heard is not None:
                    heard.append(block)
                target.sendall(block)  # type: ignore[attr-defined]
            target.close()  # type: ignore[attr-defined]
        except OSError:
            return

    def close(self) -> None:
        import contextlib
        import socket

        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


GENES = [
    GeneRange("CYP2C19", Assembly.GRCH38, "10", 94_760_000, 94_860_000),
    GeneRange("UGT1A1", Assembly.GRCH38, "2", 233_757_000, 233_775_000),
]


def test_synced_gene_ranges_answer_without_the_network(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path
) -> None:
    node = replace(start("FI", "flat", "bare"), exact=False)
    audit: list[Question] = []
    config = FederationConfig((node,), knowledge.canaries, synced=tmp_path)
    with Federation(config, audit=audit.append) as federation:
        report = federation.sync("fi", GENES)
        assert report.genes == ("CYP2C19", "UGT1A1")
        assert {question.form for question in audit} == {"canary", "range"}
    with Federation(config) as federation:
        hit, indel, inside, outside = asked(federation, CYP2C19_2, UGT1A1_28, "10-94781859-G-T", CFTR_G542X)
        assert not federation._loop.started
    assert counts(hit["fi"]) == (43, 198)
    assert counts(indel["fi"]) == (71, 198)
    assert inside["fi"].outcome is Outcome.NOT_LISTED
    assert outside["fi"].outcome is Outcome.NOT_ASKED
    assert hit["fi"].asked_at
    another = replace(node, url="http://127.0.0.1:1")
    with Federation(replace(config, nodes=(another,))) as federation:
        # The same id at another address is another node: its cohort was not synced.
        assert asked(federation, CYP2C19_2)[0]["fi"].outcome is Outcome.NOT_ASKED


def test_a_sync_goes_on_where_the_last_one_stopped(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path
) -> None:
    node = replace(start("FI", "flat", "bare"), exact=False)
    config = FederationConfig((node,), knowledge.canaries, synced=tmp_path)
    with Federation(config) as federation:
        assert federation.sync("fi", GENES[:1]).fetched == 1
    store = SyncStore(tmp_path, "fi", "GRCh38", "", node.url)
    store.add(GENES[1], {("2", 1, "A", "G"): SourceAnswer("fi", "FI", Outcome.NOT_LISTED)})
    with store._path.open("ab") as out:
        out.write(b'[["http')  # cut off in the middle of a line
    audit: list[Question] = []
    steps: list[tuple[int, int]] = []
    with Federation(config, audit=audit.append) as federation:
        report = federation.sync("fi", GENES, progress=lambda done, total: steps.append((done, total)))
        assert (report.fetched, report.genes) == (0, ("CYP2C19", "UGT1A1"))
        assert not [question for question in audit if question.form == "range"]
        assert steps == [(2, 2)]
    # The line that was cut off spoils none that came behind it.
    store = SyncStore(tmp_path, "fi", "GRCh38", "", node.url)
    with store._path.open("ab") as out:
        out.write(b'[["http')
    assert store.resume() == 2
    store.add(replace(GENES[1], gene="LATER"), {("2", 7, "A", "G"): SourceAnswer("fi", "FI", Outcome.FAILED)})
    assert len(list(store.lines())) == report.variants + 1
    store.finish()
    with Federation(config) as federation:
        assert federation.sync("fi", GENES, again=True).fetched == 2
        assert counts(asked(federation, UGT1A1_28)[0]["fi"]) == (71, 198)
    assert not list(tmp_path.glob(".*"))


def test_a_version_may_be_spelled_in_two_ways(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path
) -> None:
    node = replace(start("FI", "datasets"), exact=False)
    config = FederationConfig((node,), knowledge.canaries, synced=tmp_path)
    for fetched in (2, 0):
        with Federation(config) as federation:
            report = federation.sync("fi", GENES)
            assert (report.fetched, report.version) == (fetched, "2026-11-01T00:00:00Z")
            assert counts(asked(federation, CYP2C19_2)[0]["fi"]) == (43, 198)


def test_a_node_that_forgets_everything_on_the_way_is_not_synced(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path
) -> None:
    with Federation(FederationConfig((start("FI"),), knowledge.canaries)) as federation:
        federation.prepare(10)
        needed = federation._beacons["fi"]
        assert needed.dialect is not None
    node = replace(start("FI", "flip-3"), dialect=needed.dialect)
    config = FederationConfig((node,), knowledge.canaries, synced=tmp_path)
    with (
        Federation(config) as federation,
        pytest.raises(SourceUnavailable, match="does not find the canary"),
    ):
        federation.sync("fi", GENES)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("habit", ["page-max", "skip-records", "no-limit", "no-skip"])
def test_no_way_of_paging_loses_a_variant(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path, habit: str
) -> None:
    """Either every variant of the range arrives, or the range is said to be incomplete."""
    dialect = Dialect(page_limit=10, range_queries=True)
    node = replace(start("FI", habit), exact=False, dialect=dialect)
    expected = {r.split("\t")[1] for r in table_of("FI")[1:] if r.startswith("chr10\t")}
    gene = GeneRange("all", Assembly.GRCH38, "10", 0, 130_000_000)
    config = FederationConfig((node,), knowledge.canaries, synced=tmp_path)
    with Federation(config) as federation:
        if habit == "no-skip":
            with pytest.raises(SourceUnavailable, match="does not page"):
                federation.sync("fi", [gene])
            return
        assert federation.sync("fi", [gene]).variants >= len(expected) > 20


def test_ranges_are_fetched_side_by_side(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after another, thousands of genes take a node's latency as often; its own limits still hold."""
    several = [replace(GENES[0], gene=f"G{n}", start=94_760_000 + n) for n in range(12)]
    open_now, most = Counter[str](), Counter[str]()
    read = RangeReader.read

    async def counted(reader: RangeReader, gene: GeneRange) -> Any:
        places = (reader.entry.id, "all")
        open_now.update(places)
        for place in places:
            most[place] = max(most[place], open_now[place])
        try:
            await asyncio.sleep(0.02)
            return await read(reader, gene)
        finally:
            open_now.subtract(places)

    monkeypatch.setattr(RangeReader, "read", counted)
    free = replace(start("FI"), exact=False, concurrency=4)
    sparing = replace(start("GB"), exact=False, budget_per_minute=60_000)
    config = FederationConfig((free, sparing), knowledge.canaries, synced=tmp_path)
    with Federation(config) as federation:
        rows = list(sync_lines(federation, (), several))
    told = [(row["node"], row["fetched"], row["failures"]) for row in rows]
    assert told == [("fi", 12, []), ("gb", 12, [])]
    assert (most["fi"], most["gb"]) == (4, 1)
    assert most["all"] > 4


def test_interpreting_patients_after_a_sync_sends_nothing(plain_gb: NodeEntry, tmp_path: Path) -> None:
    """With the defaults: gene ranges once, the same for everybody; then not one byte, whoever the patient."""
    heard: list[bytes] = []
    relay = Relay(plain_gb.url, heard)
    nodes = tmp_path / "nodes.toml"
    nodes.write_text(f'[[node]]\nid="gb"\ncountry="GB"\nurl="{relay.url}"\n')
    settings = Settings(state=tmp_path / "state", nodes=nodes, id_key=b"k")
    try:
        with open_genomeward(settings) as genomeward:
            genomeward.watch_sources()
            assert not heard
            (row,) = genomeward.sync_nodes(genes=["CYP2C19", "CFTR"])
            assert (row["node"], row["genes"], row["failures"]) == ("gb", 2, [])
            assert b"94781858" in b"".join(heard)  # the canary, which everybody asks for
            heard.clear()
            known = 0
            for name in ("cyp2c19-poor-metaboliser", "brca1-carrier"):
                findings = genomeward.interpret_path(
                    ROOT / f"examples/{name}.vcf", CaseRequest(Subject(name))
                )
                known += sum(
                    answer.outcome is Outcome.OBSERVED
                    for found in findings.variants
                    for answer in found.frequencies.answers
                )
            assert not heard
            assert known
    finally:
        relay.close()
    recorded = AuditLog(open_engine(sqlite_url(settings.state))).entries("gb")
    assert {entry.action for entry in recorded} == {"frequency-range"}


@pytest.mark.parametrize("habit", ["versions", "no-limit"])
def test_pages_must_belong_together(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path, habit: str
) -> None:
    node = start("FI", "flat", "bare", habit)
    config = FederationConfig((node,), knowledge.canaries, synced=tmp_path)
    with Federation(config) as federation:
        if habit == "no-limit":
            assert federation.sync("fi", GENES).variants > 10
            return
        source = federation._beacons["fi"]
        federation.prepare(10)
        assert source.dialect is not None
        source.dialect = replace(source.dialect, page_limit=5)
        with pytest.raises(SourceUnavailable, match="keeps changing"):
            federation.sync("fi", GENES)
    assert not list(tmp_path.glob("fi"))


def test_local_counts_come_first(knowledge: FrequencyKnowledge) -> None:
    nodes = tuple(replace(node, url="http://127.0.0.1:1") for node in knowledge.nodes)
    with federation_of(knowledge, *nodes) as federation:
        hit, miss = asked(federation, CYP2C19_2, CFTR_G542X)
        assert not federation._loop.started
    assert counts(hit["fi-1kg"]) == (43, 198)
    assert hit["fi-1kg"].bottlenecked
    assert miss["gb-1kg"].outcome is Outcome.NOT_ASKED


def test_answers_are_kept_and_failures_are_not(
    knowledge: FrequencyKnowledge, plain_gb: NodeEntry, start: Start
) -> None:
    audit: list[Question] = []
    busy = start("FI", "busy")
    config = FederationConfig((plain_gb, busy), knowledge.canaries, deadline_s=5)
    with Federation(config, audit=audit.append) as federation:
        first = asked(federation, CYP2C19_2, CFTR_G542X)
        exact = [q for q in audit if q.source == "gb" and q.form == "exact"]
        again = asked(federation, CYP2C19_2, CFTR_G542X)
        assert [q for q in audit if q.source == "gb" and q.form == "exact"] == exact
    assert [entry["gb"] for entry in first] == [entry["gb"] for entry in again]
    assert {entry["fi"].outcome for entry in (*first, *again)} == {Outcome.FAILED}


def test_what_names_a_variant_is_on_record_before_it_is_sent(
    knowledge: FrequencyKnowledge, tmp_path: Path
) -> None:
    engine = open_engine(sqlite_url(tmp_path))
    log = QuestionLog(lambda: engine, "service")
    recorded: list[tuple[str, bool]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if b"117587777" in request.content:  # what is asked of gnomAD names variants by itself
            kept = [entry.detail or "" for entry in AuditLog(engine).entries(request.url.host)]
            recorded.append((request.url.host, any("7-117587778-G-T" in detail for detail in kept)))
        elif b"7-117587778-G-T" in request.content:
            kept = [entry.detail or "" for entry in AuditLog(engine).entries("gnomad")]
            recorded.append(("gnomad", any("7-117587778-G-T" in detail for detail in kept)))
        return httpx.Response(200, json={"responseSummary": {"exists": False}})

    nodes = tuple(NodeEntry(n, "XX", f"http://{n}", exact=True, dialect=Dialect()) for n in ("fi", "es"))
    config = FederationConfig(
        nodes,
        knowledge.canaries,
        gnomad=GnomadEntry("http://gnomad/api", exact=True),
        http=HttpSettings(transport=httpx.MockTransport(answer)),
    )
    with Federation(config, audit=log.add, write_audit=log.flush) as federation:
        asked(federation, CFTR_G542X)
    assert sorted(recorded) == [("es", True), ("fi", True), ("gnomad", True)]
    log.close()
    engine.dispose()


def test_what_cannot_be_recorded_is_not_sent(knowledge: FrequencyKnowledge) -> None:
    sent: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.content)
        return httpx.Response(200, json={"responseSummary": {"exists": False}})

    def no_disk() -> None:
        raise StorageUnavailable("no space is left")

    node = NodeEntry("fi", "FI", "http://fi", exact=True, dialect=Dialect())
    http = HttpSettings(transport=httpx.MockTransport(answer))
    config = FederationConfig((node,), knowledge.canaries, http=http)
    with Federation(config, audit=lambda _question: None, write_audit=no_disk) as federation:
        (answers,) = asked(federation, CFTR_G542X)
    assert answers["fi"].outcome is Outcome.FAILED
    assert "no space" in (answers["fi"].reason or "")
    assert sent
    assert not [body for body in sent if b"117587777" in body]


def test_closing_ends_every_thread(knowledge: FrequencyKnowledge, plain_gb: NodeEntry) -> None:
    before = set(threading.enumerate())
    federation = federation_of(knowledge, plain_gb)
    federation.watch()
    asked(federation, CYP2C19_2)

    async def shut_down() -> None:
        federation.close()  # as the HTTP service does: in a thread that has a loop of its own

    asyncio.run(shut_down())
    assert not [t for t in set(threading.enumerate()) - before if "federation" in t.name]


@pytest.mark.shared
def test_the_key_variants_come_back_from_five_nodes(knowledge: FrequencyKnowledge, shared: Path) -> None:
    folder = shared / "data/frequency"
    habits = {**DIALECTS, "CEU": ("flat", "error-200", "whole-count")}
    header, *rows = [
        line.split("\t") for line in (folder / "key-variants.GRCh38.tsv").read_text().splitlines()
    ]
    processes, nodes = [], []
    try:
        for country, chosen in habits.items():
            process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("strange_node.py")),
                 str(folder / f"nodes/{country}.GRCh38.tsv.gz"), country, *chosen],
                stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            processes.append(process)
        for country, process in zip(habits, processes, strict=True):
            assert process.stdout is not None
            url = f"http://127.0.0.1:{process.stdout.readline().strip()}"
            nodes.append(NodeEntry(country.lower(), country, url, exact=True))
        with federation_of(knowledge, *nodes, deadline_s=PATIENT_S) as federation:
            federation.prepare(PATIENT_S)
            texts = [f"{row[1].removeprefix('chr').replace(':', '-')}-{row[2]}-{row[3]}" for row in rows]
            answers = asked(federation, *texts)
    finally:
        for process in processes:
            stop_node(process)
    assert len(rows) == 22
    for row, found in zip(rows, answers, strict=True):
        for country in habits:
            expected = row[header.index(country)]
            answer = found[country.lower()]
            if expected == "absent":
                assert answer.outcome is Outcome.NOT_LISTED
            else:
                assert "/".join(map(str, counts(answer))) == expected, (row[0], country)

"""Nodes that keep insertions and deletions otherwise than left-aligned: found, or said not to be understood.

Rows are the demo's counts, placed by hand. The reference around each change, as the builds have it:
  UGT1A1 (TA)n   2:233760232  CC|ATATATATATATATA|AGTAGG      CAT in front of it, or TA... behind it
  CFTR F508del   7:117559589  CA|TCT|T|GG                    ATCT>A, one base of room
"""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from service.domain.assembly import Assembly
from service.domain.frequency import Outcome
from service.domain.frequency_sources import Canary, Dialect, FrequencyKnowledge, GeneRange, NodeEntry
from service.domain.variant import Variant
from service.errors import SourceUnavailable
from service.frequency.federation import Federation
from service.frequency.federation_config import FederationConfig
from service.frequency.http_settings import HttpSettings
from service.frequency.indel_spelling import spelled_as, surroundings
from service.frequency.lines import vcf_style
from service.frequency.probing import probe
from service.frequency.source import Question
from tests.contract.test_frequency_sources import (
    CYP2C19_2,
    UGT1A1_28,
    Start,
    asked,
    counts,
    knowledge,
    start,
    table_of,
)
from tests.nomenclature import describer

__all__ = ["knowledge", "start"]

F508DEL = "7-117559590-ATCT-A"
OTHER_REPEAT = "2-233760233-CAT-C"  # one TA less: listed by nobody below
# Spelling -> how a node writes UGT1A1*28 and F508del: position (1-based), REF, ALT.
KEPT = {
    "left": (("233760233", "C", "CAT"), ("117559590", "ATCT", "A")),
    "right": (("233760248", "A", "ATA"), ("117559591", "TCTT", "T")),
    "justified": (
        ("233760234", "ATATATATATATATA", "ATATATATATATATATA"),
        ("117559591", "TCTT", "T"),
    ),
    "bare": (("233760234", "-", "AT"), ("117559591", "TCT", "-")),
    "bare-right": (("233760249", "-", "TA"), ("117559592", "CTT", "-")),
    "padded": (("233760232", "CC", "CCAT"), ("117559589", "CATCT", "CA")),
    "padded-right": (("233760233", "CA", "CATA"), ("117559590", "ATCTT", "AT")),
}


class Bases:
    """The reference of two places; N elsewhere."""

    KNOWN = (("2", 233_760_228, "TTGCCATATATATATATATAAGTAGGA"), ("7", 117_559_586, "ATCATCTTTGGTGTTT"))

    def bases(self, assembly: Assembly, chrom: str, start: int, end: int) -> str:
        assert assembly is Assembly.GRCH38
        found = ["N"] * (end - start)
        for name, first, text in self.KNOWN:
            for at, base in enumerate(text, first):
                if name == chrom and start <= at < end:
                    found[at - start] = base
        return "".join(found)


def counts_file(tmp_path: Path, *rows: tuple[str, tuple[str, str, str], tuple[int, int]]) -> Path:
    """A Finnish node of CYP2C19*2 and what is given: chromosome, placed alleles, AC and AN."""
    header, *lines = table_of("FI")
    made = [line for line in lines if line.split("\t")[1] == "94781859"]
    for chrom, placed, (ac, an) in rows:
        made.append("\t".join([chrom, *placed, *map(str, (ac, an, ac, 0, 0, ac, an, 0, 0))]))
    path = tmp_path / "FI.tsv"
    path.write_text("\n".join([header, *made]) + "\n")
    return path


def node_that_keeps(tmp_path: Path, start: Start, style: str, *habits: str) -> NodeEntry:
    ugt1a1, f508del = KEPT[style]
    return start(
        "FI", *habits, counts=counts_file(tmp_path, ("2", ugt1a1, (71, 198)), ("7", f508del, (3, 198)))
    )


@pytest.mark.parametrize("style", KEPT)
def test_indels_are_asked_for_as_the_node_keeps_them(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path, style: str
) -> None:
    """The common indel in a repeat shows the spelling; another one is then found, and a miss counts."""
    node = node_that_keeps(tmp_path, start, style)
    audit: list[Question] = []
    config = FederationConfig((node,), knowledge.canaries, deadline_s=20)
    with Federation(config, reference=Bases(), audit=audit.append) as federation:
        common, rare, absent = (entry["fi"] for entry in asked(federation, UGT1A1_28, F508DEL, OTHER_REPEAT))
        dialect = federation._beacons["fi"].dialect
    assert dialect is not None
    assert dialect.indels == style
    assert counts(common) == (71, 198)
    assert counts(rare) == (3, 198)
    assert absent.outcome is Outcome.NOT_LISTED, absent.reason
    named = {name for question in audit if question.form == "exact" for name in question.named}
    pos, ref, alt = (text.strip("-") for text in KEPT[style][1])
    assert f"GRCh38:7-{pos}-{ref}-{alt}" in named  # what was sent is on record as it was sent


@pytest.mark.parametrize("habits", [(), ("no-ranges",)], ids=["ranges", "no-ranges"])
@pytest.mark.parametrize("style", KEPT)
def test_without_the_sequence_a_miss_counts_only_where_a_range_shows_it(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path, style: str, habits: tuple[str, ...]
) -> None:
    """All that the node lists around has another length. Without ranges it may keep any spelling."""
    node = node_that_keeps(tmp_path, start, style, *habits)
    with Federation(FederationConfig((node,), knowledge.canaries, deadline_s=20)) as federation:
        found, absent = (entry["fi"] for entry in asked(federation, UGT1A1_28, OTHER_REPEAT))
    # Two are asked for without sequence; in a range, records are known that begin where the repeat does.
    if style in ("left", "bare") or not (
        habits or ("right" in style.split("-")[:2] and style != "padded-right")
    ):
        assert counts(found) == (71, 198)
    else:
        assert found.outcome is Outcome.FAILED
    assert absent.outcome is (Outcome.FAILED if habits else Outcome.NOT_LISTED), absent.reason


@pytest.mark.parametrize("habits", [(), ("no-ranges",)], ids=["ranges", "no-ranges"])
@pytest.mark.parametrize("style", ["left", "right", "justified"])
def test_where_no_canary_shows_the_place_every_place_is_asked_for(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path, style: str, habits: tuple[str, ...]
) -> None:
    """The node lists one common indel, whose place says nothing of repeats."""
    flat = ("6", ("18137695", "GAC", "G"), (150, 198))
    rare = ("7", KEPT[style][1], (3, 198))
    node = start("FI", *habits, counts=counts_file(tmp_path, flat, rare))
    plain = tuple(replace(canary, room="") for canary in knowledge.canaries if "113993960" not in canary.name)
    config = FederationConfig((node,), plain, deadline_s=20)
    with Federation(config, reference=Bases()) as federation:
        found, absent, beyond = (
            entry["fi"] for entry in asked(federation, F508DEL, OTHER_REPEAT, "1-1000-AC-A")
        )
    assert counts(found) == (3, 198)
    assert absent.outcome is beyond.outcome is (Outcome.FAILED if habits else Outcome.NOT_LISTED)
    assert not habits or "repeat" in (beyond.reason or "")


@pytest.mark.parametrize("style", ["right", "bare"])
def test_a_profile_from_before_is_corrected_by_the_canary(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path, style: str
) -> None:
    node = node_that_keeps(tmp_path, start, style)
    profile = probe(node.url, knowledge.canaries, node_id="fi", country="FI")
    assert profile.dialect is not None
    assert profile.dialect.indels == style
    older = replace(node, dialect=replace(profile.dialect, indels="left"))
    config = FederationConfig((older,), knowledge.canaries, deadline_s=20)
    with Federation(config, reference=Bases()) as federation:
        found, absent = (entry["fi"] for entry in asked(federation, F508DEL, OTHER_REPEAT))
    assert counts(found) == (3, 198)
    assert absent.outcome is Outcome.NOT_LISTED


@pytest.mark.parametrize("budget", [None, 100])
def test_a_node_that_counts_our_questions_is_not_asked_for_its_spelling_again_and_again(
    knowledge: FrequencyKnowledge, budget: int | None
) -> None:
    """It lists no indel: with a budget, its profile is left as it is."""
    other_spellings: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if b'"-"' in request.content:
            other_spellings.append(request.content)
        return httpx.Response(200, json={"responseSummary": {"exists": False}})

    node = NodeEntry("fi", "FI", "http://fi", exact=True, dialect=Dialect(), budget_per_minute=budget)
    http = HttpSettings(transport=httpx.MockTransport(answer))
    with Federation(FederationConfig((node,), knowledge.canaries, http=http)) as federation:
        federation.prepare(10)
        (found,) = (entry["fi"] for entry in asked(federation, OTHER_REPEAT))
    assert found.outcome is Outcome.FAILED
    assert bool(other_spellings) is (budget is None)


@pytest.mark.parametrize("style", KEPT)
def test_what_was_synced_is_found_however_the_node_places_it(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path, style: str
) -> None:
    node = replace(node_that_keeps(tmp_path, start, style), exact=False)
    genes = [
        GeneRange("UGT1A1", Assembly.GRCH38, "2", 233_757_000, 233_775_000),
        GeneRange("CFTR", Assembly.GRCH38, "7", 117_559_000, 117_560_000),
    ]
    config = FederationConfig((node,), knowledge.canaries, synced=tmp_path / "synced")
    with Federation(config, reference=Bases()) as federation:
        federation.sync("fi", genes)
        common, rare, absent = (entry["fi"] for entry in asked(federation, UGT1A1_28, F508DEL, OTHER_REPEAT))
    assert counts(common) == (71, 198)
    assert counts(rare) == (3, 198)
    assert absent.outcome is Outcome.NOT_LISTED


# A node whose records came from several places: the canary left-aligned, others at the right end of a repeat,
# or split from a record of many repeats with its whole reference allele.
MIXED = (
    ("2", ("233760233", "C", "CAT"), (71, 198)),
    ("2", ("233760233", "CATATATATATATATA", "CATATATATATATA"), (9, 198)),
    ("2", ("233760246", "ATA", "ATATATA"), (5, 198)),
    ("7", ("117559591", "TCTT", "T"), (3, 198)),
)
TWO_MORE = "2-233760233-C-CATAT"
THREE_MORE = "2-233760233-C-CATATAT"  # listed by nobody below


@pytest.mark.parametrize("reference", [Bases(), None], ids=["sequence", "no-sequence"])
def test_what_was_synced_of_a_node_that_mixes_spellings_is_found_or_left_open(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path, reference: Bases | None
) -> None:
    node = replace(start("FI", counts=counts_file(tmp_path, *MIXED)), exact=False)
    genes = [
        GeneRange("UGT1A1", Assembly.GRCH38, "2", 233_757_000, 233_775_000),
        GeneRange("CFTR", Assembly.GRCH38, "7", 117_559_000, 117_560_000),
    ]
    config = FederationConfig((node,), knowledge.canaries, synced=tmp_path / "synced")
    with Federation(config, reference=reference) as federation:
        federation.sync("fi", genes)
        common, fewer, rare, more, absent = (entry["fi"] for entry in asked(federation, *QUESTIONS))
    assert (counts(common), counts(fewer), counts(rare)) == ((71, 198), (9, 198), (3, 198))
    if reference is not None:
        assert counts(more) == (5, 198)
    else:
        assert more.outcome is Outcome.FAILED
        assert "cannot be settled without sequence" in (more.reason or "")
    # Nothing of that length is listed, as far as any repeat could bridge.
    assert absent.outcome is Outcome.NOT_LISTED


QUESTIONS = (UGT1A1_28, OTHER_REPEAT, F508DEL, TWO_MORE, THREE_MORE)


@pytest.mark.parametrize("habits", [(), ("no-ranges",)], ids=["ranges", "no-ranges"])
def test_what_is_asked_of_a_node_that_mixes_spellings_is_found_or_left_open(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path, habits: tuple[str, ...]
) -> None:
    """Its canary is left-aligned. Behind a miss it is asked for all that lies around, which is on record."""
    node = start("FI", *habits, counts=counts_file(tmp_path, *MIXED))
    audit: list[Question] = []
    config = FederationConfig((node,), knowledge.canaries, deadline_s=20)
    with Federation(config, reference=Bases(), audit=audit.append) as federation:
        common, fewer, rare, more, absent = (entry["fi"] for entry in asked(federation, *QUESTIONS))
        dialect = federation._beacons["fi"].dialect
    assert dialect is not None
    assert (dialect.indels, dialect.range_queries) == ("left", not habits)
    assert (counts(common), counts(rare)) == ((71, 198), (3, 198))
    named = [name for question in audit if question.form == "exact" for name in question.named]
    around = [name for name in named if name.startswith("GRCh38:2:")]
    if habits:
        assert not around
        assert {answer.outcome for answer in (fewer, more, absent)} == {Outcome.FAILED}
        assert "no range questions" in (absent.reason or "")
        return
    assert (counts(fewer), counts(more)) == ((9, 198), (5, 198))
    assert "another spelling" in (fewer.reason or "")
    assert absent.outcome is Outcome.NOT_LISTED
    assert len(around) == 6  # one range for each of three misses, of two pages


def test_outside_of_repeats_a_node_without_ranges_is_asked_in_every_usual_spelling(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path
) -> None:
    """The first is listed with a base more than is needed; the last could move, by less than its length."""
    rows = (MIXED[0], ("7", ("117559594", "TTGG", "TT"), (4, 198)))
    node = start("FI", "no-ranges", counts=counts_file(tmp_path, *rows))
    config = FederationConfig((node,), knowledge.canaries, deadline_s=20)
    with Federation(config, reference=Bases()) as federation:
        listed, *absent = (
            entry["fi"] for entry in asked(federation, "7-117559595-TGG-T", "7-117559597-G-GC", F508DEL)
        )
    assert counts(listed) == (4, 198)
    assert {answer.outcome for answer in absent} == {Outcome.NOT_LISTED}
    assert all("spellings" in (answer.reason or "") for answer in absent)


def test_an_empty_range_counts_only_where_ranges_are_seen_to_work(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path
) -> None:
    """The profile says that it takes range questions; it answers every one with nothing."""
    node = node_that_keeps(tmp_path, start, "left", "no-ranges")
    older = replace(node, dialect=Dialect(range_queries=True))
    config = FederationConfig((older,), knowledge.canaries, deadline_s=20)
    with Federation(config, reference=Bases()) as federation:
        found, absent = (entry["fi"] for entry in asked(federation, UGT1A1_28, OTHER_REPEAT))
    assert counts(found) == (71, 198)
    assert absent.outcome is Outcome.FAILED
    assert "a range question does not find the canary" in (absent.reason or "")


def test_ranges_whose_bounds_are_ignored_show_nothing(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path
) -> None:
    """Whatever it is asked for, the node gives its first records, the canary among them."""
    node = node_that_keeps(tmp_path, start, "left", "all-ranges")
    dialect = Dialect(range_queries=True)
    config = FederationConfig(
        (replace(node, dialect=dialect),), knowledge.canaries, synced=tmp_path / "synced", deadline_s=20
    )
    gene = GeneRange("CFTR", Assembly.GRCH38, "7", 117_559_700, 117_660_000)
    with Federation(config, reference=Bases()) as federation:
        found, absent = (entry["fi"] for entry in asked(federation, UGT1A1_28, OTHER_REPEAT))
        with pytest.raises(SourceUnavailable, match="other places"):
            federation.sync("fi", [gene])
    assert counts(found) == (71, 198)
    assert absent.outcome is Outcome.FAILED
    assert "other places" in (absent.reason or "")


@pytest.mark.parametrize("end", [233_762_000, 233_775_000])
@pytest.mark.parametrize("flaw", [False, True])
def test_without_sequence_a_range_says_by_all_that_it_lists_what_it_does_not_list(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path, end: int, flaw: bool
) -> None:
    """Where the range is wide enough, or a substitution ends the repeat; the base before it is given."""
    rows = (*MIXED, ("2", ("233760250", "G", "A"), (1, 198))) if flaw else MIXED
    node = replace(start("FI", counts=counts_file(tmp_path, *rows)), exact=False)
    gene = GeneRange("UGT1A1", Assembly.GRCH38, "2", 233_757_000, end)
    config = FederationConfig((node,), knowledge.canaries, synced=tmp_path / "synced")
    with Federation(config) as federation:
        federation.sync("fi", [gene])
        (absent,) = asked(federation, THREE_MORE)
    expected = Outcome.NOT_LISTED if flaw or end == 233_775_000 else Outcome.FAILED
    assert absent["fi"].outcome is expected, absent["fi"].reason
    may_ask = replace(config, nodes=(replace(node, exact=True),), deadline_s=20)
    with Federation(may_ask) as federation:
        (absent,) = asked(federation, THREE_MORE)
    assert absent["fi"].outcome is Outcome.NOT_LISTED  # the node itself was asked for more


def test_what_was_synced_of_a_node_that_spells_no_reference_is_found(
    knowledge: FrequencyKnowledge, start: Start, tmp_path: Path
) -> None:
    """Records name an interval and the new bases, as VRS does: none may be lost on the way."""
    node = replace(start("FI", "vrs", counts=counts_file(tmp_path, *MIXED)), exact=False)
    genes = [
        GeneRange("CYP2C19", Assembly.GRCH38, "10", 94_760_000, 94_860_000),
        GeneRange("UGT1A1", Assembly.GRCH38, "2", 233_750_000, 233_775_000),
        GeneRange("CFTR", Assembly.GRCH38, "7", 117_540_000, 117_660_000),
    ]
    config = FederationConfig((node,), knowledge.canaries, synced=tmp_path / "synced")
    texts = (CYP2C19_2, "10-94781859-G-T", UGT1A1_28, OTHER_REPEAT, F508DEL, TWO_MORE, THREE_MORE)
    with Federation(config, reference=Bases()) as federation:
        assert federation.sync("fi", genes).variants == 5
        found = [entry["fi"] for entry in asked(federation, *texts)]
    listed = [answer.frequency and answer.frequency.allele_count for answer in found]
    assert listed == [43, None, 71, 9, 3, 5, None]
    assert found[1].outcome is found[-1].outcome is Outcome.NOT_LISTED
    with Federation(config) as federation:
        assert asked(federation, F508DEL)[0]["fi"].outcome is not Outcome.NOT_LISTED


def test_a_repeat_is_followed_to_its_end() -> None:
    class Long:
        def bases(self, assembly: Assembly, chrom: str, start: int, end: int) -> str:
            return ("C" + "A" * 999 + "G" * 100)[start:end]

    around = surroundings(Variant(Assembly.GRCH38, "1", 0, "CA", "C"), Long())
    assert around is not None
    assert len(around.room) == 998


@pytest.mark.parametrize("text", [UGT1A1_28, F508DEL])
@pytest.mark.parametrize("style", KEPT)
def test_spellings_are_those_written_out_by_hand(text: str, style: str) -> None:
    variant = vcf_style(text)
    around = surroundings(variant, Bases())
    assert around is not None
    pos, ref, alt = KEPT[style][(UGT1A1_28, F508DEL).index(text)]
    expected = Variant(Assembly.GRCH38, variant.chrom, int(pos) - 1, ref.strip("-"), alt.strip("-"))
    assert spelled_as(variant, style, around) == expected


def test_the_canaries_surroundings_are_the_reference(knowledge: FrequencyKnowledge) -> None:
    """Where the shipped sequence reaches, in the build of which it is."""
    checked: list[Canary] = []
    for canary in knowledge.canaries:
        around = surroundings(canary.grch38, describer().reference) if canary.kind == "indel" else None
        if around is not None:
            assert (around.before, around.room) == (canary.before, canary.room), canary.name
            checked.append(canary)
    assert [canary.name for canary in checked] == [c.name for c in knowledge.canaries if c.room]
    assert len(checked) == 3

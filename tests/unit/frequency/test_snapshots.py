"""Counts on this machine: files and column stores as sources, and what they say of the other build."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pysam
import pytest

from service.domain.assembly import Assembly
from service.domain.frequency import Outcome
from service.domain.frequency_sources import NodeEntry
from service.domain.variant import Variant
from service.errors import ConfigurationError, InvalidInput
from service.frequency import snapshot, synced
from service.frequency.allele_counts import AlleleCounts
from service.frequency.column_store.build import build_store
from service.frequency.column_store.source import ColumnStoreSource
from service.frequency.count_files import read_counts
from service.frequency.federation import Federation
from service.frequency.federation_config import FederationConfig
from service.frequency.local_counts import local_counts
from service.frequency.nodes import load_nodes
from service.frequency.snapshot import SnapshotSource
from service.frequency.statistics import filtering_allele_frequency
from service.frequency.synced import SyncedSource
from service.frequency.synced_store import SyncedManifest, packed, write_synced

DEMO = Path(__file__).parents[3] / "knowledgebase/frequency/demo"
LEIDEN = Variant(Assembly.GRCH38, "1", 169549810, "C", "T")


def store_of(source: Path, out: Path, assembly: Assembly = Assembly.GRCH38) -> Path:
    build_store([source], out, assembly=assembly, dataset="d", version="v7")
    return out


def test_counts_on_this_machine_load_no_http() -> None:
    """It is a tenth of the start of a command that asks nobody."""
    program = (
        "import sys\n"
        "from service.domain.frequency_sources import NodeEntry\n"
        "from service.frequency.federation_config import FederationConfig\n"
        "from service.frequency.lines import frequency_lines\n"
        "from service.frequency.federation import Federation\n"
        f"node = NodeEntry('fi', 'FI', snapshot={str(DEMO / 'FI.tsv')!r})\n"
        "with Federation(FederationConfig((node,))) as federation:\n"
        "    (line,) = frequency_lines(['10-94781859-G-A'], federation)\n"
        "print(line['answers'][0]['allele_count'], 'httpx' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["43", "False"]


def test_what_is_kept_is_bounded_and_no_answer_is_lost_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a patient with more variants than are kept, every listed one is found: also the second time."""
    monkeypatch.setattr(synced, "MOST_ANSWERS", 3)
    monkeypatch.setattr(snapshot, "MOST_ANSWERS", 3)
    rows = list(read_counts(DEMO / "FI.tsv"))[:20]
    variants = [_variant_of(row) for row in rows]
    entry = NodeEntry("fi", "FI", "http://fi", snapshot=str(DEMO / "FI.tsv"))
    file = SnapshotSource(entry)
    lines = [packed(row.key, answer) for row in rows for answer in file.look_up([_variant_of(row)]) if answer]
    ranges = tuple((row.chrom, row.chrom, 0, 10**9) for row in rows)
    write_synced(tmp_path, SyncedManifest("fi", "GRCh38", "v", "2026-01-01T00:00:00+00:00", ranges, 0), lines)
    for source in (file, SyncedSource(tmp_path, entry)):
        for _ in range(2):
            found = source.look_up(variants)
            assert [a and a.frequency and a.frequency.allele_count for a in found] == [
                row.allele_count for row in rows
            ]
        assert len(source._answers) == 3


@pytest.mark.parametrize("kind", ["file", "store"])
def test_a_snapshot_says_of_what_it_knows_nothing(tmp_path: Path, kind: str) -> None:
    """What has no place in its build was not looked up there: that is no miss. A miss names its release."""
    file = DEMO / "FI.tsv" if kind == "file" else store_of(DEMO / "FI.tsv", tmp_path / "s.gwc")
    entry = NodeEntry("fi", "FI", snapshot=str(file))
    placeless = Variant(Assembly.GRCH37, "22", 42_519_213, "T", "C")
    config = FederationConfig((entry,))
    with Federation(config, liftover=lambda variant, assembly: None) as federation:
        missed, unplaced = federation.ask([replace(LEIDEN, alt="G"), placeless]).answers
    (miss,), (unknown,) = missed.answers, unplaced.answers
    assert (miss.outcome, miss.reason) == (
        Outcome.NOT_LISTED, "not listed in the snapshot: reference, not covered or filtered")  # fmt: skip
    assert miss.dataset == ("FI.tsv" if kind == "file" else "d")
    assert miss.version
    assert miss.asked_at
    assert (unknown.outcome, unknown.reason) == (
        Outcome.NOT_ASKED, "no checked counterpart on GRCh38, the cohort's build")  # fmt: skip


@pytest.mark.parametrize("kind", ["file", "store"])
def test_an_indel_is_found_where_another_spelling_of_it_is_listed(tmp_path: Path, kind: str) -> None:
    """HGVS names the right end of a repeat, sites files the left one: the rows show which are the same."""
    long = "CA" * 15
    sites = tmp_path / "sites.vcf"
    sites.write_text(
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        "chr6\t101\t.\tGATTT\tG\t.\tPASS\tAC=89;AN=198;nhomalt=9\n"
        "chr6\t201\t.\tG\tGCA\t.\tPASS\tAC=7;AN=198;nhomalt=0\n"
        f"chr6\t201\t.\tG{long}\tG\t.\tPASS\tAC=2;AN=198;nhomalt=0\n"
    )
    file = sites if kind == "file" else store_of(sites, tmp_path / "s.gwc")
    source = local_counts(NodeEntry("fi", "FI", snapshot=str(file)))

    def asked(start: int, ref: str, alt: str) -> int | None:
        (answer,) = source.look_up([Variant(Assembly.GRCH38, "6", start, ref, alt)])
        return answer.frequency.allele_count if answer is not None and answer.frequency else None

    assert asked(100, "GATTT", "G") == asked(104, "TATTT", "T") == 89
    assert asked(102, "TTTAT", "T") == 89  # in the middle of the repeat
    assert asked(200, "G", "GCA") == asked(204, "A", "ACA") == asked(230, "A", "ACA") == 7
    assert asked(200, "G" + long, "G") == 2
    assert asked(105, "ATTTA", "A") == 89  # the question itself shows one base more
    assert asked(109, "TATTT", "T") is None  # nothing shows that the repeat goes there
    assert asked(104, "TATT", "T") is None  # another deletion
    assert asked(204, "A", "AAC") is None  # other bases
    assert asked(230, "A", "C") is None  # no indel


UNCOUNTED_VCF = (
    "##fileformat=VCFv4.2\n##contig=<ID=chr1>\n"
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="c">\n'
    '##INFO=<ID=AN,Number=1,Type=Integer,Description="n">\n'
    '##INFO=<ID=nhomalt,Number=A,Type=Integer,Description="h">\n'
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="d">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    "chr1\t101\t.\tA\tG\t.\tPASS\tAC=3;AN=200;nhomalt=1\n"
    "chr1\t102\t.\tA\tG\t.\tPASS\tAC=.;AN=200;nhomalt=1\n"
    "chr1\t103\t.\tA\tG\t.\tPASS\tAC=3;AN=.\n"
    "chr1\t104\t.\tA\tG\t.\tPASS\tAN=200\n"
    "chr1\t105\t.\tA\tC,G\t.\tPASS\tAC=4,.;AN=200\n"
    "chr1\t201\t.\tGATTT\tG\t.\tPASS\tDP=7\n"
    f"chr1\t301\t.\tG\tG{'ACGT' * 10}\t.\tPASS\tAC=;AN=200\n"
    "chr1\t401\t.\tA\tG\t.\tPASS\tAC=0;AN=200;nhomalt=0\n"
)
UNCOUNTED_TSV = (
    "chrom\tpos\tref\talt\tac\tan\n1\t101\tA\tG\t3\t200\n1\t102\tA\tG\t.\t200\n1\t103\tA\tG\t3\t\n"
    "1\t104\tA\tG\tNA\t200\n1\t105\tA\tC\t4\t200\n1\t105\tA\tG\t\t200\n1\t201\tGATTT\tG\t.\t.\n"
    f"1\t301\tG\tG{'ACGT' * 10}\t.\t200\n1\t401\tA\tG\t0\t200\n"
)


@pytest.mark.parametrize("kind", ["file", "store"])
@pytest.mark.parametrize("form", ["vcf", "tsv", "bcf"])
def test_what_a_file_lists_without_counts_is_neither_absent_nor_the_end_of_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, form: str
) -> None:
    """A missing AC or AN costs its own record, and there it is FAILED: listed, at an unknown frequency."""
    file = tmp_path / f"sites.{form}"
    file.write_text(UNCOUNTED_TSV if form == "tsv" else UNCOUNTED_VCF)
    if form == "bcf":
        (tmp_path / "plain.vcf").write_text(UNCOUNTED_VCF.replace("AC=;", "AC=.;"))
        with (
            pysam.VariantFile(str(tmp_path / "plain.vcf")) as read,
            pysam.VariantFile(str(file), "wb", header=read.header) as out,
        ):
            for record in read:
                out.write(record)
    path = store_of(file, tmp_path / "s.gwc") if kind == "store" else file
    asked = [(100, "A", "G"), (104, "A", "C"), (400, "A", "G")]
    unknown = [(start, "A", "G") for start in (101, 102, 103, 104)]
    unknown += [(200, "GATTT", "G"), (204, "TATTT", "T"), (300, "G", "G" + "ACGT" * 10)]
    variants = [Variant(Assembly.GRCH38, "1", *place) for place in (*asked, *unknown, (101, "A", "T"))]
    with Federation(FederationConfig((NodeEntry("fi", "FI", snapshot=str(path)),))) as federation:
        found = federation.ask(variants)
    answers = [entry.answers[0] for entry in found.answers]
    assert [a.frequency and (a.frequency.allele_count, a.frequency.allele_number) for a in answers[:3]] == [
        (3, 200), (4, 200), (0, 200)]  # fmt: skip
    said = (Outcome.FAILED, "the file lists it without counts: how frequent it is is not known")
    assert [(a.outcome, a.reason) for a in answers[3:-1]] == [said] * len(unknown)
    assert answers[-1].outcome is Outcome.NOT_LISTED
    assert all(a.version and a.dataset for a in answers)
    (warned,) = [r.getMessage() for r in caplog.records if r.name == "genomeward.frequency"]
    assert "without AC or AN: 6," in warned
    assert "number 2;" in warned
    assert "102" not in warned


@pytest.mark.parametrize("kind", ["file", "store"])
def test_records_of_one_allele_answer_as_one_or_not_at_all(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """Which of two counts is right is not known; equal ones are one. However the records are padded."""
    long = "G" + "ACGT" * 10
    rows = [
        (101, "A", "G", 3, 200), (101, "A", "G", 3, 200),
        (102, "A", "G", 3, 200), (102, "A", "G", 4, 200),
        (103, "A", "G", 3, 200), (103, "A", "G", 3, 300),
        (104, "A", "G", 5, 200), (104, "A", "G", 5, 200), (104, "A", "G", 6, 200),
        (105, "AC", "GC", 7, 200), (105, "A", "G", 8, 200),
        (201, "GAT", "G", 1, 200), (201, "GATT", "GT", 2, 200),
        (301, "G", long, 1, 200), (301, "G", long, 2, 200),
        (401, "A", "G", 9, 200), (401, "A", "T", 8, 200),
        (501, "A", "G", ".", 200), (501, "A", "G", 8, 200),
        (601, "A", "G", ".", 200), (601, "A", "G", ".", "."),
    ]  # fmt: skip
    path = tmp_path / "sites.tsv"
    lines = ["\t".join(map(str, ("1", *row))) for row in rows]
    path.write_text("\n".join(["chrom\tpos\tref\talt\tac\tan", *lines]) + "\n")
    if kind == "store":
        report = build_store([path], tmp_path / "s", assembly=Assembly.GRCH38, dataset="d", version="1")
        assert (report.sites, report.without_counts) == (3, 3)
        assert (report.repeated, report.contradictory) == (10, 7)
        path = tmp_path / "s"
    places = [(101, "A", "G"), (401, "A", "G"), (401, "A", "T"), (102, "A", "G"), (103, "A", "G")]
    places += [(104, "A", "G"), (105, "A", "G"), (201, "GAT", "G"), (301, "G", long), (501, "A", "G")]
    variants = [
        Variant(Assembly.GRCH38, "1", pos - 1, ref, alt) for pos, ref, alt in [*places, (601, "A", "G")]
    ]
    found = local_counts(NodeEntry("fi", "FI", snapshot=str(path))).look_up(variants)
    assert [a and a.frequency and a.frequency.allele_count for a in found[:3]] == [3, 9, 8]
    said = (Outcome.FAILED, "the file lists it more than once, with different counts")
    assert [a and (a.outcome, a.reason) for a in found[3:-1]] == [said] * 7
    assert found[-1] is not None
    assert "without counts" in (found[-1].reason or "")
    (warned,) = [r.getMessage() for r in caplog.records if "again" in r.getMessage()]
    assert "again in 10 record(s); 7 allele(s)" in warned


def test_a_file_of_which_no_record_has_counts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "af.vcf"
    path.write_text(UNCOUNTED_VCF.split("chr1\t")[0] + "1\t2\t.\tA\tG\t.\t.\tAF=1\n")
    with pytest.raises(InvalidInput, match="bare AF"):
        list(read_counts(path))
    path.write_text(
        UNCOUNTED_VCF.split("chr1\t")[0]
        + "1\t2\t.\tA\tG,C\t.\t.\tAC=.;AN=8\n1\t3\t.\tA\tG\t.\t.\tAC=1;AN=8\n"
    )
    assert [(row.start, isinstance(row, AlleleCounts)) for row in read_counts(path)] == [
        (1, False), (1, False), (2, True)]  # fmt: skip


def _variant_of(row: AlleleCounts) -> Variant:
    return Variant(Assembly.GRCH38, row.chrom, row.start, row.ref, row.alt)


def test_a_store_answers_what_the_file_answers(tmp_path: Path) -> None:
    file = NodeEntry("fi", "FI", snapshot=str(DEMO / "FI.tsv"))
    store = replace(file, snapshot=str(store_of(DEMO / "FI.tsv", tmp_path / "fi.gwc")))
    variants = [
        Variant(Assembly.GRCH38, r.chrom, r.start, r.ref, r.alt) for r in read_counts(DEMO / "FI.tsv")
    ]
    variants += [replace(v, alt=v.alt + "A") for v in variants[:50]]
    assert isinstance(local_counts(file), SnapshotSource)
    assert isinstance(local_counts(store), ColumnStoreSource)
    expected, found = local_counts(file).look_up(variants), local_counts(store).look_up(variants)
    assert len(variants) > 200
    for one, other in zip(expected, found, strict=True):
        if one is None or other is None:
            assert one is other
            continue
        assert one.frequency is not None
        assert other.frequency is not None
        counts = (one.outcome, one.frequency.allele_count, one.frequency.allele_number)
        assert (other.outcome, other.frequency.allele_count, other.frequency.allele_number) == counts
        assert other.frequency.homozygotes == one.frequency.homozygotes
        assert (other.dataset, other.version) == ("d", "v7")


def test_the_version_of_a_file_is_what_it_holds_and_not_when_it_was_copied(tmp_path: Path) -> None:
    def version(name: str, ac: int, copied_at: int) -> str | None:
        path = tmp_path / name
        path.write_text(f"chrom\tpos\tref\talt\tac\tan\n1\t169549811\tC\tT\t{ac}\t198\n")
        os.utime(path, (copied_at, copied_at))
        (answer,) = SnapshotSource(NodeEntry("fi", "FI", snapshot=str(path))).look_up([LEIDEN])
        assert answer is not None
        return answer.version

    first = version("a.tsv", 3, 1_700_000_000)
    assert (first or "").startswith("sha256:")
    assert version("b.tsv", 3, 1_800_000_000) == first
    assert version("c.tsv", 4, 1_700_000_000) != first


@pytest.mark.parametrize("kind", ["file", "store"])
def test_a_cohort_of_grch37_that_lists_the_change_the_other_way_round(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "fi.tsv"
    path.write_text("chrom\tpos\tref\talt\tac\tan\n1\t169519049\tT\tC\t195\t198\n")
    if kind == "store":
        path = store_of(path, tmp_path / "fi.gwc", Assembly.GRCH37)
    entry = NodeEntry("fi", "FI", snapshot=str(path), snapshot_assembly=Assembly.GRCH37)
    source = local_counts(entry, lambda variant, to: replace(variant, assembly=to, start=169519048))
    (leiden, other) = source.look_up([LEIDEN, replace(LEIDEN, alt="G")])
    assert leiden is not None
    assert leiden.frequency is not None
    assert (leiden.frequency.allele_count, leiden.frequency.allele_number) == (3, 198)
    assert "reference of GRCh37" in (leiden.reason or "")
    assert other is None


@pytest.mark.parametrize(
    ("info", "homozygotes"),
    [
        ("AC=12,3;AN=100;nhomalt=2,0", (2, 0)),
        ("AC=12,3;AN=100;AC_Het=8,3;AC_Hom=4,0", (2, 0)),  # alleles, as bcftools +fill-tags counts
        ("AC=12,3;AN=100;AC_Het=8,3;AC_Hom=2,0", (2, 0)),  # people
        ("AC=12,3;AN=100;AC_Het=7,3;AC_Hom=4,0", (None, 0)),  # neither fits
        ("AC=12,3;AN=100;AC_Hom=4,0", (None, 0)),  # alleles or people: not said
    ],
)
def test_homozygotes_are_people_or_not_stated(
    tmp_path: Path, info: str, homozygotes: tuple[int | None, int | None]
) -> None:
    path = tmp_path / "sites.vcf"
    path.write_text(f"##fileformat=VCFv4.2\n#CHROM\nchr1\t101\t.\tA\tG,T\t.\tPASS\t{info}\n")
    entry = NodeEntry("x", "FI", snapshot=str(store_of(path, tmp_path / "x.gwc")))
    answers = ColumnStoreSource(entry).look_up([Variant(Assembly.GRCH38, "1", 100, "A", alt) for alt in "GT"])
    assert tuple(a.frequency.homozygotes for a in answers if a and a.frequency) == homozygotes


def test_a_reference_database_stands_beside_the_cohorts_and_is_never_added(tmp_path: Path) -> None:
    store_of(DEMO / "FI.tsv", tmp_path / "gnomad.gwc")
    store_of(DEMO / "GB.tsv", tmp_path / "own.gwc")
    (tmp_path / "nodes.toml").write_text(
        '[[snapshot]]\nid="gnomad"\nfile="gnomad.gwc"\n'
        '[[snapshot]]\nid="own"\ncountry="GB"\nkind="cohort"\nfile="own.gwc"\n'
        '[[snapshot]]\nid="gone"\ncountry="IT"\nfile="gone.gwc"\n'
    )
    nodes = load_nodes(tmp_path / "nodes.toml")
    variant = Variant(Assembly.GRCH38, "10", 94781858, "G", "A")
    with Federation(FederationConfig(nodes)) as federation:
        found = federation.ask([variant])
    (entry,) = found.answers
    assert [(a.source, a.country, a.outcome) for a in entry.answers] == [
        ("gnomad", None, Outcome.OBSERVED),
        ("own", "GB", Outcome.OBSERVED),
        ("gone", "IT", Outcome.FAILED),  # a missing file is not a missing variant
    ]
    assert entry.pooled is not None
    assert entry.pooled.sources == ("own",)
    assert str(tmp_path) not in (entry.answers[2].reason or "")
    assert [status.kind for status in found.sources] == ["reference", "cohort", "snapshot"]


@pytest.mark.parametrize(
    "text",
    [
        'id="a"\nfile="x"\nurl="http://x"',
        'country="FI"\nfile="x"',
        'id="a"\ncountry="FI"',
        'id="a"\nfile="x"\nassembly="hg18"',
        'id=5\ncountry="FI"\nfile="x"',
    ],
)
def test_a_snapshot_entry_says_what_is_wrong_with_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "nodes.toml").write_text(f"[[snapshot]]\n{text}\n")
    with pytest.raises(ConfigurationError, match="snapshot"):
        load_nodes(tmp_path / "nodes.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("node = 5", "written as"),
        ("[node]\nid='a'", "written as"),
        ("[[node]]\nid=5\ncountry='FI'\nurl='http://h'", "must be text"),
        ("[[node]]\nid='a'\ncountry='FI'\nurl='h:80'", "must begin with"),
        ("[[node]]\nid='a'\ncountry='FI'\nurl='http://h'\nexactt='allowed'", "unknown keys"),
        ("[[node]]\nid='a'\ncountry='FI'\nurl='http://h'\nexact='yes'", "must be one of"),
        ("[[node]]\nid='a'\ncountry='FI'\nurl='http://h'\ncanaries=['rs1']", "a canary is written as"),
        ("", "no .*node"),
    ],
)
def test_a_nodes_file_says_what_is_wrong_with_it(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "nodes.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=said):
        load_nodes(tmp_path / "nodes.toml")


@pytest.mark.parametrize("kind", ["file", "store"])
def test_third_alleles_are_not_counted_as_the_other_builds_reference(tmp_path: Path, kind: str) -> None:
    """1-169519049 T>C is factor V Leiden's counterpart: 198 alleles, 190 C and 5 A, leave 3 T."""
    path = tmp_path / "fi.tsv"
    rows = ["1\t169519049\tT\tC\t190\t198", "1\t169519049\tT\tA\t5\t198", "1\t500\tGAT\tG\t190\t198"]
    path.write_text("\n".join(["chrom\tpos\tref\talt\tac\tan", *rows]) + "\n")
    if kind == "store":
        path = store_of(path, tmp_path / "fi.gwc", Assembly.GRCH37)
    places = {LEIDEN.start: 169519048, 5_000: 499}

    def lift(variant: Variant, assembly: Assembly) -> Variant | None:
        return replace(variant, assembly=assembly, start=places[variant.start])

    entry = NodeEntry("fi", "FI", snapshot=str(path), snapshot_assembly=Assembly.GRCH37)
    insertion = Variant(Assembly.GRCH38, "1", 5_000, "G", "GAT")
    leiden, longer = local_counts(entry, lift).look_up([LEIDEN, insertion])
    assert leiden is not None
    assert leiden.frequency is not None
    assert (leiden.frequency.allele_count, leiden.frequency.allele_number) == (3, 198)
    assert "the other 2 alleles" in (leiden.reason or "")
    assert longer is not None
    assert (longer.outcome, longer.frequency) == (Outcome.FAILED, None)


GROUPED = """##fileformat=VCFv4.2
##INFO=<ID=AC{j},Number=A,Type=Integer,Description="c">
##INFO=<ID=AN{j},Number=1,Type=Integer,Description="n">
##INFO=<ID=nhomalt{j},Number=A,Type=Integer,Description="h">
{groups}##contig=<ID=chr1>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""
# Position -> (AC, AN) whole, afr, fin, nfe, XX, XY; the last is too rare for its groups to be kept.
GROUP_COUNTS = {
    101: ((60, 30_000), (2, 8_000), (50, 4_000), (8, 18_000), (31, 15_000), (29, 15_000)),
    202: ((2, 30_000), (1, 8_000), (0, 4_000), (1, 18_000), (1, 15_000), (1, 15_000)),
    303: ((1, 30_000), (1, 8_000), (0, 4_000), (0, 18_000), (1, 15_000), (0, 15_000)),
}
GROUP_NAMES = ("", "afr", "fin", "nfe", "XX", "XY")


def grouped_vcf(path: Path, joint: str = "", separator: str = "_") -> Path:
    """gnomAD's spelling: `AC_afr` (v2.1, v4), `AC-afr` (v3.1), `AC_joint_afr` (joint file of v4.1)."""
    keys = [f"{joint}{separator if name else ''}{name}" for name in GROUP_NAMES]
    if separator == "-":
        keys = [key.replace("-X", "_X") for key in keys]
    ids = "".join(
        f'##INFO=<ID={count}{key},Number={"A" if count == "AC" else 1},Type=Integer,Description="g">\n'
        for key in keys[1:]
        for count in ("AC", "AN")
    )
    lines = []
    for pos, counts in GROUP_COUNTS.items():
        info = [f"AC{key}=0,{ac};AN{key}={an}" for key, (ac, an) in zip(keys, counts, strict=True)]
        lines.append(f"chr1\t{pos}\t.\tC\tA,T\t.\tPASS\t{';'.join(info)};nhomalt{joint}=0,1\n")
    path.write_text(GROUPED.format(j=joint, groups=ids) + "".join(lines))
    return path


@pytest.mark.parametrize(("joint", "separator"), [("", "_"), ("", "-"), ("_joint", "_")])
@pytest.mark.parametrize("kind", ["file", "store", "bcf"])
def test_groups_of_a_sites_file_are_kept(tmp_path: Path, joint: str, separator: str, kind: str) -> None:
    path = grouped_vcf(tmp_path / "gnomad.vcf", joint, separator)
    if kind == "bcf":
        with (
            pysam.VariantFile(str(path)) as read,
            pysam.VariantFile(str(tmp_path / "g.bcf"), "wb", header=read.header) as out,
        ):
            for record in read:
                out.write(record)
        path = tmp_path / "g.bcf"
    if kind != "file":
        path = store_of(path, tmp_path / "gnomad.gwc")
    source = local_counts(NodeEntry("gnomad", "", snapshot=str(path), kind="reference"))
    variants = [Variant(Assembly.GRCH38, "1", pos - 1, "C", "T") for pos in GROUP_COUNTS]
    for answer, (whole_counts, *split) in zip(source.look_up(variants), GROUP_COUNTS.values(), strict=True):
        assert answer is not None
        assert answer.frequency is not None
        assert (answer.frequency.allele_count, answer.frequency.allele_number) == whole_counts
        found = {g.group: (g.frequency.allele_count, g.frequency.allele_number) for g in answer.groups}
        if whole_counts[0] > 1 or kind == "file":
            assert found == dict(zip(GROUP_NAMES[1:], split, strict=True))
    config = FederationConfig((NodeEntry("gnomad", "", snapshot=str(path), kind="reference"),))
    with Federation(config) as federation:
        first, second, third = federation.ask(variants).answers
    # Finland has 50 of 4,000 and stays out: the maximum is over afr and nfe.
    assert first.grpmax_group == "gnomad nfe"
    assert first.grpmax_faf95 == pytest.approx(filtering_allele_frequency(8, 18_000))
    assert second.grpmax_faf95 == 0.0  # each group has it once at most
    assert third.grpmax_faf95 == 0.0


def test_a_reference_without_groups_has_no_maximum_over_groups(tmp_path: Path) -> None:
    path = tmp_path / "gnomad.tsv"
    path.write_text("chrom\tpos\tref\talt\tac\tan\n1\t101\tC\tT\t300\t30000\n1\t202\tC\tT\t1\t30000\n")
    config = FederationConfig((NodeEntry("gnomad", "", snapshot=str(path), kind="reference"),))
    with Federation(config) as federation:
        common, rare = federation.ask(
            [Variant(Assembly.GRCH38, "1", pos - 1, "C", "T") for pos in (101, 202)]
        ).answers
    assert common.grpmax_faf95 is None
    ba1, _, pm2 = common.criteria
    assert ba1.verdict == "not assessed"
    assert "states no ancestry groups" in ba1.reason
    assert pm2.verdict == "not met"  # 1 % of everybody is at least 1 % of some group
    assert rare.grpmax_faf95 == 0.0
    assert rare.criteria[0].verdict == "not met"

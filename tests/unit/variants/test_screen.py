"""The streaming pass against the slow obvious one."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.assembly import Assembly, parse_contig
from service.domain.screening import ScreenIndex
from service.domain.variant import Interval
from service.variants.allele_masks import structural_kind
from service.variants.issue_log import IssueLog
from service.variants.screen import Screen
from service.variants.vcf_bytes import line_blocks
from service.variants.vcf_header import parse_header
from tests.builders import a_vcf

EVERY = (Interval("1", 100, 110), Interval("1", 300, 301), Interval("X", 50, 60))
CARRIERS = (Interval("1", 105, 200), Interval("2", 0, 30), Interval("X", 10_000, 10_020))
INDEX = ScreenIndex.of(Assembly.GRCH38, every=EVERY, carriers=CARRIERS)

records = st.tuples(
    st.sampled_from(
        ("chr1", "1", "chr2", "chrX", "NC_000001.11", "chrUn_KI270302v1", "chr1_KI270706v1_random")
    ),
    st.integers(1, 320) | st.integers(9_990, 10_030),
    st.text("ACGT", min_size=1, max_size=12),
    st.sampled_from(("A", "T,C", ".", "<NON_REF>", "<*>", "C,<NON_REF>", "<DEL>", "A[chr2:5[", "*")),
    st.sampled_from(("0/1", "0/0", "./.", "1|0", "0", "1", ".", "0|0:9", "1/1:3", "0/.", "2/1")),
    st.sampled_from((".", "END=340", "DP=3;END=120", "DP=7")),
)


def obvious(lines: list[tuple[str, int, str, str, str, str]]) -> tuple[list[int], list[tuple[str, int, int]]]:
    """Line indices that hit, and the covered intervals, one line at a time."""
    hits, covered = [], []
    for number, (name, pos, ref, alt, sample, info) in enumerate(lines):
        contig = parse_contig(name)
        if contig is None:
            continue
        block = alt in (".", "<NON_REF>", "<*>")
        start, end = pos - 1, pos - 1 + len(ref)
        stated = [int(entry[4:]) for entry in info.split(";") if entry.startswith("END=")]
        if block and stated:
            end = max(end, stated[0])

        def meets(
            spans: tuple[Interval, ...], chrom: str = contig.chrom, start: int = start, end: int = end
        ) -> bool:
            return any(s.chrom == chrom and s.start < end and start < s.end for s in spans)

        genotype = sample.split(":")[0].replace("|", "/").split("/")
        if block and (meets(EVERY) or meets(CARRIERS)) and set(genotype) == {"0"}:
            covered.append((contig.chrom, start, end))
        kept = meets(EVERY) and not (block and end - start > len(ref))
        carried = meets(CARRIERS) and not meets(EVERY) and not block and set(genotype) - {"0", "."}
        if kept or carried:
            hits.append(number)
    return hits, covered


@settings(max_examples=300, deadline=None)
@given(st.lists(records, max_size=40), st.integers(1, 400))
def test_the_pass_equals_the_obvious_one(
    lines: list[tuple[str, int, str, str, str, str]], chunk_bytes: int
) -> None:
    vcf = a_vcf()
    for name, pos, ref, alt, sample, info in lines:
        vcf.record(name, pos, ref, alt, sample, info=info, fields="GT:XX" if ":" in sample else "GT")
    header_lines, _, _ = vcf.text().partition("\tP1\n")
    header = parse_header([*(header_lines + "\tP1").split("\n")])
    screen = Screen(INDEX, header, (9,), (Assembly.GRCH38,), IssueLog())
    content = vcf.text().split("\tP1\n", 1)[1].encode()
    for block in line_blocks(
        iter([content[i : i + chunk_bytes] for i in range(0, len(content), chunk_bytes)])
    ):
        screen.feed(block)

    hits, covered = obvious(lines)
    found = sorted(line.number - header.line_count - 1 for line in screen.hits)
    assert found == hits
    assert screen.record_count == len(lines)
    merged = {
        (i.chrom, p) for i in screen.covered[Assembly.GRCH38].intervals() for p in range(i.start, i.end)
    }
    assert merged == {(chrom, p) for chrom, start, end in covered for p in range(start, end)}
    unknown = Counter(name for name, *_ in lines if parse_contig(name) is None)
    assert screen.unknown_contigs.total() == unknown.total()


def test_hits_know_which_index_they_met() -> None:
    header = parse_header(a_vcf().text().rstrip("\n").split("\n"))
    screen = Screen(INDEX, header, (9,), (Assembly.GRCH38,), IssueLog())
    screen.feed(b"chr1\t107\t.\tA\tC\t.\t.\t.\tGT\t0/1\nchr1\t150\t.\tA\tC\t.\t.\t.\tGT\t0/1\n")
    assert [(bool(line.every), bool(line.carriers)) for line in screen.hits] == [(True, True), (False, True)]


def test_only_the_asked_sample_columns_are_kept() -> None:
    header = parse_header(a_vcf("A", "B", "C").text().rstrip("\n").split("\n"))
    screen = Screen(INDEX, header, (11, 9), (Assembly.GRCH38,), IssueLog())
    screen.feed(b"chr1\t107\t.\tA\tC\t.\t.\t.\tGT\t0/0\t1/1\t0/1\r\n")
    assert screen.hits[0].text.split("\t")[9:] == ["0/1", "0/0"]


@pytest.mark.parametrize("alt", ["A", "*", "<NON_REF>", "<*>", "."])
def test_what_is_no_structural_allele(alt: str) -> None:
    assert structural_kind(alt) is None


@pytest.mark.parametrize(
    ("alt", "kind"), [("<CNV>", "CNV"), ("]13:123456]T", "BND"), ("G.", "BND"), (".TC", "BND")]
)
def test_kinds_of_structural_alleles(alt: str, kind: str) -> None:
    assert structural_kind(alt) == kind


def test_a_file_of_many_blocks_is_read_whole(tmp_path: Path) -> None:
    from service.domain.case import CaseRequest, Subject
    from service.variants.case_reader import CaseReader

    vcf = a_vcf()
    for pos in range(1, 60_001):
        vcf.record("chr1", pos, "A", "C", "0/1")
    case = CaseReader(INDEX).read(vcf.write(tmp_path / "a.vcf.bgz"), CaseRequest(Subject("s")))
    assert case.record_count == 60_000
    assert [call.variant.start for call in case.calls] == [*range(100, 200), 300]
    assert {call.line for call in case.calls} == {start + 14 for start in [*range(100, 200), 300]}

"""Bad input: what a person is told, and that one bad record never sinks a file."""

import gzip
import io
from pathlib import Path

import pysam
import pytest

from service.domain.assembly import Assembly
from service.domain.case import Case, CaseRequest, Subject
from service.domain.screening import KnownSite, ScreenIndex
from service.domain.variant import Interval
from service.errors import InvalidVcf, StorageUnavailable
from service.variants.bcf import bcf_as_text
from service.variants.case_reader import CaseReader
from tests.builders import a_vcf

SITE = KnownSite("10", 94781858, "G", "rs4244285")
INDEX = ScreenIndex.of(
    Assembly.GRCH38,
    every=[Interval("10", 94_000_000, 95_000_000)],
    carriers=[Interval("17", 43_000_000, 43_200_000)],
    known_sites=[SITE],
)
GOOD = ("chr10", 94781859, "G", "A", "0/1")


def read(content: bytes, sample: str | None = None) -> Case:
    return CaseReader(INDEX).read(io.BytesIO(content), CaseRequest(Subject("s"), sample=sample))


def told(case: Case) -> list[tuple[str | None, str]]:
    return [(issue.where, issue.text) for issue in case.issues]


def blocked(content: bytes, path: Path) -> bytes:
    with pysam.BGZFile(str(path), "wb") as stream:
        stream.write(content)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the input is empty"),
        (gzip.compress(b"", mtime=0), "the file is empty"),
        (b"PK\x03\x04 something else", "this is not a VCF"),
        (b">chr1\nACGT\n", "this is not a VCF"),
        (b"#CHROM\tPOS\n", "does not begin with ##fileformat"),
        (b"##fileformat=VCFv3.3\n#CHROM\tPOS\n", "VCF version 3.3 was read, expected 4.1 to 4.5"),
        (b"##fileformat=VCFv4.2\n##contig=<ID=1>\n", "no line that begins with #CHROM"),
        (b"##fileformat=VCFv4.2\n#CHROM POS ID REF ALT\n", "separated by tabs"),
        (
            b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t1\t.\tA\tC\t.\t.\t.\n",
            "no sample column",
        ),
        (
            b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tA\n",
            "two sample columns have the same name",
        ),
    ],
)
def test_what_is_not_a_vcf_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InvalidVcf, match=message):
        read(content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidVcf, match=r"gone\.vcf: the file cannot be opened"):
        CaseReader(INDEX).read(tmp_path / "gone.vcf", CaseRequest(Subject("s")))


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.95])
def test_truncated_gzip_is_refused(kept: float) -> None:
    vcf = a_vcf()
    for offset in range(2000):
        vcf.record("chr1", 1000 + offset * 7, "A", "C", "0/1")
    content = gzip.compress(vcf.encoded())
    with pytest.raises(InvalidVcf, match="cut short"):
        read(content[: int(len(content) * kept)])


@pytest.mark.parametrize("size", [1, 2, 3, 11, 17])
def test_the_beginning_of_a_gzip_header_is_refused(size: int) -> None:
    with pytest.raises(InvalidVcf):
        read(gzip.compress(a_vcf().encoded())[:size])


def test_truncated_bgzip_is_refused(tmp_path: Path) -> None:
    content = blocked(a_vcf().record(*GOOD).encoded(), tmp_path / "a")
    with pytest.raises(InvalidVcf, match="cut short"):
        read(content[:-40])


def test_bgzip_cut_at_a_block_edge_is_refused(tmp_path: Path) -> None:
    content = blocked(a_vcf().record(*GOOD).encoded(), tmp_path / "a")
    assert read(content).record_count == 1
    with pytest.raises(InvalidVcf, match="no end-of-file block"):
        read(content[:-28])


def test_damaged_gzip_is_refused() -> None:
    content = bytearray(gzip.compress(a_vcf().record(*GOOD).encoded()))
    content[-6] ^= 0xFF  # in the checksum
    with pytest.raises(InvalidVcf, match="damaged"):
        read(bytes(content))


def test_truncated_bcf_is_refused(tmp_path: Path) -> None:
    vcf = a_vcf()
    for offset in range(20_000):
        vcf.record("chr1", 1000 + offset * 7, "A", "C", "0/1")
    content = vcf.write(tmp_path / "a.bcf").read_bytes()
    with pytest.raises(InvalidVcf, match="cut short"):
        read(content[: len(content) // 2])


def test_a_bcf_has_no_name_in_any_folder_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that is killed meanwhile leaves nothing of the patient on the disk."""
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    content = a_vcf().record(*GOOD).write(tmp_path / "a.bcf").read_bytes()
    blocks = bcf_as_text(iter([content[:50], content[50:]]))
    assert next(blocks).startswith(b"##fileformat")
    assert list(spool.iterdir()) == []
    assert len(b"".join(blocks).splitlines()) == 1


def test_a_bcf_that_finds_no_room_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = a_vcf().record(*GOOD).write(tmp_path / "a.bcf").read_bytes()
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: full)
        with pytest.raises(StorageUnavailable, match="No space left"):
            next(bcf_as_text(iter([content])))


def test_a_text_file_that_ends_within_a_record_is_refused() -> None:
    content = a_vcf().record(*GOOD).record("chr17", 43_100_000, "C", "T", "0/1").encoded()
    with pytest.raises(InvalidVcf, match="line 16: the file ends in the middle of a record: 4 columns"):
        read(content[: content.rindex(b"\tT\t")])


def test_a_last_line_without_newline_is_read() -> None:
    assert read(a_vcf().record(*GOOD).encoded()[:-1]).record_count == 1


def test_header_only_says_that_nothing_was_read() -> None:
    case = read(a_vcf().contig("chr10", assembly="GRCh38").encoded())
    assert case.record_count == 0
    assert "nothing was read" in case.issues[0].text
    assert read(a_vcf().contig("chr10", assembly="GRCh38").encoded()[:-1]).record_count == 0


def test_several_samples_need_a_choice() -> None:
    with pytest.raises(InvalidVcf, match="holds 3 samples: name the one to read with --sample"):
        read(a_vcf("A", "B", "C").record(*GOOD).encoded())


def test_a_sample_that_is_not_in_the_file_is_refused_without_naming_anyone() -> None:
    with pytest.raises(InvalidVcf) as refused:
        read(a_vcf("Anna", "Berta").record(*GOOD).encoded(), sample="Clara")
    assert "not among the 2 sample columns" in str(refused.value)
    assert not {"Anna", "Berta", "Clara"} & set(str(refused.value).split())


@pytest.mark.parametrize(
    ("record", "issue"),
    [
        (("chr10", "abc", "G", "A", "0/1"), "POS is 'abc', expected a positive whole number"),
        (("chr10", "-5", "G", "A", "0/1"), "POS is '-5', expected"),
        (("chr10", "", "G", "A", "0/1"), "POS is '', expected"),
        (("chr10", "99999999999999999999", "G", "A", "0/1"), "POS is '99999999999999999999', expected"),
        (("chr10", 133_797_423, "G", "A", "0/1"), "beyond the end of its chromosome in GRCh38"),
        (("chr10", 94_500_000, "G", "A", "0/2"), "GT names an allele beyond the 1 of ALT"),
        (("chr10", 94_500_000, "G", "A", "0/x"), "GT is not made of allele numbers"),
        (("chr10", 94_500_000, "G", "A", ""), "GT is not made of allele numbers"),
        (("chr10", 94_500_000, "G", "A", "0//1"), "GT is not made of allele numbers"),
        (("chr10", 94_500_000, "Q", "A", "0/1"), "REF is not made of A, C, G, T and N"),
        (("chr10", 94_500_000, "", "A", "0/1"), "REF is not made of A, C, G, T and N"),
        (("chr10", 94_500_000, "G", "A,,T", "0/1"), "ALT holds an empty allele"),
        (("chr10", 94_500_000, "G", "G", "0/1"), "an ALT allele equals REF"),
    ],
)
def test_one_bad_record_is_one_issue(record: tuple[str, int | str, str, str, str], issue: str) -> None:
    case = read(a_vcf().record(*record).record(*GOOD).encoded())
    assert len(case.issues) == 1
    assert case.issues[0].where == "line 14"
    assert issue in case.issues[0].text
    assert [call.variant.start for call in case.calls] == [94781858]
    assert case.record_count == 2


def test_an_alternate_that_is_not_bases_is_counted() -> None:
    case = read(a_vcf().record("chr10", 94_500_000, "G", "AR", "0/1").record(*GOOD).encoded())
    assert (
        "1 symbolic or breakend alleles were not interpreted (alleles that are not bases 1)"
        in told(case)[0][1]
    )


def test_wrong_column_counts_are_issues_wherever_they_are() -> None:
    vcf = (
        a_vcf().line("chr1\t5\t.\tA\tC\t.\tPASS").record(*GOOD).line("chr1\t5\t.\tA\tC\t.\t.\t.\tGT\t0/1\t9")
    )
    assert told(read(vcf.encoded())) == [
        ("line 14", "the record has 7 columns, expected 10; it was not read"),
        ("line 16", "the record has 11 columns, expected 10; it was not read"),
    ]


def test_a_file_of_spaces_instead_of_tabs_is_refused() -> None:
    vcf = a_vcf().contig("chr10", assembly="GRCh38").line("chr10 94781859 . G A . PASS . GT 0/1")
    with pytest.raises(InvalidVcf, match="none of 1 records has the columns"):
        read(vcf.encoded())


def test_many_alike_issues_are_one_with_a_count() -> None:
    vcf = a_vcf().record(*GOOD)
    for offset in range(30):
        vcf.record("chr10", 94_500_000 + offset, "G", "A", "0/7")
    (issue,) = read(vcf.encoded()).issues
    assert issue.text == "30 records: GT names an allele beyond the 1 of ALT; the record was not read"
    assert issue.where == "first at line 15"


def test_windows_line_ends_are_read_and_told() -> None:
    case = read(a_vcf().record(*GOOD).windows_line_ends().encoded())
    assert case.records[0].genotype == (0, 1)
    assert [issue.severity for issue in case.issues] == ["information"]


def test_a_byte_order_mark_is_read_over() -> None:
    assert read(b"\xef\xbb\xbf" + a_vcf().record(*GOOD).encoded()).record_count == 1


def test_gzip_of_several_members_is_read_whole() -> None:
    content = a_vcf().record(*GOOD).encoded()
    half = len(content) // 2
    assert read(gzip.compress(content[:half]) + gzip.compress(content[half:])).record_count == 1


def test_a_record_without_genotype_calls_nothing_and_says_so() -> None:
    vcf = a_vcf().record("chr10", 94781859, "G", "A", "22", fields="DP")
    case = read(vcf.encoded())
    assert case.records[0].genotype == ()
    assert told(case) == [("line 14", "the record has no genotype (GT) for the sample; it calls nothing")]


def test_more_hits_than_a_genome_can_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.variants.screen.MOST_HITS", 2)
    with pytest.raises(InvalidVcf, match="this is not one genome"):
        read(a_vcf().record(*GOOD).record(*GOOD).record(*GOOD).encoded())


def test_blank_lines_are_no_records() -> None:
    case = read(a_vcf().record(*GOOD).encoded() + b"\n\n")
    assert (case.record_count, case.issues) == (1, ())


def test_bytes_that_are_not_utf8_are_told_and_the_record_is_read() -> None:
    content = a_vcf().record(*GOOD, info="NOTE=X").encoded().replace(b"NOTE=X", b"NOTE=\xe9")
    case = read(content)
    assert told(case) == [("line 14", "the line is not UTF-8 text; other characters were replaced")]
    assert case.records[0].genotype == (0, 1)


def test_unknown_contigs_are_counted() -> None:
    vcf = (
        a_vcf()
        .record(*GOOD)
        .record("chrUn_KI270302v1", 5, "A", "C", "0/1")
        .record("HLA-A", 5, "A", "C", "0/1")
    )
    (issue,) = read(vcf.encoded()).issues
    assert issue.text.startswith("2 records lie on 2 contigs that were not read (HLA-A, chrUn_KI270302v1)")


def test_a_file_of_unknown_contigs_only_is_refused() -> None:
    vcf = a_vcf().contig("chr10", assembly="GRCh38").record("scaffold_7", 5, "A", "C", "0/1")
    with pytest.raises(InvalidVcf, match="no record is on a known chromosome"):
        read(vcf.encoded())


def test_no_message_carries_a_genotype() -> None:
    vcf = a_vcf().record("chr10", 94_500_000, "G", "A", "0/2").record("chr10", 94_500_001, "C", "A", "1|x")
    for _, text in told(read(vcf.record(*GOOD).encoded())):
        assert "0/2" not in text
        assert "1|x" not in text


def test_a_stream_is_read_like_a_file(tmp_path: Path) -> None:
    path = a_vcf().record(*GOOD).write(tmp_path / "a.vcf.bgz")
    reader, request = CaseReader(INDEX), CaseRequest(Subject("s"))

    class Trickle(io.RawIOBase):
        """A pipe: a few bytes at a time, no seeking."""

        def __init__(self) -> None:
            self._rest = path.read_bytes()

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            chunk, self._rest = self._rest[: min(size, 7)], self._rest[min(size, 7) :]
            return chunk

    piped, filed = reader.read(Trickle(), request), reader.read(path, request)
    assert (piped.calls, piped.input_digest) == (filed.calls, filed.input_digest)
    assert piped.calls

"""The column store gives back exactly what the sites file says, and nothing else."""

import gzip
import random
from pathlib import Path

import numpy as np
import pytest

from service.domain.assembly import Assembly
from service.errors import InvalidInput
from service.frequency.column_store import build as building
from service.frequency.column_store.alleles import NOT_SNV, allele_key, parsimonious, snv_code
from service.frequency.column_store.blocks import read_blocks
from service.frequency.column_store.build import BuildReport, build_store
from service.frequency.column_store.queries import questions
from service.frequency.column_store.store import ColumnStore, StoredCounts

HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def sites_vcf(folder: Path, *records: str, name: str = "sites.vcf") -> Path:
    path = folder / name
    path.write_text(HEADER + "".join(record.replace(" ", "\t") + "\n" for record in records), "ascii")
    return path


def store_of(folder: Path, *records: str) -> ColumnStore:
    build_store(
        [sites_vcf(folder, *records)], folder / "s.gwc", assembly=Assembly.GRCH38, dataset="d", version="1"
    )
    return ColumnStore(folder / "s.gwc")


def test_each_allele_of_a_site_has_its_own_counts(tmp_path: Path) -> None:
    store = store_of(tmp_path, "chr1 101 . A G,T . PASS AC=3,0;AN=200;nhomalt=1,0")
    assert store.find("1", 100, "A", "G") == StoredCounts(3, 200, 1)
    assert store.find("1", 100, "A", "T") == StoredCounts(0, 200, 0)
    assert store.find("1", 100, "A", "C") is None
    assert store.find("1", 101, "A", "G") is None
    assert store.find("2", 100, "A", "G") is None


def test_alleles_of_any_length_are_verified_base_by_base(tmp_path: Path) -> None:
    long_alt = "A" + "ACGT" * 60
    store = store_of(tmp_path, f"1 50 . A {long_alt} . . AC=2;AN=10", "1 50 . A AT . . AC=1;AN=10")
    assert store.find("1", 49, "A", long_alt) == StoredCounts(2, 10, None)
    assert store.find("1", 49, "A", long_alt[:-1] + "A") is None
    assert store.find("1", 49, "A", "AT") == StoredCounts(1, 10, None)


def test_equal_digests_of_different_alleles_do_not_match(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (building, __import__("service.frequency.column_store.store", fromlist=["store"])):
        monkeypatch.setattr(module, "allele_key", lambda _ref, _alt: 1 << 63)
    store = store_of(tmp_path, f"1 50 . A {'A' * 40}C . . AC=2;AN=10")
    assert store.find("1", 49, "A", "A" * 40 + "G") is None
    assert store.find("1", 49, "A", "A" * 40 + "C") == StoredCounts(2, 10, None)


def test_padded_spellings_find_the_same_allele(tmp_path: Path) -> None:
    store = store_of(tmp_path, "1 100 . CTT CT . PASS AC=4;AN=8")
    assert store.find("1", 99, "CT", "C") == StoredCounts(4, 8, None)
    assert store.find("1", 98, "GCT", "GC") is not None


def test_what_did_not_pass_or_has_no_counts_is_left_out_and_counted(tmp_path: Path) -> None:
    path = sites_vcf(
        tmp_path, "1 1 . A C . AC0 AC=0;AN=2", "1 2 . A C . PASS DP=3", "1 3 . A C . . AC=1;AN=2"
    )
    report = build_store([path], tmp_path / "s", assembly=Assembly.GRCH38, dataset="d", version="1")
    assert report == BuildReport(sites=1, filtered=1, without_counts=1)


def test_a_missing_value_costs_its_own_record(tmp_path: Path) -> None:
    """VCF writes a value that is not known as a dot: no reason to refuse a nation's file."""
    store = store_of(
        tmp_path,
        "1 1 . A C . PASS AC=.;AN=8;nhomalt=1",
        "1 2 . A C,G . PASS AC=3,.;AN=8;nhomalt=1,0",
        "1 3 . A C . PASS AC=3;AN=8;nhomalt=.",
        "1 4 . A C . PASS AC=3;AN=8;AC_Hom=.;AC_Het=3",
        "1 5 . A C . PASS AC=2;AN=.;nhomalt=1",
        "1 6 . A C,G . PASS AC=.;AN=8",
    )
    expected = [None, StoredCounts(3, 8, 1), StoredCounts(3, 8, None), StoredCounts(3, 8, None), None, None]
    assert [store.find("1", start, "A", "C") for start in range(6)] == expected
    assert store.sites == 3
    with pytest.raises(InvalidInput, match="not a number") as raised:
        store_of(tmp_path, "1 77 . A C . PASS AC=x;AN=8;nhomalt=1")
    assert raised.value.where == "sites VCF, position 77"


@pytest.mark.parametrize(
    "record", ["1 1 . A C . PASS AC=9;AN=2", "1 1 . A C . PASS AC=x;AN=2", "1 x . A C . . AC=1;AN=2"]
)
def test_a_record_that_contradicts_itself_stops_the_build_and_leaves_nothing(
    tmp_path: Path, record: str
) -> None:
    with pytest.raises(InvalidInput):
        build_store(
            [sites_vcf(tmp_path, record)], tmp_path / "s", assembly=Assembly.GRCH38, dataset="d", version="1"
        )
    assert {path.name for path in tmp_path.iterdir()} == {"sites.vcf"}


def test_a_store_of_the_form_before_is_read_and_marks_nothing(tmp_path: Path) -> None:
    """In it, AC 0 with homozygotes was what the source said."""
    store_of(tmp_path, "1 1 . A C . PASS AC=3;AN=8;nhomalt=1", "1 2 . A C . PASS AC=.;AN=8;nhomalt=1").close()
    octets = (tmp_path / "s.gwc").read_bytes()
    assert octets.startswith(b"GWCOLS03")
    (tmp_path / "old.gwc").write_bytes(b"GWCOLS02" + octets[8:])
    old = ColumnStore(tmp_path / "old.gwc")
    assert old.find("1", 0, "A", "C") == StoredCounts(3, 8, 1)
    assert old.find("1", 1, "A", "C") == StoredCounts(0, 8, 1)


def test_the_first_record_without_counts_is_told_by_its_number(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over blocks and chromosomes; a chromosome of which nothing has counts is read too."""
    monkeypatch.setattr("service.frequency.column_store.blocks.BLOCK_BYTES", 64)
    records = [f"1 {n} . A C . PASS AC=1;AN=8;nhomalt=0" for n in range(1, 20)]
    store = store_of(tmp_path, *records, "2 7 . A C . PASS AC=.;AN=8", "2 9 . A C . PASS AN=8")
    assert "AC or AN: 2, the first is number 20;" in caplog.text
    assert store.sites == 19
    unknown = store.lookup(
        "2", np.array([6, 8]), np.full(2, snv_code(b"A", b"C"), np.uint8), np.zeros(2, np.uint64), {}
    )
    assert unknown[0].tolist() == [-2, -2]


def test_homozygotes_of_nobody_are_no_mark(tmp_path: Path) -> None:
    store = store_of(tmp_path, "1 1 . A C . PASS AC=0;AN=8;nhomalt=1")
    assert store.find("1", 0, "A", "C") == StoredCounts(0, 8, 0)


def test_a_store_of_another_version_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "old.gwc").write_bytes(b"GWCOLS01" + bytes(40))
    with pytest.raises(InvalidInput, match="another version"):
        ColumnStore(tmp_path / "old.gwc")


def test_a_truncated_gzip_is_an_error(tmp_path: Path) -> None:
    whole = gzip.compress(
        sites_vcf(tmp_path, *(f"1 {n} . A C . . AC=1;AN=2" for n in range(1, 999))).read_bytes()
    )
    (tmp_path / "cut.vcf.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InvalidInput, match=r"cut\.vcf\.gz"):
        list(read_blocks(tmp_path / "cut.vcf.gz"))


def test_many_sites_agree_with_a_dictionary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "CHUNK_SITES", 50)
    random.seed(7)
    truth: dict[tuple[str, int, str, str], StoredCounts] = {}
    for chrom in ("1", "2", "X"):
        for pos in sorted(random.sample(range(1, 5000), 900)):
            ref = random.choice("ACGT")
            for alt in {random.choice("ACGT"), ref + random.choice("ACGT") * random.randint(1, 40)} - {ref}:
                number = random.choice([1000, 1000, 1000, 998, 0, 152000])
                truth[chrom, pos - 1, ref, alt] = StoredCounts(random.randint(0, number), number, None)
    lines = [
        f"{chrom} {start + 1} . {ref} {alt} . PASS AC={c.allele_count};AN={c.allele_number}"
        for (chrom, start, ref, alt), c in truth.items()
    ]
    store = store_of(tmp_path, *lines)
    assert store.sites == len(truth)
    for (chrom, start, ref, alt), counts in truth.items():
        found = store.find(chrom, start, ref, alt)
        if len(alt) > 1 and alt[-1] == ref and len(ref) > 1:
            continue
        assert found == counts
    for chrom, start, ref, _alt in list(truth)[:300]:
        assert store.find(chrom, start, ref, ref + "ACGTN") is None
    store.close()


def test_blocks_find_the_columns_of_every_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.frequency.column_store.blocks.BLOCK_BYTES", 64)
    records = [
        f"{'chr1' if n < 40 else 'chr11'} {10 ** (n % 9) + n} id{n} A {'C' * (1 + n % 3)} . PASS AC=1;AN=9"
        for n in range(80)
    ]
    path = sites_vcf(tmp_path, *records)
    seen = []
    for block in read_blocks(path):
        for low, high, name in block.contigs:
            for n in range(low, high):
                ref, alt = block.alleles(n)
                seen.append(f"{name.decode()} {block.start[n] + 1} {ref.decode()} {alt.decode()}")
        assert block.code.dtype == np.uint8
    assert seen == [" ".join(r.split(" ")[i] for i in (0, 1, 3, 4)) for r in records]


def test_packed_questions_equal_the_keys_of_single_alleles(tmp_path: Path) -> None:
    random.seed(11)
    alleles = [
        (
            "".join(random.choices("ACGT", k=random.randint(1, 14))),
            "".join(random.choices("ACGTN", k=random.randint(1, 14))),
        )
        for _ in range(500)
    ]
    alleles = [(ref, alt) for ref, alt in alleles if ref != alt]
    path = sites_vcf(tmp_path, *(f"1 {100 + n} . {ref} {alt} . . ." for n, (ref, alt) in enumerate(alleles)))
    (block,) = read_blocks(path)
    asked = questions(block, 0, len(alleles))
    for n, (ref, alt) in enumerate(alleles):
        start, r, a = parsimonious(99 + n, ref.encode(), alt.encode())
        code = snv_code(r, a)
        assert (asked.start[n], asked.code[n]) == (start, code)
        if code == NOT_SNV:
            assert int(asked.key[n]) == allele_key(r, a)

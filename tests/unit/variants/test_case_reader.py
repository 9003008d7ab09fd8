"""What a Case holds after a file was read."""

import hashlib
import io
from pathlib import Path
from typing import ClassVar

import pytest

from service.domain.assembly import Assembly
from service.domain.case import Case, CaseRequest, InterpretOptions, Sex, Subject
from service.domain.screening import KnownSite, ScreenIndex
from service.domain.sequence import LiftRefusal
from service.domain.variant import CoveredIntervals, Interval, Variant, Zygosity
from service.errors import InvalidOption, InvalidVcf
from service.variants.case_reader import CaseReader
from tests.builders import VcfSample, a_vcf

# CYP2C19 rs4244285 (*2) and rs4986893 (*3); BRCA1 and G6PD stand for genes whose carriers are kept.
SITES_38 = (
    KnownSite("10", 94781858, "G", "rs4244285"),
    KnownSite("10", 94780652, "G", "rs4986893"),
    KnownSite("10", 94762705, "C", None),
)
SITES_37 = (
    KnownSite("10", 96541615, "G", "rs4244285"),
    KnownSite("10", 96540409, "G", "rs4986893"),
)
EVERY = [Interval(site.chrom, site.start - 50, site.start + 51) for site in SITES_38]
CARRIERS = [
    Interval("17", 43_044_000, 43_126_000),
    Interval("X", 2_000_000, 2_000_500),
    Interval("X", 154_530_000, 154_547_000),
    Interval("Y", 2_786_000, 2_788_000),
    Interval("MT", 0, 16_569),
]
GRCH38 = ScreenIndex.of(Assembly.GRCH38, every=EVERY, carriers=CARRIERS, known_sites=SITES_38)
GRCH37 = ScreenIndex.of(
    Assembly.GRCH37,
    every=[Interval(site.chrom, site.start - 50, site.start + 51) for site in SITES_37],
    carriers=[Interval("17", 41_196_000, 41_278_000)],
    known_sites=SITES_37,
)
INDEX = ScreenIndex(
    {**GRCH38.every, **GRCH37.every},
    {**GRCH38.carriers, **GRCH37.carriers},
    {**GRCH38.known_sites, **GRCH37.known_sites},
)


class ShiftedLiftover:
    """A liftover for tests: BRCA1 and CYP2C19 by their offsets; everything else has no place."""

    OFFSETS: ClassVar = {"10": -1_759_757, "17": 1_847_983}

    def lift(self, variant: Variant, to: Assembly) -> Variant | LiftRefusal:
        if variant.start == 41_200_000:
            return LiftRefusal(variant, to, "the position is not aligned between the assemblies")
        offset = self.OFFSETS[variant.chrom]
        return Variant(to, variant.chrom, variant.start + offset, variant.ref, variant.alt)


class Bases:
    """A reference for tests: one stretch of chromosome 17."""

    START = 43_050_000
    TEXT = "ACGTTTTTGCACACACAG"

    def bases(self, assembly: Assembly, chrom: str, start: int, end: int) -> str:
        known = assembly is Assembly.GRCH38 and chrom == "17"
        places = (place - self.START for place in range(start, end))
        return "".join(self.TEXT[p] if known and 0 <= p < len(self.TEXT) else "N" for p in places)


def read(
    vcf: VcfSample | bytes,
    *,
    sex: Sex = Sex.UNKNOWN,
    sample: str | None = None,
    assembly: Assembly | None = None,
    pedigree: str | None = None,
    coverage: CoveredIntervals | None = None,
    reader: CaseReader = CaseReader(INDEX, ShiftedLiftover()),  # noqa: B008 - frozen
) -> Case:
    content = vcf if isinstance(vcf, bytes) else vcf.encoded()
    request = CaseRequest(
        Subject("s"),
        sample=sample,
        assembly=assembly,
        options=InterpretOptions(sex=sex),
        pedigree=pedigree,
        coverage=coverage,
    )
    return reader.read(io.BytesIO(content), request)


def texts(case: Case) -> str:
    return "\n".join(f"{issue.where}: {issue.text}" for issue in case.issues)


@pytest.mark.parametrize("name", ["a.vcf", "a.vcf.gz", "a.vcf.bgz", "a.bcf"])
def test_every_container_gives_the_same_case(tmp_path: Path, name: str) -> None:
    vcf = a_vcf().record("chr10", 94781859, "G", "A", "0/1:10,12:22", fields="GT:AD:DP")
    path = vcf.write(tmp_path / name)
    case = CaseReader(INDEX).read(path, CaseRequest(Subject("s")))
    assert case.input_digest == hashlib.sha256(path.read_bytes()).hexdigest()
    (record,) = case.records
    assert (record.chrom, record.start, record.genotype, record.allele_depths) == (
        "10",
        94781858,
        (0, 1),
        (10, 12),
    )
    (call,) = case.calls
    assert call.variant == Variant(Assembly.GRCH38, "10", 94781858, "G", "A")
    assert (call.zygosity, call.depth, call.allele_fraction) == (Zygosity.HETEROZYGOUS, 22, 12 / 22)
    assert case.record_count == 1
    assert case.sample == "P1"


@pytest.mark.parametrize("contig", ["chr10", "10", "NC_000010.11"])
def test_contig_names_of_every_convention_are_read(contig: str) -> None:
    case = read(a_vcf().record(contig, 94781859, "G", "A", "1/1"))
    assert case.calls[0].zygosity is Zygosity.HOMOZYGOUS


@pytest.mark.parametrize("version", ["4.1", "4.2", "4.3", "4.4", "4.5"])
def test_versions_4_1_to_4_5_are_read_without_remark(version: str) -> None:
    assert read(a_vcf(version=version).record("chr10", 94781859, "G", "A", "0/1")).issues == ()


def test_reference_records_are_kept_at_pharmacogene_sites_only() -> None:
    case = read(
        a_vcf().record("chr10", 94781859, "G", "A", "0/0").record("chr17", 43_050_000, "G", "A", "0/0")
    )
    assert [record.chrom for record in case.records] == ["10"]
    assert case.calls == ()
    assert case.has_reference_calls
    assert case.record_count == 2


def test_a_no_call_record_is_kept_at_a_pharmacogene_site() -> None:
    (record,) = read(a_vcf().record("chr10", 94781859, "G", "A", "./.")).records
    assert record.genotype == (None, None)


def test_records_outside_the_index_count_and_leave_nothing() -> None:
    case = read(a_vcf().record("chr1", 1000, "G", "A", "0/1"))
    assert (case.record_count, case.records, case.calls) == (1, (), ())


def test_a_long_deletion_that_reaches_into_the_index_is_kept() -> None:
    ref = "A" + "C" * 300
    case = read(a_vcf().record("chr17", 43_043_800, ref, "A", "0/1"))
    assert case.calls[0].variant.ref == ref


def test_multiallelic_genotypes_are_split_with_their_fractions() -> None:
    case = read(a_vcf().record("chr17", 43_100_000, "CT", "C,CTT", "1|2:3,4,5", fields="GT:AD"))
    spelled = [(call.variant.ref, call.variant.alt, call.copy, call.zygosity) for call in case.calls]
    assert spelled == [
        ("C", "CT", 1, Zygosity.HETEROZYGOUS),
        ("CT", "C", 0, Zygosity.HETEROZYGOUS),
    ]
    assert [call.allele_fraction for call in case.calls] == [5 / 12, 4 / 12]


def test_phase_sets_are_kept_for_phased_genotypes_only() -> None:
    case = read(
        a_vcf()
        .record("chr17", 43_100_000, "C", "T", "0|1:7", fields="GT:PS")
        .record("chr17", 43_100_010, "C", "T", "0/1:7", fields="GT:PS")
        .record("chr17", 43_100_020, "C", "T", "1|0")
    )
    assert [(c.phased, c.phase_set, c.copy) for c in case.calls] == [
        (True, "7", 1),
        (False, None, None),
        (True, None, 0),
    ]


def test_a_leading_phase_separator_of_vcf_4_4_is_read() -> None:
    case = read(a_vcf(version="4.4").record("chr17", 43_100_000, "C", "T", "|0|1"))
    assert (case.calls[0].phased, case.calls[0].copy) == (True, 1)


def test_a_spanning_deletion_allele_is_no_call_of_its_own() -> None:
    case = read(a_vcf().record("chr17", 43_100_000, "C", "T,*", "1/2"))
    assert [call.variant.alt for call in case.calls] == ["T"]
    assert case.issues == ()


def test_filters_and_info_are_kept() -> None:
    case = read(
        a_vcf().record(
            "chr17", 43_100_000, "C", "T", "0/1", filters="LowQual", info="REVEL=0.9;DB", rsid="rs1"
        )
    )
    (call,) = case.calls
    assert (call.filters, call.passed, call.rsid) == (("LowQual",), False, "rs1")
    assert call.info == (("REVEL", "0.9"), ("DB", ""))


def test_a_sample_filter_counts_like_filter() -> None:
    case = read(a_vcf().record("chr17", 43_100_000, "C", "T", "0/1:q10", fields="GT:FT"))
    assert case.calls[0].filters == ("q10",)


def test_the_fraction_comes_from_format_af_where_depths_are_missing() -> None:
    case = read(a_vcf().record("chr17", 43_100_000, "C", "T", "0/1:0.31", fields="GT:AF"))
    assert case.calls[0].allele_fraction == 0.31


def test_duplicates_are_merged_and_a_disagreement_is_told() -> None:
    case = read(
        a_vcf()
        .record("chr17", 43_100_000, "C", "T", "0/1")
        .record("chr17", 43_100_000, "C", "T", "0/1")
        .record("chr17", 43_100_000, "C", "T", "1/1")
    )
    assert [call.zygosity for call in case.calls] == [Zygosity.UNKNOWN]
    assert "line 16: the same variant is in an earlier record" in texts(case)


def test_a_passing_duplicate_is_preferred() -> None:
    case = read(
        a_vcf()
        .record("chr17", 43_100_000, "C", "T", "0/1", filters="LowQual")
        .record("chr17", 43_100_000, "C", "T", "0/1")
    )
    assert [call.passed for call in case.calls] == [True]


def test_record_order_does_not_matter() -> None:
    lines = [
        ("chr17", 43_100_000, "C", "T"),
        ("chr10", 94781859, "G", "A"),
        ("chr17", 43_060_000, "G", "A"),
        ("chr10", 94780653, "G", "A"),
    ]
    forward, backward = a_vcf(), a_vcf()
    for line in lines:
        forward.record(*line, "0/1")
    for line in reversed(lines):
        backward.record(*line, "0/1")

    def places(case: Case) -> list[Variant]:
        return [call.variant for call in case.calls]

    assert places(read(forward)) == places(read(backward))
    assert [variant.pos for variant in places(read(forward))] == [94780653, 94781859, 43_060_000, 43_100_000]


def test_indels_are_left_aligned_where_the_reference_is_known() -> None:
    # ACG TTTTT GCACACACAG: the last T deleted, and CA inserted behind the repeat
    vcf = a_vcf().record("chr17", 43_050_007, "TT", "T", "0/1").record("chr17", 43_050_017, "A", "ACA", "0/1")
    case = read(vcf, reader=CaseReader(INDEX, None, Bases()))
    assert [(c.variant.start - Bases.START, c.variant.ref, c.variant.alt) for c in case.calls] == [
        (2, "GT", "G"),
        (8, "G", "GCA"),
    ]


def test_grch37_calls_are_placed_on_grch38_and_records_stay_as_written() -> None:
    vcf = (
        a_vcf(assembly="GRCh37")
        .record("10", 96541616, "G", "A", "0/1")
        .record("17", 41_200_001, "C", "T", "0/1")
        .record("17", 41_250_000, "C", "T", "0/1")
    )
    case = read(vcf)
    assert case.assembly is Assembly.GRCH37
    assert [record.start for record in case.records] == [96541615]
    assert [call.variant.start for call in case.calls] == [94781858, 43_097_982]
    assert case.calls[0].lifted_from == Variant(Assembly.GRCH37, "10", 96541615, "G", "A")
    assert (
        "1 variants could not be placed on GRCh38 from GRCh37: "
        "the position is not aligned between the assemblies" in texts(case)
    )


def test_grch37_without_a_liftover_says_so() -> None:
    case = read(a_vcf(assembly="GRCh37").record("17", 41_250_000, "C", "T", "0/1"), reader=CaseReader(INDEX))
    assert case.calls == ()
    assert "no liftover is configured" in texts(case)


@pytest.mark.parametrize("alt", ["<NON_REF>", "<*>", "."])
def test_reference_blocks_cover_positions(alt: str) -> None:
    vcf = a_vcf().record("chr10", 94781000, "A", alt, "0/0:30:90", info="END=94782000", fields="GT:DP:GQ")
    case = read(vcf)
    assert case.covered.covers("10", 94781858, 94781859)
    assert case.covered.intervals() == (Interval("10", 94780999, 94782000),)
    assert case.has_reference_calls
    assert case.records == ()
    assert case.calls == ()


def test_reference_blocks_by_length_cover_positions() -> None:
    vcf = a_vcf(version="4.5").record("chr10", 94781801, "A", "<*>", "0/0:100", fields="GT:LEN")
    assert read(vcf).covered.intervals() == (Interval("10", 94781800, 94781900),)


def test_the_end_of_a_block_is_found_anywhere_in_info() -> None:
    vcf = a_vcf().record("chr10", 94781801, "A", "<NON_REF>", "0/0", info="DP=3;END=94781900")
    assert read(vcf).covered.covers("10", 94781850, 94781900)


@pytest.mark.parametrize(
    ("filters", "fields", "genotype"),
    [
        ("LowQual", "GT", "0/0"),
        ("PASS", "GT", "./."),
        ("PASS", "GT:GQ", "0/0:0"),
        ("PASS", "GT:DP", "0/0:0"),
        ("PASS", "GT:MIN_DP", "0/0:0"),
        ("PASS", "GT:FT", "0/0:q10"),
        ("PASS", "GT", "0/1"),
    ],
)
def test_a_block_without_evidence_does_not_cover(filters: str, fields: str, genotype: str) -> None:
    vcf = a_vcf().record(
        "chr10", 94781000, "A", "<NON_REF>", genotype, filters=filters, fields=fields, info="END=94782000"
    )
    assert not read(vcf).covered


def test_a_reference_position_without_alternate_covers_and_is_kept_at_a_site() -> None:
    case = read(a_vcf().record("chr10", 94781859, "G", ".", "0/0"))
    assert case.covered.intervals() == (Interval("10", 94781858, 94781859),)
    assert case.records[0].alts == ()


def test_an_alternate_allele_in_a_gvcf_is_called() -> None:
    case = read(a_vcf().record("chr17", 43_100_000, "C", "T,<NON_REF>", "0/1:9,8,0", fields="GT:AD"))
    assert [call.variant.alt for call in case.calls] == ["T"]
    assert case.issues == ()


def test_stated_coverage_joins_the_blocks() -> None:
    stated = CoveredIntervals([Interval("10", 5, 9)])
    assert read(a_vcf().record("chr1", 5, "A", "G", "0/1"), coverage=stated).covered.covers("10", 5, 9)


def test_structural_alleles_are_counted_by_kind_and_not_interpreted() -> None:
    case = read(
        a_vcf()
        .record("chr17", 43_100_000, "C", "<DEL>", "0/1")
        .record("chr2", 1000, "C", "<DUP:TANDEM>", "1/1")
        .record("chr2", 2000, "C", "C[chr3:100[", "0/1")
        .record("chr2", 3000, "C", "<INV>", "0/0")
        .record("chr17", 43_100_100, "C", "T,<DEL>", "1/2")
    )
    assert "4 symbolic or breakend alleles were not interpreted (BND 1, DEL 2, DUP:TANDEM 1)" in texts(case)
    assert [call.variant.alt for call in case.calls] == ["T"]


def test_one_sample_of_many_is_read() -> None:
    vcf = a_vcf("A", "B").record("chr10", 94781859, "G", "A", "0/0", "0/1")
    assert read(vcf, sample="A").calls == ()
    assert [call.variant.alt for call in read(vcf, sample="B").calls] == ["A"]
    assert read(vcf, sample="B").sample == "B"


class TestSex:
    """One copy, two copies, and what a genotype then says."""

    def test_a_heterozygous_male_x_is_a_no_call_with_an_issue(self) -> None:
        case = read(a_vcf().record("chrX", 154_535_277, "C", "T", "0/1"), sex=Sex.MALE)
        assert case.calls == ()
        assert "line 14: two different alleles where a male has one copy" in texts(case)

    @pytest.mark.parametrize("genotype", ["1", "1/1"])
    def test_a_male_x_is_hemizygous(self, genotype: str) -> None:
        case = read(a_vcf().record("chrX", 154_535_277, "C", "T", genotype), sex=Sex.MALE)
        assert case.calls[0].zygosity is Zygosity.HEMIZYGOUS

    def test_a_pseudoautosomal_position_is_diploid_in_a_male(self) -> None:
        case = read(a_vcf().record("chrX", 2_000_100, "C", "T", "0/1"), sex=Sex.MALE)
        assert case.calls[0].zygosity is Zygosity.HETEROZYGOUS

    def test_with_sex_unknown_nothing_is_hemizygous(self) -> None:
        vcf = a_vcf().record("chrX", 154_535_277, "C", "T", "1").record("chrX", 154_535_300, "C", "T", "1/1")
        assert [c.zygosity for c in read(vcf).calls] == [Zygosity.UNKNOWN, Zygosity.HOMOZYGOUS]

    def test_a_call_on_y_in_a_female_is_an_issue_and_no_call(self) -> None:
        case = read(a_vcf().record("chrY", 2_787_000, "C", "T", "1"), sex=Sex.FEMALE)
        assert case.calls == ()
        assert "the Y chromosome of a female" in texts(case)

    def test_y_in_a_male_is_hemizygous(self) -> None:
        case = read(a_vcf().record("chrY", 2_787_000, "C", "T", "1"), sex=Sex.MALE)
        assert case.calls[0].zygosity is Zygosity.HEMIZYGOUS

    @pytest.mark.parametrize(
        ("fields", "genotype", "expected"),
        [
            ("GT:AD", "0/1:90,10", Zygosity.HETEROPLASMIC),
            ("GT:AD", "1/1:1,99", Zygosity.HOMOPLASMIC),
            ("GT:AF", "0/1:0.97", Zygosity.HOMOPLASMIC),
            ("GT", "0/1", Zygosity.HETEROPLASMIC),
            ("GT", "1", Zygosity.HOMOPLASMIC),
            ("GT", "./1", Zygosity.UNKNOWN),
        ],
    )
    def test_mitochondrial_calls_have_plasmy(self, fields: str, genotype: str, expected: Zygosity) -> None:
        case = read(a_vcf().record("chrM", 1555, "A", "G", genotype, fields=fields), sex=Sex.MALE)
        assert case.calls[0].zygosity is expected

    def test_a_partial_no_call_leaves_the_zygosity_open(self) -> None:
        case = read(a_vcf().record("chr17", 43_100_000, "C", "T", "./1"))
        assert case.calls[0].zygosity is Zygosity.UNKNOWN


class TestTrio:
    """Parents in the same file."""

    PEDIGREE = "F\tchild\tdad\tmum\t1\t2\nF\tdad\t0\t0\t1\t1\nF\tmum\t0\t0\t2\t1\n"

    @pytest.mark.parametrize(
        ("child", "dad", "mum", "origin"),
        [
            ("0/1", "0/1", "0/0", "father"),
            ("0/1", "0/0", "0/1", "mother"),
            ("1/1", "0/1", "0/1", "both"),
            ("0/1", "0/0", "0/0", "de-novo"),
            ("0/1", "./.", "0/1", "unknown"),
            ("0/1", "0/.", "0/0", "unknown"),
        ],
    )
    def test_the_origin_of_an_allele(self, child: str, dad: str, mum: str, origin: str) -> None:
        vcf = a_vcf("mum", "child", "dad").record("chr17", 43_100_000, "C", "T", mum, child, dad)
        case = read(vcf, sample="child", pedigree=self.PEDIGREE)
        assert case.parental_origin == {("17", 43_099_999, "C", "T"): origin}

    def test_x_of_a_boy_comes_from_his_mother(self) -> None:
        vcf = a_vcf("child", "dad", "mum").record("chrX", 154_535_277, "C", "T", "1", "1", "0/1")
        case = read(vcf, sample="child", pedigree=self.PEDIGREE, sex=Sex.MALE)
        assert set(case.parental_origin.values()) == {"mother"}

    def test_a_parent_who_is_not_in_the_file_is_told(self) -> None:
        vcf = a_vcf("child", "mum").record("chr17", 43_100_000, "C", "T", "0/1", "0/0")
        case = read(vcf, sample="child", pedigree=self.PEDIGREE)
        assert set(case.parental_origin.values()) == {"unknown"}
        assert "the father named in the pedigree is not a sample of the file" in texts(case)

    @pytest.mark.parametrize(
        ("pedigree", "told"),
        [
            ("F child child mum 2 2\n", "its own parent"),
            ("F child dad dad 2 2\n", "father and mother"),
            ("F child dad mum 2 2\nF dad 0 0 2 1\n", "the father is recorded as female"),
            ("F child dad mum 2 2\nF mum 0 0 1 1\n", "the mother is recorded as male"),
            ("F child dad mum 2 2\nF child 0 0 2 2\n", "in two ways"),
            ("F child dad mum 2 2\nF dad child 0 1 1\n", "their own ancestor"),
            ("F child dad mum 2 2\nF mum 0 gran 2 1\nF gran son 0 2 1\nF son child 0 1 1\n", "own ancestor"),
            ("F child dad mum 2 2\nF dad old 0 1 1\nF old dad 0 1 1\n", "their own ancestor"),
        ],
    )
    def test_an_impossible_family_is_refused(self, pedigree: str, told: str) -> None:
        vcf = a_vcf("child", "dad", "mum").record("chr17", 43_100_000, "C", "T", "0/1", "0/1", "0/0")
        with pytest.raises(InvalidOption, match=told):
            read(vcf, sample="child", pedigree=pedigree)

    @pytest.mark.parametrize(
        "pedigree",
        [
            pytest.param(
                "F child dad mum 2 2\nF dad old 0 1 1\nF mum old 0 2 1\n", id="parents-who-are-siblings"
            ),
            pytest.param("F child dad mum 2 2\nG dad child 0 1 1\n", id="same-name-in-another-family"),
        ],
    )
    def test_an_unusual_family_is_read(self, pedigree: str) -> None:
        vcf = a_vcf("child", "dad", "mum").record("chr17", 43_100_000, "C", "T", "0/1", "0/1", "0/0")
        case = read(vcf, sample="child", pedigree=pedigree)
        assert set(case.parental_origin.values()) == {"father"}

    def test_a_line_told_twice_counts_once(self) -> None:
        vcf = a_vcf("child", "dad", "mum").record("chr17", 43_100_000, "C", "T", "0/1", "0/1", "0/0")
        case = read(vcf, sample="child", pedigree="F child dad mum 2 2\n" * 2)
        assert set(case.parental_origin.values()) == {"father"}

    def test_a_pedigree_without_the_sample_is_refused(self) -> None:
        vcf = a_vcf("someone").record("chr17", 43_100_000, "C", "T", "0/1")
        with pytest.raises(InvalidOption, match="does not list"):
            read(vcf, pedigree=self.PEDIGREE)

    def test_a_broken_pedigree_is_refused(self) -> None:
        with pytest.raises(InvalidOption, match="2 columns"):
            read(a_vcf().record("chr17", 43_100_000, "C", "T", "0/1"), pedigree="F\tP1\n")


class TestContradictions:
    """REF against what is known."""

    def test_one_wrong_ref_is_one_issue(self) -> None:
        case = read(
            a_vcf().record("chr10", 94781859, "C", "A", "0/1").record("chr10", 94780653, "G", "A", "0/1")
        )
        assert [record.start for record in case.records] == [94780652]
        assert "line 14: REF is not the base of GRCh38 at this position" in texts(case)

    def test_a_file_on_another_reference_is_refused(self) -> None:
        vcf = a_vcf()
        for offset in range(5):
            vcf.record("chr17", 43_050_001 + offset, "CGTGG"[offset], "A", "0/1")
        with pytest.raises(InvalidVcf, match="REF contradicts GRCh38 in 5 of 5 records"):
            read(vcf, reader=CaseReader(INDEX, None, Bases()))

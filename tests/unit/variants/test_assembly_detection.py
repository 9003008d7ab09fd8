"""The assembly of a file: found, contradicted, or not to be told."""

import io

import pytest

from service.domain.assembly import Assembly
from service.domain.case import Case, CaseRequest, Subject
from service.domain.screening import KnownSite, ScreenIndex
from service.domain.variant import Interval
from service.errors import InvalidVcf
from service.variants.assembly_detection import named_assembly
from service.variants.case_reader import CaseReader
from tests.builders import VcfSample, a_vcf

# CYP2C19 positions in both assemblies (dbSNP).
PLACES = (
    ("rs4244285", 94781858, 96541615, "G"),
    ("rs4986893", 94780652, 96540409, "G"),
    ("rs12248560", 94761899, 96521656, "C"),
)


def _index() -> ScreenIndex:
    parts = []
    for assembly, column in ((Assembly.GRCH38, 1), (Assembly.GRCH37, 2)):
        sites = [KnownSite("10", int(place[column]), place[3], place[0]) for place in PLACES]
        windows = [Interval("10", site.start - 50, site.start + 51) for site in sites]
        parts.append(ScreenIndex.of(assembly, every=[*windows, Interval("MT", 0, 16_571)], known_sites=sites))
    first, second = parts
    return ScreenIndex(first.every | second.every, {}, {**first.known_sites, **second.known_sites})


INDEX = _index()


def read(vcf: VcfSample, assembly: Assembly | None = None) -> Case:
    request = CaseRequest(Subject("s"), assembly=assembly)
    return CaseReader(INDEX).read(io.BytesIO(vcf.encoded()), request)


def at_sites(vcf: VcfSample, assembly: Assembly, *, ids: bool = False, count: int = 3) -> VcfSample:
    for rsid, in38, in37, ref in PLACES[:count]:
        start = in38 if assembly is Assembly.GRCH38 else in37
        vcf.record("10", start + 1, ref, "A" if ref != "A" else "T", "0/1", rsid=rsid if ids else ".")
    return vcf


@pytest.mark.parametrize("name", ["GRCh38", "hg38", "GRCh38.p13", "b38", "hs38DH", "GCA_000001405.15_GRCh38"])
def test_names_of_grch38(name: str) -> None:
    assert named_assembly(name) is Assembly.GRCH38
    assert read(a_vcf(assembly=name).record("10", 5, "A", "C", "0/1")).assembly is Assembly.GRCH38


@pytest.mark.parametrize("name", ["GRCh37", "hg19", "b37", "hs37d5", "human_g1k_v37", "GRCh37.p13"])
def test_names_of_grch37(name: str) -> None:
    assert named_assembly(name) is Assembly.GRCH37


@pytest.mark.parametrize("name", ["NCBI36", "hg18", "T2T-CHM13v2.0", "mm10"])
def test_other_assemblies_are_refused(name: str) -> None:
    with pytest.raises(InvalidVcf, match="expected GRCh37 or GRCh38"):
        read(a_vcf(assembly=None).header(f"##reference=file:///{name}.fa").record("10", 5, "A", "C", "0/1"))


def test_a_reference_line_tells() -> None:
    vcf = a_vcf(assembly=None).header("##reference=file:///data/Homo_sapiens_assembly_hg38.fasta")
    assert read(vcf.record("10", 5, "A", "C", "0/1")).assembly is Assembly.GRCH38


@pytest.mark.parametrize(
    ("length", "assembly"), [(133_797_422, Assembly.GRCH38), (135_534_747, Assembly.GRCH37)]
)
def test_contig_lengths_tell(length: int, assembly: Assembly) -> None:
    vcf = a_vcf(assembly=None).contig("chr10", length=length).record("chr10", 5, "A", "C", "0/1")
    assert read(vcf).assembly is assembly


def test_a_length_of_neither_assembly_is_refused() -> None:
    vcf = a_vcf(assembly=None).contig("chr10", length=134_758_134).record("chr10", 5, "A", "C", "0/1")
    with pytest.raises(InvalidVcf, match="contig chr10 has length 134758134, expected one of"):
        read(vcf)


@pytest.mark.parametrize(
    ("name", "assembly"), [("NC_000010.11", Assembly.GRCH38), ("NC_000010.10", Assembly.GRCH37)]
)
def test_accessions_of_records_tell(name: str, assembly: Assembly) -> None:
    assert read(a_vcf(assembly=None).record(name, 5, "A", "C", "0/1")).assembly is assembly


@pytest.mark.parametrize("assembly", list(Assembly))
def test_reference_bases_at_known_sites_tell(assembly: Assembly) -> None:
    case = read(at_sites(a_vcf(assembly=None), assembly))
    assert case.assembly is assembly
    assert len(case.records) == 3


def test_one_site_tells_only_with_its_rsid() -> None:
    assert (
        read(at_sites(a_vcf(assembly=None), Assembly.GRCH37, ids=True, count=1)).assembly is Assembly.GRCH37
    )
    with pytest.raises(InvalidVcf, match="pass --assembly GRCh38 or --assembly GRCh37"):
        read(at_sites(a_vcf(assembly=None), Assembly.GRCH37, count=1))


def test_nothing_is_ever_assumed() -> None:
    with pytest.raises(InvalidVcf, match="the assembly cannot be determined"):
        read(a_vcf(assembly=None).record("chr10", 5, "A", "C", "0/1"))


def test_the_option_tells_where_the_file_is_silent() -> None:
    vcf = a_vcf(assembly=None).record("chr10", 5, "A", "C", "0/1")
    assert read(vcf, Assembly.GRCH37).assembly is Assembly.GRCH37


def test_the_option_must_not_contradict_the_header() -> None:
    with pytest.raises(InvalidVcf, match=r"contradictory: GRCh37 \(asked for\); GRCh38 \(header"):
        read(a_vcf().record("chr10", 5, "A", "C", "0/1"), Assembly.GRCH37)


@pytest.mark.parametrize("stated", list(Assembly))
def test_the_header_must_not_contradict_the_records(stated: Assembly) -> None:
    (other,) = set(Assembly) - {stated}
    with pytest.raises(InvalidVcf, match=f"says {stated} .* but its reference bases are those of {other}"):
        read(at_sites(a_vcf(assembly=stated.value), other))


def test_the_option_must_not_contradict_the_records() -> None:
    with pytest.raises(InvalidVcf, match="its reference bases are those of GRCh37"):
        read(at_sites(a_vcf(assembly=None), Assembly.GRCH37), Assembly.GRCH38)


def test_records_of_two_assemblies_are_refused() -> None:
    both = at_sites(at_sites(a_vcf(), Assembly.GRCH38, ids=True), Assembly.GRCH37, ids=True)
    with pytest.raises(InvalidVcf, match="its reference bases are those of GRCh37 at 3 known sites"):
        read(both)


def test_one_coincidence_with_the_other_assembly_is_none() -> None:
    vcf = at_sites(at_sites(a_vcf(), Assembly.GRCH38), Assembly.GRCH37, count=1)
    assert read(vcf).assembly is Assembly.GRCH38


def test_two_assemblies_in_one_header_are_refused() -> None:
    vcf = a_vcf(assembly=None).contig("1", assembly="GRCh37").contig("2", assembly="GRCh38")
    with pytest.raises(InvalidVcf, match="two assemblies in one file"):
        read(vcf.record("1", 5, "A", "C", "0/1"))


def test_two_assemblies_among_accessions_are_refused() -> None:
    vcf = a_vcf(assembly=None).record("NC_000010.11", 5, "A", "C", "0/1")
    with pytest.raises(InvalidVcf, match="contradictory"):
        read(vcf.record("NC_000001.10", 5, "A", "C", "0/1"))


def test_the_chrm_of_ucsc_hg19_is_refused() -> None:
    vcf = a_vcf(assembly="hg19").contig("chrM", length=16571).record("chrM", 1557, "A", "G", "1")
    with pytest.raises(InvalidVcf, match="chrM of UCSC hg19"):
        read(vcf)
    accession = a_vcf(assembly="hg19").record("NC_001807.4", 1557, "A", "G", "1")
    with pytest.raises(InvalidVcf, match="chrM of UCSC hg19"):
        read(accession.record("chr10", 5, "A", "C", "0/1"))


def test_a_declared_ucsc_chrm_without_records_is_told() -> None:
    vcf = a_vcf(assembly="hg19").contig("chrM", length=16571).record("chr10", 5, "A", "C", "0/1")
    assert "not supported; no record is on it" in read(vcf).issues[0].text


def test_hg19_chrm_of_unknown_length_is_not_read() -> None:
    case = read(
        a_vcf(assembly="hg19").record("chrM", 1557, "A", "G", "1").record("chr10", 5, "A", "C", "0/1")
    )
    assert case.records == ()
    assert "does not tell which mitochondrial sequence" in case.issues[0].text

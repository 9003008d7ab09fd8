"""A family's exome, asked about in different ways: real variants, the compiled knowledge base."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.bootstrap import Genomeward
from service.domain.case import Subject
from service.errors import InvalidOption
from service.intake import Attachments, read_request
from tests.builders import VcfSample, a_vcf
from tests.conformance import ConformanceRecord

# Asserted pathogenic in ClinVar (releases in the knowledge base), GRCh38.
PAH_ONE, PAH_TWO = ("chr12", 102840399, "C", "T"), ("chr12", 102840474, "T", "C")
DMD = ("chrX", 31147274, "C", "T")
GLA, MECP2 = ("chrX", 101397849, "A", "C"), ("chrX", 154030471, "G", "A")
ABCD1, OTC = ("chrX", 153725295, "G", "A"), ("chrX", 38352555, "G", "A")
C282Y, H63D = ("chr6", 26092913, "G", "A"), ("chr6", 26090951, "C", "G")
MUTYH_ONE, MUTYH_TWO = ("chr1", 45332803, "T", "C"), ("chr1", 45331556, "C", "T")
TTN_MISSENSE = ("chr2", 178527120, "A", "G")
MELAS = ("chrM", 3243, "A", "G")
# A frameshift that no source lists, NM_001232.4:c.500del: CASQ2 has recessive and dominant tachycardia.
CASQ2_NULL = ("chr1", 115738255, "GA", "G")
BRCA1 = ("chr17", 43124027, "ACT", "A")
# Frontotemporal dementia: dominant, on no list of secondary findings.
GRN = ("chr17", 44350263, "AGTCAGT", "AGT")
TRIO = "F1\tkid\tdad\tmum\t1\t2\nF1\tdad\t0\t0\t1\t1\nF1\tmum\t0\t0\t2\t1\n"


@pytest.fixture
def ask(genomeward: Genomeward, tmp_path: Path, conformance_record: ConformanceRecord) -> Any:
    def asked(
        vcf: VcfSample, *, pedigree: str | None = None, coverage: str | None = None, **options: str
    ) -> Any:
        path = vcf.write(tmp_path / "case.vcf")
        request = read_request(options, Attachments(pedigree=pedigree, coverage=coverage), Subject("case"))
        findings = genomeward.interpret_path(path, request)
        conformance_record.see(genomeward.project("bundle", findings))
        return msgspec.json.decode(genomeward.project("findings", findings))

    return asked


def statements(document: Any) -> dict[str, str]:
    return {d["gene"]: d["statement"] for d in document["diagnoses"]}


def trio(*rows: tuple[tuple[str, int, str, str], str, str, str]) -> VcfSample:
    vcf = a_vcf("kid", "dad", "mum")
    for variant, kid, dad, mum in rows:
        vcf.record(*variant, kid, dad, mum)
    return vcf


def test_parents_genotypes_make_a_compound_heterozygote(ask) -> None:
    document = ask(
        trio((PAH_ONE, "0/1", "0/1", "0/0"), (PAH_TWO, "0/1", "0/0", "0/1")), pedigree=TRIO, sample="kid"
    )
    assert statements(document) == {"PAH": "positive"}
    assert [v["parental_origin"] for v in document["variants"]] == ["father", "mother"]
    assert "in trans by the parents' genotypes" in document["diagnoses"][0]["text"]


def test_two_variants_from_one_parent_are_one_allele(ask) -> None:
    vcf = trio((PAH_ONE, "0/1", "0/1", "0/0"), (PAH_TWO, "0/1", "0/1", "0/0"))
    assert statements(ask(vcf, pedigree=TRIO, sample="kid", carriers="yes")) == {"PAH": "carrier"}
    assert statements(ask(vcf, pedigree=TRIO, sample="kid")) == {}


def test_without_parents_or_phase_the_pair_is_possible_only(ask) -> None:
    document = ask(a_vcf().record(*PAH_ONE, "0/1").record(*PAH_TWO, "0/1"))
    assert statements(document) == {"PAH": "possible-compound-heterozygote"}
    assert any("arental" in step for step in document["diagnoses"][0]["follow_up"])


def test_a_variant_of_neither_parent_is_said_to_be_new(ask) -> None:
    girl = TRIO.replace("mum\t1", "mum\t2", 1)
    document = ask(trio((MECP2, "0/1", "0", "0/0")), pedigree=girl, sample="kid")
    assert [v["parental_origin"] for v in document["variants"]] == ["de-novo"]
    assert statements(document) == {"MECP2": "positive"}
    assert "neither parent" in document["diagnoses"][0]["text"]


def test_parents_and_phenotype_hint_and_never_enter_the_class(ask) -> None:
    """SVI PS2/PM6 v1.1 and Richards 2015: parentage and specificity are for people to judge."""
    vcf = trio((MECP2, "0/1", "0/0", "0/0"))
    plain = ask(vcf, sample="kid", indication="MECP2")["variants"][0]["classification"]
    hinted = ask(
        vcf, sample="kid", indication="MECP2", pedigree=TRIO.replace("\t1\t2\n", "\t2\t2\n", 1),
        phenotypes="HP:0001250,HP:0002376",
    )["variants"][0]["classification"]  # fmt: skip
    assert [c["code"] for c in plain["suggested"]] == []
    assert {c["code"]: c["verdict"] for c in hinted["suggested"]} == {
        "PM6": "not assessed",
        "PP4": "not assessed",
    }
    assert hinted["points"] == plain["points"]
    assert {c["code"] for c in hinted["criteria"] if c["verdict"] == "met"} & {"PS2", "PM6", "PP4"} == set()


def test_a_carrier_state_is_put_in_words_on_request_only(ask) -> None:
    vcf = a_vcf().record(*PAH_ONE, "0/1")
    silent = ask(vcf)
    assert statements(silent) == {}
    assert [v["gene"] for v in silent["variants"]] == ["PAH"]  # known pathogenic: never filtered away
    assert statements(ask(vcf, carriers="yes")) == {"PAH": "carrier"}
    assert statements(ask(vcf, indication="PAH")) == {"PAH": "carrier"}


@pytest.mark.parametrize(
    ("records", "sex", "expected"),
    [
        ([(BRCA1, "0/1")], "female", {"BRCA1": "secondary-finding"}),
        ([(MUTYH_ONE, "0/1")], "female", {}),
        ([(MUTYH_ONE, "0/1"), (MUTYH_TWO, "0/1")], "female", {"MUTYH": "possible-compound-heterozygote"}),
        ([(MUTYH_ONE, "0|1"), (MUTYH_TWO, "0|1")], "female", {}),
        ([(MUTYH_ONE, "1/1")], "female", {"MUTYH": "secondary-finding"}),
        ([(C282Y, "1/1")], "male", {"HFE": "secondary-finding"}),
        ([(C282Y, "0/1"), (H63D, "0/1")], "male", {}),
        ([(TTN_MISSENSE, "0/1")], "male", {}),
        ([(ABCD1, "0/1")], "female", {}),
        ([(ABCD1, "1")], "male", {"ABCD1": "secondary-finding"}),
        ([(ABCD1, "1")], "unknown", {}),
        ([(GLA, "0/1")], "female", {"GLA": "secondary-finding"}),
    ],
)
def test_secondary_findings_follow_the_list(
    ask, records: list[tuple[tuple[str, int, str, str], str]], sex: str, expected: dict[str, str]
) -> None:
    """ACMG SF v3.3; without consent none of it is anywhere."""
    vcf = a_vcf()
    for variant, genotype in records:
        vcf.record(*variant, genotype)
    told = ask(vcf, sex=sex, consent_secondary="yes")
    assert statements(told) == expected
    assert all(v["secondary"] for v in told["variants"])
    assert bool(told["variants"]) is bool(expected)
    for consent in ("no", "unknown"):
        withheld = ask(vcf, sex=sex, consent_secondary=consent)
        assert withheld["diagnoses"] == []
        assert withheld["variants"] == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, {"GRN": "positive"}),
        ({"indication": "MYH7"}, {"MYH7": "negative", "GRN": "positive"}),
        ({"indication": "MYH7", "consent_secondary": "no"}, {"MYH7": "negative", "GRN": "positive"}),
        ({"indication": "MYH7,GRN"}, {"MYH7": "negative", "GRN": "positive"}),
    ],
    ids=lambda value: " ".join(f"{k}={v}" for k, v in value.items()) or "nothing stated",
)
def test_a_known_cause_in_a_gene_of_no_list_is_told_and_marked(
    ask, options: dict[str, str], told: dict[str, str]
) -> None:
    """What is asserted pathogenic is never filtered away; consent is asked for listed genes alone."""
    document = ask(a_vcf().record(*GRN, "0/1").record(*PAH_ONE, "0/1"), **options)
    assert statements(document) == told
    # A carrier's variant is listed, and put in words on request only.
    assert {v["gene"] for v in document["variants"]} == {"GRN", "PAH"}
    marked = {d["gene"] for d in document["diagnoses"] if "outside the stated indication" in d["text"]}
    assert marked == (told.keys() - set(options["indication"].split(",")) if options else set())


CSQ = "CSQ=G|stop_gained|HIGH|PAH|ENSG1|Transcript|NM_000277.3|protein_coding"


@pytest.mark.parametrize(
    ("info", "statement", "consequence"),
    [(".", "uncertain", "coding_sequence_variant"), (CSQ, "carrier", "stop_gained")],
    ids=["not annotated", "annotated"],
)
def test_a_coding_change_that_cannot_be_read_leaves_no_negative_gene(
    ask, info: str, statement: str, consequence: str
) -> None:
    """PAH has no shipped sequence: its c.757 G>C is of unknown effect until the file says what it does."""
    document = ask(a_vcf().record("chr12", 102852900, "C", "G", "0/1", info=info), indication="PAH")
    assert statements(document) == {"PAH": statement}
    assert [v["consequence"] for v in document["variants"]] == [consequence]
    assert ask(a_vcf().record("chr12", 102852900, "C", "G", "0/1", info=info))["variants"] == []


def test_no_variant_of_unknown_meaning_is_a_secondary_finding(ask) -> None:
    """A rare missense variant of BRCA2 that nobody asserted pathogenic."""
    vcf = a_vcf().record("chr13", 32340301, "T", "A", "0/1")
    assert ask(vcf, consent_secondary="yes", phenotypes="HP:0003002")["variants"] == []
    asked = ask(vcf, indication="BRCA2")
    assert statements(asked) == {"BRCA2": "uncertain"}


def test_a_mitochondrial_variant_has_a_fraction_and_no_zygosity(ask) -> None:
    vcf = a_vcf().record(*MELAS, "0/1:70,30", fields="GT:AD")
    document = ask(vcf)
    (variant,) = document["variants"]
    assert (variant["zygosity"], variant["allele_fraction"]) == ("heteroplasmic", 0.3)
    (diagnosis,) = document["diagnoses"]
    assert diagnosis["statement"] == "positive"
    assert "30.0% of reads" in diagnosis["text"]
    assert "zygous" not in diagnosis["text"]


def test_the_inheritance_of_a_pair_is_not_borrowed_from_another_disease(ask) -> None:
    """CFTR: the catalogue names dominant pancreatitis first, the variant is asserted for cystic fibrosis."""
    document = ask(a_vcf().record("chr7", 117480095, "A", "G", "0/1"), carriers="yes")
    (diagnosis,) = document["diagnoses"]
    assert (diagnosis["disease"], diagnosis["statement"]) == ("cystic fibrosis", "carrier")


def test_absence_is_a_negative_result_only_where_the_gene_was_read(ask) -> None:
    vcf = a_vcf().record("chr10", 94781859, "G", "A", "0/1")
    silent = ask(vcf, indication="BRCA1")
    assert "not a negative result" in silent["diagnoses"][0]["text"]
    read = ask(vcf, indication="BRCA1", coverage="chr17\t43000000\t43200000\n")
    assert read["scope"]["genes_assessed"][0]["fraction"] == 1.0
    assert "100.0% of its coding bases were read" in read["diagnoses"][0]["text"]
    no_call = a_vcf().record("chr17", 43124093, "T", "A", "./.")
    nearly = ask(no_call, indication="BRCA1", coverage="chr17\t43000000\t43200000\n")
    said = "99.9% of its coding bases were read (1 of 5,592 coding bases not read: 17:43124093-43124093"
    assert said in nearly["diagnoses"][0]["text"]
    partly = ask(vcf, indication="BRCA1", coverage="chr17\t43090000\t43200000\n")
    assert 0 < partly["scope"]["genes_assessed"][0]["fraction"] < 1
    assert "17:43045678-43045802" in partly["scope"]["genes_assessed"][0]["note"]
    unread = ask(vcf, indication="BRCA1", coverage="chr1\t1\t1000\n")
    assert statements(unread) == {"BRCA1": "not-assessed"}


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "genotype", "fields", "info"),
    [
        pytest.param(
            43044295, "N", "<DEL>", "0/1", "GT", "SVTYPE=DEL;END=43125370", id="deletion-of-the-gene"
        ),
        pytest.param(43090000, "N", "<DUP>", "0/1", "GT", "SVTYPE=DUP;SVLEN=500", id="duplication-by-length"),
        pytest.param(43090000, "N", "N[chr2:321682[", "0/1", "GT", "SVTYPE=BND", id="breakend"),
        pytest.param(43124027, "ACT", "A", "0/7", "GT", ".", id="genotype-beyond-alt"),
        pytest.param(43124027, "GCT", "A", "0/1", "GT", ".", id="contradicts-the-reference"),
        pytest.param(43124027, "ACT", "A", "9,0,9", "PL", ".", id="no-genotype"),
    ],
)
@pytest.mark.parametrize("coverage", [None, "chr17\t43000000\t43200000\n"], ids=["silent", "stated"])
def test_a_record_that_cannot_be_read_is_no_negative_result(
    ask, coverage: str | None, pos: int, ref: str, alt: str, genotype: str, fields: str, info: str
) -> None:
    vcf = a_vcf().record("chr10", 94781859, "G", "A", "0/1")
    vcf.record("chr17", pos, ref, alt, genotype, fields=fields, info=info)
    document = ask(vcf, indication="BRCA1,BRCA2", coverage=coverage)
    assert statements(document) == {"BRCA1": "not-assessed", "BRCA2": statements(document)["BRCA2"]}
    (brca1,) = (d for d in document["diagnoses"] if d["gene"] == "BRCA1")
    assert f"17:{pos}-" in brca1["text"]


# Founder variant c.68_69del on GRCh37, and a change at whose bases nothing is asserted.
BRCA1_ON_37 = ("chr17", 41276044, "ACT", "A")


@pytest.mark.parametrize(
    ("variant", "genotype", "assembly", "statement"),
    [
        pytest.param(BRCA1, "./.", "GRCh38", "not-assessed", id="no-call"),
        pytest.param(BRCA1, "0|.", "GRCh38", "not-assessed", id="half-a-call"),
        pytest.param((*BRCA1[:3], "T,A"), ".", "GRCh38", "not-assessed", id="second-allele"),
        pytest.param(("chr17", 43124027, "ACTC", "AC"), "./.", "GRCh38", "not-assessed", id="spelled-longer"),
        pytest.param(BRCA1_ON_37, "./.", "GRCh37", "not-assessed", id="GRCh37"),
        pytest.param(BRCA1, "0/0", "GRCh38", "negative", id="reference"),
        pytest.param(("chr17", 43124093, "T", "A"), "./.", "GRCh38", "negative", id="nothing-asserted"),
        pytest.param(("chr17", 43124027, "A", "."), "./.", "GRCh38", "not-assessed", id="no-allele-named"),
        pytest.param(
            ("chr17", 43124027, "A", "<NON_REF>"), "./.", "GRCh38", "not-assessed", id="symbolic-allele"
        ),
        pytest.param((*BRCA1_ON_37[:2], "A", "."), "./.", "GRCh37", "not-assessed", id="no-allele-on-GRCh37"),
        pytest.param(("chr17", 43124060, "C", "."), "./.", "GRCh38", "negative", id="no-allele-elsewhere"),
        pytest.param(
            ("chr17", 43124027, "A", "."), "0/0", "GRCh38", "negative", id="reference-without-allele"
        ),
    ],
)
def test_a_no_call_of_a_pathogenic_variant_is_no_negative_result(
    ask, variant: tuple[str, int, str, str], genotype: str, assembly: str, statement: str
) -> None:
    covered = "chr17\t43000000\t43200000\n" if assembly == "GRCh38" else "chr17\t41190000\t41290000\n"
    document = ask(a_vcf(assembly=assembly).record(*variant, genotype), indication="BRCA1", coverage=covered)
    assert statements(document) == {"BRCA1": statement}
    (brca1,) = document["diagnoses"]
    where = f"17:{variant[1]}-{variant[1] + len(variant[2]) - 1} ({assembly})"
    assert (f"has no genotype at {where}" in brca1["text"]) == (statement == "not-assessed")
    assert ("has no answer" in brca1["text"]) == (statement == "not-assessed")


# Blocks from the base that anchors c.68_69del to the base after, and one where nothing is asserted.
@pytest.mark.parametrize(
    ("pos", "ref", "end", "genotype", "assembly", "where"),
    [
        pytest.param(43124027, "A", 43124030, "./.", "GRCh38", "43124027-431240", id="over-it"),
        pytest.param(43124027, "A", 43124028, ".", "GRCh38", "43124027-43124028", id="ends-in-it"),
        pytest.param(41276044, "A", 41276047, "./.", "GRCh37", "41276044-412760", id="GRCh37"),
        pytest.param(43124027, "A", 43124030, "0/0", "GRCh38", None, id="reference"),
        pytest.param(43124130, "A", 43124150, "./.", "GRCh38", None, id="nothing-asserted"),
    ],
)
def test_a_block_without_a_genotype_over_a_pathogenic_variant_is_no_negative_result(
    ask, pos: int, ref: str, end: int, genotype: str, assembly: str, where: str | None
) -> None:
    covered = "chr17\t43000000\t43200000\n" if assembly == "GRCh38" else "chr17\t41190000\t41290000\n"
    vcf = a_vcf(assembly=assembly).record("chr17", pos, ref, "<NON_REF>", genotype, info=f"END={end}")
    (brca1,) = ask(vcf, indication="BRCA1", coverage=covered)["diagnoses"]
    assert brca1["statement"] == ("not-assessed" if where else "negative")
    assert (f"has no genotype at 17:{where}" in brca1["text"]) == bool(where)


@pytest.mark.parametrize("genotype", ["./.", ".", "0/."])
def test_a_position_without_a_genotype_is_not_covered_whatever_is_stated(ask, genotype: str) -> None:
    vcf = a_vcf().record("chr17", 43124027, "ACT", "A", genotype)
    (brca1,) = ask(vcf, indication="BRCA1", coverage="chr17\t43000000\t43200000\n")["scope"]["genes_assessed"]
    assert brca1["note"] == "3 of 5,592 coding bases not read: 17:43124027-43124029 (GRCh38)"


WHOLE_BRCA1 = "chr17\t43000000\t43200000\n"


@pytest.mark.parametrize(
    ("pos", "info", "filters", "genotype"),
    [
        pytest.param(43044295, "SVTYPE=DEL;END=43125370", "PASS", "0/0", id="not-carried"),
        pytest.param(43044295, "SVTYPE=DEL;END=43125370", "LowQ", "0/0", id="filtered-not-carried"),
        pytest.param(43050000, "SVTYPE=DEL;SVLEN=-300", "LowQ", "0/1", id="filtered-in-an-intron"),
    ],
)
def test_a_deletion_that_is_not_called_takes_no_answer_away(
    ask, pos: int, info: str, filters: str, genotype: str
) -> None:
    vcf = a_vcf().record("chr17", pos, "N", "<DEL>", genotype, filters=filters, info=info)
    document = ask(vcf, indication="BRCA1", coverage=WHOLE_BRCA1)
    assert statements(document) == {"BRCA1": "negative"}


def test_a_carrier_is_told_what_was_not_read_of_the_gene(ask) -> None:
    """A deletion that is not interpreted may be the second variant."""
    vcf = (
        a_vcf()
        .record(*PAH_ONE, "0/1")
        .record("chr12", 102843000, "N", "<DEL>", "0/1", info="SVTYPE=DEL;END=102920000")
    )
    document = ask(vcf, indication="PAH")
    assert statements(document) == {"PAH": "carrier"}
    assert "could not be read or interpreted, at 12:102843" in document["diagnoses"][0]["text"]


@pytest.mark.parametrize("fields", ["GT", "DP"])
def test_a_filtered_structural_allele_over_coding_bases_is_named_and_is_no_negative_result(
    ask, fields: str
) -> None:
    vcf = a_vcf().record(
        "chr17",
        43044295,
        "N",
        "<DEL>",
        {"GT": "0/1", "DP": "30"}[fields],
        filters="LowQ",
        fields=fields,
        info="SVTYPE=DEL;END=43125370",
    )
    document = ask(vcf, indication="BRCA1,BRCA2", coverage=f"{WHOLE_BRCA1}chr13\t32300000\t32400000\n")
    assert statements(document) == {"BRCA1": "not-assessed", "BRCA2": "negative"}
    (brca1,) = (d for d in document["diagnoses"] if d["gene"] == "BRCA1")
    assert "did not pass their filters and were not interpreted, at 17:43044295-43125370" in brca1["text"]
    assert document["scope"]["genes_assessed"][0]["fraction"] == 0.0
    accepted = ask(vcf, indication="BRCA1", coverage=WHOLE_BRCA1, accept_filtered="yes")
    assert statements(accepted) == {"BRCA1": "not-assessed"}
    assert "could not be read or interpreted, at 17:43044295-" in accepted["diagnoses"][0]["text"]


def test_reference_blocks_of_a_gvcf_are_coverage(ask) -> None:
    vcf = a_vcf().record(
        "chr17", 43000000, "A", "<NON_REF>", "0/0:40:99", info="END=43200000", fields="GT:DP:GQ"
    )
    assert ask(vcf, indication="brca1")["scope"]["genes_assessed"][0]["fraction"] == 1.0


def test_an_indication_that_means_nothing_is_said_to(ask) -> None:
    document = ask(a_vcf().record(*PAH_ONE, "0/1"), indication="BRCCA1,MONDO:9999999")
    assert [i["text"].split()[0] for i in document["issues"] if i["where"] == "indication"] == [
        "BRCCA1",
        "MONDO:9999999",
    ]


def test_a_disease_named_by_mondo_asks_about_its_genes(ask) -> None:
    document = ask(a_vcf().record(*BRCA1, "0/1"), indication="MONDO:0700268")
    assert statements(document) == {"BRCA1": "positive"}


def test_phenotypes_bring_in_rare_variants_of_matching_genes(ask) -> None:
    """SCN1A p.(Leu334Arg) is not asserted; diseases of the gene have febrile seizures (HP:0002373)."""
    vcf = a_vcf().record("chr2", 166048913, "A", "C", "0/1")
    assert ask(vcf)["variants"] == []
    assert ask(vcf, phenotypes="HP:0000518")["variants"] == []
    assert [v["gene"] for v in ask(vcf, phenotypes="HP:0002373")["variants"]] == ["SCN1A"]


def test_the_pedigree_records_the_sex(ask) -> None:
    boy = "F1\tkid\tdad\tmum\t1\t2\n"
    vcf = trio((DMD, "1", "0", "0/1"))
    assert statements(ask(vcf, pedigree=boy, sample="kid")) == {"DMD": "positive"}
    unrecorded = "F1\tkid\tdad\tmum\t0\t2\n"
    assert statements(ask(vcf, pedigree=unrecorded, sample="kid")) == {"DMD": "uncertain"}
    with pytest.raises(InvalidOption, match="different sex"):
        ask(vcf, pedigree=boy, sample="kid", sex="female")


def test_family_and_coverage_are_part_of_the_question(genomeward: Genomeward, tmp_path: Path) -> None:
    """Two questions about one file are two stored answers with ids of their own."""
    path = trio((PAH_ONE, "0/1", "0/1", "0/0")).write(tmp_path / "case.vcf")

    def digest(**files: str) -> str:
        request = read_request({"sample": "kid"}, Attachments(**files), Subject("case"))
        return genomeward.interpret_path(path, request).question_digest

    assert len({digest(), digest(pedigree=TRIO), digest(coverage="chr1\t1\t9\n")}) == 3


def test_a_risk_allele_is_told_apart_from_a_pathogenic_variant(ask) -> None:
    """HFE p.His63Asp: ClinVar's term is low penetrance; it is common, and asked about it is not left out."""
    vcf = a_vcf().record(*H63D, "0/1")
    assert ask(vcf)["variants"] == []
    document = ask(vcf, indication="HFE")
    assert statements(document) == {"HFE": "uncertain"}
    assert "explains no disease by itself" in document["diagnoses"][0]["text"]
    assert "low penetrance" in document["diagnoses"][0]["text"]


@pytest.mark.parametrize(
    ("gene", "record", "genotype", "level"),
    [
        pytest.param("HFE", H63D, "1/1", "no-star", id="HFE-H63D"),
        pytest.param("F5", ("chr1", 169549811, "C", "T"), "0/1", "no-star", id="F5-Leiden"),
        pytest.param("CHEK2", ("chr22", 28725099, "A", "G"), "0/1", "1-star", id="CHEK2-I157T"),
    ],
)
def test_an_uncertain_statement_says_by_whose_word_and_what_to_do(
    genomeward: Genomeward,
    tmp_path: Path,
    gene: str,
    record: tuple[str, int, str, str],
    genotype: str,
    level: str,
) -> None:
    """The level of the risk assertion, criteria, phenotypes and a Task whose reason is the statement."""
    path = a_vcf().record(*record, genotype).write(tmp_path / "case.vcf")
    request = read_request({"indication": gene}, Attachments(), Subject("case"))
    findings = genomeward.interpret_path(path, request)
    (stated,) = findings.diagnoses
    assert stated.statement == "uncertain"
    assert any("release" in line for line in stated.evidence)
    assert f"{gene} and {stated.disease}: Definitive" in stated.evidence[-1]
    entries = msgspec.json.decode(genomeward.project("bundle", findings))["entry"]
    (task,) = (e["resource"] for e in entries if e["resource"]["resourceType"] == "Task")
    assert task["description"] == "Genetic counselling recommended"
    (reason,) = (e["resource"] for e in entries if e["fullUrl"] == task["reasonReference"]["reference"])
    coded = {
        coding["code"]: component["valueCodeableConcept"]
        for component in reason["component"]
        for coding in component["code"]["coding"]
        if "valueCodeableConcept" in component
    }
    assert coded["93044-6"]["coding"][0]["code"] == level
    assert "not assessed: " in coded["none-met"]["text"]


@pytest.mark.parametrize("record", [("chr11", 5227002, "T", "A"), ("chr11", 5226774, "G", "A")])
def test_a_haemoglobin_trait_is_no_dominant_haemoglobin_disease(
    ask, record: tuple[str, int, str, str]
) -> None:
    """Hb S, and beta thalassaemia by p.Gln40Ter: HBB has dominant diseases, which neither assertion means."""
    vcf = a_vcf().record(*record, "0/1")
    assert ask(vcf)["diagnoses"] == []
    assert statements(ask(vcf, carriers="yes")) == {"HBB": "carrier"}


@pytest.mark.parametrize(
    ("variants", "options", "statement"),
    [
        ([(BRCA1, "0/1", "LowQual")], {"indication": "BRCA1"}, "uncertain"),
        ([(BRCA1, "0/1", "LowQual")], {"indication": "BRCA1", "accept_filtered": "yes"}, "positive"),
        ([(BRCA1, "0/1", "PASS")], {"indication": "BRCA1"}, "positive"),
        ([(PAH_ONE, "1/1", "LowQual")], {"indication": "PAH"}, "uncertain"),
        ([(PAH_ONE, "1/1", "PASS"), (PAH_TWO, "0/1", "LowQual")], {"indication": "PAH"}, "positive"),
        ([(PAH_ONE, "0/1", "LowQual")], {"indication": "PAH"}, "carrier"),
    ],
    ids=["filtered", "accepted", "passed", "filtered-homozygous", "one-passed-is-enough", "carrier"],
)
def test_a_call_that_did_not_pass_makes_no_positive(
    ask, variants: list[tuple[tuple[str, int, str, str], str, str]], options: dict[str, str], statement: str
) -> None:
    vcf = a_vcf()
    for variant, genotype, filters in sorted(variants):
        vcf.record(*variant, genotype, filters=filters)
    document = ask(vcf, **options)
    (stated,) = document["diagnoses"]
    assert stated["statement"] == statement
    assert ("nothing is stated before it is confirmed" in stated["text"]) == (statement == "uncertain")
    if statement == "uncertain":
        assert "Confirmatory testing recommended" in stated["follow_up"]


MEFV_ONE, MEFV_TWO = ("chr16", 3243407, "T", "C"), ("chr16", 3243447, "C", "G")


@pytest.mark.parametrize(
    ("records", "gene", "statement", "words"),
    [
        pytest.param([(*MEFV_ONE, "0/1")], "MEFV", "uncertain", "is annotated as recessive", id="one-copy"),
        pytest.param([(*MEFV_ONE, "1/1")], "MEFV", "positive", "both copies are affected", id="two-copies"),
        pytest.param(
            [(*MEFV_ONE, "0/1"), (*MEFV_TWO, "0/1")],
            "MEFV",
            "possible-compound-heterozygote",
            "two variants cause it only on different copies",
            id="phase-unknown",
        ),
        pytest.param(
            [("chr19", 11100222, "G", "C", "0/1")], "LDLR", "positive", "one affected copy can be", id="LDLR"
        ),
    ],
)
def test_one_copy_of_a_semidominant_disease_is_a_cause_unless_it_is_annotated_recessive_alone(
    ask, records: list[tuple[str, int, str, str, str]], gene: str, statement: str, words: str
) -> None:
    """MEFV p.Met694Val and p.Met680Ile; LDLR is dominant and recessive in HPO."""
    vcf = a_vcf()
    for record in records:
        vcf.record(*record)
    (stated,) = ask(vcf, indication=gene)["diagnoses"]
    assert stated["statement"] == statement
    assert words in stated["text"]
    assert stated["inheritance"] == "Semidominant inheritance"
    assert ("heterozygotes can be affected" in stated["text"]) == (statement == "uncertain")


def test_two_copies_that_the_parents_do_not_explain_are_told(ask) -> None:
    """A deletion of the other copy, uniparental disomy or exchanged samples; with both it is plain."""
    words = "to be settled before this is used"
    for dad, mum, told in (("0/0", "0/1", True), ("0/0", "0/0", True), ("0/1", "0/1", False)):
        document = ask(trio((PAH_ONE, "1/1", dad, mum)), pedigree=TRIO, sample="kid", indication="PAH")
        (found,) = document["diagnoses"]
        assert found["statement"] == "positive"
        assert (words in found["text"]) is told


def test_a_carrier_is_told_of_a_risk_allele_beside(ask) -> None:
    """HFE p.Cys282Tyr with p.His63Asp: the second is no variant of unknown meaning."""
    (found,) = ask(a_vcf().record(*C282Y, "0/1").record(*H63D, "0/1"), indication="HFE")["diagnoses"]
    assert found["statement"] == "carrier"
    assert "c.187C>G (pathogenic, low penetrance)" in found["text"]
    assert "not known" not in found["text"]


def test_one_lost_copy_is_no_dominant_disease_where_loss_is_known_to_be_recessive(ask) -> None:
    """ClinGen dosage of CASQ2: 30, of recessive phenotype. The class stands, the statement is careful."""
    document = ask(a_vcf().record(*CASQ2_NULL, "0/1"), indication="CASQ2")
    stated = {d["inheritance"]: d for d in document["diagnoses"]}
    assert document["variants"][0]["classification"]["classification"] == "Likely pathogenic"
    assert stated["Autosomal dominant inheritance"]["statement"] == "uncertain"
    assert "whether one lost copy causes" in stated["Autosomal dominant inheritance"]["text"]
    both = ask(a_vcf().record(*CASQ2_NULL, "1/1"), indication="CASQ2")
    assert {d["statement"] for d in both["diagnoses"]} == {"positive"}

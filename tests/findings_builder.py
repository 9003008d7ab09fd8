"""Realistic Findings for tests: real coordinates, allele names and counts, invented people.

`SHAPES` maps a name to a function that returns one Findings; `a_findings` is the plain one to vary.
Coordinates: GRCh38 as in ClinVar and CPIC's allele definitions; counts: 1000 Genomes populations.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from service.domain.assembly import Assembly
from service.domain.case import Consent, Medication, Sex
from service.domain.disease import Assertion, Classification, Criterion, Diagnosis, VariantClassification
from service.domain.findings import Findings, GeneCoverage, Scope, VariantFinding
from service.domain.frequency import (
    AlleleFrequency,
    FrequencyCriterion,
    Heterogeneity,
    Outcome,
    PooledFrequency,
    SourceAnswer,
    SourceStatus,
    VariantFrequencies,
)
from service.domain.issue import Issue
from service.domain.pgx import (
    CallStatus,
    Diplotype,
    Dose,
    MedicationPhenotype,
    PharmacogeneCall,
    Recommendation,
    SiteResult,
)
from service.domain.variant import MolecularDescription, Variant, VariantCall, Zygosity

CLOPIDOGREL = Medication(rxnorm="32968", atc="B01AC04", name="clopidogrel", start="2026-03-01")
PAROXETINE = Medication(rxnorm="32937", atc="N06AB05", name="paroxetine", start="2026-01-15")

ASKED_AT = "2026-11-20T08:30:00+00:00"
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "ward-7",
    "identifier": [{"system": "urn:oid:2.16.840.1.113883.2.4.6.3", "value": "example-0042"}],
    "name": [{"family": "Example", "given": ["Ada"]}],
    "gender": "female",
    "birthDate": "1961-04-02",
}
SERVICE_REQUEST: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "id": "order-11",
    "status": "active",
    "intent": "order",
    "code": {"text": "Pharmacogenomic panel"},
    "subject": {"reference": "Patient/ward-7"},
    "requester": {"display": "Cardiology outpatient clinic"},
}
SPECIMEN: dict[str, Any] = {
    "resourceType": "Specimen",
    "id": "tube-3",
    "type": {"text": "Whole blood"},
    "subject": {"reference": "Patient/ward-7"},
    "request": [{"reference": "ServiceRequest/order-11"}],
    "receivedTime": "2026-11-18T10:00:00+01:00",
}


def a_scope(**changes: Any) -> Scope:
    """A scope without indication, consent unknown, sex unknown; `changes` replace fields."""
    plain = Scope(
        indication=(), consent_secondary=Consent.UNKNOWN, sex=Sex.UNKNOWN, phenotypes=(), medications=()
    )
    return replace(plain, **changes)


def a_findings(**changes: Any) -> Findings:
    """Findings that say nothing of anything; `changes` replace fields."""
    plain = Findings(
        subject="subject-0042",
        sample="sample-0042",
        assembly="GRCh38",
        knowledge_release="2026.11",
        service_version="0.1.0",
        generated_at="2026-11-20T08:31:02+00:00",
        input_digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        question_digest="60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        issues=(),
        pharmacogenes=(),
        recommendations=(),
        variants=(),
        diagnoses=(),
        sources=SOURCES,
        scope=a_scope(),
    )
    return replace(plain, **changes)


# ---- population frequencies

SOURCES = (
    SourceStatus("1000 Genomes GBR", "snapshot", "phase3", "answered", None, "GB"),
    SourceStatus("1000 Genomes FIN", "snapshot", "phase3", "answered", None, "FI"),
    SourceStatus("Iberian node", "beacon", None, "failed", "no answer within 2 s", "ES"),
    SourceStatus("1000 Genomes TSI", "snapshot", "phase3", "partial", None, "IT"),
)


def an_answer(
    source: str,
    country: str | None,
    counts: tuple[int, int] | None,
    outcome: Outcome | None = None,
    **more: Any,
) -> SourceAnswer:
    """One source's answer; the outcome follows from the counts (AC, AN) unless it is given."""
    if counts is None:
        return SourceAnswer(source, country, outcome or Outcome.FAILED, **more)
    observed = Outcome.OBSERVED if counts[0] else Outcome.CALLED_ABSENT
    frequency = AlleleFrequency(*counts, **more.pop("of_counts", {}))
    return SourceAnswer(source, country, outcome or observed, frequency, asked_at=ASKED_AT, **more)


CYP2C19_2_FREQUENCIES = VariantFrequencies(
    answers=(
        an_answer(
            "1000 Genomes GBR",
            "GB",
            (26, 182),
            of_counts={"homozygotes": 2, "ci95": (0.09554, 0.20238), "faf95": 0.1003},
            dataset="GBR",
            version="phase3",
        ),
        an_answer(
            "1000 Genomes FIN",
            "FI",
            (43, 198),
            of_counts={"homozygotes": 4, "ci95": (0.16193, 0.28134), "faf95": 0.1659},
            dataset="FIN",
            version="phase3",
            bottlenecked=True,
        ),
        an_answer(
            "Iberian node", "ES", None, Outcome.FAILED, reason="no answer within 2 s", asked_at=ASKED_AT
        ),
        an_answer(
            "1000 Genomes TSI",
            "IT",
            (20, 214),
            of_counts={"homozygotes": 1, "ci95": (0.05804, 0.14053), "faf95": 0.0619},
            dataset="TSI",
            version="phase3",
        ),
    ),
    pooled=PooledFrequency(
        AlleleFrequency(89, 594, ci95=(0.12208, 0.18100), faf95=0.1247),
        sources=("1000 Genomes GBR", "1000 Genomes FIN", "1000 Genomes TSI"),
        silent=("Iberian node",),
        heterogeneity=Heterogeneity(12.68, 2, 0.0018, 0.842, "Pearson", True, (0.0935, 0.2172)),
    ),
    grpmax_faf95=0.1003,
    grpmax_group="GBR",
    criteria=(
        FrequencyCriterion("BA1", "Stand Alone", "met", "FAF95 0.1003 in GBR is above 0.05"),
        FrequencyCriterion("PM2", None, "not met", "seen in three cohorts"),
    ),
)

# Every outcome once; the last source gives a bare frequency without counts.
SEVEN_OUTCOMES = VariantFrequencies(
    answers=(
        an_answer(
            "United Kingdom",
            "GB",
            (3, 20000),
            of_counts={"homozygotes": 0, "ci95": (0.000031, 0.000438)},
            dataset="uk-wgs",
            version="2025-10",
        ),
        an_answer(
            "Finland", "FI", (0, 11000), of_counts={"ci95": (0.0, 0.000335)}, dataset="sisu", version="4.2"
        ),
        an_answer(
            "Spain",
            "ES",
            None,
            Outcome.NOT_LISTED,
            reason="answered; the variant is not listed",
            asked_at=ASKED_AT,
        ),
        an_answer(
            "Italy", "IT", None, Outcome.NOT_COVERED, reason="allele number 0 stated", asked_at=ASKED_AT
        ),
        an_answer(
            "Estonia", "EE", None, Outcome.SUPPRESSED, reason="counts below 5 are withheld", asked_at=ASKED_AT
        ),
        an_answer("Portugal", "PT", None, Outcome.FAILED, reason="connection refused", asked_at=ASKED_AT),
        an_answer(
            "Norway", "NO", None, Outcome.NOT_ASKED, reason="exact queries are not allowed for this node"
        ),
        an_answer(
            "Regional biobank",
            None,
            None,
            Outcome.NOT_LISTED,
            reported_frequency=0.0002,
            reason="a frequency without counts",
            asked_at=ASKED_AT,
        ),
    ),
    pooled=PooledFrequency(
        AlleleFrequency(3, 31000, ci95=(0.00002, 0.000283), faf95=0.0000264),
        sources=("United Kingdom", "Finland"),
        silent=("Portugal", "Norway"),
        note="two cohorts of seven",
    ),
)


# ---- pharmacogenes

CYP2C19_2 = VariantFinding(
    VariantCall(
        Variant(Assembly.GRCH38, "10", 94781858, "G", "A"),
        Zygosity.HOMOZYGOUS,
        depth=38,
        allele_fraction=1.0,
        rsid="rs4244285",
        line=412,
    ),
    MolecularDescription(
        variant=Variant(Assembly.GRCH38, "10", 94781858, "G", "A"),
        spdi="NC_000010.11:94781858:G:A",
        hgvs_g="NC_000010.11:g.94781859G>A",
        hgvs_g_grch37="NC_000010.10:g.96541616G>A",
        hgvs_c="NM_000769.4:c.681G>A",
        hgvs_p="NP_000760.1:p.(Pro227=)",
        gene="CYP2C19",
        hgnc_id="HGNC:2621",
        transcript="NM_000769.4",
        protein="NP_000760.1",
        consequence="splice_region_variant",
        consequences=("splice_region_variant", "synonymous_variant"),
        cytogenetic_band="10q23.33",
    ),
    CYP2C19_2_FREQUENCIES,
)

CYP2C19_POOR = PharmacogeneCall(
    gene="CYP2C19",
    status=CallStatus.CALLED,
    phased=False,
    diplotypes=(Diplotype("*2/*2", ("*2", "*2"), None, "Poor Metabolizer"),),
    haplotypes=("*2", "*2"),
    basis_alleles=("*2", "*2"),
    missing_positions=("10:94762706",),
    uncallable_alleles=("*4",),
    notes=("One position that defines *4 was not in the file.",),
    sites=(
        SiteResult("10", 94781859, "rs4244285", "called", ("A", "A")),
        SiteResult("10", 94762706, "rs28399504", "missing", (), "no record"),
    ),
    definition_version="2025-11-05",
    hgnc_id="HGNC:2621",
)

CLOPIDOGREL_CPIC = Recommendation(
    drug="clopidogrel",
    rxnorm="32968",
    atc=("B01AC04",),
    guideline="CPIC",
    genes=("CYP2C19",),
    basis={"CYP2C19": "Poor Metabolizer"},
    population="acute coronary syndrome or percutaneous coronary intervention",
    strength="Strong",
    action="use-alternative",
    text="Avoid clopidogrel where possible; give prasugrel or ticagrelor if nothing speaks against it.",
    source="CPIC clopidogrel 2022, PMID 35034351",
    why="Little active metabolite is formed, so platelets are inhibited too little.",
    guideline_url="https://cpicpgx.org/guidelines/guideline-for-clopidogrel-and-cyp2c19/",
    pmids=("35034351",),
    version="2022-01",
    current_medication=True,
)

CLOPIDOGREL_DPWG = replace(
    CLOPIDOGREL_CPIC,
    guideline="DPWG",
    strength="no action level given",
    source="DPWG clopidogrel 2024-05",
    guideline_url=None,
    pmids=(),
    version="2024-05",
    newer_version="2025-11",
    text="Choose another platelet inhibitor after intervention, stroke or transient ischaemic attack.",
)


def cyp2c19_poor_metabolizer_on_clopidogrel() -> Findings:
    """CYP2C19 *2/*2, clopidogrel now, one Beacon node silent, a Patient, an order and a Specimen given."""
    return a_findings(
        pharmacogenes=(CYP2C19_POOR,),
        recommendations=(CLOPIDOGREL_CPIC, CLOPIDOGREL_DPWG),
        variants=(CYP2C19_2,),
        issues=(
            Issue("warning", "transient", "A frequency source did not answer within 2 s.", "Iberian node"),
            Issue("information", "incomplete", "One definition position was not in the file.", "CYP2C19"),
        ),
        scope=a_scope(sex=Sex.FEMALE, medications=(CLOPIDOGREL,), records_read=1893),
        context={"patient": PATIENT, "service_request": SERVICE_REQUEST, "specimen": SPECIMEN},
    )


def ambiguous_diplotypes() -> Findings:
    """CYP2B6 without phase: *1/*6 or *4/*9, two phenotypes alike; guidance only possible."""
    call = PharmacogeneCall(
        gene="CYP2B6",
        status=CallStatus.AMBIGUOUS,
        phased=False,
        diplotypes=(
            Diplotype("*1/*6", ("*1", "*6"), None, "Intermediate Metabolizer"),
            Diplotype("*4/*9", ("*4", "*9"), None, "Intermediate Metabolizer"),
        ),
        notes=("Two pairs of alleles fit the unphased genotypes equally well.",),
        definition_version="2025-11-05",
        hgnc_id="HGNC:2615",
    )
    efavirenz = Recommendation(
        drug="efavirenz",
        rxnorm="195085",
        atc=("J05AG03",),
        guideline="CPIC",
        genes=("CYP2B6",),
        basis={"CYP2B6": "Intermediate Metabolizer"},
        population="adults",
        strength="Moderate",
        action="reduce-dose",
        text="Consider starting at 400 mg daily.",
        source="CPIC efavirenz 2019, PMID 31006110",
        dose=Dose(maximum=400, unit="mg/d", text="400 mg daily"),
        guideline_url="https://cpicpgx.org/guidelines/cpic-guideline-for-efavirenz-based-on-cyp2b6-genotype/",
        pmids=("31006110",),
        possible="rests on one of two pairs of alleles that fit",
    )
    return a_findings(pharmacogenes=(call,), recommendations=(efavirenz,))


def dpyd_haplotype_list() -> Findings:
    """DPYD: three variants that cannot be paired; guidance rests on the two lowest-function alleles."""
    call = PharmacogeneCall(
        gene="DPYD",
        status=CallStatus.CALLED,
        phased=False,
        haplotypes=(
            "c.1129-5923C>G, c.1236G>A (HapB3)",
            "c.1627A>G (*5)",
            "c.1905+1G>A (*2A)",
        ),
        basis_alleles=("c.1905+1G>A (*2A)", "c.1129-5923C>G, c.1236G>A (HapB3)"),
        basis=Diplotype(
            "c.1905+1G>A (*2A)/c.1129-5923C>G, c.1236G>A (HapB3)",
            ("c.1905+1G>A (*2A)", "c.1129-5923C>G, c.1236G>A (HapB3)"),
            "0.5",
            "Poor Metabolizer",
        ),
        notes=("Phase is not known; the two alleles of lowest function are the basis of guidance.",),
        definition_version="2025-11-05",
        hgnc_id="HGNC:3012",
    )
    fluorouracil = Recommendation(
        drug="fluorouracil",
        rxnorm="4492",
        atc=("L01BC02",),
        guideline="CPIC",
        genes=("DPYD",),
        basis={"DPYD": "0.5"},
        population="any",
        strength="Strong",
        action="avoid",
        text="Avoid fluorouracil; with no alternative, give a much reduced dose and measure levels early.",
        source="CPIC fluoropyrimidines 2017, PMID 29152729",
        pmids=("29152729",),
    )
    return a_findings(pharmacogenes=(call,), recommendations=(fluorouracil,))


def hemizygous_g6pd() -> Findings:
    """G6PD A- (202A_376G) in a male: one allele, one phenotype."""
    variant = Variant(Assembly.GRCH38, "X", 154536001, "C", "T")
    finding = VariantFinding(
        VariantCall(variant, Zygosity.HEMIZYGOUS, depth=21, allele_fraction=1.0, rsid="rs1050828"),
        MolecularDescription(
            variant=variant,
            spdi="NC_000023.11:154536001:C:T",
            hgvs_g="NC_000023.11:g.154536002C>T",
            hgvs_c="NM_001360016.2:c.202G>A",
            hgvs_p="NP_001346945.1:p.(Val68Met)",
            gene="G6PD",
            hgnc_id="HGNC:4057",
            transcript="NM_001360016.2",
            protein="NP_001346945.1",
            consequence="missense_variant",
            consequences=("missense_variant",),
            cytogenetic_band="Xq28",
        ),
    )
    call = PharmacogeneCall(
        gene="G6PD",
        status=CallStatus.CALLED,
        phased=True,
        diplotypes=(Diplotype("A- 202A_376G", ("A- 202A_376G",), None, "Deficient"),),
        haplotypes=("A- 202A_376G",),
        definition_version="2025-11-05",
        hgnc_id="HGNC:4057",
    )
    rasburicase = Recommendation(
        drug="rasburicase",
        rxnorm="283821",
        atc=("V03AF07",),
        guideline="CPIC",
        genes=("G6PD",),
        basis={"G6PD": "Deficient"},
        population="any",
        strength="Strong",
        action="avoid",
        text="Do not give rasburicase; allopurinol is an alternative.",
        source="CPIC G6PD 2022, PMID 36049896",
        pmids=("36049896",),
    )
    return a_findings(
        pharmacogenes=(call,),
        recommendations=(rasburicase,),
        variants=(finding,),
        scope=a_scope(sex=Sex.MALE),
    )


def outside_cyp2d6_with_co_medication() -> Findings:
    """CYP2D6 *1/*4 from another laboratory; paroxetine makes a poor metabolizer's phenotype expected."""
    call = PharmacogeneCall(
        gene="CYP2D6",
        status=CallStatus.OUTSIDE_CALL,
        phased=False,
        diplotypes=(Diplotype("*1/*4", ("*1", "*4"), "1.0", "Intermediate Metabolizer"),),
        expected_with_medications=(
            MedicationPhenotype(
                phenotype="Poor Metabolizer",
                activity_score="0.0",
                drug="paroxetine",
                strength="strong inhibitor",
                source="CPIC CYP2D6 and opioids 2021, PMID 33387367",
                washout_days=7,
                note="Expected while paroxetine is taken; the genotype is unchanged.",
            ),
        ),
        notes=("Called elsewhere; not re-derived from the variant file.",),
        hgnc_id="HGNC:2625",
    )
    codeine = Recommendation(
        drug="codeine",
        rxnorm="2670",
        atc=("R05DA04", "N02AA59"),
        guideline="CPIC",
        genes=("CYP2D6",),
        basis={"CYP2D6": "1.0"},
        population="any",
        strength="Moderate",
        action="standard",
        text="Label-recommended dosing; if the response is poor, choose a non-tramadol opioid.",
        source="CPIC opioids 2021, PMID 33387367",
        pmids=("33387367",),
    )
    expected = replace(
        codeine,
        basis={"CYP2D6": "0.0"},
        strength="Strong",
        action="avoid",
        text="While paroxetine is taken, avoid codeine: little morphine is formed.",
        possible="rests on the phenotype expected while paroxetine is taken",
        warnings=("Paroxetine inhibits CYP2D6.",),
    )
    return a_findings(
        pharmacogenes=(call,),
        recommendations=(codeine, expected),
        scope=a_scope(medications=(PAROXETINE,)),
    )


def hla_b_status() -> Findings:
    """HLA-B*57:01 positive, HLA-B*15:02 negative, by outside call."""
    call = PharmacogeneCall(
        gene="HLA-B",
        status=CallStatus.OUTSIDE_CALL,
        phased=False,
        diplotypes=(
            Diplotype("*07:02/*57:01", ("*07:02", "*57:01"), None, "*15:02 negative; *57:01 positive"),
        ),
        hgnc_id="HGNC:4932",
    )
    abacavir = Recommendation(
        drug="abacavir",
        rxnorm="190521",
        atc=("J05AF06",),
        guideline="CPIC",
        genes=("HLA-B",),
        basis={"HLA-B": "*57:01 positive"},
        population="any",
        strength="Strong",
        action="avoid",
        text="Abacavir must not be given: high risk of a hypersensitivity reaction.",
        source="CPIC abacavir 2014, PMID 24561393",
        pmids=("24561393",),
    )
    carbamazepine = Recommendation(
        drug="carbamazepine",
        rxnorm="2002",
        atc=("N03AF01",),
        guideline="CPIC",
        genes=("HLA-B", "HLA-A"),
        basis={"HLA-B": "*15:02 negative"},
        population="any",
        strength="",
        action="not-called",
        text="HLA-A was not typed, so guidance for carbamazepine is incomplete.",
        source="CPIC carbamazepine 2017, PMID 29392710",
    )
    paracetamol = Recommendation(
        drug="paracetamol",
        rxnorm="161",
        atc=("N02BE01",),
        guideline="none",
        genes=(),
        basis={},
        population="general",
        strength="N/A",
        action="no-guideline",
        text="No guideline in this release gives advice on paracetamol from genes.",
        source="guidelines of this knowledge release",
        current_medication=True,
    )
    return a_findings(pharmacogenes=(call,), recommendations=(abacavir, carbamazepine, paracetamol))


def not_called_and_assumed() -> Findings:
    """TPMT no-call, NUDT15 not covered, SLCO1B1 fallback; missing read as reference on request."""
    return a_findings(
        pharmacogenes=(
            PharmacogeneCall(
                gene="NUDT15",
                status=CallStatus.NOT_COVERED,
                phased=False,
                missing_positions=("13:48037782", "13:48037798"),
                notes=("No position of this gene was in the file.",),
                hgnc_id="HGNC:23063",
            ),
            PharmacogeneCall(
                gene="SLCO1B1",
                status=CallStatus.NO_CALL,
                phased=False,
                haplotypes=("rs4149056 C/T",),
                basis=Diplotype(
                    "rs4149056 C/rs4149056 T", ("rs4149056 C", "rs4149056 T"), None, "Decreased Function"
                ),
                notes=("No pair of alleles fits; rs4149056 alone was read.",),
                hgnc_id="HGNC:10959",
            ),
            PharmacogeneCall(
                gene="TPMT",
                status=CallStatus.NO_CALL,
                phased=False,
                missing_positions=("6:18130687",),
                uncallable_alleles=("*3B", "*3A"),
                notes=("A defining position did not pass its filters.",),
                hgnc_id="HGNC:12014",
            ),
        ),
        recommendations=(
            Recommendation(
                drug="azathioprine",
                rxnorm="1256",
                atc=("L04AX01",),
                guideline="CPIC",
                genes=("NUDT15", "TPMT"),
                basis={"NUDT15": "No Result", "TPMT": "No Result"},
                population="any",
                strength="",
                action="not-called",
                text="Neither gene could be called; this is not a normal result.",
                source="CPIC thiopurines 2018, PMID 30447069",
            ),
            Recommendation(
                drug="simvastatin",
                rxnorm="36567",
                atc=("C10AA01",),
                guideline="CPIC",
                genes=("SLCO1B1",),
                basis={"SLCO1B1": "Decreased Function"},
                population="any",
                strength="Strong",
                action="use-alternative",
                text="Choose another statin, or keep simvastatin below 20 mg a day.",
                source="CPIC statins 2022, PMID 35152405",
                possible="rests on rs4149056 alone",
            ),
        ),
        scope=a_scope(
            assumptions=(
                "Missing positions were read as reference because the caller asked for it.",
                "Records that did not pass their filters were accepted because the caller asked for it.",
            )
        ),
    )


# ---- rare disease

BRCA1_185DELAG = VariantFinding(
    VariantCall(
        Variant(Assembly.GRCH38, "17", 43124026, "ACT", "A"),
        Zygosity.HETEROZYGOUS,
        depth=44,
        allele_fraction=0.48,
        rsid="rs80357914",
        line=88,
    ),
    MolecularDescription(
        variant=Variant(Assembly.GRCH38, "17", 43124026, "ACT", "A"),
        spdi="NC_000017.11:43124027:CTCT:CT",
        vrs_id=None,
        hgvs_g="NC_000017.11:g.43124030_43124031del",
        hgvs_g_grch37="NC_000017.10:g.41276047_41276048del",
        hgvs_c="NM_007294.4:c.68_69del",
        hgvs_p="NP_009225.1:p.(Glu23ValfsTer17)",
        gene="BRCA1",
        hgnc_id="HGNC:1100",
        transcript="NM_007294.4",
        protein="NP_009225.1",
        consequence="frameshift_variant",
        consequences=("frameshift_variant",),
        exon="2/23",
        nmd=True,
        cytogenetic_band="17q21.31",
    ),
    SEVEN_OUTCOMES,
    assertions=(
        Assertion(
            source="ClinVar",
            accession="VCV000017662",
            classification="Pathogenic",
            review_status="reviewed by expert panel",
            stars=3,
            conditions=("Breast-ovarian cancer, familial, susceptibility to, 1",),
            condition_ids=("MONDO:0011450",),
            last_evaluated="2016-09-08",
            release="2025-09-28",
            genes=("BRCA1",),
        ),
    ),
    classification=VariantClassification(
        classification=Classification.PATHOGENIC,
        points=10,
        scheme="points, likely benign at -2",
        criteria=(
            Criterion(
                "PVS1",
                "Very Strong",
                "met",
                "frameshift, nonsense-mediated decay predicted",
                "doi:10.1002/humu.23626",
            ),
            Criterion("PM2", "Supporting", "met", "FAF95 below the threshold", "ClinGen SVI PM2 v1.0"),
            Criterion("PM5", "Supporting", "met", "given by the caller", "", supplied=True),
            Criterion("PP3", None, "not assessed", "no score was supplied"),
            Criterion("BA1", None, "not met", "FAF95 0.0000264 is below 0.05"),
        ),
    ),
)

HBOC = Diagnosis(
    gene="BRCA1",
    hgnc_id="HGNC:1100",
    disease="breast-ovarian cancer, familial, susceptibility to, 1",
    mondo="MONDO:0011450",
    inheritance="autosomal dominant",
    inheritance_hpo="HP:0000006",
    statement="positive",
    classification=Classification.PATHOGENIC,
    variants=("NC_000017.11:43124027:CTCT:CT",),
    text="One pathogenic variant in BRCA1: a hereditary predisposition to breast and ovarian cancer.",
    evidence=("ClinGen validity: Definitive",),
    follow_up=(
        "Genetic counselling.",
        "Confirm in a second sample by an accredited method.",
        "Offer testing to relatives.",
    ),
    stars=3,
    validity="Definitive",
    date="2016-09-08",
)


def brca1_carrier() -> Findings:
    """BRCA1 c.68_69del heterozygous, the stated indication; ClinVar's assertion, our class, a diagnosis."""
    return a_findings(
        variants=(BRCA1_185DELAG,),
        diagnoses=(HBOC,),
        scope=a_scope(
            sex=Sex.FEMALE,
            indication=("BRCA1",),
            phenotypes=("HP:0003002",),
            genes_assessed=(
                GeneCoverage("BRCA1", 0.998, "coding bases stated covered"),
                GeneCoverage("BRCA2", None, "the file does not say what was covered"),
            ),
            not_assessed=("copy number changes", "repeat expansions"),
        ),
    )


def secondary_finding_with_consent() -> Findings:
    """The same variant found without being looked for, with consent to be told."""
    return a_findings(
        variants=(replace(BRCA1_185DELAG, secondary=True),),
        diagnoses=(replace(HBOC, statement="secondary-finding", secondary=True),),
        scope=a_scope(consent_secondary=Consent.YES),
    )


def consent_withheld() -> Findings:
    """Nothing secondary is said, and nothing says whether there was anything."""
    return a_findings(scope=a_scope(consent_secondary=Consent.NO, indication=("LDLR",)))


PAH_SPDI = "NC_000012.12:102840492:G:A"


def lifted_from_grch37() -> Findings:
    """PAH c.1222C>T heterozygous, read on GRCh37 and lifted; a carrier statement."""
    variant = Variant(Assembly.GRCH38, "12", 102840492, "G", "A")
    finding = VariantFinding(
        VariantCall(
            variant,
            Zygosity.HETEROZYGOUS,
            phased=True,
            phase_set="102840493",
            copy=1,
            filters=("LowQual",),
            passed=False,
            depth=9,
            lifted_from=Variant(Assembly.GRCH37, "12", 103234270, "G", "A"),
        ),
        MolecularDescription(
            variant=variant,
            spdi=PAH_SPDI,
            hgvs_g="NC_000012.12:g.102840493G>A",
            hgvs_g_grch37="NC_000012.11:g.103234271G>A",
            hgvs_c="NM_000277.3:c.1222C>T",
            hgvs_p="NP_000268.1:p.(Arg408Trp)",
            gene="PAH",
            hgnc_id="HGNC:8582",
            transcript="NM_000277.3",
            protein="NP_000268.1",
            consequence="missense_variant",
            consequences=("missense_variant",),
            cytogenetic_band="12q23.2",
        ),
    )
    carrier = Diagnosis(
        gene="PAH",
        hgnc_id="HGNC:8582",
        disease="phenylketonuria",
        mondo="MONDO:0009861",
        inheritance="autosomal recessive",
        inheritance_hpo="HP:0000007",
        statement="carrier",
        classification=Classification.PATHOGENIC,
        variants=(PAH_SPDI,),
        text="One pathogenic variant in PAH: a carrier of phenylketonuria.",
        follow_up=("Genetic counselling.",),
    )
    return a_findings(
        assembly="GRCh37",
        variants=(finding,),
        diagnoses=(carrier,),
        scope=a_scope(indication=("PAH",)),
    )


def mitochondrial_heteroplasmy() -> Findings:
    """MT m.3243A>G at 32 % of reads: no chromosome answer, no coding name."""
    variant = Variant(Assembly.GRCH38, "MT", 3242, "A", "G")
    finding = VariantFinding(
        VariantCall(variant, Zygosity.HETEROPLASMIC, depth=1850, allele_fraction=0.32),
        MolecularDescription(
            variant=variant,
            spdi="NC_012920.1:3242:A:G",
            hgvs_g="NC_012920.1:m.3243A>G",
            gene="MT-TL1",
            hgnc_id="HGNC:7490",
            consequence="non_coding_transcript_exon_variant",
            consequences=("non_coding_transcript_exon_variant",),
            notes=("A transfer RNA gene: no coding or protein name.",),
        ),
        classification=VariantClassification(Classification.PATHOGENIC, 11, "points", ()),
    )
    statement = Diagnosis(
        gene="MT-TL1",
        hgnc_id="HGNC:7490",
        disease="MELAS syndrome",
        mondo="MONDO:0010789",
        inheritance="mitochondrial",
        inheritance_hpo="HP:0001427",
        statement="positive",
        classification=Classification.PATHOGENIC,
        variants=("NC_012920.1:3242:A:G",),
        text="A pathogenic mitochondrial variant in about a third of the reads.",
        follow_up=("Genetic counselling.", "Measure heteroplasmy in a second tissue."),
    )
    return a_findings(
        variants=(finding,), diagnoses=(statement,), scope=a_scope(indication=("MONDO:0010789",))
    )


def negative_findings() -> Findings:
    """Looked for hypercholesterolaemia, found nothing; one gene covered, one not."""
    nothing = Diagnosis(
        gene="LDLR",
        hgnc_id="HGNC:6547",
        disease="hypercholesterolemia, familial, 1",
        mondo="MONDO:0007750",
        inheritance="semidominant",
        inheritance_hpo="HP:0032113",
        statement="negative",
        classification=None,
        variants=(),
        text="No reportable variant was found in the 97 % of coding bases stated covered.",
    )
    silent = replace(
        nothing,
        gene="APOB",
        hgnc_id="HGNC:603",
        disease="hypercholesterolemia, autosomal dominant, type B",
        mondo="MONDO:0007751",
        inheritance="autosomal dominant",
        inheritance_hpo="HP:0000006",
        text="Absence of a record is not a negative result: the file does not say what was covered.",
    )
    return a_findings(
        diagnoses=(nothing, silent),
        pharmacogenes=(
            replace(
                CYP2C19_POOR,
                diplotypes=(Diplotype("*1/*1", ("*1", "*1"), None, "Normal Metabolizer"),),
                haplotypes=("*1", "*1"),
                basis_alleles=("*1", "*1"),
            ),
        ),
        scope=a_scope(
            indication=("LDLR", "APOB"),
            genes_assessed=(
                GeneCoverage("LDLR", 0.97, "coding bases stated covered"),
                GeneCoverage("APOB", None, "the file does not say what was covered"),
            ),
            not_assessed=("copy number changes",),
        ),
    )


def nothing_to_say() -> Findings:
    """An empty answer: no pharmacogene, no variant, no source configured."""
    return a_findings(sources=())


SHAPES: dict[str, Callable[[], Findings]] = {
    make.__name__: make
    for make in (
        cyp2c19_poor_metabolizer_on_clopidogrel,
        ambiguous_diplotypes,
        dpyd_haplotype_list,
        hemizygous_g6pd,
        outside_cyp2d6_with_co_medication,
        hla_b_status,
        not_called_and_assumed,
        brca1_carrier,
        secondary_finding_with_consent,
        consent_withheld,
        lifted_from_grch37,
        mitochondrial_heteroplasmy,
        negative_findings,
        nothing_to_say,
    )
}

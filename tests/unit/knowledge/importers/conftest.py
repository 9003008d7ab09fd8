"""A small ClinVar VCF as NCBI lays it out, and a state folder to import it into."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from service.knowledge.imports import Imports

HEADER = """##fileformat=VCFv4.1
##fileDate={date}
##source=ClinVar
##reference={reference}
##ID=<Description="ClinVar Variation ID">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""
# Real records of the release of 2025-09-28, INFO shortened; the class of the last two is made up.
RECORDS = (
    (
        "13\t32337112\t51337\tAC\tA\t.\t.\tALLELEID=66005;CLNDISDB=MONDO:MONDO:0015356,MeSH:D009386|MONDO:MONDO:0012933,"
        "OMIM:612555|MedGen:C3661900;CLNDN=Hereditary_cancer-predisposing_syndrome|Breast-ovarian_cancer,_familial,"
        "_susceptibility_to,_2|not_provided;CLNREVSTAT=reviewed_by_expert_panel;CLNSIG=Pathogenic;"
        "GENEINFO=BRCA2:675;MC=SO:0001589|frameshift_variant;ORIGIN=1;RS=80359346"
    ),
    (
        "15\t48415695\t549439\tC\tA\t.\t.\tCLNDISDB=MONDO:MONDO:0007947,OMIM:154700;CLNDN=Marfan_syndrome;"
        "CLNHGVS=NC_000015.10:g.48415695C>A;CLNREVSTAT=criteria_provided,_multiple_submitters,_no_conflicts;"
        "CLNSIG=Pathogenic/Likely_pathogenic;GENEINFO=FBN1:2200;MC=SO:0001583|missense_variant;RS=111856492"
    ),
    (
        "MT\t1555\t9628\tA\tG\t.\t.\tCLNDISDB=.;CLNDN=Aminoglycoside_deafness;CLNREVSTAT=criteria_provided,"
        "_multiple_submitters;CLNSIG=Pathogenic/Pathogenic,_low_penetrance|drug_response;GENEINFO=MT-RNR1:4549;"
        "CLNHGVS=NC_012920.1:m.1555=;RS=267606617|1603218434"
    ),
    (
        "1\t101\t7\tC\tT\t.\t.\tCLNDN=A_disease;CLNDISDB=Orphanet:5;CLNREVSTAT=criteria_provided,_conflicting_"
        "classifications;CLNSIG=Conflicting_classifications_of_pathogenicity;"
        "CLNSIGCONF=Likely_pathogenic(1)|Uncertain_significance(2);GENEINFO=G:1|H:2"
    ),
)
LEFT_OUT = (
    "1\t102\t8\tC\tT\t.\t.\tONC=Oncogenic;ONCREVSTAT=criteria_provided,_single_submitter",
    "1\t103\t9\tC\tM\t.\t.\tCLNSIG=Benign;CLNREVSTAT=criteria_provided,_single_submitter",
    "NT_113889.1\t104\t10\tC\tT\t.\t.\tCLNSIG=Benign;CLNREVSTAT=criteria_provided,_single_submitter",
    "1\t105\t11\tC\tT\t.\t.\tCLNSIG=Benign;CLNREVSTAT=seen_by_a_bird",
)

MakeVcf = Callable[..., Path]


@pytest.fixture
def clinvar_vcf(tmp_path: Path) -> MakeVcf:
    """Writes a ClinVar VCF: `clinvar_vcf(*records, date=..., reference=...)`."""

    def make(
        *records: str, date: str = "2026-10-05", reference: str = "GRCh38", name: str = "clinvar.vcf.gz"
    ) -> Path:
        path = tmp_path / name
        text = HEADER.format(date=date, reference=reference) + "".join(f"{record}\n" for record in records)
        path.write_bytes(gzip.compress(text.encode(), mtime=0))
        return path

    return make


@pytest.fixture
def imports(tmp_path: Path) -> Imports:
    """An empty state folder."""
    return Imports(tmp_path / "state" / "knowledge")

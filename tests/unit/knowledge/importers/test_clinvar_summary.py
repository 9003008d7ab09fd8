"""ClinVar's variant_summary: read alone, and joined to the VCF's records."""

import gzip
from pathlib import Path

import pytest

from service.errors import InvalidInput
from service.knowledge import assertions
from service.knowledge.assertion_release import Release
from service.knowledge.assertion_table import write_rows
from service.knowledge.importers.registry import source_named
from service.knowledge.importers.run import import_source
from service.knowledge.imports import ImportedRelease, Imports
from service.knowledge.joined_release import join
from tests.unit.knowledge.importers.conftest import RECORDS, MakeVcf
from tests.unit.knowledge.importers.test_clinvar import imported as imported_vcf
from tests.unit.knowledge.test_assertions import a_row

HEADER = (
    "#AlleleID\tType\tName\tGeneID\tGeneSymbol\tHGNC_ID\tClinicalSignificance\tClinSigSimple\tLastEvaluated\t"
    "RS# (dbSNP)\tnsv/esv (dbVar)\tRCVaccession\tPhenotypeIDS\tPhenotypeList\tOrigin\tOriginSimple\t"
    "Assembly\tChromosomeAccession\tChromosome\tStart\tStop\tReferenceAllele\tAlternateAllele\tCytogenetic\t"
    "ReviewStatus\tNumberSubmitters\tGuidelines\tTestedInGTR\tOtherIDs\tSubmitterCategories\tVariationID\t"
    "PositionVCF\tReferenceAlleleVCF\tAlternateAlleleVCF"
)
COLUMNS = HEADER.split("\t")
MARFAN = {
    "Name": "NM_000138.5(FBN1):c.8054G>T (p.Arg2685Met)", "GeneSymbol": "FBN1",
    "ClinicalSignificance": "Pathogenic/Likely pathogenic; other", "LastEvaluated": "Mar 14, 2024",
    "RS# (dbSNP)": "111856492", "PhenotypeIDS": "MONDO:MONDO:0007947,OMIM:154700|MedGen:C3661900",
    "PhenotypeList": "Marfan syndrome|not provided", "Assembly": "GRCh38", "Chromosome": "15",
    "ReviewStatus": "criteria provided, multiple submitters, no conflicts", "VariationID": "549439",
    "PositionVCF": "48415695", "ReferenceAlleleVCF": "C", "AlternateAlleleVCF": "A",
}  # fmt: skip
ROWS = (
    MARFAN,
    MARFAN | {"Assembly": "GRCh37", "PositionVCF": "48707892"},
    MARFAN | {"Name": "a haplotype", "VariationID": "11", "Assembly": "na", "Chromosome": "na",
              "PositionVCF": "-1", "ReferenceAlleleVCF": "na", "AlternateAlleleVCF": "na",
              "LastEvaluated": "-"},
    MARFAN | {"Name": "NM_007294.4(BRCA1):c.68_69del (p.Glu23fs)", "VariationID": "12", "PositionVCF": "5"},
    MARFAN | {"VariationID": "13", "ClinicalSignificance": "-"},
)  # fmt: skip


def imported(folder: Path, imports: Imports, name: str = "variant_summary_2026-10.txt.gz") -> ImportedRelease:
    lines = [HEADER, *("\t".join(row.get(c, "-") for c in COLUMNS) for row in ROWS)]
    (folder / name).write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))
    return import_source(source_named("clinvar-summary"), str(folder / name), imports, lambda _: None).release


def test_every_field_is_read(tmp_path: Path, imports: Imports) -> None:
    found = imported(tmp_path, imports)
    assert (found.release, found.rows, found.left_out) == (
        "2026-10", {"assertions": 3}, {"no germline classification": 1}
    )  # fmt: skip
    known = assertions.load(imports.path("clinvar-summary", "2026-10"))
    (marfan,) = known.at_residue("FBN1", 2685)
    assert (marfan.chrom, marfan.start, marfan.ref, marfan.alt) == ("15", 48415694, "C", "A")
    assert (marfan.protein_change, marfan.rsid) == ("Arg2685Met", "rs111856492")
    said = marfan.assertion
    assert (said.classification, said.stars) == ("Pathogenic/Likely pathogenic|other", 2)
    assert (said.last_evaluated, said.release) == ("2024-03-14", "2026-10")
    assert (said.conditions, said.condition_ids) == (("Marfan syndrome",), ("MONDO:0007947",))
    unplaced = known.of_accession("11")
    assert unplaced is not None
    assert (unplaced.start, unplaced.assertion.last_evaluated) == (None, None)
    frameshift = known.of_accession("12")
    assert frameshift is not None
    assert frameshift.protein_change is None


def test_it_needs_a_release(tmp_path: Path, imports: Imports) -> None:
    with pytest.raises(InvalidInput, match="--release"):
        imported(tmp_path, imports, "variant_summary.txt.gz")


def test_its_dates_and_changes_are_joined_to_the_vcf(
    tmp_path: Path, imports: Imports, clinvar_vcf: MakeVcf
) -> None:
    imported(tmp_path, imports)
    imported_vcf(clinvar_vcf(*RECORDS), imports)
    write_rows([a_row(chrom="2", start=7, ref="A", alt="G", variation=99)], tmp_path / "shipped", {})
    folders = {name: imports.path(name, found.release) for name, found in imports.current().items()}
    counts = assertions.overlay(tmp_path / "shipped", folders, tmp_path / "over")
    assert counts == {"assertions": 5, "imported": 4, "of the shipped": 1}
    known = assertions.load(tmp_path / "over")
    marfan = known.of_accession("549439")
    assert marfan is not None
    assert (marfan.assertion.classification, marfan.assertion.release) == (
        "Pathogenic/Likely pathogenic", "2026-10-05"
    )  # fmt: skip
    assert marfan.assertion.last_evaluated == "2024-03-14"
    brca2 = known.of_accession("51337")
    assert brca2 is not None
    assert brca2.assertion.last_evaluated is None
    (own,) = list(known.within("15", 48415694, 48415694))
    assert known.at_residue("FBN1", int(str(own.protein_change)[3:-3])) == (own,)


def test_a_change_is_taken_from_the_summary_where_no_sequence_gives_it(tmp_path: Path) -> None:
    write_rows(
        [a_row(chrom="1", start=9, ref="C", alt="T", variation=1, rs="5", genes="G")], tmp_path / "vcf", {}
    )
    summary = a_row(variation=1, protein="G:Arg7Cys", evaluated=19723)
    write_rows([summary, a_row(variation=2, protein="H:Arg7Cys")], tmp_path / "summary", {})
    releases = [Release(tmp_path / name) for name in ("vcf", "summary")]
    assert join(*releases, tmp_path / "joined") == 1
    known = assertions.load(tmp_path / "joined")
    (found,) = known.at_residue("G", 7)
    assert (found.protein_change, found.start, found.assertion.last_evaluated) == ("Arg7Cys", 9, "2024-01-01")
    assert known.of_rsid("rs5") == (found,) == known.within("1", 9, 9)
    assert known.at_residue("H", 7) == ()

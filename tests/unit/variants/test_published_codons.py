"""Protein names that published names of other variants in the codon settle, where no sequence is."""

import csv
import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

from service.domain.assembly import Assembly
from service.domain.transcript import EARLIER
from service.domain.variant import Variant, VariantCall, Zygosity
from service.variants.describe_lines import describe_lines
from service.variants.without_sequence import PUBLISHED
from tests.nomenclature import describer

NAME = re.compile(
    r"(NM_\d+\.\d+)\([^)]*\):(c\.\d+[ACGT]>[ACGT]) \((p\.[A-Z][a-z]{2}\d+(?:[A-Z][a-z]{2}|=))\)"
)


@pytest.mark.parametrize(
    ("asked", "protein", "consequence"),
    [
        # ClinVar VCV000183381: CAG or CAA reads Gln, TAG or TAA a stop: each codon gives the same name.
        ("NM_005101.4:c.163C>T", "NP_005092.1:p.(Gln55Ter)", "stop_gained"),
        ("NM_005101.4:c.163C>G", "NP_005092.1:p.(Gln55Glu)", "missense_variant"),
        ("NM_005101.4:c.164A>G", "NP_005092.1:p.(Gln55Arg)", "missense_variant"),
        # G or A at the third base: with G it is p.(Gln55His), as with A to T; C or T would give His in both.
        ("NM_005101.4:c.165G>C", "NP_005092.1:p.(Gln55His)", "missense_variant"),
        # ClinVar VCV000000057 is c.1420del (p.Glu474fs): GAA or GAG.
        ("NM_006642.5:c.1420G>T", "NP_006633.1:p.(Glu474Ter)", "stop_gained"),
        ("NM_006642.5:c.1421A>G", "NP_006633.1:p.(Glu474Gly)", "missense_variant"),
        ("NM_006642.5:c.1422A>T", "NP_006633.1:p.(Glu474Asp)", "missense_variant"),
        # The neighbouring codon is not told.
        ("NM_005101.4:c.166C>T", "unavailable: sequence not configured", "coding_sequence_variant"),
    ],
)
def test_a_codon_that_names_tell_gives_the_protein_change(asked: str, protein: str, consequence: str) -> None:
    (answer,) = describe_lines([asked], describer())
    assert (answer["hgvs_p"], answer["consequence"]) == (protein, consequence)
    assert (PUBLISHED in answer["notes"]) == protein.startswith("NP_")


@pytest.mark.parametrize(
    ("asked", "coding"),
    [
        # CAG or CAA: the first base makes the stop and the glutamate, the second the arginine, in both.
        ("NM_005101.4:p.Gln55Ter", "NM_005101.4:c.163C>T"),
        ("NM_005101.4:p.(Gln55Glu)", "NM_005101.4:c.163C>G"),
        ("ISG15 Q55R", "NM_005101.4:c.164A>G"),
        ("NM_005101.4:p.Gln55Leu", "NM_005101.4:c.164A>T"),  # CAG to CTG, CAA to CTA: the same base
    ],
)
def test_a_codon_that_names_tell_leads_from_protein_to_bases(asked: str, coding: str) -> None:
    (answer,) = describe_lines([asked], describer())
    assert answer["hgvs_c"] == coding, answer["error"]
    assert answer["notes"].count(PUBLISHED) == 1


@pytest.mark.parametrize("asked", ["NM_005101.4:p.Gln55His", "NM_005101.4:p.Arg56Ter"])
def test_where_codons_leave_more_than_one_change_the_protein_name_is_refused(asked: str) -> None:
    (answer,) = describe_lines([asked], describer())
    assert "is not configured; give the c. or g. name" in answer["error"]


def test_two_substitutions_in_phase_on_such_a_codon_have_no_protein_name_each() -> None:
    calls = [
        VariantCall(Variant(Assembly.GRCH38, "1", start, ref, alt), Zygosity.HOMOZYGOUS)
        for start, ref, alt in ((1014142, "C", "T"), (1014143, "A", "G"))
    ]
    described = describer().describe(calls)
    assert [names.hgvs_c for names in described] == ["NM_005101.4:c.163C>T", "NM_005101.4:c.164A>G"]
    assert [names.hgvs_p for names in described] == [None, None]
    assert {names.consequence for names in described} == {"coding_sequence_variant"}


@pytest.mark.shared
def test_a_published_protein_name_leads_to_its_own_bases(shared: Path) -> None:
    ours, asked = describer(), []
    with gzip.open(shared / "data/raredisease/clinvar_seed.tsv.gz", "rt") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            found = NAME.fullmatch(row["name"])
            model = ours.models.catalogue.get(found[1]) if found else None
            if found and not found[3].endswith("=") and model and ours.models.coding(model) is None:
                asked.append(found)
    asked = asked[::5]
    rows = describe_lines([f"{found[1]}:{found[3]}" for found in asked], ours)
    told = [(found, row) for found, row in zip(asked, rows, strict=True) if row["ok"]]
    assert len(told) > 0.7 * len(asked)
    assert all(row["hgvs_c"] == f"{found[1]}:{found[2]}" for found, row in told)


@pytest.mark.shared
def test_no_published_protein_name_is_contradicted(shared: Path) -> None:
    ours, asked = describer(), []
    with gzip.open(shared / "data/raredisease/clinvar_seed.tsv.gz", "rt") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            found = NAME.fullmatch(row["name"])
            model = ours.models.catalogue.get(found[1]) if found else None
            if found and model and model.kind != EARLIER and ours.models.coding(model) is None:
                asked.append(found)
    classes: Counter[str] = Counter()
    for found, answer in zip(asked, describe_lines([f[0] for f in asked], ours), strict=True):
        protein = (answer["hgvs_p"] or "").split(":")[-1].replace("(", "").replace(")", "")
        if not answer["ok"] or answer["transcript"] != found[1]:
            classes["another transcript"] += 1
        elif answer["hgvs_p"].startswith("unavailable"):
            classes["unavailable"] += 1
        else:
            same = protein == found[3] or found[3].startswith(("p.Met1", "p.Ter"))
            classes["same" if same else "different"] += 1
    print(classes)
    assert not classes["different"]
    assert classes["same"] > 0.95 * len(asked)

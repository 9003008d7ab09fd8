"""Published changes of transcripts without sequence: the same names from every spelling, protein included."""

import csv
import gzip
import re
from pathlib import Path

import pytest

from service.domain.published import PublishedAllele
from service.domain.transcript import EARLIER, parse_transcript
from service.variants.describe_lines import describe_lines
from service.variants.published_alleles import published_change
from service.variants.without_sequence import PUBLISHED_NAME
from tests.nomenclature import describer

# The stretches of equivalent places are ClinVar's SPDI; each record's name has the c. and p. change.
SDCCAG8 = ("NM_006642.5:c.1420del", "NP_006633.1:p.(Glu474fs)", "frameshift_variant")  # VCV000000057
AGL = ("NM_000642.3:c.4529dup", "NP_000633.2:p.(Tyr1510Ter)", "stop_gained")
COQ8A = ("NM_020247.5:c.1750_1752del", "NP_064632.2:p.(Thr584del)", "inframe_deletion")
HSD3B2 = ("NM_000198.4:c.742_743delinsAA", "NP_000189.1:p.(Val248Asn)", "missense_variant")  # VCV000012186
GLMN = ("NM_053274.3:c.157_161del", "NP_444504.1:p.(Lys53Ter)", "stop_gained")


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("NC_000001.11:g.243344277del", SDCCAG8),
        ("NC_000001.11:g.243344278del", SDCCAG8),
        ("NC_000001.11:243344276:GG:G", SDCCAG8),
        ("NC_000001.11:243344277:G:", SDCCAG8),
        ("NM_006642.5:c.1419del", SDCCAG8),
        ("NM_006642.5:c.1420delG", SDCCAG8),
        ("NM_006642.5(SDCCAG8):c.1420del (p.Glu474fs)", SDCCAG8),
        ("NM_000642.3:c.4529dup", AGL),
        ("NM_000642.3(AGL):c.4529dupA", AGL),
        ("NM_020247.5:c.1750_1752del", COQ8A),
        ("NM_020247.5:c.1747_1749del", COQ8A),
        ("NM_000198.4:c.742_743delinsAA", HSD3B2),
        ("NM_053274.3:c.157_161del", GLMN),  # ClinVar prints p.Glu52_Lys53insTer
    ],
)
def test_a_published_change_has_its_names_from_every_spelling(
    asked: str, names: tuple[str, str, str]
) -> None:
    (answer,) = describe_lines([asked], describer())
    assert (answer["hgvs_c"], answer["hgvs_p"], answer["consequence"]) == names, answer["error"]
    assert answer["vrs_id"]
    assert answer["notes"] == [PUBLISHED_NAME]


@pytest.mark.parametrize(
    "asked",
    [
        "NC_000001.11:g.243344280del",  # the neighbouring bases
        "NC_000001.11:g.243344277_243344278del",  # both G
        "NC_000001.11:243344276:GG:AG",
        "NC_000001.11:243344277:T:",  # a base that the published record contradicts
    ],
)
def test_another_change_at_the_place_stays_unavailable(asked: str) -> None:
    (answer,) = describe_lines([asked], describer())
    assert answer["hgvs_p"] == "unavailable: sequence not configured"
    assert PUBLISHED_NAME not in answer["notes"]


MODEL = parse_transcript("NM_1.1\tNP_1.1\t\tG\tHGNC:1\tMANE Select\t1\t+\t100\t400\t\t0-300\t\t300")


@pytest.mark.parametrize(
    ("ref", "alt", "protein", "kind", "stop_end", "length_change"),
    [
        ("A", "", "Glu47fs", "frameshift", None, None),
        ("A", "", "Glu47Ter", "stop_gained", 141, -53),  # 46 of 99 residues are left
        ("A", "AT", "Glu47delinsAspValTer", "stop_gained", 147, -51),
        ("AAA", "", "Lys47del", "inframe_deletion", None, -1),
        ("A", "AAAA", "Lys47_Glu48insArg", "inframe_insertion", None, 1),
        ("TA", "TC", "Ter100TyrextTer12", "stop_lost", None, None),
        ("A", "", "Met1fs", None, None, None),
        ("A", "", "Glu47GlyfsTer3", None, None, None),
        ("A", "G", "Ter100Lys", None, None, None),
        ("A", "G", "", None, None, None),
    ],
)
def test_published_protein_changes_are_read_in_recommended_forms_alone(
    ref: str, alt: str, protein: str, kind: str | None, stop_end: int | None, length_change: int | None
) -> None:
    made = published_change(PublishedAllele(240, ref, alt, protein), MODEL)
    assert (made.kind if made else None) == kind
    if made is not None:
        assert (made.text, made.stop_end, made.length_change) == (protein, stop_end, length_change)


@pytest.mark.shared
def test_published_indels_of_transcripts_without_sequence_come_back_as_published(shared: Path) -> None:
    name = re.compile(
        r"(NM_\d+\.\d+)\([^)]+\):(c\.\d+(?:_\d+)?(?:del|dup)) \((p\.[A-Z][a-z]{2}\d+(?:fs|del|Ter))\)"
    )
    ours, asked = describer(), []
    with gzip.open(shared / "data/raredisease/clinvar_seed.tsv.gz", "rt") as handle:
        for row in csv.DictReader(handle, delimiter="\t"):
            found = name.fullmatch(row["name"])
            model = ours.models.catalogue.get(found[1]) if found else None
            if found and model and model.kind != EARLIER and ours.models.coding(model) is None:
                asked.append(found)
    asked = asked[::4]
    same = 0
    for found, answer in zip(asked, describe_lines([f"{f[1]}:{f[2]}" for f in asked], ours), strict=True):
        if answer["ok"] and answer["hgvs_p"] != "unavailable: sequence not configured":
            assert answer["hgvs_p"].endswith(f":p.({found[3][2:]})"), found[0]
            assert answer["hgvs_c"].endswith(found[2]), found[0]
            same += 1
    assert len(asked) > 1_200
    assert same / len(asked) > 0.97

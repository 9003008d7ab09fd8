"""Assertions: each form of a variant finds its record, and a record without class or source is refused."""

from pathlib import Path
from typing import Any

import pytest

from service.errors import KnowledgeError
from service.knowledge import assertions
from service.knowledge.assertion_release import Release
from service.knowledge.assertion_table import FOUNDERS, trimmed, write_rows
from service.knowledge.clinvar import ClinVar

BLANK = dict.fromkeys(
    ("chrom", "start", "ref", "alt", "spdi", "variation", "rs", "genes", "conditions", "condition_ids",
     "conflict", "protein", "source"),
    "",
)  # fmt: skip
BLANK |= {"classification": "Pathogenic", "review": "criteria provided, single submitter", "release": "2025"}


def a_row(**cells: Any) -> dict[str, str]:
    return BLANK | {name: str(value) for name, value in cells.items()}


def compiled(folder: Path, *rows: dict[str, str]) -> ClinVar:
    write_rows(rows, folder, {"release": "test"})
    return assertions.load(folder)


# NC_000001.11:243344276:GG:G is NM_006642.5:c.1420del; one base before it lies an A (made up here).
DELETION = a_row(chrom="1", spdi="NC_000001.11:243344276:GG:G", variation=57, rs="397515335", genes="SDCCAG8")


@pytest.mark.parametrize(
    ("start", "ref", "alt"),
    [(243344276, "GG", "G"), (243344275, "AG", "A"), (243344275, "AGG", "AG"), (243344276, "G", "")],
)
def test_a_variant_placed_by_spdi_is_found_by_every_spelling(tmp_path: Path, start: int, ref: str, alt: str):
    found = compiled(tmp_path / "a", DELETION).at("1", start, ref, alt)
    assert [a.accession for a in found] == ["VCV000000057"]


def test_a_neighbour_is_not_the_variant(tmp_path: Path) -> None:
    known = compiled(tmp_path / "a", DELETION)
    assert known.at("1", 243344276, "G", "A") == ()
    assert known.at("1", 243344277, "G", "") == ()
    assert known.at("2", 243344276, "G", "") == ()
    assert known.at("KI270302", 243344276, "G", "") == ()


def test_records_are_found_by_every_identifier(tmp_path: Path) -> None:
    row = a_row(chrom="17", start=7675087, ref="C", alt="T", variation=12374, rs="28934578|rs11540652",
                genes="TP53", protein="TP53:Arg175His", evaluated=19723)  # fmt: skip
    known = compiled(tmp_path / "a", DELETION, row)
    (found,) = known.at_residue("TP53", 175)
    assert (found.chrom, found.start, found.ref, found.alt) == ("17", 7675087, "C", "T")
    assert (found.protein_change, found.assertion.last_evaluated) == ("Arg175His", "2024-01-01")
    assert known.of_rsid("rs28934578") == known.of_rsid("RS11540652") == (found,)
    assert known.of_accession("VCV000012374.5") == known.of_accession("12374") == found
    assert known.within("17", 7675087, 7675087) == (found,)
    assert known.of_spdi("NC_000017.11:7675087:C:T") == (found.assertion,)
    assert known.at_residue("TP53", 176) == () == known.at_residue("BRCA1", 175)
    assert known.of_accession("VCV999") is None is known.of_accession("VCV")


def test_a_row_without_a_place_keeps_its_record(tmp_path: Path) -> None:
    known = compiled(tmp_path / "a", a_row(variation=7, chrom="2"), DELETION)
    found = known.of_accession("7")
    assert found is not None
    assert found.start is None
    assert [site[0] for site in known.sites()] == ["1"]


@pytest.mark.parametrize("gap", ["classification", "release"])
def test_an_unsourced_assertion_is_refused(tmp_path: Path, gap: str) -> None:
    with pytest.raises(KnowledgeError, match="needs a class"):
        compiled(tmp_path / "a", DELETION | {gap: ""})


def test_an_unknown_review_status_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="ClinVar variation 57"):
        compiled(tmp_path / "a", DELETION | {"review": "looked at twice"})


def test_an_import_hides_what_it_knows_and_keeps_the_rest(tmp_path: Path) -> None:
    other = a_row(chrom="1", start=99, ref="A", alt="G", variation=8, classification="Benign")
    unnumbered = a_row(chrom="1", start=199, ref="A", alt="G")
    founder = a_row(chrom="1", start=299, ref="A", alt="G", source=FOUNDERS)
    write_rows([DELETION, other, unnumbered, founder], tmp_path / "old", {})
    again = DELETION | {"classification": "Benign", "release": "2026-10-05"}
    placed = unnumbered | {"variation": "9", "classification": "Likely benign"}
    write_rows([again, placed], tmp_path / "new", {})
    releases = (Release(tmp_path / "new"), Release(tmp_path / "old"))

    part = ClinVar(*releases)
    assert [a.release for a in part.at("1", 243344276, "G", "")] == ["2026-10-05"]
    assert [a.classification for a in part.at("1", 199, "A", "G")] == ["Likely benign"]
    assert [a.classification for a in part.at("1", 99, "A", "G")] == ["Benign"]
    assert len(list(part.rows())) == 4

    whole = ClinVar(*releases, replaces=True)
    assert whole.at("1", 99, "A", "G") == ()
    assert len(whole.at("1", 299, "A", "G")) == 1


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    compiled(tmp_path / "a", DELETION)
    path = tmp_path / "a" / "columns.bin"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(KnowledgeError, match="cut short"):
        assertions.load(tmp_path / "a")
    with pytest.raises(KnowledgeError, match="kb build"):
        assertions.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ((10, "A", "G"), (10, "A", "G")),
        ((10, "TA", "T"), (11, "A", "")),
        ((10, "T", "TA"), (11, "", "A")),
        ((11, "AAA", "AA"), (11, "A", "")),
        ((11, "AA", "AAA"), (11, "", "A")),
        ((10, "TAC", "TGC"), (11, "A", "G")),
    ],
)
def test_shared_bases_are_trimmed_right_first(
    variant: tuple[int, str, str], expected: tuple[int, str, str]
) -> None:
    assert trimmed(*variant) == expected

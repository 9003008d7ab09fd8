"""Changes at the start and the stop codon: what is retained is not lost; names are of the product."""

import pytest

from service.domain.assembly import Assembly
from service.domain.genetic_code import STANDARD, THREE_LETTERS
from service.domain.transcript import Transcript
from service.variants.describe_lines import describe_lines
from tests.nomenclature import describer


def transcript(accession: str) -> tuple[Transcript, str]:
    """A model and its bases."""
    model = describer().models.catalogue.get(accession)
    assert model is not None
    return model, describer().models.sequence(model)


def product(bases: str, start: int) -> str:
    """Residues from a start codon to the first stop, written here anew."""
    residues = ""
    for at in range(start, len(bases) - 2, 3):
        residues += STANDARD[bases[at : at + 3]]
        if residues[-1] == "*":
            break
    return residues


@pytest.mark.parametrize(
    "name",
    [
        "NM_005157.6:c.1del",  # ABL1: the base before ATG is A too
        "NM_000151.4:c.-2_1del",  # G6PC1: A, then three bases, then TG
        "NM_031443.4:c.1_2dup",  # CCM2: ATG stands two bases later
    ],
)
def test_a_start_codon_that_stands_again_is_retained(name: str) -> None:
    (row,) = describe_lines([name], describer())
    assert row["consequence"] == "start_retained_variant"
    assert row["hgvs_p"].endswith("p.(Met1?)")


@pytest.mark.parametrize("name", ["NM_000551.4:c.2del", "NM_000551.4:c.1_3del", "NM_000551.4:c.1A>G"])
def test_a_start_codon_that_is_gone_is_lost(name: str) -> None:
    (row,) = describe_lines([name], describer())
    assert (row["consequence"], row["hgvs_p"]) == ("start_lost", "NP_000542.1:p.(Met1?)")


@pytest.mark.parametrize(
    ("name", "first", "last", "inserted", "consequence"),
    [
        # ERCC2: another stop codon at the same place; the package says that the frame is lost.
        ("NM_000400.4:c.2280_*8delinsATGATC", 2280, 2291, "ATGATC", "stop_retained_variant"),
        ("NM_001382347.1:c.5640_*2del", 5640, 5645, "", "stop_retained_variant"),  # MYO5A
        ("NM_002739.5:c.2091_*98del", 2091, 2192, "", "stop_lost"),  # PRKCG, ClinVar VCV000013252
    ],
)
def test_a_change_over_the_stop_codon_is_named_by_its_product(
    name: str, first: int, last: int, inserted: str, consequence: str
) -> None:
    model, bases = transcript(name.partition(":")[0])
    assert model.cds is not None
    start = model.cds[0]
    changed = bases[: start + first - 1] + inserted + bases[start + last :]
    old, new = product(bases, start), product(changed, start)
    (row,) = describe_lines([name], describer())
    assert row["ok"], row["error"]
    assert row["consequence"] == consequence
    if old == new:
        assert row["hgvs_p"].endswith("=)")
    else:
        at = next(i for i, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1])
        assert f"p.({THREE_LETTERS[old[at]]}{at + 1}" in row["hgvs_p"]


def test_what_a_copied_intron_does_to_the_product_is_not_said() -> None:
    # Source: ClinVar, NM_000532.5(PCCB):c.419_430dup; exon 4 ends within it.
    (row,) = describe_lines(["NM_000532.5:c.419_430dup"], describer())
    assert row["hgvs_c"] == "NM_000532.5:c.419_430dup"
    assert row["hgvs_p"] == "NP_000523.2:p.?"
    assert row["consequence"] != "stop_gained"


def test_a_lost_frame_whose_stop_is_beyond_known_sequence_is_still_a_frameshift() -> None:
    # PROP1-like short record: of this gene the coding sequence alone is known.
    model, bases = transcript("NM_001029886.3")
    assert model.cds is not None
    assert "N" in bases[model.cds[1] :]
    (row,) = describe_lines(["NM_001029886.3:c.407del"], describer())
    assert (row["consequence"], row["hgvs_p"]) == (
        "frameshift_variant",
        "unavailable: sequence not configured",
    )
    assert row["assembly"] == Assembly.GRCH38


@pytest.mark.parametrize(
    ("asked", "protein"),
    [
        # The last codons deleted as a whole: the name is the package's, the product ends at its own stop.
        ("NM_000232.5:c.952_954del", "NP_000223.1:p.(His318Ter)"),
        ("NM_172201.2:c.367_369del", "NP_751951.1:p.(Pro123Ter)"),
        ("NM_198053.3:c.481_492del", "NP_932170.1:p.(Leu161Ter)"),
        ("NM_001122630.2:c.913_915del", "NP_001116102.1:p.(Arg305Ter)"),
    ],
)
def test_the_last_residues_deleted_are_no_new_stop(asked: str, protein: str) -> None:
    """Source: Sequence Ontology, inframe_deletion; VEP's stop_gained asks for a stop among the new codons."""
    (answer,) = describe_lines([asked], describer())
    assert (answer["hgvs_p"], answer["consequence"], answer["nmd"]) == (protein, "inframe_deletion", None)


def test_a_stop_among_the_new_codons_stays_one() -> None:
    # BRCA1 c.3260_3261insCTA: ...TTA G.. to ..TTC TAA G (ClinVar: nonsense).
    (answer,) = describe_lines(["17-43092270-C-CTAG"], describer())
    assert (answer["hgvs_p"], answer["consequence"]) == ("NP_009225.1:p.(Val1088Ter)", "stop_gained")

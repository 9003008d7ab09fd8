"""What becomes of the product: decay of its RNA, its length, selenocysteine. Each row is a known fact."""

import pytest

from service.domain.assembly import Assembly
from service.domain.variant import Variant
from service.variants.describe_lines import describe_lines
from tests.nomenclature import describer

# A stop more than 50 bases before the last junction of exons means decay (Nagy and Maquat 1998,
# doi:10.1016/S0968-0004(98)01208-0). The last junction of NM_000546.6 lies behind c.1100.
TP53 = "NM_000546.6:"


@pytest.mark.parametrize(
    ("name", "protein", "decay", "longer"),
    [
        ("NM_007294.4:c.68_69del", "p.(Glu23ValfsTer17)", True, 38 - 1863),  # exon 2 of 23
        ("NM_000059.4:c.9976A>T", "p.(Lys3326Ter)", False, 3325 - 3418),  # the last exon
        (f"{TP53}c.916C>T", "p.(Arg306Ter)", True, 305 - 393),
        (f"{TP53}c.1045G>T", "p.(Glu349Ter)", True, 348 - 393),  # 53 bases before the junction
        (f"{TP53}c.1051A>T", "p.(Lys351Ter)", False, 350 - 393),  # 47 bases before it
        (f"{TP53}c.1182A>T", "p.(Ter394CysextTer9)", None, 9),  # no stop before the old one
        ("NM_000492.4:c.1521_1523del", "p.(Phe508del)", None, -1),
        ("NM_000492.4:c.1652G>A", "p.(Gly551Asp)", None, 0),
    ],
)
def test_decay_and_length_follow_from_where_the_new_stop_stands(
    name: str, protein: str, decay: bool | None, longer: int
) -> None:
    (row,) = describe_lines([name], describer())
    assert (row["hgvs_p"].partition(":")[2], row["nmd"]) == (protein, decay)
    variant = Variant(Assembly.GRCH38, row["chrom"], row["pos"] - 1, row["ref"], row["alt"])
    assert describer().describe_variant(variant).protein_length_change == longer


@pytest.mark.parametrize(
    ("name", "protein"),
    [
        # SELENON: TGA at codon 462 is read as selenocysteine, and no stop ends the product there.
        ("NM_020451.3:c.1384T>G", "p.(Sec462Gly)"),
        ("NM_020451.3:c.1385G>A", "p.(Sec462Ter)"),
        ("NM_020451.3:c.943G>A", "p.(Gly315Ser)"),
    ],
)
def test_selenocysteine_is_a_residue(name: str, protein: str) -> None:
    (row,) = describe_lines([name], describer())
    assert row["hgvs_p"] == f"NP_065184.2:{protein}"

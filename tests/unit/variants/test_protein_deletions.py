"""A deletion named by its residues is the deletion of bases that gives it; several are all named."""

import pytest

from service.variants.describe_lines import describe_lines
from tests.nomenclature import describer


# Sequences: MANE Select (NM_007294.4, NM_000492.4); candidates written out by hand from the codons.
@pytest.mark.parametrize(
    ("asked", "coding"),
    [
        ("BRCA1:p.Lys20_Glu23del", ("NM_007294.4:c.58_69del",)),
        ("CFTR:p.Phe508del", ("NM_000492.4:c.1521_1523del", "NM_000492.4:c.1522_1524del")),
        ("CFTR:p.Ile507_Phe508del", ("NM_000492.4:c.1518_1523del", "NM_000492.4:c.1519_1524del")),
    ],
)
def test_a_deletion_of_residues_names_its_bases(asked: str, coding: tuple[str, ...]) -> None:
    (answer,) = describe_lines([asked], describer())
    if len(coding) == 1:
        assert (answer["hgvs_c"], answer["error"]) == (coding[0], None)
        assert answer["hgvs_p"].endswith(f"({asked.partition('p.')[2]})")
    else:
        assert answer["hgvs_c"] is None
        assert answer["error"].endswith(f"{len(coding)} changes of bases: {', '.join(coding)}")
